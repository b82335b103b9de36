"""Foghorn's own channels: the row is the message."""

from datetime import UTC, datetime

from bot.platforms.local.messenger import LocalMessenger
from bot.views import RoomLine, say

LINE = RoomLine("INC-42", say("It is back."))


async def test_a_message_is_named_by_its_delivery():
    local = LocalMessenger()

    assert await local.send("#status", LINE, "dlv_1") == "dlv_1"
    assert await local.reply("#status", "dlv_1", LINE, "dlv_2") == "dlv_2"


async def test_an_edit_keeps_the_name_of_the_message():
    assert await LocalMessenger().edit("#status", "dlv_1", LINE, "dlv_2") == "dlv_1"


async def test_what_is_in_the_table_has_arrived():
    assert await LocalMessenger().find("#status", "dlv_1", datetime.min.replace(tzinfo=UTC)) == "dlv_1"
