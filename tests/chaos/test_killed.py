"""A process is killed at a moment of a publication; the next one finds what it left, and nobody outside can tell."""

import multiprocessing
import shutil
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.domain.nudges import Nudge
from bot.domain.record import EntryText, RecordEntry
from tests.chaos import story
from tests.harness import Harness

POINTS = 12
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.chaos.story"])


@dataclass(frozen=True)
class Ending:
    """What is left in the end: per destination what arrived, the record, the steps of the ladders."""

    arrived: dict[str, list[tuple[str, str]]]
    record: list[tuple[str, str]]
    steps: list[int]


def ending(url: str, folder: Path) -> Ending:
    """An edit may be repeated, which changes nothing; everything else counts as often as it arrived."""
    arrived = defaultdict(list)
    edits = set()
    for message in story.kept(folder / "loft"):
        if message.act != "edit" or message.delivery not in edits:
            arrived[message.place].append((message.act, message.words))
        if message.act == "edit":
            edits.add(message.delivery)
    harness = Harness(url)
    texts = {text.entry_id: text.text for text in harness.rows(EntryText)}
    record = [(entry.kind.value, texts[entry.id]) for entry in harness.rows(RecordEntry)]
    steps = [nudge.step for nudge in harness.rows(Nudge)]
    harness.close()
    return Ending(dict(arrived), record, steps)


@pytest.fixture(scope="module")
def undisturbed(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Ending, int, int]:
    """How the story ends when nobody dies, and between which moments the publication lies."""
    folder = tmp_path_factory.mktemp("undisturbed")
    url = f"sqlite:///{shutil.copy(migrated_sqlite, folder / 'foghorn.db')}"
    began = story.tell(url, folder, 0, 0)
    return ending(url, folder), began[story.FROM], began[story.TO]


def live(url: str, folder: Path, die_at: int, life: int) -> int | None:
    """One life of the process; how it ended."""
    process = PROCESSES.Process(target=story.tell, args=(url, folder, die_at, life))
    process.start()
    process.join(60)
    return process.exitcode


def test_the_undisturbed_story_tells_every_update_to_everybody(undisturbed: tuple[Ending, int, int]):
    end, _, _ = undisturbed

    assert [len(end.arrived[place]) for place in ("every", "current", "thread")] == [3, 3, 5]
    assert end.steps == [-5, 0, -5]
    assert [kind for kind, _words in end.record].count("posted again") == 1


@pytest.mark.parametrize("point", range(POINTS))
def test_nobody_can_tell_that_the_process_was_killed(
    migrated_url: str, tmp_path: Path, undisturbed: tuple[Ending, int, int], point: int
):
    expected, start, end = undisturbed
    killed = live(migrated_url, tmp_path, start + 1 + point * (end - start - 1) // (POINTS - 1), 0)
    went_on = live(migrated_url, tmp_path, 0, 1)

    assert (killed, went_on) == (-9, 0)
    assert ending(migrated_url, tmp_path) == expected
