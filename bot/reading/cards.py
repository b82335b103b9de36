"""Builds the incident card from the current rows."""

from collections.abc import Collection, Mapping

from bot.domain.components import Impact
from bot.domain.deliveries import OURS
from bot.domain.incident import ClosedAs, ComponentImpact, Incident
from bot.domain.lifecycle import Stage
from bot.domain.organisation import Organisation
from bot.domain.people import Role
from bot.domain.promises import Promise, was_kept
from bot.domain.record import EntryKind, EntryText, RecordEntry, with_source
from bot.domain.spans import disrupted
from bot.domain.times import length, span_words
from bot.errors import UnreadableIncident
from bot.store import incidents, people, promises, published, record, updates
from bot.store.transaction import Transaction
from bot.views.answers import Button, Line
from bot.views.incidents import ImpactLine, IncidentCard, PromiseLine, RoleLine
from bot.views.parts import Link
from bot.views.phrases import Sentence, say

LATEST = 3
"""How many notes a card shows."""


def incident_card(tx: Transaction, organisation: Organisation, incident: Incident) -> IncidentCard:
    """The card as responders see it now."""
    rows = {row.component: row for row in incidents.impacts(tx, incident)}
    held = incidents.roles(tx, incident) if incident.closed_at else incidents.active_roles(tx, incident)
    promise = promises.open_promise(tx, incident)
    draft = updates.find_draft(tx, incident) is not None
    not_told = _not_told(incident, {key: (row.value, row.published) for key, row in rows.items()}, organisation)
    return IncidentCard(
        incident=incident.key,
        title=incident.title or incident.declared_title,
        severity=incident.severity,
        stage=incident.stage,
        headline=_headline(tx, incident, promise, not_told=_is_ahead(incident, rows.values())),
        private=incident.private,
        opened_at=incident.opened_at,
        entered_later=incident.entered_later,
        closed_at=incident.closed_at,
        impacts=tuple(ImpactLine(c.name, rows[c.key].value, rows[c.key].published) for c in organisation.named(rows)),
        people=tuple(RoleLine(role.value, held[role].name if role in held else "") for role in Role),
        promise=_promise_line(tx, promise),
        not_told=not_told,
        buttons=_buttons(incident, held, draft=draft),
        draft=draft,
        latest=_latest(tx, incident),
    )


def entry_sentence(entry: RecordEntry, text: EntryText, names: Mapping[str, str]) -> Sentence:
    """An entry of the record in one line: when, who, from where, and what."""
    origin = f", on {entry.platform.capitalize()}" if entry.platform and entry.platform not in OURS else ""
    said, source = with_source("(redacted)" if text.redacted_at else text.text)
    facts: dict[str, object] = {"who": names.get(entry.person_id or "", "Foghorn"), "kind": entry.kind.value}
    words = "{at} · {who}" + origin + ": {kind}: {said}" + ("{source}" if source else "")
    return say(words, at=entry.at, said=said, **facts, **({"source": Link(source, source)} if source else {}))


def _latest(tx: Transaction, incident: Incident) -> tuple[Sentence, ...]:
    """What was noted last."""
    found = record.entries(tx, incident, kinds=(EntryKind.NOTE,), limit=LATEST)
    names = people.person_names(tx) if found else {}
    return tuple(entry_sentence(entry, text, names) for entry, text in found)


def incident_line(tx: Transaction, incident: Incident) -> Line:
    """One incident in a list, with its next deadline."""
    promise = promises.open_promise(tx, incident)
    words = "{incident} {title} ({severity}, {stage})"
    facts: dict[str, object] = {
        "incident": incident.key,
        "title": incident.title or incident.declared_title,
        "severity": incident.severity.value,
        "stage": incident.stage.value,
    }
    if promise is not None:
        late = not was_kept(promise.due_at, tx.now)
        words += " · update is overdue, promised by {due_at}" if late else " · next update by {due_at}"
        facts["due_at"] = promise.due_at
    return Line(say(words, **facts), (Button("Show", "show", incident.key),))


def unread_lines(tx: Transaction) -> tuple[Line, ...]:
    """The incidents that a list had to leave out."""
    found = (UnreadableIncident(incident=key) for key in sorted(tx.unread))
    return tuple(Line(say(each.words, **each.facts)) for each in found)


