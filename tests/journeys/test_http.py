"""The reference incident over HTTP, as Ana and Ben at their browsers: after every step everybody is told the same."""

from collections.abc import Iterator

import pytest

from bot.domain.deliveries import DeliveryState
from tests.journeys.world import Whole
from tests.platforms.console.browse import Browse

HIDDEN = "Alerts: unwanted behavior"


@pytest.fixture
def whole(migrated_sqlite_url: str) -> Iterator[Whole]:
    with Whole(migrated_sqlite_url) as whole:
        yield whole


def agreed(whole: Whole, reader: Browse) -> None:
    """Before and after sending no place says anything else than another, and in the end everybody was told."""
    for happens in (whole.rebuild, whole.settle):
        happens()
        assert whole.disagreements(reader) == []
    assert whole.told() == dict.fromkeys(whole.told(), DeliveryState.SENT)


class Story:
    """Two people at their browsers; each step says when, who, and what they do."""

    def __init__(self, whole: Whole) -> None:
        self.whole = whole
        self.ana, self.ben = whole.browser("ana"), whole.browser("ben")
        self.reader = whole.browser("ben")  # another tab

    def published(self, words: str) -> None:
        """A step that customers read of ended with these words."""
        assert words in self.ana.text() + self.ben.text()
        agreed(self.whole, self.reader)

    def both_publish(self, at: str) -> None:
        """Ben asks, Ana reads the draft in her browser and approves."""
        self.ben.open("/console/incidents/INC-1#draft")
        self.ben.press("Ask Ana Silva for approval")
        assert "Waiting for Ana Silva, asked at" in self.ben.text()
        assert "Approve" not in self.ben.buttons()
        self.whole.at(at)
        self.ana.open("/console")
        self.ana.open("/console/incidents/INC-1")
        self.ana.press("Approve")

    def no_change(self, *clocks: str) -> None:
        """Ben says that there is nothing new, in time."""
        for clock in clocks:
            self.whole.at(clock)
            self.ben.run("publish nochange:yes")

    def small(self) -> None:
        """05:16 to 06:18: one product, a handful of workspaces."""
        self.whole.at("05:16")
        self.ana.open("/console/forms/declare")
        self.ana.submit("Declare", title=f"{HIDDEN} in workspaces", severity="SEV3", impacts="business=degraded")
        agreed(self.whole, self.reader)
        assert HIDDEN not in self.whole.read("/")
        self.ana.run("assign comms @ben")
        self.whole.at("05:18")
        self.ben.open("/console/incidents/INC-1")
        self.ben.press("Update")
        who = "some enterprise workspaces"
        self.ben.submit("Draft it", sees="has not worked as expected", who=who, since="05:12")
        self.whole.at("05:20")
        self.ben.press("Publish")
        self.published("Published: update 1.")
        self.no_change("06:18", "07:18", "08:18", "09:18", "10:18", "11:18")
        self.published("Published: update 7.")

    def large(self) -> None:
        """11:43 to 12:12: four products, and where the failure is."""
        self.whole.at("11:43")
        self.ana.open("/console/incidents/INC-1")
        self.ana.run("severity 1")
        assert "Customers have not been told yet." in self.ana.text()
        agreed(self.whole, self.reader)
        self.whole.at("11:44")
        self.ben.run(
            'update investigating title:"ChatGPT, Codex and API: errors and endless loading" '
            "on:chatgpt=major,business=major,codex=major,api=major "
            'sees:"pages load without end and requests return errors" who:worldwide since:11:44'
        )
        self.both_publish("11:44")
        self.published("Published: update 8.")
        self.no_change("11:58")
        self.whole.at("12:08")
        self.ana.run("impact api=partial")
        self.ben.open("/console/incidents/INC-1")
        self.ben.press("Update")
        self.ben.submit("Draft it", stage="identified", message="Signing in works.")
        self.both_publish("12:12")
        self.published("Published: update 10.")

    def corrected(self) -> None:
        """12:15 to 12:18: some sign-ins fail too."""
        self.whole.at("12:15")
        self.ben.open("/console/forms/correct?incident=INC-1")
        self.ben.submit("Draft it", wrong="Signing in works.", right="Some sign-ins fail too.")
        self.both_publish("12:18")
        self.published("Published: update 11.")

    def fixed(self) -> None:
        """12:50 to 14:03: the fix, an hour of watching, the end."""
        self.no_change("12:26", "12:41")
        self.published("Published: update 13.")
        self.whole.at("12:50")
        self.ben.run("update fix fixed:12:51 Some requests may be slow while everybody returns.")
        self.both_publish("12:51")
        self.published("Published: update 14.")
        self.whole.at("13:03")
        self.ben.run("update monitoring")
        self.both_publish("13:05")
        self.published("Published: update 15.")
        self.whole.at("14:00")
        self.ben.open("/console/incidents/INC-1")
        self.ben.press("Resolve")
        self.ben.submit("Draft it", end="12:51", data="No data was lost.")
        self.both_publish("14:03")
        self.published("Published: update 16.")


def test_everybody_is_told_the_same_after_every_step(whole: Whole) -> None:
    story = Story(whole)
    story.small()
    story.large()
    story.corrected()
    story.fixed()
    assert "All systems operational" in whole.read("/")
    assert "Major outage 67 minutes" in whole.read("/incidents/INC-1")
    assert HIDDEN not in whole.read("/") + whole.read("/incidents/INC-1") + whole.read("/updates.atom")
    story.ana.open("/console/incidents/INC-1")
    assert "all promises kept" in story.ana.text()
    assert "Retrospective of INC-1" in story.ana.press("Retrospective")
