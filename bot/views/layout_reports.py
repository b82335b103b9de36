"""Lays out reports and lists: deliveries, timeline, support text, help."""

from collections.abc import Sequence

from bot.domain.deliveries import OPEN_STATES, DeliveryState
from bot.domain.times import count
from bot.views.answers import Button, Help, HelpLine, Listing
from bot.views.parts import (
    DOT,
    Code,
    Dated,
    Heading,
    Layout,
    Link,
    Part,
    Quote,
    Span,
    Strong,
    Tone,
    Verb,
    line,
    lines,
    row,
)
from bot.views.phrases import Sentence, say
from bot.views.reports import DeliveryLine, DeliveryReport, Macro, Timeline

SHORT = 300  # characters of a published text in the incident's room


def report_layout(report: DeliveryReport, *, folded: bool) -> Layout:
    """Who received an update. `folded` shortens the text, and lists only destinations with something to say about."""
    failed = sum(each.state is DeliveryState.DEAD for each in report.lines)
    waiting = sum(each.state in OPEN_STATES for each in report.lines)
    canceled = report.total - report.sent - failed - waiting
    count = f"Sent to all {report.total}" if report.sent == report.total else f"Sent to {report.sent} of {report.total}"
    numbers = {"failed": failed, "waiting": waiting, "canceled": canceled}
    count = ", ".join((count, *(f"{number} {words}" for words, number in numbers.items() if number)))
    if not report.total:
        count = "No channel gets this update; the status page shows it"
    what = f"{report.incident} {report.update}"
    at = (f"{DOT}published ", Dated(report.published_at)) if report.published_at else ()
    text = Quote((Strong(report.title), f"\n{_first_paragraph(report.body) if folded else report.body}"))
    said = line(report.lead, " " if report.lead else "", f"{what}: {count.lower()}.")
    tone = Tone.WARN if failed else Tone.GOOD
    if folded and report.lead:
        done = [each.state is DeliveryState.SENT and not each.reason for each in report.lines]
        sent = [each.destination for each, is_done in zip(report.lines, done, strict=True) if is_done]
        others = [_delivery(each) for each, is_done in zip(report.lines, done, strict=True) if not is_done]
        names = line(count, ": " if sent else "", *_listed(sent))
        read = Button("Read all", "deliveries", f"{report.incident} update:{report.number}")
        parts = (*lines((report.lead,)), *((text,) if report.body else ()), *lines(names, small=True))
        return Layout(said, (*parts, *lines(*others)), row((*report.buttons, read)), tone=tone)
    lead = (Strong(report.lead),) if report.lead else ()
    parts = (*lines(lead, (Strong(what), *at)), *((text,) if report.body else ()), *lines((Strong(count),)))
    return Layout(said, (*parts, *lines(*map(_delivery, report.lines))), row(report.buttons), tone=tone)


def _listed(spans: Sequence[Span]) -> tuple[Span, ...]:
    """`#news, #developers`."""
    return tuple(each for span in spans for each in (", ", span))[1:]


def _first_paragraph(body: str) -> str:
    """The start of a published text, with an ellipsis if something is missing."""
    first = body.strip().partition("\n\n")[0]
    first = first if len(first) <= SHORT else f"{first[:SHORT].rpartition(' ')[0]}"
    return first if first == body.strip() else f"{first} …"


def _delivery(each: DeliveryLine) -> tuple[Span, ...]:
    reason = f"{DOT}{each.reason}" if each.reason else ""
    twice = f"{DOT}may have been sent twice" if each.maybe_twice else ""
    waits = each.state in OPEN_STATES
    tried = f"{DOT}{count(each.attempts, 'attempt')}" if waits and each.attempts else ""
    at: tuple[Span, ...] = ("; next attempt at " if tried else " ", each.at) if each.at else ()
    if waits:
        return line(each.destination, f": {each.state.label}", reason, tried, *at, twice)
    return line(each.destination, f": {each.state.label}", *at, reason, twice)


