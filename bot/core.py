"""The parts that need no network: store, context, and desk. The command line needs only these; `main` adds the rest."""

import http.client
import json
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from sqlalchemy.exc import ProgrammingError

from bot.actions import configuration, leaving, outbox
from bot.actions.app_context import AppContext
from bot.actions.configuration import ConfigurationChanges, ConfigurationSource
from bot.clock import Clock, utc_now
from bot.commands import catalog
from bot.domain.destinations import Destination
from bot.domain.lint import RULES
from bot.domain.lint.findings import LEAKS
from bot.domain.organisation import Organisation
from bot.domain.references import AllowedNames
from bot.errors import BotError, Busy, NotMigrated, OtherOrganisation, SendFailed
from bot.intake.desk import Desk
from bot.intake.platform import Platform
from bot.platforms.local.messenger import LocalMessenger
from bot.ports import (
    ChannelDirectory,
    CheckResult,
    LanguageModel,
    Messenger,
    PeopleDirectory,
    SupportsAnnouncements,
    SupportsRooms,
)
from bot.reading.health import alive, work_checks
from bot.settings import (
    EXAMPLE,
    PlatformDeclaration,
    Settings,
    Setup,
    organisation_file,
    read_organisation,
    read_setup,
    wrong_secret,
)
from bot.store import leases, migrate
from bot.store import subscriptions as subscription_queries
from bot.store.elapsed import ElapsedClock
from bot.store.engine import make_engine, seconds_apart
from bot.store.people import everybody_ever
from bot.store.running import is_pooled
from bot.store.transaction import Store
from bot.templating import Templates
from bot.views.png import can_draw_text

CLOCKS_APART_S = 2.0
POOLED = (
    "leads to a pooler that shares connections between transactions. What a process was doing when it died is then "
    "taken over only after a minute, and pages show late what other processes did; connect directly to PostgreSQL, or "
    "use session mode"
)
ASK_WITHIN_S = 10.0


def checked_setup(platforms: Sequence[PlatformDeclaration]) -> Setup:
    """What this process is configured with, with every name in it checked. Raises SettingError, ConfigurationError."""
    return read_setup(platforms, _known)


def _known(read: Settings) -> AllowedNames:
    """The names that foghorn.toml may use."""
    off = {name.casefold(): rule.id for rule in RULES for name in (rule.id, rule.name)}
    leaks = [name for name, rule in off.items() if rule in LEAKS]
    return AllowedNames(catalog.COMMANDS, off, leaks, Templates(read.templates_dir).missing)


@dataclass
class Core:
    """Everything that needs no network, for the command line."""

    settings: Settings
    organisation: Organisation
    store: Store
    app: AppContext
    desk: Desk
    messengers: dict[str, Messenger]
    elapsed_clock: ElapsedClock

    async def close_messengers(self) -> None:
        """Close the platforms' connections, in the event loop that used them."""
        await close_all(self.messengers.values())

    def close(self) -> None:
        """Wait for running commands, then close the database."""
        self.desk.close()
        self.store.close()


async def close_all(messengers: Iterable[Messenger | None]) -> None:
    """Close the connections of those that have any, in the event loop that used them."""
    for messenger in messengers:
        if (close := getattr(messenger, "close", None)) is not None:
            await close()


def open_core(
    settings: Settings,
    organisation: Organisation,
    *,
    clock: Clock = utc_now,
    messengers: dict[str, Messenger] | None = None,
    follows: bool = False,
) -> Core:
    """Store, context, and desk on a database with current tables.

    The database follows the configuration only if `follows` is set or if it is new.

    Raises NotMigrated, OtherOrganisation, Busy.
    """
    store = Store(make_engine(settings.database_url, creates=False), clock)
    platforms: dict[str, Messenger] = {"local": LocalMessenger(), **(messengers or {})}
    templates = Templates(settings.templates_dir)
    with_rooms = tuple(name for name, messenger in platforms.items() if isinstance(messenger, SupportsRooms))
    with_threads = tuple(name for name in with_rooms if getattr(platforms[name], "has_threads", False))
    with_pictures = tuple(name for name, each in platforms.items() if getattr(each, "shows_pictures", False))
    assistant = assistant_of(settings, organisation)
    app = AppContext(
        organisation, templates, settings.url, tuple(platforms), with_rooms, with_threads,
        picture_platforms=with_pictures, assistant=assistant is not None,
    )  # fmt: skip
    try:
        migrate.check_current(store.engine)
        store.real = elapsed_clock = ElapsedClock(store)
        source = _source(settings, organisation)
        with store.read() as tx:
            new = not follows and not configuration.check(tx, organisation, source)
        if follows or new:
            with store.write() as tx:
                configuration.follow(tx, app, source)
                leaving.ask_next_everywhere(tx, app)
                configuration.keep_feed_authority(tx, settings.url)
        with store.read() as tx:
            organisation = organisation.remembering(configuration.former_components(tx, organisation))
            app = replace(app, organisation=organisation, feed_authority=configuration.feed_authority(tx))
    except BotError:
        store.close()
        raise
    directories = {name: messenger for name, messenger in platforms.items() if isinstance(messenger, ChannelDirectory)}
    directory_of = {name: messenger for name, messenger in platforms.items() if isinstance(messenger, PeopleDirectory)}
    desk = Desk(store, app, directories, assistant, directory_of)
    return Core(settings, organisation, store, app, desk, platforms, elapsed_clock)


