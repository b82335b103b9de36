"""`foghorn lint`: texts of no incident, from files and from standard input."""

import io
import json
from pathlib import Path

import pytest

from tests.cli.runner import Foghorn

LEAK = "Saving fails.\nThe cause is edge-prod-12, and we are adding servers.\n"
FINE = "About half of all exports arrive up to an hour late.\n"


@pytest.fixture
def post(tmp_path: Path) -> Path:
    """A file with a leak in its second line."""
    path = tmp_path / "post.txt"
    path.write_text(LEAK)
    return path


def test_a_leak_is_shown_with_its_place_and_ends_with_one(foghorn: Foghorn, post: Path) -> None:
    said = foghorn("lint", str(post))
    assert (said.code, said.err) == (1, "")
    assert said.out.startswith(f"{post}:2:14: blocker L02: “edge-prod-12” is an internal name. Name the component")


def test_a_text_that_may_leave_says_nothing_and_ends_with_zero(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "fine.txt").write_text(FINE)
    said = foghorn("lint", "fine.txt")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_without_a_file_standard_input_is_read(foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(LEAK))
    said = foghorn("lint")
    assert (said.code, said.out.split(" ")[0]) == (1, "-:2:14:")


def test_json_has_one_object_for_each_finding(foghorn: Foghorn, post: Path) -> None:
    (found,) = json.loads(foghorn("lint", "--json", str(post)).out)
    assert (found["file"], found["line"], found["column"]) == (str(post), 2, 14)
    assert (found["rule"], found["weight"], found["words"]) == ("L02", "blocker", "edge-prod-12")
    assert LEAK[found["start"] : found["end"]] == "edge-prod-12"
    assert found["reason"]
    assert found["suggestion"]


def test_json_of_nothing_is_an_empty_list(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "fine.txt").write_text(FINE)
    said = foghorn("lint", "--json", "fine.txt")
    assert (said.code, said.out) == (0, "[]\n")


def test_a_warning_alone_ends_with_zero(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "vague.txt").write_text("Exports are late. Stay tuned.")
    said = foghorn("lint", "vague.txt")
    assert (said.code, said.out.count("warning L14")) == (0, 1)


@pytest.mark.parametrize(("stage", "code"), [("investigating", 1), ("fix-implemented", 1), ("resolved", 0)])
def test_the_stage_decides_what_may_be_said(foghorn: Foghorn, tmp_path: Path, stage: str, code: int) -> None:
    (tmp_path / "post.txt").write_text("This incident is resolved. It lasted 20 minutes.")
    assert foghorn("lint", "--stage", stage, "post.txt").code == code


def test_the_audience_decides_which_rules_read(foghorn: Foghorn, post: Path) -> None:
    assert foghorn("lint", "--audience", "internal", str(post)).code == 0


@pytest.mark.parametrize(
    "text",
    [
        "We are investigating.",  # no promise, no effect, no severity to judge it by
        "Exports failed due to a full disk.",  # no record to compare it with
        "Exports failed. [next update]",  # a slot that is filled at publication
    ],
)
def test_rules_that_need_an_incident_are_silent(foghorn: Foghorn, tmp_path: Path, text: str) -> None:
    (tmp_path / "post.txt").write_text(text)
    assert foghorn("lint", "post.txt").out == ""


@pytest.mark.usefixtures("post")
@pytest.mark.parametrize(
    "typed", [("--stage", "done", "post.txt"), ("--audience", "nobody", "post.txt"), ("missing.txt",), ("--nonsense",)]
)
def test_wrong_usage_ends_with_two(foghorn: Foghorn, typed: tuple[str, ...]) -> None:
    said = foghorn("lint", *typed)
    assert (said.code, said.out) == (2, "")
    assert said.err


def test_a_file_that_is_no_text_is_refused_in_words(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe")
    said = foghorn("lint", "picture.png")
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("A file could not be read as UTF-8 text")


def test_the_lists_of_the_organisation_apply(foghorn: Foghorn, tmp_path: Path) -> None:
    toml = tmp_path / "foghorn.toml"
    example = (Path(__file__).resolve().parents[2] / "foghorn.example.toml").read_text()
    toml.write_text(example.replace("customers = []", 'customers = ["Globex"]', 1))
    (tmp_path / "post.txt").write_text("Exports fail for Globex.")
    assert "L11: “Globex” is the name of a customer." in foghorn("lint", "post.txt").out


@pytest.mark.parametrize("kind", ["investigating", "identified", "monitoring"])
def test_what_templates_render_prints_is_read_for_each_audience(
    foghorn: Foghorn, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    rendered = foghorn("templates", "render", kind, "on:api=major").out
    assert "[internal]\n" in rendered
    monkeypatch.setattr("sys.stdin", io.StringIO(rendered))
    said = foghorn("lint", "--stage", kind)
    assert (said.code, "blocker" in said.out) == (0, False)


def test_a_leak_below_a_head_is_shown_where_it_stands_in_the_file(foghorn: Foghorn, tmp_path: Path) -> None:
    (tmp_path / "texts.txt").write_text("[internal]\nSEV1 on edge-prod-12.\n\n[developers]\nCheck edge-prod-12.\n")
    said = foghorn("lint", "texts.txt")
    assert (said.code, said.out.count("\n"), said.out.split(" ")[0]) == (1, 1, "texts.txt:5:7:")
