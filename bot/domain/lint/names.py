"""Names: colleagues, customers, suppliers, code names, and tickets."""

import re
from collections.abc import Iterable, Iterator

from bot.domain.lint.context import CheckedText, Hit, LintContext, any_word, either, missing, whole_words
from bot.domain.lint.findings import Weight
from bot.domain.lint.patterns import Phrases
from bot.domain.lint.program import internal_words
from bot.domain.lint.word_lists import NO_SURNAMES, ORDINARY_NAMES, VENDORS

_TICKET = re.compile(r"(?<![\w-])([A-Z][A-Z0-9]{1,9})-\d{1,7}(?![\w-])")
_NOT_TICKETS = frozenset(("UTC", "UTF", "GMT", "RFC", "HTTP", "TLS", "RSA", "COVID", "IPV", "SEV"))
_NUMBER = Phrases(
    r"(?<![\w&/#])#\d{2,9}(?!\w)|\b(?:INC|CHG|PRB|RITM|REQ|TASK|CASE|TKT|SR|BUG|CR)\d{4,10}\b"
    r"|(?i:\b(?:ticket|jira|case|issue|bug|task|story|epic|pr|mr|pull request|merge request|change request|postmortem)"
    r"(?: number| no\.?| id)?(?: ?[#!:] ?(?:[a-z]{2,5}-)?\d{2,10}| (?:[a-z]{2,5}-)\d{1,10}| \d{4,10})\b)|\bPR"
    r" \d{2,6}\b|(?<!\w)!\d{2,7}\b"
    r"|(?i:\b(?:commit|sha|changeset|revision|rev|hash|build|deploy|release)\b):? (?=[a-f]{0,11}\d"
    r"|[0-9]{0,11}[a-f])[0-9a-f]{7,40}\b"
    r"|\br\d{4,7}\b"
    r"|(?<![\w/.-])(?=[a-f]{0,39}\d[0-9a-f]{0,38}[a-f]"
    r"|[0-9]{1,38}[a-f])(?=[0-9a-f]*\d[a-f]*\d)[0-9a-f]{10,40}(?![\w-])",
    flags=re.NOFLAG,
)
_TEAM = (
    r"(?:networking|network|infra\w*|platform|security|engineering|ops|operations|SRE|DevOps|IT|QA|database|data"
    r"|backend"
    r"|frontend|on-call|storage|billing|payments|search|release|finance|legal|product|design|support|mobile|web)"
)
_DID = (
    r"(?:found|broke|deployed|ran|fixed|pushed|rolled|deleted|noticed|forgot|made|changed|merged|restarted|caused"
    r"|reverted"
    r"|dropped|approved|typed|mistyped|misread|overlooked|clicked|wrote|unplugged|removed|updated|saw|spotted|missed)"
)
_NAMED = r"[A-Z][a-z]{1,14}(?: [A-Z][a-z]{1,18})?"
_PERSON = (
    re.compile(
        rf"(?<!\w)(?!(?:Our|The|This|That|It|We|They|Some|Data|Traffic)\b)"
        rf"(?:{_NAMED}(?<!s)|Chris|James|Thomas|Lucas|Jonas|Carlos|Marcus|Dennis|Andreas|Hans|Klaus|Lars|Jess|Ross)"
        rf" (?:from|in|on|of) (?:our |the )?{_TEAM}(?: team| department)?(?=,? (?:has |had |have )?(?:who |also "
        rf"|just )?"
        rf"(?:{_DID}|[a-z]{{3,12}}ed|told|ran|saw|is (?:on|looking|working|fixing)|will|thinks|says|said|knows)\b)"
    ),
    re.compile(
        rf"(?<=[;:,.] )[A-Z][a-z]{{1,14}} (?=(?:{_DID[3:-1]}) (?:the wrong|a wrong|the bad|a bad|the mistake)\b)"
    ),
    re.compile(
        r"\b(?:engineer|developer|colleague|DBA|SRE|admin|CTO|CEO|CISO|VP|manager|commander|on-call|lead|technician)"
        r",? [A-Z][a-z]{1,14}(?: [A-Z][a-z]{1,18})?(?![\w-])"
    ),
    re.compile(
        r"\b(?:thanks to|ask|contact|call|ping|blame|text) (?:Mr|Ms|Mrs|Dr)\.? ?[A-Z][a-z]{1,18}\b|\b(?:Mr|Ms"
        r"|Mrs)\.? [A-Z][a-z]{1,18}\b"
    ),
)
_FULL_NAME = re.compile(
    r"(?<!\w)[A-Z][a-z]{1,14} [A-Z][a-z]{1,18}(?<!ing) (?=(?:found|deployed|ran|fixed|pushed|rolled|deleted|forgot"
    r"|merged"
    r"|restarted|reverted|approved|typed|mistyped|misread|overlooked|clicked|wrote|unplugged|spotted|noticed|broke) )"
)
_PLACE = re.compile(r", (?:[A-Z][a-z]{2,}|[A-Z]{2})(?![\w'])")
_COMPANY = Phrases(
    r"\b(?:[A-Z][\w&'-]{1,30} ){1,4}(?:GmbH|Inc\b\.?|Ltd\b\.?|LLC|LLP|PLC|plc|Corp\b\.?|Corporation|AG|SE|KG"
    r"|S\.?A\.?(?!\w)|SpA|BV|B\.V\.|NV|AB|Oy"
    r"|AS|Pty|K\.?K\.|Bank|Banking|Insurance|Airlines?|Airways|Hospitals?|University|College|Holdings?|Industries"
    r"|Partners|Capital"
    r"|Motors|Pharma\w*|Logistics|Telecom|Foundation|Clinic|Group|Retail|Supermarkets?|Hotels|Media)(?!\w)"
    r"|\b(?:the )?(?:[Cc]ity|[Cc]ounty|[Ss]tate|[Uu]niversity|[Bb]ank|[Mm]inistry|[Dd]epartment|[Gg]overnment"
    r"|[Mm]unicipality"
    r"|[Hh]ospital|[Pp]olice) of (?:the )?[A-Z][\w-]{2,30}"
    r"|\b(?:for|at|by|from|hit|affects?|affecting|including|like|such as|only|except) (?:the"
    r" )?[A-Z][\w&.'-]{1,30}(?: [A-Z][\w&.'-]{1,30}){0,3}"
    r"(?:,| and|, and) (?:a few|several|some|many|\w+) (?:other|more|further) (?:companies|customers|clients|tenants"
    r"|organi[sz]ations|accounts)"
    r"|\b(?:our|the|a|one) (?:largest |biggest |key |enterprise |big )?(?:customer|client|tenant|account)s? (?:named"
    r" |called )?[A-Z][\w&'-]{2,30}",
    flags=re.NOFLAG,
)
_FAMOUS = (  # what teams like to name things after
    r"(?:Apollo|Ares|Artemis|Athena|Atlas|Batman|Bifrost|Cerberus|Dragon|Eagle|Falcon|Frodo|Gandalf|Griffin|Hades|Hawk"
    r"|Helios|Hermes|Hydra|Jupiter|Kraken|Lighthouse|Loki|Medusa|Mercury|Monolith|Neptune|Nimbus|Nova|Odin|Orion"
    r"|Panther|Phoenix|Pluto|Polaris|Poseidon|Prometheus|Raven|Saturn|Sirius|Skynet|Thor|Titan|Unicorn|Valhalla|Vega"
    r"|Voyager|Vulcan|Zeus)"
)
_CODENAME = Phrases(
    r"\b(?:[Tt]he|[Oo]ur|[Ii]n|[Tt]hrough|[Vv]ia) (?:new |old )?(?!(?:API|SDK|CI|CD|AI|ML|SQL|US|EU|UK|PR"
    r"|Git)\b)[A-Z][a-z]{3,14}"
    r" (?:pipeline|cluster|backend|scheduler|rollout|project|daemon|orchestrator|rewrite|fleet|microservice|worker"
    r"|consumer|cronjob|batch job)s?\b"
    rf"|\b(?:[Tt]he|[Oo]ur|[Bb]y|[Vv]ia|[Ii]n) {_FAMOUS}(?: [a-z]+)?\b|\b{_FAMOUS} (?:is|was|has|does|fails|keeps)\b"
    rf"|(?<![\w./-])(?i:{_FAMOUS})-[a-z]{{3,15}}(?![\w-])"
    r"|\b(?:Operation|Project|[Cc]ode-?name[d]?|code name) [“\"]?[A-Z][a-z]{2,20}\b"
    r"|(?<![\w/.-])(?!(?:api|app|tls|http|ipv|version|gpt|claude|llama|gemini|whisper|oauth|saml|actions?|checkout"
    r"|setup|upload"
    r"|download|artifact|cache|codeql|stable|model|release|beta|alpha|embedding)\w*-v)[a-z]{4,15}-v\d{1,3}(?![\w.-])",
    flags=re.NOFLAG,
)
_VENDOR = any_word(VENDORS)
_SUPPLIER = Phrases(
    r"\bour (?:[\w-]{2,15} )?(?:provider|supplier|vendor|host|hoster|partner|data cent(?:er|re)|processor|carrier"
    r"|ISP|CDN)"
    r" (?:refuse[sd]?|is to blame|let us down|broke|messed|ignore[sd]?|does not (?:answer|respond|help|care)|failed"
    r" us|dropped)\b"
)
_USES = either(r"\b(?:with|via|using|through|on|for|in|to|into|from|your|and|or|like)(?: the| an?| your)? $")
_ALWAYS = re.compile(r"blam|fault|refus|due to|because|wait|is on|thanks|side", re.IGNORECASE)
_BLAMED = either(
    r"\b(?:fault|blame[sd]?|blaming|refuse[sd]?|responsib\w+|let (?:us|you) down|dropped the ball|broke|caused"
    r"|down\b|outages?|fail\w*"
    r"|incidents?|issues?|problems?|errors?|slow\w*|unavailable|messed|screwed|degraded|due to|because of|waiting"
    r" (?:for|on)|at the mercy"
    r"|nothing we can do|out of our (?:hands|control)|deleted|throttl\w*|ignor\w+|unresponsive|unreachable|offline"
    r"|thanks to|side|does not (?:answer"
    r"|respond|help)|is on)\b"
)


