"""What the public may read, as values: published stages, impacts, texts, and times only."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions.app_context import AppContext
from bot.domain.audiences import Audience
from bot.domain.components import Impact, worst
from bot.domain.facts import Kind
from bot.domain.incident import ClosedAs, Incident
from bot.domain.lifecycle import ORDER, Move, Stage
from bot.domain.organisation import Organisation
from bot.domain.promises import was_kept
from bot.domain.updates import Update, UpdateText, text_of
from bot.domain.wording import Wording
from bot.store.published import Told

STAGES = ORDER[1:]  # the stages that customers see
_LABELS = {Kind.NO_CHANGE: "no_change", Kind.CORRECTION: "correction", Kind.CANCELLATION: "cancelled"}


@dataclass(frozen=True)
class Corrected:
    """When an update's text was corrected, and how it read before."""

    at: datetime
    old_words: str


@dataclass(frozen=True)
class Promised:
    """The promised time of the next update, and when it came; `came` is None until then."""

    by: datetime
    came: datetime | None

    @property
    def kept(self) -> bool:
        """Whether it came before the promised minute ended."""
        return self.came is not None and was_kept(self.by, self.came)

    def late(self, now: datetime) -> bool:
        """Whether it is overdue."""
        return self.came is None and not was_kept(self.by, now)


@dataclass(frozen=True)
class PublicUpdate:
    """One update as it reads now. `impacts` are those it published, component key -> impact; none for a correction."""

    id: str
    number: int
    label: str
    moves: bool  # whether it announced a new stage
    body: str
    language: str  # of the body
    at: datetime
    stage: Stage
    impacts: Mapping[str, Impact]
    corrects: int | None  # number of the update this one corrects
    corrections: tuple[Corrected, ...]
    promised: Promised | None

    @property
    def changed_at(self) -> datetime:
        """When its text last changed."""
        return self.corrections[-1].at if self.corrections else self.at


@dataclass(frozen=True)
class ImpactSpan:
    """One impact of a component from one update to another; `until` is None if it continues."""

    component: str
    impact: Impact
    since: datetime
    until: datetime | None


@dataclass(frozen=True)
class PublicIncident:
    """One incident as customers know it."""

    number: int
    key: str
    title: str
    stage: Stage
    opened_at: datetime  # first published
    closed_at: datetime | None
    cancelled: bool
    merged: bool
    survivor: str  # key of the incident it was merged into, if that was published
    names: str  # the components it is about: `ChatGPT, Codex, and API`; empty if none was named
    impacts: Mapping[str, Impact]  # component name -> published impact, in the configuration's order
    updates: tuple[PublicUpdate, ...]  # newest first
    spans: tuple[ImpactSpan, ...]

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return self.closed_at is None

    @property
    def changed_at(self) -> datetime:
        """When something about it was last published."""
        return self.updates[0].at if self.updates else self.closed_at or self.opened_at

    @property
    def shown(self) -> Impact:
        """Its weight in the overall status: while it is open, at least the smallest disruption."""
        felt = worst(self.impacts.values())
        return Impact.DEGRADED if self.open and felt is Impact.OPERATIONAL else felt

    @property
    def peak(self) -> Impact:
        """The worst impact ever published."""
        return worst(span.impact for span in self.spans)

    @property
    def promise(self) -> Promised | None:
        """The open promise."""
        spoken = [update for update in self.updates if update.corrects is None]
        return spoken[0].promised if spoken and self.open else None

    @property
    def promises(self) -> tuple[Promised, ...]:
        """Every time that was promised."""
        return tuple(u.promised for u in self.updates if u.promised is not None)

    @property
    def reached(self) -> Mapping[Stage, datetime]:
        """When each stage up to the current one last began."""
        index = STAGES.index(self.stage)
        return {u.stage: u.at for u in reversed(self.updates) if u.moves and STAGES.index(u.stage) <= index}

    @property
    def outage(self) -> tuple[datetime, datetime | None] | None:
        """From the first publication of a major outage to that of a fix; None if there was no major outage."""
        oldest_first = self.updates[::-1]
        start = next((u.at for u in oldest_first if Impact.MAJOR in u.impacts.values()), None)
        if start is None:
            return None
        fixed = STAGES.index(Stage.FIX_IMPLEMENTED)
        ends = (u.at for u in oldest_first if u.at > start and STAGES.index(u.stage) >= fixed)
        return start, next(ends, None)


