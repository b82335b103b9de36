"""Who was asked and left, or whose account is gone: the next person is asked at once."""

from dataclasses import replace

import pytest

from bot.core import open_core
from bot.domain.people import Identity
from bot.errors import SendFailed
from bot.intake.desk import Desk
from bot.settings import Settings
from tests.harness import MORE_PEOPLE, organisation
from tests.worker.test_late_nudges import late, promised
from tests.worker.world import World

__all__ = ["promised"]
on_both_engines = pytest.mark.usefixtures("engine_name")


def leaves(world: World, handle: str, *, joins: bool = False) -> None:
    """Foghorn is restarted with a foghorn.toml without this person, and perhaps with new ones."""
    left = organisation(more=MORE_PEOPLE if joins else (), without=[handle])
    settings = Settings(FOGHORN_DATABASE_URL=world.url)
    open_core(settings, left, clock=world.clock, follows=True).close()


@on_both_engines
async def test_when_who_was_reminded_leaves_the_next_one_is_reminded_at_once(promised: World):
    await late(promised, 0)

    leaves(promised, "ben")
    await promised.run()

    assert promised.states("local:@ana")[-1] == "sent"
    assert promised.record("nudged")[-1] == "due: Ana Silva, because Ben Osei left or cannot be reached"
    leaves(promised, "ben")
    assert promised.record("nudged")[-1].count("because") == 1


def reach_ben_there(world: World) -> None:
    """Ben has an account on the pigeons' platform, which was deactivated."""
    with world.store.write() as tx:
        tx.session.add(Identity(platform="pigeon", account="ben", person_id=world.person("ben").id, configured=True))
    world.actions = replace(world.actions, platforms=(*world.actions.platforms, "pigeon"))
    world.desk = Desk(world.store, world.actions)
    world.worker = world.hire()
    world.pigeons.trouble["ben"] = [SendFailed("the account was deactivated", permanent=True)] * 9


async def test_when_who_is_reminded_has_no_account_anymore_the_next_one_is_reminded_at_once(promised: World):
    reach_ben_there(promised)

    await late(promised, 0)

    assert "due: Ana Silva, because Ben Osei left or cannot be reached" in promised.record("nudged")


async def test_when_who_was_asked_to_approve_leaves_the_others_are_asked(world: World):
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    world.do("ana", "update identified Signing in works.")
    world.do("ana", "ask @ben")
    await world.run()

    leaves(world, "ben", joins=True)

    asked = world.record("approval asked")
    assert (len(asked), asked[-1].startswith("revision 3: Chi Nakamura")) == (2, True)
