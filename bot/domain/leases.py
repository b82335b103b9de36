"""What processes share through the database: who holds what there is one of, and what is to be remembered."""

from datetime import datetime

from sqlmodel import Field, SQLModel


class Lease(SQLModel, table=True):
    """Something that one process holds until a moment of the clock that counts elapsed time, unless it renews it."""

    name: str = Field(primary_key=True)  # "discord:gateway"
    owner: str
    until: datetime


class Remembered(SQLModel, table=True):
    """A word kept across starts, such as the hash of the commands a platform knows."""

    name: str = Field(primary_key=True)
    value: str
