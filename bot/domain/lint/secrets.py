"""Secrets in text: found in texts before they are published, and in notes before they are saved.

Prefixes and lengths are those that providers document for their keys, as of 2026.
"""

import re
from dataclasses import dataclass

from bot.domain.lint.patterns import Phrases

_KINDS = (
    ("an AWS access key", r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{16,255}|\bgithub_pat_\w{20,255}"),
    ("a GitLab token", r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas)-[\w-]{16,255}"),
    ("a Slack token", r"\bxox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{3,255}|\bxapp-\d-[A-Za-z0-9-]{8,255}"),
    ("a Slack webhook", r"\bhooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/[\w/-]{8,255}"),
    ("a Discord webhook", r"\bdiscord(?:app)?\.com/api/(?:v\d{1,2}/)?webhooks/\d{6,25}/[\w-]{8,255}"),
    ("a Teams webhook", r"\bwebhook\.office\.com/webhookb2/[\w@/-]{8,255}"),
    ("a Discord token", r"\b[MNO][\w-]{22,28}\.[\w-]{6}\.[\w-]{27,80}"),
    ("an API key", r"\bsk-(?=[A-Za-z_-]{0,60}\d)[\w-]{16,255}|\b[srp]k_(?:live|test)_[A-Za-z0-9]{8,255}"),
    ("a Google key", r"\bAIza[\w-]{35}|\bya29\.[\w-]{20,400}|\bGOCSPX-[\w-]{20,60}|\b1//0[\w-]{20,200}"),
    ("a webhook secret", r"\bwhsec_[A-Za-z0-9+/=]{16,255}"),
    ("a package registry token", r"\bnpm_[A-Za-z0-9]{30,255}|\bpypi-AgE[\w-]{16,255}|\brubygems_[0-9a-f]{32,64}"),
    ("a SendGrid key", r"\bSG\.[\w-]{16,64}\.[\w-]{16,128}"),
    ("a Twilio key", r"\b(?:SK|AC)[0-9a-f]{32}\b"),
    ("a Vault token", r"\bhv[sbr]\.[\w-]{20,400}|\batlasv1\.[\w-]{20,400}"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[0-9a-f]{40,64}"),
    ("a Telegram token", r"(?<!\d)\d{8,10}:AA[\w-]{30,40}"),
    ("a Shopify token", r"\bshp(?:at|ss|ca|pa)_[0-9a-fA-F]{32}"),
    ("a service's key", r"\blin_(?:api|oauth)_[A-Za-z0-9]{20,80}|\bNRAK-[A-Z0-9]{20,40}|\bhf_[A-Za-z0-9]{30,40}"
     r"|\bdapi[0-9a-f]{32}|\bPMAK-[0-9a-f-]{24,70}|\bsq0[a-z]{3}-[\w-]{20,50}|\bEAAC[A-Za-z0-9]{20,255}"
     r"|\bpat-[a-z]{2,4}\d?-[0-9a-f-]{30,50}|\bgls[a-z]_\w{30,60}|\bATATT3x[\w=-]{40,255}|\bfig[du]_[\w-]{30,60}"
     r"|\btskey-[a-z]{2,8}-[\w-]{16,80}|\bfo1_[\w-]{30,60}|\bpul-[0-9a-f]{40}|\bkey-[0-9a-f]{32}\b|\bHRKU-[\w-]{30,80}"
     r"|\bdckr_pat_[\w-]{20,40}|\bsntry[su]_[\w+/=]{20,255}|\bntn_[A-Za-z0-9]{40,60}|\bAKC[A-Za-z0-9]{10,80}"),
    ("a signed token", r"\beyJ[\w-]{8,4000}\.[\w-]{8,4000}(?:\.[\w-]{0,4000})?"),
    ("a private key", r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
     r"(?:[A-Za-z0-9+/=\s]{0,8000}-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----)?"),
    ("a password", r"://[^\s/:@]{0,64}:[^\s/:@]{1,255}@"),
    ("a password", r"(?i:(?:password|passwd|passphrase|pwd|(?<![a-z])pw|(?<![a-z])pass|secret|token|api_?key"
     r"|access_?key|secret_?key|account_?key|auth_?key|(?<![a-z])sig|signature)\s?=\s?[\"']?[^\s&,;\"')]{4,255})"),
    ("a password", r"(?i:[?&](?:key|auth|code|sig|apikey|jwt|sid|session|signature)="
     r"(?=[^\s&]{0,60}\d)[^\s&,;)]{12,255})"),
    ("a PIN", r"\bPIN(?: code)?(?: is)?[:= ]{1,2}\d{4,8}\b"),
    ("an authorization header", r"(?i:\bbearer (?=[a-z._~+/-]{0,60}\d)[\w.~+/-]{16,4000})"
     r"|(?i:\bauthorization: ?(?:basic|bearer|token|digest|apikey) [\w.~+/=-]{8,4000})"
     r"|\b[Bb]asic [A-Za-z0-9+/]{15,400}={1,2}"),
)  # fmt: skip
_KNOWN = Phrases(*(pattern for _, pattern in _KINDS), flags=re.NOFLAG)
_KIND_OF = {source: kind for kind, pattern in _KINDS for source in Phrases(pattern, flags=re.NOFLAG).sources}
_SAID = Phrases(
    r"\b(?:passwords?|passwd|passphrase|pwd|pw|secret(?: key)?|token|api[ _-]?key|access[ _-]?key|private-token"
    r"|credentials?|login|x-api-key|client secret|curl -u)\b(?:\s?[:=]\s?|,? (?:(?:is|are|was|of)(?: now| still)? )?)"
    r"(?P<value>(?:(?:[a-z0-9._-]{1,20}\s?[:/]\s?)?[^\s,;:.!?)(“”\"']|[\"'“])[^\s,;)”]{3,255})"
)
_RUN = re.compile(r"[A-Za-z0-9+/_-]{20,4000}={0,2}")
_PIECE = re.compile(r"[A-Za-z0-9]+")
_TURN = re.compile(r"[a-z](?=[A-Z0-9])|[0-9](?=[A-Za-z])|[A-Z](?=[0-9])|(?<=[A-Z])[A-Z](?=[a-z])")
_HEX = re.compile(r"(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,4000}")
_UUID = re.compile(r"(?<![\w-])[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?![\w-])")
_REFERENCE = re.compile(  # what customers are asked to quote, and what is public anyway
    r"(?i:\b(?:request|trace|correlation|event|message|run|job|workflow|incident|error|order|ticket|transaction|case"
    r"|session"
    r"|reference|number|id|ids|account|user|file|build|commit|sha|sha1|sha256|checksum|digest|hash|revision"
    r"|fingerprint)s?"
    r"(?: id)?[ :=#]{0,3}[“\"(]?|/)$"
)
_NO_VALUE = re.compile(
    r"(?i:oauth-?2?|2fa|mfa|sha-?\d+|md5|base64|[rhe]s\d{3}|x\.?509|saml2?|http/?\d|v\d[\d.]*|\d+-[a-z]+|\d+(?:st|nd"
    r"|rd|th|x|k|h|m|s|ms)|\d[\d.,:]*%?|"
    r"[a-z]+-\d{1,4}|ipv\d|s3|ec2|web3|utf-?8|aes-?\d+|[a-z]+'[a-z]+[.!?]?|[a-z]{2}-[a-z]+-\d[a-z]?)"
)


@dataclass(frozen=True)
class Secret:
    """The position of a secret, and what it looks like: `a Slack token`."""

    start: int
    end: int
    kind: str


def find_secrets(text: str) -> tuple[Secret, ...]:
    """All secrets in reading order, without overlaps."""
    found = [Secret(*match.span(), _KIND_OF[match.re.pattern]) for match in _KNOWN.finditer(text)]
    found += [Secret(*match.span("value"), "a password") for match in _SAID.finditer(text) if _is_told(match)]
    found += [Secret(*run.span(), "a key or password") for run in _RUN.finditer(text) if _is_random(text, run)]
    found += [Secret(*one.span(), "a key") for one in _UUID.finditer(text) if not _is_reference(text, one.start())]
    apart: list[Secret] = []
    for secret in sorted(found, key=lambda one: (one.start, -one.end)):
        if not apart or secret.start >= apart[-1].end:
            apart.append(secret)
    return tuple(apart)


def mask_secrets(text: str) -> str:
    """The text with `[a Slack token, removed]` in place of each secret."""
    masked, done = [], 0
    for secret in find_secrets(text):
        masked += [text[done : secret.start], f"[{secret.kind}, removed]"]
        done = secret.end
    return "".join([*masked, text[done:]])


def _is_told(found: re.Match[str]) -> bool:
    """Whether a value mixes letters with other characters: `password: hunter2`, but not `password: reset it`."""
    value = found["value"].rstrip(".,:;!?)\"'”").lstrip("\"'“")
    if len(value) < 6 or _NO_VALUE.fullmatch(value) or "://" in value:
        return False
    account, _, rest = value.partition(":") if ":" in value else value.partition("/")
    value = rest.strip() if rest and account.isalpha() else value
    letters = any(map(str.isalpha, value))
    return letters and (any(map(str.isdigit, value)) or bool(re.search(r"[!$%&*+=@#^~?](?=.)", value)))


def _is_random(text: str, run: re.Match[str]) -> bool:
    """Whether it is more than words joined by dashes: letters, capitals, and digits alternate as in no language."""
    word = run[0].rstrip("=")
    if "/" in word and text[max(0, run.start() - 1) : run.start()] in (".", "/", ":"):  # the longest part of a link
        word = max(word.split("/"), key=len)
    pieces = _PIECE.findall(word)
    longest = max(pieces, key=len, default="")
    if _HEX.fullmatch(longest):
        return len(set(longest)) >= 8 and not _is_reference(text, run.start())
    turns = len(_TURN.findall(word))
    known = sum(map(len, pieces)) >= 20 and len(longest) >= (8 if "/" in word or "+" in word else 12)
    return known and len(set(word)) >= 10 and turns >= max(4, len(word) * (0.2 if len(word) < 32 else 0.16))


def _is_reference(text: str, start: int) -> bool:
    return bool(_REFERENCE.search(text, max(0, start - 40), start))
