"""Lays out every view once. The English of replies and messages is here and in `layout_reports`."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import assert_never

from bot.domain.components import Impact
from bot.domain.lifecycle import Stage
from bot.domain.lint.findings import Finding, Weight
from bot.domain.times import count
from bot.views import (
    Answer,
    ApprovalRequest,
    Button,
    Call,
    Correction,
    DeliveryReport,
    Document,
    DraftReview,
    DraftText,
    Form,
    Help,
    ImpactLabel,
    ImpactLine,
    IncidentCard,
    IncidentPicture,
    Listing,
    Macro,
    Notice,
    NudgeCard,
    Post,
    PostWording,
    PromiseLine,
    PublishedUpdate,
    RoomLine,
    Sentence,
    Timeline,
    say,
)
from bot.views.forms import form_layout
from bot.views.layout_reports import help_layout, listing_layout, macro_layout, report_layout, timeline_layout
from bot.views.parts import (
    DOT,
    Buttons,
    Code,
    Dated,
    Due,
    Heading,
    Layout,
    Link,
    Mention,
    MenuItem,
    Paragraph,
    Part,
    Quote,
    Span,
    Strong,
    Text,
    Tone,
    line,
    lines,
    row,
)

MENU = (
    ("Catch up", "show", "summary:yes", "See what happened and what customers know; private"),
    ("Severity", "severity", "", "Change the severity"),
    ("Impact", "impact", "", "Change the status of a component"),
    ("Hand over", "handover", "", "Give your role to someone else"),
    ("Copy customer text", "copy", "", "Get the published text, ready to paste; private"),
    ("Timeline", "timeline", "", "See what happened; private"),
    ("Deliveries", "deliveries", "", "See where updates were delivered"),
)
WHILE_OPEN = frozenset({"severity", "impact", "handover"})


def layout(view: Answer | Post, *, folded: bool = False) -> Layout:
    """The parts of a view. `folded` shows only the first text of a draft or a report, with a button for the rest."""
    match view:
        case Notice():
            return Layout((view.sentence,), lines((view.sentence,)), row(view.buttons))
        case Form():
            return form_layout(view)
        case IncidentCard():
            return _card(view)
        case DraftReview():
            return _review(view, folded=folded)
        case DeliveryReport():
            return report_layout(view, folded=folded)
        case Listing():
            return listing_layout(view)
        case Timeline():
            return timeline_layout(view)
        case Macro():
            return macro_layout(view)
        case Help():
            return help_layout(view)
        case Document():
            head = lines((Strong(view.name), f"{DOT}{view.media_type}"))
            return Layout((f"{view.name}, {view.media_type}",), (*head, Code(view.text)))
        case NudgeCard():
            return _nudge(view)
        case ApprovalRequest():
            return _approval(view)
        case PublishedUpdate():
            return _update(view)
        case Correction():
            return _correction(view)
        case Call():
            return _call(view)
        case IncidentPicture():
            words = line(view.incident, DOT, Strong(view.title), f": {view.heading}")
            return Layout(words, lines(words, small=True, in_summary=True))
        case RoomLine():
            lead = (Strong(view.incident), DOT) if view.incident else ()
            said = (f"{view.incident}: " if view.incident else "", view.sentence)
            small = bool(view.incident)
            return Layout(said, lines(line(*lead, view.sentence), small=small, in_summary=True))
        case _:
            assert_never(view)


def review_texts(review: DraftReview) -> list[Part]:
    """Every text of a draft with its findings."""
    texts = [part for text in review.texts for part in _text(text)]
    return texts + [part for text in review.corrected for part in _text(text, "Corrected text: ")]


def _marks(*marks: str) -> str:
    return DOT.join(mark for mark in marks if mark)


def _joined(*groups: tuple[Span, ...]) -> tuple[Span, ...]:
    """Groups of spans in one line, with a dot between them."""
    found: tuple[Span, ...] = ()
    for group in filter(None, groups):
        found += (DOT, *group) if found else group
    return found


# ---- the incident


def _card(card: IncidentCard) -> Layout:
    said = card.headline.facts.values()  # each fact is shown once
    state = _joined(
        line("" if card.stage.label in said or card.closed_at else card.stage.label),
        _promise(card.promise) if card.promise and card.promise.due_at not in said else (),
        line("private" if card.private else ""),
        line("a draft is open" if card.draft else ""),
    )
    if state and isinstance(state[0], str):
        state = (state[0][:1].upper() + state[0][1:], *state[1:])
    words = "Entered afterwards, {opened}" if card.entered_later else "Opened {opened}"
    opened = say(words, opened=Dated(card.opened_at))
    if card.closed_at:
        opened = say(f"{words} · closed {{closed}}", opened=Dated(card.opened_at), closed=Dated(card.closed_at))
    people = DOT.join(f"{each.role.capitalize()}: {each.person or 'nobody yet'}" for each in card.people)
    parts: tuple[Part, ...] = (
        Heading(f"{card.incident} · {card.severity.value} · {card.title}"),
        *lines((Strong(card.headline),), state, *((each,) for each in card.not_told)),
        *lines(*_grouped(card.impacts)),
        *lines(line(people)),
        *lines(*((each,) for each in card.latest), (opened,), small=True),
    )
    return Layout(
        (f"{card.incident}, {card.severity.value}, {card.stage.value}",),
        parts,
        (Buttons(card.buttons, _menu(card)),),
        details=(f": {card.title}. ", card.headline),
        tone=Tone.QUIET if card.closed_at else tone_of(card.stage),
        link=Link(card.link, "Status page") if card.link else None,
    )


def _promise(promise: PromiseLine) -> tuple[Span, ...]:
    what = "First update due by " if promise.internal else "Next update by "
    overdue = f"{DOT}{promise.minutes_late} min overdue" if promise.minutes_late else ""
    return line(what, Due(promise.due_at), overdue)


def _grouped(impacts: Sequence[ImpactLine]) -> list[tuple[Span, ...]]:
    """One line for components with the same status, worst first."""
    groups: dict[tuple[Impact, Impact], list[str]] = {}
    for each in sorted(impacts, key=lambda each: -each.value.rank):
        groups.setdefault((each.value, each.published or each.value), []).append(each.component)
    return [_impact(ImpactLine(", ".join(names), *same)) for same, names in groups.items()]


def _impact(impact: ImpactLine) -> tuple[Span, ...]:
    """The status of a component, and the published one if it is different."""
    told = ""
    if impact.published is not impact.value:
        told = f"{DOT}customers were told: {impact.published.value if impact.published else 'nothing yet'}"
    return Strong(impact.value.label), f": {impact.component}{told}"


def _menu(card: IncidentCard) -> tuple[MenuItem, ...]:
    """What else can be done; a button of the card keeps its label."""
    own = {button.verb: button for button in card.buttons}
    return tuple(
        MenuItem(own.get(verb) or Button(label, verb, f"{card.incident} {words}".strip()), about)
        for label, verb, words, about in MENU
        if not (card.closed_at and verb in WHILE_OPEN)
    )


def tone_of(stage: Stage) -> Tone:
    """Of an open incident, and of an update."""
    return {Stage.RESOLVED: Tone.GOOD, Stage.MONITORING: Tone.GOOD, Stage.DECLARED: Tone.WARN}.get(stage, Tone.BAD)


def _nudge(nudge: NudgeCard) -> Layout:
    """A reminder. One that is done is a single line."""
    head = f"{nudge.incident} {nudge.title}"
    if not nudge.ready and not nudge.buttons:
        said: tuple[Span, ...] = (Strong(head), ": ", nudge.sentence)
        if nudge.due_at not in nudge.sentence.facts.values():
            said += (" Promised by ", nudge.due_at, ".")
        return Layout((f"{head}: ", nudge.sentence), lines(said, in_summary=True))
    mentions = [span for account in nudge.rings for span in (Mention(account), " ")]
    parts: tuple[Part, ...] = (
        Heading(head),
        *lines((*mentions, nudge.sentence), in_summary=True),
        *((Quote((nudge.ready,)),) if nudge.ready else ()),
        *lines((Strong("Not published yet: "), nudge.blocks) if nudge.blocks else ()),
        *lines((say("Promised by {due_at}", due_at=Due(nudge.due_at)),), small=True),
    )
    details = (" Promised by ", nudge.due_at, ".")
    return Layout((f"{head}: ", nudge.sentence), parts, row(nudge.buttons), details, Tone.WARN)


def _call(call: Call) -> Layout:
    """What an incident needs from the reader, and where it is worked on."""
    head = f"{call.incident} · {call.severity.value} · {call.title}"
    mention = (Mention(call.group, group=True), " ") if call.group else ()
    places = _joined((call.room,) if call.room else (), (Link(call.console, "Open in the console"),))
    parts: tuple[Part, ...] = (
        Heading(head),
        *lines((*mention, call.sentence), in_summary=True),
        *lines((Strong(call.state),) if call.state else ()),
        *lines(places),
    )
    details = (" ", call.state) if call.state else ()
    return Layout((f"{head}: ", call.sentence), parts, row(call.buttons), details, Tone.WARN)


# ---- the draft


def _review(review: DraftReview, *, folded: bool) -> Layout:
    by: list[Span] = [f"Revision {review.revision} by {review.revised_by}, ", review.revised_at]
    by += [f"{DOT}drafted by {review.author}"] if review.author != review.revised_by else []
    by += [f"{DOT}private"] if review.private else []
    others = [*review.texts[1:], *review.corrected] if folded else []
    body, buttons = review_texts(review), review.buttons
    read = Button("Read all", "show", f"{review.incident} draft:yes")
    if _reads_first(review, others):
        buttons = tuple(replace(read, primary=b.primary) if b.verb == "approve" else b for b in buttons)
    elif others:
        buttons = (*buttons, read)
    if others:
        found = sum(len(text.findings) for text in others)
        more = _marks(count(len(others), "more text"), count(found, "finding") if found else "")
        shown = review.texts[:1] or review.corrected[:1]
        body = [*(part for text in shown for part in _text(text)), *lines((Sentence(more),), small=True)]
    said = f"Draft for {review.incident}, {review.kind}, revision {review.revision} by {review.revised_by}"
    blocked = any(finding.weight is Weight.BLOCKER for text in review.texts for finding in text.findings)
    return Layout(
        (f"{said}: {review.title}. ", review.verdict),
        (Heading(f"Draft for {review.incident} · {review.kind.capitalize()}"), *lines(by, small=True), *body),
        (*_plan(review), *lines((Strong(review.verdict),)), *row(buttons)),
        tone=Tone.WARN if blocked else Tone.CALM,
    )


def _approval(request: ApprovalRequest) -> Layout:
    """A request for approval with the customers' text. One that is decided is a single line."""
    summary = (f"{request.incident} {request.title}: ", request.sentence)
    if not request.buttons:
        head = f"{request.incident} · {request.severity.value} · {request.title}"
        return Layout(summary, lines((Strong(head), ": ", request.sentence), in_summary=True))
    stages = [stage.label for stage in (request.stage_from, request.stage_to) if stage]
    parts: tuple[Part, ...] = (
        Heading(f"{request.incident} · {request.severity.value} · {request.title}"),
        *lines((request.sentence,), in_summary=True),
        *lines((" becomes ".join(dict.fromkeys(stages)),), *map(_impact, request.impacts)),
        *lines(("Customers read:",)),
        Quote((Strong(request.headline), f"\n{request.body}")),
        *lines((_marks(
            count(request.findings, "finding") if request.findings else "No findings",
            count(request.other_texts, "more text") if request.other_texts else "",
        ),), small=True),
    )  # fmt: skip
    link = Link(request.link, "Open in the console") if request.link else None
    return Layout(summary, parts, row(request.buttons), tone=Tone.WARN, link=link)