def listing_layout(listing: Listing) -> Layout:
    """A list with the buttons of each line."""
    body = [part for each in listing.lines for part in (*lines((each.words,)), *row(each.buttons))]
    said = [span for each in listing.lines for span in (". ", each.words)]
    if not listing.lines:
        body, said = [*lines((Sentence(listing.empty),))], [". ", Sentence(listing.empty)]
    head = Heading(listing.title)
    return Layout((listing.title,), (head, *body), row(listing.buttons), details=tuple(said))


def timeline_layout(timeline: Timeline) -> Layout:
    """The entries of the record, newest first."""
    entries = [
        line(
            f"{each.number} ",
            Dated(each.at),
            f" {each.who}{f' {each.where}' if each.where else ''}{DOT}",
            Strong(each.kind),
            " (redacted)" if each.redacted else f" {each.source[0]}",
            f". {each.published[0]}. {' '.join(each.published[1].split())}" if each.published else None,
            Link(url, url) if (url := each.source[1]) and not each.redacted else None,
        )
        for each in timeline.entries
    ]
    title = f"Timeline of {timeline.incident}"
    parts: tuple[Part, ...] = (Heading(title), *lines((Sentence("Newest first"),), small=True), *lines(*entries))
    return Layout((f"{title}, {_count(entries)}.",), parts)


def _count(entries: Sequence[object]) -> str:
    return "1 entry" if len(entries) == 1 else f"{len(entries)} entries"


def macro_layout(macro: Macro) -> Layout:
    """What support staff may paste, with a warning if it is out of date."""
    promised = (f"{DOT}next update by ", macro.promised_at) if macro.promised_at else ()
    approved = (f"{DOT}approved by {macro.approved_by}",) if macro.approved_by else ()
    about = f"{macro.audience.value.capitalize()} · {macro.language} · published "
    stale = (Strong("Out of date."), " ", macro.stale) if macro.stale else ()
    parts: tuple[Part, ...] = (
        *lines(stale),
        *lines((Strong(f"{macro.incident} {macro.title}"),)),
        *lines((about, Dated(macro.published_at), *approved, *promised), small=True),
        Code(macro.text),
    )
    said = f"{macro.audience.value.capitalize()} text for {macro.incident}: {macro.title}."
    warning = (" Out of date: ", macro.stale) if macro.stale else ()
    return Layout((said, *warning), parts, tone=Tone.WARN if macro.stale else Tone.QUIET)


def help_layout(view: Help) -> Layout:
    """One command; or what needs the reader, the open incidents, and the commands in groups."""
    if view.lines:
        return _help_of(view.lines)
    parts: list[Part] = []
    if view.waiting:
        parts.append(Heading("Waiting for you"))
        parts += [part for each in view.waiting for part in (*lines((each.words,)), *row(each.buttons))]
    if view.open:
        parts += [Heading("Open incidents"), *lines(*((each.words,) for each in view.open))]
    parts += lines(*(line(Strong(group.purpose), ": ", *_verbs(group.verbs)) for group in view.groups))
    parts += lines((say("`/incident help update` explains one command."),), small=True)
    waiting = f"{len(view.waiting)} waiting for you. " if view.waiting else ""
    buttons = [*view.buttons, *(button for each in view.open for button in each.buttons)]
    return Layout((f"{waiting}{len(view.open) or 'No'} open. Foghorn commands.",), tuple(parts), row(buttons))


def _verbs(verbs: Sequence[str]) -> list[Span]:
    spans: list[Span] = []
    for verb in verbs:
        spans += [DOT, Verb(verb)] if spans else [Verb(verb)]
    return spans


def _help_of(explained: Sequence[HelpLine]) -> Layout:
    keys = [(key,) for each in explained for key in each.keys]
    parts: list[Part] = [Heading(explained[0].verb.capitalize()), *lines(*map(_command, explained))]
    parts += [Heading("What you can type"), *lines(*keys)] if keys else []
    return Layout((f"Help for {explained[0].verb}.",), tuple(parts))


def _command(each: HelpLine) -> tuple[Span, ...]:
    example = Sentence("`{example}`", {"example": each.example})
    return Strong(each.verb), f": {each.line} For {each.who_may}.\n", example
