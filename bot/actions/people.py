"""People: those in foghorn.toml, and those invited one by one."""

import re
from difflib import get_close_matches

from bot.domain.organisation import Organisation
from bot.domain.people import Group, Identity, Person, handles, names
from bot.errors import Conflict, InvalidField, NotAllowed, NotFound, NotInGroup
from bot.store import incidents, links, people
from bot.store.transaction import Transaction

UNKNOWN = "Foghorn does not know anyone called “{typed}”. Nothing was changed. Known people: {known}."
NAME_LENGTH = 80
SIMILAR = 0.75
"""How similar two names have to be for one to be a typo of the other."""


def follow_configuration(tx: Transaction, organisation: Organisation) -> None:
    """Make the database match `[[people]]` in foghorn.toml. People who were removed can no longer act.

    Accounts that were removed from a person are removed here too; accounts joined with `link` stay.
    """
    named = {config.handle: config for config in organisation.people}
    everybody = {person.handle: person for person in people.everybody_ever(tx)}
    for handle, person in everybody.items():
        if person.configured and handle not in named:
            person.configured = person.active = False
            people.end_sessions(tx, person)
    for handle, config in named.items():
        person = everybody.get(handle) or Person(name=config.name, handle=handle)
        tx.session.add(person)
        person.name, person.groups = config.name, list(config.groups)
        if not was_removed(person):
            person.configured = person.active = True
        tx.session.flush()
        accounts = set(config.accounts.items())
        for identity in people.identities(tx, person):
            if identity.configured and (identity.platform, identity.account) not in accounts:
                tx.session.delete(identity)
        tx.session.flush()
        for platform, account in accounts:
            _connect(tx, person, platform, account, configured=True)


def first(tx: Transaction, organisation: Organisation) -> Person | None:
    """The first person of foghorn.toml who can use Foghorn."""
    active = {person.handle: person for person in people.all_people(tx)}
    return next((active[config.handle] for config in organisation.people if config.handle in active), None)


def remove(tx: Transaction, name: str) -> tuple[Person, int]:
    """Take a person's access back at once; also how many sessions that ended. Raises NotFound.

    While they are in foghorn.toml, they stay `configured`, so that the next start does not give the access back.
    """
    person = find(tx, name)
    person.active = False
    return person, people.end_sessions(tx, person)


def restore(tx: Transaction, handle: str) -> Person:
    """Give back the access that `remove` took. Raises NotFound, Conflict."""
    person = people.by_handle(tx, handle)
    if person is None:
        raise NotFound(UNKNOWN, typed=handle, known=handles(people.all_people(tx)))
    if not person.active and not person.configured and Group.APPROVERS in person.groups:
        raise Conflict(
            "{name} (@{handle}) is no longer in foghorn.toml. Nothing was changed. Add them there, then run "
            "`foghorn check --apply`.",
            name=person.name,
            handle=person.handle,
        )
    person.active = True
    return person


def was_removed(person: Person) -> bool:
    """Whether someone in foghorn.toml was removed by hand."""
    return person.configured and not person.active


def find(tx: Transaction, name: str) -> Person:
    """The one active person who is meant by a handle or a name. Raises NotFound."""
    found = people.called(tx, name)
    if len(found) > 1:
        message = "{number} people are called “{typed}”. Nothing was changed. Use one of these handles: {handles}."
        raise NotFound(message, number=len(found), typed=name, handles=handles(found))
    if not found:
        raise NotFound(UNKNOWN, typed=name, known=handles(people.all_people(tx)))
    return found[0]


def invite(tx: Transaction, name: str) -> tuple[Person, str]:
    """A known person, and a new single-use sign-in token for them. Raises NotFound."""
    if not people.called(tx, name):
        message = f"{UNKNOWN} To add someone, use `foghorn people invite NAME --new`."
        raise NotFound(message, typed=name, known=handles(people.all_people(tx)))
    person = find(tx, name)
    return person, people.add_sign_in(tx, person)


