"""The Home tab: what is waiting for the reader, open incidents, and subscribed channels. Limit: 100 blocks."""

from bot.commands import catalog
from bot.commands.home import home as home_tab
from bot.commands.invocation import Account
from bot.errors import BotError
from bot.intake.desk import Desk
from bot.platforms.slack.blocks import Json, fit, rows, small
from bot.platforms.slack.inbound import PREFIX
from bot.platforms.slack.render import blocks
from bot.views import Notice, Sentence, Zone, say
from bot.views.layout import layout
from bot.views.parts import DOT, Link, row

BLOCKS = 100


async def home(desk: Desk, who: Account, zone: Zone, console: str) -> Json:
    """The current Home tab for one person."""
    try:
        tab = await desk.look(catalog.OVERVIEW, home_tab, who)
    except BotError as refusal:
        return refused(Notice(say(refusal.words, **refusal.facts)), zone)
    lists = [part for each in tab.lists for part in layout(each).parts]
    foot = small(zone, [Sentence("`/incident help` lists all commands"), DOT, Link(console, "Console")])
    return _view([*blocks((*row(tab.buttons), *lists), zone), *foot])


def refused(notice: Notice, zone: Zone) -> Json:
    """For a person who is not allowed to see incidents."""
    return _view(rows(zone, [notice.sentence]))


def _view(blocks: list[Json]) -> Json:
    return {"type": "home", "callback_id": f"{PREFIX}home", "blocks": fit(blocks, BLOCKS)}
