"""The Atom feeds (RFC 4287): one entry per incident, or one per update. Entry IDs never change."""

from collections.abc import Iterable
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlsplit
from xml.etree import ElementTree

from bot.actions.app_context import AppContext
from bot.domain.lifecycle import Stage
from bot.domain.paragraphs import BodyParagraph, paragraphs
from bot.domain.wording import Wording
from bot.web.incidents import PublicIncident, PublicUpdate

ATOM = "http://www.w3.org/2005/Atom"
MEDIA_TYPE = "application/atom+xml"
_UPDATES = 50
_XML = "{http://www.w3.org/XML/1998/namespace}"
_ALLOWED = {
    0x9,
    0xA,
    0xD,
    *range(0x20, 0xD800),
    *range(0xE000, 0xFFFE),
}  # XML 1.0, section 2.2, without the higher planes


class Feeds:
    """Writes both feeds for one public address.

    No feed contains the time it was written, so it changes only with its content.
    """

    def __init__(self, app: AppContext, *, drill: bool = False) -> None:
        self.organisation = app.organisation
        self.url = app.public_url.rstrip("/")
        self.tag = f"tag:{urlsplit(app.public_url).hostname or 'localhost'},2026:{'drill/' if drill else ''}"
        self.drill = drill
        self._labels = app.templates.labels(app.organisation)
        self._words = {each: app.templates.wording(app.organisation, each) for each in app.organisation.languages}

    def history(self, incidents: Iterable[PublicIncident], language: str, now: datetime) -> bytes:
        """One entry per incident, with all its updates."""
        incidents, words = sorted(incidents, key=lambda one: one.changed_at, reverse=True), self._words[language]
        updated = incidents[0].changed_at if incidents else now
        feed = self._feed("history", "feed_incidents", words, updated)
        for one in incidents:
            ended = words.mark("cancelled") if one.cancelled else words.stage(Stage.RESOLVED)
            title = one.title if one.open else words.say("label", label=ended, text=one.title)
            entry = self._entry(feed, f"incident/{one.key}", title, one.opened_at, one.changed_at)
            _child(entry, "link", rel="alternate", type="text/html", href=self._address(one, words))
            _child(entry, "content", "".join(self._paragraph(each, words) for each in one.newest_first), type="html")
        return _bytes(feed)

    def updates(self, incidents: Iterable[PublicIncident], language: str, now: datetime) -> bytes:
        """One entry per update, including corrections; a corrected one is marked as updated."""
        words = self._words[language]
        every = [(one, update) for one in incidents for update in one.newest_first]
        every.sort(key=lambda pair: (pair[1].at, pair[1].number), reverse=True)
        newest = every[:_UPDATES]
        feed = self._feed("updates", "feed_updates", words, max((u.changed_at for _, u in newest), default=now))
        for one, update in newest:
            title = words.say("label", label=update.label, text=one.title)
            entry = self._entry(feed, f"update/{update.id}", title, update.at, update.changed_at)
            link = f"{self._address(one, words)}#update-{update.number}"
            _child(entry, "link", rel="alternate", type="text/html", href=link)
            _child(entry, "content", self._paragraph(update, words), type="html")
        return _bytes(feed)

    def _feed(self, name: str, title: str, words: Wording, updated: datetime) -> ElementTree.Element:
        feed = ElementTree.Element("feed", {"xmlns": ATOM, f"{_XML}lang": words.language})
        _child(feed, "id", f"{self.tag}{name}{self._asked(words)}")
        self._title(feed, words.mark(title, name=self.organisation.name))
        if self.drill:
            _child(feed, "subtitle", "This is a drill. Nothing reaches customers.")
        _child(feed, "updated", _rfc3339(updated))
        _child(feed, "link", rel="self", type=MEDIA_TYPE, href=f"{self.url}/{name}.atom{self._asked(words)}")
        _child(feed, "link", rel="alternate", type="text/html", href=f"{self.url}/{self._asked(words)}")
        _child(_child(feed, "author"), "name", self.organisation.name)
        _child(feed, "generator", "Foghorn")
        return feed

    def _asked(self, words: Wording) -> str:
        """The query that asks for a language; empty for the first one, so its addresses never change."""
        return "" if words.language == self.organisation.languages[0] else f"?lang={words.language}"

    def _address(self, one: PublicIncident, words: Wording) -> str:
        return f"{self.url}/incidents/{one.key}{self._asked(words)}"

    def _entry(
        self, feed: ElementTree.Element, name: str, title: str, published: datetime, updated: datetime
    ) -> ElementTree.Element:
        entry = _child(feed, "entry")
        _child(entry, "id", f"{self.tag}{name}")
        self._title(entry, title)
        _child(entry, "published", _rfc3339(published))
        _child(entry, "updated", _rfc3339(updated))
        return entry

    def _title(self, parent: ElementTree.Element, title: str) -> None:
        _child(parent, "title", f"Drill: {title}" if self.drill else title)

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
    element.text = _writable(text) or None
    return element


def _writable(text: str) -> str:
    """Without the characters that XML does not allow."""
    return "".join(character for character in text if ord(character) in _ALLOWED or ord(character) > 0xFFFF)


def _bytes(feed: ElementTree.Element) -> bytes:
    return bytes(ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True))


def _rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
