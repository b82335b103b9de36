"""The public pages, feeds, and API as files that any web server can serve while Foghorn is down.

Addresses stay the same: `/incidents/INC-1` is the file `incidents/INC-1/index.html`. Languages after the first one have
a folder each.
"""

import asyncio
import fcntl
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bot.errors import BotError, Busy, ExportRefused
from bot.web.site import Site
from bot.web_templates import WEB

LISTING = ".foghorn-export"  # lists the files that were written, so that no others are ever deleted
AGAIN_S = 30.0
_STATIC = re.compile(rb"/static/([\w.-]+)\?v=")

log = logging.getLogger(__name__)


def write(site: Site, folder: Path, *, everything: bool = True) -> int:
    """Write every file, and return how many there are. `site` must have been built.

    Each file is replaced as a whole, and the front page last, so a reader never finds half a file or a dead link.
    What is no longer public is deleted. Without `everything`, existing files of older incidents are kept as they are.

    Raises ExportRefused, Busy.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _listing(folder) as before:
            older = site.older()
            wanted = {number: {f"{below}{path}" for below in _folders(site).values() for path in _places(number)}
                      for number in older}  # fmt: skip
            files = dict(_files(site, [number for number in older if everything or not wanted[number] <= before]))
            left = before & set().union(*wanted.values()) - files.keys()
            _save_listing(folder, before | files.keys())
            for path in sorted(files, key=lambda path: (path.endswith("index.html"), path == "index.html")):
                _replace(folder / path, files[path])
            for path in before - files.keys() - left:
                (folder / path).unlink(missing_ok=True)
            _save_listing(folder, left | files.keys())
    except OSError as problem:
        raise ExportRefused(folder=folder, problem=problem.strerror or problem) from problem
    return len(left | files.keys())


async def keep_current(site: Site, folder: Path) -> None:
    """Write the files again after each change, until canceled. After a failure, try again."""
    while True:
        await site.changed.wait()
        site.changed.clear()
        try:
            await asyncio.to_thread(write, site, folder, everything=False)
            site.export_failing = ""
            continue
        except BotError as problem:
            site.export_failing = (
                f"the public pages could not be written as files: {problem.facts.get('problem', Busy.why)}"
            )
            log.warning("%s", problem)
        except Exception:
            site.export_failing = "the public pages could not be written as files; the log of Foghorn says why"
            log.exception("the public pages could not be exported")
        await asyncio.sleep(AGAIN_S)
        site.changed.set()


def _places(number: int) -> tuple[str, str]:
    """The files of one incident."""
    return f"incidents/INC-{number}/index.html", f"api/v2/incidents/INC-{number}.json"


def _folders(site: Site) -> Mapping[str, str]:
    """The folder of each language."""
    first, *others = site.organisation.languages
    return {first: "", **{language: f"{language}/" for language in others}}


def _files(site: Site, older: list[int]) -> Iterator[tuple[str, bytes]]:
    """Path -> content."""
    for language, pages in site.exported(older).items():
        below, static = _folders(site)[language], set()
        for path, make in pages.items():
            body = bytes(make().body)
            static |= {name.decode() for name in _STATIC.findall(body)}
            name = path.strip("/")
            yield below + (name if "." in name else f"{name}/index.html".lstrip("/")), body
        yield from ((f"{below}static/{name}", (WEB / name).read_bytes()) for name in static)


@contextmanager
def _listing(folder: Path) -> Iterator[set[str]]:
    """The files of the last export, locked until this one ends. Raises ExportRefused for a folder with other files."""
    listing = folder / LISTING
    if not listing.exists() and any(folder.iterdir()):
        raise ExportRefused(folder=folder, problem="it contains files that Foghorn did not write")
    with listing.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        yield {path for path in file.read().split("\n") if path and ".." not in path and not path.startswith("/")}


def _save_listing(folder: Path, paths: set[str]) -> None:
    (folder / LISTING).write_text("\n".join(sorted(paths)) + "\n", encoding="utf-8")


def _replace(path: Path, body: bytes) -> None:
    """Replace a file as a whole."""
    if path.exists() and path.read_bytes() == body:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
