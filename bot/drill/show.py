"""`foghorn drill`: plays a scenario in the terminal, serves its pages meanwhile, and prints the figures."""

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from bot import main
from bot.domain.organisation import Organisation
from bot.domain.times import count, length, span_words
from bot.drill.play import Drill, PlayedStep, at_once, steady
from bot.drill.rehearsal import ScenarioClock, rehearsal, sign_in_link
from bot.drill.report import report
from bot.drill.scenario import Scenario, load, organisation_of
from bot.errors import BotError
from bot.reading.figures import Figures, figures
from bot.settings import Settings
from bot.store import incidents

HOST = "127.0.0.1"


@dataclass(frozen=True)
class DrillOptions:
    """How to play: scenario seconds per second (None: as fast as possible), and what to print at the end."""

    speed: float | None
    stay: bool = False
    as_json: bool = False

    @property
    def pages(self) -> bool:
        """Whether to serve its pages until Ctrl-C."""
        return self.stay or (self.speed is not None and not self.as_json)


def show(path: Path, settings: Settings, organisation: Organisation, options: DrillOptions) -> None:
    """Play the scenario in a file and print the result; with JSON, standard output contains nothing else.

    Raises ScenarioError, ConfigurationError, DrillStoppedError.
    """
    scenario = load(path)
    organisation = organisation_of(path, scenario, organisation)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_show(scenario, settings, organisation, options))


async def _show(scenario: Scenario, settings: Settings, organisation: Organisation, options: DrillOptions) -> None:
    clock = ScenarioClock(scenario.starts)
    with contextlib.closing(main.listen(HOST, 0)) as listening:
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        async with rehearsal(settings, organisation, clock=clock, url=url) as foghorn:
            drill = Drill(foghorn, clock, scenario)
            if not options.pages:
                await _play(drill, foghorn, scenario, options)
                return
            shown = sys.stderr if options.as_json else sys.stdout
            if shown.isatty():
                console = await sign_in_link(foghorn, scenario.steps[0].who, url)
            else:  # in a log, it would sign in whoever reads the log
                console = f"{url}/console (to get a link that signs in, run the drill in a terminal)"
            where = f"  Status page  {url}/\n  Console      {console}"
            print(f"Drill: {scenario.name}. Nothing reaches customers.\n{where}", file=shown, flush=True)
            try:
                async with asyncio.TaskGroup() as group:
                    playing = group.create_task(_play(drill, foghorn, scenario, options))
                    await main.serve(foghorn.web_app, listening, closing=[foghorn.closing.set])
                    playing.cancel()
            except* BotError as refused:
                raise refused.exceptions[0] from None


async def _play(drill: Drill, foghorn: main.Foghorn, scenario: Scenario, options: DrillOptions) -> None:
    """With a progress bar of steps, and the summary or the whole report."""
    zone = foghorn.app.organisation.zone
    columns = (BarColumn(), TextColumn("{task.completed}/{task.total}"), TimeElapsedColumn(),
               TextColumn("{task.description}", markup=False))  # fmt: skip
    with Progress(*columns, transient=True, disable=options.as_json or not sys.stdout.isatty()) as progress:
        bar = progress.add_task("", total=len(scenario.steps))

        def on_step(played: PlayedStep) -> None:
            line = played.step.line if len(played.step.line) < 60 else f"{played.step.line[:59]}…"
            progress.update(bar, advance=1, description=f"{zone.clock(played.at)} {played.step.who}: {line}")

        await drill.play(steady(scenario, options.speed) if options.speed else at_once, on_step)
    say = report if options.as_json else summary
    print(await foghorn.desk.in_thread(lambda: say(foghorn, scenario)), flush=True)


def summary(foghorn: main.Foghorn, _scenario: Scenario) -> str:
    """The record of every incident of the drill."""
    blocks, number = [], 1
    with foghorn.store.read() as tx:
        while incident := incidents.find_incident(tx, number):
            words = "\n".join(f"  {line}" for line in _lines(figures(tx, incident)))
            blocks.append(f"{incident.key} {incident.title or incident.declared_title}\n{words}")
            number += 1
    return "\n".join(blocks) or "No incident was declared."


def _lines(found: Figures) -> list[str]:
    corrections = count(found.corrections, "correction")
    lines = [
        f"{len(found.history.publications)} publications, including {corrections}; {len(found.history.stages)} stages"
    ]
    if found.history.at_worst:
        lines.append(f"{span_words(found.worst_lasted)} of {found.history.peak.value}")
    if found.history.report_to_fix and found.history.report_to_fix.until:
        took = length(found.history.report_to_fix.since, found.history.report_to_fix.until)
        lines.append(f"{took} from the public report of a {found.history.peak.value} to the fix")
    lines.append(f"promises: {found.kept} kept, {found.late} late, {found.superseded} superseded")
    lines.append(f"{found.arrived} of {found.deliveries} deliveries arrived")
    return lines
