"""The Slack checks of `foghorn doctor`: token, permissions, connection, channels, and user groups."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime

from bot.clock import Clock, utc_now
from bot.platforms.slack.manifest import BOT_SCOPES, WITHOUT
from bot.platforms.slack.web import AWAY, TOKEN, SlackWeb, error_of, failure
from bot.ports import CheckResult

CLOCKS_APART_S = 30.0
ADD = "Add it to the app (`foghorn slack manifest` lists all scopes), then reinstall the app."


async def examine(
    web: SlackWeb, *, app_token: str, http: bool, channels: Sequence[str], groups: Mapping[str, str],
    clock: Clock = utc_now,
) -> list[CheckResult]:  # fmt: skip
    """Run every check. Nothing is changed."""
    try:
        who = await web.client.auth_test()
    except AWAY as problem:
        words = f"{_why(problem)} Set SLACK_BOT_TOKEN to the app's bot token (xoxb-…)."
        return [CheckResult("slack", words, False)]
    found = [CheckResult("slack", f"is connected to {who.get('team')} as @{who.get('user')}", True)]
    found += _clock(str(who.headers.get("Date", "")), clock())
    found += _scopes(str(who.headers.get("x-oauth-scopes", "")))
    found.append(await _connection(web, app_token, http=http))
    found += [await _channel(web, channel) for channel in channels]
    return found + [await _group(web, group, there) for group, there in groups.items()]


def _clock(theirs: str, now: datetime) -> Iterable[CheckResult]:
    """Whether this machine's clock is close to Slack's. Slack's requests carry their time and are refused when old."""
    try:
        apart_s = abs((now - parsedate_to_datetime(theirs)).total_seconds())
    except ValueError:
        return
    if apart_s > CLOCKS_APART_S:
        words = f"this machine's clock differs from Slack's by {apart_s:.0f} seconds; synchronize it with a time server"
        yield CheckResult("slack clock", words, False)


def _scopes(given: str) -> list[CheckResult]:
    """Each missing scope, with what does not work without it."""
    if not given:
        return [CheckResult("slack permissions", "are unknown: this server does not list them", True)]
    missing = [scope for scope in BOT_SCOPES if scope not in {each.strip() for each in given.split(",")}]
    if not missing:
        return [CheckResult("slack permissions", f"all {len(BOT_SCOPES)} are granted", True)]
    return [
        CheckResult(f"slack permission {scope}", f"is missing: {WITHOUT[scope]}. {ADD}", False) for scope in missing
    ]


async def _connection(web: SlackWeb, app_token: str, *, http: bool) -> CheckResult:
    if not app_token:
        words = "commands arrive over HTTP at /slack/events" if http else (
            "commands cannot reach Foghorn; set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)"
        )  # fmt: skip
        return CheckResult("slack connection", words, http)
    try:
        await web.client.apps_connections_open(app_token=app_token)
    except AWAY as problem:
        words = f"{_why(problem)} Set SLACK_APP_TOKEN to an app-level token (xapp-…) with connections:write."
        return CheckResult("slack connection", words, False)
    return CheckResult("slack connection", "commands arrive over Socket Mode", True)


async def _channel(web: SlackWeb, channel: str) -> CheckResult:
    what = f"slack channel {channel}"
    if channel[:1] not in "CG":
        return CheckResult(what, "is a direct message", True)
    try:
        found = (await web.client.conversations_info(channel=channel))["channel"]
    except AWAY as problem:
        return CheckResult(what, _why(problem), False)
    what = f"slack channel #{found.get('name', channel)}"
    if found.get("is_archived"):
        return CheckResult(what, "is archived; unarchive it or unsubscribe it", False)
    if not found.get("is_member") and not found.get("is_private"):
        return CheckResult(what, "Foghorn joins it with the next update", True, channel)
    if not found.get("is_member"):
        return CheckResult(what, "Foghorn is not a member; invite it with `/invite @Foghorn`", False)
    return CheckResult(what, "gets updates", True, channel)


async def _group(web: SlackWeb, group: str, there: str) -> CheckResult:
    what = f"slack user group for {group}"
    try:
        users = (await web.client.usergroups_users_list(usergroup=there))["users"]
    except AWAY as problem:
        return CheckResult(what, f"{there} cannot be read: {_why(problem)}", False)
    return CheckResult(what, f"{there} has {len(users)} {'member' if len(users) == 1 else 'members'}", bool(users))


def _why(problem: Exception) -> str:
    error = error_of(problem)
    if error == "no_such_subteam":
        return "this user group does not exist; [slack] groups needs an id such as S0123ABCD."
    if error in TOKEN:
        return f"Slack rejected the token ({error})."
    return failure(problem).reason
