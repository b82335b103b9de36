"""The command line: `foghorn`. Exit codes: 0 done, 1 refused with a message that says what to do, 2 wrong usage."""

import asyncio
import dataclasses
import gc
import json
import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from bot import cli_backup, cli_lint
from bot import core as cores
from bot.actions.configuration import ConfigurationChanges
from bot.cli_people import people
from bot.cli_templates import quoted, template_problems, templates
from bot.commands import catalog
from bot.commands.invocation import Account, Place
from bot.domain import access
from bot.domain.audiences import Audience
from bot.domain.organisation import Organisation
from bot.domain.people import handles
from bot.errors import BotError, Busy
from bot.intake.platform import Platform
from bot.intake.requests import notice
from bot.platforms import PLATFORMS
from bot.ports import CheckResult
from bot.settings import Setup, doubts, organisation_file, read_settings
from bot.store import migrate as migrations
from bot.templating import Templates
from bot.views import Answer, Document, Form, Notice
from bot.views.plain import plain

app = typer.Typer(
    name="foghorn", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="Incident communications for Slack, Discord, the web console, and the command line.",
)  # fmt: skip
app.add_typer(people, name="people")
app.add_typer(templates, name="templates")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def command_line(platforms: Sequence[Platform]) -> TyperGroup:
    """`foghorn`, with the commands of these platforms."""
    found = typer.main.get_group(app)
    for platform in platforms:
        words = f"Set up the {platform.name.capitalize()} app."
        theirs = typer.Typer(name=platform.name, no_args_is_help=True, add_completion=False, help=words)
        theirs.callback()(lambda: None)  # without it, Typer takes a single command for the whole program
        platform.commands(theirs, partial(cores.checked_setup, platforms))
        found.add_command(typer.main.get_command(theirs), platform.name)
    return found


def main(arguments: Sequence[str] | None = None, platforms: Sequence[Platform] = PLATFORMS) -> None:
    """Run a command line. A refusal is one sentence on standard error, with exit code 1."""
    logging.getLogger("foghorn.store").addHandler(logging.NullHandler())  # the refusal says it; `run` logs it too
    try:
        command_line(platforms)(arguments, obj=platforms)
    except BotError as refusal:
        if "--json" in (sys.argv[1:] if arguments is None else arguments):
            print(_json(notice(refusal)))
        else:
            print(refusal, file=sys.stderr)
            if isinstance(refusal, Busy) and refusal.said:
                print(f"The database says: {refusal.said}", file=sys.stderr)
        sys.exit(1)


@app.command()
def run(
    context: typer.Context,
    only: Annotated[
        str, typer.Option(help="Roles of this process, such as web,worker. Others: slack, discord. Needs PostgreSQL.")
    ] = "",
) -> None:
    """Start everything: status page, console, worker, and the platforms whose tokens are set."""
    gc.disable()  # until everything is loaded: there is nothing to free
    from bot import run as foghorn  # pages and platforms, which the other commands do not need

    foghorn.run(cores.checked_setup(context.obj), context.obj, only)


@app.command()
def drill(
    context: typer.Context,
    scenario: Annotated[Path | None, typer.Argument(help="A scenario file. Default: the reference incident.")] = None,
    speed: Annotated[
        str, typer.Option(help="Seconds of the scenario per second, or max. Default: 60, and max with --json.")
    ] = "",
    stay: Annotated[bool, typer.Option("--stay", help="Serve the pages until Ctrl-C, also at max.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what happened as one JSON document.")] = False,
) -> None:
    """Rehearse an incident on a separate Foghorn that cannot reach customers."""
    speed = speed or ("max" if as_json else "60")
    try:
        pace = None if speed == "max" else float(speed)
    except ValueError:
        pace = 0.0
    if pace is not None and not 0 < pace <= 1_000_000:
        print(f"“{speed}” is not a speed. Use a number such as 60, or max.", file=sys.stderr)
        raise typer.Exit(2)
    from bot.drill.scenario import REFERENCE  # imported only after everything that can be refused without the pages
    from bot.drill.show import DrillOptions, show

    setup = cores.checked_setup(context.obj)
    show(scenario or REFERENCE, setup.settings, setup.organisation, DrillOptions(pace, stay, as_json))


