"""A Foghorn with its web side, told stories through the desk as two people would."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, make_url
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.actions import people, subscriptions
from bot.actions.app_context import AppContext
from bot.commands.invocation import Account, Place
from bot.connections import Connections, Traffic
from bot.domain.audiences import Audience
from bot.domain.facts import UpdateKind
from bot.domain.incident import ClosedAs, Incident
from bot.domain.lifecycle import Stage, Transition
from bot.domain.organisation import Organisation
from bot.domain.severity import Severity
from bot.domain.updates import Update, UpdateState, UpdateText
from bot.intake.desk import Desk
from bot.store.incidents import next_number
from bot.store.people import by_handle
from bot.store.transaction import Store
from bot.templating import Templates
from bot.web.app import build_app
from bot.web.health import Health, Ticks
from bot.web.site import Site
from tests.databases import engine_on, give_back, reach
from tests.harness import BUILT_IN, run_line
from tests.patience import LONG_S
from tests.reference import ORGANISATION

URL = "https://status.example.com"
_TOLD: dict[str, tuple[bytes, datetime]] = {}


class Clock:
    """The reference day, at 5:15 AM ET, until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 20, 9, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@dataclass
class SlackConnection:
    """What a platform tells of its connection."""

    connected: bool = True
    refused: int = 3
    traffic: Traffic = field(default_factory=Traffic)


class Foghorn:
    """Ana and Ben with a database, a desk and the public pages."""

    def __init__(
        self,
        url: str,
        *,
        drill: bool = False,
        organisation: Organisation | None = None,
        templates: Templates = BUILT_IN,
    ) -> None:
        self.url = url
        self.database = make_url(url).database or ""
        self.clock = Clock()
        self.store = Store(engine_on(url), self.clock)
        self.app = AppContext(organisation or ORGANISATION, templates, URL)
        reach(url, self.app.organisation.model_dump_json(), self._follow_configuration)
        self.desk = Desk(self.store, self.app)
        self.site = Site(self.store, self.app, self.clock, drill=drill)
        self.ticks = Ticks(1.0)
        self.slack = SlackConnection()
        self.health = Health(
            self.store,
            self.app.organisation,
            self.clock,
            pages=lambda: self.site.read_at,
            connections=Connections({"slack": self.slack}),
            ticks=lambda: self.ticks,
        )
        self.health.ready_within_s = self.health.answer_within_s = LONG_S  # on a busy machine

    def web_app(self, routes: Sequence[BaseRoute] = ()) -> Starlette:
        return build_app(self.site, self.health, routes=routes, allowed_hosts=["0.0.0.0"], public_url=URL)

    def _follow_configuration(self) -> Engine:
        with self.store.write() as tx:
            people.follow_configuration(tx, self.app.organisation)
            subscriptions.follow_configuration(tx, self.app)
        return self.store.engine

    def close(self) -> None:
        """Stop the threads and give the connections back."""
        self.desk.close()
        give_back(self.store.engine)

    def say(self, who: str, line: str, *, after: float = 0) -> object:
        """One line of somebody, some minutes later."""
        self.clock.wait(after)
        return run_line(self.desk, line, Account("cli", who), Place("cli"))

    def publish(self, line: str, *, after: float = 0) -> None:
        """Ana drafts, and publishes, with Ben's approval where she needs it."""
        self.say("ana", line, after=after)
        self.say("ana", "publish")
        self.say("ben", "approve")

    def insert_published(self, title: str, body: str, *, closed: bool = False) -> None:
        """Words that no draft would pass with, as if they had been published."""
        with self.store.write() as tx:
            ana = by_handle(tx, "ana")
            assert ana is not None
            said = {"author_id": ana.id, "drafted_at": tx.now, "revised_by": ana.id, "revised_at": tx.now}
            incident = Incident(
                number=next_number(tx),
                declared_title="secret",
                title=title,
                stage=Stage.RESOLVED if closed else Stage.INVESTIGATING,
                severity=Severity.SEV4,
                opened_at=tx.now,
                declared_by=ana.id,
                first_published_at=tx.now,
                closed_at=tx.now if closed else None,
                closed_as=ClosedAs.RESOLVED if closed else None,
            )
            tx.session.add(incident)
            tx.session.flush()
            update = Update(
                incident_id=incident.id,
                kind=UpdateKind.STAGE,
                stage=Stage.INVESTIGATING,
                move=Transition.FIRST,
                number=1,
                **said,
            )
            tx.session.add(update)
            tx.session.flush()
            tx.session.add(
                UpdateText(update_id=update.id, audience=Audience.CUSTOMERS, language="en", title=title, body=body)
            )
            tx.session.flush()
            update.published_at, update.state = tx.now, UpdateState.PUBLISHED

    def reference(self, until: str = "resolved") -> None:
        """The reference incident in short; `until` a stage, or `corrected`. Told once, then copied."""
        if self.store.engine.dialect.name != "sqlite":
            self._tell(until)
            return
        if until not in _TOLD:
            self._tell(until)
            self.store.engine.dispose()  # the last to leave writes everything into the file
            _TOLD[until] = (Path(self.database).read_bytes(), self.clock.now)
        content, self.clock.now = _TOLD[until]
        self.store.engine.dispose()
        Path(self.database).write_bytes(content)

    def _tell(self, until: str) -> None:
        self.say("ana", "declare Alerts on db-prod-12 sev:3 on:business=degraded")
        self.publish(
            'update investigating sees:"has not worked as expected" who:"some enterprise workspaces" '
            "since:05:12 ok:chatgpt,codex,api",
            after=5,
        )
        self.clock.now = datetime(2026, 4, 20, 15, 44, tzinfo=UTC)
        self.say("ana", "severity 1")
        everything = "on:chatgpt=major,business=major,codex=major,api=partial"
        symptom = 'sees:"pages load without end and requests return errors"'
        self.publish(f"update investigating {everything} since:11:44 {symptom} who:worldwide")
        if until == "investigating":
            return
        self.publish("update identified Signing in works.", after=13)
        if until == "identified":
            return
        self.publish('correct update:3 wrong:"Signing in works." right:"Some sign-ins fail too."', after=6)
        if until == "corrected":
            return
        self.publish("update fix fixed:12:51", after=48)
        if until == "fix":
            return
        calm = "on:chatgpt=operational,business=operational,codex=operational,api=operational"
        self.publish(f"update monitoring {calm}", after=14)
        if until == "monitoring":
            return
        self.publish('resolve end:12:51 data:"No data was lost."', after=58)
