"""The incident's card and the nudge: what must happen next, and when, stands first."""

from bot.platforms.discord.components import (
    AMBER,
    GREEN,
    GREY,
    RED,
    Json,
    Part,
    Raw,
    Row,
    Text,
    embed_message,
    field,
    laid_out,
    rows,
    select,
)
from bot.platforms.discord.markdown import dated, escape, live, quote, sentence, when
from bot.views import Button, ImpactLine, IncidentCard, NudgeCard, Stage

BESIDE = frozenset({"show", "update", "resolve", "retro", "reopen"})  # these get buttons, others are in the menu
MORE = (
    ("Catch up", "catchup", "See what happened and what customers know; private"),
    ("Severity", "severity", "Change the severity"),
    ("Impact", "impact", "Change the status of a component"),
    ("Hand over", "handover", "Give your role to someone else"),
    ("Copy customer text", "copy", "Get the published text, ready to paste; private"),
    ("Timeline", "timeline", "See what happened; private"),
    ("Deliveries", "deliveries", "See where updates were delivered"),
)


def color_of(stage: Stage) -> int:
    """Never the only carrier of a fact."""
    return {Stage.RESOLVED: GREEN, Stage.MONITORING: GREEN, Stage.DECLARED: AMBER}.get(stage, RED)


def card(view: IncidentCard) -> Json:
    """The card of a room: an embed, buttons and a menu."""
    stage = "" if view.stage is Stage.DECLARED and not view.closed_at else f", {view.stage.value}"
    content = f"{escape(view.incident)}, {view.severity.value}{stage}"
    embed = {
        "title": f"{view.severity.value} · {escape(view.title)}",
        "description": "\n".join(_lines(view)),
        "color": GREY if view.closed_at else color_of(view.stage),
        "fields": [
            *field("Impact", [impact(line) for line in view.impacts]),
            *field("People", [f"{line.role.capitalize()}: {escape(line.person) or 'nobody'}" for line in view.people]),
        ],
        "footer": {"text": f"{view.incident} · times are in your time zone"},
    }
    return embed_message(content, embed, [*rows(_beside(view)), _more(view)])


def card_answer(view: IncidentCard, more: str) -> Json:
    """The card for one person."""
    head = f"### {view.severity.value} · {escape(view.title)}\n-# {escape(view.incident)}"
    people = [f"{line.role.capitalize()}: {escape(line.person) or 'nobody'}" for line in view.people]
    parts: list[Part] = [Text(head), Text("\n".join(_lines(view))), Text("\n".join(map(impact, view.impacts)))]
    parts += [Text(" · ".join(people))]
    color = GREY if view.closed_at else color_of(view.stage)
    return laid_out(parts, color, more, [Row(_beside(view)), Raw(_more(view))])


def _lines(view: IncidentCard) -> list[str]:
    marks = [view.stage.label, *(["private"] if view.private else []), *(["a draft is open"] if view.draft else [])]
    said = [f"**{sentence(view.headline)}**", " · ".join(marks)]
    if view.promise:
        what = "First update due by" if view.promise.internal else "Next update by"
        late = f" · {view.promise.minutes_late} min late" if view.promise.minutes_late else ""
        day = f" on {view.promise.day}" if view.promise.day else ""
        said.append(f"{what} {when(view.promise.due_at)}{day} ({live(view.promise.due_at)}){late}")
    said += [sentence(each) for each in view.not_told]
    ends = f" · closed {dated(view.closed_at)}" if view.closed_at else ""
    return [*said, f"-# Opened {dated(view.opened_at)}{ends}"]


def impact(line: ImpactLine) -> str:
    """What users of a component feel, and what customers read where that is something else."""
    read = ""
    if line.published is not line.value:
        read = f" · customers read: {line.published.value if line.published else 'nothing yet'}"
    return f"**{line.value.value.capitalize()}** {escape(line.component)}{read}"


def _beside(view: IncidentCard) -> list[Button]:
    return [button for button in view.buttons if button.verb in BESIDE or button.primary][:5]


def _more(view: IncidentCard) -> Json:
    """What the card offers besides; labels of its own buttons stand as they are."""
    given = {button.verb: button for button in view.buttons if button not in _beside(view)}
    closed = {"severity", "impact", "handover"} if view.closed_at else set()
    options = [
        (given[verb].label if verb in given else label, f"{verb} {view.incident}", about)
        for label, verb, about in MORE
        if verb not in closed
    ]
    return select("more", view.incident, "More", options)


def nudge(view: NudgeCard) -> Json:
    """A reminder; of one that was dealt with, the line that says how."""
    said = sentence(view.sentence)
    content = f"{escape(view.incident)} {escape(view.title, links=False)}: {said}"
    if not view.ready and not view.buttons:
        return {**embed_message(f"{content} Promised by {when(view.due_at)}.", {}), "embeds": []}
    about = f"-# {escape(view.incident)} · promised by {when(view.due_at)} ({live(view.due_at)})"
    ready = f"{quote(escape(view.ready))}\n" if view.ready else ""
    embed = {"title": escape(view.title), "description": f"{ready}{about}", "color": AMBER}
    return embed_message(content, embed, rows(view.buttons))
