"""How the work is doing: counts without names for /readyz and /metrics, and in words for `doctor`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from bot.domain.processes import Process
from bot.domain.times import Zone, count, span_words
from bot.ports import CheckResult
from bot.reading.late import FailingDestination, count_failing, failing_destinations
from bot.reading.outages import outages
from bot.store import figures, processes, record, updates
from bot.store.transaction import Transaction

CLOCK_WITHIN = timedelta(minutes=2)


@dataclass(frozen=True)
class OutboxFigures:
    """Deliveries that wait, are being retried, or failed."""

    waiting: int
    retries: int
    dead: int
    oldest: str | None  # the ID of the delivery that has waited longest
    oldest_seconds: float  # and for how long


@dataclass(frozen=True)
class Lag:
    """How long the last published update took to its first and its last destination; so far, if some still wait."""

    first_seconds: float | None  # None: it has reached none
    last_seconds: float


@dataclass(frozen=True)
class DatabaseFigures:
    """What the database says about the work."""

    outbox: OutboxFigures
    last_publication: Lag | None
    promises_late: int
    replicas: int  # processes that are alive
    destinations_failing: int  # that have received nothing for ten minutes

    def as_json(self) -> Mapping[str, object]:
        """For /readyz."""
        return asdict(self)


def database_figures(tx: Transaction) -> DatabaseFigures:
    """Read everything."""
    found = figures.backlog(tx)
    age_s = _seconds(found.oldest, tx.now) or 0.0
    outbox = OutboxFigures(found.waiting, found.retries, found.dead, found.oldest_id, age_s)
    failing = count_failing(tx)
    return DatabaseFigures(outbox, _lag(tx), figures.promises_late(tx), len(alive(tx)), failing)


def work_checks(tx: Transaction, zone: Zone, platforms: Iterable[str]) -> list[CheckResult]:
    """What `doctor` says about the running processes and what they have to do. `platforms` are those that are on."""
    found, there = database_figures(tx), alive(tx)
    return [
        *_process_checks(there, platforms, zone, tx.now),
        *(
            CheckResult(
                f"{name} connection",
                f"has not been reachable since {zone.when(since, tx.now)}; the log of `foghorn run` says why",
                False,
            )
            for name, since in outages(tx, platforms).items()
        ),
        _outbox_check(found.outbox, running=bool(there)),
        *_failing_checks(failing_destinations(tx), found.destinations_failing, zone, tx.now),
        *_publication_checks(found),
        *_clock_checks(record.newest_at(tx), tx.now),
    ]


def alive(tx: Transaction) -> list[Process]:
    """The processes that run, oldest first."""
    died = {each.id for each in processes.dead(tx)}
    return [each for each in processes.running(tx) if each.id not in died]


def _process_checks(
    there: Iterable[Process], platforms: Iterable[str], zone: Zone, now: datetime
) -> Iterable[CheckResult]:
    served: set[str] = set()
    for each in there:
        roles = each.roles.split()
        served.update(roles)
        words = f"has been running since {zone.when(each.started_at, now)}: {', '.join(roles)}"
        yield CheckResult(each.label, words, True)
    missing = [role for role in ("web", "worker", *platforms) if role not in served]
    if not served:
        yield CheckResult("processes", "`foghorn run` is not running on this database", True)
    elif missing:
        words = f"none has the role {' or '.join(missing)}; start one with `foghorn run --only {','.join(missing)}`"
        yield CheckResult("processes", words, False)


def _outbox_check(found: OutboxFigures, *, running: bool) -> CheckResult:
    if not found.waiting:
        failed = f"; {count(found.dead, 'delivery').replace('ys', 'ies')} failed before" if found.dead else ""
        return CheckResult("deliveries", f"none is waiting{failed}", True)
    age = timedelta(seconds=found.oldest_seconds)
    words = f"{found.waiting} waiting, of which {found.retries} failed before; the oldest has waited for "
    words += span_words(age)
    if not running:
        return CheckResult("deliveries", f"{words}; start `foghorn run`, which sends them", False)
    late = age >= timedelta(minutes=10)
    more = "; `foghorn incident deliveries INC-1`, with the number of the incident, says which and why" if late else ""
    return CheckResult("deliveries", f"{words}{more}", not late)


def _failing_checks(
    shown: Sequence[FailingDestination], number: int, zone: Zone, now: datetime
) -> Iterable[CheckResult]:
    for each in shown:
        words = f"nothing has arrived since {zone.when(each.since, now)}: {each.reason}. Fix the cause"
        again = f", then run `foghorn incident deliveries {each.deliveries} retry:yes`" if each.deliveries else ""
        yield CheckResult(each.name, words + again, False)
    if number > len(shown):
        yield CheckResult("destinations", f"{number - len(shown)} more have received nothing for ten minutes", False)


def _publication_checks(found: DatabaseFigures) -> Iterable[CheckResult]:
    lag = found.last_publication
    if lag is not None and lag.first_seconds is not None:
        words = (
            f"reached its first destination after {lag.first_seconds:.0f} s and its last after {lag.last_seconds:.0f} s"
        )
        yield CheckResult("last update", words, True)
    if found.promises_late:
        words = (
            f"{found.promises_late} overdue; `foghorn incident list` shows the incidents. Publish an update for each"
        )
        yield CheckResult("promised updates", words, False)


def _clock_checks(newest: datetime | None, now: datetime) -> Iterable[CheckResult]:
    """A machine whose clock is behind what was written before."""
    if newest is not None and newest - now > CLOCK_WITHIN:
        words = (
            f"the newest entry of the timelines was made {span_words(newest - now)} in the future, so this machine's "
            "clock is behind, or another one was ahead; synchronize it with a time server"
        )
        yield CheckResult("clock", words, False)


def _lag(tx: Transaction) -> Lag | None:
    sent = figures.last_publication(tx)
    published_at = updates.get_update(tx, sent.update_id).published_at if sent else None
    if sent is None or published_at is None:
        return None
    end = tx.now if sent.waiting else sent.last or published_at
    return Lag(_seconds(published_at, sent.first), _seconds(published_at, end) or 0.0)


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    """A clock that was set back does not make it negative."""
    return None if start is None or end is None else round(max(0.0, (end - start).total_seconds()), 1)
