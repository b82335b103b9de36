"""Webhooks against a real HTTP server, read by the library of Standard Webhooks and by its specification."""

import asyncio
import base64
import hmac
import json
import resource
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web
from pydantic import SecretStr
from standardwebhooks import Webhook as Verifier

from bot.clock import utc_now
from bot.domain.organisation import WebhookConfig
from bot.errors import OutcomeUnknown, SendFailed
from bot.platforms.webhook.messenger import WebhookMessenger
from bot.platforms.webhook.sending import OPEN_FILES
from bot.ports import CannotLookError
from bot.views import (
    Audience,
    Correction,
    CorrectionMark,
    Impact,
    ImpactLabel,
    PublishedUpdate,
    RoomLine,
    Stage,
    say,
)
from tests.samples import WORDING

AT = datetime(2026, 4, 20, 15, 44, tzinfo=UTC)
LINK = "https://status.example.com/incidents/INC-42"
UPDATE = PublishedUpdate(
    title="ChatGPT: “pages” load without end",
    stage=Stage.FIX_IMPLEMENTED,
    body="Since 11:44 AM ET (15:44 UTC), pages load without end. Ünïcode & <b>markup</b> stay as they are.",
    audience=Audience.CUSTOMERS,
    language="en",
    impacts=(ImpactLabel("ChatGPT", Impact.MAJOR, "Major outage"),),
    published_at=AT,
    promised_at=AT + timedelta(minutes=15),
    link=LINK,
    wording=WORDING,
)
CORRECTED = replace(UPDATE, corrected=CorrectionMark(AT + timedelta(minutes=5), "pages"))
CORRECTION = Correction("ChatGPT", "Correction: that was wrong.", Audience.CUSTOMERS, "en", AT, LINK, WORDING)


def secret(fill: bytes) -> str:
    return "whsec_" + base64.b64encode(fill * 32).decode()


OURS = secret(b"a")


@dataclass
class Server:
    """An address on this machine; `answer` decides what it says."""

    port: int = 0
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[], web.StreamResponse] = field(default=lambda: web.Response(status=204))
    pause: asyncio.Event | None = None
    drops: bool = False

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.got.append(({key.lower(): value for key, value in request.headers.items()}, await request.read()))
        if self.drops and request.transport:
            request.transport.abort()
        if self.pause:
            await self.pause.wait()
        return self.answer()

    @property
    def data(self) -> dict[str, object]:
        return dict(json.loads(self.got[-1][1]))


