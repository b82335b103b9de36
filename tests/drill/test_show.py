"""`foghorn drill`: the figures at the end, the pages meanwhile."""

import asyncio
import json
import os
import re
import signal
import sys
from contextlib import closing, suppress
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.drill.scenario import ScenarioError
from bot.drill.show import DrillOptions, show
from bot.platforms import PLATFORMS
from bot.settings import EXAMPLE, Settings
from tests.drill.test_console import SHORT
from tests.patience import LONG_S
from tests.reference import ORGANISATION

FOGHORN = (sys.executable, "-c", "from bot.cli import main; main()")


SMALL = """
name = "A small one"
organisation = "{organisation}"
starts = 2026-04-20T09:00:00-04:00

[[steps]]
at = "09:00"
who = "ana"
line = "declare API errors sev:3 on:api=major"

[[steps]]
at = "09:03"
who = "ana"
line = "publish"

[[steps]]
at = "10:10"
who = "ana"
line = "update fix fixed:10:05"

[[steps]]
at = "10:10"
who = "ana"
line = "publish"

[[steps]]
at = "10:30"
who = "ana"
line = "resolve end:10:05"

[[steps]]
at = "10:31"
who = "ana"
line = "publish"
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(SMALL.format(organisation=EXAMPLE), encoding="utf-8")
    return path


def test_as_json_it_tells_all_that_happened_and_nothing_else(small: Path) -> None:
    outcome = CliRunner().invoke(app, ["drill", str(small), "--json"], obj=PLATFORMS)

    assert (outcome.exit_code, outcome.stderr) == (0, "")
    document = json.loads(outcome.stdout)
    assert (document["scenario"], document["starts"]) == ("A small one", "2026-04-20T09:00:00-04:00")
    [incident] = document["incidents"]
    assert (incident["incident"], incident["worst_impact"], incident["closed_as"]) == (
        "INC-1",
        "major outage",
        "resolved",
    )
    assert (incident["worst_public_at"], incident["fix_public_at"]) == (
        "2026-04-20T13:03:00+00:00",
        "2026-04-20T14:10:00+00:00",
    )
    assert incident["minutes_to_fix"] == 67
    assert (incident["failure_began_at"], incident["failure_ended_at"], incident["worst_minutes"]) == (
        "2026-04-20T13:03:00+00:00",
        "2026-04-20T14:05:00+00:00",
        62,
    )
    assert [(each["number"], each["stage"], each["published_at"][11:16]) for each in incident["publications"]] == [
        (1, "investigating", "13:03"),
        (2, "fix implemented", "14:10"),
        (3, "resolved", "14:31"),
    ]
    assert incident["publications"][0]["published_by"] == "Ana Silva"
    assert incident["publications"][0]["customers"]
    assert [(each["due_at"][11:16], each["internal"], each["state"]) for each in incident["promises"]["made"]] == [
        ("13:05", True, "kept"),
        ("14:03", False, "late"),
        ("15:10", False, "kept"),
    ]
    assert [incident["promises"][how] for how in ("kept", "late", "superseded")] == [1, 1, 0]
    sent = incident["deliveries"]["sent"]
    assert len(sent) == incident["deliveries"]["total"] == incident["deliveries"]["arrived"] > 0
    assert {each["state"] for each in sent} == {"sent"}


def test_it_ends_with_the_figures(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    show(small, Settings(), ORGANISATION, DrillOptions(speed=None))

    shown = capsys.readouterr().out
    assert "3 publications, including 0 corrections; 3 stages" in shown
    assert "promises: 1 kept, 1 late, 0 superseded" in shown


def test_a_refused_line_leaves_standard_output_empty_and_a_log_gets_no_link_that_signs_in(small: Path) -> None:
    small.write_text(small.read_text(encoding="utf-8").replace("resolve end:10:05", "reopen"), encoding="utf-8")

    outcome = CliRunner().invoke(app, ["drill", str(small), "--json", "--stay"], obj=PLATFORMS)

    assert outcome.stdout == ""
    assert "The drill stopped at step 5 of 6" in str(outcome.exception)
    assert "/console (to get a link that signs in, run the drill in a terminal)" in outcome.stderr
    assert "token=" not in outcome.stderr


async def test_its_pages_are_up_until_it_is_interrupted_and_a_terminal_shows_a_link_that_signs_in(
    tmp_path: Path,
) -> None:
    path = tmp_path / "short.toml"
    path.write_text(SHORT, encoding="utf-8")
    ours, theirs = os.openpty()
    arguments = (*FOGHORN, "drill", str(path), "--speed", "100000")
    process = await asyncio.create_subprocess_exec(*arguments, stdout=theirs, env=os.environ)
    os.close(theirs)
    shown = b""
    async with asyncio.timeout(2 * LONG_S):
        while b"deliveries arrived" not in shown:
            shown += await asyncio.to_thread(os.read, ours, 4096)
        addresses = re.search(r"Status page +(\S+)\s+Console +(\S+token=\S+)", shown.decode())
        assert addresses
        async with httpx.AsyncClient() as client:
            page, console = [await client.get(address) for address in addresses.groups()]
        process.send_signal(signal.SIGINT)
        await asyncio.to_thread(drained, ours)
        assert (page.status_code, await process.wait()) == (200, 0)
    assert "Sign in" in console.text


def drained(terminal: int) -> None:
    """Read until the program on the other side has ended."""
    with closing(os.fdopen(terminal, "rb", buffering=0)) as file, suppress(OSError):  # Linux reports EIO at its end
        while file.read(4096):
            pass


@pytest.mark.parametrize("speed", ["fast", "0", "-1", "nan"])
def test_what_is_no_speed_gets_one_sentence(speed: str) -> None:
    outcome = CliRunner().invoke(app, ["drill", "--speed", speed], obj=PLATFORMS)
    assert (outcome.exit_code, outcome.stderr) == (2, f"“{speed}” is not a speed. Use a number such as 60, or max.\n")


def test_a_file_that_is_not_there_gets_one_sentence(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["drill", str(tmp_path / "none.toml")], obj=PLATFORMS)
    assert isinstance(outcome.exception, ScenarioError)
    assert "none.toml, line 1: it cannot be read" in str(outcome.exception)
