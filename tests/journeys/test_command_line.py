"""The reference incident at two shells, Ana's and Ben's, without its waiting; and once with real processes."""

import contextlib
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.cli.runner import Foghorn
from tests.patience import LONG_S, stretched

FOGHORN = (sys.executable, "-c", "from bot.cli import main; main()")
STORY: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "ana",
        ("declare", "Alerts: unwanted behavior in ChatGPT Business workspaces", "sev:3", "on:business=degraded"),
        ("INC-1 · SEV3 · Alerts: unwanted", "Nothing is public yet. First update due by", "Commander: Ana Silva"),
    ),
    ("ana", ("assign", "comms", "@ben"), ("Ben Osei is now communications lead of INC-1.",)),
    (
        "ben",
        ("update", "investigating", "title:ChatGPT Business: unexpected behavior for some workspaces",
         "sees:unexpected behavior", "who:some enterprise workspaces", "ok:chatgpt,codex,api"),
        ("We are investigating degraded performance affecting ChatGPT Business.", "Ready to publish."),
    ),
    ("ben", ("publish",), ("Published: update 1. The status page shows it.", "#business (console): waiting")),
    ("ana", ("note", "Reminder: three workspaces have written to us."), ("Noted in INC-1.",)),
    ("ben", ("publish", "nochange:yes"), ("Published: update 2.", "no change, still investigating")),
    ("ana", ("severity", "1"), ("INC-1 is now SEV1. Customers have not been told yet.",)),
    (
        "ben",
        ("update", "investigating", "title:ChatGPT, Codex and API: errors and endless loading",
         "on:chatgpt=major,business=major,codex=major,api=major",
         "sees:pages load without end and requests return errors", "who:worldwide"),
        ("We are now investigating a major outage affecting", "Needs one more approver. Ask Ana Silva."),
    ),
    ("ben", ("publish",), ("Waiting for Ana Silva, asked at",)),
    ("ana", ("approve",), ("Published: update 3.", "#api-status (console): waiting")),
    ("ana", ("impact", "api=partial"), ("Impact of INC-1: API: partial outage. Customers have not been told yet.",)),
    ("ben", ("update", "identified", "Signing in works."), ("Investigating becomes Identified", "Signing in works.")),
    ("ben", ("publish",), ("Waiting for Ana Silva",)),
    ("ana", ("approve",), ("Published: update 4.",)),
    (
        "ben",
        ("correct", "wrong:Signing in works.", "right:Some sign-ins fail too.",
         "not:Your password is not the reason, so please do not reset it."),
        ("Correction to our update at", "We said “Signing in works.” That was incorrect", "Corrected text: Customers"),
    ),
    ("ben", ("publish",), ("Waiting for Ana Silva",)),
    ("ana", ("approve",), ("Published: update 5.", "correction")),
    ("ben", ("update", "fix", "fixed:1m", "Some requests may be slow."), ("We have implemented a fix",)),
    ("ben", ("publish",), ("Waiting for Ana Silva",)),
    ("ana", ("approve",), ("Published: update 6.", "fix implemented")),
    ("ben", ("update", "monitoring", "recovered:yes"), ("Service has returned to normal for",)),
    ("ben", ("publish",), ("Waiting for Ana Silva",)),
    ("ana", ("approve",), ("Published: update 7.", "monitoring")),
    ("ben", ("resolve", "data:No data was lost."), ("This incident is resolved.", "No data was lost.")),
    ("ben", ("publish",), ("Waiting for Ana Silva",)),
    ("ana", ("approve",), ("Published: update 8.", "resolved")),
    ("ben", ("show",), ("Resolved at", "all promises kept")),
    ("ben", ("copy",), ("Support · en", "This incident is resolved.")),
    ("ben", ("retro",), ("Retrospective", "8, 1 of them a correction")),
    ("ben", ("export", "csv"), ("number,at,who,platform,kind,text,redacted", "update 8: resolved")),
    ("ana", ("timeline",), ("Reminder: three workspaces have written to us.",)),
)  # fmt: skip
"""Who types what after `foghorn incident --as NAME`, and words of the answer."""


def test_the_reference_incident_is_played_at_two_shells(foghorn: Foghorn) -> None:
    for who, words, expected in STORY:
        said = foghorn("incident", "--as", who, *words)
        missing = [each for each in expected if each not in said.out]
        assert (said.code, said.err, missing) == (0, "", []), f"{who}: {words}: {said.out}"


def test_a_program_reads_the_whole_story(foghorn: Foghorn) -> None:
    for who, words, _ in STORY[:4]:
        foghorn("incident", "--as", who, *words)
    shown = json.loads(foghorn("incident", "--as", "ana", "--json", "show").out)
    assert (shown["kind"], shown["incident"], shown["stage"], shown["severity"]) == (
        "IncidentCard", "INC-1", "investigating", "SEV3",
    )  # fmt: skip
    record = json.loads(foghorn("incident", "--as", "ana", "export", "json").out)
    assert "update 1: investigating" in [entry["text"] for entry in record["record"]]


# ---- real processes


class Shell:
    """The real program in a folder of its own."""

    def __init__(self, folder: Path, url: str, port: int) -> None:
        self.folder = folder
        ours = {"FOGHORN_DATABASE_URL": url, "FOGHORN_PORT": str(port), "FOGHORN_PERSON": "ana"}
        inherited = {k: v for k, v in os.environ.items() if not k.startswith(("FOGHORN_", "SLACK_", "DISCORD_"))}
        self.environment = inherited | ours | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}

    def __call__(self, typed: str) -> str:
        """What it printed; it must end well."""
        arguments = shlex.split(typed)
        done = subprocess.run(
            [*FOGHORN, *arguments], cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=180
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    @contextlib.contextmanager
    def running(self) -> Iterator[subprocess.Popen[str]]:
        """`foghorn run` in the background."""
        process = subprocess.Popen(
            [*FOGHORN, "run"], cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, text=True,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.communicate()


@pytest.fixture
def port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


def started(process: subprocess.Popen[str]) -> str:
    """What `foghorn run` prints once it serves."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("To get a link"):
            break
    return "".join(lines)


def shows_within(client: httpx.Client, words: str, seconds: float) -> bool:
    """Whether the status page says so in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if words in client.get("/").text:
            return True
        time.sleep(0.1)
    return False


def test_real_processes_declare_publish_show_and_stop(tmp_path: Path, sqlite_url: str, port: int) -> None:
    shell = Shell(tmp_path, sqlite_url, port)
    assert shell("migrate") == "The database is up to date.\n"
    with shell.running() as process, httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=LONG_S) as client:
        assert f"Status page  http://127.0.0.1:{port}/" in started(process)
        shell("incident declare 'Sign-in codes arrive late' sev:3 on:chatgpt=degraded")
        assert "Sign-in" not in client.get("/").text
        assert "Published: update 1." in shell("incident publish")
        assert shows_within(client, "INC-1", stretched(3))
        with ThreadPoolExecutor() as side_by_side:
            invited, checked, examined = side_by_side.map(shell, ("people invite ben", "check", "doctor"))
        assert "Sign in as Ben Osei" in client.get(invited.rpartition(": ")[2].strip()).text
        assert "4 components, 2 people" in checked
        assert "ok   database: is up to date" in examined
        asked = time.monotonic()
        process.send_signal(signal.SIGTERM)
        assert process.wait(LONG_S) == 0
        assert time.monotonic() - asked < stretched(5)
    sent = re.findall(r"\(console\): (\S+)", shell("incident deliveries"))
    assert set(sent) == {"sent"}
