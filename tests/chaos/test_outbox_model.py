"""The outbox against a model of it: whatever fails in whatever order, every place ends with every update once."""

import asyncio
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from bot.domain.deliveries import OPEN_STATES
from bot.domain.subscriptions import Mode
from bot.errors import SendFailed
from bot.views import Correction, PublishedUpdate
from tests.worker.world import SILENT, World

pytestmark = pytest.mark.chaos
PLACES = {"every": Mode.EVERY, "current": Mode.CURRENT, "thread": Mode.THREAD}
TROUBLES = {
    "refused": SendFailed("the platform has an error"),
    "asked to wait": SendFailed("the platform asks to wait", retry_after_s=2.0),
    "no answer": SILENT,
    "answer lost": "lost",
}
STAGES = ("investigating", "identified", "fix", "monitoring")


class OutboxModel(RuleBasedStateMachine):
    """`told` is the model: the updates that were published, in order."""

    template: Path

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="foghorn-model-", dir=self.template.parent))
        url = f"sqlite:///{shutil.copy(self.template, self.folder / 'foghorn.db')}"
        self.loop = asyncio.Runner()
        self.worlds = [World(url)]
        self.worlds.append(World(url, like=self.worlds[0]))
        for world in self.worlds:
            world.worker._outbox.pause_s = 0.01
        self.told: list[str] = []

    @property
    def world(self) -> World:
        return self.worlds[0]

    @initialize()
    def declare(self) -> None:
        for place, mode in PLACES.items():
            self.world.subscribe(f"pigeon:{place}", mode)
        self.world.do("ana", "declare Pages hang sev:3 on:chatgpt=major")

    @precondition(lambda self: len(self.told) < 8)
    @rule()
    def publish(self) -> None:
        """Each update says which it is."""
        words = f"This is report {len(self.told) + 1} of today."
        self.world.do("ana", f"update {STAGES[min(len(self.told), 3)]} {words}")
        self.world.do("ana", "publish")
        self.told.append(words)

    @rule(place=st.sampled_from(sorted(PLACES)), kind=st.sampled_from(sorted(TROUBLES)))
    def fail_next(self, place: str, kind: str) -> None:
        self.world.pigeons.trouble.setdefault(place, []).append(TROUBLES[kind])

    @rule(which=st.integers(0, 1), seconds=st.sampled_from((0, 1, 3, 10, 30, 70)))
    def run_one(self, which: int, seconds: int) -> None:
        """One of two processes works."""
        self.loop.run(self.worlds[which].run(seconds=seconds))

    @rule(place=st.sampled_from(sorted(PLACES)), after=st.booleans())
    def die_while_sending(self, place: str, after: bool) -> None:
        """The first process is gone in the middle of a call, before or after the message arrived; another starts."""

        async def die() -> None:
            never = asyncio.Event()
            self.world.pigeons.trouble.setdefault(place, []).insert(0, (never, "lost") if after else never)
            running = asyncio.create_task(self.world.run())
            await asyncio.wait({running}, timeout=0.05)
            if after:
                never.set()
                await asyncio.sleep(0)
            running.cancel()
            await asyncio.wait({running})
            self.world.pigeons.trouble[place] = [
                t for t in self.world.pigeons.trouble[place] if not _waits_for(t, never)
            ]
            self.world.worker = self.world.hire()
            self.world.worker._outbox.pause_s = 0.01

        self.loop.run(die())

    def teardown(self) -> None:
        """Nothing fails any more."""
        try:
            self.world.pigeons.trouble.clear()
            for _round in range(60):
                self.loop.run(self.world.run(seconds=61))
                if not any(
                    row.state in OPEN_STATES for place in PLACES for row in self.world.sent_to(f"pigeon:{place}")
                ):
                    break
            self.check()
        finally:
            for world in self.worlds:
                world.close()
            self.loop.close()
            shutil.rmtree(self.folder)

    def check(self) -> None:
        """Every update once and in order; the message that is kept current shows the last one."""
        waiting = [row for place in PLACES for row in self.world.sent_to(f"pigeon:{place}") if row.state in OPEN_STATES]
        assert waiting == []
        assert self._read("every") == self.told
        replies = [_words(kept.post) for kept in self.world.pigeons.at("thread") if kept.act == "reply"]
        assert replies in (self.told, self.told[1:])  # the first one is the headline, if it was posted in time
        for place in ("current", "thread"):
            shown = [kept for kept in self.world.pigeons.at(place) if kept.act in ("send", "edit")]
            assert len([kept for kept in shown if kept.act == "send"]) == bool(self.told)
            assert not self.told or _words(shown[-1].post) == self.told[-1]

    def _read(self, place: str) -> list[str]:
        return [_words(kept.post) for kept in self.world.pigeons.at(place) if kept.act in ("send", "reply")]


def _waits_for(trouble: object, event: asyncio.Event) -> bool:
    return trouble is event or (isinstance(trouble, tuple) and trouble[0] is event)


def _words(post: object) -> str:
    assert isinstance(post, PublishedUpdate | Correction)
    return next(line for line in post.body.replace(". ", ".\n").splitlines() if line.startswith("This is report"))


def test_every_place_ends_with_every_update_once_and_in_order(migrated_sqlite: Path) -> None:
    OutboxModel.template = migrated_sqlite
    run_state_machine_as_test(
        OutboxModel,
        settings=settings(
            max_examples=60,
            stateful_step_count=12,
            deadline=None,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
