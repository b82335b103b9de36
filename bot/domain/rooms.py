"""Rooms: where people work on an incident."""

from sqlmodel import Field, SQLModel


class Room(SQLModel, table=True):
    """A channel of one platform; what is said in it is about that incident."""

    platform: str = Field(primary_key=True)
    channel: str = Field(primary_key=True)
    incident_id: str = Field(foreign_key="incident.id", index=True)
