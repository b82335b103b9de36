"""Machines and addresses: host names of all conventions, pods, cloud resources, IP and hardware addresses."""

import re
from collections.abc import Iterator
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

from bot.domain.hosts import plain_host
from bot.domain.lint.context import REACH, CheckedText, Hit, LintContext, either
from bot.domain.lint.findings import Weight
from bot.domain.lint.patterns import Phrases
from bot.domain.lint.word_lists import ENVIRONMENTS, MACHINES, MANNERS, ROLES, SHORT_ENVIRONMENTS, TECHNICAL

Network = IPv4Network | IPv6Network

_TOKEN = re.compile(
    r"(?<![\w.@/:#-])(?=[a-z0-9_.-]{0,40}[-_.0-9])[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*(?![\w-])", re.IGNORECASE
)
_TICKET_LIKE = re.compile(r"[A-Z][A-Z0-9]*-\d+")
_REGION = re.compile(
    r"(?<![a-z])(?:us|eu|ap|sa|ca|me|af|il|mx|cn)-(?:gov-)?"
    r"(?:(?:north|south|east|west|central){1,2})-?\d(?![0-9])(?:[a-f](?![a-z0-9]))?"
)
_NUMBERED = re.compile(r"([a-z]+)(\d{1,5})[a-z]?")
_SITE = re.compile(r"[a-z]{2,4}\d{1,2}[a-z]?")  # fra1, dc2, use1
_POD_HASH = re.compile(r"(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz2-9]{5}")
_ANY_HASH = re.compile(r"[bcdfghjklmnpqrstvwxz2-9]{5}")
_SET_HASH = re.compile(r"(?=[a-z]*\d)[bcdfghjklmnpqrstvwxz2-9]{8,10}")
_INTERNAL_END = re.compile(
    r"\.(?:internal|local|localdomain|corp|lan|intranet|intra|svc|consul|cluster|dmz|mgmt|private|prod|stg|staging"
    r"|k8s|dc\d{1,2}|rack\d{1,2})$"
    r"|\.(?:internal|corp|intranet|svc|consul)\.|\.(?:rds|elb|cache|compute-1|compute)\.amazonaws\.com$"
    r"|\.cloudapp\.azure\.com$|^ec2(?:-\d{1,3}){4}\."
)
_ADDRESS_NAME = re.compile(r"^(?:ip|ec2|host)(?:-\d{1,3}){4}(?:$|\.)")
_CLOUD = Phrases(
    r"\barn:aws[\w-]{0,10}:[\w:/*.@+=-]{3,200}",
    r"(?<![\w-])(?:i|vol|vpc|subnet|eni|ami|snap|rtb|igw|nat|acl|sg|eipalloc|tgw|lt|pcx|vpce)"
    r"-(?=[a-f]{0,16}\d)[0-9a-f]{8}(?:[0-9a-f]{9})?(?![\w-])",
    r"/subscriptions/[0-9a-f]{8}-[\w/.-]{4,200}",
    r"\bprojects/[a-z][\w-]{4,40}/(?:zones|regions|locations|instances|global)/[\w/.-]{1,200}",
    r"(?<![\w.-])localhost(?![\w.-])",
)
_IPV4 = re.compile(
    r"(?<![\w.-])(?:\d{1,3}(?:[.\u3002]|\[\.\])){2}(?:\d{1,3}|[x*](?=\.))(?:[.\u3002]|\[\.\])(?:\d{1,3}(?:/\d{1,2})?(?![\w-]|\.\d)"
    r"|[x*](?!\w))"
)
_IPV6 = re.compile(r"(?<![\w:.])(?=[0-9A-Fa-f:]{0,8}:)(?=[:A-Fa-f]{0,8}\d)[0-9A-Fa-f:]{3,39}(?:/\d{1,3})?(?![\w:])")
_HARDWARE = re.compile(r"(?<![\w:-])[0-9A-Fa-f]{2}(?:([:-])[0-9A-Fa-f]{2})(?:\1[0-9A-Fa-f]{2}){4}(?![\w:-])")
_VERSION = either(
    r"\b(?:versions?|releases?|builds?|firmware|upgraded?|update[ds]?|(?:older|newer|earlier|later) than|sdk|cli"
    r"|driver)"
    r"(?: (?:to|from|is|of|the|below|above|before|after))? ?(?:[\d.]{3,20}(?:,| and| or| to)? )?v?$"
)
_EXAMPLE = re.compile(r"\bfor example,? (?:[\w.:]{2,45} (?:and|or|became|to) )?[\w:]{0,20}$", re.IGNORECASE)
_LISTED = either(
    r"\b(?:allow|safe|white)[- ]?list", r"\bfirewalls?\b", r"\bhosts file", r"\bresolver", r"\bname server"
)
_REACH_US = either(
    r"\b(?:point|connect|switch|change|set|add|use|configure)\b[^.!?]{0,60}?\b(?:to|in|your|directly|instead|dns)\b",
)  # fmt: skip
_OURS_ONLY = tuple(
    ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10",
                    "fc00::/7", "fe80::/10", "::1/128")
)  # fmt: skip


