"""What processes share through the database: leases, and values kept across restarts."""

from datetime import datetime

from sqlmodel import Field

from bot.domain.columns import Row


class Lease(Row, table=True):
    """Something that one process holds until a time of the elapsed-time clock, unless it renews it."""

    name: str = Field(primary_key=True)  # "discord:gateway"
    owner: str
    until: datetime


class StoredValue(Row, table=True):
    """A value kept across restarts, such as the hash of the commands that a platform knows."""

    __tablename__ = "remembered"

    name: str = Field(primary_key=True)
    value: str


class StoredSecret(Row, table=True):
    """A secret that Foghorn made for itself. Backups leave this table out."""

    __tablename__ = "secret"

    name: str = Field(primary_key=True)
    value: str
