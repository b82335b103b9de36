"""A private incident seen by who is not invited: verbs and pages answer as for a number that does not exist."""

import re
import shutil
from collections.abc import Iterator

import pytest
from sqlmodel import select

from bot.commands.catalog import COMMANDS, IncidentScope
from bot.commands.invocation import Account
from bot.domain.record import RecordEntry
from bot.reading import pages
from tests.harness import CROWD
from tests.journeys.world import Whole
from tests.platforms.console.browse import BASE, Browse, FormSeen

TITLE = "Somebody is inside"
ABOUT_ONE = [command.verb for command in COMMANDS.values() if command.incident is not IncidentScope.NONE]
FORMS = [command.verb for command in COMMANDS.values() if command.verb != "link"]  # whose codes are made up
PATHS = (
    "/console/incidents/{key}", "/console/incidents/{key}?draft=yes", "/console/files/retro/{key}",
    "/console/files/export/{key}?form=md", "/console/files/export/{key}?form=json", "/console/history?before=9",
    "/console", "/console/history", "/console/support", "/console/channels", "/console/channels/status",
    "/console/channels/{key}", "/console/subscriptions", "/console/people", "/incidents/{key}", "/", "/history",
    "/history.atom", "/updates.atom", "/readyz", "/metrics",
)  # fmt: skip
TYPED = {
    "title": "It is slow.", "message": "It is slow.", "text": "hello", "person": "@dia", "role": "scribe",
    "severity": "1", "impacts": "api=major", "private": "no", "reason": "because", "entry": "1", "wrong": "a",
    "right": "b", "end": "05:00", "minutes": "10m",
}  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: object) -> Iterator[Whole]:
    """INC-1 is private and Ana's, its first reminder has come, and INC-2 does not exist. The tests change nothing."""
    path = shutil.copy(str(migrated_sqlite), tmp_path_factory.mktemp("private") / "foghorn.db")
    with Whole(f"sqlite:///{path}", CROWD) as whole:
        whole.browser("ana").run(f"declare {TITLE} private:yes sev:1 on:api=major")
        whole.at("05:19")
        whole.settle()
        yield whole


@pytest.fixture(scope="module")
def outsider(whole: Whole) -> Browse:
    """Ben: responder, approver, administrator, and not invited."""
    return whole.browser("ben")


def answer(outsider: Browse, ask: str) -> tuple[int, str]:
    """Status and page, whatever differs by chance or by number taken out."""
    assert outsider.response is not None
    assert outsider.status != 503, outsider.text()
    html = re.sub(r'value="[\w-]{20,}"', "", outsider.response.text)
    html = re.sub(r"\d+\.\d+(e[+-]?\d+)?|\"[\w-]{43}\"", "", html)
    return outsider.status, html.replace(ask, "it").replace(ask.lower(), "it")


@pytest.mark.parametrize("path", PATHS)
def test_every_page_answers_as_for_an_unknown_number(outsider: Browse, path: str) -> None:
    def shown(key: str) -> tuple[int, str]:
        outsider.open(path.format(key=key))
        return answer(outsider, key)

    status, words = shown("INC-1")
    assert (status, words) == shown("INC-2")
    assert TITLE not in words


@pytest.mark.parametrize("verb", FORMS)
def test_every_form_opens_as_for_an_unknown_number(outsider: Browse, verb: str) -> None:
    def shown(key: str) -> tuple[int, str]:
        outsider.open(f"/console/forms/{verb}?incident={key}")
        return answer(outsider, key)

    assert shown("INC-1") == shown("INC-2")


@pytest.mark.parametrize("room", ["", "{key}"])
@pytest.mark.parametrize("verb", FORMS)
def test_every_form_is_answered_as_for_an_unknown_number(whole: Whole, outsider: Browse, verb: str, room: str) -> None:
    def sent(key: str) -> tuple[int, str]:
        fields = {name: [typed] for name, typed in TYPED.items()} | {"incident": [key], "room": [room.format(key=key)]}
        if verb == "declare":
            fields["severity"] = ["9"]  # refused, so that nothing is declared
        outsider.send(FormSeen(f"{BASE}/console/do/{verb}", "post", fields))
        return answer(outsider, key)

    before = entries(whole)
    assert sent("INC-1") == sent("INC-2")
    assert entries(whole) == before


@pytest.mark.parametrize("verb", ABOUT_ONE)
def test_a_room_that_one_may_not_enter_implies_nothing(outsider: Browse, verb: str) -> None:
    def typed(key: str) -> tuple[int, str]:
        line = {"line": [f"{verb} hello"], "room": [key]}
        outsider.send(FormSeen(f"{BASE}/console/run", "post", line))
        return answer(outsider, key)

    assert typed("INC-1") == typed("INC-2")


def test_changes_of_it_are_told_to_who_sees_it(whole: Whole) -> None:
    async def told(handle: str) -> set[str]:
        return set(await whole.foghorn.desk.look("copy", pages.visible(frozenset({"INC-1"})), Account("cli", handle)))

    assert whole.wait(told("ana")) == {"INC-1"}
    assert whole.wait(told("ben")) == set()


def test_nothing_public_counts_it(whole: Whole) -> None:
    metrics = whole.public.request("GET", "/metrics").text
    assert 'foghorn_open_incidents{severity="SEV1"} 0.0' in metrics
    assert 'foghorn_component_status{component="api"} 0.0' in metrics
    assert "All systems operational" in whole.read("/")


def test_its_declarer_sees_it_everywhere(whole: Whole) -> None:
    ana = whole.browser("ana")
    for path in ("/console", "/console/incidents/INC-1", "/console/history"):
        assert TITLE in ana.open(path)


def entries(whole: Whole) -> int:
    """How long the record is."""
    with whole.foghorn.store.read() as tx:
        return len(tx.session.exec(select(RecordEntry)).all())
