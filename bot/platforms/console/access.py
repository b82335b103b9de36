"""Signed session cookies, the same-origin check of posts, and a filter that keeps sign-in tokens out of logs."""

import logging
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from bot.commands.invocation import Account
from bot.errors import NotAllowed
from bot.intake.desk import SESSION_LASTS

SESSION = "foghorn_session"


class CrossSiteRequest(NotAllowed):
    """Another site sent this request. Nothing was changed. Open the console and try again there."""


@dataclass(frozen=True)
class SessionCookie:
    """The cookie that names a session, signed with `secret`."""

    secret: str
    public_url: str

    def set(self, response: Response, request: Request, person: str, session: str) -> None:
        """Give the browser a session that began with a sign-in link."""
        signed = self._signer().dumps([person, session])
        response.set_cookie(
            SESSION,
            str(signed),
            max_age=int(SESSION_LASTS.total_seconds()),
            path=_path(request),
            secure=self.public_url.startswith("https://"),
            httponly=True,
            samesite="lax",
        )

    def delete(self, response: Response, request: Request) -> None:
        """Remove the session from the browser."""
        response.delete_cookie(SESSION, path=_path(request), httponly=True, samesite="lax")

    def account(self, request: Request) -> Account | None:
        """The account in a cookie that we signed; the desk then checks the session in the database."""
        try:
            cookie = request.cookies.get(SESSION, "")
            person, session = self._signer().loads(cookie, max_age=int(SESSION_LASTS.total_seconds()))
        except (BadSignature, TypeError, ValueError):
            return None
        return Account("console", str(person), session=str(session))

    def _signer(self) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self.secret, salt="foghorn console session")


def check_same_origin(request: Request, public_url: str) -> None:
    """Refuse a post that another site made the browser send (CSRF). Raises CrossSiteRequest.

    Browsers send Origin with every post, and Sec-Fetch-Site; a program sends one of them itself.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None and site != "same-origin":
        raise CrossSiteRequest
    if origin is None:
        if site is None:
            raise CrossSiteRequest
        return
    ours = (urlsplit(public_url), urlsplit(f"{request.url.scheme}://{request.headers.get('host', '')}"))
    asked = urlsplit(origin)
    if (asked.scheme, asked.netloc) not in [(each.scheme, each.netloc) for each in ours]:
        raise CrossSiteRequest


def _path(request: Request) -> str:
    """A drill that is mounted under a path has sessions of its own."""
    return f"{request.scope.get('root_path', '')}/console"


def without_tokens(record: logging.LogRecord) -> bool:
    """A filter for the access log: replaces the token of a sign-in link with `...`."""
    if isinstance(record.args, tuple):
        record.args = tuple(_blanked(part) if isinstance(part, str) else part for part in record.args)
    if isinstance(record.msg, str):
        record.msg = _blanked(record.msg)
    return True


def _blanked(words: str) -> str:
    return re.sub(r"(token=)[^&\s\"']+", r"\1...", words)
