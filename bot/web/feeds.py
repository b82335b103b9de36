"""The feeds, in Atom (RFC 4287) and RSS 2.0: one entry per incident, or one per update. Entry IDs never change."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from html import escape
from urllib.parse import urlsplit
from xml.etree import ElementTree

from bot.actions.app_context import AppContext
from bot.domain.lifecycle import Stage
from bot.domain.paragraphs import BodyParagraph, paragraphs
from bot.domain.wording import Wording
from bot.web.api import timestamp
from bot.web.incidents import PublicIncident, PublicUpdate

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml"}
DRILL = "This is a drill. Nothing reaches customers."
NEVER = datetime.fromtimestamp(0, UTC)  # a feed needs a time even if nothing was published
NEWEST = 50  # entries
_XML = "{http://www.w3.org/XML/1998/namespace}"
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


@dataclass(frozen=True)
class Entry:
    """One incident or one update. `content` is HTML."""

    id: str
    title: str
    link: str
    published: datetime
    updated: datetime
    content: str


@dataclass(frozen=True)
class Feed:
    """A feed before it is written. `path` has no extension."""

    path: str
    title: str
    entries: Sequence[Entry]

    @property
    def updated(self) -> datetime:
        """When it last changed."""
        return max((entry.updated for entry in self.entries), default=NEVER)


class Feeds:
    """Writes the feeds for one public address: of everything, and of each component.

    No feed contains the time it was written, so it changes only with its content.
    """

    def __init__(self, app: AppContext, *, drill: bool = False) -> None:
        self.organisation = app.organisation
        self.url = app.public_url.rstrip("/")
        authority = app.feed_authority or urlsplit(app.public_url).hostname or "localhost"
        self.tag = f"tag:{authority},2026:{'drill/' if drill else ''}"
        self.drill = drill
        self._labels = app.templates.labels(app.organisation)
        self._words = {each: app.templates.wording(app.organisation, each) for each in app.organisation.languages}

    def files(self, incidents: Sequence[PublicIncident], language: str, kind: str) -> Mapping[str, Callable[[], bytes]]:
        """Path -> its writer. `kind` is a key of MEDIA_TYPES, and each path ends with it.

        An incident without a component may affect any, so it is in the feed of every component.
        """
        words, write = self._words[language], {"atom": self._atom, "rss": self._rss}[kind]
        found: dict[str, Callable[[], bytes]] = {}
        for component in (None, *self.organisation.components):
            folder = f"/components/{component.key}" if component else ""
            name = f"{self.organisation.name}, {component.called(language)}" if component else self.organisation.name
            read = [one for one in incidents if not (component and one.impacts) or component.key in one.impacts]
            for feed, entries in (("incidents", self._incidents), ("updates", self._updates)):
                path = f"{folder}/{'history' if feed == 'incidents' else feed}"
                title = words.mark(f"feed_{feed}", name=name)
                found[f"{path}.{kind}"] = partial(self._write, write, path, title, entries, read, words)
        return found

    def _write(
        self,
        write: Callable[[Feed, Wording], ElementTree.Element],
        path: str,
        title: str,
        entries: Callable[[Sequence[PublicIncident], Wording], Sequence[Entry]],
        incidents: Sequence[PublicIncident],
        words: Wording,
    ) -> bytes:
        whole = write(Feed(path, self._title(title), entries(incidents, words)), words)
        return bytes(ElementTree.tostring(whole, encoding="utf-8", xml_declaration=True))

    def _incidents(self, incidents: Sequence[PublicIncident], words: Wording) -> Sequence[Entry]:
        """One entry per incident, with all its updates."""
        found = []
        for one in sorted(incidents, key=lambda one: one.changed_at, reverse=True)[:NEWEST]:
            ended = words.mark("cancelled") if one.cancelled else words.stage(Stage.RESOLVED)
            title = one.title if one.open else words.say("label", label=ended, text=one.title)
            content = self._failures(one, words) + "".join(self._paragraph(each, words) for each in one.newest_first)
            name, link = f"{self.tag}incident/{one.key}", self._address(one, words)
            found.append(Entry(name, self._title(title), link, one.opened_at, one.changed_at, content))
        return found

    def _updates(self, incidents: Sequence[PublicIncident], words: Wording) -> Sequence[Entry]:
        """One entry per update, including corrections; a corrected one is marked as updated."""
        every = [(one, update) for one in incidents for update in one.newest_first]
        every.sort(key=lambda pair: (pair[1].at, pair[1].number), reverse=True)
        return [
            Entry(
                f"{self.tag}update/{update.id}",
                self._title(words.say("label", label=update.label, text=one.title)),
                f"{self._address(one, words)}#update-{update.number}",
                update.at,
                update.changed_at,
                self._paragraph(update, words),
            )
            for one, update in every[:NEWEST]
        ]

    def _atom(self, feed: Feed, words: Wording) -> ElementTree.Element:
        root = ElementTree.Element("feed", {"xmlns": ATOM, f"{_XML}lang": words.language})
        asked = self._asked(words)
        _child(root, "id", f"{self.tag}{feed.path.removeprefix('/')}{asked}")
        _child(root, "title", feed.title)
        if self.drill:
            _child(root, "subtitle", DRILL)
        _child(root, "updated", timestamp(feed.updated))
        address = f"{self.url}{feed.path}.atom{asked}"
        _child(root, "link", rel="self", type=MEDIA_TYPES["atom"], href=address)
        _child(root, "link", rel="alternate", type="text/html", href=f"{self.url}/{asked}")
        _child(_child(root, "author"), "name", self.organisation.name)
        _child(root, "generator", "Foghorn")
        for each in feed.entries:
            entry = _child(root, "entry")
            _child(entry, "id", each.id)
            _child(entry, "title", each.title)
            _child(entry, "published", timestamp(each.published))
            _child(entry, "updated", timestamp(each.updated))
            _child(entry, "link", rel="alternate", type="text/html", href=each.link)
            _child(entry, "content", each.content, type="html")
        return root

    def _rss(self, feed: Feed, words: Wording) -> ElementTree.Element:
        root = ElementTree.Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
        asked = self._asked(words)
        channel = _child(root, "channel")
        _child(channel, "title", feed.title)
        _child(channel, "link", f"{self.url}/{asked}")
        _child(channel, "description", DRILL if self.drill else feed.title)
        _child(channel, "language", words.language)
        _child(channel, "lastBuildDate", _rfc822(feed.updated))
        _child(channel, "generator", "Foghorn")
        address = f"{self.url}{feed.path}.rss{asked}"
        _child(channel, "atom:link", rel="self", type=MEDIA_TYPES["rss"], href=address)
        for each in feed.entries:
            item = _child(channel, "item")
            _child(item, "title", each.title)
            _child(item, "link", each.link)
            _child(item, "guid", each.id, isPermaLink="false")
            _child(item, "pubDate", _rfc822(each.published))
            _child(item, "atom:updated", timestamp(each.updated))
            _child(item, "description", each.content)
        return root

    def _asked(self, words: Wording) -> str:
        """The query that asks for a language; empty for the first one, so its addresses never change."""
        return "" if words.language == self.organisation.languages[0] else f"?lang={words.language}"

    def _address(self, one: PublicIncident, words: Wording) -> str:
        return f"{self.url}/incidents/{one.key}{self._asked(words)}"

    def _title(self, title: str) -> str:
        return f"Drill: {title}" if self.drill else title

    def _failures(self, one: PublicIncident, words: Wording) -> str:
        """`API: Major outage, from 11:44 AM to 12:51 PM ET ... (67 minutes)`, one line for each impact."""
        lines = []
        for key, name in one.components.items():
            for span in one.spans(key):
                when = words.pack.picture.since.format(when=words.dated(span.since))
                if span.until:
                    when = f"{words.window(span.since, span.until)} ({words.length(span.since, span.until)})"
                lines.append(f"{words.say('label', label=name, text=words.impact(span.impact))}, {when}")
        return f"<p>{'<br>'.join(map(escape, lines))}</p>" if lines else ""

    def _paragraph(self, update: PublicUpdate, words: Wording) -> str:
        marks = "".join(
            f"<br><small>{escape(words.mark('corrected', when=words.dated(text.corrected_at)))}</small>"
            for text in update.earlier_texts
        )
        body = "".join(_html(part) for part in paragraphs(update.body, self._labels))
        when = escape(words.dated(update.at))
        return f"<p><small>{when}</small><br><strong>{escape(update.label)}</strong>{marks}</p>{body}"


def _html(part: BodyParagraph) -> str:
    if part.labeled:
        return f"<dl>{''.join(f'<dt>{escape(k)}</dt><dd>{escape(v)}</dd>' for k, v in part.labeled)}</dl>"
    return f"<p>{'<br>'.join(escape(line) for line in part.lines)}</p>"


def _child(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name, attributes)
    element.text = _NOT_ALLOWED.sub("", text) or None
    return element


def _rfc822(at: datetime) -> str:
    return format_datetime(at.astimezone(UTC), usegmt=True)
