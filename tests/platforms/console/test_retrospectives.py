"""The retrospective: read as a page, edited by several people, kept as a file."""

import pytest

from tests.platforms.console.browse import BASE, Browse
from tests.platforms.console.test_room import small
from tests.platforms.console.world import World

RETRO = "/console/incidents/INC-1/retrospective"


@pytest.fixture
def resolved(world: World, ana: Browse) -> Browse:
    small(ana)
    world.harness.ana("note The key was <b>4711-secret</b> & *more*")
    world.harness.ana("resolve end:05:14 data:none")
    world.harness.ana("publish")
    return ana


def edited(browse: Browse, text: str) -> str:
    browse.open(f"{RETRO}/edit")
    return browse.submit("Save", text=text)


def test_the_draft_is_rendered_edited_and_downloaded(resolved: Browse) -> None:
    words = resolved.run("retro INC-1")
    assert resolved.url == f"{BASE}{RETRO}"
    assert "A draft from the record. It changes with the record until someone saves it." in words
    assert resolved.response is not None
    assert "<h3>In figures</h3>" in resolved.response.text
    assert "<b>4711" not in resolved.response.text

    resolved.press("Edit")
    form = next(form for form in resolved.page.forms if "Save" in form.buttons)
    assert form.fields["text"][0].startswith("# Retrospective of INC-1")
    words = edited(
        resolved,
        "# Ours\n\n| a | b |\n| :-: | - |\n| *x* | <img src=x> |\n\n![p](https://evil.example/p) [l](javascript:x)",
    )
    assert "Revision 1, saved by Ana Silva 5:15 AM ET (09:15 UTC), just now." in words
    text = resolved.response.text
    assert "<td><em>x</em></td>" in text
    assert "&lt;img src=x&gt;" in text
    for acting in ("<img", 'javascript:x"', "style="):
        assert acting not in text

    resolved.press("Download")
    assert resolved.response.headers["content-type"].startswith("text/markdown")
    assert resolved.response.text.startswith("# Ours")
    assert "Draft of INC-1" not in resolved.open("/console/history")
    assert "Edited of INC-1" in resolved.buttons()


def test_of_two_who_edit_the_second_sees_both_texts(resolved: Browse, ben: Browse) -> None:
    for browse in (resolved, ben):
        browse.open(f"{RETRO}/edit")
    resolved.submit("Save", text="The text of Ana")
    words = ben.submit("Save", text="The text of Ben")
    assert ben.status == 422
    assert "Ana Silva saved revision 1 at 5:15 AM ET (09:15 UTC) while you were writing" in words
    assert "Saved by Ana Silva, revision 1 The text of Ana" in words
    form = next(form for form in ben.page.forms if "Save" in form.buttons)
    assert form.fields["text"] == ["The text of Ben"]
    assert "Revision 2, saved by Ben Osei" in ben.submit("Save", text="Both texts")


def test_starting_again_shows_the_record_and_what_is_redacted_there_leaves_the_retrospective_too(
    world: World, resolved: Browse
) -> None:
    edited(resolved, "Short")
    world.harness.ana("note INC-1 Something came later")
    resolved.open(f"{RETRO}/edit")
    resolved.press("Start over from the record")
    form = next(form for form in resolved.page.forms if "Save" in form.buttons)
    assert "Something came later" in form.fields["text"][0]
    assert "Short" in resolved.open(RETRO)

    resolved.open(f"{RETRO}/edit?again=yes")
    resolved.submit("Save")
    assert "4711-secret" in resolved.open(RETRO)
    number = next(number for number, words in enumerate(world.harness.record(), 1) if "4711" in words)
    world.harness.ana(f"redact INC-1 {number} a key")
    assert "4711-secret" not in resolved.open(RETRO)
    assert "(redacted)" in resolved.text()


def test_an_empty_a_huge_and_a_secret_text_are_refused_and_stay_in_the_form(resolved: Browse) -> None:
    for text in ("", "   ", "x" * 100_001, "the key is AKIAIOSFODNN7EXAMPLE"):
        edited(resolved, text)
        assert resolved.status == 422
        form = next(form for form in resolved.page.forms if "Save" in form.buttons)
        assert form.fields["text"][0].strip() == text.strip()
    assert "A draft from the record" in resolved.open(RETRO)


def test_an_outsider_neither_reads_nor_writes_the_retrospective_of_a_private_incident(
    world: World, ben: Browse
) -> None:
    world.harness.ana("declare Quiet matter sev:1 private:yes")
    for address in (RETRO, f"{RETRO}/edit"):
        assert "INC-1 does not exist" in ben.open(address)
    headers = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"}
    answer = ben.client.request("POST", f"{BASE}{RETRO}", data={"text": "x", "revision": "0"}, headers=headers)
    assert answer.status_code == 404
