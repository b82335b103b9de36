"""A component that was removed from foghorn.toml: what was published about it stays, and `check` says who names it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.commands.invocation import Account, Place
from bot.core import Core, component_doubts, open_core
from bot.settings import EXAMPLE, Settings, read_organisation
from bot.store import incidents, published
from bot.web.incidents import public_incident
from tests.harness import run_line, say

WITHOUT = EXAMPLE.read_text().replace('key = "chatgpt"', 'key = "assistant"', 1)
WITHOUT = WITHOUT.replace('name = "ChatGPT"', 'name = "Assistant"', 1).replace('in_text = "ChatGPT"', "", 1)


@pytest.fixture
def started(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[Callable[[str], Core]]:
    """`run` as it starts with this configuration."""
    cores = []

    def start(toml: str) -> Core:
        path = tmp_path / "foghorn.toml"
        path.write_text(toml)
        settings = Settings(FOGHORN_DATABASE_URL=migrated_sqlite_url, FOGHORN_CONFIG=path)
        cores.append(open_core(settings, read_organisation(path), follows=True))
        return cores[-1]

    yield start
    for core in cores:
        core.close()


def typed(core: Core, *lines: str) -> str:
    answers = [say(run_line(core.desk, line, Account("cli", "ana"), Place("local"))) for line in lines]
    return answers[-1]


def test_what_was_published_still_names_it_and_check_says_what_else_does(started: Callable[[str], Core]) -> None:
    typed(started(EXAMPLE.read_text()), "subscribe local:#status on:chatgpt",
          "declare API down sev:3 on:chatgpt=major,api=partial", "publish INC-1")  # fmt: skip

    core = started(WITHOUT)

    assert "Major outage: ChatGPT" in typed(core, "show INC-1")
    assert "ChatGPT" in typed(core, "export INC-1")
    with core.store.read() as tx:
        history = published.history(tx, incidents.open_incidents(tx)[0])
    shown = public_incident(history, core.app, "en")
    assert shown.components["chatgpt"] == "ChatGPT"
    assert "#status: customers, ChatGPT (removed), SEV4" in typed(core, "subscriptions")
    assert "“chatgpt” is not a component" in typed(core, "impact INC-1 chatgpt=operational")
    (doubt,) = component_doubts(core.settings, core.organisation)
    assert "INC-1, which is open, the subscription of local:#status" in doubt
    drafted = typed(core, "update monitoring INC-1 It works again.")
    assert "Draft for INC-1 · Monitoring" in drafted
    assert "the API" in drafted


def test_a_component_that_nothing_names_is_not_missed(started: Callable[[str], Core]) -> None:
    started(EXAMPLE.read_text())

    core = started(WITHOUT)

    assert component_doubts(core.settings, core.organisation) == []
