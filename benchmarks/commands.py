"""From command to answer on SQLite, with few and with many past incidents."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Column, Engine

from benchmarks.measure import Figure, median, ms, percentile, timed
from bot.actions import people, subscriptions
from bot.actions.app_context import AppContext
from bot.clock import utc_now
from bot.commands import catalog
from bot.commands.invocation import Account, Invocation, Place
from bot.intake.desk import Desk
from bot.settings import EXAMPLE, read_organisation
from bot.store.engine import PRAGMAS, make_engine
from bot.store.migrate import upgrade
from bot.store.schema import METADATA, triggers
from bot.store.transaction import Store
from bot.templating import Templates
from bot.views import Answer, Form, Notice

PAST = (10, 100_000)
ROUNDS = 50
COPIED = ("incident", "impact", "role_assignment", "update", "update_text", "approval", "promise", "record_entry",
          "entry_text", "delivery")  # fmt: skip
STORY = (
    ("declare", "declare! Requests fail sev:3 on:api=partial"),
    ("update", 'update investigating sees:"requests return errors" who:"for about half of requests" since:5m'),
    ("publish", "publish"),
    ("show", "show"),
    ("list", "list"),
    ("resolve", 'resolve end:1m data:"No data was lost."'),
    ("publish the end", "publish"),
)


def figures() -> Iterator[Figure]:
    """Each command of a small incident, p50 and p99, against a bare commit of one row to the same disk."""
    with TemporaryDirectory(prefix="foghorn-bench-") as folder:
        bare = median(_bare_commits(Path(folder) / "bare.db"))
        yield Figure("a bare commit of one row (SQLite, same settings)", ms(bare))
        for past in PAST:
            with a_desk(Path(folder) / f"{past}.db") as (engine, desk):
                play(desk)
                multiply(engine, past - 1)
                taken = [play(desk) for _ in range(ROUNDS)]
                for number, (name, _line) in enumerate(STORY):
                    seconds = [each[number] for each in taken]
                    value = f"p50 {ms(median(seconds))}, p99 {ms(percentile(seconds, 0.99))}"
                    ratio = f"{median(seconds) / bare:.1f}"
                    yield Figure(f"`{name}` with {past:,} past incidents", value, ratio, "a bare commit")


@contextmanager
def a_desk(path: Path) -> Iterator[tuple[Engine, Desk]]:
    """A desk of the example's organisation on a new database."""
    url = f"sqlite:///{path}"
    upgrade(url)
    with desk_on(url) as (store, desk):
        yield store.engine, desk


@contextmanager
def desk_on(url: str) -> Iterator[tuple[Store, Desk]]:
    """The same on a migrated database."""
    store = Store(make_engine(url), utc_now)
    app = AppContext(read_organisation(EXAMPLE), Templates(), "https://status.example.com")
    with store.write() as tx:
        people.follow_configuration(tx, app.organisation)
        subscriptions.follow_configuration(tx, app)
    desk = Desk(store, app)
    try:
        yield store, desk
    finally:
        desk.close()
        store.close()


def play(desk: Desk) -> list[float]:
    """Run the story once; the seconds of each command."""
    return [timed(asking(desk, line)) for _name, line in STORY]


def asking(desk: Desk, line: str) -> Callable[[], Answer]:
    """What runs a line as Ana; a refusal is an error."""

    def ask() -> Answer:
        answer = desk.run(Invocation(*catalog.read_line(line), Account("cli", "ana"), Place("cli")))
        if isinstance(answer, Form) or (isinstance(answer, Notice) and answer.refused):
            raise RuntimeError(f"{line}: {answer}")
        return answer

    return ask


def multiply(engine: Engine, times: int) -> None:
    """Copy the one incident there is, with all its rows, `times` times. The guards of the record stand aside for it."""
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {times})"
    with engine.execution_options(writes=True).begin() as connection:
        for guard in triggers("sqlite"):
            connection.exec_driver_sql(f"DROP TRIGGER {guard}")
        connection.exec_driver_sql("UPDATE delivery SET state = 'sent', reference = id, sent_at = created_at")
        for name in COPIED:
            columns = METADATA.tables[name].columns
            into = ", ".join(f'"{column.name}"' for column in columns)
            values = ", ".join(_copied(name, column) for column in columns)
            connection.exec_driver_sql(
                f'{numbers} INSERT INTO "{name}" ({into}) SELECT {values} FROM "{name}", numbers'
            )
        connection.exec_driver_sql(f"UPDATE counter SET value = {times + 1}")
    upgrade(str(engine.url))  # puts them up again


def _copied(table: str, column: Column[object]) -> str:
    """An id of something copied gets the number of the copy behind it, and so does the incident's number."""
    if column.name == "id" or {key.column.table.name for key in column.foreign_keys} & set(COPIED):
        return f"\"{column.name}\" || '-' || n"
    if (table, column.name) == ("delivery", "number"):  # unique among all of them
        return '"number" + n * 1000'
    return f'"{column.name}" + n' if (table, column.name) == ("incident", "number") else f'"{column.name}"'


def _bare_commits(path: Path) -> list[float]:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE row (words TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO row VALUES ('something of about the length of a line in the record')")
        connection.execute("COMMIT")

    taken = [timed(commit) for _ in range(300)]
    connection.close()
    return taken