@contextmanager
def running(setup: Setup, platforms: Iterable[Platform]) -> Iterator[Core]:
    """What a command of the command line works with. Raises NotMigrated, OtherOrganisation, Busy."""
    core = open_core(setup.settings, setup.organisation, messengers=messengers_of(setup, platforms))
    core.elapsed_clock.orders_ids()
    try:
        yield core
    finally:
        core.close()


def apply_configuration(settings: Settings, organisation: Organisation) -> ConfigurationChanges:
    """What `check --apply` does. Raises NotMigrated, OtherOrganisation, Busy."""
    app = AppContext(organisation, Templates(settings.templates_dir), settings.url)
    with _database(settings) as store, store.write() as tx:
        return configuration.follow(tx, app, _source(settings, organisation), rename=True)


@contextmanager
def _database(settings: Settings) -> Iterator[Store]:
    """The database, for one look or change. Raises NotMigrated, Busy."""
    store = Store(make_engine(settings.database_url, creates=False), utc_now)
    try:
        migrate.check_current(store.engine)
        yield store
    finally:
        store.close()


def _source(settings: Settings, organisation: Organisation) -> ConfigurationSource:
    return ConfigurationSource(str(organisation_file(settings)), read_organisation(EXAMPLE, type(organisation)))


def assistant_of(settings: Settings, organisation: Organisation) -> LanguageModel | None:
    """The assistant, if foghorn.toml configures one and its key is set. Otherwise nothing is sent anywhere."""
    named = organisation.assistant
    if not named.url or settings.assistant_key is None:
        return None
    from bot.assistant import Assistant  # its HTTP client is imported only if it is used

    return Assistant(named.url, named.model, settings.assistant_key)


def about_assistant(settings: Settings, organisation: Organisation) -> str:
    """One line for `check`: what is sent where."""
    named = organisation.assistant
    if not named.url:
        return "Assistant: off. Nothing is sent anywhere."
    if settings.assistant_key is None:
        return "Assistant: off. To turn it on, set FOGHORN_ASSISTANT_KEY. Nothing is sent anywhere."
    return (
        f"Assistant: on. “Suggest” sends the published facts, the notes that are not redacted, and the draft of an "
        f"incident that is not private to {named.url} ({named.model})."
    )


def messengers_of(setup: Setup, platforms: Iterable[Platform]) -> dict[str, Messenger]:
    """A messenger for each chat platform that is on, so that incidents get rooms on it. `main` adds webhooks."""
    made = ((platform.name, platform.messenger(setup)) for platform in platforms)
    return {name: messenger for name, messenger in made if messenger is not None}


def subscribed_on(settings: Settings, platform: str) -> tuple[str, ...]:
    """The channels of a platform that receive updates; none if the database cannot be read. Changes nothing."""
    with suppress(NotMigrated, Busy), _database(settings) as store, store.read() as tx:
        there = [row.destination for row in subscription_queries.subscriptions(tx)]
        return tuple(each.place for each in there if each.platform == platform)
    return ()


def revive(settings: Settings, platform: str, channel: str) -> int:
    """Send again what failed in a channel that is well; the number of deliveries. 0 if the database cannot be used."""
    with suppress(NotMigrated, Busy), _database(settings) as store, store.write() as tx:
        return outbox.revive(tx, Destination(platform, channel))
    return 0


def component_doubts(settings: Settings, organisation: Organisation) -> list[str]:
    """What still names components that were removed from foghorn.toml; nothing if the database cannot be read."""
    with suppress(NotMigrated, Busy), _database(settings) as store, store.read() as tx:
        return configuration.doubtful_components(tx, organisation)
    return []