@dataclass(frozen=True)
class Address:
    """What foghorn.toml says."""

    name: str
    url: str
    secret_env: str = "CRM_SECRET"
    allow_private: bool = True


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_post("/{tail:.*}", server.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.port = runner.addresses[0][1]
    yield server
    if server.pause:
        server.pause.set()
    await runner.cleanup()


@asynccontextmanager
async def messenger(*addresses: Address, secrets: str = OURS, timeout_s: float = 5) -> AsyncIterator[WebhookMessenger]:
    found = {"CRM_SECRET": SecretStr(secrets)} if secrets else {}
    made = WebhookMessenger(addresses, found.get, clock=utc_now, timeout_s=timeout_s)
    yield made
    await made.close()


@pytest.fixture
async def crm(server: Server) -> AsyncIterator[WebhookMessenger]:
    async with messenger(Address("crm", f"http://127.0.0.1:{server.port}/hook")) as made:
        yield made


async def refusal(messenger: WebhookMessenger, destination: str = "crm") -> SendFailed:
    with pytest.raises(SendFailed) as caught:
        await messenger.send(destination, UPDATE, "dlv_1")
    return caught.value


async def test_the_signature_is_one_that_the_standard_library_accepts(server: Server, crm: WebhookMessenger):
    await crm.send("crm", UPDATE, "dlv_1")

    headers, body = server.got[0]
    assert Verifier(OURS).verify(body, headers)["type"] == "incident.update.published"


async def test_the_id_is_that_of_the_delivery_however_often_it_is_sent(server: Server, crm: WebhookMessenger):
    references = [await crm.send("crm", UPDATE, "dlv_1") for _ in range(2)]

    assert [headers["webhook-id"] for headers, _ in server.got] == references == ["dlv_1", "dlv_1"]


async def test_the_signature_is_what_the_specification_says(server: Server, crm: WebhookMessenger):
    await crm.send("crm", UPDATE, "dlv_1")

    headers, body = server.got[0]
    signed = f"dlv_1.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(base64.b64decode(OURS.removeprefix("whsec_")), signed, "sha256")
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


async def test_while_a_secret_is_rotated_both_verify(server: Server):
    new = secret(b"b")
    async with messenger(Address("crm", f"http://127.0.0.1:{server.port}/"), secrets=f"{OURS} {new}") as crm:
        await crm.send("crm", UPDATE, "dlv_1")

    headers, body = server.got[0]
    assert Verifier(OURS).verify(body, headers) == Verifier(new).verify(body, headers)


async def test_an_update_says_everything_that_was_published(server: Server, crm: WebhookMessenger):
    await crm.send("crm", UPDATE, "dlv_1")

    assert server.data == {
        "type": "incident.update.published",
        "timestamp": "2026-04-20T15:44:00+00:00",
        "data": {
            "incident": "INC-42",
            "link": LINK,
            "title": UPDATE.title,
            "body": UPDATE.body,
            "audience": "customers",
            "language": "en",
            "published_at": "2026-04-20T15:44:00+00:00",
            "stage": "fix implemented",
            "impact": [{"component": "ChatGPT", "impact": "major outage"}],
            "promised_at": "2026-04-20T15:59:00+00:00",
        },
    }


async def test_a_corrected_update_says_so_with_the_old_words(server: Server, crm: WebhookMessenger):
    await crm.edit("crm", "dlv_1", CORRECTED, "dlv_2")

    data = server.data["data"]
    assert isinstance(data, dict)
    assert (server.data["type"], data["old_words"], data["corrected_at"]) == (
        "incident.update.corrected",
        "pages",
        "2026-04-20T15:49:00+00:00",
    )


async def test_an_edit_keeps_the_reference_of_the_message(crm: WebhookMessenger):
    assert await crm.edit("crm", "dlv_1", CORRECTED, "dlv_2") == "dlv_1"


async def test_a_correction_is_a_message_of_its_own(server: Server, crm: WebhookMessenger):
    await crm.reply("crm", "dlv_1", CORRECTION, "dlv_3")

    assert server.data["type"] == "incident.correction.published"


async def test_what_responders_say_never_leaves(server: Server, crm: WebhookMessenger):
    with pytest.raises(SendFailed) as caught:
        await crm.send("crm", RoomLine("INC-42", say("secret")), "dlv_1")

    assert (caught.value.permanent, server.got) == (True, [])


async def test_nobody_can_be_asked_whether_it_arrived(crm: WebhookMessenger):
    with pytest.raises(CannotLookError):
        await crm.find("crm", "dlv_1", AT)


async def test_gone_is_for_good(server: Server, crm: WebhookMessenger):
    server.answer = lambda: web.Response(status=410)

    assert (await refusal(crm)).permanent


@pytest.mark.parametrize("status", [400, 401, 404, 500, 503])
async def test_any_other_refusal_is_tried_again_and_names_the_code(server: Server, crm: WebhookMessenger, status: int):
    server.answer = lambda: web.Response(status=status)
    failure = await refusal(crm)

    assert (failure.permanent, failure.reason) == (False, f"the address answers {status}; ask its owner to check it")


async def test_retry_after_in_seconds_is_kept(server: Server, crm: WebhookMessenger):
    server.answer = lambda: web.Response(status=429, headers={"Retry-After": "42"})

    assert (await refusal(crm)).retry_after_s == 42


async def test_retry_after_as_a_date_is_kept(server: Server, crm: WebhookMessenger):
    at = utc_now() + timedelta(minutes=2)
    server.answer = lambda: web.Response(status=429, headers={"Retry-After": f"{at:%a, %d %b %Y %H:%M:%S} GMT"})

    assert (await refusal(crm)).retry_after_s == pytest.approx(120, abs=3)


@pytest.mark.parametrize("asked", ["", "soon", "-5", "²"])
async def test_a_retry_after_that_says_nothing_is_ignored(server: Server, crm: WebhookMessenger, asked: str):
    server.answer = lambda: web.Response(status=429, headers={"Retry-After": asked})

    assert (await refusal(crm)).retry_after_s is None


async def test_redirects_are_not_followed(server: Server, crm: WebhookMessenger):
    server.answer = lambda: web.Response(status=302, headers={"Location": f"http://127.0.0.1:{server.port}/elsewhere"})
    failure = await refusal(crm)

    assert (len(server.got), "redirects are not followed" in failure.reason) == (1, True)


async def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(server: Server):
    server.pause = asyncio.Event()
    async with messenger(Address("crm", f"http://127.0.0.1:{server.port}/"), timeout_s=0.2) as crm:
        assert isinstance(await refusal(crm), OutcomeUnknown)


async def test_a_connection_that_breaks_leaves_the_outcome_unknown(server: Server, crm: WebhookMessenger):
    server.drops = True

    assert isinstance(await refusal(crm), OutcomeUnknown)


async def test_nobody_at_home_is_a_plain_failure():
    async with messenger(Address("crm", "http://127.0.0.1:1/")) as crm:
        failure = await refusal(crm)

    assert (type(failure), failure.permanent) == (SendFailed, False)


async def test_an_answer_of_any_size_is_not_read(server: Server, crm: WebhookMessenger):
    server.answer = lambda: web.Response(status=200, body=b"x" * 50_000_000)

    assert await crm.send("crm", UPDATE, "dlv_1") == "dlv_1"


async def test_cookies_are_not_kept(server: Server, crm: WebhookMessenger):
    server.answer = lambda: web.Response(status=204, headers={"Set-Cookie": "session=1"})
    for delivery in ("dlv_1", "dlv_2"):
        await crm.send("crm", UPDATE, delivery)

    assert "cookie" not in server.got[1][0]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "[fe80::1]"])
