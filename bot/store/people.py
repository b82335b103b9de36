"""Queries about people, their accounts, and their sign-in links."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from shlex import quote

from sqlalchemy import delete, text
from sqlmodel import col, select

from bot.domain.destinations import Destination
from bot.domain.people import ConsoleSession, Group, Identity, Person, SignIn
from bot.errors import LinkUsed, UnknownAccount
from bot.ids import new_secret
from bot.store.transaction import Transaction

LINK_LASTS = timedelta(minutes=15)
SESSION_LASTS = timedelta(hours=12)


def hold(tx: Transaction) -> None:
    """Keep others from adding people and subscriptions until the transaction ends.

    SQLite has only one writer anyway.
    """
    if tx.session.get_bind().dialect.name == "postgresql":
        tx.session.execute(text("LOCK TABLE person, identity, subscription IN SHARE ROW EXCLUSIVE MODE"))


def find_account(tx: Transaction, platform: str, account: str) -> Person | None:
    """The person behind an account, if any. In the console and on the command line, an account is an ID or handle."""
    if platform in ("console", "cli"):
        by_id = (person for person in everybody_ever(tx) if person.id == account)
        return next(by_id, None) or by_handle(tx, account)
    query = select(Person).join(Identity, col(Identity.person_id) == Person.id)
    return tx.session.exec(query.where(Identity.platform == platform, Identity.account == account)).one_or_none()


def reader_of(tx: Transaction, destination: Destination) -> Person | None:
    """The person whom a destination reaches directly; None for a channel or a room."""
    name = destination.place.removeprefix("@")
    if destination.platform == "local":
        return by_handle(tx, name) if name != destination.place else None
    return find_account(tx, destination.platform, name) if name else None


def by_handle(tx: Transaction, handle: str) -> Person | None:
    """The person with a handle such as `@ana`, in any case; also one who left, so that no one takes their place."""
    wanted = handle.removeprefix("@").strip().casefold()
    return next((person for person in everybody_ever(tx) if person.handle.casefold() == wanted), None)


def called(tx: Transaction, typed: str) -> list[Person]:
    """Who may be meant by a handle or a name: the owner of the handle, or else people in foghorn.toml, or else anyone.

    People choose their own names, so only a handle is unique.
    """
    person = by_handle(tx, typed)
    if person is not None:
        return [person] if person.active else []
    wanted = typed.removeprefix("@").strip().casefold()
    found = [person for person in all_people(tx) if person.name.casefold() == wanted]
    return [person for person in found if person.configured] or found


def all_people(tx: Transaction) -> Sequence[Person]:
    """All active people, by name."""
    return [person for person in everybody_ever(tx) if person.active]


def everybody_ever(tx: Transaction) -> Sequence[Person]:
    """All people by name, including those who left."""
    return tx.session.exec(select(Person).order_by(Person.name)).all()


def in_group(tx: Transaction, group: Group) -> list[Person]:
    """All active people in a group, by name."""
    return [person for person in all_people(tx) if person.belongs(group)]


def accounts(tx: Transaction, platform: str, persons: Sequence[Person]) -> tuple[str, ...]:
    """The accounts of these people on a platform."""
    ids = [person.id for person in persons]
    query = select(Identity.account).where(Identity.platform == platform, col(Identity.person_id).in_(ids))
    return tuple(tx.session.exec(query.order_by(Identity.account)).all())


def identities(tx: Transaction, person: Person) -> Sequence[Identity]:
    """A person's accounts on all platforms."""
    query = select(Identity).where(Identity.person_id == person.id)
    return tx.session.exec(query.order_by(Identity.platform, Identity.account)).all()


def can_be_invited(tx: Transaction, person: Person) -> bool:
    """Whether a link for this person may be shown to someone else.

    Whoever has it can act as that person, so not if they may approve or act on a chat platform.
    """
    return not person.configured and not identities(tx, person)


def person_names(tx: Transaction) -> dict[str, str]:
    """Person ID -> name, including people who left."""
    return {person.id: person.name for person in everybody_ever(tx)}


def add_sign_in(tx: Transaction, person: Person) -> str:
    """A single-use token for a person; only its hash is kept."""
    token = new_secret()
    row = SignIn(token_hash=_hash(token), person_id=person.id, expires_at=tx.now + LINK_LASTS)
    tx.session.add(row)
    return token


def use_sign_in(tx: Transaction, token: str) -> Person | None:
    """The person that a token signs in, once; None if it is unknown, used, or expired."""
    row = tx.session.exec(select(SignIn).where(SignIn.token_hash == _hash(token)).with_for_update()).one_or_none()
    if row is None or row.used_at is not None or row.expires_at <= tx.now:
        return None
    row.used_at = tx.now
    person = tx.session.get(Person, row.person_id)
    return person if person and person.active else None


def check_sign_in(tx: Transaction, token: str) -> Person:
    """The person that a token would sign in, without using it. Raises LinkUsed with the handle, or `HANDLE`."""
    row = tx.session.get(SignIn, _hash(token))
    person = tx.session.get(Person, row.person_id) if row else None
    if row is None or row.used_at is not None or row.expires_at <= tx.now or person is None or not person.active:
        raise LinkUsed(handle=quote(person.handle) if person and person.active else "HANDLE")
    return person


def forget_sign_ins(tx: Transaction, before: datetime) -> None:
    """Delete links and sessions that expired before a moment."""
    tx.session.execute(delete(SignIn).where(col(SignIn.expires_at) < before))
    tx.session.execute(delete(ConsoleSession).where(col(ConsoleSession.expires_at) < before))


def begin_session(tx: Transaction, person: Person) -> str:
    """Sign a person in to the console. The id of the session is a secret; only its hash is kept."""
    session = new_secret()
    tx.session.add(ConsoleSession(id_hash=_hash(session), person_id=person.id, expires_at=tx.now + SESSION_LASTS))
    return session


def signed_in(tx: Transaction, session: str) -> Person:
    """The person of a session. Raises UnknownAccount where it ended, expired, or its person left."""
    row = tx.session.get(ConsoleSession, _hash(session))
    person = tx.session.get(Person, row.person_id) if row and row.expires_at > tx.now else None
    if person is None or not person.active:
        raise UnknownAccount
    return person


def end_session(tx: Transaction, session: str) -> None:
    """Sign out in one browser."""
    tx.session.execute(delete(ConsoleSession).where(col(ConsoleSession.id_hash) == _hash(session)))


def end_sessions(tx: Transaction, person: Person) -> int:
    """Sign a person out everywhere, and void the sign-in links they did not use; how many sessions that ended."""
    tx.session.execute(delete(SignIn).where(col(SignIn.person_id) == person.id, col(SignIn.used_at).is_(None)))
    theirs = tx.session.exec(select(ConsoleSession).where(ConsoleSession.person_id == person.id)).all()
    for row in theirs:
        tx.session.delete(row)
    return len([row for row in theirs if row.expires_at > tx.now])


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
