"""A database that is restored beside Slack and Discord: nothing is said twice, and no number is given out twice."""

from pathlib import Path

import pytest

from bot.commands.invocation import Account, Place
from bot.main import Foghorn, compose
from bot.platforms import PLATFORMS
from bot.restoring import restore
from bot.settings import Setup
from bot.store.backup import backup
from bot.store.transaction import Transaction
from tests.databases import lent
from tests.harness import run_line
from tests.journeys.discord_day import ANA, BEN, NEWS, SLACK_ANA, SLACK_GENERAL, SLACK_NEWS, Day, day
from tests.reference import et


def everything(today: Day) -> list[str]:
    """All that anybody reads on both platforms."""
    assert today.slack is not None
    there = [words for channel in today.slack.channels for words in today.read_slack(channel)]
    return sorted([*there, *(words for channel in today.discord.channels for words in today.read(channel))])


async def sent(foghorn: Foghorn) -> None:
    """What a running one does within a second."""
    await foghorn.worker.tick()
    await foghorn.worker.drain()


@pytest.mark.chaos
async def test_what_was_sent_after_the_backup_is_neither_sent_again_nor_numbered_again(
    migrated_sqlite_url: str, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    async with day(migrated_sqlite_url, et("11:40"), slack=True) as today:
        setup = Setup(today.running.core.settings, today.running.app.organisation)
        await today.on_slack(SLACK_ANA, "subscribe", SLACK_NEWS)
        await today.types(ANA, "subscription add", NEWS)
        await today.on_slack(SLACK_ANA, "declare API errors sev:1 on:api=partial", SLACK_GENERAL)

        def back_up(tx: Transaction) -> None:
            if tx.published and not file.exists():
                backup(migrated_sqlite_url, file)

        today.running.store.after_commit.insert(0, back_up)  # before anything of the publication is sent
        await today.types(BEN, "draft publish")
        await today.types(ANA, "note", text="after the backup")
        for title in ("Slow search", "Missing invoices", "Broken images everywhere"):
            await today.on_slack(SLACK_ANA, f"declare {title} sev:3", SLACK_GENERAL)
        before = everything(today)
        restored_url = f"sqlite:///{tmp_path / 'new.db'}"
        setup = Setup(setup.settings.model_copy(update={"database_url": restored_url}), setup.organisation)

        found, silent = await restore(setup, PLATFORMS, file)

        assert (found.next_number, found.unknown, silent) == (105, (), {})
        assert (found.arrived > 0, found.missing) == (True, 0)
        restored = compose(setup.settings, setup.organisation, clock=lambda: today.now)
        restored.process.look()
        with lent(restored.store):
            await sent(restored)
            assert everything(today) == before
            run_line(restored.desk, "declare Trouble later", Account("cli", "ana"), Place("cli"))
            await sent(restored)
            assert any("INC-105" in words for words in everything(today))
            await restored.stop()
