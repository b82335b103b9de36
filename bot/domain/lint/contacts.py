"""Ways to reach people: e-mail addresses, phone numbers, mentions, channels, and internal links."""

import re
from collections.abc import Iterator

from bot.domain.lint.context import Hit, LintContext, shortened
from bot.domain.lint.findings import Weight
from bot.domain.lint.hosts import is_machine
from bot.domain.lint.patterns import Phrases

_EMAIL = re.compile(
    r"(?<![\w.+-])(?!git@)[\w.+%'-]{1,64}(?:@(?!v?\d[\d.]*(?![\w.-]*[a-z]))| ?[(\[]at[)\]]"
    r" ?)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
    r"(?:(?:\.| ?[(\[]dot[)\]] ?)[a-z0-9-]{1,63}){0,5}(?![\w-])",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"^(?:support|help|helpdesk|status|security|privacy|abuse|contact|feedback)@", re.IGNORECASE)
_PHONE = Phrases(
    r"(?<![\w+.])\+\d{1,3}[ ./-]?(?:\(\d{1,4}\)[ ./-]?)?\d{1,5}(?:[ ./-]?\d{2,5}){1,4}(?![\w-])",
    r"(?<![\w.-])(?:1[ .-])?(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[ .-]\d{4}(?![\w.-]\d|\w)",
    r"(?<![\w.,:/-])\(?0\d{2,4}\)?[ /-]\d{3,8}(?:[ -]\d{2,6}){0,2}(?![\w.:-]\d|\w|%| ?(?:ms|seconds?|users|requests"
    r"|errors))",
    r"\b(?:call|phone|dial|ring|tel|telephone|mobile|cell|hotline|whatsapp|text|sms|fax|pager)\b[^.!?\n\d+]{0,30}"
    r"\+?(?=[\d ()./-]{6,20}(?![\d:%]))\(?\d(?:[ ()./-]{0,2}\d){5,14}(?![\w:%-])",
    r"\b(?:call|phone|dial|desk|line|reach)\b[^.!?\n]{0,40}\bx\d{3,5}\b",
    r"\b(?:ext(?:ension|n)?\.?|durchwahl) ?#?\d{2,6}\b(?!\.\d)",
)
_MENTION = re.compile(r"<(?:@[!&]?|#|!)[A-Za-z0-9^][^<>\n]{0,100}>")
_EVERYBODY = re.compile(r"(?<![\w.@])@(?:everyone|here|channel|all|group|oncall|on-call)\b", re.IGNORECASE)
_CHANNEL = re.compile(
    r"(?<![\w&/#.])#(?![0-9a-f]{3}(?:[0-9a-f]{3})?\b)[a-z][a-z0-9]{0,30}(?:[-_][a-z0-9]{1,30}){0,6}(?![\w-])"
)
_CHANNEL_NAMES = re.compile(
    r"#(?:ops|eng|dev|sre|infra|general|support|incidents?|alerts?|oncall|warroom|team|platform|security|it|random"
    r"|status|sev\d?)$"
)
_ACCOUNT = re.compile(r"(?<![\w/-])(?:[UWCDGSTBF](?=[A-Z0-9]{0,10}\d)[0-9][A-Z0-9]{7,10}|\d{17,19})(?![\w-])")
_AT_NAME = re.compile(
    r"(?<![\w.@/<])@(?!(?:everyone|here|channel|all|group|oncall|on-call)\b)[A-Za-z][\w.-]{0,38}\b", re.IGNORECASE
)
_PRIVATE_HOST = re.compile(
    r"(?:^|\.)(?:slack\.com|atlassian\.net|pagerduty\.com|opsgenie\.com|grafana\.net|datadoghq\.(?:com|eu)"
    r"|newrelic\.com"
    r"|splunkcloud\.com|honeycomb\.io|sentry\.io|lightstep\.com|dynatrace\.com|logz\.io|sumologic\.com"
    r"|elastic-cloud\.com"
    r"|(?:docs|drive|meet|sheets|calendar|chat|groups|mail)\.google\.com|console\.cloud\.google\.com|zoom\.us"
    r"|webex\.com"
    r"|notion\.so|notion\.site|coda\.io|airtable\.com|miro\.com|figma\.com|lucid\.app|confluence\.com|quip\.com"
    r"|dropbox\.com"
    r"|app\.box\.com|teams\.microsoft\.com|teams\.live\.com|sharepoint\.com|outlook\.office\.com|onedrive\.live\.com"
    r"|portal\.azure\.com|dev\.azure\.com|visualstudio\.com|console\.aws\.amazon\.com|awsapps\.com|linear\.app"
    r"|trello\.com"
    r"|asana\.com|monday\.com|clickup\.com|shortcut\.com|basecamp\.com|app\.incident\.io|rootly\.com"
    r"|firehydrant\.(?:com|io)"
    r"|victorops\.com|blameless\.io|statuspage\.io|discord\.gg|zendesk\.com|freshdesk\.com|intercom\.com"
    r"|servicenow\.com"
    r"|service-now\.com|salesforce\.com|force\.com|hubspot\.com|okta\.com|onelogin\.com|1password\.com|lastpass\.com"
    r"|circleci\.com|buildkite\.com|travis-ci\.(?:com|org)|pastebin\.com|gist\.github\.com|loom\.com"
    r"|snowflakecomputing\.com"
    r"|databricks\.com|looker\.com|tableau\.com|retool\.com|metabaseapp\.com|cloudflareaccess\.com"
    r"|ngrok(?:-free)?\.(?:io|app))$"
    r"|(?:^|[.-])(?:internal|intranet|corp|stg|preprod|uat)[.-]|^(?:grafana|kibana|prometheus|alertmanager|jira"
    r"|confluence|wiki|intranet|jenkins|argocd|runbooks?|dashboards?"
    r"|pagerduty"
    r"|sentry|gitlab|git|vault|consul|nomad|rancher|portainer|sonar(?:qube)?|nexus|artifactory|splunk|datadog|zabbix"
    r"|nagios"
    r"|admin|backoffice|internal|staging|stage|dev|test|sso|vpn|mattermost|rocketchat|teams|redmine|phabricator"
    r"|tickets)\."
)
_PRIVATE_PATH = re.compile(
    r"^(?:https?://)?(?:www\.)?(?:discord(?:app)?\.com/channels/"
    r"|(?:github|gitlab)\.com/[\w.-]+/[\w./-]+/(?:-/)?(?:pull|pulls|issues|commit|commits|compare|actions|blob|tree"
    r"|merge_requests|pipelines|jobs|incidents)(?:/|$)|bitbucket\.org/|[^/]+/browse/[A-Z][A-Z0-9]+-\d)",
    re.IGNORECASE,
)


