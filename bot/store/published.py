"""Queries about what was published. Public incidents are not private and were published at least once."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.history import IncidentHistory, Publication, PublishedPromise, PublishedText
from bot.domain.incident import ClosedAs, ComponentImpact, Incident
from bot.domain.spans import ImpactSpan, IncidentFailures, Statement, failure_spans
from bot.domain.updates import Update, UpdateState, UpdateText
from bot.store.transaction import Transaction

WORDS = 8  # in a search; further ones are ignored
_IS_PUBLIC = (col(Incident.private).is_(False), col(Incident.first_published_at).is_not(None))
_PUBLIC = select(Incident).where(*_IS_PUBLIC)


def unresolved(tx: Transaction) -> Sequence[Incident]:
    """All public incidents that are open, newest first."""
    query = _PUBLIC.where(col(Incident.closed_at).is_(None))
    return tx.session.exec(query.order_by(col(Incident.number).desc())).all()


def newest(tx: Transaction, *, limit: int) -> Sequence[Incident]:
    """The newest public incidents."""
    return tx.session.exec(_PUBLIC.order_by(col(Incident.number).desc()).limit(limit)).all()


def between(tx: Transaction, start: datetime, end: datetime) -> Sequence[Incident]:
    """The public incidents that were first published from `start` up to but not including `end`, newest first."""
    first = col(Incident.first_published_at)
    return tx.session.exec(_PUBLIC.where(first >= start, first < end).order_by(first.desc())).all()


def first_before(tx: Transaction, end: datetime) -> datetime | None:
    """When the last public incident before `end` was first published."""
    first = col(Incident.first_published_at)
    return tx.session.exec(select(func.max(first)).where(*_IS_PUBLIC, first < end)).one()


def matching(tx: Transaction, text: str, component: str, limit: int) -> Sequence[Incident]:
    """The newest public incidents whose texts for customers contain these words, and that affected the component.

    A key such as INC-1 finds its incident. Case does not matter; for letters beyond ASCII, it does on SQLite. Empty
    arguments do not restrict the search.
    """
    query = _PUBLIC
    told = select(Update.incident_id).join(UpdateText, col(UpdateText.update_id) == Update.id)
    told = told.where(Update.state == UpdateState.PUBLISHED, UpdateText.audience == Audience.CUSTOMERS)
    for word in text.split()[:WORDS]:
        found = col(UpdateText.body).icontains(word, autoescape=True)
        found |= col(UpdateText.title).icontains(word, autoescape=True)
        told_so = col(Incident.id).in_(told.where(found))
        key = re.fullmatch(r"INC-([1-9][0-9]{0,8})", word, re.IGNORECASE)
        query = query.where(told_so | (col(Incident.number) == int(key[1])) if key else told_so)
    if component:
        affected = select(ComponentImpact.incident_id).where(
            ComponentImpact.component == component, col(ComponentImpact.published).is_not(None)
        )
        query = query.where(col(Incident.id).in_(affected))
    return tx.session.exec(query.order_by(col(Incident.number).desc()).limit(limit)).all()


def open_since(tx: Transaction, at: datetime) -> Sequence[Incident]:
    """All public incidents that are open or were closed after a time, oldest first."""
    closed = tx.session.exec(_PUBLIC.where(col(Incident.closed_at) > at)).all()
    return sorted([*unresolved(tx), *closed], key=lambda one: one.number)


def failures(tx: Transaction, incidents: Sequence[Incident]) -> list[IncidentFailures]:
    """When components failed in these incidents, as published; without texts, in two queries."""
    updates, ends = _updates(tx, [each.id for each in incidents]), _ends(tx, incidents)
    return [
        IncidentFailures(one.number, one.key, one.title, _failures(one, updates[one.id], ends)) for one in incidents
    ]


def numbers(tx: Transaction) -> Sequence[int]:
    """The numbers of all public incidents."""
    return tx.session.exec(select(Incident.number).where(*_IS_PUBLIC)).all()


def find(tx: Transaction, number: int) -> Incident | None:
    """A public incident by its number."""
    return tx.session.exec(_PUBLIC.where(Incident.number == number)).one_or_none()


def history(tx: Transaction, incident: Incident) -> IncidentHistory:
    """What was published about an incident, for every audience."""
    return histories(tx, [incident])[0]


def histories(tx: Transaction, incidents: Sequence[Incident], *audiences: Audience) -> list[IncidentHistory]:
    """What was published, for these audiences or else for all, in four queries however many incidents there are."""
    ids = [incident.id for incident in incidents]
    impacts: dict[str, dict[str, Impact]] = defaultdict(dict)
    updates, ends = _updates(tx, ids), _ends(tx, incidents)
    texts: dict[str, list[UpdateText]] = defaultdict(list)
    for row in tx.session.exec(select(ComponentImpact).where(col(ComponentImpact.incident_id).in_(ids))):
        if row.published is not None:
            impacts[row.incident_id][row.component] = row.published
    words = select(UpdateText).join(Update, col(UpdateText.update_id) == Update.id).where(*_published(ids))
    words = words.where(col(UpdateText.audience).in_(audiences)) if audiences else words
    for text in tx.session.exec(words.order_by(col(UpdateText.id))):
        texts[text.update_id].append(text)
    survivors = _survivors(tx, [each for each in incidents if each.merged_into])
    return [
        IncidentHistory(
            number=one.number,
            key=one.key,
            public=not one.private and one.first_published_at is not None,
            stage=one.stage,
            opened_at=one.first_published_at,
            closed_at=one.closed_at,
            closed_as=one.closed_as,
            survivor=survivors[one.merged_into].key if one.merged_into and one.merged_into in survivors else "",
            impacts=impacts[one.id],
            failures=_failures(one, updates[one.id], ends),
            publications=_publications(updates[one.id], texts),
        )
        for one in incidents
    ]


def _published(incident_ids: Sequence[str]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(Update.incident_id).in_(incident_ids), col(Update.state) == UpdateState.PUBLISHED


def _updates(tx: Transaction, incident_ids: Sequence[str]) -> Mapping[str, list[Update]]:
    """Incident ID -> what was published, oldest first."""
    found: dict[str, list[Update]] = defaultdict(list)
    for update in tx.session.exec(select(Update).where(*_published(incident_ids)).order_by(col(Update.number))):
        found[update.incident_id].append(update)
    return found


def _ends(tx: Transaction, incidents: Sequence[Incident]) -> Mapping[str, datetime | None]:
    """Incident ID -> when a failure ends whose recovery was not published.

    That is when the incident was closed or, if it was merged, when the surviving incident next stated impacts.
    """
    ends = {each.id: each.closed_at for each in incidents}
    merged = [each for each in incidents if each.merged_into]
    survivors = _survivors(tx, merged)
    updates = _updates(tx, list(survivors)) if survivors else {}
    for each in merged:
        survivor = survivors.get(each.merged_into or "")
        if survivor is not None and each.closed_at is not None:
            told = (update.published_at for update in updates[survivor.id] if _states_impacts(update))
            ends[each.id] = next((at for at in told if at and at > each.closed_at), survivor.closed_at)
    return ends


def _survivors(tx: Transaction, merged: Sequence[Incident]) -> Mapping[str, Incident]:
    """By ID, the public incidents that these were merged into."""
    ids = {each.merged_into for each in merged if each.merged_into}
    return {each.id: each for each in tx.session.exec(_PUBLIC.where(col(Incident.id).in_(ids)))} if ids else {}


def _states_impacts(update: Update) -> bool:
    return update.kind is not UpdateKind.CORRECTION


def _failures(
    incident: Incident, updates: Sequence[Update], ends: Mapping[str, datetime | None]
) -> dict[str, tuple[ImpactSpan, ...]]:
    """None if the incident was reported in error."""
    if incident.closed_as is ClosedAs.CANCELLED:
        return {}
    said = (Statement(**_statement(each)) for each in updates if _states_impacts(each))
    return failure_spans(said, ends[incident.id])


def _statement(update: Update) -> dict[str, Any]:
    """The fields of a Statement. Times that were carried over from an earlier update are left out."""
    assert update.published_at is not None
    facts, fresh = update.facts, update.facts.fresh
    return {
        "at": update.published_at,
        "stage": update.stage,
        "impacts": {key: Impact(value) for key, value in update.impacts.items()},
        "failed": {key: Impact(value) for key, value in facts.failed.items()},
        **{name: getattr(facts, name) if name in fresh else None for name in ("since", "fixed", "end")},
    }


def _publications(updates: Sequence[Update], texts: Mapping[str, Sequence[UpdateText]]) -> tuple[Publication, ...]:
    """Updates and their texts, oldest first; those of corrections first, since what they correct refers to them."""
    numbers = {update.id: update.number for update in updates}
    made: dict[str, Publication] = {}
    for update in sorted(updates, key=lambda each: each.corrects is None):
        corrections = tuple(made[each.id] for each in updates if each.corrects == update.id)
        assert update.published_at is not None
        assert update.number is not None
        promise = None
        if update.promised_at is not None and update.kind is not UpdateKind.CORRECTION:
            later = (u.published_at for u in updates[updates.index(update) + 1 :] if _states_impacts(u))
            promise = PublishedPromise(update.promised_at, next(later, None))
        read = texts.get(update.id, ())
        made[update.id] = Publication(
            **_statement(update),
            id=update.id,
            number=update.number,
            kind=update.kind,
            move=update.move,
            severity=update.severity,
            by=update.published_by or "",
            alone_because=update.alone_because,
            promised_at=update.promised_at,
            promise=promise,
            review=update.facts.review,
            texts=_texts(each for each in read if not each.corrected),
            corrects=numbers.get(update.corrects or ""),
            wrong=update.facts.wrong,
            corrected=_texts(each for each in read if each.corrected),
            corrections=corrections,
        )
    return tuple(made[update.id] for update in updates)


def _texts(rows: Iterable[UpdateText]) -> tuple[PublishedText, ...]:
    return tuple(PublishedText(row.audience, row.language, row.title, row.body) for row in rows)