@app.command()
def migrate() -> None:
    """Update the database to the tables that this version needs."""
    migrations.upgrade(read_settings().database_url)
    print("The database is up to date.")


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False, help="An earlier backup there is replaced.")],
) -> None:
    """Copy the database into FILE, also while Foghorn runs. Secrets and sessions are left out."""
    cli_backup.backup(read_settings(), file)


@app.command()
def restore(
    context: typer.Context,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", dir_okay=False, help="From `foghorn backup`.")] = None,
    snapshot: Annotated[
        bool, typer.Option("--snapshot", help="Without FILE: the database itself was restored in another way.")
    ] = False,
) -> None:
    """Put the backup in FILE in place of the database, and look on the platforms for what was sent since."""
    if (file is None) is not snapshot:
        raise typer.BadParameter("Give either the file of a backup, or --snapshot.")
    cli_backup.restore(cores.checked_setup(context.obj), context.obj, file)


@app.command()
def check(
    context: typer.Context,
    apply: Annotated[bool, typer.Option("--apply", help="Then apply foghorn.toml to the database.")] = False,
) -> None:
    """Check foghorn.toml and the templates. With --apply, bring people, webhooks, and the name into the database."""
    setup = cores.checked_setup(context.obj)
    settings, organisation = setup.settings, setup.organisation
    for doubt in (*doubts(setup), *cores.component_doubts(settings, organisation)):
        print(doubt, file=sys.stderr)
    problems = template_problems(organisation, Templates(settings.templates_dir))
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        raise typer.Exit(1)
    found = [each for platform in context.obj for each in cores.room_checks(setup, platform.name)]
    found += [each for platform in context.obj for each in announcements(platform, setup)]
    for each in found:
        print(f"{each.what}: {each.words}", file=None if each.well else sys.stderr)
    if not all(each.well for each in found):
        raise typer.Exit(1)
    applied = _applied(cores.apply_configuration(settings, organisation), organisation) if apply else ""
    for platform in context.obj:
        print(f"On {platform.name.capitalize()}, {access.rules(organisation, platform.name)}")
    print(f"{organisation_file(settings)} and its templates are valid: {len(organisation.components)} components, "
          f"{len(organisation.people)} people, {' and '.join(organisation.languages)}.{applied}")  # fmt: skip
    print(cores.about_assistant(settings, organisation))


def _applied(followed: ConfigurationChanges, organisation: Organisation) -> str:
    """What the database took over from the configuration."""
    before = followed.before
    renamed = before is not None and before.name != organisation.name
    return (
        f"\nThis database now belongs to “{organisation.name}”."
        + (f" Before, it belonged to {before.label}." if before and renamed else "")
        + f" Added: {handles(followed.added) or 'nobody'}. Deactivated: {handles(followed.deactivated) or 'nobody'}."
        + " Restart every running `foghorn run`."
    )


@app.command("lint")
def lint_texts(
    context: typer.Context,
    files: Annotated[
        list[Path] | None, typer.Argument(exists=True, dir_okay=False, help="Default: standard input.")
    ] = None,
    stage: Annotated[str, typer.Option(help="The stage they are written for, such as identified.")] = "",
    audience: Annotated[Audience, typer.Option(help="Who will read them.")] = Audience.CUSTOMERS,
    language: Annotated[str, typer.Option(help="Their language.")] = "en",
    as_json: Json = False,
) -> None:
    """Check texts for what must not leave; exit code 1 when something would block a publication."""
    setup = cores.checked_setup(context.obj)
    options = cli_lint.LintOptions(setup.organisation, stage, audience, language, setup.settings.url)
    raise typer.Exit(cli_lint.run(files or (), options, as_json=as_json))


