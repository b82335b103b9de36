"""Which organization owns the database. Only `run` and `check --apply` change people to match foghorn.toml."""

import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.actions import people, subscriptions
from bot.actions.app_context import AppContext
from bot.domain.components import Impact
from bot.domain.organisation import Component, Organisation
from bot.domain.people import Person
from bot.errors import OtherOrganisation
from bot.store import incidents, leases
from bot.store import people as queries
from bot.store import subscriptions as subscription_queries
from bot.store.transaction import Transaction

AUTHORITY = "feed authority"
LOOPBACK = ("", "localhost", "127.0.0.1", "::1")
COMPONENTS = "components"
"""The key under which the database stores every component that foghorn.toml ever had."""
NAME = "organisation"
"""The key under which the database stores the name of its organization."""


@dataclass(frozen=True)
class ConfigurationSource:
    """Where the configuration was read, and the built-in example to compare it with."""

    file: str
    example: Organisation


@dataclass(frozen=True)
class DatabaseOwner:
    """The organization that owns a database. Databases made by early versions record no name."""

    name: str
    example: bool  # whether it is the unchanged built-in example

    @property
    def label(self) -> str:
        """How a refusal names the owner."""
        if self.example:
            return "the built-in example"
        return f"“{self.name}”" if self.name else "an organization whose name it does not record"


@dataclass(frozen=True)
class ConfigurationChanges:
    """What following the configuration changed."""

    before: DatabaseOwner | None
    added: tuple[Person, ...]
    deactivated: tuple[Person, ...]


def check(tx: Transaction, organisation: Organisation, source: ConfigurationSource) -> bool:
    """Return whether the database belongs to this organization; False if the database is new.

    Raises OtherOrganisation.
    """
    owner = _owner(tx)
    if owner is None:
        return False
    if owner.name:
        same = owner == DatabaseOwner(organisation.name, organisation == source.example)
    else:
        same = not _unknown(tx, organisation)
    if not same:
        raise _refusal(owner, organisation, source)
    return True


def follow(
    tx: Transaction, app: AppContext, source: ConfigurationSource, *, rename: bool = False
) -> ConfigurationChanges:
    """Make people and subscriptions match the configuration, and store the organization's name.

    Several processes may do this at once. The built-in example can replace only itself. An organization can replace the
    example, including a copy of it that has not been renamed, and, with `rename`, another organization.

    Raises OtherOrganisation.
    """
    queries.hold(tx)
    organisation = app.organisation
    owner, before = _owner(tx), _configured(tx)
    if owner is not None and not owner.example:
        if organisation == source.example:
            allowed = not owner.name and not _unknown(tx, organisation)
        else:
            allowed = rename or owner.name in ("", organisation.name, source.example.name)
        if not allowed:
            raise _refusal(owner, organisation, source)
    people.follow_configuration(tx, organisation)
    subscriptions.follow_configuration(tx, app)
    now = DatabaseOwner(organisation.name, organisation == source.example)
    _remember_components(tx, organisation)
    leases.remember(tx, NAME, json.dumps({"name": now.name, "example": now.example}))
    after = _configured(tx)
    added = tuple(after[handle] for handle in sorted(after.keys() - before.keys()))
    return ConfigurationChanges(owner, added, tuple(before[handle] for handle in sorted(before.keys() - after.keys())))


def keep_feed_authority(tx: Transaction, public_url: str) -> None:
    """Keep the host of the first public address for the IDs of feed entries, so that no reader shows them as new."""
    host = urlsplit(public_url).hostname or ""
    if host not in LOOPBACK and not feed_authority(tx):
        leases.remember(tx, AUTHORITY, host)


def feed_authority(tx: Transaction) -> str:
    """The host that was kept; empty while Foghorn had only local addresses."""
    return leases.recall(tx, AUTHORITY)


def former_components(tx: Transaction, organisation: Organisation) -> tuple[Component, ...]:
    """The components that foghorn.toml once had. What was published about them still names them."""
    here = {component.key for component in organisation.components}
    kept = json.loads(leases.recall(tx, COMPONENTS) or "{}")
    return tuple(Component.model_validate(each) for key, each in kept.items() if key not in here)


def _remember_components(tx: Transaction, organisation: Organisation) -> None:
    every = {each.key: each for each in (*former_components(tx, organisation), *organisation.components)}
    leases.remember(tx, COMPONENTS, json.dumps({key: each.model_dump() for key, each in every.items()}))


def doubtful_components(tx: Transaction, organisation: Organisation) -> list[str]:
    """What still names a component that was removed from foghorn.toml, and what to do, in a sentence each."""
    here = {component.key for component in organisation.components}
    named: dict[str, list[str]] = {}
    for incident in incidents.open_incidents(tx):
        for key, impact in incidents.set_values(tx, incident).items():
            if key not in here and impact is not Impact.OPERATIONAL:
                named.setdefault(key, []).append(f"{incident.key}, which is open")
    for row in subscription_queries.subscriptions(tx):
        for key in {*row.components} - here:
            named.setdefault(key, []).append(f"the subscription of {row.destination}")
    words = "Put it back until the incident is closed, or change the subscription; what was published stays as it is."
    return [f"“{key}” is not a component anymore, but is named by {', '.join(by)}. {words}"
            for key, by in sorted(named.items())]  # fmt: skip


def _owner(tx: Transaction) -> DatabaseOwner | None:
    """The owner of the database; None if the database is new."""
    kept = leases.recall(tx, NAME)
    if kept:
        return DatabaseOwner(**json.loads(kept))
    return DatabaseOwner("", False) if _configured(tx) else None


def _configured(tx: Transaction) -> dict[str, Person]:
    return {person.handle: person for person in queries.all_people(tx) if person.configured}


def _unknown(tx: Transaction, organisation: Organisation) -> set[str]:
    """Handles of people who can act but are not in this configuration."""
    return _configured(tx).keys() - {person.handle for person in organisation.people}


def _refusal(owner: DatabaseOwner, organisation: Organisation, source: ConfigurationSource) -> OtherOrganisation:
    facts = {"owner": owner.label, "name": organisation.name, "file": source.file}
    if organisation == source.example:
        return OtherOrganisation(
            "This database belongs to {owner}, and the configuration that was found is the built-in example. "
            "Nothing was changed. Set FOGHORN_CONFIG to the path of the organization's foghorn.toml, or go to its "
            "folder.",
            **facts,
        )
    replaceable = owner.example or owner.name in ("", source.example.name)
    if replaceable:
        return OtherOrganisation(
            "This database still belongs to {owner}, and {file} describes “{name}”. Nothing was changed. To use "
            "this file, restart `foghorn run`, or run `foghorn check --apply`.",
            **facts,
        )
    return OtherOrganisation(**facts)
