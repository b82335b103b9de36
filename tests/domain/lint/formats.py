"""Secrets made from their formats, so that no scanner finds one in this repository."""

import base64
import json
import random
import string
import uuid
from collections.abc import Iterator

CAPITALS = string.ascii_uppercase + string.digits
LETTERS = string.ascii_letters + string.digits
HEX = string.hexdigits.lower()[:16]
URL_SAFE = LETTERS + "_-"
BASE64 = LETTERS + "+/"

SENTENCES = (
    "We are investigating; curl with {secret} still fails for all requests.",
    "Requests fail. Use {secret} until then.",
    "Requests fail ({secret}), and we are investigating.",
    "{secret} does not work.",
)

_PREFIXED = (  # prefix, alphabet, length of what follows
    ("AKIA", CAPITALS, 16), ("ASIA", CAPITALS, 16), ("AIza", URL_SAFE, 35), ("ya29.", URL_SAFE, 60),
    ("ghp_", LETTERS, 36), ("ghs_", LETTERS, 36), ("gho_", LETTERS, 36), ("github_pat_", LETTERS + "_", 82),
    ("glpat-", URL_SAFE, 20), ("gldt-", URL_SAFE, 20), ("sk_live_", LETTERS, 24), ("rk_live_", LETTERS, 24),
    ("whsec_", LETTERS, 32), ("sk-proj-", URL_SAFE, 48), ("sk-ant-api03-", URL_SAFE, 93), ("sk-", LETTERS, 48),
    ("SK", HEX, 32), ("AC", HEX, 32), ("npm_", LETTERS, 36), ("pypi-AgE", URL_SAFE, 60), ("hvs.", URL_SAFE, 24),
    ("hvb.", URL_SAFE, 90), ("dop_v1_", HEX, 64), ("doo_v1_", HEX, 64), ("shpat_", HEX, 32), ("shpss_", HEX, 32),
    ("lin_api_", LETTERS, 40), ("NRAK-", CAPITALS, 27), ("hf_", string.ascii_letters, 34), ("dapi", HEX, 32),
    ("xapp-1-A0123ABCDEF-1234567890123-", HEX, 64), ("xoxe.xoxp-1-", LETTERS, 60), ("key-", HEX, 32),
    ("PMAK-", HEX, 24), ("rubygems_", HEX, 48), ("sq0atp-", URL_SAFE, 22), ("EAAC", LETTERS, 60),
    ("atlasv1.", URL_SAFE, 60),
    ("pat-na1-", HEX, 32), ("glsa_", LETTERS, 32), ("ATATT3xFfGF0", URL_SAFE, 80), ("figd_", URL_SAFE, 40),
    ("tskey-auth-", LETTERS, 30), ("fo1_", URL_SAFE, 43), ("pul-", HEX, 40), ("PRIVATE-TOKEN: ", LETTERS, 20),
)  # fmt: skip


