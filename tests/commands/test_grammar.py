"""One typed line -> verb and fields."""

import pytest

from bot.commands import catalog
from bot.commands.grammar import incident_number
from bot.errors import InvalidField, NotFound, UnclosedQuote, UnknownStage


def typed(line: str) -> dict[str, str]:
    return catalog.read_line(line)[1]


@pytest.mark.parametrize(
    "line",
    [
        "declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial",
        "declare sev:1 on:chatgpt=major,api=partial ChatGPT and API errors",
        "declare sev:1 ChatGPT and API errors on:chatgpt=major,api=partial",
        "/incident declare ChatGPT on:chatgpt=major,api=partial and API sev:1 errors",
        "  Declare\tChatGPT and API errors sev:1\non:chatgpt=major,api=partial",
        'declare "ChatGPT and API errors" sev:1 on:chatgpt=major,api=partial',
        "declare title:“ChatGPT and API errors” SEV:1 impact:chatgpt=major,api=partial",
    ],
)
def test_keys_stand_in_any_order(line: str) -> None:
    wanted = {"title": "ChatGPT and API errors", "severity": "1", "impacts": "chatgpt=major,api=partial"}
    assert catalog.read_line(line) == ("declare", wanted)


@pytest.mark.parametrize(("opening", "closing"), ["“”", "„“", "«»", '""', "””"])
def test_quotes_that_phones_insert_are_quotes(opening: str, closing: str) -> None:
    assert typed(f"update sees:{opening}pages do not load{closing} monitoring") == {
        "sees": "pages do not load",
        "stage": "monitoring",
    }


def test_other_colons_are_text() -> None:
    line = "declare API error at 10:30 see https://x.example/on:2 and foo:bar sev:2"
    assert typed(line) == {"title": "API error at 10:30 see https://x.example/on:2 and foo:bar", "severity": "2"}


def test_a_key_of_another_verb_is_text() -> None:
    assert typed("note next:30m is what we promised") == {"text": "next:30m is what we promised"}


def test_within_quotation_marks_all_is_text() -> None:
    assert typed('declare "Alerts on: api sev:1" sev:3') == {"title": "Alerts on: api sev:1", "severity": "3"}


def test_a_quotation_mark_that_is_never_closed_is_text_in_free_text() -> None:
    assert typed('declare Screens of 24" stay dark sev:3') == {"title": 'Screens of 24" stay dark', "severity": "3"}


def test_a_value_whose_quotation_mark_is_never_closed_is_refused() -> None:
    with pytest.raises(UnclosedQuote):
        catalog.read_line('update sees:"pages do not load')


def test_a_blank_after_the_colon_is_forgiven() -> None:
    assert typed("declare API down sev: 1") == {"title": "API down", "severity": "1"}


def test_the_key_of_free_text_stands_before_its_value_at_once_or_is_text() -> None:
    assert typed("update What is new: the API answers") == {"message": "What is new: the API answers"}


def test_the_key_of_any_words_before_a_blank_is_text() -> None:
    line = "update identified We know more. Workaround: reload the page and sign in again. Cause: a full disk."
    assert typed(line) == {
        "stage": "identified",
        "message": "We know more. Workaround: reload the page and sign in again. Cause: a full disk.",
    }


def test_free_text_beside_its_own_key_is_not_lost() -> None:
    assert typed('update The API answers. news:"Codex does not."') == {"message": "The API answers. Codex does not."}


def test_a_list_goes_on_after_a_comma_and_a_blank() -> None:
    assert typed("declare Errors on:chatgpt=major, api=partial everywhere") == {
        "title": "Errors everywhere",
        "impacts": "chatgpt=major, api=partial",
    }


@pytest.mark.parametrize(
    "word", ["fix", "fixed", "fix-implemented", "fix implemented", "Fix Implemented", "fix—implemented"]
)
def test_a_fix_has_many_names(word: str) -> None:
    found = typed(f"update {word} Reload the page")
    assert (found["stage"].casefold()[:3], found["message"]) == ("fix", "Reload the page")


def test_a_first_word_that_is_no_stage_is_text() -> None:
    assert typed("update Pages load again") == {"message": "Pages load again"}


def test_a_slip_in_the_stage_is_refused_with_the_right_word() -> None:
    with pytest.raises(UnknownStage) as refusal:
        catalog.read_line("update identifed Signing in works")
    assert refusal.value.facts["nearest"] == "identified"


