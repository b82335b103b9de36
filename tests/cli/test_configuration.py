"""Whose database it is: reading changes nothing, and only `run` and `check --apply` follow a changed foghorn.toml."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.core import open_core
from bot.settings import EXAMPLE, Settings, read_organisation
from tests.cli.runner import Foghorn, Said

ACME = EXAMPLE.read_text().replace('name = "Example AI"', 'name = "Acme"', 1)
CHI = '\n[[people]]\nname = "Chi Nakamura"\nhandle = "chi"\ngroups = ["approvers"]\n'
HOOK = '\n[[webhooks]]\nname = "crm"\nurl = "https://crm.example.com/in"\nsecret_env = "CRM_SECRET"\n'
WRITTEN = """INSERT INTO "remembered" VALUES('written',"""
Started = Callable[[str], Path]

READING = [
    ("incident", "--as", "ana", "list"),
    ("incident", "--as", "ana", "declare", "API down"),
    ("people", "list"),
    ("people", "invite", "ana"),
]
"""Commands that act on the record, and must not act with another organization's people."""


@pytest.fixture
def started(migrated_sqlite_url: str, tmp_path: Path) -> Started:
    """`run` as it starts with this configuration, which stands in a folder of its own."""

    def start(toml: str) -> Path:
        path = tmp_path / "elsewhere" / "foghorn.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(toml)
        start_with(migrated_sqlite_url, path)
        return path

    return start


def start_with(url: str, path: Path) -> None:
    """What `run` does with its configuration before anything is served."""
    open_core(Settings(FOGHORN_DATABASE_URL=url, FOGHORN_CONFIG=path), read_organisation(path), follows=True).close()


def rows(database: sqlite3.Connection) -> str:
    """Everything in the database, except the time at which `doctor` last tried whether it can be written to."""
    return "\n".join(line for line in database.iterdump() if not line.startswith(WRITTEN))


def active(database: sqlite3.Connection) -> set[str]:
    """The handles of those who may act."""
    return {handle for (handle,) in database.execute("SELECT handle FROM person WHERE active")}


def assert_refused(said: Said, *words: str) -> None:
    """In one sentence or two, with nothing on standard output."""
    assert (said.code, said.out) == (1, "")
    assert [word for word in words if word not in said.err] == []


# ---- commands that follow nothing


@pytest.mark.parametrize("typed", READING, ids=lambda typed: " ".join(typed[:2] + typed[-1:]))
def test_a_command_in_a_folder_without_foghorn_toml_is_refused_and_changes_nothing(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection, typed: tuple[str, ...]
) -> None:
    started(ACME + CHI)
    before = rows(database)

    said = foghorn(*typed)

    assert_refused(said, "Acme", "built-in example", "FOGHORN_CONFIG", "Nothing was changed")
    assert rows(database) == before


@pytest.mark.parametrize(
    "typed", [("check",), ("doctor",), ("templates", "lint"), ("templates", "render"), ("slack", "manifest")]
)
def test_a_command_that_only_looks_changes_nothing(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection, typed: tuple[str, ...]
) -> None:
    started(ACME + CHI)
    before = rows(database)

    foghorn(*typed)

    assert rows(database) == before


def test_looking_at_a_new_database_changes_nothing(
    foghorn: Foghorn, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows(database)
    for name in ("SLACK", "DISCORD"):
        monkeypatch.setenv(f"{name}_BOT_TOKEN", "a.b.c")
        monkeypatch.setenv(f"{name}_API_URL", "http://127.0.0.1:9/")

    foghorn("doctor")

    assert rows(database) == before


def test_a_command_acts_with_the_people_run_brought_in_and_brings_in_none(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = started(ACME)
    path.write_text(ACME + CHI + HOOK)
    monkeypatch.setenv("FOGHORN_CONFIG", str(path))

    assert foghorn("incident", "--as", "ana", "declare", "API down").code == 0
    assert foghorn("incident", "--as", "chi", "list").code == 1
    assert active(database) == {"ana", "ben"}
    assert "crm" not in rows(database)


def test_the_same_organization_may_be_read_from_another_path(
    foghorn: Foghorn, started: Started, tmp_path: Path, migrated_sqlite_url: str
) -> None:
    copy = shutil.copy(started(ACME), tmp_path / "foghorn.toml")

    assert "No incident is open." in foghorn("incident", "--as", "ana", "list").out
    start_with(migrated_sqlite_url, Path(copy))


def test_a_command_of_another_organization_is_refused_with_both_names(
    foghorn: Foghorn, started: Started, tmp_path: Path, database: sqlite3.Connection
) -> None:
    started(ACME)
    (tmp_path / "foghorn.toml").write_text(ACME.replace('"Acme"', '"Globex"'))
    before = rows(database)

    said = foghorn("incident", "--as", "ana", "list")

    assert_refused(said, "Acme", "Globex", "foghorn.toml", "FOGHORN_CONFIG", "foghorn check --apply")
    assert rows(database) == before


def test_a_command_before_run_took_the_new_file_is_told_to_run_it(
    foghorn: Foghorn, tmp_path: Path, database: sqlite3.Connection
) -> None:
    assert foghorn("incident", "--as", "ana", "declare", "API down").code == 0  # by the example
    (tmp_path / "foghorn.toml").write_text(ACME)
    before = rows(database)

    assert_refused(foghorn("incident", "--as", "ana", "list"), "built-in example", "Acme", "foghorn run")
    assert rows(database) == before


def test_the_first_command_on_a_new_database_takes_the_configuration(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "foghorn.toml").write_text(ACME + CHI)

    assert foghorn("incident", "--as", "chi", "list").code == 0


def test_doctor_says_whose_database_it_is(foghorn: Foghorn, started: Started) -> None:
    started(ACME)

    said = foghorn("doctor")

    assert said.code == 1
    assert "organization: This database belongs to “Acme”" in said.out


# ---- run


def test_run_with_the_example_never_replaces_an_organization(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection
) -> None:
    started(ACME + CHI)
    before = rows(database)

    assert_refused(foghorn("run"), "Acme", "built-in example", "FOGHORN_CONFIG")
    assert rows(database) == before


def test_the_example_never_replaces_people_added_to_a_copy_that_kept_its_name(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection
) -> None:
    started(EXAMPLE.read_text() + CHI)

    assert_refused(foghorn("run"), "Example AI", "built-in example")
    assert_refused(foghorn("check", "--apply"), "Example AI", "built-in example")
    assert active(database) == {"ana", "ben", "chi"}


def test_an_organization_replaces_the_example_when_it_runs(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection
) -> None:
    foghorn("incident", "--as", "ana", "declare", "API down")

    started(ACME.replace('handle = "ben"', 'handle = "benjamin"') + CHI)

    assert active(database) == {"ana", "benjamin", "chi"}


def test_a_copy_of_the_example_is_given_its_name_without_a_further_command(
    started: Started, database: sqlite3.Connection
) -> None:
    started(EXAMPLE.read_text() + CHI)

    started(ACME + CHI)

    assert active(database) == {"ana", "ben", "chi"}


def test_run_with_another_organization_is_refused_with_both_names(
    foghorn: Foghorn, started: Started, tmp_path: Path, database: sqlite3.Connection
) -> None:
    started(ACME)
    (tmp_path / "foghorn.toml").write_text(ACME.replace('"Acme"', '"Globex"') + CHI)
    before = rows(database)

    assert_refused(foghorn("run"), "Acme", "Globex", "foghorn check --apply")
    assert rows(database) == before


def test_run_follows_people_and_webhooks_that_changed(started: Started, database: sqlite3.Connection) -> None:
    started(ACME + CHI)
    started(ACME + HOOK)

    assert active(database) == {"ana", "ben"}
    assert "webhook:crm" in rows(database)


@pytest.mark.parametrize("typed", [("run",), *READING])
def test_a_database_of_an_earlier_version_is_not_taken_over_by_the_example(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection, typed: tuple[str, ...]
) -> None:
    started(ACME + CHI)
    database.execute("DELETE FROM remembered WHERE name = 'organisation'")

    assert_refused(foghorn(*typed), "built-in example", "FOGHORN_CONFIG")
    assert active(database) == {"ana", "ben", "chi"}


def test_a_database_of_an_earlier_version_is_taken_by_its_own_organization(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection, tmp_path: Path
) -> None:
    shutil.copy(started(ACME), tmp_path / "foghorn.toml")
    database.execute("DELETE FROM remembered WHERE name = 'organisation'")

    assert foghorn("incident", "--as", "ana", "list").code == 0
    started(ACME + CHI)
    (tmp_path / "foghorn.toml").unlink()
    assert_refused(foghorn("incident", "--as", "ana", "list"), "Acme")


# ---- check --apply


def test_check_apply_gives_the_organization_another_name(
    foghorn: Foghorn, started: Started, tmp_path: Path, database: sqlite3.Connection
) -> None:
    started(ACME)
    (tmp_path / "foghorn.toml").write_text(ACME.replace('"Acme"', '"Globex"').replace('"ben"', '"benjamin"') + CHI)

    said = foghorn("check", "--apply")

    assert (said.code, said.err) == (0, "")
    assert "This database now belongs to “Globex”. Before, it belonged to “Acme”." in said.out
    assert "Added: @benjamin, @chi. Deactivated: @ben." in said.out
    assert active(database) == {"ana", "benjamin", "chi"}
    assert foghorn("incident", "--as", "chi", "list").code == 0


def test_check_apply_follows_people_and_webhooks(
    foghorn: Foghorn, started: Started, tmp_path: Path, database: sqlite3.Connection
) -> None:
    started(ACME)
    (tmp_path / "foghorn.toml").write_text(ACME + CHI + HOOK)

    assert "Added: @chi. Deactivated: nobody." in foghorn("check", "--apply").out
    assert "webhook:crm" in rows(database)


def test_check_without_apply_does_not_ask_for_a_database(
    foghorn: Foghorn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/foghorn.db")

    assert foghorn("check").code == 0
    assert foghorn("check", "--apply").code == 1


def test_check_apply_with_the_example_never_replaces_an_organization(
    foghorn: Foghorn, started: Started, database: sqlite3.Connection
) -> None:
    started(ACME)
    before = rows(database)

    assert_refused(foghorn("check", "--apply"), "Acme", "built-in example", "FOGHORN_CONFIG")
    assert rows(database) == before
