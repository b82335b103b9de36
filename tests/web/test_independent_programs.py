"""Programs that were written for Statuspage, or for any feed, as they are: each in a throw-away environment."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.web.serving import serving
from tests.web.stories import Foghorn

Program = Callable[..., str]
UV = Path(sys.executable).with_name("uv")
SUBCLASS = """
import json, sys
from statuscheck.services.bases._statuspageio import BaseStatusPageAPI
class Ours(BaseStatusPageAPI):
    def _get_base_url(self):
        return sys.argv[1] + "/api/v2/"
found = Ours().get_summary()
components = {each.name: each.status for each in found.components}
print(json.dumps([found.status.code, found.status.name, [each.name for each in found.incidents], components]))
"""
FEED = """
import json, sys, feedparser
feeds = map(feedparser.parse, sys.argv[1:])
print(json.dumps([[feed.bozo, feed.version, [each.id for each in feed.entries]] for feed in feeds]))
"""


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """Runs Python, or a program, of a package that is installed for this test alone."""

    def install(package: str) -> Program:
        here = {name: value for name, value in os.environ.items() if not name.startswith(("FOGHORN", "PYTHON"))}
        try:
            subprocess.run([UV, "venv", "--python", sys.executable, tmp_path / "env"], check=True, capture_output=True)
            command = [UV, "pip", "install", "--python", tmp_path / "env/bin/python", package]
            subprocess.run(command, check=True, capture_output=True, timeout=30, env=here | {"UV_HTTP_TIMEOUT": "5"})
        except (OSError, subprocess.SubprocessError):
            pytest.skip(f"{package} cannot be installed: the package index does not answer")

        def run(name: str, *arguments: str, **environment: str) -> str:
            command = [str(tmp_path / "env/bin" / name), *arguments]
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=30, cwd=tmp_path, env=here | environment
            )
            assert done.returncode == 0, done.stderr
            return done.stdout

        return run

    return install


@pytest.fixture(scope="module")
def address(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    path = shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("programs") / "foghorn.db")
    foghorn = Foghorn(f"sqlite:///{path}")
    foghorn.reference("fix")
    app = foghorn.web_app()
    asyncio.run(foghorn.site.rebuild())
    with serving(app) as address:
        yield address
    foghorn.close()


def test_statuspage_prometheus_exporter_reads_the_incident_and_the_components(
    program: Program, address: str, tmp_path: Path
) -> None:
    run = program("statuspage-prometheus-exporter")
    services = {"ours": {"url": f"{address}/api/v2/summary.json", "name": "Ours"}}
    (tmp_path / "services.json").write_text(json.dumps(services))
    run("statuspage-prometheus-exporter", RUN_MODE="once", METRICS_TEXTFILE_PATH="out.prom")
    metrics = (tmp_path / "out.prom").read_text()
    assert 'statuspage_service_status{service_name="Ours"} 0.0' in metrics
    assert 'statuspage_component_status{component_name="API",service_name="Ours"} 0.0' in metrics
    assert 'incident_id="INC-1"' in metrics
    assert "https://status.example.com/incidents/INC-1" in metrics


def test_statuscheck_reads_the_status_with_a_subclass_of_three_lines(program: Program, address: str) -> None:
    code, name, incidents, components = json.loads(program("statuscheck")("python", "-c", SUBCLASS, address))
    assert (code, name) == ("critical", "Critical incident")
    assert len(incidents) == 1
    assert components["API"] == "Partial outage"


def test_feedparser_reads_every_feed(program: Program, address: str) -> None:
    paths = ("history.atom", "history.rss", "components/api/updates.atom", "components/api/updates.rss")
    read = json.loads(program("feedparser")("python", "-c", FEED, *(f"{address}/{path}" for path in paths)))
    assert [(bozo, version) for bozo, version, _ in read] == [(False, "atom10"), (False, "rss20")] * 2
    assert read[0][2] == read[1][2] == ["tag:status.example.com,2026:incident/INC-1"]
    assert read[2][2] == read[3][2]
    assert len(read[2][2]) == 5
