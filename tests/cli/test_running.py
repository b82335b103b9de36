"""One `foghorn run` per SQLite file; every other command works beside it."""

import os
from pathlib import Path

from bot.store.running import alone_on
from tests.cli.runner import Foghorn


def test_a_second_run_on_one_file_is_refused_and_names_the_first(foghorn: Foghorn, migrated_sqlite_url: str) -> None:
    with alone_on(migrated_sqlite_url):
        said = foghorn("run")

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"Process {os.getpid()} on ")
    assert "already runs Foghorn on" in said.err
    assert "This one did not start. Stop the other one" in said.err


def test_a_file_under_another_name_is_the_same_file(foghorn: Foghorn, migrated_sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "other.db").symlink_to(migrated_sqlite_url.removeprefix("sqlite:///"))

    with alone_on(f"sqlite:///{tmp_path / 'other.db'}"):
        said = foghorn("run")

    assert "already runs Foghorn on" in said.err


def test_every_other_command_works_beside_it(foghorn: Foghorn, migrated_sqlite_url: str) -> None:
    with alone_on(migrated_sqlite_url):
        codes = [foghorn(*line.split()).code for line in ("incident --as ana list", "people list", "migrate")]

    assert codes == [0, 0, 0]