def ticket_key(context: LintContext) -> Iterator[Hit]:
    """L06: `OPS-991`, `#4711`, or a commit, but not `UTC-8` or `GPT-4`."""
    allowed = _NOT_TICKETS | {prefix.upper() for prefix in context.organisation.lint.allowed_tickets}
    reason = "“{words}” looks like a ticket or change number, which readers cannot open."
    for pattern in (_TICKET, _NUMBER):
        for text, found in context.find(pattern):
            if (pattern is _NUMBER or found[1] not in allowed) and not text.is_in_link(found.start()):
                yield text.hit(found.span(), reason, "Leave it out.", Weight.WARNING)


def staff_name(context: LintContext) -> Iterator[Hit]:
    """L10: people of the configuration and its staff list, by full and first name; others by what they did."""
    lists = context.organisation
    roster = (*(person.name for person in lists.people), *lists.lint.staff)
    instead = "Write “we”."
    for text, found in context.find(whole_words(_called(roster))):
        if " " in found[0] or not _PLACE.match(text.plain, found.end()):
            yield text.hit(found.span(), "“{words}” is the name of a colleague.", instead)
    for pattern in (*_PERSON, _FULL_NAME):
        yield from context.hits(pattern, "“{words}” names a person.", instead, unless=_is_thing)


