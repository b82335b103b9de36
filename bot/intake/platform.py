"""What a chat platform is to Foghorn: one object per folder, listed in `bot/platforms/__init__.py`."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from bot.commands.fields import ParseContext
from bot.connections import Connection
from bot.domain.checked import Address as Address
from bot.domain.checked import Text as Text
from bot.domain.checked import shaped as shaped
from bot.domain.checked import signs as signs
from bot.domain.hosts import address_of as address_of
from bot.domain.organisation import PlatformConfig as PlatformConfig  # platforms do not import the domain
from bot.domain.organisation import WebhookConfig as WebhookConfig
from bot.intake.desk import Desk
from bot.intake.inbox import Inbox
from bot.intake.leases import Leases
from bot.ports import CheckResult, Messenger
from bot.settings import PlatformDeclaration, Setup

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from typer import Typer


@dataclass(frozen=True)
class Serving:
    """What a platform works with while `foghorn run` runs. `messenger` is the one it made itself."""

    setup: Setup
    messenger: Messenger
    desk: Desk
    inbox: Inbox
    leases: Leases
    reading: Callable[[], ParseContext]


class Service(Connection, Protocol):
    """A platform's connections while `foghorn run` runs."""

    @property
    def routes(self) -> "Sequence[BaseRoute]":
        """What the platform calls over HTTP."""

    def running(self) -> AbstractAsyncContextManager[object]:
        """Connect, and disconnect at the end."""


class Platform(PlatformDeclaration, Protocol):
    """A chat platform. Nothing of its SDK is imported before a method needs it."""

    @property
    def off(self) -> str:
        """What turns it on, for `doctor`."""

    def messenger(self, setup: Setup) -> Messenger | None:
        """Delivers on this platform. None: the platform is off."""

    def service(self, serving: Serving) -> Service:
        """Receives from this platform."""

    async def examine(self, setup: Setup, channels: Sequence[str]) -> Sequence[CheckResult]:
        """What `doctor` finds; `channels` are subscribed."""

    def commands(self, app: "Typer", setup: Callable[[], Setup]) -> None:
        """Add the commands that set the platform up to `foghorn NAME`."""
