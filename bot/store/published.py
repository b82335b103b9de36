"""Queries about what was published. Public incidents are not private and were published at least once."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from sqlmodel import col, select

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.history import IncidentHistory, Publication, PublishedPromise, PublishedText
from bot.domain.incident import ComponentImpact, Incident
from bot.domain.updates import Update, UpdateState, UpdateText
from bot.store.transaction import Transaction

_PUBLIC = select(Incident).where(col(Incident.private).is_(False), col(Incident.first_published_at).is_not(None))


def unresolved(tx: Transaction) -> Sequence[Incident]:
    """All public incidents that are open, newest first."""
    query = _PUBLIC.where(col(Incident.closed_at).is_(None))
    return tx.session.exec(query.order_by(col(Incident.number).desc())).all()


def newest(tx: Transaction, *, limit: int, before: int | None = None) -> Sequence[Incident]:
    """The newest public incidents below number `before`."""
    query = _PUBLIC if before is None else _PUBLIC.where(col(Incident.number) < before)
    return tx.session.exec(query.order_by(col(Incident.number).desc()).limit(limit)).all()


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
    updates: dict[str, list[Update]] = defaultdict(list)
    texts: dict[str, list[UpdateText]] = defaultdict(list)
    for row in tx.session.exec(select(ComponentImpact).where(col(ComponentImpact.incident_id).in_(ids))):
        if row.published is not None:
            impacts[row.incident_id][row.component] = row.published
    published = (col(Update.incident_id).in_(ids), Update.state == UpdateState.PUBLISHED)
    for update in tx.session.exec(select(Update).where(*published).order_by(col(Update.number))):
        updates[update.incident_id].append(update)
    words = select(UpdateText).join(Update, col(UpdateText.update_id) == Update.id).where(*published)
    words = words.where(col(UpdateText.audience).in_(audiences)) if audiences else words
    for text in tx.session.exec(words.order_by(col(UpdateText.id))):
        texts[text.update_id].append(text)
    merged = [incident.merged_into for incident in incidents if incident.merged_into]
    survivors = {i.id: i.key for i in tx.session.exec(_PUBLIC.where(col(Incident.id).in_(merged)))} if merged else {}
    return [
        IncidentHistory(
            number=one.number,
            key=one.key,
            public=not one.private and one.first_published_at is not None,
            stage=one.stage,
            opened_at=one.first_published_at,
            closed_at=one.closed_at,
            closed_as=one.closed_as,
            survivor=survivors.get(one.merged_into or "", ""),
            impacts=impacts[one.id],
            publications=_publications(updates[one.id], texts),
        )
        for one in incidents
    ]


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
            later = (
                u.published_at for u in updates[updates.index(update) + 1 :] if u.kind is not UpdateKind.CORRECTION
            )
            promise = PublishedPromise(update.promised_at, next(later, None))
        read = texts.get(update.id, ())
        made[update.id] = Publication(
            id=update.id,
            number=update.number,
            kind=update.kind,
            move=update.move,
            stage=update.stage,
            severity=update.severity,
            at=update.published_at,
            by=update.published_by or "",
            alone_because=update.alone_because,
            impacts={key: Impact(value) for key, value in update.impacts.items()},
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
