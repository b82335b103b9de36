"""Published pages as bytes in memory, and the answers to requests for them, in front of the framework.

A page is compressed once per encoding, when first requested. Its ETag and Last-Modified change only with its content;
what only changes with the clock, such as “4 min ago”, is left out of both.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from urllib.parse import parse_qs

import brotli
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from bot.web.languages import weights
from bot.web.middleware import HEADERS, host_of

CACHING = {
    "Cache-Control": "public, max-age=5, stale-while-revalidate=30, stale-if-error=86400",
    "Vary": "Accept-Encoding, Accept-Language",
}
CROSS_ORIGIN = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "ETag"}
CACHED_VALUES = 1024  # different header values whose parsed form is cached
MAX_VALUE = 200  # bytes; longer header values are cut off or not answered from memory
WINDOW = 16  # of Brotli, 64 kB; a larger one takes a megabyte at each build and saves nothing on pages of this kind
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=5, lgwin=WINDOW)),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
    "": bytes,
}
"""By the name of the encoding, the best first."""
_COUNTING = re.compile(
    rb' data-now="[^"]*"|<data class="counting">.*?</data>|(?<= data-)(?:ago|until)="[^"]*">[^<]*'
    rb'|<figure class="panel picture">.*?</figure>',
    re.DOTALL,
)
_Fields = list[tuple[bytes, bytes]]


class PublishedResponse(Response):
    """One page, feed, or file. `shared`: scripts on any site may read it (CORS)."""

    def __init__(
        self,
        body: bytes,
        media_type: str,
        modified: datetime,
        *,
        shared: bool = False,
        caching: Mapping[str, str] = CACHING,
    ) -> None:
        self.caching = caching
        self.tag = f'"{hashlib.sha256(_COUNTING.sub(b"", body)).hexdigest()[:20]}"'
        self.modified = modified.replace(microsecond=0)
        self.shared = shared
        self._encoded: dict[str, tuple[_Fields, bytes]] = {}
        super().__init__(body, media_type=media_type)
        self._unchanged = self._fields({})

    def after(self, before: "PublishedResponse | None") -> "PublishedResponse":
        """What replaces an earlier response: that one if nothing changed, or else this one, dated by its content."""
        if before is None:
            return self
        if before.tag == self.tag and before.body == self.body:
            return before
        unchanged = before.tag == self.tag
        # different content gets a different second, because HTTP dates have no fractions
        modified = before.modified if unchanged else max(self.modified, before.modified + timedelta(seconds=1))
        return PublishedResponse(bytes(self.body), self.media_type or "", modified, shared=self.shared)

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer GET or HEAD with 200, or with 304 if the client already has it."""
        asked = dict(scope["headers"])
        if self._is_current_for(asked):
            await send({"type": "http.response.start", "status": 304, "headers": self._unchanged})
            await send({"type": "http.response.body", "body": b""})
            return
        fields, body = self.encoded(_encoding(asked.get(b"accept-encoding", b"")[:MAX_VALUE]))
        await send({"type": "http.response.start", "status": 200, "headers": fields})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    def encoded(self, encoding: str) -> tuple[_Fields, bytes]:
        """The header fields and the body in an encoding: a key of COMPRESS."""
        if encoding not in self._encoded:
            body = COMPRESS[encoding](bytes(self.body))
            named = {"Content-Encoding": encoding} if encoding else {}
            fields = {"Content-Type": self.media_type or "", "Content-Length": str(len(body)), **named}
            self._encoded[encoding] = self._fields(fields), body
        return self._encoded[encoding]

    def _fields(self, more: dict[str, str]) -> _Fields:
        fields = {
            **more,
            "ETag": f"W/{self.tag}",
            "Last-Modified": f"{self.modified:%a, %d %b %Y %H:%M:%S} GMT",
            **self.caching,
            **(CROSS_ORIGIN if self.shared else {}),
            **HEADERS,
        }
        return [(name.lower().encode(), value.encode()) for name, value in fields.items()]

    def _is_current_for(self, asked: dict[bytes, bytes]) -> bool:
        """Whether the client already has it. If-None-Match comes first (RFC 9110, section 13.2.2)."""
        if wanted := asked.get(b"if-none-match"):
            return wanted == b"*" or self.tag.encode() in wanted
        since = _instant(asked.get(b"if-modified-since", b"")[:MAX_VALUE])
        return since is not None and self.modified <= since


class Page:
    """A page that is rendered when it is first requested. `before` is the previous page at its path."""

    def __init__(self, make: Callable[[], PublishedResponse], before: "Page | None" = None) -> None:
        self._make = make
        self._before = before.latest if before else None
        self._made: PublishedResponse | None = None

    @property
    def latest(self) -> PublishedResponse | None:
        """What was last rendered for its path."""
        return self._made or self._before

    def response(self) -> PublishedResponse:
        """The page as it was published last."""
        if self._made is None:
            self._made = self._make().after(self._before)
            self._before = None
        return self._made


class Published:
    """Finds the answer to a request: a page by language and path, or a file of /static by path and query."""

    def __init__(
        self,
        find: Callable[[str, str], PublishedResponse | None],
        find_static: Callable[[str, str], PublishedResponse | None],
        choose: Callable[[str, str], str],
        hosts: set[str],
    ) -> None:
        self._find, self._find_static = find, find_static
        self._language = lru_cache(CACHED_VALUES)(lambda query, accepted: _asked_language(choose, query, accepted))
        self._known = lru_cache(CACHED_VALUES)(lambda host: host_of(host.decode("latin-1")) in hosts)

    def response(self, scope: Scope) -> PublishedResponse | None:
        """The page or file; None for everything that only the framework can answer or refuse."""
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            return None
        asked = dict(scope["headers"])
        host, query, accepted = asked.get(b"host", b""), scope["query_string"], asked.get(b"accept-language", b"")
        if len(host) > MAX_VALUE or len(query) > MAX_VALUE or not self._known(host):
            return None
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path.startswith("/static/"):
            return self._find_static(path, query.decode("latin-1"))
        language = self._language(query, accepted[:MAX_VALUE])
        return self._find(language, path) if language else None


def _asked_language(choose: Callable[[str, str], str], query: bytes, accepted: bytes) -> str:
    """The reader's language; empty if the query asks for anything else."""
    asked = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    if query and asked.keys() != {"lang"}:
        return ""
    return choose(asked.get("lang", [""])[0], accepted.decode("latin-1"))


@lru_cache(CACHED_VALUES)
def _encoding(accepted: bytes) -> str:
    """The best of our encodings that a client accepts (RFC 9110, section 12.5.3)."""
    wanted = dict(weights(accepted.decode("latin-1").lower()))
    return next((each for each in COMPRESS if each and wanted.get(each, wanted.get("*", 0)) > 0), "")


@lru_cache(CACHED_VALUES)
def _instant(date: bytes) -> datetime | None:
    """The time of an HTTP date; None if it cannot be parsed."""
    try:
        at = parsedate_to_datetime(date.decode("latin-1"))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
