"""Views as Discord messages; forms are modals (`modals.py`).

Answers are components v2, like the draft review and the report: one shape may take another's place in a message.
Cards, nudges and what subscribers read are embeds: they survive crossposting and give lock screens their words.
"""

from collections.abc import Iterable, Sequence
from typing import Any, assert_never

from bot.platforms.discord import cards
from bot.platforms.discord.components import (
    AMBER,
    BLUE,
    GREEN,
    GREY,
    NOBODY,
    SILENT,
    V2,
    Json,
    Part,
    Row,
    Text,
    embed_message,
    laid_out,
    rows,
)
from bot.platforms.discord.markdown import bold, dated, escape, fenced, live, quote, sentence, unfenced, when
from bot.platforms.discord.modals import said_now
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
    Help,
    IncidentCard,
    Listing,
    Macro,
    Notice,
    NudgeCard,
    Post,
    PublishedUpdate,
    RoomLine,
    Sentence,
    Timeline,
    Weight,
)

EMPTY: Json = {"flags": V2, "components": [], "allowed_mentions": NOBODY}


def answer(view: Answer, more: str) -> Json:
    """What a person acts on; `more` is where the rest can be read, if it does not fit."""
    match view:
        case Notice():
            return laid_out([Text(sentence(view.sentence))], GREY, more, [Row(view.buttons)] if view.buttons else ())
        case Form():
            return form_offer(view, "")
        case IncidentCard():
            return cards.card_answer(view, more)
        case DraftReview():
            return _review(view, more)
        case DeliveryReport():
            return _report(view, more)
        case Listing():
            return _listing(view, more)
        case Timeline():
            return _timeline(view, more)
        case Macro():
            return _macro(view, more)
        case Help():
            return _help(view, more)
        case Document():
            head = Text(f"{bold(view.name)} · {escape(view.media_type)}")
            return laid_out([head, Text(fenced(view.text))], GREY, more)
        case NudgeCard():
            title = f"**{escape(view.incident)} {escape(view.title)}** · promised by {when(view.due_at)}"
            parts = [Text(f"{title}\n{sentence(view.sentence)}"), Text(quote(escape(view.ready)))]
            return laid_out(parts, AMBER, more, [Row(view.buttons)] if view.buttons else ())
        case _:
            assert_never(view)


def post(view: Post, more: str = "") -> Json:
    """What is delivered."""
    match view:
        case PublishedUpdate():
            return _update(view)
        case Correction():
            head = f"**{escape(view.title)}**\n" if view.title else ""
            body = f"{head}{escape(view.body)}\n-# {_at(view.around.published, when(view.published_at))}"
            embed = {"description": body, "color": GREY}
            return embed_message(escape(view.around.correction), embed, rows((), [(view.around.page, view.link)]))
        case NudgeCard():
            return cards.nudge(view)
        case RoomLine():
            return room_line(view)
        case IncidentCard():
            return cards.card(view)
        case DraftReview() | DeliveryReport():
            return answer(view, more)
        case _:
            assert_never(view)


def room_line(line: RoomLine) -> Json:
    """A small line that makes no sound."""
    said = f"-# {escape(line.incident)} · {sentence(line.sentence)}" if line.incident else sentence(line.sentence)
    words = said.replace("\n", "\n-# ")
    shown = words if len(words) <= 2000 else f"{words[:1980]}… continued"
    return {"content": shown, "allowed_mentions": NOBODY, "flags": SILENT}


def line_in_place(line: RoomLine) -> Json:
    """The same in the place of a draft review, which cannot become an ordinary message any more."""
    return laid_out([Text(sentence(line.sentence))], GREY)


def form_offer(form: Form, opens: str) -> Json:
    """A form that could not be opened by itself: its question, and a button (`opens`: its id) that opens it."""
    said = sentence(form.note) if form.note else f"{escape(form.title)}: a few words are still needed."
    parts: list[Part] = [Text(said)]
    for field in (field for field in form.fields if field.theirs):
        parts += [Text(f"{bold(field.label)}, as you typed it:\n{quote(escape(field.typed))}"), Text(said_now(field))]
    found = laid_out(parts, GREY, tail=[Row([Button("Open form", form.verb, form.incident, primary=True)])])
    if opens:
        found["components"][0]["components"][-1]["components"][0]["custom_id"] = opens
    return found


