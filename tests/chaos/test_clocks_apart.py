"""Hosts whose clocks differ, on one PostgreSQL: updates arrive in the order in which they were published."""

import json
from contextlib import ExitStack
from pathlib import Path
from threading import Lock

import pytest

from tests.chaos.hook import Call, Hook, configured, foghorn, types
from tests.chaos.test_moved_clock import moved_clock, until
from tests.conftest import Postgres
from tests.package.installed import free_port
from tests.patience import LONG_S

pytestmark = pytest.mark.chaos
__all__ = ["moved_clock"]
AHEAD = {"right": 0, "fast": 60}  # seconds; longer than two commands take


def test_updates_arrive_in_order_whichever_host_publishes_and_sends_them(
    postgres: Postgres, migrated_postgres: str, moved_clock: Path, tmp_path: Path
) -> None:
    url, turn = postgres.make(migrated_postgres), Lock()
    refused: set[str] = set()

    def status(call: Call) -> int:
        """The first call of each update is refused, so that it is still waiting when the next one is published."""
        with turn:
            first = call.id not in refused
            refused.add(call.id)
        return 503 if first else 204

    hosts = {name: tmp_path / name for name in AHEAD}
    clocks = {}
    with Hook(status=status).listening() as hook, ExitStack() as stack:
        for name, seconds in AHEAD.items():
            configured(hosts[name], hook)
            (hosts[name] / "moved").write_text(str(seconds))
            clocks[name] = {"LD_PRELOAD": str(moved_clock), "MOVED_CLOCK": str(hosts[name] / "moved")}
            port = str(free_port())
            run = stack.enter_context(foghorn(hosts[name], url, FOGHORN_PORT=port, **clocks[name]))
            assert until(lambda run=run: run.ready, 10 * LONG_S)

        typed = [
            ("fast", "declare API errors sev:3 on:api=partial"),
            ("fast", "publish"),
            ("right", "update identified We know where the failure is."),
            ("right", "publish"),
            ("fast", "update monitoring A fix is in place."),
            ("fast", "publish"),
        ]
        for name, line in typed:
            types(hosts[name], url, line, **clocks[name])
        assert until(lambda: len(hook.calls) >= 6, 5 * LONG_S)

    postgres.drop(url)
    taken = [call for number, call in enumerate(hook.calls) if call.id in {each.id for each in hook.calls[:number]}]
    updates = [json.loads(call.body)["data"] for call in taken]
    assert [each["stage"] for each in updates] == ["investigating", "identified", "monitoring"]
    times = [each["published_at"] for each in updates]
    assert times[1] < times[0] < times[2]  # as their hosts tell them
