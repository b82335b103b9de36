"""A scenario that cannot be played says in which line and why."""

from pathlib import Path

import pytest

from bot.drill.scenario import REFERENCE, ScenarioError, load, organisation_of
from tests.reference import ORGANISATION

HEAD = 'name = "Short"\nstarts = 2026-04-20T05:15:00-04:00\n'


@pytest.fixture
def write(tmp_path: Path):  # type: ignore[no-untyped-def]
    def written(text: str) -> Path:
        path = tmp_path / "short.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def step(at: str = "05:15", who: str = "ana", line: str = "list") -> str:
    return f'\n[[steps]]\nat = "{at}"\nwho = "{who}"\nline = "{line}"\n'


@pytest.mark.parametrize("path", sorted(REFERENCE.parent.glob("*.toml")), ids=lambda path: path.stem)
def test_what_comes_with_foghorn_can_be_read(path: Path) -> None:
    scenario = load(path)
    assert organisation_of(path, scenario, ORGANISATION).people
    assert len(scenario.steps) >= 12


def test_times_are_read_with_the_offset_of_the_start(write) -> None:  # type: ignore[no-untyped-def]
    scenario = load(write(HEAD + step("11:44") + step("2026-04-21 00:10")))
    assert [scenario.moment(each).isoformat() for each in scenario.steps] == [
        "2026-04-20T11:44:00-04:00",
        "2026-04-21T00:10:00-04:00",
    ]


def test_a_line_may_be_written_on_several(write) -> None:  # type: ignore[no-untyped-def]
    text = HEAD + "\n[[steps]]\nat = '05:15'\nwho = 'ana'\nline = '''\nnote two\nlines'''\n"
    assert load(write(text)).steps[0].line == "note two lines"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (HEAD + step() + step("25:00"), 10, "“25:00” is not a time; use 11:44"),
        (HEAD + step("11:44") + step("05:20"), 10, "05:20 is earlier than the step before it"),
        (HEAD + step("05:00"), 5, "05:00 is earlier"),
        (HEAD + step(line=""), 7, "steps.line must not be empty"),
        (HEAD + 'speed = "fast"\n' + step(), 3, "speed"),
        (HEAD, 1, "steps"),
        ('name = "No zone"\nstarts = 2026-04-20T05:15:00\n' + step(), 2, "starts needs a time zone"),
        ("name = \n", 1, "a value cannot be read"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(write, text: str, line: int, words: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ScenarioError, match=rf"short.toml, line {line}: .*{words}"):
        load(write(text))


def test_everything_that_is_wrong_is_named_at_once(write) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ScenarioError) as refused:
        load(write(HEAD + step("25:00") + step(line="")))

    mistakes = [line.rpartition("/")[2] for line in str(refused.value).splitlines()]
    assert mistakes == [
        "short.toml, line 5: steps.at: “25:00” is not a time; use 11:44, or 2026-04-21 00:10 if the step is on "
        "another day.",
        "short.toml, line 12: steps.line must not be empty.",
        "The drill did not start.",
    ]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none.toml, line 1: it cannot be read"):
        load(tmp_path / "none.toml")


def test_a_stranger_is_named_with_the_line_and_who_there_is(write) -> None:  # type: ignore[no-untyped-def]
    path = write(HEAD + step() + step(who="zoe"))
    with pytest.raises(
        ScenarioError, match=r"line 11: “zoe” is not a handle in this organization; use one of ana, ben"
    ):
        organisation_of(path, load(path), ORGANISATION)
