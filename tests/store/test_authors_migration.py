"""Drafts that were open before authors were kept have the authors that were known."""

import json

from sqlalchemy import text

from bot.store.engine import make_engine
from bot.store.migrate import upgrade

PERSON = "INSERT INTO person (id, name, handle, groups, configured, active) VALUES (:id, :id, :id, '[]', {yes}, {yes})"
INCIDENT = """
    INSERT INTO incident (id, number, declared_title, title, stage, severity, private, opened_at, declared_by,
        nudges_on)
    VALUES ('inc', 1, 'API errors', '', 'declared', 'SEV1', {no}, '2026-04-20 09:15:00+00:00', 'ana', {yes})
"""
UPDATE = """
    INSERT INTO "update" (id, incident_id, kind, stage, move, state, revision, facts, impacts, left_out, author_id,
        drafted_at, revised_by, revised_at, alone_because)
    VALUES (:id, 'inc', 'stage', 'investigating', 'first', :id, 1, '{{}}', '{{}}', '[]', 'ana',
        '2026-04-20 09:15:00+00:00', 'ben', '2026-04-20 09:16:00+00:00', '')
"""


def test_who_started_and_who_revised_an_open_draft_are_its_authors(database_url: str) -> None:
    upgrade(database_url, "0001")
    engine = make_engine(database_url)
    booleans = {"yes": "true", "no": "false"}
    with engine.execution_options(writes=True).begin() as connection:
        for name in ("ana", "ben"):
            connection.execute(text(PERSON.format(**booleans)), {"id": name})
        connection.execute(text(INCIDENT.format(**booleans)))
        for state in ("draft", "published"):
            connection.execute(text(UPDATE.format()), {"id": state})

    upgrade(database_url)

    with engine.connect() as connection:
        rows = connection.execute(text('SELECT state, written_by FROM "update"')).all()
    engine.dispose()
    kept = {state: json.loads(found) if isinstance(found, str) else found for state, found in rows}
    assert kept == {"draft": {"stage": ["ana", "ben"]}, "published": {}}
