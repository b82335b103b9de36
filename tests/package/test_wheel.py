"""The wheel has everything that Foghorn needs, inside `bot`; uv and pipx run it in an empty folder.

The packages are those of the lock, fetched once; from then on nothing may be fetched.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.conftest import go_without
from tests.package.installed import ROOT, environment, free_port, running, wheel

SHIPPED = ("alembic", "scenarios", "templates", "foghorn.example.toml")


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what `requirements.lock` names."""
    folder, pip = tmp_path_factory.mktemp("packages"), tmp_path_factory.mktemp("pip")
    subprocess.run([sys.executable, "-m", "venv", pip], check=True)
    fetch = [pip / "bin" / "pip", "download", "-q", "--require-hashes", "-r", "requirements.lock", "-d", folder]
    subprocess.run(fetch, cwd=ROOT, check=True)
    return folder


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def test_a_wheel_has_every_file_that_the_checkout_has_and_nothing_beside_bot(tmp_path: Path) -> None:
    wanted = {f"bot/{path.relative_to(ROOT)}" for name in SHIPPED for path in files(ROOT / name)}
    wanted |= {str(path.relative_to(ROOT)) for path in files(ROOT / "bot")}
    assert {"bot/cli.py", "bot/alembic/versions/0001_tables.py", "bot/scenarios/2026-04-20.toml"} <= wanted
    with ZipFile(wheel(tmp_path)) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert names == wanted


def files(path: Path) -> list[Path]:
    return [each for each in [path, *path.rglob("*")] if each.is_file() and each.parent.name != "__pycache__"]


@pytest.mark.package
def test_uvx_runs_a_wheel_in_an_empty_folder(packages: Path, empty: Path, tmp_path: Path) -> None:
    uvx = shutil.which("uvx", path=str(Path(sys.executable).parent)) or go_without("uv")
    command = [uvx, "--no-index", "--find-links", packages, "--from", wheel(tmp_path), "foghorn", "run"]
    port = free_port()
    with running(command, empty, port, FOGHORN_PORT=str(port), UV_TOOL_DIR=str(tmp_path / "tools")) as foghorn:
        assert "All systems operational" in foghorn.read()
    assert "people invite ana" in foghorn.said.read_text()
    assert "token" not in foghorn.said.read_text()
    assert {path.name.partition("-")[0] for path in empty.iterdir()} == {"foghorn.db"}  # with its lock and journal


@pytest.mark.package
def test_pipx_installs_a_wheel_that_plays_the_reference_incident(packages: Path, empty: Path, tmp_path: Path) -> None:
    pipx = shutil.which("pipx") or go_without("pipx")
    there = environment(PIPX_HOME=str(tmp_path / "pipx"), PIPX_BIN_DIR=str(tmp_path / "bin"))
    offline = f"--no-index --find-links {packages}"
    subprocess.run([pipx, "install", "--pip-args", offline, wheel(tmp_path)], cwd=empty, env=there, check=True)
    drill = [tmp_path / "bin" / "foghorn", "drill", "--json"]
    played = subprocess.run(drill, cwd=empty, env=there, capture_output=True, text=True, check=True)
    assert json.loads(played.stdout)["incidents"][0]["deliveries"]["arrived"] > 0
    assert list(empty.iterdir()) == []