def add(tx: Transaction, name: str, *, support: bool = False, sure: bool = True) -> tuple[Person, str]:
    """A new person who may not approve or publish, and their sign-in token.

    Raises Conflict if the name is taken or, unless `sure`, if it is similar to a known name.
    """
    name = " ".join(name.split())
    known = {word.casefold(): person for person in people.all_people(tx) for word in (person.name, person.handle)}
    similar = get_close_matches(name.casefold(), known, n=1, cutoff=1 if sure else SIMILAR)
    if similar:
        found = known[similar[0]]
        message = (
            "“{typed}” may be {name} (@{handle}). No one was added. To invite them, use the handle. To add someone "
            "else, use a less similar name."
        )
        raise Conflict(message, typed=name, name=found.name, handle=found.handle)
    group = Group.SUPPORT if support else Group.RESPONDERS
    person = Person(name=name, handle=_free_handle(tx, name), groups=[group.value])
    tx.session.add(person)
    tx.session.flush()
    return person, people.add_sign_in(tx, person)


def invite_by(tx: Transaction, inviter: Person, name: str, *, support: bool) -> tuple[Person, str]:
    """A person invited by an administrator, new unless the name is known, and their sign-in token.

    Raises NotInGroup, NotAllowed, NotFound, Conflict, InvalidField.
    """
    if not inviter.belongs(Group.ADMINISTRATORS):
        ask = names(people.in_group(tx, Group.ADMINISTRATORS))
        raise NotInGroup(verb="invite people", group=Group.ADMINISTRATORS.value, ask=ask)
    if not re.search(r"\w", name) or len(name) > NAME_LENGTH:
        raise InvalidField(typed=name[:NAME_LENGTH], wanted=f"a name of up to {NAME_LENGTH} characters")
    if not people.called(tx, name):
        return add(tx, name, support=support, sure=False)
    person = find(tx, name)
    if not people.can_be_invited(tx, person):
        message = (
            "{name} can approve, or also acts in chat, so the console shows no sign-in link for them. On the "
            "server, run `foghorn people invite {handle}`."
        )
        raise NotAllowed(message, name=person.name, handle=person.handle)
    return person, people.add_sign_in(tx, person)


def member_handle(platform: str, account: str) -> str:
    """The handle of a member who is not in foghorn.toml; an administrator may have given them another."""
    return f"{platform}-{account.casefold()}"


def find_or_add_member(tx: Transaction, platform: str, account: str, name: str, *, keep: bool) -> Person:
    """A member of the platform who is not in foghorn.toml. May declare, draft, and add notes. `keep`: store them."""
    if keep:  # of two simultaneous commands, the second waits here and then finds the person
        incidents.wait_for_declarations(tx)
        known = people.find_account(tx, platform, account)
        if known is not None:
            return known
    handle = member_handle(platform, account)
    before = people.by_handle(tx, handle)
    if (
        before and before.active and before.groups == [Group.MEMBERS]
    ):  # they were stored before foghorn.toml listed the account
        person = before
    else:
        person = Person(name=name, handle=_free_handle(tx, handle), groups=[Group.MEMBERS.value])
    if keep:
        tx.session.add(person)
        tx.session.flush()
        _connect(tx, person, platform, account)
        tx.session.flush()
    return person


def _free_handle(tx: Transaction, name: str) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or "guest"
    taken = {person.handle for person in people.everybody_ever(tx)}
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(handle for handle in numbered if handle not in taken)


def _connect(tx: Transaction, person: Person, platform: str, account: str, *, configured: bool = False) -> None:
    row = tx.session.get(Identity, (platform, account))
    if row is None:
        row = Identity(platform=platform, account=account, person_id=person.id)
        tx.session.add(row)
    owner = tx.session.get(Person, row.person_id)
    if owner is not None and owner.id != person.id and not owner.configured:
        links.hand_drafts_over(tx, owner, person)  # whoever wrote from this account is now known
    row.person_id, row.configured = person.id, configured