def confirming(message: Json) -> Json:
    """The button of a question is the answer yes."""
    for part in message["components"][0]["components"]:
        for button in part.get("components", ()):
            button["custom_id"] = button["custom_id"].replace("fh:", "fh!:", 1)
    return message


def _review(review: DraftReview, more: str) -> Json:
    by = f"-# {escape(review.incident)} · revision {review.revision} by {escape(review.revised_by)}, "
    by += when(review.revised_at)
    by += "" if review.author == review.revised_by else f" · drafted by {escape(review.author)}"
    by += " · private" if review.private else ""
    stages = review.stage_to.label
    if review.stage_from is not review.stage_to:
        stages = f"{review.stage_from.label} becomes {review.stage_to.label}"
    places = "1 destination" if review.destinations == 1 else f"{review.destinations} destinations"
    promise = f"Next update by {when(review.promise_at)}." if review.promise_at else "No further update is promised."
    first, *others = review.texts or (None,)
    parts: list[Part] = [Text(f"### Draft · {escape(review.kind.capitalize())}\n{by}"), Text(bold(review.title))]
    for text in [*([first] if first else []), *others]:
        parts.append(Text(_draft_text(text)))
    parts += [Text(_draft_text(text, "Corrected text · ")) for text in review.corrected]
    notes = [*map(cards.impact, review.impacts), *(sentence(note) for note in review.notes)]
    tail: list[Part] = [
        Text("\n".join([*notes, f"-# To **{places}**, the status page and the feeds. {stages}. {promise}"])),
        Row(review.buttons),
        Text(f"-# {sentence(review.verdict)}"),
    ]
    blocked = any(finding.weight is Weight.BLOCKER for text in review.texts for finding in text.findings)
    return laid_out(parts, AMBER if blocked else BLUE, more, tail)


def _draft_text(text: DraftText, lead: str = "") -> str:
    marks = [f"{lead}{text.audience.value.capitalize()} · {escape(text.language)}"]
    marks += ["edited by hand"] if text.edited_by_hand else []
    marks += ["facts changed since"] if text.facts_changed_since else []
    marks += ["edit this one by hand: the wrong words do not stand in it"] if text.by_hand else []
    said = [f"-# {' · '.join(marks)}", quote(f"{bold(text.title)}\n{escape(text.body)}")]
    said += [f"Before: {escape(text.old_words)}"] if text.old_words else []
    return "\n".join([*said, *map(_finding, text.findings)])


def _finding(finding: Finding) -> str:
    found = f" “{escape(finding.words)}”" if finding.words else ""
    suggestion = f" → {escape(finding.suggestion)}" if finding.suggestion else ""
    return f"**{finding.weight.value.capitalize()}**{found} {escape(finding.reason + finding.place)}{suggestion}"


def _report(report: DeliveryReport, more: str) -> Json:
    failed = sum(line.state is DeliveryState.DEAD for line in report.lines)
    count = f"**Sent to {report.sent} of {report.total}{f', {failed} failed' if failed else ''}**"
    head = f"### {sentence(report.lead)}" if report.lead else f"### {escape(report.incident)} {escape(report.update)}"
    about = f"-# {escape(report.incident)} {escape(report.update)}"
    about += f" · published {dated(report.published_at)}" if report.published_at else ""
    lines = []
    for line in report.lines:
        said = f"{escape(line.destination)}: {line.state.label}"
        said += f" {when(line.at)}" if line.at else ""
        said += f" · {escape(line.reason)}" if line.reason else ""
        lines.append(f"{said} · may have been sent twice" if line.maybe_twice else said)
    parts = [Text(f"{head}\n{about}"), Text(count), *_many(lines)]
    return laid_out(parts, AMBER if failed else GREEN, more, [Row(report.buttons)] if report.buttons else ())


