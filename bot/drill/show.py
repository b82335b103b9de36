"""`foghorn drill`: plays a scenario at the shell, serves its pages meanwhile, and ends with the figures."""

import asyncio
import contextlib
import sys
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot import main
from bot.commands.figures import Figures, figures
from bot.domain.organisation import Organisation
from bot.domain.times import length
from bot.drill.play import Drill, Played
from bot.drill.rehearsal import Foghorn, ScenarioClock, rehearsal, sign_in_link
from bot.drill.scenario import Scenario, cast_of, load
from bot.errors import BotError
from bot.settings import Settings
from bot.store import incidents

HOST = "127.0.0.1"


def show(path: Path, settings: Settings, organisation: Organisation, *, speed: float | None, stay: bool) -> None:
    """Play the scenario of a file; with a speed (None: as fast as it goes) or `stay`, until Ctrl-C.

    Raises ScenarioError, ConfigurationError, DrillStoppedError.
    """
    scenario = load(path)
    cast = cast_of(path, scenario, organisation)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_show(scenario, settings, cast, speed=speed, stay=stay))


async def _show(scenario: Scenario, settings: Settings, cast: Organisation, *, speed: float | None, stay: bool) -> None:
    clock = ScenarioClock(scenario.starts)
    with contextlib.closing(main.listen(HOST, 0)) as listening:
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        async with rehearsal(main.compose, settings, cast, clock=clock, url=url) as foghorn:
            drill = Drill(foghorn, clock, scenario)
            if speed is None and not stay:
                await _play(drill, foghorn, scenario, speed)
                return
            link = await sign_in_link(foghorn, scenario.steps[0].who, url)
            print(f"Drill: {scenario.name}. Nothing reaches customers.\n  Status page  {url}/\n  Console      {link}")
            try:
                async with asyncio.TaskGroup() as group:
                    playing = group.create_task(_play(drill, foghorn, scenario, speed))
                    await main.serve(foghorn.app, listening, closing=[foghorn.closing.set])
                    playing.cancel()
            except* BotError as refused:
                raise refused.exceptions[0] from None


async def _play(drill: Drill, foghorn: Foghorn, scenario: Scenario, speed: float | None) -> None:
    """With a bar of steps, and the summary."""
    zone = foghorn.house.organisation.zone
    columns = (BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(),
               TextColumn("{task.description}", markup=False))  # fmt: skip
    with Progress(*columns, transient=True, disable=not sys.stdout.isatty()) as progress:
        bar = progress.add_task("", total=len(scenario.steps))

        def heard(played: Played) -> None:
            line = played.step.line if len(played.step.line) < 60 else f"{played.step.line[:59]}…"
            progress.update(bar, advance=1, description=f"{zone.clock(played.at)} {played.step.who}: {line}")

        await drill.play(speed, heard)
    print(await foghorn.desk.in_thread(lambda: summary(foghorn)), flush=True)


def summary(foghorn: Foghorn) -> str:
    """What the record says of every incident that was played."""
    blocks, number = [], 1
    with foghorn.store.read() as tx:
        while incident := incidents.find_incident(tx, number):
            words = "\n".join(f"  {line}" for line in _lines(figures(tx, incident)))
            blocks.append(f"{incident.key} {incident.title or incident.declared_title}\n{words}")
            number += 1
    return "\n".join(blocks) or "No incident was declared."


def _lines(found: Figures) -> list[str]:
    corrections = f"{found.corrections} correction{'' if found.corrections == 1 else 's'}"
    lines = [f"{found.publications} publications, including {corrections}; {len(found.stages)} stages"]
    if found.worst_at and found.fixed_at:
        took = length(found.worst_at, found.fixed_at)
        lines.append(f"{took} from the public report of a {found.worst.value} to the fix")
    lines.append(f"promises: {found.kept} kept, {found.late} late, {found.superseded} superseded")
    lines.append(f"{found.arrived} of {found.deliveries} deliveries arrived")
    return lines
