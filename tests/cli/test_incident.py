"""`foghorn incident`: who acts, what is typed, how it ends, and what a broken database makes it say."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.runner import Foghorn, Said

LOCKED = (
    "The database cannot be written to right now. Nothing was changed and nothing was sent. Another program has locked "
    "it; try again in a minute."
)


def ana(foghorn: Foghorn, *words: str) -> Said:
    return foghorn("incident", "--as", "ana", *words)


# ---- who acts


def test_nobody_acting_is_wrong_usage(foghorn: Foghorn) -> None:
    said = foghorn("incident", "list")
    assert (said.code, said.out, said.err) == (
        2,
        "",
        "Foghorn does not know who you are. Add --as with a handle, or set FOGHORN_PERSON.\n",
    )


def test_foghorn_person_acts(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHORN_PERSON", "ben")
    assert "Commander: Ben Osei" in foghorn("incident", "declare", "API down").out


def test_as_goes_before_foghorn_person(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHORN_PERSON", "ben")
    assert "Commander: Ana Silva" in ana(foghorn, "declare", "API down").out


def test_somebody_who_does_not_exist_is_refused(foghorn: Foghorn) -> None:
    said = foghorn("incident", "--as", "nobody", "list")
    assert (said.code, said.out) == (1, "")
    assert "This account is not connected to a person with" in said.err


# ---- what is typed


def test_nothing_typed_shows_help(foghorn: Foghorn) -> None:
    said = ana(foghorn)
    assert said.code == 0
    assert "Tell customers: update · publish" in said.out


def test_an_unknown_verb_is_refused_with_the_nearest(foghorn: Foghorn) -> None:
    said = ana(foghorn, "declair", "API down")
    assert (said.code, said.out) == (1, "")
    assert "Did you mean `declare`?" in said.err


def test_what_is_missing_is_asked_for(foghorn: Foghorn) -> None:
    said = ana(foghorn, "declare")
    assert (said.code, said.out) == (1, "")
    assert "title: " in said.err


def test_a_refusal_for_machines_stays_on_standard_output(foghorn: Foghorn) -> None:
    said = foghorn("incident", "--as", "ana", "--json", "show", "INC-9")
    assert (said.code, said.err) == (1, "")
    assert json.loads(said.out)["refused"] is True


@pytest.mark.parametrize(
    ("typed", "sees"),
    [
        (("sees:pages load without end",), "pages load without end"),
        (('sees:"pages load without end"',), "pages load without end"),
        (("sees:“pages load without end”",), "pages load without end"),
        (("sees:«pages load without end»",), "pages load without end"),
        (('sees:pages say "try again" and end',), 'pages say "try again" and end'),
        (("sees:pages say “try again” and end",), "pages say “try again” and end"),
        (('sees:"pages', "load", 'without end"'), "pages load without end"),
    ],
)
def test_values_survive_the_quotation_marks_of_shell_and_phone(
    foghorn: Foghorn, typed: tuple[str, ...], sees: str
) -> None:
    ana(foghorn, "declare", "API down", "on:api=major")
    said = ana(foghorn, "update", "investigating", *typed)
    assert said.code == 0
    assert sees in said.out


@pytest.mark.parametrize(
    "note", ["Reminder: call Ben", "API:errors everywhere", "see https://x.example/a b", 'He said "no" twice', "—sev 1"]
)
def test_a_text_is_kept_as_it_was_typed(foghorn: Foghorn, note: str) -> None:
    ana(foghorn, "declare", "API down")
    ana(foghorn, "note", note)
    record = json.loads(ana(foghorn, "export", "json").out)["record"]
    assert [entry["text"] for entry in record if entry["kind"] == "note"] == [note]


def test_an_open_quotation_mark_is_refused(foghorn: Foghorn) -> None:
    ana(foghorn, "declare", "API down")
    said = ana(foghorn, "update", 'sees:"pages load')
    assert said.code == 1
    assert "A closing quotation mark is missing" in said.err


# ---- the database


def test_a_missing_database_is_named(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/foghorn.db")
    said = ana(foghorn, "list")
    assert said.code == 1
    assert said.err.startswith("There is no database at ")


def test_a_database_that_was_never_migrated_is_named(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, sqlite_url: str
) -> None:
    sqlite3.connect(sqlite_url.removeprefix("sqlite:///").replace("foghorn.db", "new.db")).close()
    monkeypatch.setenv("FOGHORN_DATABASE_URL", sqlite_url.replace("foghorn.db", "new.db"))
    said = ana(foghorn, "list")
    assert said.code == 1
    assert said.err.startswith("The database is at version none; this version of Foghorn needs ")


def test_a_database_newer_than_the_code_is_left_alone(foghorn: Foghorn, database: sqlite3.Connection) -> None:
    with database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    for said in (ana(foghorn, "declare", "API down"), foghorn("migrate")):
        assert said.code == 1
        assert "The database is at version 9999, which is newer than this version of Foghorn supports (" in said.err
    assert database.execute("SELECT count(*) FROM incident").fetchone() == (0,)


def test_a_file_that_is_no_database_is_named(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, whatever its name says " * 30)
    monkeypatch.setenv("FOGHORN_DATABASE_URL", f"sqlite:///{path}")
    said = ana(foghorn, "list")
    assert said.code == 1
    assert said.err.endswith("Its file is damaged; ask an administrator to restore a backup.\n")


def test_a_locked_database_gets_one_sentence(foghorn: Foghorn, database: sqlite3.Connection) -> None:
    database.execute("BEGIN IMMEDIATE")
    said = ana(foghorn, "declare", "API down")
    database.rollback()
    assert (said.code, said.out, said.err) == (1, "", f"{LOCKED}\n")


@pytest.mark.parametrize("address", ["mysql://ana:hunter2@host/foghorn", "hunter2"])
def test_an_address_of_another_kind_is_refused_without_its_password(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", address)
    said = ana(foghorn, "list")
    assert said.code == 1
    assert said.err.startswith("FOGHORN_DATABASE_URL ")
    assert "hunter2" not in said.err


# ---- two people at once


def test_an_edit_over_words_of_somebody_else_shows_both_and_how_to_go_on(foghorn: Foghorn) -> None:
    ana(foghorn, "declare", "API down", "sev:3")
    foghorn("incident", "--as", "ben", "edit", "rev:1", "customers:Ben: errors.")

    said = ana(foghorn, "edit", "rev:1", "customers:Ana: slow.")

    assert (said.code, said.out) == (1, "")
    assert "Ben Osei saved revision 2" in said.err
    assert "customers: Customers = Ana: slow." in said.err
    assert "In the draft now: Ben: errors." in said.err
    assert "revision:2" in said.err
    assert ana(foghorn, "edit", "rev:2", "customers:Both: slow, with errors.").code == 0
