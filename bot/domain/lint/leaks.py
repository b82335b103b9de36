"""What must stay inside: secrets, hosts, addresses, mentions, tickets, links, program text, names, internal words."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from bot.domain.lint.findings import Weight
from bot.domain.lint.reading import Hit, Reading, missing, shortened, whole_words
from bot.domain.lint.secrets import find_secrets
from bot.domain.lint.words import ORDINARY_NAMES

Network = IPv4Network | IPv6Network

_HOSTS = (
    # name.internal, name.svc.cluster.local
    r"(?<![\w@-])(?:[a-z0-9-]{1,63}\.){1,8}(?:internal|local|localdomain|corp|lan|intranet|intra|svc|consul)\b(?![\w-])",
    # edge-prod-12, prod-db-03, api-staging-us-2
    r"(?<![\w-])(?=[a-z0-9-]{0,80}\d)(?:[a-z][a-z0-9]{0,30}-){1,6}(?:prod|production|prd|stag|staging|stg|preprod|canary)"
    r"(?:-[a-z0-9]{1,30}){1,6}(?![\w-])",
    r"(?<![\w-])(?:prod|production|prd|staging|stg|preprod|canary)(?:-[a-z]{1,30}){0,5}-(?:[a-z]{1,30}-?)?\d{1,6}(?![\w-])",
    # ip-10-2-0-4
    r"(?<![\w-])ip(?:-\d{1,3}){4}(?![\w-])",
    # a pod: api-7d9f8b6c5-x2x9k; such names have no vowels
    r"(?<![\w-])[a-z][a-z0-9-]{1,60}-[bcdfghjklmnpqrstvwxz2-9]{8,10}-[bcdfghjklmnpqrstvwxz2-9]{5}(?![\w-])",
    r"(?<![\w.-])localhost(?![\w.-])",
)
_BUILT_IN_HOSTS = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _HOSTS)
_IPV4 = re.compile(r"(?<![\w.-])(?<!version )(?:\d{1,3}\.){3}\d{1,3}(?:/\d{1,2})?(?![\w-]|\.\d)", re.IGNORECASE)
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,8}:)(?=[:A-Fa-f]{0,8}\d)[0-9A-Fa-f:]{3,39}(?:/\d{1,3})?(?![\w:])")
_MENTION = re.compile(r"<(?:@[!&]?|#|!)[A-Za-z0-9^][^<>\n]{0,100}>")
_EVERYBODY = re.compile(r"(?<![\w.@])@(?:everyone|here|channel)\b", re.IGNORECASE)
_AT_NAME = re.compile(r"(?<![\w.@/<])@(?!(?:everyone|here|channel)\b)[A-Za-z][\w.-]{0,38}\b", re.IGNORECASE)
_TICKET = re.compile(r"(?<![\w-])([A-Z][A-Z0-9]{1,9})-\d{1,7}(?![\w-])")
_NOT_TICKETS = frozenset(("UTC", "UTF", "GMT", "RFC", "HTTP", "TLS", "RSA", "COVID", "IPV", "SEV"))
_PRIVATE_HOST = re.compile(
    r"(?:^|\.)(?:slack\.com|atlassian\.net|pagerduty\.com|opsgenie\.com|grafana\.net|datadoghq\.(?:com|eu)|newrelic\.com"
    r"|splunkcloud\.com|honeycomb\.io|sentry\.io|docs\.google\.com|drive\.google\.com|meet\.google\.com|zoom\.us|notion\.so"
    r"|teams\.microsoft\.com|sharepoint\.com|linear\.app|app\.incident\.io|rootly\.com|discord\.gg)$"
    r"|^(?:grafana|kibana|prometheus|jira|confluence|wiki|jenkins|argocd|runbooks?|dashboards?|pagerduty|sentry)\."
)
_PRIVATE_PATH = re.compile(r"^(?:https?://)?(?:www\.)?discord(?:app)?\.com/channels/", re.IGNORECASE)
_PROGRAM_TEXT = re.compile(
    r"Traceback \(most recent call last\)|File \"[^\"\n]{1,200}\", line \d+|\bpanic: |\bgoroutine \d+ \["
    r"|\bat [\w.$<>/]{1,200}\([\w.$ /]{1,100}:\d+(?::\d+)?\)|\b[A-Z]\w{1,60}Exception\b"
    r"|\b[Ss]egmentation fault\b|\bcore dumped\b|\bSQLSTATE\b|\bORA-\d{5}\b"
    r"|\bSELECT\s[^.;]{1,200}?\sFROM\s|(?i:\bselect \* from\b)"
    r"|\bINSERT INTO \w|\bDELETE FROM \w|\bUPDATE \w{1,60} SET\b"
)
_HOLE = (
    r"(?:time|date|name|component|service|product|link|url|region|cause|symptom|scope|impact|duration|since|start|end"
    r"|eta|zone|promise|next update|number|percentage)s?"
)
_NO_VALUE = r"(?:None|null|undefined|NaN)"
_PLACEHOLDER = re.compile(
    r"\{\{[^{}]{0,200}\}{0,2}|\{%[^{}]{0,200}\}?|\}\}|%\}|\$\{[^{}]{0,100}\}?"
    rf"|(?i:\[(?:[a-z]{{1,15}} ){{0,3}}{_HOLE}(?: [a-z]{{1,15}}){{0,3}}\](?!\())"
    r"|(?i:\[(?:insert|your) [^\]\n]{1,60}\])"
    r"|\b(?:TODO|TBD|TBC|FIXME|XXX)\b|\bHH:MM\b|\bhh:mm\b|\bXX:XX\b|(?i:\blorem ipsum\b)"
    rf"|(?:(?<=[:=])|(?<=[:=] )|(?<=\b(?:by|at|to) )|(?<=\bfrom )|(?<=\b[Ss]ince )|(?<=\buntil )){_NO_VALUE}\b"
    r"(?=\s*(?:[.,;)(]|$))"
    rf"|(?:^|(?<=[.!?\n] )|(?<=\n)){_NO_VALUE}(?=\s*(?:[.,;\n]|$))"
)
_INTERNAL_WORDS = re.compile(
    r"\bSEV[ -]?[1-4]\b|(?i:\binternal(?: use)? only\b|\bfor internal use\b|\bnot for customers\b)"
)


def secret(reading: Reading) -> Iterator[Hit]:
    """L01: shown masked, so that the finding does not spread it."""
    link = reading.subject.link
    for text in reading.texts:
        without_link = text.plain.replace(link, " " * len(link)) if link else text.plain
        for found in find_secrets(without_link):
            span = (found.start, found.end)
            masked = f"{text.raw[text.raw_span(span)[0] :][:4]}…"
            instead = "Take it out, and replace it where it is used: it has been read here."
            yield text.hit(span, f"“{{words}}” looks like {found.kind}.", instead, words=masked)


def internal_host(reading: Reading) -> Iterator[Hit]:
    """L02: built-in patterns and those of the configuration."""
    name = reading.affected or "the service that users know"
    own = tuple(_compiled(pattern) for pattern in reading.organisation.lint.internal_hosts)
    for pattern in (*_BUILT_IN_HOSTS, *own):
        for text, found in reading.find(pattern):
            yield text.hit(found.span(), "“{words}” is an internal name.", f"Name the component instead: {name}.")


def ip_address(reading: Reading) -> Iterator[Hit]:
    """L03: IPv4 and IPv6, but the networks that customers may read."""
    allowed = [network for text in reading.organisation.lint.allowed_addresses if (network := _network(text))]
    for pattern in (_IPV4, _IPV6):
        for text, found in reading.find(pattern):
            network = _network(found[0])
            if network and not any(_within(network, other) for other in allowed):
                yield text.hit(
                    found.span(),
                    "“{words}” is a network address.",
                    "Name the component instead; addresses meant for customers go into lint.allowed_addresses.",
                )


def mention(reading: Reading) -> Iterator[Hit]:
    """L05: what a chat platform turns into a call for attention."""
    instead = "Write “we” or “our engineers”."
    for pattern in (_MENTION, _EVERYBODY):
        for text, found in reading.find(pattern):
            yield text.hit(found.span(), "“{words}” would call people in the channels of customers.", instead)
    for text, found in reading.find(_AT_NAME):
        if not reading.component_names.fullmatch(found[0][1:]):
            reason = "“{words}” may call somebody of that name in the channels of customers."
            yield text.hit(found.span(), reason, instead, Weight.WARNING)


def ticket_key(reading: Reading) -> Iterator[Hit]:
    """L06: `OPS-991`, but not `UTC-8` or `GPT-4`."""
    allowed = _NOT_TICKETS | {prefix.upper() for prefix in reading.organisation.lint.allowed_tickets}
    for text, found in reading.find(_TICKET):
        if found[1] not in allowed:
            reason = "“{words}” looks like the number of a ticket, which readers cannot open."
            yield text.hit(found.span(), reason, "Leave it out.", Weight.WARNING)


def private_link(reading: Reading) -> Iterator[Hit]:
    """L07: hosts only we can open block; others that are not allowed are a warning."""
    listed = {reading.status_host, *(name.lower() for name in reading.organisation.lint.allowed_hosts)}
    for text in reading.texts:
        for link in text.links:
            if link.host in listed:
                continue
            span = (link.start, link.end)
            if _PRIVATE_HOST.search(link.host) or _PRIVATE_PATH.search(link.address):
                yield text.hit(
                    span, "“{words}” leads to a place that only we can open.", "Link to the status page instead."
                )
            elif "://" in link.address and not reading.allows(link.host):
                reason = f"“{shortened(link.host)}” is not among the hosts that customers are sent to."
                instead = "Link to the status page instead, or add the host to lint.allowed_hosts."
                yield text.hit(span, reason, instead, Weight.WARNING)


def trace_or_sql(reading: Reading) -> Iterator[Hit]:
    """L08: stack traces, exceptions and queries."""
    for text, found in reading.find(_PROGRAM_TEXT):
        yield text.hit(found.span(), "“{words}” is program text.", "Describe what users see: “requests return errors”.")


def placeholder(reading: Reading) -> Iterator[Hit]:
    """L09: holes that nobody filled."""
    for text, found in reading.find(_PLACEHOLDER):
        yield text.hit(
            found.span(), "“{words}” stands where a value should.", "Put the value there, or leave the sentence out."
        )


def staff_name(reading: Reading) -> Iterator[Hit]:
    """L10: the people of the configuration and its staff list, by whole and first name."""
    lists = reading.organisation
    roster = (*(person.name for person in lists.people), *lists.lint.staff)
    for text, found in reading.find(whole_words(_called(roster))):
        yield text.hit(
            found.span(), "“{words}” is the name of a colleague.", "Write “we”: readers deal with the company."
        )


def customer_name(reading: Reading) -> Iterator[Hit]:
    """L11: the customers of the configuration."""
    for text, found in reading.find(whole_words(reading.organisation.lint.customers)):
        yield text.hit(
            found.span(), "“{words}” is the name of a customer.", "Write “some customers”, and which part of them."
        )


def audience_leak(reading: Reading) -> Iterator[Hit]:
    """L49: words of internal texts, or any text of a private incident."""
    if reading.subject.private:
        yield missing(
            "The incident is private, so no text of it may leave.",
            "Make it public first, with “private no”.",
            Weight.BLOCKER,
        )
    for text, found in reading.find(_INTERNAL_WORDS):
        yield text.hit(found.span(), "“{words}” belongs to internal texts only.", "Leave it out.")


def _called(roster: Iterable[str]) -> tuple[str, ...]:
    firsts = (name.split()[0] for name in roster if name.split())
    usable = {first for first in firsts if len(first) > 1 and first.casefold() not in ORDINARY_NAMES}
    return tuple(sorted({name for name in roster if " " in name.strip()} | usable))


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error:  # then its characters are meant
        return re.compile(re.escape(pattern), re.IGNORECASE)


def _network(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _within(network: Network, other: Network) -> bool:
    if isinstance(network, IPv4Network) and isinstance(other, IPv4Network):
        return network.subnet_of(other)
    return isinstance(network, IPv6Network) and isinstance(other, IPv6Network) and network.subnet_of(other)
