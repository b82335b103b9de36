"""Statuspage's read API, as its clients read it."""

import asyncio
import json
import re
from typing import Any

import pytest

from tests.web.conftest import Client, Read
from tests.web.stories import Foghorn

LISTS = {
    "summary": {"page", "components", "incidents", "scheduled_maintenances", "status"},
    "status": {"page", "status"},
    "components": {"page", "components"},
    "incidents": {"page", "incidents"},
    "incidents/unresolved": {"page", "incidents"},
    "scheduled-maintenances": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/upcoming": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/active": {"page", "scheduled_maintenances"},
}
MILLISECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@pytest.fixture
def ask(read: Read) -> Any:
    """The content of a file of the API; `fresh=False`: as it was built last."""
    return lambda name, fresh=True: json.loads(read(f"/api/v2/{name}.json", fresh=fresh))


def test_every_list_is_there_before_anything_happened(ask: Any) -> None:
    page = ask("status")["page"]
    assert page == {
        "id": page["id"],
        "name": "Example AI",
        "url": "https://status.example.com",
        "time_zone": "America/New_York",
        "updated_at": "1970-01-01T00:00:00.000Z",
    }
    assert re.fullmatch("[0-9a-z]{12}", page["id"])
    for name, keys in LISTS.items():
        content = ask(name, fresh=False)
        assert content.keys() == keys
        assert content["page"] == page
        assert content.get("incidents", []) == content.get("scheduled_maintenances", []) == []


def test_the_indicator_is_never_green_while_an_incident_is_open(foghorn: Foghorn, ask: Any) -> None:
    calm = "on:chatgpt=operational,business=operational,codex=operational,api=operational"
    foghorn.reference("investigating")
    for line, indicator, status in (
        ("", "critical", "investigating"),
        ("update fix fixed:12:51", "critical", "monitoring"),
        (f"update monitoring {calm}", "minor", "monitoring"),
        ('resolve end:12:51 data:"No data was lost."', "none", "resolved"),
    ):
        if line:
            foghorn.publish(line, after=68)
        summary = ask("summary")
        assert summary["status"]["indicator"] == indicator
        [incident] = ask("incidents", fresh=False)["incidents"]
        assert (incident["status"], incident["impact"]) == (status, "critical")
        unresolved = ask("incidents/unresolved", fresh=False)["incidents"]
        assert summary["incidents"] == unresolved == [incident] * (status != "resolved")


def test_an_incident_has_its_times_its_updates_and_its_components(foghorn: Foghorn, ask: Any) -> None:
    foghorn.reference()
    [incident] = ask("incidents")["incidents"]
    assert ask("incidents/INC-1") == {"page": ask("status")["page"], "incident": incident}
    assert incident["id"] == "INC-1"
    assert incident["shortlink"] == "https://status.example.com/incidents/INC-1"
    assert incident["monitoring_at"] == "2026-04-20T16:51:00.000Z"
    assert (incident["started_at"], incident["resolved_at"]) == ("2026-04-20T09:12:00.000Z", "2026-04-20T16:51:00.000Z")
    assert (incident["created_at"], incident["updated_at"]) == ("2026-04-20T09:20:00.000Z", "2026-04-20T18:03:00.000Z")
    statuses = [update["status"] for update in incident["incident_updates"]]
    assert statuses == ["resolved", *["monitoring"] * 2, *["identified"] * 2, *["investigating"] * 2]
    assert {each["status"] for each in incident["components"]} == {"operational"}
    first, second = incident["incident_updates"][:-3:-1]
    assert first["affected_components"][0]["old_status"] == "operational"
    changed = {each["code"]: (each["old_status"], each["new_status"]) for each in second["affected_components"]}
    assert changed["business"] == ("degraded_performance", "major_outage")


def test_every_timestamp_has_milliseconds(foghorn: Foghorn, ask: Any) -> None:
    foghorn.reference()
    stamps: list[str] = []

    def look(value: Any) -> None:
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            if str(key).endswith("_at") and each is not None:
                stamps.append(each)
            elif isinstance(each, dict | list):
                look(each)

    ask("status")
    for name in LISTS:
        look(ask(name, fresh=False))
    assert len(stamps) > 50
    assert all(MILLISECONDS.fullmatch(each) for each in stamps)


def test_components_are_in_their_groups_with_their_published_status(foghorn: Foghorn, ask: Any) -> None:
    foghorn.reference("investigating")
    components = {each["id"]: each for each in ask("components")["components"]}
    assert [each["position"] for each in components.values()] == list(range(1, len(components) + 1))
    groups = {each["name"]: each for each in components.values() if each["group"]}
    assert groups["Developer platform"]["components"] == ["codex", "api"]
    assert groups["Developer platform"]["status"] == "major_outage"
    assert components["api"]["group_id"] == groups["Developer platform"]["id"]
    assert components["api"]["status"] == "partial_outage"
    assert components["api"]["updated_at"] == "2026-04-20T15:44:00.000Z"


