"""Program text and placeholders: stack traces, error messages of machines, queries, and commands."""

import re
from collections.abc import Iterator

from bot.domain.lint.context import Hit, LintContext
from bot.domain.lint.findings import Weight
from bot.domain.lint.patterns import Phrases
from bot.domain.lint.secrets import find_secrets

_SOURCE = r"(?:java|kt|scala|py|go|js|mjs|ts|tsx|jsx|rb|cs|php|cpp|cc|c|rs|ex|erl|swift)"
_TRACE = Phrases(
    r"Traceback \(most recent call last\)|File \"[^\"\n]{1,200}\", line \d+|\bpanic: |\bgoroutine \d+\b"
    rf"|\bat [\w.$<>/]{{1,200}} ?\([\w.$ /:\\-]{{1,100}}:\d+(?::\d+)?\)|\bx509: |\brpc error: "
    rf"|(?<![\w.-])[\w-]{{1,60}}\.{_SOURCE}:\d+"
    r"|\b[A-Z][a-z]\w{0,60}Exception\b|\b(?:[A-Z][a-z]{1,20}|IO|OS|EOF|SQL|JSON|HTTP|URL|SSL|TLS|DNS|XML){1,5}Error\b"
    r"|\b(?:java|javax|org|com|net|io|sun|kotlin|scala)\.[a-z]\w{0,40}(?:\.[a-z]\w{0,40}){0,6}\.[A-Z]\w{1,60}"
    r"|\b[a-z]\w{1,30}(?:\.[a-z]\w{1,30}){1,5}\.[A-Z][a-z]{1,20}[A-Z]\w{1,40}"
    r"|\bSystem\.[A-Z]\w{1,60}(?:\.[A-Z]\w{1,60}){0,4}|\b0x[0-9a-fA-F]{9,16}\b|\bSIG(?:KILL|TERM|SEGV|ABRT|BUS|INT"
    r"|HUP|QUIT)\b"
    r"|\b[Ss]egmentation fault\b|\bcore dumped\b|\bSQLSTATE\b|\bORA-\d{5}\b|\bAADSTS\d{4,7}\b"
    r"|\bE(?:CONN(?:REFUSED|RESET|ABORTED)|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|PIPE|ADDRINUSE|ADDRNOTAVAIL"
    r"|NOENT|ACCES|PERM|MFILE|NFILE|NOSPC|NOMEM|AGAIN|EXIST|IO|INVAL|BUSY|NOTFOUND|AI_AGAIN|ROFS|DQUOT|INTR|BADF"
    r"|PROTO)\b"
    r"|\b(?:CrashLoopBackOff|(?:Err)?ImagePull(?:BackOff)?|OOMKilled|NodeNotReady|FailedScheduling|FailedMount"
    r"|CreateContainer\w{0,20}|RunContainerError|ContainerCreating|(?:Disk|Memory|PID)Pressure|BackOff"
    r"|OutOfMemory(?:Error|Exception))\b"
    r"|\b(?:FATAL|PANIC|SEVERE|CRITICAL|EMERG|ERROR|WARN|DEBUG): (?=\w)|\b(?:FATAL|ERROR|WARN|DEBUG) \[|\bERROR"
    r" \d{4} ?\("
    r"|\blevel=(?:error|fatal|warn)|\[(?:error|fatal|warn|ERROR|FATAL|WARN)\]"
    r"|(?i:\b(?:context deadline exceeded|context canceled|fatal error: |allowed memory size|: connection refused"
    r"|connection refused \(|errno:? \d+|killed \(oom|oom[- ]?kill\w*|connection reset by peer|no route to host|too"
    r" many open"
    r" files"
    r"|no space left on device|deadlock found|deadlock detected|lock wait timeout|remaining connection slots|dial"
    r" tcp|i/o timeout"
    r"|unexpected eof|broken pipe|read tcp|write tcp|tls handshake (?:timeout|error)|upstream connect error|no"
    r" healthy upstream"
    r"|upstream prematurely closed|exit(?:ed with)? code \d{1,3}|exit status \d{1,3}|signal: killed|nil pointer"
    r"|null pointer|index out of (?:range|bounds)|stack overflow (?:at|error)|java heap space|gc overhead limit"
    r"|undefined method|undefined is not|is not a function|cannot read propert(?:y|ies)|unhandled (?:promise"
    r" )?rejection"
    r"|no such file or directory|permission denied \(|max_connections|duplicate key value|violates (?:foreign|unique"
    r"|not)"
    r"|relation \"\w+\" does not exist|unknown column|syntax error (?:at|near)|certificate verify failed)(?!\w))",
    flags=re.NOFLAG,
)
_TABLE = r"[\w.\"`]{1,60}"
_QUERY = Phrases(
    r"\bSELECT\s[^.;]{1,200}?\sFROM\s|(?i:\bselect (?:\*|count\(|distinct |[\w,. ]{1,60}?)[^.;\n]{0,60}? from \w+"
    r" (?:where|limit|order|group|join)\b)"
    rf"|(?i:\bselect \* from\b)|\bINSERT INTO \w|(?i:\binsert into {_TABLE} ?(?:values|\())"
    rf"|\bDELETE FROM \w|(?i:\bdelete from {_TABLE} where\b)|\bUPDATE {_TABLE} SET\b|(?i:\bupdate {_TABLE} set"
    rf" \w{{1,40}} ?=)"
    r"|\b(?:ALTER|DROP|TRUNCATE) (?:TABLE|INDEX|DATABASE|SCHEMA|VIEW|USER|ROLE|COLUMN|SEQUENCE)\b"
    r"|(?i:\b(?:alter|drop|truncate) (?:table|index|database|schema)\s(?!operation|statement|command|quer)\w)"
    r"|\bCREATE (?:UNIQUE )?(?:TABLE|INDEX|DATABASE|VIEW|USER|ROLE|EXTENSION)\b|(?i:\bcreate (?:unique )?index"
    r" \w{1,60} on\b)"
    r"|(?i:\bvacuum (?:full|analyze|freeze)\b)|\bVACUUM\b|\bTRUNCATE \w|\bREINDEX\b|\bEXPLAIN (?:ANALYZE|SELECT)\b"
    r"|\bANALYZE \w|\bpt-[a-z]+(?:-[a-z]+)+\b|\bdb\.[a-z]+[A-Z]\w+\(|\bSET GLOBAL\b"
    r"|\bOPTIMIZE TABLE\b|\bLOCK TABLES?\b|\bGRANT [A-Z, ]{3,40} ON\b|\bREVOKE [A-Z, ]{3,40} ON\b|\bMERGE INTO\b"
    r"|\bREPLACE INTO\b"
    r"|\bFLUSH(?:ALL|DB| TABLES| PRIVILEGES)\b|\bSHOW (?:FULL )?PROCESSLIST\b|(?i:\bpg_(?:terminate"
    r"|cancel)_backend\b|\bpg_stat_\w+)"
    r"|\bROLLBACK;|\bCOMMIT;|\bKILL (?:QUERY )?\d+|\bLEFT JOIN\b|\bINNER JOIN\b|\bGROUP BY\b|\bWHERE \w{1,40} ?(?:="
    r"|IN|LIKE|<|>)"
    r"|\bdb\.\w{1,60}\.(?:find|update|aggregate|insert|remove|delete|drop|count|create|distinct|replace)\w{0,20}\("
    r"|(?i:\bkubectl [a-z]|\bsystemctl [a-z]|\bterraform (?:apply|plan|destroy)|\bhelm (?:upgrade|rollback|install)"
    r"|\bredis-cli\b"
    r"|\bpsql -|\brm -rf?\b|\bansible-playbook\b|\bdocker (?:exec|restart|compose|run|kill|ps) ?\w|\bssh \w{1,30}@"
    r"|\bgit (?:revert|push|reset) (?:-|origin|head|[0-9a-f]{7})"
    r"|\baws (?:s3|ec2|rds|ecs|eks|iam) \S|\bgcloud \w|\bservice \w{2,20} restart\b)",
    flags=re.NOFLAG,
)
_HOLE = (
    r"(?:time|date|name|component|service|product|link|url|region|cause|symptom|scope|impact|duration|since|start|end"
    r"|eta|zone|promise|next update|number|percentage|here|reason|details?|feature|affected|team|customer|version|x+"
    r"|tbd)s?"
)
_NO_VALUE = r"(?:None|null|undefined|NaN|nil)"
_PLACEHOLDER = Phrases(
    r"\{\{[^{}]{0,200}\}{0,2}|\{%[^{}]{0,200}\}?|\}\}|%\}|\$\{[^{}]{0,100}\}?|\{#[^{}]{0,100}#?\}|<%.{0,60}%>"
    r"|(?<![\w/$}])\{[A-Za-z_][\w .-]{0,40}\}(?!/)|(?<![\w/$])\{\d?\}"
    rf"|(?i:\[(?:[a-z]{{1,15}} ){{0,3}}{_HOLE}(?: [a-z]{{1,15}}){{0,3}}\](?!\())"
    r"|(?i:\[(?:insert|your|add|fill|todo|tbd|placeholder|describe|enter|e\.g\.)\b[^\]\n]{0,60}\])"
    r"|\b(?:TODO|TBD|TBC|TBA|FIXME|XXX+|xxx+|PLACEHOLDER|CHANGEME|LOREM)\b|\bHH:MM\b|\bhh:mm\b|\b[Xx]{2}:[Xx]{2}\b"
    r"|(?i:\blorem ipsum\b)|\?{3,}|\?\?:\?\?|(?<!\w)%(?:\(\w{1,40}\))?[sd](?!\w)|(?<!\w)%\w{2,30}%"
    r"|(?<!\w)_{4,}(?!\w)|\bYYYY-MM-DD\b|\$[A-Z][A-Z_]{2,30}\b"
    r"|\b(?:COMPONENT|SERVICE|PRODUCT|REGION|CUSTOMER|TEAM|START|END|UPDATE|INCIDENT)_(?:NAMES?|TIME|HERE|ID|S)\b"
    r"|(?<=[,:] )(?:\.\.\.|…)(?= \w)"
    r"|\[(?: +|_+|\.{2,}|…)\]"
    r"|\b(?:X{1,4}|N) (?:minutes?|hours?|users|customers|percent|requests)\b|\bX{1,4} ?%(?!\w)"
    rf"|(?:(?<=[:=])|(?<=[:=] )|(?<=\b(?:by|at|to) )|(?<=\bfrom )|(?<=\b[Ss]ince )|(?<=\buntil )){_NO_VALUE}\b"
    r"(?=\s*(?:[.,;)(]|$))"
    rf"|(?:^|(?<=[.!?\n] )|(?<=\n)){_NO_VALUE}(?=\s*(?:[.,;\n]|$))"
    rf"|(?<=[.,] ){_NO_VALUE} (?=(?:does not|do not|is|are|has|fails?)\b)|\[object Object\]|\bNaN ?%",
    flags=re.NOFLAG,
)
_INTERNAL_WORDS = Phrases(
    r"\bSEV[ -]?[0-5]\b|(?i:\binternal(?: use)? only\b|\bfor internal use\b|\bnot for customers\b|\bdo not (?:share"
    r"|forward|publish)\b"
    r"|\bconfidential\b|\bunder NDA\b|\bbetween us\b|\boff the record\b)",
    flags=re.NOFLAG,
)


