"""Draws messages of Slack and Discord as web pages that resemble them, from the JSON that Foghorn sends.

`make screenshots` uses it for the pictures in docs/pictures. The looks are ours: enough to read a message as people do.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from html import escape
from typing import Any

from markdown_it import MarkdownIt

Json = Mapping[str, Any]
AUTHOR = "Foghorn"
STYLE = """
*{box-sizing:border-box}body{margin:0;padding:20px 24px;font:15px/1.46 Lato,"Helvetica Neue",Arial,sans-serif}
h1{font-size:17px;margin:0 0 14px;padding-bottom:10px;border-bottom:1px solid var(--line)}
h3{font-size:18px;margin:2px 0 4px}p{margin:2px 0}blockquote{margin:4px 0;padding:2px 0 2px 12px;
border-left:4px solid var(--bar)}.slack blockquote{white-space:pre-wrap}
blockquote p{margin:0 0 8px}code,pre{font:13px/1.5 "DejaVu Sans Mono",monospace;
background:var(--code);border:1px solid var(--line);border-radius:3px;padding:1px 3px;white-space:pre-wrap}
.message{display:flex;gap:10px;margin:12px 0;max-width:760px}.face{flex:none;width:36px;height:36px;border-radius:8px;
background:#17506b;color:#fff;font-weight:700;text-align:center;line-height:36px}.body{flex:1;min-width:0}
.by{font-weight:700}.by small,small,.small{font-size:12.5px;font-weight:400;color:var(--quiet)}
.buttons{display:flex;flex-wrap:wrap;gap:8px;margin:6px 0}.button{border:1px solid var(--edge);border-radius:4px;
padding:4px 12px;font-size:14px;font-weight:700;background:var(--button);color:var(--text)}
.primary{background:var(--primary);border-color:var(--primary);color:#fff}.danger{background:var(--danger);
border-color:var(--danger);color:#fff}.menu{font-weight:400}.person,.channel{background:var(--mention);
border-radius:3px;padding:0 2px}.only{color:var(--quiet);font-size:12.5px;margin-bottom:4px}.text{white-space:pre-wrap}
.box{border:1px solid var(--line);border-left:4px solid var(--bar);border-radius:4px;background:var(--card);
padding:10px 14px;margin:4px 0}a{color:var(--link);text-decoration:none}
.slack{--line:#ddd;--bar:#ddd;--code:#f8f8f8;--quiet:#616061;--edge:#bbb;--button:#fff;--primary:#007a5a;
--danger:#c01343;--mention:#e8f5fa;--link:#1264a3;--text:#1d1c1d;--card:#fff;background:#fff;color:#1d1c1d}
.discord{--line:#3a3c42;--bar:#4e5058;--code:#2b2d31;--quiet:#a5a8b0;--edge:#4e5058;--button:#4e5058;
--primary:#5865f2;--danger:#da373c;--mention:#3c4270;--link:#00a8fc;--text:#fff;--card:#2b2d31;background:#313338;
color:#dbdee1}.discord .face{border-radius:50%}
"""


def page(platform: str, channel: str, messages: Iterable[str]) -> str:
    """A channel with its messages; `platform` is slack or discord."""
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(channel)}</title><style>{STYLE}</style>'
        f'<body class="{platform}"><h1>{escape(channel)}</h1>{"".join(messages)}</body></html>'
    )


def message(body: str, at: datetime | None = None, by: str = AUTHOR, *, only: bool = False) -> str:
    """A message as it stands in a channel; `only`: it is visible to its reader alone."""
    time = f" <small>{at:%-I:%M %p}</small>" if at else ""
    private = '<div class="only">Only visible to you</div>' if only else ""
    head = f'<div class="by">{escape(by)}{time}</div>'
    return f'<div class="message"><div class="face">{by[0]}</div><div class="body">{private}{head}{body}</div></div>'


class SlackPage:
    """Block Kit as HTML; `names` are people and channels by ID. Source: docs.slack.dev, "Blocks"."""

    def __init__(self, names: Mapping[str, str], zone: tzinfo) -> None:
        self._names = names
        self._zone = zone

    def draw(self, blocks: Sequence[Json]) -> str:
        """A message's blocks, or a modal's."""
        return "".join(map(self._block, blocks))

    def _block(self, block: Json) -> str:
        match block["type"]:
            case "header":
                return f"<h3>{escape(block['text']['text'])}</h3>"
            case "section":
                return f'<p class="text">{self._object(block["text"])}</p>'
            case "context":
                return f'<p class="small">{" ".join(map(self._object, block["elements"]))}</p>'
            case "rich_text":
                return "".join(map(self._rich, block["elements"]))
            case "actions":
                return f'<div class="buttons">{"".join(map(self._element, block["elements"]))}</div>'
            case "input":
                return f"<p><b>{escape(block['label']['text'])}</b></p>{self._element(block['element'])}"
            case "divider":
                return "<hr>"
            case other:
                raise ValueError(other)

    def _object(self, text: Json) -> str:
        if text["type"] == "plain_text":
            return escape(text["text"])
        dated = re.sub(r"<!date\^(\d+)\^([^|]+)\|[^>]*>", lambda m: self._date(int(m[1]), m[2]), text["text"])
        linked = re.sub(r"<(https?:[^|>]+)\|([^>]+)>", r'<a href="\1">\2</a>', dated)
        return re.sub(r"\*([^*]+)\*", r"<b>\1</b>", linked)

    def _rich(self, part: Json) -> str:
        said = "".join(map(self._inline, part["elements"]))
        match part["type"]:
            case "rich_text_quote":
                return f"<blockquote>{said}</blockquote>"
            case "rich_text_preformatted":
                return f"<pre>{said}</pre>"
            case _:
                return f'<p class="text">{said}</p>'

    def _inline(self, element: Json) -> str:
        match element["type"]:
            case "text":
                said = escape(element["text"])
                style = element.get("style") or {}
                said = f"<code>{said}</code>" if style.get("code") else said
                return f"<b>{said}</b>" if style.get("bold") else said
            case "link":
                return f'<a href="{escape(element["url"])}">{escape(element.get("text") or element["url"])}</a>'
            case "date":
                return self._date(element["timestamp"], element["format"])
            case "user":
                return f'<span class="person">@{escape(self._names.get(element["user_id"], element["user_id"]))}</span>'
            case "usergroup":
                group = element["usergroup_id"]
                return f'<span class="person">@{escape(self._names.get(group, group))}</span>'
            case "channel":
                name = self._names.get(element["channel_id"], element["channel_id"])
                return f'<span class="channel">#{escape(name)}</span>'
            case other:
                raise ValueError(other)

    def _date(self, timestamp: int, pattern: str) -> str:
        at = datetime.fromtimestamp(timestamp, self._zone)
        return pattern.replace("{time}", f"{at:%-I:%M %p}").replace("{date_short_pretty}", f"{at:%b %-d}")

    def _element(self, element: Json) -> str:
        if element["type"] == "button":
            return f'<span class="button {element.get("style", "")}">{escape(element["text"]["text"])}</span>'
        chosen = element.get("initial_option") or {}
        shown = element.get("initial_value") or chosen.get("text", {}).get("text")
        shown = shown or (element.get("placeholder") or {}).get("text", "")
        mark = " ▾" if "select" in element["type"] or element["type"] == "overflow" else ""
        return f'<span class="button menu">{escape(shown) or "…"}{mark}</span>'


class DiscordPage:
    """Messages of embeds or components v2 as HTML. Source: docs.discord.com, "Component Reference"."""

    def __init__(self, names: Mapping[str, str], zone: tzinfo, now: datetime) -> None:
        self._names = names
        self._zone = zone
        self._now = now
        self._markdown = MarkdownIt("commonmark", {"html": False, "breaks": True})

    def draw(self, sent: Json) -> str:
        """The content, embeds, and components of a message."""
        content = self._text(sent.get("content") or "")
        return content + "".join(map(self._embed, sent.get("embeds", ()))) + self._all(sent.get("components", ()))

    def _embed(self, embed: Json) -> str:
        title = f"<h3>{self._inline(embed['title'])}</h3>" if embed.get("title") else ""
        return self._box(title + self._text(embed.get("description", "")), embed.get("color"))

    def _box(self, said: str, color: int | None) -> str:
        bar = f' style="border-left-color:#{color:06x}"' if color else ""
        return f'<div class="box"{bar}>{said}</div>'

    def _all(self, parts: Sequence[Json]) -> str:
        return "".join(map(self._component, parts))

    def _component(self, part: Json) -> str:
        match part["type"]:
            case 1:
                return f'<div class="buttons">{self._all(part["components"])}</div>'
            case 2:
                style = {1: "primary", 4: "danger"}.get(part["style"], "")
                return f'<span class="button {style}">{escape(part.get("label", ""))}</span>'
            case 3 | 5 | 6 | 8:
                return f'<span class="button menu">{escape(part.get("placeholder", "Choose"))} ▾</span>'
            case 9:
                return self._all(part["components"]) + self._component(part["accessory"])
            case 10:
                return self._text(part["content"])
            case 14:
                return "<hr>"
            case 17:
                return self._box(self._all(part["components"]), part.get("accent_color"))
            case other:
                raise ValueError(other)

    def _text(self, text: str) -> str:
        """Discord's Markdown: CommonMark, and `-#` for small lines."""
        lines = [f"\x01{line[3:]}" if line.startswith("-# ") else line for line in text.split("\n")]
        made = self._times(self._markdown.render("\n".join(lines)))
        return re.sub(r"\x01(.*?)(?=<br|</p>)", r"<small>\1</small>", made)

    def _inline(self, text: str) -> str:
        return self._times(self._markdown.renderInline(text))

    def _times(self, made: str) -> str:
        made = re.sub(r"&lt;t:(\d+):(\w)&gt;", lambda m: self._time(int(m[1]), m[2]), made)
        made = re.sub(
            r"&lt;@!?&?(\d+)&gt;", lambda m: f'<span class="person">@{self._names.get(m[1], m[1])}</span>', made
        )
        return re.sub(r"&lt;#(\d+)&gt;", lambda m: f'<span class="channel">#{self._names.get(m[1], m[1])}</span>', made)

    def _time(self, timestamp: int, style: str) -> str:
        at = datetime.fromtimestamp(timestamp, self._zone)
        if style == "R":
            minutes = round((datetime.fromtimestamp(timestamp, UTC) - self._now).total_seconds() / 60)
            return f"in {minutes} minutes" if minutes >= 0 else f"{-minutes} minutes ago"
        return f"{at:%-I:%M %p}" if style == "t" else f"{at:%B %-d, %Y, %-I:%M %p}"
