"""IDs for rows: prefixed, sortable by time of creation, and never parsed."""

import itertools
import secrets
import time
from collections.abc import Callable

_turn = itertools.count()
_clock: Callable[[], float] = time.time
_last = 0


def go_by(clock: Callable[[], float]) -> None:
    """Make IDs from a clock (seconds since 1970) that is never set back, so IDs of several processes sort by time."""
    global _clock
    _clock = clock


def new_id(prefix: str) -> str:
    """`new_id("prm")` -> `prm_018f3c5e9a7b00a1d2f60e31`. IDs made later in one process sort later."""
    return f"{prefix}_{_milliseconds():012x}{next(_turn) & 0xFFFFFF:06x}{secrets.token_hex(3)}"


def recent_id(prefix: str, seconds: float) -> str:
    """IDs made within the last `seconds` sort after this."""
    return f"{prefix}_{_milliseconds() - int(seconds * 1000):012x}"


def new_secret() -> str:
    """A token that cannot be guessed and is safe in a link."""
    return secrets.token_urlsafe(24)


def _milliseconds() -> int:
    """The time in milliseconds. If the clock was set back, the last value."""
    global _last
    _last = max(_last, int(_clock() * 1000))
    return _last
