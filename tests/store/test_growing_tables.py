"""No command, page, or tick reads a table from end to end that grows with every incident.

Each database is asked for the plan of every statement that a whole incident takes. PostgreSQL, which would read small
tables whole, is told to avoid that where an index serves.
"""

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, event

from bot.commands import catalog
from bot.commands.invocation import Account, Place
from bot.views import Form
from tests.harness import MORE_PEOPLE, organisation, run_line, say
from tests.journeys.world import Whole

GROWING = {
    "approval", "delivery", "draft_revision", "entry_text", "impact", "inbox", "incident", "invited", "nudge",
    "promise", "record_entry", "retrospective", "role_assignment", "room", "update", "update_text",
}  # fmt: skip
MAY_READ_ALL = {
    "/metrics counts everything there ever was": r"count\(\*\).*FROM (promise|delivery|\"?update\"?)\b",
    "a search for words reads texts": r"LIKE",
    "joining two accounts, once in someone's life": r"^(UPDATE|DELETE).*\b(identity|invited|draft_revision|approval)\b",
}
LIST = r"\((%\(\w+\)s(::\w+)?|\?)(, (%\(\w+\)s(::\w+)?|\?))*\)"  # (?, ?, ?), which has the same plan at any length
STORY = (
    ("05:15", "ana", "declare API errors sev:1 on:api=partial,chatgpt=major"),
    ("05:15", "ben", "declare! Sign-in is slow sev:3 on:chatgpt=degraded private:yes"),
    ("05:15", "ana", "help"),
    ("05:16", "ana", "assign commander @ana"),
    ("05:16", "ana", "invite @dia INC-1"),
    ("05:16", "ana", "uninvite @dia INC-1"),
    ("05:16", "ana", "note INC-1 Error rates rise in one region"),
    ("05:16", "ana", "redact 3 INC-1 reason:mistake"),
    ("05:17", "ana", 'update INC-1 investigating sees:"requests return errors" since:5m'),
    ("05:17", "ana", "edit INC-1 customers:We_are_looking"),
    ("05:17", "ana", 'translate INC-1 de sees:"Anfragen schlagen fehl"'),
    ("05:18", "ana", "discard INC-1"),
    ("05:18", "ana", 'update INC-1 investigating sees:"requests return errors" since:5m'),
    ("05:18", "ana", "publish INC-1"),
    ("05:20", "ana", "severity 2 INC-1 reason:smaller"),
    ("05:20", "ana", "impact INC-1 chatgpt=degraded"),
    ("05:25", "ana", "nudge INC-1"),
    ("05:28", "", ""),
    ("05:28", "ana", "snooze 5m INC-1"),
    ("05:28", "ana", "handover @ben INC-1"),
    ("05:29", "ben", "publish INC-1 nochange:yes"),
    ("05:30", "ben", 'update INC-1 identified cause:"a wrong setting"'),
    ("05:30", "ben", "ask @chi INC-1"),
    ("05:31", "ben", "publish INC-1"),
    ("05:31", "chi", "approve INC-1"),
    ("05:32", "ben", 'correct INC-1 wrong:"a wrong setting" right:"an expired certificate"'),
    ("05:32", "ben", "publish INC-1"),
    ("05:32", "chi", "approve INC-1"),
    ("05:33", "ana", "show INC-1"),
    ("05:33", "ana", "list"),
    ("05:33", "ana", "timeline INC-1"),
    ("05:33", "ana", "deliveries INC-1"),
    ("05:33", "ana", "copy INC-1"),
    ("05:33", "ana", "subscribe local:#business on:api"),
    ("05:33", "ana", "subscriptions"),
    ("05:33", "ana", "unsubscribe local:#business"),
    ("05:33", "ana", "link"),
    ("05:34", "ben", "private INC-2 no sure:yes"),
    ("05:34", "ben", "merge INC-2 INC-1"),
    ("05:35", "ben", "impact INC-1 chatgpt=operational api=operational"),
    ("05:35", "ben", 'resolve INC-1 end:1m data:"No data was lost."'),
    ("05:35", "ben", "publish INC-1"),
    ("05:36", "chi", "approve INC-1"),
    ("05:36", "ana", "retro INC-1"),
    ("05:36", "ana", "export INC-1 json"),
    ("05:37", "ben", "reopen INC-1 It is back."),
    ("05:37", "ana", "declare! Search is slow sev:4 on:api=degraded"),
    ("05:37", "ana", "cancel INC-3"),
)
PAGES = (
    "/", "/incidents/INC-1", "/history", "/history?q=errors&component=api", "/history.atom", "/updates.atom",
    "/api/v2/summary.json", "/api/v2/incidents.json", "/readyz", "/metrics",
)  # fmt: skip
CONSOLE = (
    "/console", "/console/incidents/INC-1", "/console/incidents/INC-1/retrospective", "/console/support",
    "/console/people", "/console/history", "/console/history?component=api&severity=SEV2", "/console/history?q=errors",
    "/console/channels", "/console/channels/status", "/console/subscriptions", "/console/forms/update?incident=INC-1",
)  # fmt: skip


