"""Mistakes in foghorn.toml: `check` and `run` refuse each of them alike, in plain words, with file and line."""

import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from bot import settings
from bot.core import checked_setup
from bot.errors import ConfigurationError
from bot.platforms import PLATFORMS
from bot.settings import EXAMPLE, organisation_model, read_organisation, read_settings
from tests.cli.runner import Foghorn, runner

TEXT = EXAMPLE.read_text(encoding="utf-8")
NAME = 'name = "Example AI"'
HOOK = '[[webhooks]]\nname = "crm"\nurl = "https://crm.example.com/in"\nsecret_env = "CRM_SECRET"\n'
PROGRAMMERS = re.compile(
    r"Extra inputs|Input should|should be|should have|Field required|pattern|valid (string|int|dict)"
)
"""What a library would say."""
Doubts = Callable[[str], tuple[str, ...]]


def hook(old: str, new: str) -> str:
    """A webhook that is not right."""
    assert old in HOOK
    return HOOK.replace(old, new)


VARIANTS = [
    # what is not TOML
    (NAME, "name = Example AI  #!", "put text in quotation marks"),
    (NAME, "name  #!", "“=” is missing after a key"),
    (NAME, 'name = "A"\nname = "B"  #!', "a key is set twice"),
    (NAME, 'name = "Example AI  #!', "a character is not allowed here; text must be closed on its line"),
    ("", "[social]  #!\ndraft = true", "a section is written twice"),
    ("", "[page  #!", "a section is not closed with ]"),
    # keys and sections
    (f"{NAME}\n", "", "line 1: name is missing"),
    (NAME, 'name = " "  #!', "name: it must not be empty"),
    (NAME, 'name = "Example\\nAI"  #!', "name: it must be on one line"),
    (NAME, f'name = "{"A" * 61}"  #!', "name must have at most 60 characters"),
    (NAME, "name = 5  #!", "name must be text in quotation marks"),
    (NAME, f'{NAME}\ntimezone = "UTC"  #!', "timezone is not a key here; did you mean “time_zone”"),
    ("[cadence]  ", "[cadense]  #!", "cadense is not a key here; did you mean “cadence”"),
    ("", "[opsgenie]  #!\nkey = 1", "opsgenie is not a key here; remove it"),
    ("", '[webhooks]  #!\nname = "crm"', "webhooks must be written [[webhooks]], with two brackets"),
    (NAME, 'name = "A\u2028B"  #!', "name: it must be on one line"),
    (NAME, f"# A\u2028B\n{NAME}\nzone = 1  #!", "zone is not a key here; remove it"),
    ("", '[[page.link]]  #!\ntext = "A"', "page.link is not a key here; did you mean “links”"),
    (
        'groups = ["responders", "approvers", "administrators"]',
        "groups = {}  #!",
        "people.groups must be a list in square",
    ),
    ("", '[[rooms]]  #!\nwhere = "all"', "rooms must be written [rooms], with one bracket"),
    # languages and times
    ('["en"] ', "[]  #!", "languages must have at least 1 entry"),
    ('["en"] ', '["en", "it"]  #!', "texts in “it” are missing, such as updates/it/words.toml; remove"),
    ('["en"] ', '["english"]  #!', "languages: “english” is not a locale"),
    ('["en"] ', '["en", "en"]  #!', "languages lists “en” twice"),
    ('["en"] ', '"en"  #!', "languages must be a list in square brackets"),
    ('"America/New_York"', '"Mars/Olympus"  #!', "time_zone: “Mars/Olympus” is not a time zone"),
    ('"America/New_York"', '"America"  #!', "time_zone: “America” is not a time zone"),
    (NAME, f'{NAME}\nlocale = "nowhere"  #!', "locale: “nowhere” is not a locale"),
    # components and people
    (
        'key = "chatgpt"   ',
        'key = "ChatGPT"  #!',
        "components.key: “ChatGPT” must be lowercase letters",
    ),
    (
        'key = "codex"',
        'key = "codex"\nname = "X"\n[[components]]\nkey = "codex"  #!',
        "the component key “codex” is listed twice; it is first listed on line",
    ),
    ('[[components]]\nkey = "chatgpt"', "[[components]]  #!\n#", "components.key is missing; add it"),
    ('handle = "ben"', 'handle = "Ben"  #!', "people.handle: “Ben” must be lowercase letters"),
    ('handle = "ben"', 'handle = "ana"  #!', "the handle “ana” is listed twice"),
    ('handle = "ben"', 'handle = "ben"\nsms = "+1"  #!', "people.sms is not a key here"),
    ('["responders", "approvers", "administrators"]', '["bosses"]  #!', "people.groups: “bosses” is not a group; use"),
    ('escalate_to = "ana" ', 'escalate_to = "zed"  #!', "escalate_to is “zed”, who is not listed"),
    # what is sent where
    ('name = "#status"', 'name = "status"  #!', "channels.name: “status” must be # and then"),
    ('audience = "customers" }', 'audience = "everyone" }  #!', "channels.follows.audience must be customers"),
    ('mode = "thread" }', 'mode = "threads" }  #!', "channels.follows.mode must be every, current, or thread"),
    ('components = ["business"] }', 'components = ["busines"] }  #!', "“busines”, which is not a component"),
    ('audience = "customers" }', 'language = "ja" }  #!', "follows is in “ja”, which is not one of languages"),
    ("", hook('https://crm.example.com/in"', 'https:///in"  #!'), "webhook “crm”: “https:///in” has no host"),
    ("", hook('crm.example.com/in"', 'crm.example.com/my file"  #!'), "contains a space"),
    ("", hook('.com/in"', '.com:99999/in"  #!'), "a port is a number from 1 to 65535"),
    ("", hook('.com/in"', '.com:0/in"  #!'), "has port 0"),
    ("", hook('crm.example.com/in"', '10.0.0.5/in"  #!'), "is in a private network; if you want that, set allow"),
    ("", hook('crm.example.com/in"', '\uff11\uff12\uff17.0.0.1/in"  #!'), "is in a private network"),
    ("", hook('https://crm.example.com/in"', 'http://crm.example.com/in"  #!'), "must start with https://"),
    ("", hook("https://crm", "https://me:hunter2@crm").replace('in"', 'in"  #!'), "contains a user name or password"),
    ("", hook('secret_env = "CRM_SECRET"\n', "").replace("]]", "]]  #!"), "webhooks.secret_env is missing; add it"),
    ("", hook('"CRM_SECRET"', '""  #!'), "write the name of an environment variable here"),
    ("", hook('"CRM_SECRET"', '"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  #!'), "never the secret itself"),
    ("", HOOK + hook('name = "crm"', 'name = "crm"  #!'), "the webhook “crm” is listed twice"),
    ("", '[announce]\nchannels = ["#ops"]  #!', "announce.channels lists “#ops”; write it as"),
    # policy and lint
    ("SEV1 = 15", "SEV1 = 2  #!", "cadence.SEV1 must be at least 5"),
    ("SEV1 = 15", 'SEV1 = "soon"  #!', "cadence.SEV1 must be a whole number"),
    ("SEV1 = 1\n", "SEV1 = 9  #!\n", "approval.SEV1 must be at most 3"),
    ("SEV1 = 1\n", "SEV1 = 3  #!\n", "approval.SEV1 is 3, but only 2 people are in the group approvers"),
    ("SEV4 = 0\n", 'SEV4 = 0\nalone = "perhaps"  #!\n', "approval.alone must be true or false"),
    (
        "",
        '[who_may]\npubish = "responders"  #!',
        "who_may lists “pubish”, which is not a command; did you mean “publish”",
    ),
    ("", '[who_may]\npublish = "everybody"  #!', "who_may.publish: “everybody” is not a group"),
    ("[lint]\n", '[lint]\noff = ["secret"]  #!\n', "lint.off lists “secret”, which keeps secrets"),
    ("[lint]\n", '[lint]\noff = ["L11"]  #!\n', "lint.off lists “L11”, which keeps secrets and internal details"),
    ("[lint]\n", '[lint]\noff = ["jargn"]  #!\n', "lint.off lists “jargn”, which is not a rule; did you mean “jargon”"),
    ("[lint]\n", "[lint]\ninternal_hosts = ['(a+)+$']  #!\n", "lint.internal_hosts: “(a+)+$” repeats a group"),
    (
        "[lint]\n",
        "[lint]\ninternal_hosts = ['([a-z]+)([a-z0-9]*)x']  #!\n",
        "repeats the same characters several times",
    ),
    ("[lint]\n", "[lint]\ninternal_hosts = ['(']  #!\n", "lint.internal_hosts: “(” is not a regular expression"),
    ("[lint]\n", "[lint]\ninternal_hosts = ['.*']  #!\n", "“.*” matches every text"),
    ("customers = []  ", 'customers = [""]  #!', "lint.customers: it must not be empty"),
    ("[lint]\n", '[lint]\nvendors = "warm"  #!\n', "lint.vendors must be allow, warn, or block"),
    ("", '[page]\ncolor = "green"  #!', "page.color: “green” is not a color"),
    ("", '[rooms]\nwhere = "everywhere"  #!', "rooms.where must be declared or all"),
    ("", '[assistant]\nurl = "models.example.com"  #!\nmodel = "small"', "must start with https:// or http://"),
    ("", '[slack]\ngroups = { responders = "" }  #!', "slack.groups.responders: it must not be empty"),
    ("", '[slack]\ntoken = "xoxb-hunter2"  #!', "slack.token is not a key here"),
    (
        "allowed_hosts = []",
        'allowed_hosts = ["https://docs.example.com/"]  #!',
        "must be a host such as docs.exam",
    ),
    ("", '[slack]\ncommand = "incident"  #!', "slack.command: “incident” must be a slash and then"),
    ("", "[discord]\nservers = [123456789012345678]  #!", "discord.servers must be text in quotation marks"),
]


