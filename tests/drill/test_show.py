"""`foghorn drill`: the figures at the end, the pages meanwhile."""

import asyncio
import os
import re
import signal
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.drill.scenario import REFERENCE, ScenarioError
from bot.drill.show import show
from bot.settings import Settings
from tests.drill.test_plays import SHORT
from tests.reference import ORGANISATION

FOGHORN = (sys.executable, "-c", "from bot.cli import main; main()")


def test_it_ends_with_the_figures(capsys: pytest.CaptureFixture[str]) -> None:
    show(REFERENCE, Settings(), ORGANISATION, speed=None, stay=False)
    shown = capsys.readouterr().out
    wanted = (
        "16 publications, including 1 correction; 5 stages",
        "67 minutes from the public report of a major outage to the fix",
        "13 kept, 0 late, 1 superseded",
    )
    assert [line for line in wanted if line not in shown] == []


async def test_its_pages_are_up_until_it_is_interrupted(tmp_path: Path) -> None:
    path = tmp_path / "short.toml"
    path.write_text(SHORT, encoding="utf-8")
    arguments = (*FOGHORN, "drill", str(path), "--speed", "100000")
    process = await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, env=os.environ)
    assert process.stdout is not None
    shown = ""
    async with asyncio.timeout(60):
        while "deliveries arrived" not in shown:
            shown += (await process.stdout.readline()).decode()
        address = re.search(r"Status page  (\S+)", shown)
        assert address
        async with httpx.AsyncClient() as client:
            page = await client.get(address[1])
        process.send_signal(signal.SIGINT)
        assert (page.status_code, await process.wait()) == (200, 0)


@pytest.mark.parametrize("speed", ["fast", "0", "-1", "nan"])
def test_what_is_no_speed_gets_one_sentence(speed: str) -> None:
    outcome = CliRunner().invoke(app, ["drill", "--speed", speed])
    assert (outcome.exit_code, outcome.stderr) == (2, f"“{speed}” is not a speed. Use a number such as 60, or max.\n")


def test_a_file_that_is_not_there_gets_one_sentence(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["drill", str(tmp_path / "none.toml")])
    assert isinstance(outcome.exception, ScenarioError)
    assert "none.toml, line 1: it cannot be read" in str(outcome.exception)
