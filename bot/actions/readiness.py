"""What a draft still needs before publication: its findings, who has to agree, and who can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.actions.app_context import AppContext
from bot.actions.deadlines import due_after, promise_words, refused_time
from bot.actions.update_context import starting_facts, update_context
from bot.domain.components import Impact
from bot.domain.facts import UpdateKind
from bot.domain.incident import Incident
from bot.domain.lint import lint
from bot.domain.lint.findings import Finding, Subject, Weight
from bot.domain.people import Group, Person
from bot.domain.policy import (
    RequiredApprovals,
    counted_approvers,
    deciding_severity,
    missing_approvals,
    required_approvals,
)
from bot.domain.severity import Severity
from bot.domain.update_context import UpdateContext
from bot.domain.updates import Approval, Update, UpdateText, text_of
from bot.domain.wording import fill
from bot.store import incidents, people, updates
from bot.store.transaction import Transaction


@dataclass(frozen=True)
class Readiness:
    """What stands between a draft and its publication."""

    context: UpdateContext
    findings: dict[str, tuple[Finding, ...]]
    blockers: tuple[Finding, ...]
    missing: RequiredApprovals
    approved_by: tuple[Person, ...]
    refused_time: datetime | None = None  # a chosen time that cannot be promised; another one is asked for first
    approvers: tuple[Person, ...] = ()  # people who can give what is missing
    security: tuple[Person, ...] = ()
    severity: Severity = Severity.SEV1  # the severity that decides how many approvers are needed
    authors: frozenset[str] = frozenset()  # IDs of everyone whose words are in this revision
    shared: bool = False  # too few approvers did not write it, so every approver's approval counts
    unnamed: bool = False  # only accounts outside foghorn.toml wrote it

    @property
    def ready(self) -> bool:
        """Whether its author may publish it now."""
        return not self.blockers and not self.missing.is_needed

    @property
    def possible_approvers(self) -> tuple[Person, ...]:
        """Everyone who can give any of what is missing."""
        return tuple({person.id: person for person in (*self.approvers, *self.security)}.values())

    def can_help(self, person: Person) -> bool:
        """Whether this person's approval would help."""
        return any(person.id == each.id for each in self.possible_approvers)

    @property
    def security_words(self) -> str:
        """The first words that need the security approver."""
        every = (finding for of_text in self.findings.values() for finding in of_text)
        return next((finding.words for finding in every if finding.approver == Group.SECURITY), "")


def check_readiness(
    tx: Transaction, app: AppContext, incident: Incident, draft: Update, before: Readiness | None = None,
    given: Sequence[Approval] = (),
) -> Readiness:  # fmt: skip
    """What stands between a draft and its publication. `before`: what stood there without approvals just `given`."""
    approvals = [*updates.approvals(tx, draft), *given]
    context = before.context if before else update_context(tx, app, incident, draft)
    refused = before.refused_time if before else refused_time(tx, incident, draft)
    found = before.findings if before else lint_findings(tx, app, incident, draft, context)
    if refused is not None:  # the texts contain this time, and a later one will replace it
        found = {text: tuple(f for f in of_text if f.rule != "L13") for text, of_text in found.items()}
    every = [finding for of_text in found.values() for finding in of_text]
    edited = any(text.edited_by_hand for text in updates.texts(tx, draft)) or _says_news(tx, incident, draft)
    policy = app.organisation.approval
    corrected = updates.get_update(tx, draft.corrects).severity if draft.corrects else None
    severities = (incident.severity, incident.published_severity, corrected)
    severity = deciding_severity([each for each in severities if each is not None], policy)
    wanted = required_approvals(draft, severity=severity, edited=edited, findings=every, policy=policy)
    who = {person.id: person for person in people.all_people(tx) if person.configured}
    named = draft.authors & who.keys()
    members = [person for person in who.values() if person.belongs(Group.APPROVERS)]
    guards = [p for p in who.values() if p.belongs(Group.SECURITY) and p.id not in draft.authors]
    number, counted = counted_approvers(wanted.approvers, members, draft.authors, named)
    # an approval may no longer count: its account may have been linked to another approver
    valid = [each for each in approvals if each.revision == draft.revision and each.expires_at > tx.now]
    yes = list(dict.fromkeys(each.person_id for each in valid))
    approved = [who[person_id] for person_id in yes if person_id in {p.id for p in (*counted, *guards)}]
    left = missing_approvals(RequiredApprovals(number, wanted.security), approved, draft.authors)
    return Readiness(
        context, found, tuple(f for f in every if f.weight is Weight.BLOCKER), left, tuple(approved), refused,
        approvers=tuple(p for p in counted if p.id not in yes) if left.approvers else (),
        security=tuple(p for p in guards if p.id not in yes) if left.security else (),
        severity=severity,
        authors=draft.authors,
        shared=number > wanted.approvers and bool(named),
        unnamed=number > wanted.approvers and not named,
    )  # fmt: skip


