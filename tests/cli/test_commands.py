"""Every command of `foghorn` besides `incident`: what it says when all is well, and the one sentence when not."""

import json
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from bot.domain.audiences import Audience
from bot.domain.update_context import TEMPLATE_NAMES
from bot.settings import EXAMPLE
from bot.store import migrate
from bot.templating import BUILT_IN
from tests.cli.runner import Foghorn


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A foghorn.toml of one's own, in the folder where the command runs."""
    return Path(shutil.copy(EXAMPLE, tmp_path / "foghorn.toml"))


@pytest.fixture
def broken(foghorn: Foghorn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Foghorn:
    """The command line with a broken template in its overlay."""
    path = tmp_path / "overlay" / "updates" / "en" / "customers" / "identified.md.j2"
    path.parent.mkdir(parents=True)
    path.write_text("{{ nobody_gave_this }}")
    monkeypatch.setenv("FOGHORN_TEMPLATES_DIR", str(tmp_path / "overlay"))
    return foghorn


# ---- usage


@pytest.mark.parametrize("typed", [("nonsense",), ("people", "invite"), ("drill", "--speed"), ("check", "--nonsense")])
def test_wrong_usage_ends_with_two(foghorn: Foghorn, typed: tuple[str, ...]) -> None:
    said = foghorn(*typed)
    assert (said.code, said.out) == (2, "")
    assert said.err


def test_help_names_every_command(foghorn: Foghorn) -> None:
    shown = foghorn("--help").out
    names = "run", "migrate", "check", "doctor", "drill", "people", "templates", "incident", "slack", "discord"
    assert [name for name in names if not re.search(rf"\b{name} ", shown)] == []


@pytest.mark.parametrize(
    ("module", "not_needed"),
    [
        ("bot.cli", "alembic aiohttp slack_sdk discord starlette uvicorn apscheduler psycopg prometheus_client"),
        (
            "bot.run",
            "alembic aiohttp babel.messages slack_sdk discord markdown_it psycopg prometheus_client "
            "sqlalchemy.dialects.postgresql",
        ),
    ],
)
def test_no_library_is_loaded_before_it_is_needed(module: str, not_needed: str) -> None:
    asked = [sys.executable, "-c", f"import sys, {module}; print(*{{*'{not_needed}'.split()}} & {{*sys.modules}})"]
    folder = Path(__file__).resolve().parents[2]
    assert subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=True).stdout == "\n"


# ---- run


def test_a_taken_port_is_named(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        monkeypatch.setenv("FOGHORN_PORT", str(port))
        said = foghorn("run")
    assert said.code == 1
    words = f"FOGHORN_PORT {port} cannot be used on 127.0.0.1, because another program uses it. Stop that program, or "
    assert said.err == f"{words}set another port. Foghorn did not start.\n"


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"FOGHORN_DATABASE_URL": "sqlite:////proc/foghorn.db"}, "DATABASE_URL needs the folder /proc, where Foghorn"),
        (
            {"FOGHORN_DATABASE_URL": "sqlite:////no/where/x.db"},
            "DATABASE_URL needs the folder /no/where, which does not",
        ),
        ({"FOGHORN_DATABASE_URL": "sqlite:////proc"}, "DATABASE_URL names the folder /proc; add a file name."),
        ({"FOGHORN_EXPORT_DIR": "/proc"}, "EXPORT_DIR needs the folder /proc, where Foghorn cannot write"),
        ({"FOGHORN_EXPORT_DIR": "/proc/x"}, "EXPORT_DIR needs the folder /proc/x, which does not exist."),
        (
            {"FOGHORN_HOST": "no-host.invalid", "FOGHORN_CONSOLE_TOKEN": "0123456789abcdef"},
            "HOST no-host.invalid is not an address of this machine. Set 127.0.0.1, or 0.0.0.0 for all",
        ),
    ],
)
def test_a_start_that_cannot_write_or_listen_says_what_to_set(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], words: str
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    said = foghorn("run")
    assert said.code == 1
    assert said.err.startswith(f"FOGHORN_{words}")
    assert said.err.endswith(" Foghorn did not start.\n")


