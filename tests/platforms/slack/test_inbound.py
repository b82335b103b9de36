"""Payloads as Slack documents them, cut to what we read; no database is near."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands.fields import ParseContext
from bot.commands.invocation import Account, Invocation, Place
from bot.intake.requests import OpenForm, Reply, ReplyTarget, RunCommand, dumped, loaded
from bot.platforms.slack import modals, render
from bot.platforms.slack.inbound import (
    FieldErrors,
    plain_line,
    read_click,
    read_command,
    read_submission,
)
from bot.settings import EXAMPLE, read_organisation
from bot.views import Asks, Button, Form, FormField, Notice, Option, say
from tests.fakes.slack_checks import check_message, check_view
from tests.samples import ANSWERS

READING = ParseContext(read_organisation(EXAMPLE), datetime(2026, 4, 20, 9, 12, tzinfo=UTC))
ZONE = READING.organisation.zone


def command(text: str) -> dict[str, str]:
    return {"text": text, "user_id": "U1", "channel_id": "C1", "trigger_id": "1.2.ab", "response_url": "https://answer"}


def click(action_id: str, value: str = "") -> dict[str, object]:
    return {
        "actions": [{"action_id": action_id, "value": value}],
        "user": {"id": "U1"},
        "channel": {"id": "C1"},
        "container": {"type": "message"},
        "trigger_id": "1.2.ab",
        "response_url": "https://answer",
    }


def test_a_typed_line_is_read() -> None:
    read = read_command(command("snooze INC-1 10m"), READING)

    assert isinstance(read, RunCommand)
    assert read.invocation == Invocation(
        "snooze", {"incident": "INC-1", "delay": "10m"}, Account("slack", "U1"), Place("slack", "C1"),
        "slack:1.2.ab",
    )  # fmt: skip


def test_what_only_reads_has_no_key_and_needs_no_inbox() -> None:
    read = read_command(command("list"), READING)

    assert isinstance(read, RunCommand)
    assert (read.writes, read.invocation.key) == (False, "")


def test_a_missing_field_asks_for_it() -> None:
    read = read_command(command("snooze"), READING)

    assert isinstance(read, OpenForm)
    assert (read.form.verb, read.prefill) == ("snooze", False)


def test_a_form_that_starts_from_the_record_says_so() -> None:
    read = read_command(command("update"), READING)

    assert isinstance(read, OpenForm)
    assert read.prefill


def test_a_slip_is_refused_in_words() -> None:
    read = read_command(command("udpate"), READING)

    assert isinstance(read, Reply)
    assert isinstance(read.answer, Notice)
    assert read.answer.sentence.facts["nearest"] == "update"


def test_a_click_is_the_line_that_a_person_would_have_typed() -> None:
    message = render.answer(Notice(say("Sure?"), buttons=(Button("10 min", "snooze", "INC-1 10m"),)), ZONE, "")
    [_words, actions] = message["blocks"]
    [button] = actions["elements"]

    read = read_click(click(button["action_id"], button["value"]), READING)

    assert isinstance(read, RunCommand)
    assert (read.invocation.verb, read.invocation.typed) == ("snooze", {"incident": "INC-1", "delay": "10m"})


@pytest.mark.parametrize("action_id", ["fh:shout#0", "ack", "fh:"])
def test_a_button_of_old_gets_an_answer(action_id: str) -> None:
    read = read_click(click(action_id), READING)

    assert isinstance(read, Reply)
    assert isinstance(read.answer, Notice)
    assert "no longer works" in read.answer.sentence.words


def test_what_a_form_was_given_unasked_comes_back_with_it() -> None:
    form = next(view for view in ANSWERS if isinstance(view, Form))
    view = modals.form_modal(form, ReplyTarget("U1", "C1", "https://answer", replaces=True), ZONE)
    state = {"message": {"message": {"type": "plain_text_input", "value": "It works."}},
             "still": {"still": {"type": "multi_static_select", "selected_options": [{"value": "api"}]}}}  # fmt: skip

    payload = {"view": {**view, "id": "V1", "hash": "h1", "state": {"values": state}}, "user": {"id": "U1"}}
    read = read_submission(payload, READING)

    assert isinstance(read, RunCommand)
    filled = {name: text for name, text in read.invocation.typed.items() if text}
    assert filled == {"revision": "4", "message": "It works.", "still": "api", "incident": "INC-42"}
    assert read.invocation.typed.keys() - filled == {"sees", "end", "severity"}  # left empty, so cleared
    assert (read.invocation.key, read.reply_to.handle, read.reply_to.replaces) == (
        "slack:V1:h1",
        "https://answer",
        True,
    )


def test_what_is_too_long_to_be_carried_is_asked_for() -> None:
    form = Form("resolve", "Resolve", "Draft it", (), kept=tuple((f"fact{n}", "x" * (900 - n)) for n in range(5)))

    view = modals.form_modal(form, ReplyTarget("U1", "C1"), ZONE)

    check_view(view)
    assert [block["block_id"] for block in view["blocks"]] == ["fact0", "fact1"]
    assert [name for name, _value in json.loads(view["private_metadata"])["kept"]] == ["fact2", "fact3", "fact4"]


def test_field_errors_are_said_beside_the_fields() -> None:
    form = next(view for view in ANSWERS if isinstance(view, Form))
    view = modals.form_modal(form, ReplyTarget("U1", "C1"), ZONE)
    state = {"end": {"end": {"type": "plain_text_input", "value": "noon-ish"}}}

    payload = {"view": {**view, "id": "V1", "hash": "h1", "state": {"values": state}}, "user": {"id": "U1"}}
    read = read_submission(payload, READING)

    assert isinstance(read, FieldErrors)
    assert list(read.errors) == ["end"]


@pytest.mark.parametrize(
    ("typed", "to_channel", "meant"),
    [
        ("subscribe <#C123|status>", True, "subscribe slack:C123"),
        ("note see <#C123|status>", False, "note see #status"),
        ("note see <#C123>", False, "note see <#C123>"),
        ("assign comms <@U123|ana silva>", False, "assign comms <@U123>"),
        ("note <!subteam^S1|@oncall> was called", False, "note @oncall was called"),
        ("note <!channel> was called", False, "note @channel was called"),
        ("note <https://x.example/a?b=1&amp;c=2|x.example>", False, "note https://x.example/a?b=1&c=2"),
        ("note a &lt; b &amp;&amp; c &gt; d", False, "note a < b && c > d"),
    ],
)
def test_references_are_read_as_people_mean_them(typed: str, to_channel: bool, meant: str) -> None:
    assert plain_line(typed, to_channel=to_channel) == meant


def test_a_kept_command_is_the_same_when_it_is_taken_up_again() -> None:
    read = read_command(command("note Sign-in fails"), READING)
    assert isinstance(read, RunCommand)

    again = loaded("slack", read.invocation.key, dumped(read), "https://answer")

    assert again.invocation == read.invocation


@given(st.text(max_size=300))
def test_anything_typed_is_read_and_every_answer_to_it_is_accepted_by_slack(text: str) -> None:
    read = read_command(command(text), READING)

    match read:
        case OpenForm(form=form, reply_to=reply_to):
            check_view(modals.form_modal(form, reply_to, ZONE))
            check_view(modals.loading_modal(form, reply_to, ZONE))
            check_message(render.answer(form, ZONE, ""))
        case Reply(answer=answer):
            check_message(render.answer(answer, ZONE, ""))
        case RunCommand(invocation=invocation):
            assert json.loads(dumped(read))["verb"] == invocation.verb


@given(st.sampled_from(["declare sev:1 ", "update stage:", "resolve end:", "handover ", "subscribe mode:"]), st.text())
def test_any_word_of_a_field_fits_the_form_that_asks_again(verb: str, text: str) -> None:
    read = read_command(command(verb + text), READING)

    if isinstance(read, OpenForm):
        check_view(modals.form_modal(read.form, read.reply_to, ZONE))


@pytest.mark.parametrize("count", [1, 41, 100])
def test_a_form_for_many_components_fits(count: int) -> None:
    names = [f"component-{number}" for number in range(count)]
    field = FormField("impacts", "Impact", ",".join(f"{name}=partial" for name in names), asks=Asks.IMPACTS,
                      options=tuple(Option(name, name * 5) for name in names),
                      values=(Option("partial", "Partial outage"),))  # fmt: skip

    view = modals.form_modal(Form("impact", "Impact", "Change it", (field,)), ReplyTarget("U1", "C1"), ZONE)

    check_view(view)
    shown = sum(block["type"] == "input" for block in view["blocks"])
    assert shown == min(count, 40)
    assert (count > 40) is ("more are affected" in str(view))