@app.command("export-page")
def export_page(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR", file_okay=False, help="Folder for the files. It must be empty or contain an export."
        ),
    ],
) -> None:
    """Write the public pages, feeds, and API as files that any web server can serve."""
    from bot.clock import utc_now  # pages, which the other commands do not need
    from bot.web import export
    from bot.web.site import Site

    with cores.running(cores.checked_setup(context.obj), context.obj) as core:
        site = Site(core.store, core.app, utc_now)
        asyncio.run(site.rebuild())
        number = export.write(site, folder)
    print(f"Wrote the public pages to {folder}: {number} files.")


@app.command()
def doctor(context: typer.Context) -> None:
    """Check the database, the clock, and the platforms, and say what is missing."""
    setup = cores.checked_setup(context.obj)
    on = [platform.name for platform in context.obj if platform.messenger(setup) is not None]
    findings = [*cores.examine(setup.settings, setup.organisation, on), *cores.ask_running(setup.settings)]
    for platform in context.obj:
        findings += examined(platform, setup)
    for finding in findings:
        print(f"{'ok  ' if finding.well else 'FIX '} {finding.what}: {finding.words}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def incident(
    context: typer.Context,
    person: Annotated[str, typer.Option("--as", help="Handle of the person who acts. Default: FOGHORN_PERSON.")] = "",
    as_json: Json = False,
) -> None:
    """Run an incident command, such as `foghorn incident declare API errors sev:1`. Works when chat is down."""
    setup = cores.checked_setup(context.obj)
    who = person or setup.settings.person
    if not who:
        print("Foghorn does not know who you are. Add --as with a handle, or set FOGHORN_PERSON.", file=sys.stderr)
        raise typer.Exit(2)
    with cores.running(setup, context.obj) as core:
        answer = asyncio.run(_answered(core, line_of(context.args), who))
    refused = isinstance(answer, Form) or (isinstance(answer, Notice) and answer.refused)
    text = _json(answer) if as_json else plain(answer, core.organisation.zone)
    print(text, end="" if isinstance(answer, Document) else "\n", file=sys.stderr if refused and not as_json else None)
    raise typer.Exit(1 if refused else 0)


async def _answered(core: cores.Core, line: str, who: str) -> Answer:
    """The answer to a line. A channel in it may have to be looked up on its platform."""
    try:
        return await core.desk.submit_line(line, Account("cli", who), Place("cli"))
    finally:
        await core.close_messengers()


def examined(platform: Platform, setup: Setup) -> list[CheckResult]:
    """What a platform reports, if it is on."""
    if platform.messenger(setup) is None:
        return [CheckResult(platform.name, platform.off, True)]
    found = asyncio.run(platform.examine(setup, cores.subscribed_on(setup.settings, platform.name)))
    return [
        *(_revived(each, setup, platform.name) for each in found),
        *cores.room_checks(setup, platform.name),
        *announcements(platform, setup),
        CheckResult(f"{platform.name} access", access.rules(setup.organisation, platform.name), True),
    ]


def _revived(found: CheckResult, setup: Setup, platform: str) -> CheckResult:
    """What failed in a channel before is sent again once the channel is well."""
    number = cores.revive(setup.settings, platform, found.channel) if found.channel else 0
    return (
        dataclasses.replace(found, words=f"{found.words}; {number} failed before and will be sent now")
        if number
        else found
    )


def announcements(platform: Platform, setup: Setup) -> list[CheckResult]:
    """Whether only responders read the channels of `[announce]` on a platform."""

    async def look() -> list[CheckResult]:
        messenger = platform.messenger(setup)
        try:
            return await cores.announcement_checks(setup, platform.name, messenger)
        finally:
            await cores.close_all([messenger])

    return asyncio.run(look()) if setup.organisation.announce.channels else []


def line_of(arguments: Sequence[str]) -> str:
    """The line as it would be typed in chat."""
    commands = [catalog.COMMANDS.get(word.casefold().rstrip("!")) for word in arguments[:2]]  # a group may come first
    return quoted(arguments, [field for command in commands if command for field in command.asked])


def _json(answer: Answer) -> str:
    """The view's facts, with its name as `kind`."""

    def plainly(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        return value.value if isinstance(value, Enum) else vars(value)

    return json.dumps({"kind": type(answer).__name__, **vars(answer)}, default=plainly, ensure_ascii=False)