def test_an_address_that_others_reach_needs_a_token(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHORN_HOST", "0.0.0.0")
    said = foghorn("run")
    assert said.code == 1
    assert said.err.startswith("FOGHORN_CONSOLE_TOKEN is required when the console can be reached from other machines")


@pytest.mark.parametrize(
    ("name", "value"), [("FOGHORN_PORT", "many"), ("FOGHORN_PORT", "70000"), ("FOGHORN_CONSOLE_TOKEN", "short")]
)
def test_a_setting_that_cannot_be_used_is_named(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    said = foghorn("run")
    assert said.code == 1
    assert said.err.startswith(f"{name} is not valid: ")
    assert name == "FOGHORN_PORT" or value not in said.err


# ---- migrate, doctor


def test_migrate_makes_the_tables(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    assert foghorn("migrate").out == "The database is up to date.\n"
    assert "No incident is open." in foghorn("incident", "--as", "ana", "list").out


def test_the_newest_revision_is_the_one_that_alembic_finds() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    assert migrate.newest() == ScriptDirectory.from_config(config).get_current_head()


def test_migrate_says_when_the_database_does_not_answer(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", f"sqlite:///{tmp_path}/nowhere/foghorn.db")
    said = foghorn("migrate")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("The database cannot be written to right now")


def test_a_postgresql_that_cannot_be_reached_is_named_with_what_it_said(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", "postgresql://foghorn:hunter2@127.0.0.1:9/foghorn")
    refusals = [foghorn(*line.split()).err for line in ("migrate", "people list", "incident --as ana list")]
    said = foghorn("doctor").out

    reason = 'connection to server at "127.0.0.1", port 9 failed: Connection refused'
    assert [each for each in refusals if f"\nThe database says: connection failed: {reason}\n" not in each] == []
    assert f"FIX  database: cannot be used: it does not answer (connection failed: {reason})" in said
    assert "hunter2" not in f"{refusals}{said}"
    used = ["written to", "read", "read"]
    assert [each.partition(" right now.")[0] for each in refusals] == [f"The database cannot be {u}" for u in used]


def test_doctor_finds_a_healthy_foghorn_well(foghorn: Foghorn) -> None:
    said = foghorn("doctor")
    assert said.code == 0
    assert "ok   configuration: Example AI, 2 people\nok   database: is up to date\n" in said.out
    assert (
        "ok   processes: `foghorn run` is not running on this database\nok   deliveries: none is waiting\n" in said.out
    )


def test_doctor_names_a_missing_guard(foghorn: Foghorn, database: sqlite3.Connection) -> None:
    database.execute("DROP TRIGGER record_entry_delete")
    said = foghorn("doctor")
    assert said.code == 1
    assert "FIX  database: these triggers are missing: record_entry_delete; run `foghorn migrate`" in said.out
    foghorn("migrate")
    assert foghorn("doctor").code == 0


@pytest.mark.parametrize(
    ("file", "words"),
    [("new.db", "Run `foghorn migrate`"), ("nowhere/x.db", "There is no database at")],
)
def test_doctor_says_what_the_database_lacks(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, file: str, words: str
) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", f"sqlite:///{tmp_path}/{file}")
    said = foghorn("doctor")
    assert said.code == 1
    assert "FIX  database: " in said.out
    assert words in said.out


@pytest.mark.parametrize(
    "words", [("incident", "--as", "ana", "list"), ("people", "list"), ("doctor",), ("check", "--apply")]
)
def test_no_command_makes_an_empty_database_where_one_was_deleted(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]
) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", f"sqlite:///{tmp_path}/gone.db")
    said = foghorn(*words)
    assert said.code == 1
    assert f"There is no database at {tmp_path}/gone.db. Nothing was changed." in said.out + said.err
    assert not (tmp_path / "gone.db").exists()


def test_doctor_asks_for_the_secret_of_a_webhook(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, toml: Path) -> None:
    with toml.open("a") as file:
        file.write('\n[[webhooks]]\nname = "crm"\nurl = "https://crm.example.com/in"\nsecret_env = "CRM_SECRET"\n')
    assert "FIX  webhook crm: its secret is not set or cannot sign; set CRM_SECRET\n" in foghorn("doctor").out
    monkeypatch.setenv("CRM_SECRET", "whsec_anything")
    assert "set CRM_SECRET to `whsec_` followed by base64 of 24 to 64 bytes" in foghorn("doctor").out
    monkeypatch.setenv("CRM_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert "ok   webhook crm: its secret is set" in foghorn("doctor").out


# ---- check, templates


def test_check_says_what_it_read_and_what_it_doubts(foghorn: Foghorn, toml: Path) -> None:
    toml.write_text(toml.read_text().replace("America/New_York", "EST"))
    said = foghorn("check")
    assert said.code == 0
    assert said.err.startswith("foghorn.toml, line 4: time_zone: “EST” is an abbreviation")
    assert said.out.endswith(
        f"{toml.name} and its templates are valid: 4 components, 2 people, en.\n"
        "Assistant: off. Nothing is sent anywhere.\n"
    )


def test_check_says_what_the_assistant_is_sent(foghorn: Foghorn, toml: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    toml.write_text(toml.read_text() + '[assistant]\nurl = "https://models.example.com/v1"\nmodel = "small"\n')
    assert "Assistant: off. To turn it on, set FOGHORN_ASSISTANT_KEY." in foghorn("check").out

    monkeypatch.setenv("FOGHORN_ASSISTANT_KEY", "key-of-the-model")

    said = foghorn("check").out
    assert "is not private to https://models.example.com/v1 (small)." in said
    assert "key-of-the-model" not in said


def test_an_assistant_without_a_model_is_refused(foghorn: Foghorn, toml: Path) -> None:
    toml.write_text(toml.read_text() + '[assistant]\nurl = "https://models.example.com/v1"\n')

    said = foghorn("check")

    assert said.code == 1
    assert "the assistant needs both `url` and `model`" in said.err


@pytest.mark.parametrize("command", ["check", "run", "doctor", "drill"])
def test_a_broken_line_of_the_configuration_is_named(foghorn: Foghorn, toml: Path, command: str) -> None:
    lines = toml.read_text().splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("name"))
    lines[at] = 'name = "Example'
    toml.write_text("\n".join(lines))
    said = foghorn(command)
    assert said.code == 1
    assert said.err.startswith(f"foghorn.toml, line {at + 1}: ")


def test_a_value_without_meaning_is_named_with_its_line(foghorn: Foghorn, toml: Path) -> None:
    text = toml.read_text()
    toml.write_text(re.sub(r'time_zone = ".*"', 'time_zone = "Mars/Olympus"', text))
    line = next(n for n, line in enumerate(text.splitlines(), 1) if line.startswith("time_zone"))
    said = foghorn("check")
    assert said.code == 1
    assert said.err.startswith(f"foghorn.toml, line {line}: time_zone: ")


@pytest.mark.parametrize(
    ("old", "new", "marked", "said"),
    [
        ('escalate_to = "ana"', 'escalate_to = "zed"', "escalate_to", "escalate_to is “zed”, who is not listed"),
        ('"api", "codex"]', '"api", "cedox"]', "cedox", "follows lists “cedox”, which is not a component"),
        ('name = "#business"', 'name = "#status"  # twice', "# twice", "the channel “#status” is listed twice"),
        ('handle = "ben"', 'handle = "ana"  # twice', "# twice", "the handle “ana” is listed twice"),
    ],
)
def test_a_name_that_refers_to_nothing_is_named_with_its_line(
    foghorn: Foghorn, toml: Path, old: str, new: str, marked: str, said: str
) -> None:
    text = toml.read_text()
    assert old in text
    toml.write_text(text.replace(old, new))
    line = next(n for n, line in enumerate(toml.read_text().splitlines(), 1) if marked in line)
    answer = foghorn("check")
    assert answer.code == 1
    assert answer.err.startswith(f"foghorn.toml, line {line}: {said}")


@pytest.mark.parametrize(
    ("platform", "account", "again"),
    [("slack", "U0AB12CD", "U0AB12CD"), ("slack", "U0AB12CD", " u0ab12cd "), ("discord", "1" * 18, "1" * 18)],
)
@pytest.mark.parametrize("command", ["check", "run", "doctor"])
def test_one_account_of_two_people_is_refused_with_both_lines(
    foghorn: Foghorn, toml: Path, platform: str, account: str, again: str, command: str
) -> None:
    text = toml.read_text()
    text = text.replace('handle = "ana"', f'{platform} = "{account}"  # Ana\'s\nhandle = "ana"')
    toml.write_text(text.replace('handle = "ben"', f'handle = "ben"\n{platform} = "{again}"  # Ben\'s'))
    lines = toml.read_text().splitlines()
    first, second = (next(n for n, line in enumerate(lines, 1) if mark in line) for mark in ("# Ana's", "# Ben's"))

    answer = foghorn(command)

    assert answer.code == 1
    named = f"the {platform.capitalize()} account “{account}” is listed twice; it is first listed on line {first}"
    assert answer.err.startswith(f"foghorn.toml, line {second}: {named}")


def test_nobody_without_an_account_is_somebody_else(foghorn: Foghorn, toml: Path) -> None:
    toml.write_text(toml.read_text().replace('handle = "ben"', 'handle = "ben"\nslack = ""\ndiscord = ""'))

    assert foghorn("check").code == 0


@pytest.mark.parametrize("command", ["check", "run"])
def test_an_overlay_that_is_not_there_is_named(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.setenv("FOGHORN_TEMPLATES_DIR", "/nonexistent")
    said = foghorn(command)
    assert said.code == 1
    assert said.err.startswith("FOGHORN_TEMPLATES_DIR is not valid: ")


def test_a_configuration_that_is_not_there_is_named(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHORN_CONFIG", "elsewhere.toml")
    said = foghorn("check")
    assert said.code == 1
    assert said.err.startswith("elsewhere.toml, line 1: it cannot be read")


@pytest.mark.parametrize("command", [("check",), ("templates", "lint")])
def test_a_template_that_does_not_render_is_named(broken: Foghorn, command: tuple[str, ...]) -> None:
    said = broken(*command)
    assert (said.code, said.out) == (1, "")
    assert "updates/en/customers/identified.md.j2" in said.err
    assert "nobody_gave_this" in said.err


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('join = " "', '# join = " "'), "line 1: join is missing; add it"),
        (('join = " "', 'join = " "\nglue = ""'), "line 6: glue is not a key here; remove it"),
        (
            ("{impact} affecting {components}", "{impact.real} affecting {components}"),
            "problem: a pattern is filled by name",
        ),
    ],
)
def test_words_that_are_wrong_are_named_with_file_and_line(
    broken: Foghorn, tmp_path: Path, change: tuple[str, str], said: str
) -> None:
    folder = tmp_path / "overlay" / "updates" / "en"
    (folder / "customers" / "identified.md.j2").unlink()
    (folder / "words.toml").write_text((BUILT_IN / "updates/en/words.toml").read_text().replace(*change))

    checked = broken("check")

    assert checked.code == 1
    assert re.search(r"updates/en/words\.toml, line \d+: ", checked.err)
    assert said in checked.err


def test_a_language_without_files_is_named_with_what_it_needs(foghorn: Foghorn, toml: Path) -> None:
    toml.write_text(toml.read_text().replace('languages = ["en"]', 'languages = ["en", "cs"]'))

    checked = foghorn("templates", "lint")

    assert checked.code == 1
    assert "There is no updates/cs/words.toml." in checked.err
    assert "There is no updates/cs/customers/false_alarm.md.j2." in checked.err


def test_the_built_in_templates_render(foghorn: Foghorn) -> None:
    said = foghorn("templates", "lint")
    assert (said.code, said.out, said.err) == (0, "Every text renders.\n", "")


def test_one_text_is_rendered_for_one_audience_from_facts(foghorn: Foghorn) -> None:
    said = foghorn(
        "templates", "render", "identified", "--audience", "developers", "on:api=partial,codex=major",
        "sees:500 errors when creating jobs", "since:5m", "developers:Retry with pauses.", "We are adding capacity.",
    )  # fmt: skip
    assert (said.code, re.findall(r"^\[(.*)\]$", said.out, re.MULTILINE)) == (0, ["developers"])
    assert said.out.startswith(
        "[developers]\nWe have identified the problem and are working to resolve the major outage affecting Codex, as "
        "well as the partial outage affecting the API. We are adding capacity.\n\n"
        "User impact: 500 errors when creating jobs\nStarted: "
    )
    assert "\n\nRetry with pauses.\n\nNext update by " in said.out


@pytest.mark.parametrize("kind", TEMPLATE_NAMES)
def test_every_kind_is_rendered_for_every_audience(foghorn: Foghorn, kind: str) -> None:
    said = foghorn("templates", "render", kind, "on:api=major", "wrong:It works.", "right:It fails.")
    assert (said.code, said.err) == (0, "")
    assert re.findall(r"^\[(.*)\]$", said.out, re.MULTILINE) == [audience.value for audience in Audience]


def test_the_first_update_is_rendered_as_one_before_which_nothing_was_told(foghorn: Foghorn) -> None:
    said = foghorn("templates", "render", "investigating", "on:api=major", "--audience", "customers")
    assert said.out.startswith("[customers]\nWe are investigating a major outage affecting the API.\n")


def test_a_correction_is_rendered_only_with_what_was_wrong_and_what_is_right(foghorn: Foghorn) -> None:
    said = foghorn("templates", "render", "correction", "wrong:It works.")
    assert (said.code, said.out) == (2, "")
    assert said.err == 'A correction needs the wrong words and the right ones: wrong:"..." right:"..."\n'


def test_a_fact_that_cannot_be_read_is_refused(foghorn: Foghorn) -> None:
    said = foghorn("templates", "render", "identified", "caus:DNS")
    assert (said.code, said.out) == (1, "")
    assert "There is no fact “caus:”. Did you mean `cause:`?" in said.err


def test_a_value_of_an_earlier_version_is_named_with_its_replacement(broken: Foghorn, tmp_path: Path) -> None:
    path = tmp_path / "overlay/updates/en/customers/identified.md.j2"
    path.write_text("Text.\n{{ failing }} {{ news }}\n\n{{ nonsense }}\n")
    said = broken("templates", "lint")
    assert said.code == 1
    name = "updates/en/customers/identified.md.j2"
    assert said.err.splitlines() == [
        f"{name}, line 2: `failing` is a yes or no, not a text. Use `problem` in a sentence of your own, then `sees`, "
        "`who`, and `started`.",
        f"{name}, line 2: there is no value `news`. Use `message`.",
        f"{name}, line 4: there is no value `nonsense`. Remove it.",
    ]


def test_a_text_that_does_not_exist_is_refused_with_what_there_is(foghorn: Foghorn) -> None:
    said = foghorn("templates", "render", "nonsense")
    assert (said.code, said.out) == (2, "")
    assert "identified" in said.err


# ---- people


def test_people_are_listed_with_what_they_may(foghorn: Foghorn) -> None:
    said = foghorn("people", "list")
    assert said.code == 0
    assert "@ana  Ana Silva  " in said.out
    assert "approvers" in said.out


def test_who_was_invited_is_listed_with_what_they_may_not(foghorn: Foghorn) -> None:
    foghorn("people", "invite", "Gus Guest", "--new")

    words = "@gus-guest  Gus Guest  responders  (not in foghorn.toml: can respond, but not approve or publish)"
    assert words in foghorn("people", "list").out


def test_somebody_is_signed_out_everywhere(foghorn: Foghorn) -> None:
    said = foghorn("people", "sign-out", "ben")
    assert (said.code, said.err) == (0, "")
    assert said.out == "Ben Osei (@ben) is signed out of the console. Sessions ended: 0.\n"


def test_nobody_unknown_is_signed_out(foghorn: Foghorn) -> None:
    said = foghorn("people", "sign-out", "Nobody")
    assert said.code == 1
    assert "does not know anyone called “Nobody”" in said.err


def test_people_are_listed_for_machines(foghorn: Foghorn) -> None:
    assert {row["handle"] for row in json.loads(foghorn("people", "list", "--json").out)} == {"ana", "ben"}


def test_an_invitation_is_a_link_to_the_console(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHORN_PUBLIC_URL", "https://status.example.com/")
    said = foghorn("people", "invite", "ben")
    assert said.code == 0
    words = (
        r"Ben Osei \(@ben\) can sign in once, within 15 minutes: https://status\.example\.com/console\?token=\S{20,}\n"
    )
    assert re.fullmatch(words, said.out)


def test_an_invitation_for_a_mistyped_name_adds_nobody(foghorn: Foghorn) -> None:
    before = foghorn("people", "list").out
    said = foghorn("people", "invite", "Ben Osie")
    assert said.code == 1
    assert "does not know anyone called “Ben Osie”. Nothing was changed. Known people: @ana, @ben." in said.err
    assert "To add someone, use `foghorn people invite NAME --new`." in said.err
    said = foghorn("people", "invite", "Ben Osie", "--support")
    assert said.code == 1
    assert "“Ben Osie” may be Ben Osei (@ben). No one was added." in said.err
    assert foghorn("people", "list").out == before


def test_support_staff_may_copy_and_nothing_else(foghorn: Foghorn) -> None:
    assert "Sue (@sue) can sign in once" in foghorn("people", "invite", "Sue", "--support").out
    assert "@sue  Sue  support  (not in foghorn.toml: can only copy published text)" in foghorn("people", "list").out
    said = foghorn("incident", "--as", "sue", "declare", "API down")
    assert said.code == 1
    assert "can declare here. Ask" in said.err
