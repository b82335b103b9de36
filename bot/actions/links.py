"""Linking accounts: a code shown on one platform and typed on another makes both accounts one person."""

import secrets
from datetime import datetime, timedelta

from bot.actions import outbox
from bot.actions.app_context import AppContext
from bot.domain.people import Person
from bot.errors import Conflict
from bot.store import links
from bot.store.transaction import Transaction

LASTS = timedelta(minutes=10)
TRIES = 5  # wrong codes allowed within that time
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # no characters that look alike
LENGTH = 8


def show_code(tx: Transaction, actor: Person) -> str:
    """A new code for the actor. Any earlier code becomes invalid."""
    code = "".join(secrets.choice(LETTERS) for _letter in range(LENGTH))
    links.add_code(tx, actor, tx.platform, code, tx.now + LASTS)
    return f"{code[:4]}-{code[4:]}"


def paused_until(tx: Transaction, actor: Person) -> datetime | None:
    """When someone who typed too many wrong codes may try again; None if they may try now."""
    count, first = links.tries_since(tx, actor, tx.now - LASTS)
    return first + LASTS if count >= TRIES and first is not None else None


def use_code(tx: Transaction, app: AppContext, actor: Person, typed: str) -> Person | None:
    """Link the two accounts and return the person; None if the code is wrong, which is counted.

    Raises Conflict if foghorn.toml lists both.
    """
    code = "".join(letter for letter in typed.upper() if letter in LETTERS)
    other = links.use_code(tx, code, tx.platform) if len(code) == LENGTH else None
    if other is None:
        links.add_try(tx, actor)
        return None
    if other.id == actor.id:
        return actor
    if other.configured and actor.configured:
        message = (
            "foghorn.toml lists {one} and {other} as two people, so these accounts cannot be linked. Nothing was "
            "changed."
        )
        raise Conflict(message, one=other.name, other=actor.name)
    staying, leaving = (actor, other) if actor.configured else (other, actor)
    links.hand_everything_over(tx, leaving, staying)
    leaving.active = False
    words = f"Another account ({leaving.name}, @{leaving.handle}) counts as you from now on. If that is wrong, tell an"
    for place in outbox.direct_destinations(tx, app, staying):
        outbox.announce(tx, place, f"{words} administrator at once.")
    return staying
