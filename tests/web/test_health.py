"""Whether Foghorn says truly that it is well."""

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

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


def test_ready_when_all_is_well(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "database": "answers",
        "migrations": "current",
        "tick_age_seconds": 1.0,
        "outbox": {"waiting": 0, "dead": 0, "oldest_seconds": 0.0},
        "platforms": {"slack": "connected"},
    }


@pytest.mark.parametrize("age_s", [61.0, 300.0, -1.0, -3600.0])
def test_not_ready_when_ticks_stopped_or_their_age_cannot_be_true(
    foghorn: Foghorn, client: Client, age_s: float
) -> None:
    foghorn.tick_age_s = age_s
    assert client.get("/readyz").status_code == 503


def test_not_ready_when_a_platform_is_gone(foghorn: Foghorn, client: Client) -> None:
    foghorn.connected = False
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["platforms"]) == (503, {"slack": "not connected"})


def test_not_ready_when_the_database_lacks_a_migration(migrated_sqlite_url: str) -> None:
    foghorn = Foghorn(migrated_sqlite_url)
    with foghorn.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'older'")
    answer = Client(foghorn.web_app()).get("/readyz")
    assert (answer.status_code, answer.json()["migrations"]) == (503, "not current")


def test_not_ready_when_the_database_is_gone(foghorn: Foghorn, client: Client) -> None:
    foghorn.store.engine.dispose()
    with open(foghorn.database, "wb") as file:
        file.write(b"not a database")
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "does not answer")
    assert figures(client.get("/metrics").text)["foghorn_database_up"] == 0


def test_ready_tells_what_waits_in_the_outbox(foghorn: Foghorn, client: Client) -> None:
    foghorn.reference("investigating")
    foghorn.clock.wait(1)
    outbox = client.get("/readyz").json()["outbox"]
    assert outbox["waiting"] > 0
    assert outbox["oldest_seconds"] >= 60


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
    assert found["foghorn_outbox_waiting"] > 0
    assert found["foghorn_refused_total{'platform': 'slack'}"] == 3


def test_an_overdue_promise_shows_in_the_metrics(foghorn: Foghorn, client: Client) -> None:
    foghorn.reference("investigating")
    foghorn.clock.wait(20)
    assert figures(client.get("/metrics").text)["foghorn_promise_overdue_seconds"] == 300


def test_no_title_stands_in_the_metrics(foghorn: Foghorn, read: Read) -> None:
    foghorn.reference("investigating")
    assert "pages load" not in read("/metrics")
    assert "INC-" not in read("/metrics")