def words_for(wanted: RequiredApprovals) -> str:
    """`one more approver and the security approver`."""
    parts = []
    if wanted.approvers:
        parts.append("one more approver" if wanted.approvers == 1 else f"{wanted.approvers} more approvers")
    if wanted.security:
        parts.append("the security approver")
    return " and ".join(parts) or "nothing"


def _says_news(tx: Transaction, incident: Incident, draft: Update) -> bool:
    """Whether a “no change” says anything that was not published before, so that someone else has to read it."""
    if draft.kind is not UpdateKind.NO_CHANGE:
        return False
    changed = any(row.value is not row.published for row in incidents.impacts(tx, incident))
    base, facts = starting_facts(tx, incident, draft), draft.facts
    return changed or any("." in name or getattr(facts, name) != getattr(base, name) for name in facts.fresh)


def lint_findings(
    tx: Transaction, app: AppContext, incident: Incident, draft: Update, context: UpdateContext,
    typed: Mapping[str, str] | None = None,
) -> dict[str, tuple[Finding, ...]]:  # fmt: skip
    """The findings of the lint and the platforms, by text ID. `typed`: only these texts, with other bodies."""
    promise_at = due_after(tx, app, incident, draft)
    last = updates.last_published(tx, incident)
    previous = updates.current_texts(tx, last) if last else []
    wrong = updates.get_update(tx, draft.corrects) if draft.corrects else None
    found = {}
    texts = [*updates.texts(tx, draft), *updates.texts(tx, draft, corrected=True)]
    first = {(t.audience, t.corrected): t for t in texts if t.language == app.organisation.languages[0]}
    languages = {text.language for text in texts}
    said = {language: promise_words(tx, app, promise_at, language) for language in languages}
    for text in texts if typed is None else [text for text in texts if text.id in typed]:
        original = first.get((text.audience, text.corrected), text)
        by_hand = original is not text and (original.edited_by_hand or text.edited_by_hand)
        before = text_of(previous, text.audience, text.language) if not text.corrected else None
        body = fill(text.body if typed is None else typed[text.id], said[text.language])
        now, promised, stage, impacts = tx.now, promise_at, draft.stage, context.impacts
        if (
            text.corrected and wrong is not None and wrong.published_at is not None
        ):  # a corrected text keeps its words of that time
            now, promised, stage = wrong.published_at, wrong.promised_at, wrong.stage
            impacts = {key: Impact(value) for key, value in wrong.impacts.items()}
        subject = Subject(
            audience=text.audience,
            language=text.language,
            title=text.title,
            body=body,
            stage=stage,
            kind=draft.kind,
            severity=incident.severity,
            first=incident.first_published_at is None,
            impacts=impacts,
            facts=draft.facts,
            now=now,
            promise_at=promised,
            previous_body=before.body if before else "",
            original=fill(original.body, said[original.language]) if by_hand else "",
            promise="" if text.corrected else said[text.language],
            link=context.link,
            private=incident.private,
        )
        found[text.id] = _linted(tx, app, text, subject)
    return found


def _linted(tx: Transaction, app: AppContext, text: UpdateText, subject: Subject) -> tuple[Finding, ...]:
    """Lint a text once per transaction, unless it or what the lint compares it with has changed."""
    known = tx.linted.get(text.id)
    if known is None or known[0] != subject:
        known = tx.linted[text.id] = subject, tuple(lint(subject, app.organisation))
    return known[1]
