"""An update on its way to another program, through the whole outbox and a real HTTP server."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.domain.deliveries import RETRY_AFTER
from bot.domain.organisation import WebhookConfig
from bot.platforms.webhook.messenger import WebhookMessenger
from tests.harness import say
from tests.worker.world import World

SECRET = SecretStr("whsec_" + "YWFh" * 8)


@dataclass
class Program:
    """What listens at the address; it answers what is in `answers`, then 204."""

    got: list[str] = field(default_factory=list)
    answers: list[web.Response | None] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        self.got.append(request.headers["webhook-id"])
        await request.read()
        answer = self.answers.pop(0) if self.answers else web.Response(status=204)
        if answer is None and request.transport:  # it has read everything, and its answer is lost
            request.transport.abort()
        return answer or web.Response()


@pytest.fixture
async def program(world: World) -> AsyncIterator[Program]:
    """Subscribed as `webhook:crm`, with an update on its way."""
    program = Program()
    app = web.Application()
    app.router.add_post("/hook", program.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    crm = WebhookConfig(name="crm", url=url, secret_env="CRM_SECRET", allow_private=True)
    messenger = WebhookMessenger([crm], {"CRM_SECRET": SECRET}.get)
    world.messengers["webhook"] = messenger
    world.subscribe("webhook:crm")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()
    yield program
    await messenger.close()
    await runner.cleanup()


async def test_a_webhook_gets_the_update_under_the_id_of_its_delivery(world: World, program: Program):
    await world.run()

    assert program.got == [world.one("webhook:crm").id]


async def test_an_answer_lost_after_the_act_says_that_it_may_have_been_sent_twice(world: World, program: Program):
    program.answers = [None]
    await world.run()
    await world.run(seconds=RETRY_AFTER[0])

    row = world.one("webhook:crm")
    assert (program.got, row.state, row.maybe_twice) == ([row.id, row.id], "sent", True)


async def test_a_refusal_is_tried_again_under_the_same_id_and_without_doubt(world: World, program: Program):
    program.answers = [web.Response(status=503)]
    await world.run()
    await world.run(seconds=RETRY_AFTER[0])

    row = world.one("webhook:crm")
    assert (program.got, row.state, row.maybe_twice) == ([row.id, row.id], "sent", False)


async def test_an_address_that_is_gone_is_dead_with_what_to_do(world: World, program: Program):
    program.answers = [web.Response(status=410)]
    await world.run()

    row = world.one("webhook:crm")
    assert (row.state, row.reason) == ("dead", "the address answers 410 (gone); unsubscribe it")


async def test_an_update_that_waits_behind_a_failing_one_says_why(world: World, program: Program):
    program.answers = [web.Response(status=503), web.Response(status=503)]
    await world.run()
    world.publish("update identified It is the cache.")
    await world.run()

    report = say(world.ana("deliveries"))
    [line] = [line for line in report.splitlines() if line.startswith("webhook crm") or "crm" in line]
    assert "waiting" in line
    assert "an earlier message has to arrive first: the address answers 503" in line


def test_an_update_for_a_platform_that_is_off_says_so(world: World):
    world.subscribe("slack:C0123")
    world.do("ana", "declare Pages hang sev:1 on:chatgpt=major")
    world.publish()

    report = say(world.ana("deliveries"))
    assert "Slack is not set up, so nothing is sent there; `foghorn doctor` says what is missing" in report
