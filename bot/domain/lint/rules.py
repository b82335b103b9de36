"""The rules: one row each, with all that the reference page says about it, and the lint that runs them."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from bot.domain.audiences import Audience
from bot.domain.lint import claims, contacts, drift, hosts, names, program, repairs, shape, state, times, typed
from bot.domain.lint.findings import Finding, Subject, Weight
from bot.domain.lint.reading import Hit, Reading
from bot.domain.organisation import Organisation

PER_RULE = 20  # findings of one rule in one text; nobody reads more

_ALL = tuple(Audience)
_OUTSIDE = tuple(audience for audience in Audience if audience is not Audience.INTERNAL)
_LONG = tuple(audience for audience in _OUTSIDE if audience is not Audience.SOCIAL)
_PLAIN = tuple(audience for audience in _OUTSIDE if audience is not Audience.DEVELOPERS)

_FREE = ("message",)  # facts that are typed without a key

BLOCKER = "blocker"
WARNING = "warning"
GRAVE = "blocker at SEV1 and SEV2, else warning"


@dataclass(frozen=True)
class Rule:
    """One rule; `weight` and `doc` are for people."""

    id: str
    name: str
    weight: str
    audiences: tuple[Audience, ...]
    find: Callable[[Reading], Iterable[Hit]]
    doc: str  # one sentence


RULES = (
    Rule("L01", "secret", BLOCKER, _ALL, program.secret, "No token, key, password or long random word leaves."),
    Rule("L02", "internal-host", BLOCKER, _OUTSIDE, hosts.internal_host,
         "No name of a machine of ours, such as edge-prod-12 or db.internal; `lint.internal_hosts` adds patterns."),
    Rule("L03", "ip-address", BLOCKER, _OUTSIDE, hosts.ip_address,
         "No IPv4 or IPv6 address, but those within `lint.allowed_addresses`."),
    Rule("L04", "contact", "blocker; a mailbox such as support@ is a warning", _OUTSIDE, contacts.contact,
         "No e-mail address or phone number, but those in `lint.allowed_contacts`."),
    Rule("L05", "mention", "blocker; a plain @name is a warning", _OUTSIDE, contacts.mention,
         "Nothing that a chat platform turns into a mention of people, groups or channels."),
    Rule("L06", "ticket-key", WARNING, _OUTSIDE, names.ticket_key,
         "No ticket number such as OPS-991; `lint.allowed_tickets` names prefixes that are none, such as GPT."),
    Rule("L07", "private-link", "blocker; other hosts that are not allowed are a warning", _OUTSIDE,
         contacts.private_link,
         "No link to chat, dashboards or documents of ours, and none to hosts outside `lint.allowed_hosts`."),
    Rule("L08", "trace-or-sql", BLOCKER, _OUTSIDE, program.trace_or_sql, "No stack trace, exception or query."),
    Rule("L09", "placeholder", BLOCKER, _ALL, program.placeholder,
         "No hole such as [TIME], {{ time }}, TBD or None where a value should stand."),
    Rule("L10", "staff-name", BLOCKER, _OUTSIDE, names.staff_name,
         "No name of a colleague: the people of the configuration and `lint.staff`, by first name too."),
    Rule("L11", "customer-name", BLOCKER, _OUTSIDE, names.customer_name, "No name of `lint.customers`."),
    Rule("L12", "missing-next-update", GRAVE, _LONG, times.missing_next_update,
         "While the incident is open, the text says when the next update comes."),
    Rule("L13", "promise-mismatch", "blocker; in a correction a time that has passed is a warning", _OUTSIDE,
         times.promise_mismatch, "Every promised time in the text is the one in the record, and lies ahead."),
    Rule("L14", "vague-update", WARNING, _OUTSIDE, repairs.vague_update,
         "No “more soon” or “stay tuned”: the next update has a time."),
    Rule("L15", "time-without-zone", BLOCKER, _OUTSIDE, times.time_without_zone,
         "Every time of day has a zone; a range or list carries it once, at its end."),
    Rule("L18", "eta-promise", "blocker; a warning at identified where the policy asks for an approver", _OUTSIDE,
         repairs.eta_promise, "While the incident is open, no repair time is promised."),
    Rule("L20", "speculation", BLOCKER, _OUTSIDE, claims.speculation, "No guess: we think, probably, may be due to."),
    Rule("L21", "cause-too-early", WARNING, _OUTSIDE, claims.cause_too_early,
         "No cause at investigating, and none that the facts do not hold as confirmed."),
    Rule("L22", "blame-person", BLOCKER, _OUTSIDE, claims.blame_person, "No blame of an engineer, contractor or user."),
    Rule("L23", "vendor", "as `lint.vendors` says: a warning, a blocker or nothing", _OUTSIDE, names.vendor,
         "No supplier is named as the one at fault."),
    Rule("L24", "bare-boilerplate", GRAVE, _OUTSIDE, shape.bare_boilerplate,
         "An open incident's text is more than “We are currently investigating this issue.”"),
    Rule("L25", "bare-resolved", WARNING, _LONG, shape.bare_resolved,
         "The closing text is more than “This incident has been resolved.”"),
    Rule("L26", "no-impact", WARNING, _LONG, shape.no_impact,
         "The first text says what users see, or in which service."),
    Rule("L28", "resolved-no-window", WARNING, _LONG, shape.resolved_no_window,
         "The closing text says from when to when, or how long."),
    Rule("L29", "data-loss-unstated", "warning at SEV1 and SEV2", _LONG, shape.data_loss_unstated,
         "The closing text says whether data was lost."),
    Rule("L30", "security-word", "warning; needs the security approver", _OUTSIDE, claims.security_word,
         "Breach, leak, attack, data loss and their like go out only with the security approver; denials may pass."),
    Rule("L31", "liability", WARNING, _OUTSIDE, claims.liability,
         "No refund, credit or compensation is promised, and no negligence or breach of contract admitted."),
    Rule("L32", "jargon", "note", _PLAIN, claims.jargon,
         "No word of ours that readers do not use; `lint.jargon` adds words and what to write instead."),
    Rule("L33", "code-name", WARNING, _OUTSIDE, names.code_name,
         "No code name, such as “the Falcon pipeline” or “Project Lighthouse”."),
    Rule("L37", "too-long", WARNING, _OUTSIDE, shape.too_long,
         "While the incident is open up to 600 characters, 280 for social with its link; titles up to 80."),
    Rule("L39", "duplicate", WARNING, _OUTSIDE, shape.duplicate,
         "The text differs from the update before it by more than a twentieth; “no change” is exempt."),
    Rule("L40", "stage-text-conflict", BLOCKER, _OUTSIDE, state.stage_text_conflict,
         "No “resolved” while open, no “investigating” at resolved, no “fix implemented” before that stage."),
    Rule("L41", "status-conflict", BLOCKER, _OUTSIDE, state.status_conflict,
         "Closing needs every component operational, monitoring those said to work, a text of failure one that fails."),
    Rule("L47", "markup", BLOCKER, _ALL, shape.markup, "Plain text only: no markup, no HTML, no hidden characters."),
    Rule("L49", "audience-leak", BLOCKER, _OUTSIDE, names.audience_leak,
         "No internal words such as SEV1 outside, and nothing of a private incident."),
    Rule("L50", "length-per-channel", BLOCKER, _ALL, shape.length_per_channel,
         "At most 2,000 characters for Discord and 3,000 for Slack."),
    Rule("L53", "language-drift", WARNING, _OUTSIDE, drift.language_drift,
         "Every language of one draft has the numbers, times, addresses and components of the first."),
    Rule("L60", "one-word", "note", (Audience.CUSTOMERS,), typed.one_word,
         "A typed fact says enough to be understood alone: not “User impact: delayed”, but what is delayed."),
    Rule("L61", "doubtful-recovery", "note", (Audience.CUSTOMERS,), typed.doubtful_recovery,
         "At monitoring, a message with “still”, “some” or “gradually” names what is not operational yet."),
)  # fmt: skip
"""In the order of their numbers. A new rule is one function and one row."""


def lint(subject: Subject, organisation: Organisation) -> tuple[Finding, ...]:
    """All findings: title first, then body in reading order, then what is missing."""
    reading = Reading(subject, organisation)
    found = (_finding(rule, hit, subject) for rule in _applying(subject, organisation) for hit in _few(rule, reading))
    return tuple(sorted(found, key=lambda one: (one.start == one.end, not one.in_title, one.start, one.rule)))


def _applying(subject: Subject, organisation: Organisation) -> Iterator[Rule]:
    off = {name.casefold() for name in organisation.lint.off}
    for rule in RULES:
        if subject.audience in rule.audiences and not off & {rule.id.casefold(), rule.name}:
            yield rule


def _few(rule: Rule, reading: Reading) -> Iterator[Hit]:
    """The first ones; of those that overlap, the heaviest and longest."""
    hits = list(dict.fromkeys(islice(rule.find(reading), PER_RULE)))
    hits.sort(key=lambda hit: (hit.weight is not Weight.BLOCKER, hit.start - hit.end))
    return (hit for number, hit in enumerate(hits) if not any(_overlap(hit, other) for other in hits[:number]))


def _overlap(one: Hit, other: Hit) -> bool:
    return one.in_title == other.in_title and one.start < other.end and other.start < one.end


def _finding(rule: Rule, hit: Hit, subject: Subject) -> Finding:
    return Finding(
        rule.id,
        hit.weight,
        subject.audience,
        hit.words,
        hit.reason,
        hit.suggestion,
        hit.start,
        hit.end,
        hit.in_title,
        hit.approver,
        _fact(hit, subject),
    )


def _fact(hit: Hit, subject: Subject) -> str:
    """The key under which the words found were typed; free text has none."""
    text, facts = subject.title if hit.in_title else subject.body, subject.facts
    words = text[hit.start : hit.end].casefold()
    typed = {key: value for key, value in facts if isinstance(value, str) and key not in _FREE}
    typed |= {**facts.notes, **facts.translated.get(subject.language, {})}
    key = next((key for key, value in typed.items() if words and words in value.casefold()), "")
    return "not" if key == "avoid" else key
