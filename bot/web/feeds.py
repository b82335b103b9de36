"""The feeds, in Atom (RFC 4287) and RSS 2.0: one entry per incident, or one per update. Entry IDs never change."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import partial
from html import escape
from urllib.parse import urlsplit

from bot.actions.app_context import AppContext
from bot.domain.lifecycle import Stage
from bot.domain.paragraphs import BodyParagraph, paragraphs
from bot.domain.wording import Wording
from bot.web.api import timestamp
from bot.web.incidents import PublicIncident, PublicUpdate
from bot.web_templates import render_xml

MEDIA_TYPES = {"atom": "application/atom+xml", "rss": "application/rss+xml"}
DRILL = "This is a drill. Nothing reaches customers."
NEVER = datetime.fromtimestamp(0, UTC)  # a feed needs a time even if nothing was published
NEWEST = 50  # entries
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
        words = self._words[language]
        found: dict[str, Callable[[], bytes]] = {}
        for component in (None, *self.organisation.components):
            folder = f"/components/{component.key}" if component else ""
            name = f"{self.organisation.name}, {component.called(language)}" if component else self.organisation.name
            read = [one for one in incidents if not (component and one.impacts) or component.key in one.impacts]
            for feed, entries in (("incidents", self._incidents), ("updates", self._updates)):
                path = f"{folder}/{'history' if feed == 'incidents' else feed}"
                title = words.mark(f"feed_{feed}", name=name)
                found[f"{path}.{kind}"] = partial(self._write, kind, path, title, partial(entries, read, words), words)
        return found

    def _write(self, kind: str, path: str, title: str, entries: Callable[[], Sequence[Entry]], words: Wording) -> bytes:
        """A feed; `path` has no extension."""
        found, asked = entries(), self._asked(words)
        feed = render_xml(
            f"feed.{kind}.j2",
            id=f"{self.tag}{path.removeprefix('/')}{asked}",
            title=self._title(title),
            drill=DRILL if self.drill else "",
            updated=max((entry.updated for entry in found), default=NEVER),
            address=f"{self.url}{path}.{kind}{asked}",
            media_type=MEDIA_TYPES[kind],
            page=f"{self.url}/{asked}",
            author=self.organisation.name,
            language=words.language,
            entries=found,
            iso=timestamp,
            rfc822=lambda at: format_datetime(at.astimezone(UTC), usegmt=True),
        )
        return _NOT_ALLOWED.sub("", feed).encode()

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
