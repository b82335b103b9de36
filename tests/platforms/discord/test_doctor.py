"""`foghorn doctor` and `foghorn discord invite` name what is missing, in the words of Discord's own settings."""

import base64
from collections.abc import AsyncIterator

import pytest

from bot.platforms.discord.doctor import PERMISSIONS, CheckResult, examine, invitation
from bot.platforms.discord.web import DiscordWeb
from tests.fakes.discord import GUILD, Discord
from tests.platforms.discord.conftest import HIDDEN, ON_CALL, OPS, STATUS


@pytest.fixture
async def web(discord: Discord) -> AsyncIterator[DiscordWeb]:
    web = DiscordWeb(discord.token, discord.api_url)
    yield web
    await web.close()


async def asked(
    web: DiscordWeb, servers: tuple[str, ...] = (GUILD,), roles: tuple[str, ...] = (ON_CALL,), *,
    mentioned: tuple[str, ...] = (),
) -> list[CheckResult]:  # fmt: skip
    rooms = (OPS, HIDDEN)
    return await examine(web, servers=servers, rooms=rooms, channels=(STATUS,), roles=roles, mentioned=mentioned)


async def test_all_is_well(web: DiscordWeb) -> None:
    assert [found for found in await asked(web) if not found.well] == []


async def test_a_wrong_token_is_named(discord: Discord) -> None:
    web = DiscordWeb("wrong", discord.api_url)
    [found] = await asked(web)
    await web.close()
    assert (found.well, "select Bot, then Reset Token" in found.words) == (False, True)


async def test_a_missing_permission_is_named_per_channel(discord: Discord, web: DiscordWeb) -> None:
    discord.channels[STATUS].denied.add("EMBED_LINKS")
    discord.channels[OPS].denied.add("CREATE_PUBLIC_THREADS")
    discord.channels[HIDDEN].denied.add("VIEW_CHANNEL")
    wrong = {found.what: found.words for found in await asked(web) if not found.well}
    assert wrong == {
        "discord #ops": "allow Create Public Threads for Foghorn there",
        f"discord channel {HIDDEN}": "Foghorn cannot see it; allow “View Channels” for Foghorn there",
        "discord #status": "allow Embed Links for Foghorn there",
    }


async def test_a_server_where_foghorn_is_not_is_named(web: DiscordWeb) -> None:
    wrong = [found for found in await asked(web, (GUILD, "800000000000000099")) if not found.well]
    assert ["`foghorn discord invite`" in found.words for found in wrong] == [True]


async def test_a_role_that_no_server_has_is_named(web: DiscordWeb) -> None:
    wrong = [found.what for found in await asked(web, roles=("300000000000000099",)) if not found.well]
    assert wrong == ["discord role 300000000000000099"]


async def test_a_role_that_is_to_be_mentioned_has_to_be_mentionable(discord: Discord, web: DiscordWeb) -> None:
    wrong = [found for found in await asked(web, mentioned=(ON_CALL,)) if not found.well]
    assert [found.what for found in wrong] == ["discord role on call"]
    assert "allow anyone to @mention this role" in wrong[0].words

    discord.mentionable.add(ON_CALL)
    assert [found for found in await asked(web, mentioned=(ON_CALL,)) if not found.well] == []


async def test_a_role_to_mention_that_no_server_has_is_named(web: DiscordWeb) -> None:
    wrong = [found.what for found in await asked(web, mentioned=("300000000000000099",)) if not found.well]
    assert wrong == ["discord role 300000000000000099"]


def test_the_invitation_asks_for_what_is_used_and_nothing_else() -> None:
    token = base64.urlsafe_b64encode(b"900000000000000001").decode().rstrip("=") + ".abc.def"
    link = invitation(token)
    assert "client_id=900000000000000001&scope=bot+applications.commands" in link
    assert link.endswith(f"permissions={sum(PERMISSIONS.values())}")


def test_without_a_token_of_discords_there_is_no_invitation() -> None:
    assert invitation("nonsense") == ""
