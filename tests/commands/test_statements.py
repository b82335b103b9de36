"""How many SQL statements a command takes: an incident's rows are read once, and what changes is written together."""

import pytest
from sqlalchemy import event

from tests.harness import Harness

STORY = ("declare API errors sev:3 on:api=partial,chatgpt=major", "update identified sees:errors", "publish")
STATEMENTS = {
    "note Error rates rise in one region": 7,
    'update fix sees:"500 errors when creating jobs" We are adding capacity. next:30m': 22,
    "publish": 27,
}


@pytest.fixture
def told(harness: Harness) -> Harness:
    """An incident that customers have read about."""
    for line in STORY:
        harness.ana(line)
    harness.deliver()
    return harness


@pytest.fixture
def statements(told: Harness) -> list[str]:
    """What reaches the database from now on."""
    seen: list[str] = []

    @event.listens_for(told.own_engine(), "before_cursor_execute")
    def see(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(f"{statement} {values}")

    return seen


@pytest.mark.parametrize("last", STATEMENTS)
def test_a_command_takes_few_statements(told: Harness, statements: list[str], last: str) -> None:
    if last == "publish":
        told.ana("update fix We restarted the servers.")
    statements.clear()

    told.ana(last)

    assert 0 < len(statements) <= STATEMENTS[last], "\n".join(statements)


def test_approving_takes_few_statements(told: Harness, statements: list[str]) -> None:
    told.ana("severity 1")
    told.ana("update fix We restarted the servers.")
    told.ana("publish")
    statements.clear()

    told.ben("approve")

    assert len(statements) <= 28, "\n".join(statements)
    assert len(told.published()) == 2
