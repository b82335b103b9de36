"""One public incident in one language, as pages and feeds show it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions.app_context import AppContext
from bot.domain.audiences import Audience
from bot.domain.components import Impact, worst
from bot.domain.facts import UpdateKind
from bot.domain.history import EarlierText, IncidentHistory, Publication, PublishedPromise
from bot.domain.incident import ClosedAs
from bot.domain.lifecycle import ORDER, Stage, Transition
from bot.domain.wording import Wording

STAGES = ORDER[1:]  # the stages that customers see
_LABELS = {UpdateKind.NO_CHANGE: "no_change", UpdateKind.CORRECTION: "correction", UpdateKind.CANCELLATION: "cancelled"}


@dataclass(frozen=True, kw_only=True)
class PublicUpdate(Publication):
    """A publication with its current text for customers. `language` is that of the text."""

    label: str
    body: str
    language: str
    earlier_texts: tuple[EarlierText, ...]

    @property
    def changed_at(self) -> datetime:
        """When its text last changed."""
        return self.earlier_texts[-1].corrected_at if self.earlier_texts else self.at


@dataclass(frozen=True, kw_only=True)
class PublicIncident(IncidentHistory):
    """The history with words in one language. `impacts` are in the configuration's order."""

    opened_at: datetime
    publications: tuple[PublicUpdate, ...]
    title: str
    components: Mapping[str, str]  # component key -> name, of those in `impacts`
    names: str  # `ChatGPT, Codex, and API`; empty if no component was named

    @property
    def began_at(self) -> datetime:
        """When the first component failed, or when it was first published, whichever was earlier."""
        return super().began_at or self.opened_at

    @property
    def open(self) -> bool:
        """Whether it is open."""
        return self.closed_at is None

    @property
    def cancelled(self) -> bool:
        """Whether it was reported in error."""
        return self.closed_as is ClosedAs.CANCELLED

    @property
    def merged(self) -> bool:
        """Whether it was merged into another incident."""
        return self.closed_as is ClosedAs.MERGED

    @property
    def newest_first(self) -> tuple[PublicUpdate, ...]:
        """The publications from the newest to the oldest."""
        return self.publications[::-1]

    @property
    def changed_at(self) -> datetime:
        """When something about it was last published."""
        return self.publications[-1].at if self.publications else self.closed_at or self.opened_at

    @property
    def shown(self) -> Impact:
        """Its weight in the overall status: while it is open, at least the smallest disruption."""
        felt = worst(self.impacts.values())
        return Impact.DEGRADED if self.open and felt is Impact.OPERATIONAL else felt

    @property
    def promise(self) -> PublishedPromise | None:
        """The open promise."""
        return self.updates[-1].promise if self.updates and self.open else None

    @property
    def promises(self) -> tuple[PublishedPromise, ...]:
        """Every time that was promised."""
        return tuple(each.promise for each in self.publications if each.promise is not None)

    @property
    def began(self) -> Mapping[Stage, datetime]:
        """When each stage up to the current one last began."""
        reached = STAGES[: STAGES.index(self.stage) + 1]
        return {each.stage: each.at for each in self.publications if each.moves and each.stage in reached}


def public_incident(history: IncidentHistory, app: AppContext, language: str) -> PublicIncident:
    """The incident as customers read it in a language, with corrections."""
    if not history.public:
        raise ValueError("not public")
    organisation, words = app.organisation, app.templates.wording(app.organisation, language)
    told = history.for_audience(Audience.CUSTOMERS)
    title, shown, felt = "", [], None
    for each in told.publications:
        text, current = each.original(Audience.CUSTOMERS, language), each.text(Audience.CUSTOMERS, language)
        assert text is not None
        assert current is not None
        label = _label(each, felt, words)
        title = text.title or title
        felt = worst(each.impacts.values()) if each.kind is not UpdateKind.CORRECTION else felt
        shown.append(
            PublicUpdate(
                **vars(each), label=label, body=current.body, language=text.language, earlier_texts=each.earlier(text)
            )
        )
    components = {c.key: c.called(language) for c in organisation.named(history.impacts)}
    impacts = {key: history.impacts[key] for key in components}
    return PublicIncident(
        **vars(replace(told, impacts=impacts, publications=tuple(shown))),
        title=title or words.plain_title(history.impacts),
        components=components,
        names=words.joined(list(components.values())),
    )


def _label(update: Publication, before: Impact | None, words: Wording) -> str:
    """The heading of an update; `before` is the worst impact that the one before it stated."""
    if update.corrects:
        return words.mark("correction_of", number=update.corrects)
    if update.kind in _LABELS:
        return words.mark(_LABELS[update.kind])
    stage = words.stage(update.stage)
    if update.move is Transition.SAME:
        felt = worst(update.impacts.values())
        grown = before is not None and felt.rank > before.rank
        return words.mark("grown", stage=stage, impact=words.impact_said(felt)) if grown else words.mark("update")
    turn = {Transition.BACK: "back", Transition.REOPENED: "reopened"}.get(update.move, "")
    if update.move is Transition.FIRST and update.stage is Stage.RESOLVED:
        turn = "afterwards"
    return words.mark(turn, stage=stage) if turn else stage
