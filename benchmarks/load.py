"""A crowd that types: 200 commands a second over Slack's sockets, each acknowledged, carried out, and answered."""

import asyncio
import logging
from collections.abc import Iterator
from time import perf_counter

from benchmarks.databases import migrated, names
from benchmarks.measure import Figure, median, ms, percentile
from benchmarks.slack import ANA, GENERAL, PlainSlack, foghorn_on
from bot.domain.record import EntryKind
from bot.main import Foghorn
from bot.store import incidents, record
from tests.fakes.slack import Slack
from tests.patience import until

A_SECOND, SECONDS = 200, 60
LINES = ("list", "show INC-1", "list", "show INC-1", "list", "show INC-1", "list", "show INC-1", "list")
"""Between two notes, whose words are looked for in the record afterwards."""
ANSWERED_WITHIN_S = 240.0


def figures() -> Iterator[Figure]:
    """Commands come at fixed times, whether or not those before were acknowledged."""
    logging.disable(logging.WARNING)
    try:
        for name in names():
            with migrated(name) as url:
                yield from asyncio.run(_figures(name, url))
    finally:
        logging.disable(logging.NOTSET)


async def _figures(name: str, url: str) -> list[Figure]:
    count = A_SECOND * SECONDS
    async with PlainSlack().serving() as slack, foghorn_on(slack, url) as foghorn:
        await slack.types(ANA, GENERAL, "/incident declare API down sev:3")
        await asyncio.sleep(2)
        before, start = _answers(slack), perf_counter()
        async with asyncio.TaskGroup() as group:
            acks = []
            for number in range(count):
                await asyncio.sleep(start + number / A_SECOND - perf_counter())
                acks.append(group.create_task(_type(slack, number)))
        taken = [ack.result() for ack in acks]
        await until(lambda: _answers(slack) - before >= count, ANSWERED_WITHIN_S)
        answered_s = perf_counter() - start
        lost = len(_typed_notes(count) - _noted(foghorn))
    return [
        Figure(f"{A_SECOND} commands a second for {SECONDS} s, one in ten a note: acknowledgement ({name})",
               f"p50 {ms(median(taken))}, p99 {ms(percentile(taken, 0.99))}, worst {ms(max(taken))}"),
        Figure(f"the same, until the last was answered ({name})",
               f"{answered_s:.1f} s, {lost} of {count:,} commands lost"),
    ]  # fmt: skip


async def _type(slack: Slack, number: int) -> float:
    """Seconds to the acknowledgement of a command; a refusal is an error."""
    line = f"note {_note(number)}" if number % 10 == 0 else LINES[number % 10 - 1]
    start = perf_counter()
    ack = await slack.types(ANA, GENERAL, f"/incident {line}")
    assert not ack, f"refused: {ack}"
    return perf_counter() - start


def _note(number: int) -> str:
    return f"Number {number}"


def _typed_notes(count: int) -> set[str]:
    return {_note(number) for number in range(0, count, 10)}


def _noted(foghorn: Foghorn) -> set[str]:
    with foghorn.store.read() as tx:
        incident = incidents.find_incident(tx, 1)
        assert incident is not None
        return {text.text for _entry, text in record.entries(tx, incident, kinds=(EntryKind.NOTE,)) if text}


def _answers(slack: Slack) -> int:
    return len(slack.ephemerals.get(ANA, ()))
