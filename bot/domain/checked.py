"""Types of values in foghorn.toml that say in plain words what they accept."""

import base64
import re
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

SIGNING_SECRET = "`whsec_` followed by base64 of 24 to 64 bytes"


def signs(secret: str) -> bool:
    """Whether a webhook's secret can sign, as Standard Webhooks 1.0.0 requires; its library accepts any text."""
    try:
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        return False
    return secret.startswith("whsec_") and 24 <= len(key) <= 64


def _visible(text: str) -> str:
    if not text.strip():
        raise ValueError("it must not be empty")
    return _on_one_line(text)


def _on_one_line(text: str) -> str:
    if re.search(r"[\x00-\x1f\x7f\x85\u2028\u2029]", text):
        raise ValueError("it must be on one line")
    return text


Text = Annotated[str, AfterValidator(_visible)]
"""An entry of a list. An empty one would match every text."""
Line = Annotated[str, AfterValidator(_on_one_line)]
"""What people read, or nothing."""
Name = Annotated[str, AfterValidator(_visible), Field(max_length=60)]
"""What people read."""

_ABBREVIATED = {
    "EST": "America/New_York", "EST5EDT": "America/New_York", "CST6CDT": "America/Chicago", "MST": "America/Denver",
    "MST7MDT": "America/Denver", "PST8PDT": "America/Los_Angeles", "HST": "Pacific/Honolulu", "CET": "Europe/Paris",
    "MET": "Europe/Paris", "EET": "Europe/Athens", "WET": "Europe/Lisbon", "GMT": "Europe/London",
    "PRC": "Asia/Shanghai", "ROC": "Asia/Taipei", "ROK": "Asia/Seoul",
}  # fmt: skip


def shaped(pattern: str, wanted: str) -> AfterValidator:
    """Accepts text of this form only. `wanted` completes “must be ...” in the refusal."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"“{text}” must be {wanted}")
        return text

    return AfterValidator(check)


def zone_name(name: str) -> str:
    """The name of a time zone. Raises ValueError."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise ValueError(f"“{name}” is not a time zone; use a name such as America/New_York") from problem
    return name


def doubtful_zone(name: str) -> str:
    """Why a time zone is probably not the one that was meant; empty if it is fine."""
    if name in _ABBREVIATED:
        return (
            f"“{name}” is an abbreviation, which may ignore daylight saving time; use {_ABBREVIATED[name]}, or a city"
        )
    fixed = re.fullmatch(r"Etc/GMT([+-])(\d+)", name)
    if fixed and fixed[2] != "0":
        way = "behind" if fixed[1] == "+" else "ahead of"
        return f"“{name}” is {fixed[2]} hours {way} UTC all year; use a name such as America/New_York"
    return ""


def _address_or_nothing(url: str) -> str:
    return web_address(url, secure=False) if url else url


Address = Annotated[str, AfterValidator(_address_or_nothing)]
"""An http or https address, or nothing."""


def web_address(url: str, *, secure: bool = True) -> str:
    """An address that can be called. `secure`: https only. Raises ValueError."""
    schemes = ("https",) if secure else ("https", "http")
    if re.search(r"[\s\x00-\x1f\x7f]", url):
        raise ValueError(f"“{url}” contains a space; remove it, or write it as %20")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(f"“{url}” has no valid host and port; a port is a number from 1 to 65535") from None
    if parts.scheme not in schemes:
        raise ValueError(f"“{url}” must start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if not host or not re.fullmatch(r"[\w.:%-]*\w\.?", host):
        raise ValueError(f"“{url}” has no host; write it as {parts.scheme}://hooks.example.com/path")
    if port == 0:
        raise ValueError(f"“{url}” has port 0; a port is a number from 1 to 65535")
    if parts.username is not None:
        raise ValueError("it contains a user name or password, and secrets do not belong in this file; remove it")
    return url
