"""Signed session cookies, the same-origin check of posts, and a filter that keeps sign-in tokens out of logs."""

import logging
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import Clock
from bot.commands.invocation import Account
from bot.errors import NotAllowed
from bot.intake.desk import SESSION_LASTS

SESSION = "foghorn_session"
RETURN = "foghorn_return"
ACCEPTED = "foghorn_accepted"
SALT = "foghorn console session"
IDLE_LASTS = timedelta(hours=4)
"""How long someone stays signed in without using the console."""
RENEWED_AFTER = timedelta(minutes=1)
LIVE = "x-foghorn-live"
"""The header of requests that a page makes on its own. They do not count as use."""


class CrossSiteRequest(NotAllowed):
    """Another site sent this request. Nothing was changed. Open the console and try again there."""


@dataclass(frozen=True)
class SignedCookie:
    """Someone who is signed in, as their cookie says."""

    person: str
    id: str
    began: datetime
    seen: datetime  # when they last used the console, within a minute
    renewed: bool = False  # by this request, so the browser has to be told

    @property
    def account(self) -> Account:
        """The account for the desk, which checks the session in the database."""
        return Account("console", self.person, session=self.id)

    @property
    def ends(self) -> datetime:
        """When it ends if the console is not used again."""
        return min(self.latest, self.seen + IDLE_LASTS)

    @property
    def latest(self) -> datetime:
        """When it ends in any case."""
        return self.began + SESSION_LASTS


@dataclass(frozen=True)
class SessionCookie:
    """The cookies of the console. Session cookies are signed with `secret`."""

    secret: str
    public_url: str
    clock: Clock

    def begin(self, response: Response, request: Request, person: str, session: str) -> None:
        """Give the browser a session that began with a sign-in link."""
        response.delete_cookie(RETURN, path=console_of(request), httponly=True, samesite="lax")
        now = self.clock()
        self._set(response, request, SignedCookie(person, session, now, now))

    def read(self, request: Request) -> SignedCookie | None:
        """The session of a request, which counts as using it; None if there is none or it has ended."""
        try:
            person, session, began, seen = self._signer().loads(request.cookies.get(SESSION, ""))
            found = SignedCookie(str(person), str(session), datetime.fromisoformat(began), datetime.fromisoformat(seen))
        except (BadSignature, TypeError, ValueError):
            return None
        now = self.clock()
        if found.ends <= now:
            return None
        by_itself = LIVE in request.headers or request.headers.get("accept") == "text/event-stream"
        used = not by_itself and now - found.seen >= RENEWED_AFTER
        return replace(found, seen=now, renewed=True) if used else found

    def renew(self, response: Response, request: Request, session: SignedCookie) -> None:
        """Tell the browser that the console was used."""
        if session.renewed:
            self._set(response, request, session)

    def delete(self, response: Response, request: Request) -> None:
        """Remove the session from the browser."""
        response.delete_cookie(SESSION, path=console_of(request), httponly=True, samesite="lax")

    def remember(self, response: Response, request: Request) -> None:
        """Keep the address of a page that needs a session, so that signing in returns to it."""
        at = f"{request.scope['path']}?{request.scope['query_string'].decode('latin-1')}".rstrip("?")
        if request.method == "POST":  # the form was on that page
            page = request.headers.get("referer", "")
            at = next((page.removeprefix(each) for each in self._origins(request) if page.startswith(each)), "")
        if _is_page(at, request):
            self._keep(response, request, RETURN, at, SESSION_LASTS)

    def back_to(self, request: Request) -> str:
        """The page that was asked for before signing in, or the start page."""
        at = request.cookies.get(RETURN, "")
        return at if _is_page(at, request) else console_of(request)

    def accepted(self, response: Response, request: Request, key: str) -> None:
        """Tell the page which form was accepted, so that it deletes what was typed there."""
        if re.fullmatch(r"[\w-]{1,80}", key):
            self._keep(response, request, ACCEPTED, key, timedelta(minutes=10), httponly=False)

    def check_same_origin(self, request: Request) -> None:
        """Refuse a post that another site made the browser send (CSRF). Raises CrossSiteRequest.

        Browsers send Origin with every post, and Sec-Fetch-Site; a program sends one of them itself.
        """
        site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
        if site is not None and site != "same-origin":
            raise CrossSiteRequest
        if origin not in ((None,) if site else ()) + self._origins(request):
            raise CrossSiteRequest

    def comes_from_us(self, request: Request) -> bool:
        """Whether the request came from one of our pages. Browsers leave out Sec-Fetch-Site without TLS."""
        site, page = request.headers.get("sec-fetch-site"), request.headers.get("referer", "")
        return site == "same-origin" or (not site and page.startswith(tuple(f"{o}/" for o in self._origins(request))))

    def _origins(self, request: Request) -> tuple[str, ...]:
        """Our own origins. They are compared as text, because a request may contain anything."""
        public = urlsplit(self.public_url)
        return f"{public.scheme}://{public.netloc}", f"{request.scope['scheme']}://{request.headers.get('host', '')}"

    def _set(self, response: Response, request: Request, session: SignedCookie) -> None:
        values = [session.person, session.id, session.began.isoformat(), session.seen.isoformat()]
        self._keep(response, request, SESSION, str(self._signer().dumps(values)), session.latest - self.clock())

    def _keep(
        self, response: Response, request: Request, name: str, value: str, lasts: timedelta, *, httponly: bool = True
    ) -> None:
        response.set_cookie(
            name,
            value,
            max_age=int(lasts.total_seconds()),
            path=console_of(request),
            secure=self.public_url.startswith("https://"),
            httponly=httponly,
            samesite="lax",
        )

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt=SALT)


def root_of(request: Request) -> str:
    """The path under which the application is mounted, without a trailing slash."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def console_of(request: Request) -> str:
    """The path of the console. A drill that is mounted under a path has its own sessions."""
    return f"{root_of(request)}/console"


def _is_page(at: str, request: Request) -> bool:
    """Whether an address is a console page that can be requested again."""
    path = rf"{re.escape(console_of(request))}(?!/(changes|session|do/))(/[\w./#@%-]*)?"
    return re.fullmatch(rf"{path}(\?[\w.&=%+#@:-]*)?", at, re.ASCII) is not None


def without_tokens(record: logging.LogRecord) -> bool:
    """A filter for the access log: replaces the token of a sign-in link with `...`."""
    if isinstance(record.args, tuple):
        record.args = tuple(_blanked(part) if isinstance(part, str) else part for part in record.args)
    if isinstance(record.msg, str):
        record.msg = _blanked(record.msg)
    return True


def _blanked(words: str) -> str:
    return re.sub(r"(token=)[^&\s\"']+", r"\1...", words)
