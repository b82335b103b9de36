"""Databases of tests: engines that are used again, and what a start makes of a database, done once and copied."""

import resource
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Dialect, Engine, event, make_url

from bot.store.engine import make_engine
from bot.store.transaction import Store

_IDLE: defaultdict[str, set[Engine]] = defaultdict(set)
_DATABASE: dict[Engine, URL] = {}
_REACHED: dict[object, bytes] = {}


def engine_on(url: str) -> Engine:
    """An engine that an earlier test is done with, on another database: what it compiled need not be compiled again."""
    address = make_url(url)
    idle = _IDLE[address.get_backend_name()]
    engine = idle.pop() if idle else make_engine(url)
    engine.dispose()  # a connection that was opened since it was given back leads to the earlier database
    if engine not in _DATABASE:
        event.listen(engine, "do_connect", lambda *told: _aim(_DATABASE[engine], *told), insert=True)
    _DATABASE[engine] = address
    return engine


def give_back(engine: Engine) -> None:
    """Close its connections and leave it to the next test, unless a test made it for itself."""
    engine.dispose()
    if engine in _DATABASE:
        _IDLE[engine.dialect.name].add(engine)


@contextmanager
def lent(store: Store) -> Iterator[None]:
    """Let a store work on an engine that compiled its statements in earlier tests; closed, it is left to the next."""
    own = store.engine
    store.engine = engine_on(own.url.render_as_string(hide_password=False))
    own.dispose()
    yield
    give_back(store.engine)


def _aim(address: URL, dialect: Dialect, _record: object, cargs: list[Any], cparams: dict[str, Any]) -> None:
    """Connect to this database. Source: SQLAlchemy, "Modifying the DBAPI connect arguments"."""
    places, names = dialect.create_connect_args(address)
    cargs[:] = places
    cparams.update(names)


def reach(url: str, how: object, act: Callable[[], Engine]) -> None:
    """Change a database as `act` does; if it was the same before and `how` is the same, by copying the outcome.

    `act` returns the engine that it used. Only SQLite files are copied, and only if nobody else has them open: then
    their latest changes are not in the file.
    """
    file = Path(make_url(url).database or "")
    if not file.is_file() or file.with_name(f"{file.name}-wal").exists():
        act()
        return
    start = (sha256(file.read_bytes()).digest(), how)
    if start in _REACHED:
        file.write_bytes(_REACHED[start])
        return
    act().dispose()  # the last connection to leave writes everything into the file
    _REACHED[start] = file.read_bytes()


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow beyond a kilobyte, as on a disk without space."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