def _reads_first(review: DraftReview, others: Sequence[DraftText]) -> bool:
    """Whether Approve stands only at the end of all texts, because one that is not shown here was edited by hand."""
    approves = any(button.verb == "approve" for button in review.buttons)
    return approves and any(text.edited_by_hand for text in others)


def _plan(review: DraftReview) -> tuple[Paragraph, ...]:
    """What publishing does: impacts, notes, destinations, stage, and the next update."""
    stages = review.stage_to.label
    if review.stage_from is not review.stage_to:
        stages = f"{review.stage_from.label} becomes {review.stage_to.label}"
    goes = f"Goes to {count(review.destinations, 'destination')}, the status page, and the feeds. {stages}."
    if review.promise_at:
        plan = say(f"{goes} Next update by {{due_at}}.", due_at=Due(review.promise_at))
    else:
        plan = say(f"{goes} No further update is promised.")
    notes = lines(*map(_impact, review.impacts), *((note,) for note in review.notes))
    return (*notes, *lines((plan,), small=True))


def _text(text: DraftText, lead: str = "") -> tuple[Part, ...]:
    marks = _marks(
        f"{lead}{text.audience.value.capitalize()}",
        text.language,
        "edited by hand" if text.edited_by_hand else "",
        "facts changed since" if text.facts_changed_since else "",
        "edit by hand: the incorrect words are not in this text" if text.by_hand else "",
    )
    old = lines(("Before: ", text.old_words)) if text.old_words else ()
    words = Quote((Strong(text.title), f"\n{text.body}"))
    return (*lines((marks,)), words, *old, *lines(*map(_finding, text.findings)))


