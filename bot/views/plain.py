"""Views as plain text: the command line, lock screens, screen readers."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from bot.domain.times import Zone
from bot.views import (
    Answer,
    Button,
    DeliveryReport,
    Document,
    DraftReview,
    DraftText,
    Form,
    Help,
    ImpactLine,
    IncidentCard,
    Listing,
    Macro,
    Notice,
    NudgeCard,
    Sentence,
    Timeline,
)


def plain(view: Answer, zone: Zone) -> str:
    """The view in words; `zone` is the organisation's."""
    match view:
        case Notice():
            return _lines(_say(view.sentence, zone), *_buttons(view.buttons))
        case Form():
            return _form(view, zone)
        case IncidentCard():
            return _card(view, zone)
        case DraftReview():
            return _review(view, zone)
        case DeliveryReport():
            return _report(view, zone)
        case Listing():
            lines = [_lines(_say(line.words, zone), *_buttons(line.buttons)) for line in view.lines]
            return _lines(view.title, *(lines or [view.empty]), *_buttons(view.buttons))
        case Timeline():
            return _timeline(view, zone)
        case Macro():
            return _macro(view, zone)
        case Help():
            return _help(view, zone)
        case Document():
            return view.text
        case NudgeCard():
            words = f"{view.incident} {view.title}: {_say(view.sentence, zone)}"
            return _lines(words, view.ready, f"Promised: {zone.clock(view.due_at)}", *_buttons(view.buttons))
        case _:
            assert_never(view)


def say_plain(sentence: Sentence, zone: Zone) -> str:
    """A sentence in words."""
    return _say(sentence, zone)


def _say(sentence: Sentence, zone: Zone) -> str:
    return sentence.shown(lambda fact: zone.clock(fact) if isinstance(fact, datetime) else str(fact))


def _lines(*parts: str) -> str:
    return "\n".join(part for part in parts if part)


def _buttons(buttons: Sequence[Button]) -> list[str]:
    """What could be typed next; the first thing to do is marked."""
    return [f"  {'>' if b.primary else '-'} {b.label}: {b.verb} {b.words}".rstrip() for b in buttons]


def _form(form: Form, zone: Zone) -> str:
    asks = []
    for field in form.fields:
        shown = f"  {field.name}: {field.label}"
        shown += f" = {field.typed}" if field.typed else " (required)" if field.required else ""
        shown += f" ({field.hint})" if field.hint else ""
        shown += f" [{', '.join(f'{o.value} ({o.label})' for o in field.options)}]" if field.options else ""
        problem = f"    {_say(field.problem, zone)}" if field.problem else ""
        asks.append(_lines(shown, problem, f"    In the draft now: {field.theirs}" if field.theirs else ""))
    head = f"{form.title} {form.incident}".strip()
    kept = [f"  {name}:{value}" for name, value in form.kept]
    submit = f"{form.submit}: type `{form.verb}` with these as key:value."
    return _lines(_say(form.note, zone) if form.note else "", head, *asks, *kept, submit)


def _card(card: IncidentCard, zone: Zone) -> str:
    marks = " · private" if card.private else ""
    ends = f", closed {zone.dated(card.closed_at)}" if card.closed_at else ""
    impacts = [f"  {_impact(line)}" for line in card.impacts]
    promise = ""
    if card.promise:
        what = "First update due by" if card.promise.internal else "Next update by"
        late = f", {card.promise.minutes_late} min late" if card.promise.minutes_late else ""
        day = f" on {card.promise.day}" if card.promise.day else ""
        promise = f"{what} {zone.clock(card.promise.due_at)}{day}{late}"
    return _lines(
        f"{card.incident} {card.title} ({card.severity.value}, {card.stage.value}){marks}",
        _say(card.headline, zone),
        promise,
        *(_say(sentence, zone) for sentence in card.not_told),
        *impacts,
        *(f"  {line.role}: {line.person or 'nobody'}" for line in card.people),
        f"Opened {zone.dated(card.opened_at)}{ends}",
        "A draft is open." if card.draft else "",
        *_buttons(card.buttons),
    )


