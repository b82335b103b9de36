"""Finds out who is meant by a mention, an ID, or a handle, also someone Foghorn has not met.

The platform is asked before a command runs, outside transactions, and confirms who takes part.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

from bot.commands import catalog, choices, fields
from bot.commands.context import Context, account_meant
from bot.commands.invocation import Account, Invocation
from bot.errors import NotAllowed, PersonNotLookedUp, SendFailed
from bot.ports import PeopleDirectory
from bot.reading.incident_page import assignable
from bot.store import people
from bot.views import Form

REFUSED = "{person} {why}. Nothing was changed. Choose someone else."


@dataclass(frozen=True)
class Known:
    """What is known of the person that was typed: in foghorn.toml or not, and their account on the platform."""

    name: str
    configured: bool
    account: str


Ask = Callable[[str, str], Awaitable[Known | None]]


async def with_people(asked: Invocation, directories: Mapping[str, PeopleDirectory], known: Ask) -> Invocation:
    """The command with every person that was typed confirmed by their platform.

    People in foghorn.toml need no confirmation. `known` tells what the database knows, and raises if the actor may not
    use the command, so that nobody else makes Foghorn look someone up. Raises BotError.
    """
    typed = [asked.typed.get(f.name, "").strip() for f in catalog.find(asked.verb).fields if f.parse is fields.person]
    for words in filter(None, typed):
        if words.casefold() not in ("me", "@me"):
            confirmed = await _confirmed(asked, words, directories, known)
            asked = replace(asked, confirmed={**asked.confirmed, **({words: confirmed} if confirmed else {})})
    return asked


async def _confirmed(
    asked: Invocation, words: str, directories: Mapping[str, PeopleDirectory], known: Ask
) -> Account | None:
    """The account that was typed, if its platform has confirmed it; None: what the database knows is enough."""
    platform, typed = account_meant(words, asked.where.platform, directories)
    directory = directories.get(platform)
    if directory is None:
        return None
    before = await known(platform, words)
    if before is not None and (before.configured or not before.account or asked.verb == "uninvite"):
        return None
    try:
        found = await directory.find_person(before.account if before else typed)
    except SendFailed as failure:
        if before is not None:
            return None
        raise PersonNotLookedUp(platform=platform.capitalize(), typed=words, why=failure.reason) from failure
    if found is None and before is not None:
        raise NotAllowed(REFUSED, person=before.name, why=f"is no longer on {platform.capitalize()}")
    if found is None:
        return None
    if found.refused:
        raise NotAllowed(REFUSED, person=found.name, why=found.refused)
    return Account(platform, found.id, found.name)


def with_everyone(ctx: Context, form: Form) -> Form:
    """A form that offers the people of the configuration, with everyone else who can be assigned."""
    listed, everyone = choices.person_options(ctx.app.organisation), assignable(ctx)
    offered = (replace(field, options=everyone) if field.options == listed else field for field in form.fields)
    return replace(form, fields=tuple(offered))


def what_is_known(ctx: Context, platform: str, words: str) -> Known | None:
    """What the database knows of the person that was typed; None: nothing."""
    person = ctx.known_person(words)
    if person is None:
        return None
    accounts = people.accounts(ctx.tx, platform, [person])
    return Known(person.name, person.configured or not person.active, accounts[0] if accounts else "")