@pytest.fixture
def doubts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Doubts:
    """What is doubted in a configuration."""
    monkeypatch.chdir(tmp_path)

    def found(text: str) -> tuple[str, ...]:
        written(tmp_path, text)
        return tuple(settings.doubts(checked_setup(PLATFORMS)))

    return found


@pytest.fixture
def foghorn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Foghorn:
    """The command line without a database, which no mistake needs."""
    return runner(f"sqlite:///{tmp_path}/none.db", tmp_path, monkeypatch, capsys)


def written(folder: Path, text: str) -> None:
    (folder / "foghorn.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("old", "new", "words"), VARIANTS, ids=[words or new for _, new, words in VARIANTS])
def test_a_mistake_is_named_with_its_line(foghorn: Foghorn, tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in TEXT
    text = TEXT.replace(old, new, 1) if old else f"{TEXT}\n{new}\n"
    written(tmp_path, text)
    line = next((number for number, each in enumerate(text.split("\n"), 1) if "#!" in each), 1)

    said = foghorn("check")

    assert (said.code, said.out) == (1, "")
    assert said.err.startswith(f"foghorn.toml, line {line}: ")
    assert words in said.err
    assert said.err.endswith(". Foghorn did not start. Fix the line, then run `foghorn check`.\n")
    assert not PROGRAMMERS.search(said.err)
    assert not re.search("hunter2|MfKQ9", said.err)


def test_all_mistakes_of_a_file_are_named_at_once(foghorn: Foghorn, tmp_path: Path) -> None:
    text = TEXT.replace("America/New_York", "Mars").replace('key = "codex"', 'key = "Codex"')
    text = text.replace('handle = "ben"', "").replace("SEV1 = 15", "SEV1 = 1").replace('"business"] }', '"busines"] }')
    written(tmp_path, f'{text}\n{HOOK.replace("https", "http")}\n[who_may]\npubish = "approvers"\n[lunt]\n')

    said = foghorn("check")

    *mistakes, end = said.err.splitlines()
    wanted = ["time_zone", "components.key", "people.handle", "busines", "cadence.SEV1", "https://", "pubish", "lunt"]
    assert [word for word, line in zip(wanted, mistakes, strict=True) if word not in line] == []
    lines = [int(mistake.split("line ")[1].split(":")[0]) for mistake in mistakes]
    assert lines == sorted(lines)
    assert end == "Foghorn did not start. Fix these 8 lines, then run `foghorn check`."
    assert [foghorn(*typed) for typed in (("run",), ("people", "list"), ("slack", "manifest"))] == [said] * 3


def test_whatever_stands_in_the_file_is_reported_in_plain_words(tmp_path: Path) -> None:
    chance, values = random.Random(12), ('""', "5", "-1", "nan", "[]", '[""]', "{}", "[{}]", "2026-01-01", '"\\u0000"')
    model, path, said = organisation_model(PLATFORMS), tmp_path / "foghorn.toml", []
    for _ in range(60):
        lines = f"{TEXT}\n{HOOK}".splitlines()
        for _ in range(3):
            number = chance.randrange(len(lines))
            key, equals, _value = lines[number].partition("=")
            lines[number] = f"{key}= {chance.choice(values)}" if equals else chance.choice(("", lines[number], "x = 1"))
        path.write_text("\n".join(lines), encoding="utf-8")
        try:
            read_organisation(path, model)
        except ConfigurationError as refusal:
            said += [words for _, words in refusal.mistakes]

    assert len(said) > 60
    assert [words for words in said if PROGRAMMERS.search(words)] == []


def test_what_follows_from_a_mistake_is_no_mistake_of_its_own(foghorn: Foghorn, tmp_path: Path) -> None:
    written(tmp_path, TEXT.replace('key = "business"', 'key = "Business!"').replace('["business"]', '["Business!"]'))

    assert len(foghorn("check").err.splitlines()) == 1


def test_a_byte_order_mark_is_accepted(foghorn: Foghorn, tmp_path: Path) -> None:
    written(tmp_path, "\ufeff" + TEXT.replace("\n", "\r\n"))

    assert foghorn("slack", "manifest").err == ""


def test_a_file_in_another_encoding_is_named_with_the_line(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "foghorn.toml").write_bytes(TEXT.replace("Ben Osei", "Bén Osei").encode("latin-1", "replace"))

    assert "a character is not UTF-8; save the file as UTF-8" in foghorn("check").err


def test_a_folder_is_not_a_configuration(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "foghorn.toml").mkdir()

    assert foghorn("check").err.startswith("foghorn.toml, line 1: it cannot be read (Is a directory)")


@pytest.mark.parametrize(
    ("zone", "instead"),
    [("EST", "use America/New_York"), ("PST8PDT", "use America/Los_Angeles"), ("CET", "use Europe/Paris"),
     ("Etc/GMT+5", "5 hours behind UTC all year")],
)  # fmt: skip
def test_a_zone_that_is_probably_not_meant_is_doubted_and_taken(doubts: Doubts, zone: str, instead: str) -> None:
    (doubt,) = doubts(TEXT.replace("America/New_York", zone))

    assert doubt.startswith(f"foghorn.toml, line 4: time_zone: “{zone}” ")
    assert instead in doubt


@pytest.mark.parametrize("zone", ["America/New_York", "UTC", "Europe/Berlin", "Asia/Kolkata"])
def test_a_zone_of_a_city_is_not_doubted(doubts: Doubts, zone: str) -> None:
    assert doubts(TEXT.replace("America/New_York", zone)) == ()


def test_a_webhook_whose_secret_is_not_set_is_doubted(doubts: Doubts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_SECRET", "")
    (doubt,) = doubts(f"{TEXT}\n{HOOK}")
    assert doubt.endswith("secret_env: nothing can be sent to webhook “crm”; set CRM_SECRET.")
    monkeypatch.setenv("CRM_SECRET", "hunter2")
    (doubt,) = doubts(f"{TEXT}\n{HOOK}")
    assert doubt.endswith("“crm”; set CRM_SECRET to `whsec_` followed by base64 of 24 to 64 bytes.")

    monkeypatch.setenv("CRM_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert doubts(f"{TEXT}\n{HOOK}") == ()


@pytest.mark.parametrize(
    "pattern",
    ["(a|a)*b", "([a-z]+)*x", r"(\w+\s?)*x", "(x+x+)+y", r"([a-z]+[a-z]+\.)*x", "((a*)b?)*c", "(a{1,50}){1,50}x"],
)
def test_an_expression_that_can_take_forever_is_refused(doubts: Doubts, pattern: str) -> None:
    with pytest.raises(ConfigurationError, match="which can take forever"):
        doubts(TEXT.replace("[lint]\n", f"[lint]\ninternal_hosts = ['{pattern}']\n"))


@pytest.mark.parametrize(
    "pattern",
    [r"\.corp$", r"^web-\d+$", r"([a-z0-9-]+\.)*internal\.example\.com", r"^[a-z]+(-[a-z]+)*\.corp$",
     r"(\d+\.){3}\d+", "(?:foo|bar)+x", r"web\w*\d", r".*\.corp", r"[a-z]+\d+",
     r"\w+-\w+\.prod", r"[a-z][a-z0-9-]*\.lan"],
)  # fmt: skip
def test_an_expression_that_is_fast_is_taken(doubts: Doubts, pattern: str) -> None:
    assert doubts(TEXT.replace("[lint]\n", f"[lint]\ninternal_hosts = ['{pattern}']\n")) == ()


# ---- the environment


def test_a_variable_set_to_nothing_counts_as_not_set(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    before = foghorn("slack", "manifest")
    for name in ("FOGHORN_CONFIG", "FOGHORN_PORT", "FOGHORN_CONSOLE_TOKEN", "FOGHORN_TEMPLATES_DIR", "FOGHORN_HOST",
                 "FOGHORN_ACCESS_LOG", "FOGHORN_EXPORT_DIR", "SLACK_BOT_TOKEN", "DISCORD_BOT_TOKEN"):  # fmt: skip
        monkeypatch.setenv(name, "" if name < "FOGHORN_H" else "  ")

    assert (before.code, foghorn("slack", "manifest")) == (0, before)


@pytest.mark.parametrize(
    ("host", "alone"),
    [("127.0.0.1", True), ("localhost", True), ("LOCALHOST", True), ("::1", True), ("127.0.0.2", True), ("127.1", True),
     ("\uff11\uff12\uff17.0.0.1", True), ("\u0661\u0662\u0667.\u0660.\u0660.\u0661", True),
     ("127\u30020\u30020\u30021", True), ("::ffff:127.0.0.1", True),
     ("0.0.0.0", False), ("::", False), ("10.0.0.1", False), ("\uff110.0.0.1", False), ("foghorn.example.com", False),
     ("localhost.example.com", False)],
)  # fmt: skip
def test_only_addresses_of_this_machine_need_no_token(monkeypatch: pytest.MonkeyPatch, host: str, alone: bool) -> None:
    monkeypatch.setenv("FOGHORN_HOST", host)

    assert read_settings().loopback is alone


@pytest.mark.parametrize(
    "url", ["status.example.com", "https://", "https://status.example.com:99999", "ftp://x", "http://a b"]
)
@pytest.mark.parametrize("name", ["FOGHORN_PUBLIC_URL", "SLACK_API_URL", "DISCORD_API_URL"])
def test_an_address_that_cannot_be_called_is_refused(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, name: str, url: str
) -> None:
    monkeypatch.setenv(name, url)

    said = foghorn("check")

    assert said.err.startswith(f"{name} is not valid: “{url}” ")


def test_all_variables_that_cannot_be_used_are_named_at_once(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHORN_PORT", "many")
    monkeypatch.setenv("FOGHORN_CONSOLE_TOKEN", "hunter2")

    said = foghorn("check")

    assert said.err == (
        "FOGHORN_PORT is not valid: it must be a whole number. FOGHORN_CONSOLE_TOKEN is not valid: it must have at "
        "least 16 characters. Foghorn did not start.\n"
    )
