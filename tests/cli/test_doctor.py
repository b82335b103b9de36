"""What `doctor` says about the running processes, the queue, and the clock, and that it explains everything itself."""

import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator, Sequence
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bot.clock import utc_now
from bot.domain.processes import Process
from bot.platforms import PLATFORMS
from bot.platforms.slack.doctor import examine
from bot.platforms.slack.manifest import BOT_SCOPES
from bot.platforms.slack.web import SlackWeb
from bot.settings import EXAMPLE, organisation_model, read_organisation
from bot.store import leases
from tests.cli.runner import Foghorn, runner
from tests.fakes.slack import Slack
from tests.harness import Harness


@pytest.fixture
def harness(migrated_sqlite_url: str) -> Iterator[Harness]:
    """The same database, seen from beside, with an incident whose update waits to be sent."""
    harness = Harness(migrated_sqlite_url, read_organisation(EXAMPLE, organisation_model(PLATFORMS)), now=utc_now())
    for line in ("subscribe #status", "declare API errors sev:3 on:api=partial", "publish"):
        harness.ana(line)
    yield harness
    harness.close()


def start(harness: Harness, roles: str, host: str = "alpha", pid: int = 4242, **seen: timedelta) -> None:
    """As a `foghorn run` does."""
    now = utc_now()
    with harness.store.write() as tx:
        tx.session.add(
            Process(host=host, pid=pid, roles=roles, started_at=now, seen_at=now - seen.get("ago", timedelta()))
        )


def test_it_says_that_updates_wait_and_nothing_sends_them(foghorn: Foghorn, harness: Harness) -> None:
    said = foghorn("doctor")
    assert said.code == 1
    assert "ok   processes: `foghorn run` is not running on this database" in said.out
    waiting = (
        r"^FIX  deliveries: \d+ waiting, of which 0 failed before; the oldest has waited for 0 minutes; start `foghorn"
    )
    assert re.search(waiting, said.out, re.MULTILINE)

    start(harness, "web worker slack discord", ago=timedelta(minutes=2))
    assert "is not running on this database" in foghorn("doctor").out  # it died


def test_a_process_of_this_machine_that_was_killed_is_not_said_to_run(foghorn: Foghorn, harness: Harness) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    start(harness, "web worker", host=socket.gethostname(), pid=ended.pid)

    assert "ok   processes: `foghorn run` is not running on this database" in foghorn("doctor").out


def test_it_names_the_processes_and_the_role_that_none_has(foghorn: Foghorn, harness: Harness) -> None:
    start(harness, "web")
    said = foghorn("doctor")
    assert "ok   process 4242 on alpha: has been running since " in said.out
    assert "FIX  processes: none has the role worker; start one with `foghorn run --only worker`" in said.out

    start(harness, "worker")
    said = foghorn("doctor")
    assert "none has" not in said.out
    assert re.search(r"^ok   deliveries: \d+ waiting", said.out, re.MULTILINE)


def test_it_says_which_platform_is_away_and_which_promise_is_late(
    foghorn: Foghorn, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(harness, "web worker slack")
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-x")
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:9")
    with harness.store.write() as tx:
        leases.remember(tx, "outage:slack", tx.now.isoformat())
        tx.session.connection().exec_driver_sql("UPDATE promise SET due_at = '2026-01-01 00:00:00.000000'")
    out = foghorn("doctor").out
    assert "FIX  slack connection: has not been reachable since " in out
    assert "FIX  promised updates: 1 overdue; `foghorn incident list` shows the incidents" in out


def test_it_says_that_the_clock_is_behind(foghorn: Foghorn, harness: Harness) -> None:
    harness.clock.now += timedelta(hours=3)
    harness.ana("note It is slow.")
    assert "FIX  clock: the newest entry of the timelines was made 3 hours" in foghorn("doctor").out


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_it_finds_a_healthy_postgres_well(
    migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = runner(migrated_url, tmp_path, monkeypatch, capsys)("doctor")
    assert said.code == 0, said
    assert "ok   deliveries: none is waiting" in said.out


class _Readyz(BaseHTTPRequestHandler):
    """A process that says what is wrong."""

    wrong = ("the database cannot be written to: its disk is full or has errors; free some space",)

    def do_GET(self) -> None:
        body = json.dumps({"wrong": self.wrong}).encode()
        self.send_response(503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Nothing."""


def test_it_repeats_what_the_process_on_this_machine_says(
    foghorn: Foghorn, harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(harness, "web worker", host=socket.gethostname(), pid=os.getpid())
    with HTTPServer(("127.0.0.1", 0), _Readyz) as server:
        monkeypatch.setenv("FOGHORN_PORT", str(server.server_port))
        Thread(target=server.handle_request, daemon=True).start()
        said = foghorn("doctor")
    assert f"FIX  foghorn run: {_Readyz.wrong[0]}" in said.out
    assert f"FIX  foghorn run: does not answer at 127.0.0.1:{server.server_port}" in foghorn("doctor").out


@pytest.mark.parametrize(("token", "scopes"), [("xoxb-revoked", BOT_SCOPES), ("", ("chat:write",))])
async def test_nothing_that_it_says_about_slack_leads_back_to_it(token: str, scopes: Sequence[str]) -> None:
    async with Slack().serving() as slack:
        slack.scopes = set(scopes)
        web = SlackWeb(token or slack.bot_token, slack.api_url)
        try:
            found = await examine(web, app_token="xapp-1", http=False, channels=["C1"], groups={"responders": "S1"})
        finally:
            await web.close()
    wrong = [each.words for each in found if not each.well]

    assert wrong
    assert [words for words in wrong if "doctor`" in words] == []
