"""The wall clock of the machine is set back or forward between updates: every place shows the newest one."""

from datetime import timedelta

import pytest

from tests.journeys.world import Whole

LINES = (
    "declare ChatGPT and API errors sev:3 on:chatgpt=major,api=partial",
    'update investigating sees:"pages do not load"',
    "publish",
    "update identified A configuration change caused it.",
    "publish",
    "update monitoring We have rolled the change back.",
    "publish",
)


@pytest.mark.parametrize("moved", [timedelta(days=-1), timedelta(hours=1)])
def test_every_place_shows_the_newest_update_after_the_clock_was_changed(
    migrated_sqlite_url: str, moved: timedelta
) -> None:
    with Whole(migrated_sqlite_url) as whole:
        ana, found = whole.browser("ana"), []
        for number, line in enumerate(LINES):
            ana.open("/console/incidents/INC-1" if number else "/console")
            ana.run(line)
            whole.settle()
            if line == "publish":
                found += whole.disagreements(ana)
                whole.clock.now += moved
                ana = whole.browser("ana")  # a session may have ended
                whole.settle()
                found += whole.disagreements(ana)

        assert found == []
        assert "ChatGPT and API: pages do not load" in whole.read("/history")
