"""The Dockerfile is built by buildah, on a base made from Debian's packages, and the image runs."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import go_without
from tests.package.installed import ROOT, free_port, running

BASE = "docker.io/library/python:3.11-slim"
CERTIFICATES = "etc/ssl/certs/ca-certificates.crt"


class Buildah:
    """A builder with a store of its own, which needs no daemon and no registry."""

    def __init__(self, folder: Path) -> None:
        program = shutil.which("buildah") or go_without("buildah")
        store = (f"--root={folder / 'store'}", f"--runroot={folder / 'run'}")
        self.command = (program, *store)

    def __call__(self, *words: str | Path) -> str:
        done = subprocess.run([*self.command, *words], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout.strip()


@pytest.fixture
def buildah(monkeypatch: pytest.MonkeyPatch) -> Iterator[Buildah]:
    """A builder that has the base image: a Debian with Python, which trusts whom this machine trusts."""
    debootstrap = shutil.which("debootstrap") or go_without("debootstrap")
    if os.geteuid():
        pytest.skip("only root can make the base image")
    monkeypatch.setenv("BUILDAH_ISOLATION", "chroot")
    with tempfile.TemporaryDirectory(prefix="foghorn-image-", dir="/var/tmp") as name:  # larger than memory
        folder, built = Path(name), Buildah(Path(name))
        root = folder / "root"
        packages = "--include=ca-certificates,python3,python3-venv"
        subprocess.run([debootstrap, "--variant=minbase", packages, "bookworm", root], check=True, capture_output=True)
        (root / "usr/bin/python").symlink_to("python3")
        shutil.copy(Path("/") / CERTIFICATES, root / CERTIFICATES)
        made = built("from", "scratch")
        built("copy", "--quiet", made, root, "/")
        built("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin", made)
        built("config", "--env", f"PIP_CERT=/{CERTIFICATES}", made)
        built("commit", "--quiet", "--rm", made, BASE)
        yield built


@pytest.mark.package
def test_the_image_is_built_and_runs_without_privileges(buildah: Buildah, tmp_path: Path) -> None:
    buildah("build", "--pull-never", "--format", "docker", "--tag", "foghorn", ".")
    inside = buildah("from", "--pull-never", "localhost/foghorn")
    command = buildah("inspect", "--type", "image", "--format", "{{.Docker.Config.Cmd}}", "localhost/foghorn").strip(
        "[]"
    )
    here = ("--env", f"FOGHORN_CONSOLE_TOKEN={'a' * 32}", inside, "--")
    folder = tmp_path / "empty"
    folder.mkdir()
    port = free_port()
    run = [*buildah.command, "run", "--env", f"FOGHORN_PORT={port}", *here, *command.split()]
    with running(run, folder, port) as foghorn:
        assert "All systems operational" in foghorn.read()
        who = "import os; print(os.getuid(), os.access('/data/foghorn.db', os.W_OK), os.access('/app', os.W_OK))"
        assert buildah("run", *here, "python", "-c", who) == "10001 True False"
