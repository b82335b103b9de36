"""The entry point for commands from every platform, the console, and the command line."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.actions import announcements, approvals, rooms
from bot.actions.app_context import AppContext
from bot.actions.people import invite_by
from bot.commands import catalog, suggest
from bot.commands.catalog import Command
from bot.commands.command import is_anything
from bot.commands.context import Context
from bot.commands.fields import FieldMissing, ParseContext, kept, parse
from bot.commands.invocation import Account, Invocation, Place
from bot.commands.notes import which_incident
from bot.domain.suggestions import SuggestionRequest, question, read_answer
from bot.errors import AssistantAway, BotError, DatabaseInterrupted, InvalidField, Unexpected
from bot.intake.lookups import Lookups
from bot.intake.requests import notice
from bot.intake.subjects import find_actor, find_incident, groups_of
from bot.ports import ChannelDirectory, LanguageModel, PeopleDirectory
from bot.store import inbox, people
from bot.store.transaction import Store, Transaction
from bot.views import Answer, DraftReview, Form, Notice, say
from bot.views.dates import with_dates

log = logging.getLogger("foghorn.desk")
T = TypeVar("T")
THREADS = 8
AGAIN_AFTER_S = (0.2, 0.5, 1.0, 2.0, 4.0)  # about as long as PostgreSQL takes to restart
SESSION_LASTS = people.SESSION_LASTS
"""How long someone stays signed in to the console."""


class Desk:
    """Runs commands on one store."""

    def __init__(
        self,
        store: Store,
        app: AppContext,
        directories: Mapping[str, ChannelDirectory] | None = None,
        assistant: LanguageModel | None = None,
        people_directories: Mapping[str, PeopleDirectory] | None = None,
    ) -> None:
        self._store = store
        self._app = app
        self.lookups = Lookups(self, directories or {}, people_directories or {})
        self._assistant = assistant
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="desk")

    def run(self, invocation: Invocation) -> Answer:
        """Run a command and return its answer.

        1. Find the command; if the catalog alone cannot read a field, return the form.
        2. Open the transaction, and inside it find the actor, incident, and permission, and read `now`.
        3. Call the command's handler. The transaction commits when its answer is ready.
        4. A refusal, wherever it was raised, becomes an answer too, and nothing has changed.
        """
        return self._answered(lambda: self._run(invocation))

    def preview(self, line: str, who: Account, where: Place) -> Answer:
        """The answer that a typed line would get. Nothing is changed, and no platform is queried."""
        return self._answered(lambda: self._run(Invocation(*catalog.read_line(line), who, where), undo=True))

    def form(self, verb: str, typed: dict[str, str], who: Account, where: Place) -> Answer:
        """The form of a command, filled with the current values and, over them, what was typed. Changes nothing."""

        def build() -> Answer:
            command = catalog.find(verb)
            if command.asks and command.asks(typed):
                return self._run(Invocation(verb, typed, who, where))
            with self._store.read() as tx:
                ctx = self._context(tx, command, Invocation(verb, typed, who, where))
                return self._filled_form(ctx, command, typed, opens=True)

        return self._answered(build)

    async def look(self, verb: str, page: Callable[[Context], T], who: Account, incident: str = "") -> T:
        """Data for a page, with the permission check and the incident lookup of its verb. Raises BotError."""

        def read() -> T:
            command = catalog.find(verb)
            asked = Invocation(verb, {"incident": incident}, who, Place(who.platform))
            with _named(), self._store.read() as tx:
                actor = find_actor(tx, who, keep=False)
                found = find_incident(tx, actor, command, asked) if incident else None
                ctx = Context(
                    tx,
                    self._app,
                    actor,
                    asked.where,
                    found=found,
                    groups=groups_of(tx, self._app.organisation, asked, actor, found),
                )
                ctx.check_may(command.verb, command.who_may, command.deed)
                return with_dates(page(ctx), self._app.organisation.zone, tx.now)

        return await self.in_thread(read)

    async def change(self, verb: str, act: Callable[[Context], T], who: Account, incident: str) -> T:
        """Make a change that only a page can make, with the permission check and incident lookup of a verb.

        Raises BotError.
        """
        command = replace(catalog.find(verb), writes=True)

        def write() -> T:
            with _named(), self._store.write(who.platform) as tx:
                answer = act(
                    self._context(tx, command, Invocation(verb, {"incident": incident}, who, Place(who.platform)))
                )
                self._follow(tx)
                return answer

        return await self.in_thread(write)

    async def read(self, question: Callable[[Transaction, AppContext], T]) -> T:
        """Data that a platform needs outside any command. Raises Busy."""

        def read() -> T:
            with self._store.read() as tx:
                return question(tx, self._app)

        return await self.in_thread(read)

    async def write(self, change: Callable[[Transaction, AppContext], T], platform: str) -> T:
        """Record something a platform reports that is not a command, such as someone joining a room. Raises Busy."""

        def write() -> T:
            with self._store.write(platform) as tx:
                answer = change(tx, self._app)
                self._follow(tx)
                return answer

        return await self.in_thread(write)

    async def link_owner(self, token: str) -> str:
        """The person a sign-in link is for. Looking does not use up the link. Raises LinkUsed."""

        def read() -> str:
            with self._store.read() as tx:
                return people.check_sign_in(tx, token).name

        return await self.in_thread(read)

    async def sign_in(self, token: str) -> tuple[str, str]:
        """Use up a sign-in link; returns the ID of its person and of their new session. Raises LinkUsed."""

        def write() -> tuple[str, str]:
            with self._store.write("console") as tx:
                person = people.use_sign_in(tx, token) or people.check_sign_in(tx, token)
                return person.id, people.begin_session(tx, person)

        return await self.in_thread(write)

    async def invite(self, who: Account, name: str, *, support: bool) -> tuple[str, str, str]:
        """Invite a person as an administrator; returns their name, handle, and sign-in token. Raises BotError."""

        def write() -> tuple[str, str, str]:
            with self._store.write("console") as tx:
                inviter = find_actor(tx, who, keep=False)
                person, token = invite_by(tx, inviter, kept(name).strip(), support=support)
                log.info("%s made a sign-in link for %s", inviter.handle, person.handle)
                return person.name, person.handle, token

        return await self.in_thread(write)

    async def sign_out(self, session: str) -> None:
        """End a session of the console at once, wherever its cookie is."""
        await self.write(lambda tx, _app: people.end_session(tx, session), "console")

    async def submit(self, invocation: Invocation) -> Answer:
        """`run` in the desk's own threads, for callers that must not block.

        Before that, IDs in texts become names, channels and people are looked up, and if the assistant was asked, its
        answer is awaited.
        """
        try:
            with _named():
                asked = await self.lookups.with_names(invocation)
                if self._assistant is not None and suggest.asks_assistant(asked):
                    return await self._suggest(asked, self._assistant)
                asked = await self.lookups.found(asked)
        except BotError as refusal:
            return notice(refusal)
        return await self._run_through(asked)

    async def _run_through(self, asked: Invocation) -> Answer:
        """Run a command, again if the connection to the database was lost meanwhile, as when the server restarts.

        Only with a key: by it the database knows whether the lost transaction was committed, so nothing is done twice.
        """
        for pause_s in AGAIN_AFTER_S if asked.key else ():
            try:
                with _named():
                    answer = await self.in_thread(lambda: self._run(asked))
            except DatabaseInterrupted:
                await asyncio.sleep(pause_s)
            except BotError as refusal:
                return self._dated(notice(refusal))
            else:
                return self._dated(answer)
        return await self.in_thread(lambda: self.run(asked))

    async def consider(self, asked: Invocation, question: Callable[[Context], T]) -> T:
        """What is known before a command runs, if the actor may use it. Raises BotError."""
        command = replace(catalog.find(asked.verb), writes=False)

        def read() -> T:
            with _named(), self._store.read() as tx:
                return question(self._context(tx, command, asked))

        return await self.in_thread(read)

    async def submit_line(self, line: str, who: Account, where: Place, key: str = "") -> Answer:
        """Like `submit`, for a typed line. A line that cannot be read gets an answer too."""
        try:
            verb, typed = catalog.read_line(line)
        except BotError as refusal:
            return notice(refusal)
        return await self.submit(Invocation(verb, typed, who, where, key))

    async def _suggest(self, invocation: Invocation, assistant: LanguageModel) -> Answer:
        """Draft what else was typed, ask the assistant outside any transaction, and save what it suggests.

        1. Read what is sent.
        2. Ask.
        3. In another transaction, save the answer as a revision if the draft is still the one that was sent.

        The inbox row is marked as done at the end, whatever the result.
        """
        typed = {name: text for name, text in invocation.typed.items() if name not in ("suggest", "revision")}
        if typed.keys() - {"incident"}:
            drafted = await self.in_thread(lambda: self.run(replace(invocation.with_typed(typed), key="")))
            if not isinstance(drafted, DraftReview):
                return await self._ended(invocation, drafted)
            typed = {"incident": drafted.incident}
        asked = invocation.with_typed(typed)
        command = catalog.find("update")

        def read() -> SuggestionRequest:
            with _named(), self._store.read() as tx:
                return suggest.material(self._context(tx, command, asked))

        try:
            material = await self.in_thread(read)
            answer = await assistant.answer(question(material))
            proposal = read_answer(answer, material)
        except ValueError:
            return await self._ended(invocation, notice(AssistantAway(reason="its answer cannot be read")))
        except BotError as refusal:
            return await self._ended(invocation, notice(refusal))

        def take() -> Answer:
            with self._store.write(invocation.who.platform) as tx:
                if invocation.key and not inbox.finish(tx, invocation.key):
                    return Notice(say("This was already done. Nothing was done twice."))
                review = suggest.take(self._context(tx, command, asked), material, proposal)
                self._follow(tx)
                return review

        taken = await self.in_thread(lambda: self._answered(take))
        return taken if isinstance(taken, DraftReview) else await self._ended(invocation, taken)

    async def _ended(self, invocation: Invocation, answer: Answer) -> Answer:
        """An answer that ends a command without a change. It is not run again after a restart."""
        if invocation.key:
            with suppress(BotError):
                await self.write(lambda tx, _app: inbox.finish(tx, invocation.key), invocation.who.platform)
        return answer

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run work that waits for the database in the desk's own threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, work)

    def close(self) -> None:
        """Accept no new work and wait for running commands."""
        self._pool.shutdown(wait=True)

    def _answered(self, work: Callable[[], Answer]) -> Answer:
        try:
            with _named():
                answer = work()
        except BotError as refusal:
            answer = notice(refusal)
        return self._dated(answer)

    def _dated(self, answer: Answer) -> Answer:
        return with_dates(answer, self._app.organisation.zone, self._store.clock())

    def _run(self, invocation: Invocation, *, undo: bool = False) -> Answer:
        command = catalog.find(invocation.verb)
        invocation = replace(invocation, key=kept(invocation.key))
        form = None
        if invocation.values is None:
            parsed = command.parse(invocation.typed, self._reading(self._store.clock()))
            invocation = replace(invocation, typed=parsed.typed, values=parsed.values)
            form = parsed.form(self._app.organisation) if parsed.problems else None
        if form is not None and command.prefill is None:
            return form
        if not command.writes or form is not None or command.asks_first(invocation.typed):
            with self._store.read() as tx:
                return self._serve(tx, command, invocation, form)
        begin = self._store.dry_run if undo else self._store.write
        with begin(invocation.who.platform) as tx:
            if invocation.key and not inbox.finish(tx, invocation.key):
                return Notice(say("This was already done. Nothing was done twice."))
            answer = self._serve(tx, command, invocation)
            self._follow(tx)
            return answer

    def _follow(self, tx: Transaction) -> None:
        """Update the rooms of every incident that changed, and archive the rooms of those that ended."""
        for incident in {incident.id: incident for incident, _entry in tx.entries}.values():
            known = rooms.refresh(tx, self._app, incident)
            announcements.refresh(tx, self._app, incident)
            approvals.refresh(tx, incident, known)
            if incident.closed_at == tx.now:
                rooms.close_rooms(tx, self._app, incident, tx.real())

    def _serve(self, tx: Transaction, command: Command, invocation: Invocation, form: Form | None = None) -> Answer:
        if command.message_menu and invocation.typed.get("message_link"):
            actor = find_actor(tx, invocation.who, keep=False)
            if asks := which_incident(tx, actor, invocation.where, invocation.typed):
                return asks
        ctx = self._context(tx, command, invocation)
        if form is not None or command.is_bare(invocation.typed):
            filled = self._filled_form(ctx, command, invocation.typed)
            return replace(filled, note=form.note) if form else filled
        values = dict(invocation.values or {})
        times = [field for field in command.fields if field.is_time and values[field.name] is not None]
        again, problems = parse(times, invocation.typed, self._reading(tx.now))  # relative to the transaction's `now`
        if problems:
            parsed = catalog.Parsed(command, invocation.typed, values, problems)
            return parsed.form(self._app.organisation)
        return command.handler(ctx, **values | again)

    def _filled_form(self, ctx: Context, command: Command, typed: Mapping[str, str], *, opens: bool = False) -> Form:
        """A form with the present values and what was typed; what is missing is not wrong in a form that `opens`."""
        start = dict(command.prefill(ctx)) if command.prefill else {}
        start |= {name: text for name, text in typed.items() if text}
        if ctx.found is not None:
            start["incident"] = ctx.found.key
        problems: Mapping[str, InvalidField] = {}
        if is_anything(typed):
            found = command.parse(start, self._reading(ctx.tx.now)).problems
            problems = {name: each for name, each in found.items() if not (opens and isinstance(each, FieldMissing))}
        form = command.form(self._app.organisation, start, problems)
        return form.narrowed(command.possible(ctx)) if command.possible else form

    def _reading(self, now: datetime) -> ParseContext:
        return ParseContext(self._app.organisation, now)

    def _context(self, tx: Transaction, command: Command, invocation: Invocation) -> Context:
        actor = find_actor(tx, invocation.who, keep=command.writes)
        found = None
        if command.incident is not catalog.IncidentScope.NONE:
            found = find_incident(tx, actor, command, invocation)
        groups = groups_of(tx, self._app.organisation, invocation, actor, found)
        emptied = frozenset(name for name, text in invocation.typed.items() if not text.strip())
        ctx = Context(
            tx, self._app, actor, invocation.where, emptied, invocation.typed, groups, invocation.confirmed, found=found
        )
        ctx.check_may(command.verb, command.who_may, command.deed)
        return ctx


@contextmanager
def _named() -> Iterator[None]:
    """Log an unexpected exception with a short code, and raise Unexpected, which names the code."""
    try:
        yield
    except BotError:
        raise
    except Exception as problem:
        code = secrets.token_hex(3)
        log.exception("unexpected, code %s", code)
        raise Unexpected(code=code) from problem
