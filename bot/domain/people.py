"""People: accounts on platforms belong to a person, and rules are about people."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, Column
from sqlmodel import Field

from bot.domain.columns import Row, enum_column
from bot.ids import new_id


class Group(StrEnum):
    """Who may use a command. Everyone known is a member; administrators may do what responders may."""

    MEMBERS = "members"
    SUPPORT = "support"  # only copies approved texts
    RESPONDERS = "responders"
    APPROVERS = "approvers"
    SECURITY = "security"
    ADMINISTRATORS = "administrators"


class Role(StrEnum):
    """A person's role in one incident."""

    COMMANDER = "commander"
    COMMUNICATIONS_LEAD = "communications lead"
    SCRIBE = "scribe"


class Person(Row, table=True):
    """A human, from whatever account. The one acting now is called the actor."""

    id: str = Field(default_factory=lambda: new_id("per"), primary_key=True)
    name: str
    handle: str = Field(unique=True)
    groups: list[str] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    configured: bool = False  # in foghorn.toml: may approve and publish
    active: bool = True

    def belongs(self, group: Group) -> bool:
        """Whether this person is in a group. People with support access are in no other."""
        if Group.SUPPORT in self.groups:
            return group is Group.SUPPORT
        if group in (Group.MEMBERS, Group.SUPPORT) or group in self.groups:
            return True
        return group is Group.RESPONDERS and Group.ADMINISTRATORS in self.groups

    @property
    def can_be_assigned(self) -> bool:
        """Whether this person can be asked for anything: still active, and not limited to support access."""
        return self.active and self.belongs(Group.MEMBERS)


class Identity(Row, table=True):
    """The account of a person on one platform."""

    platform: str = Field(primary_key=True)
    account: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    configured: bool = False  # from foghorn.toml, and removed when it is removed there


class RoleAssignment(Row, table=True):
    """Who holds a role in an incident."""

    __tablename__ = "role_assignment"

    incident_id: str = Field(foreign_key="incident.id", primary_key=True)
    role: Role = Field(sa_column=enum_column(Role, primary_key=True))
    person_id: str = Field(foreign_key="person.id", index=True)


class SignIn(Row, table=True):
    """A single-use link to the console. Only the hash of its token is stored."""

    __tablename__ = "sign_in"

    token_hash: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id")
    expires_at: datetime
    used_at: datetime | None = None


class ConsoleSession(Row, table=True):
    """Someone signed in to the console in one browser; only the hash of the session's id is kept."""

    __tablename__ = "console_session"

    id_hash: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    expires_at: datetime


class LinkCode(Row, table=True):
    """Shown to a person on one platform, to be typed on another. Single use; only its hash is stored."""

    __tablename__ = "link_code"

    code_hash: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    platform: str  # where it was shown
    expires_at: datetime


class LinkAttempt(Row, table=True):
    """A wrong code that someone typed."""

    __tablename__ = "link_try"

    id: str = Field(default_factory=lambda: new_id("try"), primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    at: datetime


def names(people: Collection[Person], *, other_than: Person | None = None) -> str:
    """`Ana Silva or Ben Osei`, for a refusal that says who to ask."""
    found = [person.name for person in people if other_than is None or person.id != other_than.id]
    if not found:
        return "an administrator"
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} or {found[-1]}"


def handles(people: Collection[Person]) -> str:
    """`@ana, @ben`."""
    return ", ".join(f"@{person.handle}" for person in people)
