"""`foghorn run --only` refuses what it cannot do before anything starts."""

import pytest

from tests.cli.runner import Foghorn

ROLES = "the roles are web, worker, slack, discord"


@pytest.mark.parametrize(
    ("only", "why"),
    [
        ("web,workers", f"--only names “workers”, which is not a role; {ROLES}. Foghorn did not start."),
        (" , ", f"--only names no role; {ROLES}. Foghorn did not start."),
        ("slack", "--only names slack, which is off; to turn it on, set SLACK_BOT_TOKEN. Foghorn did not start."),
        (
            "web",
            "--only divides the work between processes, which SQLite does not support; set FOGHORN_DATABASE_URL to a "
            "PostgreSQL database, or leave it out. Foghorn did not start.",
        ),
    ],
)
def test_roles_that_a_process_cannot_have_are_refused(foghorn: Foghorn, only: str, why: str) -> None:
    said = foghorn("run", "--only", only)
    assert (said.code, said.err.strip()) == (1, why)
