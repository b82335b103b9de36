"""A database of an earlier version, in which one channel was subscribed by its name and by its id."""

from datetime import UTC, datetime

import sqlalchemy as sa

from bot.store import migrate
from bot.store.engine import make_engine

BEFORE = "0003"


def row(destination: str, at: int, **changes: object) -> dict[str, object]:
    return {
        "id": f"sub_{destination}", "destination": destination, "components": [], "minimum_severity": "SEV4",
        "audience": "customers", "language": "en", "mode": "every", "active": True,
        "changed_at": datetime(2026, 4, 20, at, tzinfo=UTC), **changes,
    }  # fmt: skip


def sent(number: int, destination: str, state: str, reference: str = "") -> dict[str, object]:
    return {
        "id": f"dlv_{number}", "destination": destination, "kind": "update", "act": "send", "state": state,
        "reference": reference, "subscription_id": f"sub_{destination}", "attempts": 0, "in_doubt": False,
        "maybe_twice": False, "reason": "", "body": "", "created_at": datetime(2026, 4, 20, tzinfo=UTC),
    }  # fmt: skip


def upgraded(url: str, subscriptions: list[dict[str, object]], deliveries: list[dict[str, object]]):
    """The subscriptions by destination and the deliveries by id, after the upgrade."""
    migrate.upgrade(url, BEFORE)
    engine = make_engine(url)
    tables = sa.MetaData()
    subscription, delivery = (sa.Table(name, tables, autoload_with=engine) for name in ("subscription", "delivery"))
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(sa.insert(subscription), subscriptions)
        connection.execute(sa.insert(delivery), deliveries)
    engine.dispose()
    migrate.upgrade(url)
    with engine.connect() as connection:
        found = {each.destination: each for each in connection.execute(sa.text("SELECT * FROM subscription"))}
        rows = {each.id: each for each in connection.execute(sa.text("SELECT * FROM delivery"))}
    engine.dispose()
    return found, rows


def test_the_newer_settings_stay_under_the_id_and_nothing_sent_is_touched(database_url: str) -> None:
    found, deliveries = upgraded(
        database_url,
        [row("slack:#devs", 10, audience="developers", language="de"), row("slack:C0DEVS", 9)],
        [
            sent(1, "slack:#devs", "sent", "C0DEVS/1.1"),
            sent(2, "slack:#devs", "due"),
            sent(3, "slack:C0DEVS", "due"),
        ],
    )

    kept, ended = found["slack:C0DEVS"], found["slack:#devs"]
    assert (kept.active, kept.audience, kept.language, kept.name) == (1, "developers", "de", "devs")
    assert not ended.active
    assert {key: each.state for key, each in deliveries.items()} == {
        "dlv_1": "sent",
        "dlv_2": "cancelled",
        "dlv_3": "due",
    }


def test_a_name_alone_becomes_its_id_with_all_that_waits(database_url: str) -> None:
    found, deliveries = upgraded(
        database_url,
        [row("slack:#devs", 10), row("slack:#never", 10), row("local:#status", 10)],
        [sent(1, "slack:#devs", "sent", "C0DEVS/1.1"), sent(2, "slack:#devs", "due")],
    )

    assert {key: bool(each.active) for key, each in found.items()} == {
        "slack:C0DEVS": True, "slack:#never": True, "local:#status": True
    }  # fmt: skip
    assert {(each.destination, each.state) for each in deliveries.values()} == {
        ("slack:C0DEVS", "sent"), ("slack:C0DEVS", "due")
    }  # fmt: skip


def test_what_waits_for_the_name_goes_to_the_id_that_was_not_subscribed_any_more(database_url: str) -> None:
    found, deliveries = upgraded(
        database_url,
        [row("slack:#devs", 9), row("slack:C0DEVS", 10, active=False)],
        [sent(1, "slack:#devs", "sent", "C0DEVS/1.1"), sent(2, "slack:#devs", "due")],
    )

    waiting = deliveries["dlv_2"]
    assert (bool(found["slack:C0DEVS"].active), bool(found["slack:#devs"].active)) == (True, False)
    assert (waiting.destination, waiting.subscription_id, waiting.state) == ("slack:C0DEVS", "sub_slack:C0DEVS", "due")