def examine(settings: Settings, organisation: Organisation, platforms: Sequence[str] = ()) -> list[CheckResult]:
    """What `doctor` reports on configuration, database, and work; platforms, those that are on, add their own."""
    found = [CheckResult("configuration", f"{organisation.name}, {len(organisation.people)} people", True)]
    store = Store(make_engine(settings.database_url, creates=False), utc_now)
    try:
        migrate.check_current(store.engine)
        with store.engine.connect() as connection:
            missing = migrate.missing_triggers(connection)
        with store.read() as tx:
            everybody_ever(tx)
        words = (
            f"these triggers are missing: {', '.join(missing)}; run `foghorn migrate`" if missing else "is up to date"
        )
        found.append(CheckResult("database", words, not missing))
        found.append(_clock(seconds_apart(store.engine, utc_now)))
        if is_pooled(store, settings.database_url):
            found.append(CheckResult("database connection", POOLED, False))
        with store.read() as tx:
            configuration.check(tx, organisation, _source(settings, organisation))
            found += work_checks(tx, organisation.zone, platforms)
        with store.write() as tx:
            leases.remember(tx, "written", tx.real().isoformat())
    except OtherOrganisation as problem:
        found.append(CheckResult("organization", str(problem), False))
    except NotMigrated as problem:
        found.append(CheckResult("database", str(problem), False))
    except Busy as busy:
        said = f" ({busy.said})" if busy.said else ""
        found.append(CheckResult("database", f"cannot be used: {busy.why}{said}", False))
    except Exception as problem:  # doctor reports any failure
        found.append(CheckResult("database", f"cannot be read ({type(problem.__cause__ or problem).__name__})", False))
    finally:
        store.close()
    if not can_draw_text():
        words = "channels get none, because this machine has no font; install one, such as fonts-dejavu-core"
        found.append(CheckResult("pictures", words, False))
    for webhook in organisation.webhooks:
        wanted = wrong_secret(webhook.secret_env)
        words = f"its secret is not set or cannot sign; {wanted}" if wanted else "its secret is set"
        found.append(CheckResult(f"webhook {webhook.name}", words, not wanted))
    return found


def ask_running(settings: Settings) -> list[CheckResult]:
    """What the `foghorn run` on this machine says is wrong, if one is running."""
    store = Store(make_engine(settings.database_url, creates=False), utc_now)
    try:
        with store.read() as tx:
            here = any(each.host == socket.gethostname() for each in alive(tx))
    except (Busy, NotMigrated, ProgrammingError):  # examine() says so
        here = False
    finally:
        store.close()
    if not here:
        return []
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::") else settings.host
    connection = http.client.HTTPConnection(host, settings.port, timeout=ASK_WITHIN_S)
    try:
        connection.request("GET", "/readyz?all=1")
        wrong = [str(each) for each in json.loads(connection.getresponse().read())["wrong"]]
    except (OSError, ValueError, KeyError, http.client.HTTPException) as problem:
        words = f"does not answer at {host}:{settings.port} ({problem}); if it listens elsewhere, set FOGHORN_PORT"
        return [CheckResult("foghorn run", words, False)]
    finally:
        connection.close()
    return [CheckResult("foghorn run", each, False) for each in wrong] or [CheckResult("foghorn run", "is well", True)]


def _clock(apart_s: float) -> CheckResult:
    """Whether the clocks of machine and database agree: promises use the machine's, retries the database's."""
    if apart_s <= CLOCKS_APART_S:
        return CheckResult("clock", "agrees with the database's clock", True)
    words = f"differs from the database's clock by {apart_s:.0f} seconds; synchronize both with a time server"
    return CheckResult("clock", words, False)


def room_checks(setup: Setup, platform: str) -> list[CheckResult]:
    """The channels of a platform that both hold rooms and get updates. Asks only the database."""
    rooms, subscribed = setup.organisation.platforms[platform].room_channels, subscribed_on(setup.settings, platform)
    words = "gets updates for customers and holds the rooms of incidents; unsubscribe it, or choose another channel"
    return [
        CheckResult(f"{platform} channel {each}", f"{words} for rooms", False) for each in rooms if each in subscribed
    ]


async def announcement_checks(setup: Setup, platform: str, messenger: Messenger | None) -> list[CheckResult]:
    """Whether only responders read the channels in which a platform announces incidents. Changes nothing.

    A platform that does not answer proves nothing, so Foghorn only looks again before it announces.
    """
    subscribed = subscribed_on(setup.settings, platform)
    found = []
    for there in setup.organisation.announce.destinations:
        if there.platform != platform:
            continue
        name, wrong = str(there), ""
        try:
            if isinstance(messenger, SupportsAnnouncements):
                name = await messenger.check_internal(there.place)
        except SendFailed as failure:
            if not failure.permanent:
                found.append(CheckResult(f"announcements in {name}", f"are not checked: {failure.reason}", True))
                continue
            wrong = failure.reason.rstrip(".")
        if there.place in subscribed:
            wrong = "the channel is subscribed to updates, so customers may read it"
        words = f"{wrong}. Incidents are not announced there; choose another channel." if wrong else ""
        found.append(CheckResult(f"announcements in {name}", words or "incidents are announced there", not wrong))
    return found
