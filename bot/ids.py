"""Names for rows: prefixed, sortable in the order of making, never parsed."""

import itertools
import secrets
import time

_turn = itertools.count()


def new_id(prefix: str) -> str:
    """`new_id("prm")` -> `prm_018f3c5e9a7b00a1d2f60e31`; ids made later in one process sort later."""
    milliseconds = time.time_ns() // 1_000_000
    return f"{prefix}_{milliseconds:012x}{next(_turn) & 0xFFFFFF:06x}{secrets.token_hex(3)}"


def recent_id(prefix: str, seconds: float) -> str:
    """Ids made within the last `seconds` sort after this."""
    return f"{prefix}_{time.time_ns() // 1_000_000 - int(seconds * 1000):012x}"


def new_secret() -> str:
    """A token nobody can guess, safe in a link."""
    return secrets.token_urlsafe(24)