def _impact(line: ImpactLine) -> str:
    read = line.published.value if line.published else "nothing yet"
    differs = "" if line.published is line.value else f" (customers read: {read})"
    return f"{line.component}: {line.value.value}{differs}"


def _review(review: DraftReview, zone: Zone) -> str:
    stages = review.stage_to.value
    if review.stage_from is not review.stage_to:
        stages = f"{review.stage_from.value} to {review.stage_to.value}"
    promise = (
        f"Next update by {zone.clock(review.promise_at)}" if review.promise_at else "No further update is promised"
    )
    written = f"revision {review.revision} by {review.revised_by}, {zone.clock(review.revised_at)}"
    author = "" if review.author == review.revised_by else f", drafted by {review.author}"
    author += " · private" if review.private else ""
    return _lines(
        f"Draft for {review.incident}: {review.kind} ({stages}), {written}{author}",
        f"Title: {review.title}",
        *(f"  {_impact(line)}" for line in review.impacts),
        _say(review.verdict, zone),
        *(_say(note, zone) for note in review.notes),
        f"{promise} · goes to {review.destinations} destinations and the status page",
        *(_text(text) for text in review.texts),
        *(_text(text, "corrected ") for text in review.corrected),
        *_buttons(review.buttons),
    )


def _text(text: DraftText, lead: str = "") -> str:
    marks = [text.language]
    marks += ["edited by hand"] if text.edited_by_hand else []
    marks += ["facts changed since"] if text.facts_changed_since else []
    marks += ["edit this one by hand: the wrong words do not stand in it"] if text.by_hand else []
    findings = [
        f"  {f.weight.value} {f.rule}: {_quoted(f.words)}{f.reason}{f.place} {f.suggestion}" for f in text.findings
    ]
    old = [f"  before: {text.old_words}"] if text.old_words else []
    head = f"[{lead}{text.audience.value}] ({', '.join(marks)}) {text.title}"
    return _lines("", head, text.body, *old, *findings)


def _quoted(words: str) -> str:
    return f"“{words}” " if words else ""


def _report(report: DeliveryReport, zone: Zone) -> str:
    lines = []
    for line in report.lines:
        at = f" {zone.clock(line.at)}" if line.at else ""
        why = f": {line.reason}" if line.reason else ""
        twice = " (may have been sent twice)" if line.maybe_twice else ""
        lines.append(f"  {line.destination}: {line.state.label}{at}{why}{twice}")
    when = f", published {zone.dated(report.published_at)}" if report.published_at else ""
    return _lines(
        _say(report.lead, zone) if report.lead else "",
        f"{report.incident} {report.update}{when}: sent {report.sent} of {report.total}",
        *lines,
        *_buttons(report.buttons),
    )


def _timeline(timeline: Timeline, zone: Zone) -> str:
    lines = []
    for e in timeline.entries:
        text = "(redacted)" if e.redacted else e.text
        where = f" on {e.platform}" if e.platform else ""
        lines.append(f"{e.number:>4} {zone.dated(e.at)} {e.who}{where}: {e.kind}: {text}")
    return _lines(f"Timeline of {timeline.incident}", *lines)


def _macro(macro: Macro, zone: Zone) -> str:
    promised = f", next update by {zone.clock(macro.promised_at)}" if macro.promised_at else ""
    head = f"{macro.incident} {macro.title} ({macro.audience.value}, {macro.language})"
    age = f"Published {zone.dated(macro.published_at)}{promised}"
    return _lines(head, age, f"OUT OF DATE: {_say(macro.stale, zone)}" if macro.stale else "", "", macro.text)


def _help(view: Help, zone: Zone) -> str:
    if len(view.lines) == 1:
        [line] = view.lines
        return _lines(f"{line.verb}: {line.line}", f"For {line.who_may}.", f"Example: {line.example}",
                      *(f"  {key}" for key in line.keys))  # fmt: skip
    wide = max(len(line.verb) for line in view.lines)
    lines = [f"  {line.verb:<{wide}}  {line.line} For {line.who_may}. {line.example}" for line in view.lines]
    shown = [f"  {_say(line.words, zone)}" for line in view.open]
    return _lines("Open incidents", *(shown or ["  none"]), "", "Commands", *lines)
