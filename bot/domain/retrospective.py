"""The retrospective of an incident, once someone has edited the draft that Foghorn makes from the record."""

from datetime import datetime

from sqlmodel import Field

from bot.domain.columns import Row


class Retrospective(Row, table=True):
    """Markdown, as last saved. Until someone saves it, it is drafted from the record each time it is read."""

    incident_id: str = Field(foreign_key="incident.id", primary_key=True)
    text: str
    revision: int = 0  # how many times it has been saved
    saved_by: str = Field(foreign_key="person.id")
    saved_at: datetime
