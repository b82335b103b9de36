"""Renders views as HTML. Facts are escaped where they are filled in."""

import re
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from bot.commands import catalog
from bot.commands.choices import impact_options
from bot.ids import new_secret
from bot.platforms.console.markdown import rendered
from bot.reading.copies import html, markdown
from bot.settings import program
from bot.views import (
    Answer,
    Button,
    DeliveryReport,
    Document,
    DraftReview,
    DraftText,
    Finding,
    Form,
    Help,
    Notice,
    Sentence,
    Severity,
    Timeline,
    Weight,
    Zone,
    say,
)
from bot.views.layout import layout
from bot.views.plain import say_plain, spoken


@dataclass(frozen=True)
class Renderer:
    """Renders the templates of `templates/web`. `environment` comes from `templating.web_environment`."""

    environment: Environment

    def __post_init__(self) -> None:
        self.environment.filters.update(
            rendered=rendered,
            as_markdown=markdown,
            as_html=html,
            said=_said,
            marked=marked,
            initials=_initials,
            state_of=_state_of,
            leads_to=_leads_to,
            weight={Weight.BLOCKER: "maj", Weight.WARNING: "deg", Weight.NOTE: "mnt"}.get,  # the CSS class of a finding
            anchored=_anchored,
            first_blocker=_first_blocker,
            findings_in=_findings_in,
        )
        self.environment.globals.update(
            new_key=new_secret,
            program=program(),
            template_of=template_of,
            Button=Button,
            impact_options=impact_options(),
            severities=tuple(Severity),
        )

    def page(self, template: str, **values: object) -> str:
        """A whole page."""
        given = {"room": "", "here": "", "title": "", "frame": None, "at": "", "session": None, **values}
        return self.environment.get_template(template).render(given)


def heading(view: Answer) -> str:
    """The title of a page that shows this answer."""
    match view:
        case DeliveryReport():
            return f"Deliveries of {view.incident}"
        case Timeline():
            return f"Timeline of {view.incident}"
        case Document():
            return view.name
        case Help():
            return "Help"
        case Notice():
            return "Nothing was changed" if view.refused else "Result"
        case _:
            return view.title


def what_it_does(view: Answer, zone: Zone) -> str:
    """A one-line summary of the answer that a command would give."""
    if isinstance(view, DraftReview):
        words = "Drafts “{kind}” for {incident}: {before} → {after}, {due}. {verdict}"
        due = say("next update by {at}", at=view.promise_at) if view.promise_at else say("no next update")
        stages = {"before": view.stage_from.label, "after": view.stage_to.label}
        sentence = say(words, kind=view.kind, incident=view.incident, due=due, verdict=view.verdict, **stages)
        return say_plain(sentence, zone)
    if isinstance(view, DeliveryReport) and view.lead:
        return say_plain(view.lead, zone)
    if isinstance(view, Form) and not view.refused:
        return f"Opens the form “{view.title}”."
    return spoken(layout(view).summary, zone)


def template_of(view: Answer) -> str:
    """The template of an answer: its class in lower case."""
    return f"answers/{type(view).__name__.lower()}.html.j2"


@pass_context
def _said(context: Context, sentence: Sentence) -> Markup:
    """A sentence as HTML: `code` in our own words becomes <code>, and times get a zone and UTC."""
    when = context.environment.filters["when"]
    words = Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(sentence.words))))
    facts = {
        name: when(context, fact, context["now"]) if isinstance(fact, datetime) else escape(str(fact))
        for name, fact in sentence.facts.items()
    }
    return words.format(**facts)


def marked(text: DraftText, anchor: str) -> Markup:
    """The body with its findings marked. Each mark links to its finding, `#<anchor>-<number>`."""
    spans = [
        (finding.start, finding.end, number, finding.weight)
        for number, finding in enumerate(text.findings, 1)
        if finding.end > finding.start and not finding.in_title
    ]
    parts, at = [], 0
    for start, end, number, weight in sorted(spans, key=lambda span: (span[0], -span[1])):
        if end <= at:  # inside the previous mark: only its number
            parts.append(_number(number, weight, anchor))
            continue
        parts.append(escape(text.body[at : max(start, at)]))
        shown = escape(text.body[max(start, at) : end])
        kind = {Weight.BLOCKER: " block", Weight.WARNING: " warn", Weight.NOTE: ""}[weight]
        link = _number(number, weight, anchor)
        parts.append(Markup('<mark class="hit{}">{}{}</mark>').format(kind, shown, link))
        at = end
    return Markup("").join([*parts, escape(text.body[at:])])


def _number(number: int, weight: Weight, anchor: str) -> Markup:
    label = f"{weight.value.capitalize()} {number}"
    return Markup('<sup><a href="#{}-{}" aria-label="{}">{}</a></sup>').format(anchor, number, label, number)


def _anchored(review: DraftReview) -> list[tuple[DraftText, str]]:
    """Every text of a draft with the id of its heading; its findings are `<id>-<number>`."""
    return [
        *((text, f"t-{text.audience.value}-{text.language}") for text in review.texts),
        *((text, f"c-{text.audience.value}-{text.language}") for text in review.corrected),
    ]


def _first_blocker(review: DraftReview) -> str:
    """The id of the first blocker; empty if there is none."""
    found = (
        f"{anchor}-{number}"
        for text, anchor in _anchored(review)
        for number, finding in enumerate(text.findings, 1)
        if finding.weight is Weight.BLOCKER
    )
    return next(found, "")


def _findings_in(review: DraftReview, text: DraftText) -> list[tuple[Finding, str]]:
    """The findings in a text, worst first, each with the id where it is shown if that is in another text."""
    mine = next(anchor for each, anchor in _anchored(review) if each is text)
    found = [(finding, "") for finding in text.findings]
    for other, anchor in _anchored(review):
        if other is not text and other.language == text.language and anchor[0] == mine[0]:
            shared = ((f, number) for number, f in enumerate(other.findings, 1) if text.audience in f.also)
            found += [(finding, f"{anchor}-{number}") for finding, number in shared]
    return sorted(found, key=lambda each: tuple(Weight).index(each[0].weight))


def _initials(name: str) -> str:
    words = name.split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


def _state_of(due_at: datetime, now: datetime) -> str:
    """The state of a countdown. foghorn.js uses the same limits."""
    left = (due_at - now).total_seconds()
    return "calm" if left > 600 else "soon" if left > 0 else "due" if left > -60 else "late"


def _leads_to(button: Button, room: str = "") -> str:
    """The address behind a button that opens a page, an empty form, or a question; empty if it runs its command."""
    if not button.words:
        return f"/console/forms/{button.verb}"
    if catalog.confirmation(button.verb):
        return "/console/confirm?" + urlencode({"line": f"{button.verb} {button.words}", "room": room})
    key, _, rest = button.words.partition(" ")
    if button.verb != "show":
        return ""
    return f"/console/incidents/{key}" + ("#draft" if "draft:yes" in rest else "")
