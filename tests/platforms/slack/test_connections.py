"""Sockets and HTTP: the same handlers, and only requests that are Slack's and ours."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from tests.fakes.slack import Fails, NotAcknowledgedError, Slack
from tests.platforms.slack.conftest import ANA, ROOM, Team, foghorn_on
from tests.platforms.slack.moves import DECLARE, last_in, until

BODY = "payload=%7B%7D"


@pytest.fixture
async def over_http(slack: Slack, settings, organisation, clock) -> AsyncIterator[Team]:
    """The app without sockets, behind a real web server."""
    async with foghorn_on(slack, settings, organisation, clock, sockets=False) as team:
        web = Starlette(routes=[Route("/slack/events", team.app.http, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(web, port=0, log_level="warning", lifespan="off"))
        serving = asyncio.create_task(server.serve())
        await until(lambda: server.started)
        port = server.servers[0].sockets[0].getsockname()[1]
        slack.events_url = f"http://127.0.0.1:{port}/slack/events"
        await until(lambda: team.app.connected)
        yield team
        server.should_exit = True
        await serving


async def test_a_command_over_http_is_carried_out(over_http: Team) -> None:
    await over_http.slack.types(ANA, ROOM, DECLARE)

    await until(lambda: last_in(over_http))


async def test_a_forged_request_is_refused(over_http: Team) -> None:
    status, _text = await over_http.slack.post_events(BODY, secret="not Slack's")

    assert status == 401


async def test_a_request_older_than_five_minutes_is_refused(over_http: Team) -> None:
    status, _text = await over_http.slack.post_events(BODY, age_s=301)

    assert status == 401


async def test_a_stranger_gets_no_error_whatever_is_sent(over_http: Team) -> None:
    now = str(int(time.time()))
    for body in (b"\xff\xfe", b'{"a":[', b"payload=nonsense", b"payload=%5B1%5D", b"", b"ssl_check=1&payload={"):
        for timestamp, signature in ((now, "v0=0"), ("soon", "v0=0"), (now, "\xe9"), ("", "")):
            head = {"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}
            raw = [(name.encode(), value.encode("latin-1")) for name, value in head.items()]

            assert await asked(over_http, raw, body) == (200 if b"ssl_check" in body else 401)


async def asked(team: Team, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
    """The status of a request as it would arrive from any client."""
    scope = {"type": "http", "method": "POST", "path": "/slack/events", "query_string": b"", "headers": headers}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": body}

    return (await team.app.http(Request(scope, receive))).status_code


async def test_somebody_of_another_workspace_is_refused_in_words(team: Team) -> None:
    team.slack.team = "T0OTHERS"

    ack = await team.slack.types(ANA, ROOM, DECLARE)

    assert "Foghorn is not set up for this workspace" in ack["text"]
    assert team.rooms() == []


async def test_while_one_socket_is_renewed_the_other_listens(team: Team) -> None:
    await team.slack.refresh()

    await asyncio.gather(*(team.slack.types(ANA, ROOM, f"/incident help note {n}") for n in range(4)))


async def test_a_socket_that_breaks_comes_back(team: Team) -> None:
    [broken, _other] = list(team.slack.sockets)

    team.slack.drop()

    await until(lambda: broken not in team.slack.sockets)
    await team.slack.types(ANA, ROOM, DECLARE)
    await until(lambda: last_in(team))


async def test_without_sockets_an_outage_of_slack_shows_too(slack: Slack, settings, organisation, clock) -> None:
    async with foghorn_on(slack, settings, organisation, clock, sockets=False, look_every_s=0.05) as team:
        await until(lambda: team.app.connected)
        slack.fail("auth.test", Fails.SERVER_ERROR, times=3)
        await until(lambda: not team.app.connected)
        await until(lambda: team.app.connected)
        traffic = team.app.traffic

    assert (traffic.answered_s is None, traffic.heard_s) == (False, None)


async def test_what_slack_sends_is_noticed(team: Team) -> None:
    await team.slack.types(ANA, ROOM, "/incident help note")

    assert team.app.traffic.heard_s is not None


async def test_stopping_finishes_what_was_acknowledged(slack: Slack, settings, organisation, clock) -> None:
    async with foghorn_on(slack, settings, organisation, clock):
        await slack.types(ANA, ROOM, DECLARE)

    assert len(slack.messages(ROOM)) + len(slack.seen_by(ANA)) > 0


async def test_without_the_app_nobody_acknowledges(slack: Slack) -> None:
    slack.events_url = "http://127.0.0.1:9/slack/events"

    with pytest.raises((NotAcknowledgedError, OSError)):
        await slack.types(ANA, ROOM, DECLARE)


async def test_an_event_that_cannot_be_stored_is_answered_with_503_so_that_slack_delivers_it_again(
    over_http: Team, settings
) -> None:
    database = Path(settings.database_url.removeprefix("sqlite:///"))
    item = {"type": "message", "channel": ROOM, "ts": "1.2"}
    event = {"type": "reaction_added", "user": ANA, "reaction": "pushpin", "item": item}
    body = {"type": "event_callback", "event_id": "Ev1", "team_id": over_http.slack.team, "event": event}
    away = database.rename(database.with_name("away.db"))
    busy, _ = await over_http.slack.post_events(json.dumps(body), content_type="application/json")
    away.rename(database)
    stored, _ = await over_http.slack.post_events(json.dumps(body), content_type="application/json")

    assert (busy, stored) == (503, 200)