def secret(context: LintContext) -> Iterator[Hit]:
    """L01: a secret, shown masked so that the finding does not repeat it."""
    link = context.subject.link
    for text in context.texts:
        without_link = text.plain.replace(link, " " * len(link)) if link else text.plain
        for found in find_secrets(without_link):
            span = (found.start, found.end)
            masked = f"{text.raw[text.raw_span(span)[0] :][:4]}…"
            instead = "Remove it, and rotate it: it has been exposed here."
            yield text.hit(span, f"“{{words}}” looks like {found.kind}.", instead, words=masked)


def trace_or_sql(context: LintContext) -> Iterator[Hit]:
    """L08: stack traces, error messages of machines, queries, and commands."""
    instead = "Describe what users see: “requests return errors”."
    for pattern in (_TRACE, _QUERY):
        yield from context.hits(pattern, "“{words}” is program output or code.", instead)


def placeholder(context: LintContext) -> Iterator[Hit]:
    """L09: placeholders that were not filled in."""
    return context.hits(_PLACEHOLDER, "“{words}” is a placeholder.", "Fill in the value, or leave the sentence out.")


def internal_words(context: LintContext) -> Iterator[Hit]:
    """Words from internal texts, as a part of L49."""
    for text, found in context.find(_INTERNAL_WORDS, whole=True):
        yield text.hit(found.span(), "“{words}” is for internal texts only.", "Leave it out.", Weight.BLOCKER)
