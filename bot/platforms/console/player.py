"""The player of the drill that the console shows: what is happening, and its controls."""

from dataclasses import dataclass
from typing import Protocol

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from bot.commands.invocation import Account
from bot.platforms.console.access import LIVE, console_of, root_of
from bot.platforms.console.pages import ConsolePages

PLAYING, PAUSED, ENDED = "playing", "paused", "ended"


@dataclass(frozen=True)
class PlayerState:
    """What the player shows. `state` is one of the three above."""

    state: str
    at: str  # `11:44 AM ET (15:44 UTC)`
    who: str
    caption: str
    line: str  # as it was typed; empty at the end
    step: int
    steps: int
    played_s: float
    lasts_s: float
    speed: int
    can_skip: bool
    incident: str  # the key of the drill's incident
    back: str  # the console of the running Foghorn


class Player(Protocol):
    """Plays a drill, and can be controlled by everyone who takes part."""

    def state(self) -> PlayerState:
        """What is being played."""

    def control(self, act: str, /) -> None:
        """`pause`, `resume`, `speed`, or `skip`; anything else changes nothing."""


@dataclass(frozen=True)
class PlayerPages:
    """Shows the player at the top of every page of a drill, and on a separate page for browsers without scripts."""

    pages: ConsolePages
    player: Player

    async def show(self, request: Request, who: Account) -> Response:
        """The player on its own, for the script of an open page, or on a page."""
        frame, state = await self.pages.frame(who), self.player.state()
        if LIVE not in request.headers:
            return self.pages.shown(request, "console_player.html.j2", frame, state=state)
        body = self.pages.renderer.page("_player.html.j2", root=root_of(request), now=frame.now, state=state)
        return HTMLResponse(body, headers={"Cache-Control": "no-store"})

    async def control(self, request: Request, who: Account) -> Response:
        """A button of the player."""
        await self.pages.frame(who)
        self.player.control(request.path_params["act"])
        return RedirectResponse(f"{console_of(request)}/player", 303)
