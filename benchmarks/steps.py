"""How many steps a command takes, from Slack's payload to the commit: functions, files, depth, and SQL statements."""

import asyncio
import logging
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from sqlalchemy import Engine, event

from benchmarks.measure import Figure
from bot.commands.fields import ParseContext
from bot.core import open_core
from bot.intake.inbox import Inbox
from bot.intake.leases import Share
from bot.platforms.slack.app import SlackApp
from bot.platforms.slack.messenger import SlackMessenger
from bot.platforms.slack.replies import SlackReplies
from bot.platforms.slack.web import SlackWeb
from bot.settings import Settings
from bot.store import migrate
from bot.worker.outbox import Outbox
from tests.fakes.slack import Slack
from tests.fakes.slack_workspace import BOT
from tests.reference import ORGANISATION

BOT_FOLDER = str(Path(__file__).resolve().parent.parent / "bot") + "/"
ANA, BEN, GENERAL = "U0ANA", "U0BEN", "C0GENERAL"
STORY = (
    ("", ANA, "declare API errors sev:3 on:api=partial,chatgpt=major"),
    ("note", ANA, "note Error rates rise in one region"),
    ("update", ANA, 'update identified sees:"500 errors when creating jobs" We are adding capacity. next:30m'),
    ("publish", ANA, "publish"),
    ("", ANA, "severity 1"),
    ("", ANA, "update fix We are restarting the last servers."),
    ("", ANA, "publish"),
    ("approve", BEN, "approve"),
)
UNCOUNTED = (("", ANA, "declare Uploads fail sev:3 on:codex=major"), *(("", *each[1:]) for each in STORY[1:]))
"""The same in an earlier incident: what is determined once per process counts for no command."""
MEANWHILE = {"Sockets.watch", "ChatIntake._look_for_left_over", "Inbox.left_over"}
"""What runs beside commands."""


class Steps:
    """Counts what runs in every thread between a payload and the commit of its command."""

    def __init__(self) -> None:
        self.functions: set[tuple[str, str]] = set()
        self.statements: Counter[str] = Counter()
        self.depth = self.commits = 0
        self.counting = False
        self.done = threading.Event()

    def start(self) -> None:
        """Count from now on."""
        self.functions.clear()
        self.statements.clear()
        self.depth = self.commits = 0
        self.done.clear()
        self.counting = True

    def listen(self, engine: Engine) -> None:
        """The first commit stores the payload in the inbox; the second is the command's."""

        @event.listens_for(engine, "before_cursor_execute")
        def execute(_connection: object, _cursor: object, statement: str, values: object, *_rest: object) -> None:
            beside = statement.startswith(("BEGIN", "SELECT inbox"))  # the latter looks for what a dead process left
            if self.counting and not beside:
                self.statements[f"{statement} {values}"] += 1

        @event.listens_for(engine, "commit")
        def commit(_connection: object) -> None:
            self.commits += self.counting
            if self.commits == 2:
                self.counting = False
                self.done.set()

    def profile(self, frame: FrameType, what: str, _argument: object) -> None:
        """For `sys.setprofile`."""
        code = frame.f_code
        if not self.counting or what != "call" or not code.co_filename.startswith(BOT_FOLDER):
            return
        depth, below = 0, frame
        while below is not None:
            if below.f_code.co_qualname in MEANWHILE:
                return
            depth += below.f_code.co_filename.startswith(BOT_FOLDER)
            below = below.f_back  # type: ignore[assignment]
        self.depth = max(self.depth, depth)
        if not code.co_name.startswith("<"):
            self.functions.add((code.co_filename, code.co_qualname))

    def figure(self, verb: str) -> Figure:
        """One line of the table."""
        sql = self.statements.total()
        selects = sum(number for words, number in self.statements.items() if words.startswith("SELECT"))
        files = len({file for file, _name in self.functions})
        return Figure(
            f"`{verb}`, from Slack's payload to the commit",
            f"{sql} SQL statements ({selects} SELECT, {sql - len(self.statements)} repeated word for word); "
            f"{len(self.functions)} functions in {files} files, depth {self.depth}",
        )


def figures() -> Iterator[Figure]:
    """Against a local Slack and the real Bolt app, on SQLite; deliveries are sent between the commands, uncounted."""
    steps = Steps()
    logging.disable(logging.WARNING)
    threading.setprofile(steps.profile)
    sys.setprofile(steps.profile)
    try:
        yield from asyncio.run(_figures(steps))
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]
        logging.disable(logging.NOTSET)


async def _figures(steps: Steps) -> list[Figure]:
    found = []
    async with Slack().serving() as slack, _foghorn(slack, steps) as (app, outbox):
        for verb, who, line in (*UNCOUNTED, *STORY):
            rooms = [each for each in slack.channels.values() if each.creator == BOT]
            room = rooms[-1] if rooms and not line.startswith("declare") else None
            while app.intake.busy:  # the reply to the command before
                await asyncio.sleep(0.01)
            steps.start()
            if line == "approve":  # a typed one shows the draft first
                assert room is not None
                review = slack.messages(room.id)[-1]
                refused = await slack.clicks(who, {**review, "channel": room.id}, "fh:approve")
            else:
                refused = await slack.types(who, room.id if room else GENERAL, f"/incident {line}")
            if refused or not await asyncio.to_thread(steps.done.wait, 30):
                raise RuntimeError(f"{line}: {refused or 'was not committed'}")
            if verb:
                found.append(steps.figure(verb))
            await outbox.drain()
    return found


@asynccontextmanager
async def _foghorn(slack: Slack, steps: Steps) -> AsyncIterator[tuple[SlackApp, Outbox]]:
    """Everything but the ticks: deliveries are sent when told."""
    for user, name in ((ANA, "ana"), (BEN, "ben")):
        slack.add_user(user, name)
    slack.add_channel(GENERAL, "general", ANA, BEN, BOT)
    raw = ORGANISATION.model_dump()
    raw["people"] = [{**p, "slack": {"ana": ANA, "ben": BEN}.get(p["handle"], "")} for p in raw["people"]]
    organisation = type(ORGANISATION).model_validate(raw)
    with TemporaryDirectory(prefix="foghorn-bench-") as folder:
        settings = Settings(FOGHORN_DATABASE_URL=f"sqlite:///{folder}/steps.db")
        migrate.upgrade(settings.database_url)
        web = SlackWeb(slack.bot_token, slack.api_url, timeout_s=20)
        messenger = SlackMessenger(web, organisation.zone)
        core = open_core(settings, organisation, messengers={"slack": messenger})
        steps.listen(core.store.engine)
        app = SlackApp(
            web, core.desk, Inbox(core.store), SlackReplies(web, organisation.zone, settings.url),
            lambda: ParseContext(organisation, core.store.clock()), share=_all_sockets, app_token=slack.app_token,
        )  # fmt: skip
        outbox = Outbox(core.store, core.app, core.messengers, core.desk.in_thread)
        async with app.running():
            await slack.connected(2)
            yield app, outbox
        await messenger.close()
        core.close()


async def _all_sockets() -> Share:
    return Share(0, 1)


def main() -> None:
    """Print the figures alone."""
    for figure in figures():
        print(f"{figure.what}: {figure.value}")


if __name__ == "__main__":
    main()
