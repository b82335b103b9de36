"""The names of rooms."""

from datetime import UTC, datetime

import pytest

from bot.domain.rooms import NAME_LIMIT, room_name
from bot.domain.times import Zone
from tests.reference import ORGANISATION

OPENED = datetime(2026, 4, 20, 15, 44, tzinfo=UTC)
ZONE: Zone = ORGANISATION.zone


def named(title: str) -> str:
    return room_name(title, OPENED, ZONE, 42).removeprefix("inc-2026-04-20-")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("ChatGPT and API errors", "chatgpt-and-api-errors"),
        ("Überlastung: Anmeldung dauert", "uberlastung-anmeldung-dauert"),
        ("ログイン障害", "roguinzhanghai"),
        ("تعذر تسجيل الدخول", "tdhr-tsjyl-ldkhwl"),
        ("Вход не работает", "vkhod-ne-rabotaet"),
        ("API 応答なし", "api-yingdanashi"),
        ("!?", "42"),
    ],
)
def test_a_title_in_any_script_gives_the_room_a_name_that_can_be_read(title: str, name: str) -> None:
    assert named(title) == name


@pytest.mark.parametrize("title", ["障" * 200, "a " * 200])
def test_a_long_title_is_cut(title: str) -> None:
    name = room_name(title, OPENED, ZONE, 42)

    assert NAME_LIMIT - 1 <= len(name) <= NAME_LIMIT
    assert not name.endswith("-")
