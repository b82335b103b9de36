"""Several Foghorns on one database: whatever one of them knows, all of them know."""

from collections.abc import Callable, Iterator

import pytest

from bot.actions import people
from bot.main import Foghorn, compose
from bot.settings import Settings
from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.world import Client
from tests.reference import ORGANISATION

Begin = Callable[[], Foghorn]


@pytest.fixture
def begin(migrated_url: str) -> Iterator[Begin]:
    """Another process on the same database, as a Foghorn of its own in this process."""
    begun: list[Foghorn] = []

    def begin_another() -> Foghorn:
        changes = {"database_url": migrated_url, "public_url": BASE}
        begun.append(compose(Settings().model_copy(update=changes), ORGANISATION))
        return begun[-1]

    yield begin_another
    for foghorn in begun:
        foghorn.desk.close()
        foghorn.store.close()


def link(foghorn: Foghorn, handle: str) -> str:
    with foghorn.store.write() as tx:
        return f"/console?token={people.invite(tx, handle)[1]}"


def test_a_session_is_valid_in_every_process_and_after_a_restart(begin: Begin) -> None:
    first, second = begin(), begin()
    client = Client(first.web_app, BASE)
    ana = Browse(client, lambda handle: link(first, handle), BASE)
    ana.sign_in("ana")
    for other in (second, begin()):
        client.app = other.web_app
        ana.open("/console/people")
        assert ana.status == 200
    client.app = first.web_app
    ana.open("/console")
    ana.press("Sign out")
    client.app = second.web_app
    ana.open("/console/people")
    assert ana.status == 401
