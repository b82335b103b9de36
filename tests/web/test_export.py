"""The public pages as files: complete, replaced as a whole, and nothing that is not public."""

import asyncio
import http.server
import json
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from urllib.parse import urljoin
from urllib.request import urlopen

import feedparser
import pytest

from bot.commands.invocation import Account, Place
from bot.drill.rehearsal import ScenarioClock, rehearsal
from bot.errors import ExportRefused
from bot.main import compose
from bot.settings import Settings
from bot.store import published
from bot.web import export
from tests.patience import LONG_S, within
from tests.reference import ORGANISATION
from tests.web.stories import Foghorn


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "page"


def write(foghorn: Foghorn, folder: Path, *, everything: bool = True) -> None:
    asyncio.run(foghorn.site.rebuild())
    export.write(foghorn.site, folder, everything=everything)


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def served(folder: Path) -> Iterator[str]:
    """The folder behind a web server that knows nothing of us."""
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def read(address: str) -> str:
    with urlopen(address) as answer:
        return str(answer.read().decode())


def test_the_files_are_a_whole_site_on_any_web_server(migrated_sqlite_url: str, folder: Path, served: str) -> None:
    organisation = ORGANISATION.model_copy(update={"languages": ("en", "de")})
    foghorn = Foghorn(migrated_sqlite_url, organisation=organisation)
    foghorn.reference("investigating")
    write(foghorn, folder)
    found, waiting = {}, [served]
    while waiting:
        address = waiting.pop()
        found[address] = page = read(address)
        links = re.findall(r'(?:href|src)="([^"#]+)', page) if page.startswith("<!doctype") else []
        waiting += {urljoin(address, link) for link in links} - found.keys() - set(waiting)
    assert f"{served}incidents/INC-1" in found
    assert 'aria-label="Phase" lang="de"' in found[f"{served}de/incidents/INC-1/"]
    assert "As of <time" in found[served]
    assert "April 20, 2026" in found[served].rpartition("As of <time")[2]  # it may be read on another day
    for address in found:
        assert address.startswith(served), address
    assert feedparser.parse(read(f"{served}history.atom")).bozo == 0
    assert json.loads(read(f"{served}api/v2/incidents/INC-1.json"))["incident"]["id"] == "INC-1"
    assert "major" in json.loads(read(f"{served}de/api/v2/summary.json"))["status"]["description"].lower()
    foghorn.close()


def test_a_new_export_replaces_what_changed_and_deletes_what_is_no_longer_public(
    foghorn: Foghorn, folder: Path
) -> None:
    foghorn.reference("investigating")
    foghorn.insert_published("Zebra trouble", "Zebras everywhere.")
    write(foghorn, folder)
    assert "incidents/INC-2/index.html" in content(folder)
    with foghorn.store.write() as tx:
        incident = published.find(tx, 2)
        assert incident is not None
        incident.private = True
        tx.session.add(incident)
    foghorn.publish("update INC-1 identified Signing in works.")
    write(foghorn, folder)
    after = content(folder)
    assert not [path for path, body in after.items() if "INC-2" in path or b"ebra" in body]
    assert b"Signing in works." in after["index.html"]


def test_older_incidents_stay_when_newer_ones_come(foghorn: Foghorn, folder: Path) -> None:
    for number in range(51):
        foghorn.insert_published(f"Trouble {number}", "Some requests fail.", closed=True)
    write(foghorn, folder, everything=False)
    assert b"Trouble 0" in content(folder)["incidents/INC-1/index.html"]
    assert b"Trouble 0" in content(folder)["api/v2/incidents/INC-1.json"]
    foghorn.insert_published("Trouble again", "Some requests fail.", closed=True)
    write(foghorn, folder, everything=False)
    assert {"incidents/INC-1/index.html", "incidents/INC-52/index.html"} <= content(folder).keys()


def test_nothing_that_was_not_published_is_written(foghorn: Foghorn, folder: Path) -> None:
    foghorn.say("ana", "declare Zebra trouble sev:1 on:api=major")
    foghorn.say("ana", "declare! Zebra secrets sev:4 private:yes")
    write(foghorn, folder)
    assert not [path for path, body in content(folder).items() if b"ebra" in body or "INC-" in path]


def test_a_folder_with_other_files_is_refused_and_left_as_it_is(foghorn: Foghorn, folder: Path) -> None:
    folder.mkdir()
    (folder / "index.html").write_text("Mine")
    with pytest.raises(ExportRefused, match="contains files that Foghorn did not write"):
        write(foghorn, folder)
    assert content(folder) == {"index.html": b"Mine"}


def test_files_beside_an_export_are_left_alone(foghorn: Foghorn, folder: Path) -> None:
    write(foghorn, folder)
    (folder / "robots.txt").write_text("User-agent: *")
    (folder / export.LISTING).write_text("../outside\n/etc/passwd\nold.html\n")
    (folder.parent / "outside").write_text("Mine")
    (folder / "old.html").write_text("Gone soon")
    write(foghorn, folder)
    assert (folder.parent / "outside").exists()
    assert (folder / "robots.txt").exists()
    assert not (folder / "old.html").exists()


def test_a_reader_finds_only_whole_files_while_they_are_written(foghorn: Foghorn, folder: Path) -> None:
    foghorn.reference("investigating")
    write(foghorn, folder)
    page, seen, stop = folder / "index.html", set[bytes](), threading.Event()

    def look() -> None:
        while not stop.is_set():
            seen.add(page.read_bytes().strip()[-7:])

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(4):
        foghorn.clock.wait(2)
        write(foghorn, folder)
    stop.set()
    reader.join()
    assert seen == {b"</html>"}


async def test_a_publication_is_written_when_a_folder_is_configured(migrated_sqlite_url: str, folder: Path) -> None:
    settings = Settings.model_validate({"FOGHORN_DATABASE_URL": migrated_sqlite_url, "FOGHORN_EXPORT_DIR": str(folder)})
    foghorn = compose(settings, ORGANISATION)
    await foghorn.start()
    try:
        for line in ("declare Trouble sev:4 on:api=partial", "update investigating sees:'zebras fail'", "publish"):
            await foghorn.desk.submit_line(line, Account("cli", "ana"), Place("cli"))
        await within(LONG_S, written(folder / "incidents/INC-1/index.html", "zebras fail"))
        await within(LONG_S, written(folder / "index.html", "zebras fail"))
    finally:
        await foghorn.stop()


async def written(path: Path, words: str) -> None:
    while not path.exists() or words not in path.read_text():
        await asyncio.sleep(0.02)


async def test_a_drill_writes_no_files(folder: Path) -> None:
    folder.mkdir()
    settings = Settings.model_validate({"FOGHORN_EXPORT_DIR": str(folder)})
    clock = ScenarioClock(datetime(2026, 4, 20, tzinfo=UTC))
    async with rehearsal(settings, ORGANISATION, clock=clock, url="http://127.0.0.1:8080/drill") as foghorn:
        await foghorn.site.changed.wait()
        await asyncio.sleep(0.05)
        assert foghorn.site.changed.is_set()  # nobody writes it
    assert content(folder) == {}
