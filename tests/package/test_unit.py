"""The systemd unit is one that systemd accepts and finds well protected."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import go_without
from tests.package.installed import ROOT


def test_systemd_accepts_the_unit_and_finds_it_protected(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze") or go_without("systemd")
    unit = tmp_path / "foghorn.service"
    there = str(Path(sys.executable).parent)
    unit.write_text((ROOT / "deploy/foghorn.service").read_text(encoding="utf-8").replace("/opt/foghorn/bin", there))
    found = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, "")
    rated = subprocess.run(
        [analyze, "security", "--offline=true", unit], capture_output=True, text=True, check=False
    ).stdout
    assert float(re.findall(r"Overall exposure level for foghorn.service: ([\d.]+)", rated)[0]) < 2.0
