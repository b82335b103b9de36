"""Access: sign-in links stay out of logs, and what was given is taken back at once, everywhere."""

import json
from collections.abc import Iterator

import pytest

from bot.actions import people
from bot.commands.invocation import Account
from bot.errors import BotError, UnknownAccount
from bot.main import Foghorn as Running
from bot.main import compose
from bot.run import welcome
from bot.settings import Settings
from tests.cli.runner import Foghorn
from tests.harness import CROWD, Harness, say
from tests.reference import ORGANISATION


@pytest.fixture
def running(migrated_sqlite_url: str) -> Iterator[Running]:
    """What `foghorn run` starts."""
    running = compose(Settings(FOGHORN_DATABASE_URL=migrated_sqlite_url), ORGANISATION, platforms=())
    yield running
    running.desk.close()
    running.store.close()


# ---- sign-in links


def test_a_terminal_gets_a_sign_in_link(running: Running) -> None:
    said = welcome(running, Settings(), terminal=True)

    assert "/console?token=" in said
    assert "The link signs in Ana Silva." in said


def test_a_log_gets_the_command_that_makes_a_sign_in_link(running: Running) -> None:
    said = welcome(running, Settings(), terminal=False)

    assert "token" not in said
    assert "run `foghorn people invite ana`" in said


def test_who_was_removed_is_not_signed_in_at_the_next_start(foghorn: Foghorn, running: Running) -> None:
    foghorn("people", "remove", "ana")

    assert "The link signs in Ben Osei." in welcome(running, Settings(), terminal=True)


# ---- taking it back


def test_who_is_removed_can_no_longer_act(foghorn: Foghorn) -> None:
    said = foghorn("people", "remove", "ben")

    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("Ben Osei (@ben) can no longer use Foghorn. Sessions ended: 0. They are still in")
    assert "not connected to a person" in foghorn("incident", "--as", "ben", "list").err
    assert "@ben  Ben Osei  (in foghorn.toml, but removed with `people remove`)\n" in foghorn("people", "list").out
    assert "ben" not in foghorn("people", "list", "--json").out
    assert foghorn("people", "invite", "ben").code == 1
    assert "does not know anyone called “ben”" in foghorn("people", "remove", "ben").err


def test_a_restart_does_not_give_the_access_back_and_restore_does(either: Harness) -> None:
    def acts() -> bool:
        return "not connected" not in say(either.as_person("ben")("list"))

    with either.store.write() as tx:
        people.remove(tx, "ben")
    with either.store.write() as tx:
        people.follow_configuration(tx, CROWD)
    assert not acts()

    with either.store.write() as tx:
        people.restore(tx, "@ben")
    assert acts()


def test_who_left_foghorn_toml_is_restored_there(crowd: Harness) -> None:
    with crowd.store.write() as tx:
        people.follow_configuration(tx, ORGANISATION)  # without Chi, who approves

        with pytest.raises(BotError, match=r"Chi .* is no longer in foghorn\.toml\. Nothing was changed\. Add them"):
            people.restore(tx, "chi")


async def test_sessions_and_unused_links_end_at_once(running: Running) -> None:
    with running.store.write() as tx:
        used, unused = people.invite(tx, "ben")[1], people.invite(tx, "ben")[1]
    person, session = await running.desk.sign_in(used)
    who = Account("console", person, session=session)
    assert await running.desk.look("list", lambda ctx: ctx.actor.handle, who) == "ben"

    with running.store.write() as tx:
        assert people.remove(tx, "ben")[1] == 1

    with pytest.raises(UnknownAccount):
        await running.desk.look("list", lambda ctx: ctx.actor.handle, who)
    with pytest.raises(BotError):
        await running.desk.sign_in(unused)


def test_a_member_of_chat_who_is_removed_does_not_come_back_as_somebody_new(either: Harness) -> None:
    uma = either.stranger("U1", "Uma")
    uma("declare API errors")
    with either.store.write() as tx:
        people.remove(tx, "slack-u1")

    assert "not connected to a person" in say(uma("note hello"))
    assert "not connected to a person" in say(uma("list"))


# ---- what programs read


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (("incident", "--as", "ana", "--json", "show", "INC-9"), "NotFound"),
        (("incident", "--as", "ana", "--json", "lisst"), "NotFound"),
        (("incident", "--as", "zed", "--json", "list"), "NotAllowed"),
    ],
)
def test_a_refusal_for_programs_says_its_kind(foghorn: Foghorn, typed: tuple[str, ...], kind: str) -> None:
    said = foghorn(*typed)

    answer = json.loads(said.out)
    assert (said.code, said.err) == (1, "")
    assert (answer["kind"], answer["refused"], answer["refusal"]) == ("Notice", True, kind)


def test_a_refusal_before_a_command_runs_is_json_too(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOGHORN_DATABASE_URL", "sqlite:////nowhere/foghorn.db")

    answers = [foghorn(*typed, "--json") for typed in (("people", "list"), ("incident", "--as", "ana"))]

    assert [json.loads(answer.out)["refusal"] for answer in answers] == ["NotMigrated"] * 2