def _headline(tx: Transaction, incident: Incident, promise: Promise | None, *, not_told: bool) -> Sentence:
    if incident.closed_at is not None:
        return _closed(tx, incident)
    if promise is not None and not was_kept(promise.due_at, tx.now):
        words = "The update is {late} overdue, promised by {due_at}."
        return say(words, late=length(promise.due_at, tx.now), due_at=promise.due_at)
    if incident.stage is Stage.DECLARED:
        if promise is None:
            return say("Nothing is public yet.")
        return say("Nothing is public yet. First update due by {due_at}.", due_at=promise.due_at)
    if not_told:
        return say("Customers have not been told about the latest changes.")
    if promise is None:
        return say("{stage}.", stage=incident.stage.label)
    return say("{stage}, next update by {due_at}.", stage=incident.stage.label, due_at=promise.due_at)


def _closed(tx: Transaction, incident: Incident) -> Sentence:
    if incident.closed_as is ClosedAs.CANCELLED and incident.first_published_at is None:
        return say("Canceled at {closed_at}. Nothing was published.", closed_at=incident.closed_at)
    assert incident.closed_at is not None
    promised = [p for p in promises.promises(tx, incident) if not p.internal]
    late = sum(p.state == "late" for p in promised)
    kept = f"; {late} of {len(promised)} promises late" if late else "; all promises kept" if promised else ""
    [failed] = published.failures(tx, [incident])
    took = f", after {length(incident.first_published_at or incident.opened_at, incident.closed_at)}"
    if failed.failures:
        took = f". It lasted {span_words(disrupted(failed.failures, tx.now))}"
    how = (incident.closed_as or ClosedAs.RESOLVED).label.capitalize()
    if incident.closed_as is ClosedAs.MERGED and incident.merged_into:
        how = f"Merged into {incidents.get_incident(tx, incident.merged_into).key}"
    return say("{how} at {closed_at}{took}{kept}.", how=how, closed_at=incident.closed_at, took=took, kept=kept)


def _is_ahead(incident: Incident, rows: Collection[ComponentImpact]) -> bool:
    """Whether responders changed something since the last publication."""
    if incident.published_severity is None or incident.closed_at is not None:
        return False
    return incident.severity is not incident.published_severity or any(row.value is not row.published for row in rows)


def _not_told(
    incident: Incident, rows: Mapping[str, tuple[Impact, Impact | None]], organisation: Organisation
) -> tuple[Sentence, ...]:
    """Which severity and components customers have not read about; empty before the first publication.

    The impacts themselves say what customers were told.
    """
    if incident.published_severity is None or incident.closed_at is not None:
        return ()
    changed = []
    if incident.severity is not incident.published_severity:
        before, after = incident.published_severity.value, incident.severity.value
        changed.append(say("Severity changed from {before} to {after}.", before=before, after=after))
    new = [each.name for each in organisation.named(rows) if rows[each.key][1] is None]
    if new:
        changed.append(say("Not published yet: {components}.", components=", ".join(new)))
    return tuple(changed)


def _promise_line(tx: Transaction, promise: Promise | None) -> PromiseLine | None:
    if promise is None:
        return None
    late = 0 if was_kept(promise.due_at, tx.now) else max(1, int((tx.now - promise.due_at).total_seconds() // 60))
    return PromiseLine(promise.due_at, promise.internal, late)


def _buttons(incident: Incident, held: Collection[Role], *, draft: bool) -> tuple[Button, ...]:
    """Exactly one is primary: the next thing to do. Roles that nobody holds are asked for."""
    key = incident.key
    first = (Button("Open draft", "show", f"{key} draft:yes", primary=True),) if draft else ()
    if incident.closed_at is not None:
        reopen = () if incident.first_published_at is None else (Button("Reopen", "reopen", key),)
        retro = Button("Retrospective", "retro", key, primary=not draft)
        return (*first, retro, *(() if draft else reopen), Button("Timeline", "timeline", key))
    monitoring = incident.stage is Stage.MONITORING
    update = Button("Update", "update", key, primary=not draft and not monitoring)
    resolve = Button("Resolve", "resolve", key, primary=not draft and monitoring)
    middle = (resolve, update) if monitoring else (update,) if incident.stage is Stage.DECLARED else (update, resolve)
    copy = () if incident.first_published_at is None else (Button("Copy", "copy", key),)
    more = (Button("Hand over", "handover", key), *copy, Button("Timeline", "timeline", key))
    return (*first, *middle, *(button for role, button in _vacant(key) if role not in held), *more)


def _vacant(key: str) -> tuple[tuple[Role, Button], ...]:
    """For each role that an incident needs, the button that fills it."""
    return (
        (Role.COMMANDER, Button("Take command", "assign", f"{key} commander @me")),
        (Role.COMMUNICATIONS_LEAD, Button("Assign communications lead", "assign", f"{key} comms")),
    )
