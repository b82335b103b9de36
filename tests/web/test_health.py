"""Whether Foghorn says truly that it is well."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from pydantic import SecretStr
from sqlalchemy import event

from bot.platforms.local.messenger import LocalMessenger
from bot.store.engine import make_engine
from bot.web.health import Health, Ticks
from bot.worker.outbox import Outbox
from tests.databases import full_disk, give_back
from tests.patience import LONG_S
from tests.web.conftest import Client, Read
from tests.web.stories import Foghorn


def figures(text: str) -> dict[str, float]:
    """Name with labels -> value, as an OpenMetrics parser reads them."""
    return {
        f"{sample.name}{sample.labels or ''}": sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_alive_needs_nothing(client: Client) -> None:
    assert client.get("/healthz").status_code == 200


def test_ready_and_well(read: Read, client: Client, foghorn: Foghorn) -> None:
    foghorn.slack.traffic.answered()
    read()
    answer = client.get("/readyz")
    assert answer.status_code == 200
    found = answer.json()
    [slack] = [found["platforms"].pop("slack")]
    assert found == {
        "ready": True,
        "well": True,
        "wrong": [],
        "pages_read_at": "2026-04-20T09:15:00+00:00",
        "database": "answers",
        "writable": True,
        "migrations": "current",
        "tick_age_seconds": 1.0,
        "outbox": {"waiting": 0, "retries": 0, "dead": 0, "oldest": None, "oldest_seconds": 0.0},
        "last_publication": None,
        "promises_late": 0,
        "replicas": 0,
        "destinations_failing": 0,
        "platforms": {},
    }
    assert (slack["connected"], slack["last_event"]) == (True, None)
    assert slack["since"] <= slack["last_call"] or slack["last_call"].startswith("2026-04-20T09:1")
    assert client.get("/readyz?all=1").status_code == 200


@pytest.mark.parametrize("engine_name", ["postgresql"])
def test_the_same_is_asked_of_postgres(either_web: Foghorn) -> None:
    either_web.say("ana", "subscribe #status")
    either_web.say("ana", "declare API errors sev:3 on:api=partial")
    either_web.say("ana", "publish")
    asyncio.run(either_web.site.rebuild())
    client = Client(either_web.web_app())
    answer = client.get("/readyz?all=1")
    assert (answer.status_code, answer.json()["wrong"], answer.json()["outbox"]["waiting"] > 0) == (200, [], True)
    assert figures(client.get("/metrics").text)["foghorn_database_writable"] == 1


def on_checkout(foghorn: Foghorn, pragma: str) -> None:
    """Give every connection a setting, on an engine that no later test gets."""
    give_back(foghorn.store.engine)
    foghorn.store.engine = make_engine(foghorn.url)

    @event.listens_for(foghorn.store.engine, "checkout")
    def set_up(connection: sqlite3.Connection, *_: object) -> None:
        connection.execute(pragma)


def wrong(client: Client) -> list[str]:
    """What /readyz?all=1 finds wrong, while the pages are served as before."""
    every, one = client.get("/readyz?all=1"), client.get("/readyz")
    assert (one.status_code, every.status_code) == (200, 503)
    found: list[str] = every.json()["wrong"]
    return found


def test_not_ready_before_any_page_was_built(client: Client) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["ready"]) == (503, False)


@pytest.mark.parametrize("age_s", [61.0, 300.0, -1.0, -3600.0])
def test_not_well_when_ticks_stopped_or_their_age_cannot_be_true(
    foghorn: Foghorn, read: Read, client: Client, age_s: float
) -> None:
    read()
    foghorn.ticks = Ticks(age_s)
    assert wrong(client) == [f"scheduled work last ran {age_s:.0f} seconds ago; restart this process"]


def test_not_well_when_a_tick_fails(foghorn: Foghorn, read: Read, client: Client) -> None:
    read()
    foghorn.ticks = Ticks(1.0, "reminders failed (code abc123; the log of Foghorn says why)")
    assert wrong(client) == [foghorn.ticks.failing]
    assert figures(client.get("/metrics").text)["foghorn_tick_failing"] == 1


def test_not_well_when_the_process_may_not_send(foghorn: Foghorn, read: Read, client: Client) -> None:
    read()
    foghorn.health.may_send = lambda: False
    assert wrong(client)[0].startswith("this process lost its place among the others")


def test_not_well_when_the_export_fails(foghorn: Foghorn, read: Read, client: Client) -> None:
    read()
    foghorn.health.export_failing = lambda: "The public pages were not written to /srv: No space left on device."
    assert wrong(client) == [foghorn.health.export_failing()]


def test_not_well_when_a_platform_is_gone_but_the_page_stays_up(foghorn: Foghorn, read: Read, client: Client) -> None:
    read()
    foghorn.slack.connected = False
    assert wrong(client) == ["slack is not connected"]
    assert client.get("/readyz").json()["platforms"]["slack"]["connected"] is False
    assert figures(client.get("/metrics").text)["foghorn_platform_connected{'platform': 'slack'}"] == 0


def test_not_well_when_the_database_lacks_a_migration(migrated_sqlite_url: str) -> None:
    foghorn = Foghorn(migrated_sqlite_url)
    with foghorn.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    answer = Client(foghorn.web_app()).get("/readyz?all=1")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "not current")


def test_the_pages_stay_up_when_the_database_is_damaged(foghorn: Foghorn, read: Read, client: Client) -> None:
    read()
    foghorn.store.engine.dispose()
    with open(foghorn.database, "wb") as file:
        file.write(b"not a database")
    [words] = wrong(client)
    assert words.startswith("the database does not answer: its file is damaged")
    assert figures(client.get("/metrics").text)["foghorn_database_up"] == 0


def test_not_well_when_the_database_file_was_deleted(foghorn: Foghorn, read: Read, client: Client) -> None:
    read()
    Path(foghorn.database).unlink()
    [words] = wrong(client)
    assert words.startswith("the database does not answer: its file was deleted or replaced")
    assert not Path(foghorn.database).exists()


@pytest.mark.parametrize("holding", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_not_well_while_another_program_holds_the_write_lock(
    foghorn: Foghorn, read: Read, client: Client, holding: str
) -> None:
    read()
    on_checkout(foghorn, "PRAGMA busy_timeout=100")
    with closing(sqlite3.connect(foghorn.database, isolation_level=None)) as other:
        other.execute(holding)
        assert wrong(client) == ["the database cannot be written to: another program has locked it"]
        assert figures(client.get("/metrics").text)["foghorn_database_writable"] == 0
        other.execute("ROLLBACK")
    assert client.get("/readyz?all=1").status_code == 200


async def test_whether_pages_can_be_served_does_not_wait_for_a_database_that_hangs(foghorn: Foghorn) -> None:
    await foghorn.site.rebuild()
    with closing(sqlite3.connect(foghorn.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        found = await foghorn.health.report(within_s=0.5)
        again = await foghorn.health.report(within_s=0.0)
        other.execute("ROLLBACK")
    assert [(each["ready"], each["well"]) for each in (found, again)] == [(True, False)] * 2
    async with asyncio.timeout(LONG_S):
        while (await foghorn.health.report(within_s=LONG_S))["wrong"]:
            await asyncio.sleep(0.01)


def test_not_well_when_the_disk_is_full(read: Read, client: Client) -> None:
    read()
    with full_disk():
        found = wrong(client)
    assert found == ["the database cannot be written to: its disk is full or has errors; free some space"]
    assert client.get("/readyz?all=1").status_code == 200


def test_not_well_when_the_pages_are_old(foghorn: Foghorn, read: Read, client: Client) -> None:
    read()
    foghorn.clock.wait(3)
    assert wrong(client) == ["the public pages are old: they could not be built again since pages_read_at"]


def test_a_process_is_responsible_for_its_own_parts_only(foghorn: Foghorn) -> None:
    foghorn.health = Health(foghorn.store, foghorn.app.organisation, foghorn.clock)
    client = Client(foghorn.web_app())
    assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/readyz?all=1")] == [200, 200, 200]
    assert "foghorn_tick_age_seconds" not in client.get("/metrics").text


def test_ready_tells_how_long_the_last_publication_took(foghorn: Foghorn, client: Client) -> None:
    def lag() -> object:
        return client.get("/readyz").json()["last_publication"]

    foghorn.say("ana", "subscribe #status")
    foghorn.say("ana", "declare API errors sev:3 on:api=partial")
    foghorn.say("ana", "publish")
    foghorn.clock.wait(1)
    before = lag()
    asyncio.run(Outbox(foghorn.store, foghorn.app, {"local": LocalMessenger()}, foghorn.desk.in_thread).drain())
    foghorn.clock.wait(2)
    found = figures(client.get("/metrics").text)

    assert (before, lag()) == (
        {"first_seconds": None, "last_seconds": 60.0},
        {"first_seconds": 60.0, "last_seconds": 60.0},
    )
    assert (found["foghorn_publication_first_seconds"], found["foghorn_publication_last_seconds"]) == (60, 60)


def test_ready_tells_what_waits_in_the_outbox(foghorn: Foghorn, client: Client) -> None:
    foghorn.reference("investigating")
    foghorn.clock.wait(1)
    outbox = client.get("/readyz").json()["outbox"]
    assert outbox["waiting"] > 0
    assert outbox["oldest_seconds"] >= 60
    assert outbox["oldest"].startswith("dlv_")


def test_metrics_are_openmetrics(foghorn: Foghorn, client: Client) -> None:
    foghorn.reference("investigating")
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    assert answer.text.endswith("# EOF\n")
    found = figures(answer.text)
    assert found["foghorn_open_incidents{'severity': 'SEV1'}"] == 1
    assert found["foghorn_component_status{'component': 'chatgpt'}"] == 4
    assert found["foghorn_promises_total{'result': 'late'}"] == 1
    assert found["foghorn_updates_published_total"] == 2
    assert found["foghorn_promise_overdue_seconds"] == 0
    assert found["foghorn_tick_age_seconds"] == 1
    assert found["foghorn_database_writable"] == 1
    assert found["foghorn_outbox_retries"] == 0
    assert found["foghorn_promises_overdue"] == 0
    assert found["foghorn_outbox_waiting"] > 0
    assert found["foghorn_refused_total{'platform': 'slack'}"] == 3


def test_an_overdue_promise_shows_in_the_metrics(foghorn: Foghorn, client: Client) -> None:
    foghorn.reference("investigating")
    foghorn.clock.wait(20)
    found = figures(client.get("/metrics").text)
    assert (found["foghorn_promise_overdue_seconds"], found["foghorn_promises_overdue"]) == (300, 1)
    assert client.get("/readyz").json()["promises_late"] == 1


def test_no_title_stands_in_the_metrics(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("investigating")
    assert "pages load" not in read("/metrics")
    assert "INC-" not in read("/metrics")


def test_the_metrics_can_be_kept_for_who_has_the_token(foghorn: Foghorn, client: Client) -> None:
    foghorn.health.metrics_token = SecretStr("a token of sixteen or more")

    refused = [client.get("/metrics", headers=given).status_code for given in ({}, {"Authorization": "Bearer a token"})]
    answer = client.get("/metrics", headers={"Authorization": "Bearer a token of sixteen or more"})

    assert refused == [401, 401]
    assert (answer.status_code, "foghorn_open_incidents" in answer.text) == (200, True)
    assert client.get("/healthz").status_code == 200