def internal_host(context: LintContext) -> Iterator[Hit]:
    """L02: built-in conventions and the patterns of the configuration."""
    name = context.affected or "the service that users know"
    own: tuple[re.Pattern[str] | Phrases, ...] = tuple(
        _compiled(pattern) for pattern in context.organisation.lint.internal_hosts
    )
    for pattern in (_TOKEN, _CLOUD, *own):
        for text, found in context.find(pattern):
            if pattern is not _TOKEN or is_machine(found[0]):
                yield text.hit(found.span(), "“{words}” is an internal name.", f"Name the component instead: {name}.")


@lru_cache(maxsize=4096)
def is_machine(token: str) -> bool:
    """Whether a word names a machine, a pod, or a container instead of anything customers know."""
    if len(token) > 200 or _TICKET_LIKE.fullmatch(token):
        return False
    word = token.lower()
    if _INTERNAL_END.search(word) or _ADDRESS_NAME.search(word):
        return True
    host, dot, _rest = word.partition(".")
    without_region = _REGION.sub("", host).strip("-_")
    if without_region != host and any(part in ROLES for part in re.split(r"[-_]", without_region)):
        return True
    parts = [part for part in re.split(r"[-_]", without_region) if part]
    if len(parts) < 2:
        return bool(parts) and _is_numbered(parts[0], alone=not dot)
    return not dot and (_is_pod(parts) or _is_named_by_role(parts))


def _is_named_by_role(parts: list[str]) -> bool:
    """`app-server-14`, `fra1-lb02`, `pg-primary`, `edge-prod-12`, `web-prod-a`."""
    last, stems = parts[-1], {part.rstrip("0123456789") for part in parts}
    numbered = last.isdigit() and not 1990 <= int(last) <= 2035 and len(last) <= 5
    if numbered or (_NUMBERED.fullmatch(last) and last.rstrip("0123456789") in ROLES):
        return bool(stems & ROLES) or bool(set(parts) & ENVIRONMENTS)
    first = _NUMBERED.fullmatch(parts[0])
    if first and first[1] in ROLES and re.fullmatch(r"[a-z]{1,4}\d{1,4}", last):  # rack4-u12
        return True
    if set(parts) & SHORT_ENVIRONMENTS and not set(parts) & {"non", "pre", "post", "in", "to"}:
        return True
    if set(parts) & ENVIRONMENTS and any(part.isdigit() or _SITE.fullmatch(part) for part in parts):
        return True
    return bool(stems & TECHNICAL) and any(
        (part in MANNERS or _SITE.fullmatch(part)) and part.rstrip("0123456789") not in TECHNICAL for part in parts
    )


def _is_pod(parts: list[str]) -> bool:
    if len(parts) < 3 and not (len(parts) == 2 and _SET_HASH.fullmatch(parts[1])):
        return False
    last, before = parts[-1], parts[-2]
    if before.isdigit() and len(before) >= 7 and len(last) == 5:  # of a scheduled job
        return True
    replicated = _SET_HASH.fullmatch(before) and _ANY_HASH.fullmatch(last)
    return bool(replicated or _POD_HASH.fullmatch(last) or _SET_HASH.fullmatch(last))


def _is_numbered(word: str, *, alone: bool) -> bool:
    """`db03`, `lb2`, `web01`; in a dotted name, any role with a number."""
    found = _NUMBERED.fullmatch(word)
    if not found or found[1] not in ROLES or found[1] in ("k8s", "a", "b"):
        return False
    return not alone or found[1] in MACHINES or found[2].startswith("0")


def ip_address(context: LintContext) -> Iterator[Hit]:
    """L03: IP addresses, except in networks that customers may read; a public one to be entered is a warning."""
    allowed = [network for text in context.organisation.lint.allowed_addresses if (network := _network(text))]
    for pattern in (_IPV4, _IPV6, _HARDWARE):
        for text, found in context.find(pattern, whole=True):
            network = _network(plain_host(found[0].replace("[.]", ".")))
            if pattern is not _HARDWARE and not re.search(r"[x*]", found[0]):
                if network is None or any(_within(network, other) for other in allowed):
                    continue
                if _VERSION.search(text.plain, max(0, found.start() - 60), found.start()):
                    continue
            public = network is not None and not any(_within(network, other) for other in _OURS_ONLY)
            harmless = (public and _is_advice(text, found.start())) or _EXAMPLE.search(
                text.plain, max(0, found.start() - 80), found.start()
            )
            weight = Weight.WARNING if harmless else Weight.BLOCKER
            instead = "Name the component instead. If customers need the address, add it to lint.allowed_addresses."
            yield text.hit(found.span(), "“{words}” is a network address.", instead, weight)


def _is_advice(text: CheckedText, at: int) -> bool:
    start, end = text.sentence(at)
    return bool(_REACH_US.search(text.plain, start, end) or _LISTED.search(text.plain, max(0, at - REACH), end))


@lru_cache(maxsize=64)
def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern, re.IGNORECASE)
    except re.error:  # then its characters are meant literally
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
