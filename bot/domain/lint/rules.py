"""The rules, one row each with everything that the reference page says about it, and the lint that runs them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from bot.domain.audiences import Audience
from bot.domain.lint import claims, contacts, drift, hosts, names, program, repairs, shape, state, times, typed_facts
from bot.domain.lint.context import Hit, LintContext
from bot.domain.lint.findings import Finding, Subject, Weight
from bot.domain.organisation import Organisation

PER_RULE = 20  # maximum findings of one rule in one text

_ALL = tuple(Audience)
_OUTSIDE = tuple(audience for audience in Audience if audience is not Audience.INTERNAL)
_LONG = tuple(audience for audience in _OUTSIDE if audience is not Audience.SOCIAL)
_PLAIN = tuple(audience for audience in _OUTSIDE if audience is not Audience.DEVELOPERS)

_FREE = ("message",)  # facts that are typed without a key

BLOCKER = "blocker"
WARNING = "warning"
GRAVE = "blocker at SEV1 and SEV2, otherwise a warning"


@dataclass(frozen=True)
class Rule:
    """One rule. `weight` and `doc` are for people."""

    id: str
    name: str
    weight: str
    audiences: tuple[Audience, ...]
    find: Callable[[LintContext], Iterable[Hit]]
    doc: str  # what it finds


RULES = (
    Rule("L01", "secret", BLOCKER, _ALL, program.secret, "Tokens, keys, passwords, and long random strings."),
    Rule("L02", "internal-host", BLOCKER, _OUTSIDE, hosts.internal_host,
         "Names of internal machines, such as edge-prod-12 or db.internal. `lint.internal_hosts` adds patterns."),
    Rule("L03", "ip-address", BLOCKER, _OUTSIDE, hosts.ip_address,
         "IPv4 and IPv6 addresses, except those in `lint.allowed_addresses`."),
    Rule("L04", "contact", "blocker; a warning for a mailbox such as support@", _OUTSIDE, contacts.contact,
         "Email addresses and phone numbers, except those in `lint.allowed_contacts`."),
    Rule("L05", "mention", "blocker; a warning for a plain @name", _OUTSIDE, contacts.mention,
         "Anything that a chat platform turns into a mention of people, groups, or channels."),
    Rule("L06", "ticket-key", WARNING, _OUTSIDE, names.ticket_key,
         "Ticket numbers such as OPS-991. `lint.allowed_tickets` lists prefixes that are not tickets, such as GPT."),
    Rule("L07", "private-link", "blocker; a warning for other hosts that are not allowed", _OUTSIDE,
         contacts.private_link,
         "Links to internal chat, dashboards, or documents, and to hosts that are not in `lint.allowed_hosts`."),
    Rule("L08", "trace-or-sql", BLOCKER, _OUTSIDE, program.trace_or_sql, "Stack traces, exceptions, and queries."),
    Rule("L09", "placeholder", BLOCKER, _ALL, program.placeholder,
         "Placeholders where a value should be, such as [TIME], {{ time }}, TBD, or None."),
    Rule("L10", "staff-name", BLOCKER, _OUTSIDE, names.staff_name,
         "Names of colleagues, including first names: the people in foghorn.toml and `lint.staff`."),
    Rule("L11", "customer-name", BLOCKER, _OUTSIDE, names.customer_name, "Names in `lint.customers`."),
    Rule("L12", "missing-next-update", GRAVE, _LONG, times.missing_next_update,
         "A text of an open incident that does not say when the next update is due."),
    Rule("L13", "promise-mismatch", "blocker; a warning for a time that has passed in a correction", _OUTSIDE,
         times.promise_mismatch, "A promised time that differs from the one on record or has passed."),
    Rule("L14", "vague-update", WARNING, _OUTSIDE, repairs.vague_update,
         "Vague promises of an update, such as “more soon” or “stay tuned”, instead of a time."),
    Rule("L15", "time-without-zone", BLOCKER, _OUTSIDE, times.time_without_zone,
         "A time of day without a time zone. A range or list needs it once, at its end."),
    Rule("L18", "eta-promise", "blocker; a warning at stage identified if the policy requires an approver", _OUTSIDE,
         repairs.eta_promise, "A promised repair time while the incident is open."),
    Rule("L20", "speculation", BLOCKER, _OUTSIDE, claims.speculation,
         "Guesses, such as “we think”, “probably”, or “may be due to”."),
    Rule("L21", "cause-too-early", WARNING, _OUTSIDE, claims.cause_too_early,
         "A cause at stage investigating, or one that the facts do not confirm."),
    Rule("L22", "blame-person", BLOCKER, _OUTSIDE, claims.blame_person,
         "Blame of an engineer, a contractor, or a user."),
    Rule("L23", "vendor", "set by `lint.vendors`: a warning, a blocker, or off", _OUTSIDE, names.vendor,
         "A supplier named as the one at fault."),
    Rule("L24", "bare-boilerplate", GRAVE, _OUTSIDE, shape.bare_boilerplate,
         "A text of an open incident that says no more than “We are currently investigating this issue.”"),
    Rule("L25", "bare-resolved", WARNING, _LONG, shape.bare_resolved,
         "A closing text that says no more than “This incident has been resolved.”"),
    Rule("L26", "no-impact", WARNING, _LONG, shape.no_impact,
         "A first text that does not say what users see or which service is affected."),
    Rule("L28", "resolved-no-window", WARNING, _LONG, shape.resolved_no_window,
         "A closing text that does not say when the problem started and ended, or how long it lasted."),
    Rule("L29", "data-loss-unstated", "warning at SEV1 and SEV2", _LONG, shape.data_loss_unstated,
         "A closing text that does not say whether data was lost."),
    Rule("L30", "security-word", "warning; needs the security approver", _OUTSIDE, claims.security_word,
         "Words such as breach, leak, attack, and data loss, unless the text denies them."),
    Rule("L31", "liability", WARNING, _OUTSIDE, claims.liability,
         "Promises of refunds, credits, or compensation, and admissions of negligence or breach of contract."),
    Rule("L32", "jargon", "note", _PLAIN, claims.jargon,
         "Internal terms that readers do not know. `lint.jargon` adds terms and what to write instead."),
    Rule("L33", "code-name", WARNING, _OUTSIDE, names.code_name,
         "Code names, such as “the Falcon pipeline” or “Project Lighthouse”."),
    Rule("L37", "too-long", WARNING, _OUTSIDE, shape.too_long,
         "A text longer than its audience allows (600 characters for customers), or a title over 80."),
    Rule("L39", "duplicate", WARNING, _OUTSIDE, shape.duplicate,
         "A text that differs from the previous update by less than 5%. “No change” updates are exempt."),
    Rule("L40", "stage-text-conflict", BLOCKER, _OUTSIDE, state.stage_text_conflict,
         "“Resolved” while open, “investigating” at resolved, or “fix implemented” before that stage."),
    Rule("L41", "status-conflict", BLOCKER, _OUTSIDE, state.status_conflict,
         "Closing with a failing component, claiming that a failing one works, or a failure that no component shows."),
    Rule("L47", "markup", BLOCKER, _ALL, shape.markup, "Markup, HTML, and hidden characters."),
    Rule("L49", "audience-leak", BLOCKER, _OUTSIDE, names.audience_leak,
         "Internal terms such as SEV1 in a text for others, and anything from a private incident."),
    Rule("L50", "length-per-channel", BLOCKER, _ALL, shape.length_per_channel,
         "More than 2,000 characters for Discord, or 3,000 for Slack."),
    Rule("L53", "language-drift", WARNING, _OUTSIDE, drift.language_drift,
         "Numbers, times, addresses, and components that differ from the first language of the draft."),
    Rule("L60", "one-word", "note", (Audience.CUSTOMERS,), typed_facts.one_word,
         "A typed fact that is not clear on its own: “User impact: delayed” does not say what is delayed."),
    Rule("L61", "doubtful-recovery", "note", (Audience.CUSTOMERS,), typed_facts.doubtful_recovery,
         "At stage monitoring, a message with “still”, “some”, or “gradually” while every component is operational."),
)  # fmt: skip
"""All rules in numerical order. A new rule is one function and one row."""


def lint(subject: Subject, organisation: Organisation) -> tuple[Finding, ...]:
    """All findings: first in the title, then in the body in reading order, then what is missing."""
    context = LintContext(subject, organisation)
    off = {name.casefold() for name in organisation.lint.off}
    found = [
        Finding(
            rule.id, hit.weight, subject.audience, hit.words, hit.reason, hit.suggestion, hit.start, hit.end,
            hit.in_title, hit.approver, _fact(hit, subject),
        )
        for rule in RULES
        if subject.audience in rule.audiences and not off & {rule.id.casefold(), rule.name}
        for hit in _few(rule, context)
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda one: (one.start == one.end, not one.in_title, one.start, one.rule)))


def _few(rule: Rule, context: LintContext) -> Iterator[Hit]:
    """The first findings; of overlapping ones, the heaviest and longest."""
    hits = list(dict.fromkeys(islice(rule.find(context), PER_RULE)))
    hits.sort(key=lambda hit: (hit.weight is not Weight.BLOCKER, hit.start - hit.end))
    return (hit for number, hit in enumerate(hits) if not any(map(hit.overlaps, hits[:number])))


def _fact(hit: Hit, subject: Subject) -> str:
    """The key of the fact that contains the words; free text has none."""
    text, facts = subject.title if hit.in_title else subject.body, subject.facts
    words = text[hit.start : hit.end].casefold()
    typed = {key: value for key, value in facts if isinstance(value, str) and key not in _FREE}
    typed |= {**facts.notes, **facts.translated.get(subject.language, {})}
    key = next((key for key, value in typed.items() if words and words in value.casefold()), "")
    return "not" if key == "avoid" else key
