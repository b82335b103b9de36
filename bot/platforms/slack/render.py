"""Views as Slack messages; forms are modals (`modals.py`)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, assert_never

from slack_sdk.models.blocks import Block

from bot.platforms.slack.blocks import (
    BUTTON_VALUE,
    Bold,
    Dated,
    Part,
    Ring,
    actions,
    escape,
    header,
    link_token,
    message,
    preformatted,
    quote,
    quoted,
    rows,
    small,
    spoken,
    time_token,
    words,
)
from bot.platforms.slack.inbound import DELIVERED, OPEN_FORM, PLATFORM, retyped
from bot.views import (
    Answer,
    Button,
    Correction,
    DeliveryReport,
    DeliveryState,
    Document,
    DraftReview,
    DraftText,
    Finding,
    Form,
    FormField,
    Help,
    ImpactLine,
    ImpactShown,
    IncidentCard,
    Listing,
    Macro,
    Notice,
    NudgeCard,
    Post,
    PublishedUpdate,
    RoomLine,
    RoomName,
    Sentence,
    Timeline,
    Zone,
)

Message = dict[str, Any]


def answer(view: Answer, zone: Zone, more: str) -> Message:
    """What a person acts on; `more` is where the rest can be read, if it does not fit."""
    match view:
        case Notice():
            return message(spoken(view.sentence, zone), rows(zone, [view.sentence]), actions(view.buttons), more)
        case Form():
            return form_offer(view, zone)
        case IncidentCard():
            return _card(view, zone, more)
        case DraftReview():
            return _review(view, zone, more)
        case DeliveryReport():
            return _report(view, zone, more)
        case Listing():
            return _listing(view, zone, more)
        case Timeline():
            return _timeline(view, zone, more)
        case Macro():
            return _macro(view, zone, more)
        case Help():
            return _help(view, zone, more)
        case Document():
            head = rows(zone, [Bold(view.name), f" · {view.media_type}"])
            return message(f"{view.name}, {view.media_type}", [*head, *preformatted(view.text)], (), more)
        case NudgeCard():
            return _nudge(view, zone)
        case _:
            assert_never(view)


def post(view: Post, zone: Zone) -> Message:
    """What is delivered."""
    match view:
        case PublishedUpdate():
            return _update(view, zone)
        case Correction():
            said = f"{view.around.correction}: {view.title}. {view.body}"
            told = _at(view.around.published, view.published_at, zone)
            body = [*rows(zone, [Bold(view.title)]), *words(view.body), *small(told, _page(view))]
            return message(said, body, (), view.link)
        case NudgeCard():
            return _nudge(view, zone, DELIVERED)
        case RoomLine():
            said = spoken(view.sentence, zone)
            said = f"{view.incident}: {said}" if view.incident else said
            lead: list[Part] = [Bold(view.incident), " "] if view.incident else []
            return message(said, rows(zone, [*lead, view.sentence]))
        case IncidentCard():
            return _card(view, zone, "", DELIVERED)
        case DraftReview():
            return _folded_review(view, zone)
        case DeliveryReport():
            return _report(view, zone, "", DELIVERED)
        case _:
            assert_never(view)


def form_offer(form: Form, zone: Zone) -> Message:
    """A form that could not be opened by itself: its question, and a button that opens it."""
    note: list[Part] = [form.note] if form.note else [f"{form.title}: a few words are still needed."]
    words = retyped(form)
    whole = len(form.verb) + 1 + len(words) <= BUTTON_VALUE
    if not whole:  # the form opens without what was typed, which can be copied from here
        words = retyped(replace(form, fields=()))
    body = rows(zone, note)
    for field in form.fields:
        if field.typed and (field.theirs or not whole):
            body += [*rows(zone, [Bold(f"{field.label}, as you typed it:")]), *preformatted(field.typed)]
        body += said_now(field)
    said = spoken(form.note, zone) if form.note else f"{form.title}: open the form to go on."
    return message(said, body, actions([Button("Open form", OPEN_FORM, f"{form.verb} {words}", primary=True)]))


def said_now(field: FormField) -> list[Block]:
    """What somebody else wrote in a field meanwhile: one block, or none."""
    return [quoted(f"{field.label}, in the draft now:", field.theirs)] if field.theirs else []


def _card(card: IncidentCard, zone: Zone, more: str, block_id: str | None = None) -> Message:
    dates: list[Part] = [f"{card.incident} · opened ", Dated(card.opened_at)]
    if card.closed_at:
        dates += [" · closed ", Dated(card.closed_at)]
    impacts: list[list[Part]] = [
        [Bold(line.value.label), f" {line.component}", _read_as(line)] for line in card.impacts
    ]
    people = [f"{line.role.capitalize()}: {line.person or 'nobody yet'}" for line in card.people]
    promise: list[Part] = []
    if card.promise:
        promise = ["First update due by " if card.promise.internal else "Next update by ", card.promise.due_at]
        promise += [f" on {card.promise.day}"] if card.promise.day else []
        promise += [f" · {card.promise.minutes_late} min late"] if card.promise.minutes_late else []
    marks = f"{card.stage.label}{' · private' if card.private else ''}{' · a draft is open' if card.draft else ''}"
    said = f"{card.incident}, {card.severity.value}, {card.stage.value}: {card.title}. {spoken(card.headline, zone)}"
    body = [
        *header(f"{card.severity.value} · {card.title}"),
        *rows(zone, [card.headline], [marks], promise, *([each] for each in card.not_told)),
        *rows(zone, *impacts),
        *rows(zone, [" · ".join(people)], dates),
    ]
    return message(said, body, actions(card.buttons, block_id), more)


def _read_as(line: ImpactLine) -> str:
    """What customers read, where that is something else."""
    if line.published is line.value:
        return ""
    return f" · customers read: {line.published.value if line.published else 'nothing yet'}"


def _review(review: DraftReview, zone: Zone, more: str) -> Message:
    body = [*_review_head(review, zone), *review_texts(review, zone), *_review_foot(review, zone)]
    return message(_review_said(review, zone), body, actions(review.buttons), more)


def _folded_review(review: DraftReview, zone: Zone) -> Message:
    """As it stands in a room: what most customers read; the other texts are behind Read all, their findings counted."""
    shown = [block for text in review.texts[:1] for block in _draft_text(text, zone)]
    others = [*review.texts[1:], *review.corrected]
    found = sum(len(text.findings) for text in others)
    marks = f"{len(others)} more {'text' if len(others) == 1 else 'texts'}"
    marks += f" · {found} {'finding' if found == 1 else 'findings'}" if found else ""
    fold = rows(zone, [marks]) if others else []
    read_all = (Button("Read all", "show", f"{review.incident} draft:yes"),) if others else ()
    buttons = (*review.buttons, *read_all)
    body = [*_review_head(review, zone), *shown, *fold, *_review_foot(review, zone)]
    return message(_review_said(review, zone), body, actions(buttons, DELIVERED))


def _review_said(review: DraftReview, zone: Zone) -> str:
    said = f"Draft for {review.incident}, {review.kind}, revision {review.revision} by {review.revised_by}: "
    return f"{said}{review.title}. {spoken(review.verdict, zone)}"


def _review_head(review: DraftReview, zone: Zone) -> list[Block]:
    by = f" · revision {review.revision} by {review.revised_by}, "
    head: list[Part] = [Bold(f"Draft for {review.incident} · {review.kind.capitalize()}"), by, review.revised_at]
    head += [] if review.author == review.revised_by else [f" · drafted by {review.author}"]
    head += [" · private"] if review.private else []
    return rows(zone, head)


def _review_foot(review: DraftReview, zone: Zone) -> list[Block]:
    stages = review.stage_to.label
    if review.stage_from is not review.stage_to:
        stages = f"{review.stage_from.label} becomes {review.stage_to.label}"
    places = "1 destination" if review.destinations == 1 else f"{review.destinations} destinations"
    goes: list[Part] = [f"To {places}, the status page and the feeds. {stages}."]
    goes += [" Next update by ", review.promise_at, "."] if review.promise_at else [" No further update is promised."]
    impacts: list[list[Part]] = [
        [Bold(line.value.label), f" {line.component}", _read_as(line)] for line in review.impacts
    ]
    return rows(zone, *impacts, *([note] for note in review.notes), goes, [review.verdict])


def review_texts(review: DraftReview, zone: Zone) -> list[Block]:
    """Every text with its findings."""
    texts = [block for text in review.texts for block in _draft_text(text, zone)]
    return texts + [block for text in review.corrected for block in _draft_text(text, zone, "Corrected text · ")]


def _draft_text(text: DraftText, zone: Zone, lead: str = "") -> list[Block]:
    marks = [f"{lead}{text.audience.value.capitalize()} · {text.language}"]
    marks += ["edited by hand"] if text.edited_by_hand else []
    marks += ["facts changed since"] if text.facts_changed_since else []
    marks += ["edit this one by hand: the wrong words do not stand in it"] if text.by_hand else []
    blocks = [*rows(zone, [" · ".join(marks)]), *quote(zone, Bold(f"{text.title}\n"), text.body)]
    blocks += rows(zone, ["Before: ", text.old_words]) if text.old_words else []
    return [*blocks, *rows(zone, *map(_finding, text.findings))]


def _finding(finding: Finding) -> list[Part]:
    found = f" “{finding.words}”" if finding.words else ""
    return [Bold(finding.weight.value.capitalize()), f"{found} {finding.reason}{finding.place} → {finding.suggestion}"]


def _report(report: DeliveryReport, zone: Zone, more: str, block_id: str | None = None) -> Message:
    failed = sum(line.state is DeliveryState.DEAD for line in report.lines)
    count = f"Sent to {report.sent} of {report.total}{f', {failed} failed' if failed else ''}"
    head: list[Part] = [Bold(f"{report.incident} {report.update}")]
    head += [" · published ", Dated(report.published_at)] if report.published_at else []
    lines: list[list[Part]] = []
    for line in report.lines:
        parts: list[Part] = [_destination(line.destination), f": {line.state.label}"]
        parts += [" ", line.at] if line.at else []
        parts += [f" · {line.reason}"] if line.reason else []
        lines.append([*parts, " · may have been sent twice"] if line.maybe_twice else parts)
    said = f"{report.incident} {report.update}: {count.lower()}."
    said = f"{spoken(report.lead, zone)} {said}" if report.lead else said
    body = [*rows(zone, [report.lead] if report.lead else [], head, [Bold(count)]), *_many(zone, lines)]
    return message(said, body, actions(report.buttons, block_id), more)


def _destination(name: str) -> Part:
    """A channel of ours as a link, all else as it is called."""
    platform, _, there = name.partition(":")
    return RoomName(PLATFORM, there, there) if platform == PLATFORM and there[:1] in ("C", "G") else name


def _many(zone: Zone, lines: Sequence[Sequence[Part]], together: int = 20) -> list[Block]:
    """Many lines, in blocks of a few, so that what does not fit is cut between lines."""
    return [block for start in range(0, len(lines), together) for block in rows(zone, *lines[start : start + together])]


def _listing(listing: Listing, zone: Zone, more: str) -> Message:
    lines = [block for line in listing.lines for block in (*rows(zone, [line.words]), *actions(line.buttons))]
    body = [*rows(zone, [Bold(listing.title)]), *(lines or rows(zone, [Sentence(listing.empty)]))]
    said = ". ".join([listing.title, *(spoken(line.words, zone) for line in listing.lines)])
    return message(
        said if listing.lines else spoken(Sentence(listing.empty), zone), body, actions(listing.buttons), more
    )


def _timeline(timeline: Timeline, zone: Zone, more: str) -> Message:
    lines: list[list[Part]] = []
    for e in timeline.entries:
        where = f" on {e.platform}" if e.platform else ""
        text = "(redacted)" if e.redacted else e.text
        lines.append([f"{e.number} ", Dated(e.at), f" {e.who}{where} · ", Bold(e.kind), f" {text}"])
    title = f"Timeline of {timeline.incident}"
    body = [*rows(zone, [Bold(title), ", newest first"]), *_many(zone, lines)]
    return message(f"{title}, {len(timeline.entries)} entries.", body, (), more)


def _macro(macro: Macro, zone: Zone, more: str) -> Message:
    age: list[Part] = [
        f"{macro.audience.value.capitalize()} · {macro.language} · published ",
        Dated(macro.published_at),
    ]
    age += [" · next update by ", macro.promised_at] if macro.promised_at else []
    stale = rows(zone, [Bold("Out of date. "), macro.stale]) if macro.stale else []
    said = f"{macro.audience.value.capitalize()} text for {macro.incident}: {macro.title}."
    said += f" Out of date: {spoken(macro.stale, zone)}" if macro.stale else ""
    head = rows(zone, [Bold(f"{macro.incident} {macro.title}")], age)
    return message(said, [*stale, *head, *preformatted(macro.text)], (), more)


def _help(view: Help, zone: Zone, more: str) -> Message:
    lines: list[list[Part]] = [
        [Bold(line.verb), f" {line.line} For {line.who_may}.\n", Sentence("`{example}`", {"example": line.example})]
        for line in view.lines
    ]
    lines += [[key] for line in view.lines for key in line.keys]
    shown = rows(zone, [Bold("Open now")], *([line.words] for line in view.open)) if view.open else []
    buttons = [button for line in view.open for button in line.buttons]
    said = "Foghorn commands." if len(view.lines) > 1 else f"Help for {view.lines[0].verb}."
    return message(said, [*shown, *_many(zone, lines)], actions(buttons), more)


def _nudge(nudge: NudgeCard, zone: Zone, block_id: str | None = None) -> Message:
    head = f"{nudge.incident} {nudge.title}"
    said = f"{head}: {spoken(nudge.sentence, zone)} Promised by {zone.clock(nudge.due_at)}."
    rung: list[Part] = [part for account in nudge.rings for part in (Ring(account), " ")]
    body = [
        *rows(zone, [Bold(head), " · promised by ", nudge.due_at], [*rung, nudge.sentence]),
        *quote(zone, nudge.ready),
    ]
    return message(said, body, actions(nudge.buttons, block_id))


def _update(update: PublishedUpdate, zone: Zone) -> Message:
    said, mark = update.around, update.corrected
    stage: list[Part] = [Bold(said.stage)]
    stage += [f" · {_impacts(update.impacts)}"] if update.impacts else []
    stage += [" · ", *_split(said.corrected, "{when}", mark.at)] if mark else []
    old = rows(zone, _split(said.before, "{words}", mark.old_words)) if mark else []
    promised = _at(said.next, update.promised_at, zone) if update.promised_at else ""
    told = _at(said.published, update.published_at, zone)
    body = [
        *header(update.title),
        *rows(zone, stage),
        *words(update.body),
        *old,
        *small(told, promised, _page(update)),
    ]
    corrected = f", {said.correction}" if mark else ""
    return message(f"{said.stage}{corrected}: {update.title}. {update.body}", body, (), update.link)


def _split(pattern: str, place: str, value: Part) -> list[Part]:
    """A pattern of the text's language with its value in place."""
    before, _, after = pattern.partition(place)
    return [part for part in (before, value, after) if part]


def _at(pattern: str, at: datetime, zone: Zone) -> str:
    """The same for mrkdwn, with a time in the reader's own zone."""
    return escape(pattern).replace("{when}", time_token(at, zone))


def _impacts(shown: Iterable[ImpactShown]) -> str:
    """`Major outage: ChatGPT, Codex · Partial outage: API`, worst first."""
    by_impact: dict[str, list[str]] = {}
    for line in sorted(shown, key=lambda line: -line.impact.rank):
        by_impact.setdefault(line.label, []).append(line.component)
    return " · ".join(f"{label}: {', '.join(names)}" for label, names in by_impact.items())


def _page(post: PublishedUpdate | Correction) -> str:
    return link_token(post.link, escape(post.around.page)) if post.link else ""