@pytest.mark.parametrize("key", ["INC-7", "inc-7", "INC7", "INC\u20137"])
def test_the_incident_is_named_first(key: str) -> None:
    assert typed(f"update {key} monitoring Pages load") == {
        "incident": key,
        "stage": "monitoring",
        "message": "Pages load",
    }


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("severity 2 INC-4", {"severity": "2"}),
        ("handover @ben INC\u20134", {"person": "@ben"}),
        ("assign comms INC-4 @ben", {"role": "comms", "person": "@ben"}),
        ("copy internal INC-4", {"audience": "internal"}),
        ("impact api=major INC-4, chatgpt=partial", {"impacts": "api=major chatgpt=partial"}),
        ("update identified INC-4 hello", {"stage": "identified", "message": "hello"}),
        ("redact 17 INC-4 a token", {"number": "17", "reason": "a token"}),
    ],
)
def test_the_incident_may_be_named_after_a_word(line: str, fields: dict[str, str]) -> None:
    found = typed(line)
    assert incident_number(found.pop("incident")) == 4
    assert found == fields


@pytest.mark.parametrize("line", ["note The same as INC-4", "note INC-7 INC-4 is the same", "declare INC-4 again"])
def test_an_incident_named_within_free_text_is_text(line: str) -> None:
    found = typed(line)
    assert found.get("incident") in (None, "INC-7")
    assert "INC-4" in found.get("text", found.get("title", ""))


@pytest.mark.parametrize(
    ("line", "next_at"),
    [
        ("update next:13:30 UTC It is slow", "13:30 UTC"),
        ("update next:13:30 ET It is slow", "13:30 ET"),
        ("update next:1:30 pm It is slow", "1:30 pm"),
        ("update next:2026-04-21 00:15 It is slow", "2026-04-21 00:15"),
        ("update next:13:30 Europe/Berlin It is slow", "13:30 Europe/Berlin"),
        ("update next:13:30 It is slow", "13:30"),
        ("update next:30m It is slow", "30m"),
    ],
)
def test_date_half_of_the_day_and_zone_belong_to_the_time(line: str, next_at: str) -> None:
    assert typed(line) == {"next_at": next_at, "message": "It is slow"}


def test_free_text_keeps_its_lines() -> None:
    assert typed("note first\nsecond") == {"text": "first\nsecond"}


@pytest.mark.parametrize(
    ("line", "verb"),
    [
        ("draft publish INC-7", "publish"),
        ("draft approve rev:3", "approve"),
        ("subscription add #status", "subscribe"),
        ("subscription remove #status", "unsubscribe"),
        ("subscription list", "subscriptions"),
        ("nudge snooze 10m", "snooze"),
        ("nudge show", "nudge"),
        ("nudge off", "nudge"),
        ("record timeline", "timeline"),
        ("record redact 17 pasted a token", "redact"),
        ("Record Export md", "export"),
    ],
)
def test_a_group_may_stand_before_its_verbs(line: str, verb: str) -> None:
    assert catalog.read_line(line)[0] == verb


def test_an_exclamation_mark_is_sure() -> None:
    assert catalog.read_line("declare! API down") == ("declare", {"title": "API down", "sure": "yes"})


@pytest.mark.parametrize("line", ["", "   ", "/incident", "/incident  "])
def test_nothing_typed_is_help(line: str) -> None:
    assert catalog.read_line(line) == ("help", {})


@pytest.mark.parametrize(
    ("slip", "verb"), [("updat", "update"), ("declair", "declare"), ("aprove", "approve"), ("resolv", "resolve")]
)
def test_an_unknown_verb_names_the_nearest(slip: str, verb: str) -> None:
    with pytest.raises(NotFound, match="Did you mean") as refusal:
        catalog.read_line(f"{slip} something")
    assert refusal.value.facts["nearest"] == verb


def test_a_verb_near_to_none_names_none() -> None:
    with pytest.raises(NotFound, match="To see all commands"):
        catalog.read_line("xyzzy")


@pytest.mark.parametrize(
    "line",
    ["publish in 10 minutes", "severity 1 on:api=major", "assign comms @ben @chi", "private no way", "approve not yet"],
)
def test_words_that_a_command_cannot_use_are_not_dropped(line: str) -> None:
    with pytest.raises(InvalidField, match="does not belong"):
        catalog.read_line(line)


def test_a_command_that_only_tells_lets_them_pass() -> None:
    assert catalog.read_line("list all of them") == ("list", {})


def test_an_invitation_may_be_removed() -> None:
    assert catalog.read_line("invite INC-7 @ben remove") == ("uninvite", {"incident": "INC-7", "person": "@ben"})