def _many(lines: Sequence[str], together: int = 10) -> list[Part]:
    """Many lines, in texts of a few, so that what does not fit is cut between lines."""
    return [Text("\n".join(lines[start : start + together])) for start in range(0, len(lines), together)]


def _listing(listing: Listing, more: str) -> Json:
    parts: list[Part] = [Text(f"### {escape(listing.title)}")]
    for line in listing.lines:
        parts.append(Text(sentence(line.words)))
        parts += [Row(line.buttons)] if line.buttons else []
    if not listing.lines:
        parts.append(Text(sentence(Sentence(listing.empty))))
    return laid_out(parts, GREY, more, [Row(listing.buttons)] if listing.buttons else ())


def _timeline(timeline: Timeline, more: str) -> Json:
    lines = []
    for e in timeline.entries:
        where = f" on {escape(e.platform)}" if e.platform else ""
        text = "(redacted)" if e.redacted else escape(e.text)
        lines.append(f"{e.number} {dated(e.at)} {escape(e.who)}{where} · **{escape(e.kind)}** {text}")
    return laid_out(
        [Text(f"### Timeline of {escape(timeline.incident)}\n-# Newest first"), *_many(lines, 5)], GREY, more
    )


def _macro(macro: Macro, more: str) -> Json:
    age = f"-# {macro.audience.value.capitalize()} · {escape(macro.language)} · published {dated(macro.published_at)}"
    age += f" · next update by {when(macro.promised_at)}" if macro.promised_at else ""
    stale = [Text(f"**Out of date.** {sentence(macro.stale)}")] if macro.stale else []
    head = Text(f"**{escape(macro.incident)} {escape(macro.title)}**\n{age}")
    return laid_out([*stale, head, Text(fenced(macro.text))], AMBER if macro.stale else GREY, more)


def _help(view: Help, more: str) -> Json:
    lines = [
        f"**{escape(line.verb)}** {escape(line.line)} For {escape(line.who_may)}. `{unfenced(line.example)}`"
        for line in view.lines
    ]
    lines += [escape(key) for line in view.lines for key in line.keys]
    shown: list[Part] = (
        [Text("\n".join(["### Open now", *(sentence(line.words) for line in view.open)]))] if view.open else []
    )
    buttons = [button for line in view.open for button in line.buttons]
    return laid_out([*shown, *_many(lines)], GREY, more, [Row(buttons[:20])] if buttons else ())


def _update(update: PublishedUpdate) -> Json:
    words, mark, due = update.around, update.corrected, update.promised_at
    stage = f"**{escape(words.stage)}**"
    stage += f" · {_impacts(update.impacts)}" if update.impacts else ""
    stage += f" · {_at(words.corrected, when(mark.at))}" if mark else ""
    promised = f" · {_at(words.next, f'{when(due)} ({live(due)})')}" if due else ""
    said = [stage, "", escape(update.body), ""]
    if mark:
        said.append(f"-# {escape(words.before.replace('{words}', mark.old_words))}")
    said.append(f"-# {_at(words.published, when(update.published_at))}{promised}")
    embed = {
        "title": escape(update.title),
        "description": "\n".join(said),
        "color": cards.color_of(update.stage),
        **({"url": update.link} if update.link else {}),
    }
    corrected = f", {escape(words.correction)}" if mark else ""
    content = f"{escape(words.stage)}{corrected}: {escape(update.title, links=False)}"
    return embed_message(content, embed, rows((), [(words.page, update.link)]))


def _at(pattern: str, time: str) -> str:
    """A pattern of the text's language with a time of Discord's in it."""
    return escape(pattern).replace(escape("{when}"), time)


def _impacts(shown: Iterable[Any]) -> str:
    """`Major outage: ChatGPT, Codex · Partial outage: API`, worst first."""
    by_impact: dict[Any, list[str]] = {}
    for line in sorted(shown, key=lambda line: -line.impact.rank):
        by_impact.setdefault(line.label, []).append(escape(line.component))
    return " · ".join(f"{escape(label)}: {', '.join(names)}" for label, names in by_impact.items())
