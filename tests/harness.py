"""A test harness: a desk on a migrated database, a clock of our own, and people who type.

`harness.ana("declare API down")` is what the command answered, `say(answer)` its words, `harness.at("05:20")` sets the
clock to that time in New York, and `harness.rows(Promise)` is what stands in the database.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel, col, select

from bot.actions import people as people_actions
from bot.actions import promises as promise_actions
from bot.actions import subscriptions as subscription_actions
from bot.actions.app_context import AppContext
from bot.commands import catalog
from bot.commands.invocation import Account, Invocation, Place
from bot.domain.deliveries import Delivery, DeliveryState
from bot.domain.incident import Incident
from bot.domain.nudges import Nudge, next_step
from bot.domain.organisation import Organisation
from bot.domain.people import Person
from bot.domain.promises import Promise
from bot.domain.record import EntryText, RecordEntry
from bot.domain.updates import Update, UpdateState, UpdateText, text_of
from bot.errors import BotError
from bot.intake.desk import Desk
from bot.intake.requests import notice
from bot.store import incidents, promises, updates
from bot.store.engine import make_engine
from bot.store.transaction import Store
from bot.templating import Templates
from bot.views import Answer, Button
from bot.views.plain import plain
from tests.databases import engine_on, give_back, reach
from tests.reference import ORGANISATION, et

START = et("05:15")
PUBLIC_URL = "https://status.example.com"
BUILT_IN = Templates()
Row = TypeVar("Row", bound=SQLModel)
Speaker = Callable[..., Answer]

MORE_PEOPLE = (
    {"name": "Chi Nakamura", "handle": "chi", "groups": ("responders", "approvers")},
    {"name": "Dia Roy", "handle": "dia", "groups": ("responders",)},
    {"name": "Eve Lund", "handle": "eve", "groups": ("members",)},
    {"name": "Sam Adler", "handle": "sam", "groups": ("security",)},
)
"""Besides Ana and Ben: an approver, a responder, a mere member, and the security approver who is nothing else."""


def organisation(*, more: Collection[Mapping[str, Any]] = (), without: Collection[str] = (), **changes: Any) -> Any:
    """The example's organisation with `more` people, some `without`, and any other part replaced.

    `organisation(approval={"SEV1": 2})` changes one value of a part and leaves its others.
    """
    raw = ORGANISATION.model_dump()
    raw["people"] = [person for person in raw["people"] if person["handle"] not in without] + [dict(p) for p in more]
    for name, value in changes.items():
        raw[name] = {**raw[name], **value} if isinstance(value, Mapping) and isinstance(raw[name], dict) else value
    return type(ORGANISATION).model_validate(raw)


CROWD: Organisation = organisation(more=MORE_PEOPLE)


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self, now: datetime = START) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


class Harness:
    """A desk and all it stands on. `harness.ana(line)` types a line as Ana."""

    def __init__(
        self,
        url: str,
        organisation: Organisation = ORGANISATION,
        *,
        now: datetime = START,
        templates: Templates | None = None,
        platforms: tuple[str, ...] = ("local",),
    ) -> None:
        self.clock = Clock(now)
        self.organisation = organisation
        self.url = url
        self.store = Store(engine_on(url), self.clock)
        self.actions = AppContext(organisation, templates or BUILT_IN, PUBLIC_URL, platforms=platforms)
        self.desk = Desk(self.store, self.actions)
        reach(url, (now, organisation.model_dump_json()), self._follow_configuration)

    def _follow_configuration(self) -> Engine:
        """As every start does."""
        with self.store.write() as tx:
            people_actions.follow_configuration(tx, self.organisation)
            subscription_actions.follow_configuration(tx, self.actions)
        return self.store.engine

    def __getattr__(self, handle: str) -> Speaker:
        if handle.startswith("_") or handle not in {person.handle for person in self.organisation.people}:
            raise AttributeError(handle)
        return self.as_person(handle)

    def as_person(self, handle: str) -> Speaker:
        """Whoever has this handle, invited ones too; typed in an incident's room, it is implied."""

        def speak(line: str, *, room: str = "", key: str = "") -> Answer:
            return run_line(self.desk, line, Account("cli", handle), Place("local", room), key)

        return speak

    def run(self, handle: str, verb: str, *, key: str = "", **typed: str) -> Answer:
        """As a form submits it: fields by name."""
        return self.submit(handle, verb, typed, key=key)

    def submit(self, handle: str, verb: str, typed: Mapping[str, str], *, key: str = "") -> Answer:
        """The same for fields whose names clash with ours."""
        return self.desk.run(Invocation(verb, typed, Account("cli", handle), Place("console"), key))

    def press(self, handle: str, button: Button) -> Answer:
        """What pressing a button does: it is a command already typed."""
        return self.as_person(handle)(f"{button.verb} {button.words}")

    def invite(self, name: str, *, support: bool = False) -> Speaker:
        """Somebody who is not in the configuration."""
        with self.store.write() as tx:
            person, _token = people_actions.add(tx, name, support=support)
        return self.as_person(person.handle)

    def stranger(self, account: str, name: str) -> Speaker:
        """A member of the Slack workspace whom foghorn.toml does not name."""

        def speak(line: str, *, room: str = "", key: str = "") -> Answer:
            return run_line(self.desk, line, Account("slack", account, name), Place("slack", room), key)

        return speak

    def at(self, clock: str) -> None:
        """That day at this clock time in New York."""
        self.clock.now = et(clock)

    def later(self, minutes: float) -> None:
        """So many minutes go by."""
        self.clock.now += timedelta(minutes=minutes)

    def rows(self, table: type[Row]) -> list[Row]:
        """All rows of a table, in the order of making."""
        with self.store.read() as tx:
            order = inspect(table).primary_key
            return list(tx.session.exec(select(table).order_by(*order)).all())

    def incident(self, number: int = 1) -> Incident:
        """INC-1 as it stands."""
        return next(incident for incident in self.rows(Incident) if incident.number == number)

    def draft(self) -> Update:
        """The open draft; there is one in all."""
        (draft,) = [update for update in self.rows(Update) if update.state is UpdateState.DRAFT]
        return draft

    def draft_open(self) -> bool:
        """Whether there is an open draft."""
        return any(update.state is UpdateState.DRAFT for update in self.rows(Update))

    def texts(self, update: Update) -> list[UpdateText]:
        """All texts of an update."""
        return [text for text in self.rows(UpdateText) if text.update_id == update.id]

    def published(self) -> list[Update]:
        """Everything published, oldest first."""
        return [update for update in self.rows(Update) if update.state is UpdateState.PUBLISHED]

    def text(self, update: Update, audience: str = "customers") -> UpdateText:
        """One text of an update as it was published, or stands in the draft."""
        texts = [t for t in self.rows(UpdateText) if t.update_id == update.id and not t.corrected]
        found = text_of(texts, next(t.audience for t in texts if t.audience == audience), "en")
        assert found is not None
        return found

    def current(self, update: Update, audience: str = "customers") -> str:
        """One text of a published update as it reads now, corrections applied."""
        with self.store.read() as tx:
            return next(t.body for t in updates.current_texts(tx, update) if t.audience == audience)

    def record(self, kind: str = "") -> list[str]:
        """The words of the record, oldest first; of one kind of entry."""
        texts = {text.entry_id: text.text for text in self.rows(EntryText)}
        return [texts[entry.id] for entry in self.rows(RecordEntry) if not kind or entry.kind == kind]

    def person(self, handle: str) -> Person:
        """By handle."""
        return next(person for person in self.rows(Person) if person.handle == handle)

    def tick(self) -> list[Nudge]:
        """Take the steps of the ladders that are due, as the worker does."""
        taken = []
        with self.store.write() as tx:
            for incident in incidents.open_incidents(tx):
                promise = promises.open_promise(tx, incident)
                due = next_step(promise, promises.nudges_sent(tx, promise), tx.now) if promise else None
                if promise and due:
                    taken.append(promise_actions.send_reminder(tx, self.actions, incident, promise, due))
        return taken

    def deliver(self, *, dead: Collection[str] = ()) -> list[Delivery]:
        """Send everything that is due, as the worker does; to the destinations in `dead` nothing arrives."""
        with self.store.write() as tx:
            waiting = select(Delivery).where(Delivery.state == DeliveryState.DUE).order_by(col(Delivery.number))
            rows = list(tx.session.exec(waiting).all())
            for row in rows:
                gone = str(row.destination) in dead
                row.state = DeliveryState.DEAD if gone else DeliveryState.SENT
                row.attempts, row.sent_at, row.reference = 1, tx.now, "" if gone else row.id
                row.reason = "the channel was deleted" if gone else ""
        return rows

    def sent_to(self, destination: str) -> list[Delivery]:
        """The deliveries of one destination in their order."""
        return [row for row in self.rows(Delivery) if str(row.destination) == destination]

    def promised(self) -> list[tuple[str, str]]:
        """The promises made to customers, oldest first: clock time in New York, state."""
        zone = self.organisation.zone.tz
        mine = sorted((p for p in self.rows(Promise) if not p.internal), key=lambda p: (p.made_at, p.id))
        return [(f"{promise.due_at.astimezone(zone):%H:%M}", promise.state.value) for promise in mine]

    def own_engine(self) -> Engine:
        """From now on an engine that no later test gets, to listen to or to break."""
        self.store.engine.dispose()
        self.store.engine = make_engine(self.url)
        return self.store.engine

    def close(self) -> None:
        """Stop the threads and give the connections back."""
        self.desk.close()
        give_back(self.store.engine)


def run_line(desk: Desk, line: str, who: Account, where: Place, key: str = "") -> Answer:
    """What a typed line answers, as `Desk.submit_line` runs it, without its look-ups."""
    try:
        verb, typed = catalog.read_line(line)
    except BotError as refusal:
        return notice(refusal)
    return desk.run(Invocation(verb, typed, who, where, key))


def say(answer: Answer, organisation: Organisation = ORGANISATION) -> str:
    """The words of an answer as the command line shows them."""
    return plain(answer, organisation.zone)


def buttons(answer: Answer) -> dict[str, Button]:
    """The buttons of an answer by their label."""
    return {button.label: button for button in getattr(answer, "buttons", ())}
