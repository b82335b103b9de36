"""`foghorn backup` and `foghorn restore`: what they print."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from bot.actions.restored import Restored
from bot.domain.times import Zone
from bot.intake.platform import Platform
from bot.settings import Settings, Setup
from bot.store import backup as backups


def backup(settings: Settings, file: Path) -> None:
    """Write a backup. Raises BackupFailed, Busy."""
    backups.backup(settings.database_url, file)
    size = file.stat().st_size / 1e6
    print(f"Wrote a backup of the database to {file} ({size:.1f} MB). Only you can read it. To use it, run "
          f"`foghorn restore {file}`.")  # fmt: skip


def restore(setup: Setup, platforms: Sequence[Platform], file: Path | None) -> None:
    """Restore a backup, or prepare a database that was restored otherwise. Raises RestoreFailed, NotMigrated, Busy."""
    from bot.restoring import restore as restored  # platforms, which the other commands do not need

    found, silent = asyncio.run(restored(setup, platforms, file))
    print("\n".join(_report(found, setup.organisation.zone, file)))
    for platform, reason in silent.items():
        print(f"{platform.capitalize()} could not be asked: {reason.rstrip('.')}.")
    if found.unknown:
        print("\nNot sent, because Foghorn cannot tell whether they arrived after the backup:")
        for each in found.unknown:
            print(f"  {' · '.join(filter(None, (each.incident, each.what, each.destination)))}")
        print("To send those of an update, select Retry in its deliveries, or type `deliveries INC-42 retry:yes`.")


def _report(found: Restored, zone: Zone, file: Path | None) -> list[str]:
    """What was restored, and what follows from it."""
    newest = f"its newest entry is from {zone.dated(found.until)}" if found.until else "it contains no incident"
    done = f"Restored {file}" if file else "Prepared the database"
    lines = [
        f"{done}; {newest}. Whatever happened after that is not in the database.",
        f"The next new incident is INC-{found.next_number}, so that no number, room, or link is used twice.",
    ]
    if found.arrived or found.missing:
        lines.append(
            f"Messages that were waiting: {found.arrived} had arrived and {found.missing} had not. The latter are sent "
            "when Foghorn starts."
        )
    lines += [
        f"{incident} promised an update by {zone.dated(at)}. Reminders that were due before now are not sent again."
        for incident, at in found.overdue
    ]
    return [*lines, "People have to sign in to the console again."]