def contact(context: LintContext) -> Iterator[Hit]:
    """L04: contact data of people; a mailbox such as support@ is a warning."""
    lists = context.organisation.lint
    allowed = {_digits(entry) if "@" not in entry else entry.casefold() for entry in lists.allowed_contacts}
    for text, found in context.find(_EMAIL):
        address = found[0].casefold()
        if address not in allowed and not text.is_in_link(found.start()):
            weight = Weight.WARNING if _MAILBOX.match(address) else Weight.BLOCKER
            instead = "Say how to contact support, or add the address to lint.allowed_contacts."
            yield text.hit(found.span(), "“{words}” is an email address.", instead, weight)
    for text, found in context.find(_PHONE):
        if _digits(found[0]) not in allowed and not text.is_in_link(found.start()):
            instead = "Leave it out, or add it to lint.allowed_contacts."
            yield text.hit(found.span(), "“{words}” looks like a phone number.", instead)


def mention(context: LintContext) -> Iterator[Hit]:
    """L05: what a chat platform turns into a mention, a channel, or an account ID."""
    instead = "Write “we” or “our engineers”."
    for pattern in (_MENTION, _EVERYBODY):
        for text, found in context.find(pattern, whole=True):
            yield text.hit(found.span(), "“{words}” would notify people in customers' channels.", instead)
    for text, found in context.find(_CHANNEL):
        if not text.is_in_link(found.start()):
            ours = any(mark in found[0] for mark in "-_0123456789") or _CHANNEL_NAMES.match(found[0])
            weight = Weight.BLOCKER if ours else Weight.WARNING
            yield text.hit(found.span(), "“{words}” is an internal channel.", instead, weight)
    for text, found in context.find(_ACCOUNT):
        if not text.is_in_link(found.start()):
            yield text.hit(found.span(), "“{words}” looks like the ID of an account or channel.", instead)
    for text, found in context.find(_AT_NAME):
        if not context.component_names.fullmatch(found[0][1:]):
            reason = "“{words}” may notify someone of that name in customers' channels."
            yield text.hit(found.span(), reason, instead, Weight.WARNING)


def private_link(context: LintContext) -> Iterator[Hit]:
    """L07: internal hosts block; other hosts that are not allowed are a warning."""
    listed = {context.status_host, *(name.lower() for name in context.organisation.lint.allowed_hosts)}
    for text in context.texts:
        for link in text.links:
            if link.host in listed:
                continue
            span = (link.start, link.end)
            private = _PRIVATE_HOST.search(link.host) or _PRIVATE_PATH.search(link.address)
            if private or is_machine(link.host) or "." not in link.host or link.host.replace(".", "").isdigit():
                yield text.hit(
                    span,
                    "“{words}” is an internal link that customers cannot open.",
                    "Link to the status page instead.",
                )
            elif "://" in link.address and not context.allows(link.host):
                reason = f"“{shortened(link.host)}” is not a host that texts may link to."
                instead = "Link to the status page instead, or add the host to lint.allowed_hosts."
                yield text.hit(span, reason, instead, Weight.WARNING)


def _digits(words: str) -> str:
    return re.sub(r"\D", "", words)
