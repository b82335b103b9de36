"""`foghorn people`: who can use Foghorn, links that sign them in, and how access is taken back."""

import json
from typing import Annotated

import typer

from bot import core as cores
from bot.actions import leaving
from bot.actions import people as actions
from bot.domain.people import Group, Person
from bot.store import people as queries

people = typer.Typer(no_args_is_help=True, help="List people, make sign-in links, and take access back.")


@people.command("list")
def people_list(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """List everyone who can use Foghorn."""
    with cores.running(cores.checked_setup(context.obj), context.obj) as core, core.store.read() as tx:
        found = queries.all_people(tx)
        removed = [person for person in queries.everybody_ever(tx) if actions.was_removed(person)]
    if as_json:
        rows = [{"name": p.name, "handle": p.handle, "groups": p.groups, "configured": p.configured} for p in found]
        print(json.dumps(rows, ensure_ascii=False))
        return
    for person in found:
        note = "" if person.configured else f"  (not in foghorn.toml: {_may(person)})"
        print(f"@{person.handle}  {person.name}  {', '.join(person.groups)}{note}")
    for person in removed:
        print(f"@{person.handle}  {person.name}  (in foghorn.toml, but removed with `people remove`)")


def _may(person: Person) -> str:
    """What someone can do who is not in foghorn.toml."""
    if not person.belongs(Group.MEMBERS):
        return "can only copy published text"
    responds = person.belongs(Group.RESPONDERS)
    return "can respond, but not approve or publish" if responds else "can declare, draft, and add notes"


@people.command("invite")
def people_invite(
    context: typer.Context,
    name: str,
    new: Annotated[
        bool, typer.Option("--new", help="Add a person who can respond, but not approve or publish.")
    ] = False,
    support: Annotated[
        bool, typer.Option("--support", help="Add a person with support access, who can only copy published text.")
    ] = False,
) -> None:
    """Print a link that signs NAME (a handle or a name) in to the console. It works once, within 15 minutes."""
    setup = cores.checked_setup(context.obj)
    with cores.running(setup, context.obj) as core, core.store.write() as tx:
        if new or (support and not queries.called(tx, name)):
            person, token = actions.add(tx, name, support=support, sure=new)
        else:
            person, token = actions.invite(tx, name)
    url = setup.settings.url
    print(f"{person.name} (@{person.handle}) can sign in once, within 15 minutes: {url}/console?token={token}")


@people.command("sign-out")
def people_sign_out(context: typer.Context, name: str) -> None:
    """Sign NAME out of the console in every browser, and void the sign-in links they have not used."""
    with cores.running(cores.checked_setup(context.obj), context.obj) as core, core.store.write() as tx:
        person = actions.find(tx, name)
        ended = queries.end_sessions(tx, person)
    print(f"{person.name} (@{person.handle}) is signed out of the console. Sessions ended: {ended}.")


@people.command("remove")
def people_remove(context: typer.Context, name: str) -> None:
    """Take NAME's access back at once, in the console, in chat, and on the command line."""
    with cores.running(cores.checked_setup(context.obj), context.obj) as core, core.store.write() as tx:
        person, ended = actions.remove(tx, name)
        leaving.ask_next_everywhere(tx, core.app)
    listed = " They are still in foghorn.toml; remove them there, too." if person.configured else ""
    print(f"{person.name} (@{person.handle}) can no longer use Foghorn. Sessions ended: {ended}.{listed}")
    print(f"To give the access back, run `foghorn people restore {person.handle}`.")


@people.command("restore")
def people_restore(context: typer.Context, handle: str) -> None:
    """Give back the access that `people remove` took from the person with this handle."""
    with cores.running(cores.checked_setup(context.obj), context.obj) as core, core.store.write() as tx:
        person = actions.restore(tx, handle)
    print(f"{person.name} (@{person.handle}) can use Foghorn again.")
