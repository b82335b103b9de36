"""Secrets in words: found in texts before they leave, and in notes before they are saved."""

import re
from dataclasses import dataclass

_KINDS = (
    ("an AWS access key", r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\bgh[pousr]_[A-Za-z0-9]{16,255}|\bgithub_pat_\w{20,255}"),
    ("a GitLab token", r"\bglpat-[\w-]{16,255}"),
    ("a Slack token", r"\bxox[a-z]-[A-Za-z0-9-]{3,255}|\bxapp-\d-[A-Za-z0-9-]{8,255}"),
    ("a Slack webhook", r"\bhooks\.slack\.com/(?:services|workflows|triggers)/[\w/-]{8,255}"),
    ("a Discord webhook", r"\bdiscord(?:app)?\.com/api/webhooks/\d{6,25}/[\w-]{8,255}"),
    ("a Discord token", r"\b[MNO][\w-]{22,28}\.[\w-]{6}\.[\w-]{27,80}"),
    ("an API key", r"\bsk-(?=[A-Za-z_-]{0,60}\d)[\w-]{16,255}|\b[sr]k_(?:live|test)_[A-Za-z0-9]{8,255}"),
    ("a Google key", r"\bAIza[\w-]{35}"),
    ("a webhook secret", r"\bwhsec_[A-Za-z0-9+/=]{16,255}"),
    ("a package registry token", r"\bnpm_[A-Za-z0-9]{30,255}|\bpypi-AgE[\w-]{16,255}"),
    ("a SendGrid key", r"\bSG\.[\w-]{16,64}\.[\w-]{16,128}"),
    ("a signed token", r"\beyJ[\w-]{8,4000}\.[\w-]{8,4000}(?:\.[\w-]{0,4000})?"),
    (
        "a private key",
        r"-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----(?:[A-Za-z0-9+/=\s]{0,8000}-----END [A-Z ]{0,30}PRIVATE KEY-----)?",
    ),
    (
        "a password",
        r"(?i:\b(?:password|passwd|pwd|secret|token|api_?key))=[^\s&,;]{4,255}|://[^\s/:@]{1,64}:[^\s/:@]{1,255}@",
    ),
    ("an authorization header", r"(?i:\bbearer )(?=[A-Za-z._~+/-]{0,60}\d)[\w.~+/-]{16,4000}"),
)
_KNOWN = tuple((kind, re.compile(pattern)) for kind, pattern in _KINDS)
_LONG_RUN = re.compile(r"[A-Za-z0-9+/_-]{32,4000}={0,2}")
_MIXED = re.compile(r"[A-Za-z0-9]{16,4000}")
_HEX = re.compile(r"(?<![A-Za-z0-9])(?=[0-9]*[A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,4000}(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Secret:
    """Where it stands and what it looks like: `a Slack token`."""

    start: int
    end: int
    kind: str


def find_secrets(text: str) -> tuple[Secret, ...]:
    """All of them in reading order; none overlaps another."""
    found = [Secret(*match.span(), kind) for kind, pattern in _KNOWN for match in pattern.finditer(text)]
    found += [Secret(*run.span(), "a key or password") for run in _LONG_RUN.finditer(text) if _is_random(run[0])]
    apart: list[Secret] = []
    for secret in sorted(found, key=lambda one: (one.start, -one.end)):
        if not apart or secret.start >= apart[-1].end:
            apart.append(secret)
    return tuple(apart)


def mask_secrets(text: str) -> str:
    """The text with `[a Slack token, removed]` in the place of each secret."""
    masked, done = [], 0
    for secret in find_secrets(text):
        masked += [text[done : secret.start], f"[{secret.kind}, removed]"]
        done = secret.end
    return "".join([*masked, text[done:]])


def _is_random(run: str) -> bool:
    """Not words joined by dashes: a long stretch mixes cases and digits, or is hexadecimal."""
    stretches = (stretch[0] for stretch in _MIXED.finditer(run))
    return any(_mixes(stretch) for stretch in stretches) or any(
        len(set(digits[0])) >= 8 for digits in _HEX.finditer(run)
    )


def _mixes(stretch: str) -> bool:
    kinds = (str.isdigit, str.islower, str.isupper)
    return len(set(stretch)) >= 10 and all(any(kind(character) for character in stretch) for kind in kinds)
