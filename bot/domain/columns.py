"""The base of all tables, and how our types are stored if SQLModel's default would be wrong."""

from enum import StrEnum
from typing import Any

from pydantic import ConfigDict
from sqlalchemy import JSON, Column, Enum, String
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel


class Row(SQLModel):
    """A row of a table. SQLModel does not validate rows, so Pydantic builds nothing for that."""

    model_config = ConfigDict(defer_build=True)  # type: ignore[assignment]


def enum_column(
    kind: type[StrEnum], *, nullable: bool = False, primary_key: bool = False, name: str | None = None
) -> Column[Any]:
    """An enum stored by value (`open`, not `OPEN`), non-native and without CHECK, so a new member needs no migration.

    Source: alembic issues 826 and 1388: a changed CHECK or native type is not detected.
    """
    return Column(
        Enum(
            kind,
            values_callable=lambda members: [member.value for member in members],
            native_enum=False,
            create_constraint=False,
            length=32,
        ),
        name=name,
        nullable=nullable,
        primary_key=primary_key,
    )


class TolerantEnum(TypeDecorator[Any]):
    """An enum stored by value, read as `fallback` if this version does not know the value: a newer one may have it."""

    impl = String
    cache_ok = True

    def __init__(self, kind: type[StrEnum], fallback: StrEnum) -> None:
        super().__init__(length=32)
        self.kind = kind
        self.fallback = fallback

    def process_bind_param(self, value: Any, _dialect: Any) -> Any:
        """To text."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: Any, _dialect: Any) -> Any:
        """From text."""
        return self.kind(value) if value in set(self.kind) else self.fallback


def tolerant_column(kind: type[StrEnum], fallback: StrEnum, *, name: str | None = None) -> Column[Any]:
    """A column of a TolerantEnum."""
    return Column(TolerantEnum(kind, fallback), name=name, nullable=False)


class Model(TypeDecorator[Any]):
    """A frozen pydantic model stored as JSON."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: type[Any]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: Any, _dialect: Any) -> Any:
        """To JSON."""
        return None if value is None else value.model_dump(mode="json", exclude_defaults=True)

    def process_result_value(self, value: Any, _dialect: Any) -> Any:
        """From JSON."""
        return None if value is None else self.kind.model_validate(value)