async def test_private_addresses_are_refused_unless_they_are_meant(server: Server, host: str):
    async with messenger(Address("crm", f"http://{host}:{server.port}/", allow_private=False)) as crm:
        failure = await refusal(crm)

    assert (failure.permanent, "private network" in failure.reason, server.got) == (True, True, [])


async def test_an_address_in_disguise_leads_nowhere(server: Server):
    async with messenger(Address("crm", f"http://127.1:{server.port}/", allow_private=False)) as crm:
        await refusal(crm)

    assert server.got == []


async def test_what_one_webhook_allows_another_does_not_get(server: Server):
    meant = Address("crm", "http://localhost:1/")
    sly = Address("sly", f"http://localhost:{server.port}/", allow_private=False)
    async with messenger(meant, sly) as both:
        assert "private network" in (await refusal(both, "sly")).reason


async def test_a_name_in_a_private_network_works_where_it_is_meant(server: Server):
    async with messenger(Address("crm", f"http://localhost:{server.port}/")) as crm:
        assert await crm.send("crm", UPDATE, "dlv_1") == "dlv_1"


async def test_a_webhook_that_left_the_configuration_says_so(crm: WebhookMessenger):
    assert "no longer in foghorn.toml" in (await refusal(crm, "gone")).reason


@pytest.mark.parametrize("value", ["", "short", "whsec_", "whsec_!!!!", "whsec_" + base64.b64encode(b"short").decode()])
async def test_a_secret_that_is_missing_or_unusable_is_named_and_never_shown(server: Server, value: str):
    async with messenger(Address("crm", f"http://127.0.0.1:{server.port}/"), secrets=value) as crm:
        failure = await refusal(crm)

    assert ("CRM_SECRET" in failure.reason, failure.permanent, server.got) == (True, True, [])


def test_each_webhook_can_hang_while_every_other_is_called() -> None:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1024, before[1]), before[1]))
    try:
        hooks = [WebhookConfig(name=f"crm-{n}", url="https://crm.example.com", secret_env="S") for n in range(500)]
        messenger = WebhookMessenger(hooks, lambda _name: None)
        files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert messenger.max_concurrent == 1000
    assert files == min(OPEN_FILES, before[1])