def _finding(finding: Finding) -> tuple[Span, ...]:
    found = f"“{finding.words}”: " if finding.words and finding.words not in finding.reason else ""
    said = f": {found}{finding.reason}{finding.place} {finding.suggestion}".rstrip()
    return Strong(finding.weight.value.capitalize()), f"{said} ({finding.rule})"


# ---- what is published


def _update(update: PublishedUpdate) -> Layout:
    said, mark = update.wording, update.corrected
    corrected = (DOT, Sentence(said.corrected, {"when": mark.at})) if mark else ()
    before = (Sentence(said.before, {"words": mark.old_words}),) if mark else ()
    due = (DOT, Sentence(said.next, {"when": Due(update.promised_at)})) if update.promised_at else ()
    parts: tuple[Part, ...] = (
        Heading(update.title),
        *lines(line(Strong(said.stage), _impacts(update.impacts), *corrected)),
        Text(update.body),
        *lines(before, small=True),
        *lines((Sentence(said.published, {"when": update.published_at}), *due), small=True),
    )
    summary = f"{said.stage}{f', {said.correction}' if mark else ''}: {update.title}"
    link = _page(update.link, said)
    return Layout((summary,), parts, details=(f". {update.body}",), tone=tone_of(update.stage), link=link)


def _correction(post: Correction) -> Layout:
    told = lines((Sentence(post.wording.published, {"when": post.published_at}),), small=True)
    said = f"{post.wording.correction}: {post.title}"
    parts: tuple[Part, ...] = (Heading(post.title), Text(post.body), *told)
    return Layout((said,), parts, details=(f". {post.body}",), link=_page(post.link, post.wording))


def _page(url: str, wording: PostWording) -> Link | None:
    return Link(url, wording.page) if url else None


def _impacts(shown: Iterable[ImpactLabel]) -> str:
    """` · Major outage: ChatGPT, Codex · Partial outage: API`, worst first."""
    by_impact: dict[str, list[str]] = {}
    for each in sorted(shown, key=lambda each: -each.impact.rank):
        by_impact.setdefault(each.label, []).append(each.component)
    return "".join(f"{DOT}{label}: {', '.join(names)}" for label, names in by_impact.items())