def secrets(seed: int = 7) -> Iterator[tuple[str, str]]:
    """Each format's name and one secret of it."""
    chance = random.Random(seed)  # the same ones in every run

    def some(alphabet: str, length: int) -> str:
        return "".join(chance.choices(alphabet, k=length))

    for prefix, alphabet, length in _PREFIXED:
        yield prefix.strip("_-. :"), prefix + some(alphabet, length)
    yield "AWS secret key", some(BASE64, 40)
    yield "AWS secret key, named", f"aws_secret_access_key = {some(BASE64, 40)}"
    yield "Slack bot token", f"xoxb-{some(string.digits, 12)}-{some(string.digits, 13)}-{some(LETTERS, 24)}"
    yield "Slack user token", f"xoxp-{some(string.digits, 12)}-{some(string.digits, 12)}-{some(HEX, 32)}"
    path = f"T{some(CAPITALS, 8)}/B{some(CAPITALS, 10)}/{some(LETTERS, 24)}"
    yield "Slack webhook", "https://hooks.slack" + f".com/services/{path}"
    yield "Discord webhook", f"https://discord.com/api/webhooks/{some(string.digits, 19)}/{some(URL_SAFE, 68)}"
    yield "Discord bot token", f"M{some(LETTERS, 25)}.{some(URL_SAFE, 6)}.{some(URL_SAFE, 38)}"
    parts = (json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890", "admin": 1}))
    head, body = (base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts)
    yield "JWT", f"{head}.{body}.{some(URL_SAFE, 43)}"
    yield "SendGrid", f"SG.{some(URL_SAFE, 22)}.{some(URL_SAFE, 43)}"
    yield "Azure storage key", some(BASE64, 86) + "=="
    account = f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={some(BASE64, 86)}=="
    yield "Azure connection string", account
    yield "Telegram", f"{some('123456789', 10)}:AA{some(URL_SAFE, 33)}"
    yield "UUID as a key", f"api key {uuid.UUID(int=chance.getrandbits(128), version=4)}"
    yield "UUID as a token", f"X-Api-Key: {uuid.UUID(int=chance.getrandbits(128), version=4)}"
    yield "Heroku", f"HRKU-{uuid.UUID(int=chance.getrandbits(128), version=4)}"
    yield "40 random characters", some(LETTERS, 40)
    yield "24 random characters", f"a{some(LETTERS, 22)}7Q"
    yield "40 hexadecimal digits", some(HEX, 40)
    yield "base64 with padding", base64.b64encode(chance.randbytes(32)).decode()
    for kind in ("RSA ", "OPENSSH ", "EC ", "", "ENCRYPTED "):
        rows = "\n".join(some(BASE64, 64) for _ in range(3))
        yield f"{kind}private key", f"-----BEGIN {kind}PRIVATE KEY-----\n{rows}\n-----END {kind}PRIVATE KEY-----"
    yield "PGP block", f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{some(BASE64, 64)}"
    yield from _passwords(some)


def _passwords(some) -> Iterator[tuple[str, str]]:  # type: ignore[no-untyped-def]
    word = some(LETTERS, 12)
    for said in (
        "password: {}", "password={}", "Password is {}", "pw={}", "pw: {}", "pwd={}", "passwd {}", "passphrase: {}",
        "the fallback password {}", "the password is now {}", "the admin password, {},", "db password {}", "secret={}",
        "secret key: {}", "token={}", "token: {}", "api_key={}", "apikey: {}", "api key {}", "client_secret={}",
        "access token {}", "PGPASSWORD={}", "MYSQL_PWD={}", 'password: "{}"', "--password={}", "login admin / {}",
        "user admin password {}", "PIN: 4711", "credentials admin:{}", "curl -u admin:{}",
    ):  # fmt: skip
        yield said.format("…"), said.format(word)
    for memorable in ("hunter2!", "Tr0ub4dor&3", "S3cret!2026", "Winter2026!", "changeme123"):
        yield f"password: {memorable[:3]}…", f"password: {memorable}"
        yield f"the fallback password {memorable[:3]}…", f"the fallback password {memorable}"
    yield "Authorization: Bearer", f"Authorization: Bearer {some(URL_SAFE, 40)}"
    yield "Bearer", f"Bearer {some(URL_SAFE, 24)}"
    yield "Authorization: Basic", f"Authorization: Basic {base64.b64encode(f'admin:{word}'.encode()).decode()}"
    yield "Authorization: token", f"Authorization: token {some(HEX, 40)}"
    for scheme in ("https", "postgres", "redis", "amqp", "mongodb+srv", "mysql"):
        yield f"{scheme} with a password", f"{scheme}://admin:{word}@db.example.com/orders"
    yield "redis without a user", f"redis://:{word}@cache.example.com:6379/0"
    for key in ("api_key", "token", "access_token", "X-Amz-Signature", "key", "sig", "signature", "auth", "apikey"):
        yield f"URL with {key}", f"https://api.example.com/v1/files?{key}={some(HEX, 32)}"
    yield "URL with a short token", f"https://api.example.com/v1/files?page=2&token={some(LETTERS, 12)}"
    yield "invitation", f"https://status.example.com/console?token={some(URL_SAFE, 22)}"
