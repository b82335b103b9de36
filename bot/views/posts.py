"""The messages that are delivered. Published text is literal; only the words around it carry markup."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.domain.severity import Severity
from bot.domain.words import Words
from bot.views.answers import Button
from bot.views.phrases import RoomName, Sentence


@dataclass(frozen=True)
class ImpactLabel:
    """One component as published; `label` names the impact in the text's language."""

    component: str
    impact: Impact
    label: str


@dataclass(frozen=True)
class PostWording:
    """The words around a published text, in its language. Renderers fill in `{when}` and `{words}`."""

    stage: str
    correction: str
    corrected: str  # "corrected {when}"
    before: str  # "Before the correction: {words}"
    published: str  # "Published {when}"
    next: str  # "next update by {when}, your time"
    page: str


def post_wording(words: Words, stage: Stage) -> PostWording:
    """The words that a language uses around a text of this stage."""
    marks = words.pack.marks
    return PostWording(
        words.stage(stage), marks.correction, marks.corrected, marks.before, marks.published, marks.next, marks.page
    )


@dataclass(frozen=True)
class CorrectionMark:
    """When a text was corrected, and the words it had before."""

    at: datetime
    old_words: str


@dataclass(frozen=True)
class PublishedUpdate:
    """One published text. With `headline` it is the message that is kept current."""

    title: str
    stage: Stage
    body: str
    audience: Audience
    language: str
    impacts: tuple[ImpactLabel, ...]
    published_at: datetime
    promised_at: datetime | None
    link: str
    wording: PostWording
    headline: bool = False
    announced: bool = False  # the first, a worse impact, or the end: followers of the channel get it too
    moved: bool = False  # it changed the stage: worth a notification where updates are posted as replies
    corrected: CorrectionMark | None = None


@dataclass(frozen=True)
class Correction:
    """The short message about a corrected update."""

    title: str
    body: str
    audience: Audience
    language: str
    published_at: datetime
    link: str
    wording: PostWording


@dataclass(frozen=True)
class IncidentPicture:
    """The picture of an incident that is over."""

    incident: str
    title: str
    heading: str
    about: str  # for people who cannot see it
    svg: str


@dataclass(frozen=True)
class RoomLine:
    """One line for responders."""

    incident: str
    sentence: Sentence


@dataclass(frozen=True)
class Call:
    """Calls people to an incident: whoever got a role, or a channel in which incidents are announced."""

    incident: str
    title: str  # for responders
    severity: Severity
    sentence: Sentence
    console: str  # the address of the incident there
    state: Sentence | None = None  # what has to happen next, and when
    room: RoomName | None = None
    buttons: tuple[Button, ...] = ()
    group: str = ""  # ID of the user group or role that it mentions, on its platform
    obsolete: bool = False  # its message is deleted, where the platform allows that
