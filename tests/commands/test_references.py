"""IDs of a platform in what people type become names; what has none stays, and is never markup."""

import pytest

from bot.commands.references import named
from bot.ports import PlatformId

NAMES = {
    PlatformId("person", "U0BEN1"): "Ben Osei",
    PlatformId("person", "123"): "Dia\n  Roy",
    PlatformId("channel", "C0NEWS1"): "status",
    PlatformId("channel", "C0PRIVATE"): "",
    PlatformId("group", "S0CALL"): "oncall",
    PlatformId("group", "456"): "@on call",
}


async def lookup(found: PlatformId) -> str | None:
    return NAMES.get(found)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("ask <@U0BEN1> and <@U0BEN1|ben>", "ask @Ben Osei and @Ben Osei"),
        ("<@123> <@!123>", "@Dia Roy @Dia Roy"),
        ("see <#C0NEWS1> <#C0NEWS1|old-name>", "see #status #status"),
        ("see <#C0PRIVATE> <#C0PRIVATE|keys-leaked>", "see a private channel a private channel"),
        ("<!subteam^S0CALL> <@&456>", "@oncall @on call"),
        ("<@U0NOBODY> <#C0NOWHERE|news> <@&9>", "@U0NOBODY #news @9"),
        ("<:fire:123> <a:spin:456>", ":fire: :spin:"),
        ("a < b, 1 <@ 2, <@>, <#>, <b>", "a < b, 1 <@ 2, <@>, <#>, <b>"),
    ],
)
async def test_an_id_becomes_a_name(typed: str, shown: str) -> None:
    assert await named(typed, lookup) == shown
