"""Of some things there is one among all processes, and some words outlive a process."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import utc_now
from bot.store import leases
from bot.store.engine import make_engine
from bot.store.transaction import Store

NOW = datetime(2026, 4, 20, 9, 12, tzinfo=UTC)
WHILE = timedelta(seconds=30)


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    store = Store(make_engine(migrated_url), utc_now)
    yield store
    store.close()


def take(store: Store, owner: str, at: datetime = NOW) -> bool:
    with store.write() as tx:
        return leases.take(tx, "discord:gateway", owner, at=at, until=at + WHILE)


def test_one_of_two_gets_it(store: Store) -> None:
    assert (take(store, "one"), take(store, "two")) == (True, False)


def test_who_has_it_keeps_it(store: Store) -> None:
    take(store, "one")
    assert take(store, "one", NOW + WHILE / 2)
    assert not take(store, "two", NOW + WHILE)


def test_it_is_free_when_its_time_has_passed(store: Store) -> None:
    take(store, "one")
    assert take(store, "two", NOW + WHILE)


def test_it_is_free_when_it_was_given_back(store: Store) -> None:
    take(store, "one")
    with store.write() as tx:
        leases.give_back(tx, "discord:gateway", "one")
    assert take(store, "two")


def test_only_who_has_it_gives_it_back(store: Store) -> None:
    take(store, "one")
    with store.write() as tx:
        leases.give_back(tx, "discord:gateway", "two")
    assert not take(store, "two")


def test_a_word_is_remembered(store: Store) -> None:
    with store.write() as tx:
        leases.remember(tx, "discord:commands", "a")
        leases.remember(tx, "discord:commands", "b")
    with store.read() as tx:
        assert (leases.recall(tx, "discord:commands"), leases.recall(tx, "other")) == ("b", "")