def test_a_corrected_update_reads_right_and_keeps_its_id(foghorn: Foghorn, ask: Any) -> None:
    foghorn.reference("investigating")
    before = ask("incidents/INC-1")["incident"]["incident_updates"]
    foghorn.publish('correct update:2 wrong:"worldwide" right:"in Europe"', after=6)
    after = ask("incidents/INC-1")["incident"]["incident_updates"]
    assert [each["id"] for each in after[1:]] == [each["id"] for each in before]
    assert "in Europe" in after[1]["body"]
    assert after[1]["updated_at"] > after[1]["created_at"] == before[0]["created_at"]


def test_what_was_not_published_is_not_there(foghorn: Foghorn, client: Client, ask: Any) -> None:
    foghorn.say("ana", "declare Zebra trouble sev:1 on:api=major")
    foghorn.say("ana", 'update investigating sees:"zebras everywhere"')
    foghorn.say("ana", "declare! Zebra secrets sev:4 on:codex=major private:yes")
    ask("status")
    for name in LISTS:
        content = json.dumps(ask(name, fresh=False))
        assert "ebra" not in content
        assert "INC-" not in content
    assert ask("summary")["status"]["indicator"] == "none"
    assert client.get("/api/v2/incidents/INC-1.json").status_code == 404
    assert client.get("/api/v2/incidents/INC-2.json").text == client.get("/api/v2/incidents/INC-7.json").text


def test_an_older_incident_can_be_asked_for(foghorn: Foghorn, client: Client, ask: Any) -> None:
    for number in range(51):
        foghorn.insert_published(f"Trouble {number}", "Some requests fail.", closed=True)
    listed = ask("incidents")["incidents"]
    assert (len(listed), listed[-1]["id"]) == (50, "INC-2")
    older = client.get("/api/v2/incidents/INC-1.json")
    assert older.json()["incident"]["name"] == "Trouble 0"
    assert older.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("path", ["/api/v2/summary.json", "/history.atom"])
def test_scripts_of_any_site_may_read_it_and_ask_whether_it_changed(
    foghorn: Foghorn, client: Client, read: Read, path: str
) -> None:
    foghorn.reference("investigating")
    read(path)
    answer = client.get(path, headers={"Origin": "https://example.org"})
    assert answer.headers["access-control-allow-origin"] == "*"
    head = client.request("HEAD", path, headers={"Accept-Encoding": "identity"})
    assert (head.content, head.headers["content-length"]) == (b"", str(len(answer.content)))
    foghorn.clock.wait(10)
    read(path)
    again = client.get(path, headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.headers["access-control-allow-origin"]) == (304, "*")


def test_a_preflight_is_answered(read: Read, client: Client) -> None:
    read()
    answer = client.request("OPTIONS", "/api/v2/summary.json", headers={"Origin": "https://example.org"})
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "nothing.json", 404),
        ("GET", "incidents/INC-0.json", 404),
        ("GET", "incidents/x%00y.json", 404),
        ("POST", "summary.json", 405),
        ("POST", "subscribers.json", 404),
    ],
)
def test_a_refusal_is_json_as_well(read: Read, client: Client, method: str, path: str, status: int) -> None:
    read()
    answer = client.request(method, f"/api/v2/{path}")
    assert answer.status_code == status
    assert answer.json().keys() == {"error", "message"}
    assert answer.headers["access-control-allow-origin"] == "*"


def test_markup_is_text_that_no_browser_takes_for_markup(foghorn: Foghorn, read: Read) -> None:
    words = "</script><script>alert(1)</script> & \u202eevil\u202c\u200b"
    foghorn.insert_published(words, words)
    text = read("/api/v2/summary.json")
    assert "<" not in text
    [incident] = json.loads(text)["incidents"]
    assert incident["name"] == incident["incident_updates"][0]["body"] == words


def test_the_api_of_a_drill_says_so(migrated_sqlite_url: str) -> None:
    foghorn = Foghorn(migrated_sqlite_url, drill=True)
    foghorn.reference("investigating")
    asyncio.run(foghorn.site.rebuild())
    summary = Client(foghorn.web_app()).get("/api/v2/summary.json").json()
    assert summary["page"]["name"] == "Drill: Example AI"
    assert summary["incidents"][0]["name"].startswith("Drill: ")
    foghorn.close()