@pytest.fixture
def whole(migrated_url: str) -> Iterator[Whole]:
    with Whole(migrated_url, organisation(more=MORE_PEOPLE, languages=("en", "de"))) as whole:
        yield whole


def test_nothing_reads_a_growing_table_from_end_to_end(whole: Whole) -> None:
    engine, seen = whole.foghorn.store.engine, {}

    def see(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE", "WITH")):
            seen[re.sub(LIST, "(?)", statement)] = statement, values[0] if isinstance(values, list) else values

    event.listen(engine, "before_cursor_execute", see)
    try:
        _tell(whole)
        browser = whole.browser("ana")
        for page in PAGES:
            whole.public.request("GET", page)
        for page in CONSOLE:
            browser.open(page)
    finally:
        event.remove(engine, "before_cursor_execute", see)

    assert len(seen) > 100
    with engine.connect() as connection:
        found = {
            statement: scans for statement, values in seen.values() if (scans := _scans(connection, statement, values))
        }
    assert found == {}, "\n".join(f"{tables}: {statement}" for statement, tables in found.items())


def _tell(whole: Whole) -> None:
    told = {line.split()[0].rstrip("!") for _clock, _who, line in STORY if line}
    assert told == set(catalog.COMMANDS), "the story uses every command"
    refused = []
    for clock, who, line in STORY:
        whole.at(clock)
        if line:
            answer = run_line(whole.foghorn.desk, line, Account("cli", who), Place("cli"))
            refused += [(line, say(answer))] if isinstance(answer, Form) or getattr(answer, "refused", False) else []
        if not line or line.startswith(("approve", "cancel")):
            whole.settle()
    assert refused == [], "\n".join(f"{line}: {words[:150]}" for line, words in refused)


def _scans(connection: Connection, statement: str, values: object) -> list[str]:
    """The growing tables that a statement reads whole."""
    if any(re.search(pattern, statement, re.DOTALL) for pattern in MAY_READ_ALL.values()):
        return []
    read = _on_postgresql if connection.dialect.name == "postgresql" else _on_sqlite
    return [table for table in read(connection, statement, values) if re.sub(r"_\d+$", "", table) in GROWING]


def _on_sqlite(connection: Connection, statement: str, values: object) -> Iterator[str]:
    """Source: sqlite.org, "EXPLAIN QUERY PLAN": SCAN reads all rows. With a LIMIT, an index in order ends early."""
    for *_ids, detail in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values):
        scan = re.match(r"SCAN (\w+)( USING (COVERING )?INDEX)?", detail)
        if scan and not (scan[2] and "LIMIT" in statement):
            yield scan[1]


def _on_postgresql(connection: Connection, statement: str, values: object) -> Iterator[str]:
    connection.exec_driver_sql("SET enable_seqscan = off")
    (plan,) = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", values).scalars()
    nodes = [plan[0]["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", ())
        whole = "Index Cond" not in node and "LIMIT" not in statement
        if node["Node Type"] == "Seq Scan" or ("Index" in node["Node Type"] and "Relation Name" in node and whole):
            yield node["Relation Name"]