def public_incident(told: Told, app: AppContext, language: str) -> PublicIncident:
    """The incident as customers read it in a language, with corrections."""
    incident, organisation = told.incident, app.organisation
    words = app.templates.wording(organisation, language)
    if incident.first_published_at is None or incident.private:
        raise ValueError("not public")
    impacts = {row.component: row.published for row in told.impacts if row.published is not None}
    named = {c.called(language): impacts[c.key] for c in organisation.named(impacts)}
    updates, names = _updates(told, words), words.joined(list(named))
    return PublicIncident(
        number=incident.number,
        key=incident.key,
        title=_title(told, language) or words.plain_title(impacts),
        stage=incident.stage,
        opened_at=incident.first_published_at,
        closed_at=incident.closed_at,
        cancelled=incident.closed_as is ClosedAs.CANCELLED,
        merged=incident.closed_as is ClosedAs.MERGED,
        survivor=told.survivor.key if told.survivor else "",
        names=names,
        impacts=named,
        updates=updates[::-1],
        spans=_spans(updates, incident, organisation, language),
    )


def _title(told: Told, language: str) -> str:
    """The title of the newest customers' text; the incident's own may come from another audience."""
    own = ([t for t in told.texts.get(update.id, ()) if not t.corrected] for update in told.updates[::-1])
    texts = [text_of(texts, Audience.CUSTOMERS, language) for texts in own]
    return next((text.title for text in texts if text is not None and text.title), "")


def _updates(told: Told, words: Wording) -> tuple[PublicUpdate, ...]:
    """The updates with a text for customers, oldest first."""
    numbers = {update.id: update.number for update in told.updates}
    shown: list[PublicUpdate] = []
    for update in told.updates:
        mine = [text for text in told.texts.get(update.id, ()) if not text.corrected]
        text = text_of(mine, Audience.CUSTOMERS, words.language)
        if text is None or update.published_at is None:
            continue
        body, corrections = _corrected(told, update, text)
        shown.append(
            PublicUpdate(
                id=update.id,
                number=update.number or 0,
                label=_label(update, worst(shown[-1].impacts.values()) if shown else None, numbers, words),
                moves=update.kind is Kind.CANCELLATION or (update.kind is Kind.STAGE and update.move is not Move.SAME),
                body=body,
                language=text.language,
                at=update.published_at,
                stage=update.stage,
                impacts={key: Impact(value) for key, value in update.impacts.items()},
                corrects=numbers.get(update.corrects or ""),
                corrections=corrections,
                promised=_promised(told.updates, update),
            )
        )
    return tuple(shown)


def _label(update: Update, before: Impact | None, numbers: Mapping[str, int | None], words: Wording) -> str:
    corrected = numbers.get(update.corrects or "")
    if corrected:
        return words.mark("correction_of", number=corrected)
    if update.kind in _LABELS:
        return words.mark(_LABELS[update.kind])
    stage = words.stage(update.stage)
    if update.move is Move.SAME:
        felt = worst(Impact(value) for value in update.impacts.values())
        grown = before is not None and felt.rank > before.rank
        return words.mark("grown", stage=stage, impact=words.impact_said(felt)) if grown else words.mark("update")
    turn = {Move.BACK: "back", Move.REOPENED: "reopened"}.get(update.move, "")
    return words.mark(turn, stage=stage) if turn else stage


def _corrected(told: Told, update: Update, text: UpdateText) -> tuple[str, tuple[Corrected, ...]]:
    """The current text, and each correction of it, oldest first."""
    body, corrections = text.body, []
    for correction in told.updates:
        if correction.corrects != update.id or correction.published_at is None:
            continue
        texts = [t for t in told.texts.get(correction.id, ()) if t.corrected and t.language == text.language]
        if texts and texts[0].body != body:
            corrections.append(Corrected(correction.published_at, body))
            body = texts[0].body
    return body, tuple(corrections)


def _promised(updates: Sequence[Update], update: Update) -> Promised | None:
    """What this update promised. A correction repeats a promise and makes none."""
    if update.promised_at is None or update.kind is Kind.CORRECTION:
        return None
    later = (u.published_at for u in updates[updates.index(update) + 1 :] if u.kind is not Kind.CORRECTION)
    return Promised(update.promised_at, next(later, None))


def _spans(
    updates: Sequence[PublicUpdate], incident: Incident, organisation: Organisation, language: str
) -> tuple[ImpactSpan, ...]:
    """Per component, in the configuration's order: which impact was published from when to when."""
    said = [update for update in updates if update.corrects is None]
    keys = {key for update in said for key in update.impacts}
    return tuple(
        span
        for component in organisation.named(keys)
        for span in _component_spans(component.key, component.called(language), said, incident.closed_at)
    )


def _component_spans(
    key: str, name: str, said: Sequence[PublicUpdate], closed_at: datetime | None
) -> Iterable[ImpactSpan]:
    now, since = Impact.OPERATIONAL, None
    for update in said:
        felt = update.impacts.get(key, Impact.OPERATIONAL)
        if felt is now:
            continue
        if since is not None:
            yield ImpactSpan(name, now, since, update.at)
        now, since = felt, update.at if felt is not Impact.OPERATIONAL else None
    if since is not None:
        yield ImpactSpan(name, now, since, closed_at)