def customer_name(context: LintContext) -> Iterator[Hit]:
    """L11: the customers in the configuration block; other apparent company names are a warning."""
    instead = "Write “some customers”, and say which ones in general terms."
    known = whole_words(context.organisation.lint.customers)
    yield from context.hits(known, "“{words}” is the name of a customer.", instead)
    reason = "“{words}” may be the name of a customer."
    yield from context.hits(_COMPANY, reason, instead, Weight.WARNING, unless=_is_vendor)


def vendor(context: LintContext) -> Iterator[Hit]:
    """L23: a supplier mentioned with a failure. The organization's policy decides the weight."""
    policy = context.organisation.lint.vendors
    if policy == "allow":
        return
    weight = Weight.BLOCKER if policy == "block" else Weight.WARNING
    reason = "“{words}” blames a supplier. To customers, it is your service that is failing."
    instead = "Write “one of our suppliers”, or leave it out."
    yield from context.hits(_SUPPLIER, reason, instead, weight)
    for text, found in context.find(_VENDOR):
        if text.is_in_link(found.start()):
            continue
        start, end = text.sentence(found.start())
        as_a_feature = _USES.search(text.plain, max(start, found.start() - 16), found.start())
        blamed = _BLAMED.search(text.plain, start, end)
        if blamed and (not as_a_feature or _ALWAYS.match(blamed[0])):
            yield text.hit(found.span(), reason, instead, weight)


def code_name(context: LintContext) -> Iterator[Hit]:
    """L33: internal names."""
    reason = "“{words}” looks like an internal name."
    return context.hits(_CODENAME, reason, "Use the name that customers know.", Weight.WARNING, unless=_is_vendor)


def audience_leak(context: LintContext) -> Iterator[Hit]:
    """L49: words from internal texts, or any text of a private incident."""
    if context.subject.private:
        yield missing(
            "The incident is private, so nothing about it can be published.",
            "Make it visible first, with “private no”.",
            Weight.BLOCKER,
        )
    yield from internal_words(context)


def _is_vendor(_text: CheckedText, found: re.Match[str]) -> bool:
    return bool(_VENDOR.search(found[0]))


def _is_thing(text: CheckedText, found: re.Match[str]) -> bool:
    """Exclude capitalized words that are not people: `Pull Requests deployed`."""
    capitals = [word for word in found[0].split() if word[:1].isupper()]
    return _is_vendor(text, found) or any(word.casefold() in NO_SURNAMES for word in capitals)


def _called(roster: Iterable[str]) -> tuple[str, ...]:
    firsts = (name.split()[0] for name in roster if name.split())
    usable = {first for first in firsts if len(first) > 1 and first.casefold() not in ORDINARY_NAMES}
    return tuple(sorted({name for name in roster if " " in name.strip()} | usable))
