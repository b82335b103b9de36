"""What the command bar offers while someone types, and what it says Enter would do."""

import pytest

from bot.commands.invocation import Account, Place
from bot.commands.line_completions import complete_line
from bot.domain.deliveries import Delivery
from bot.domain.updates import Update
from bot.views import DraftReview, Notice
from tests.harness import Harness, say

CONSOLE = Place("console")


@pytest.fixture
def harness(crowd: Harness) -> Harness:
    crowd.ana("declare API errors sev:3 on:api=major")
    crowd.ana('update investigating sees:"requests return errors" since:05:10')
    return crowd


async def offered(harness: Harness, line: str, handle: str = "ana", incident: str = "INC-1") -> list[str]:
    """The lines that are offered."""
    who = Account("cli", handle)
    found = await harness.desk.look("help", lambda ctx: complete_line(ctx, line), who, incident)
    return [option.value for option in found]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("upd", "update"),
        ("update mon", "update monitoring"),
        ("update ne", "update next:"),
        ("update monitoring next:3", "update monitoring next:30m"),
        ("update sees:", 'update sees:"requests return errors"'),
        ('update identified sees:"requests', 'update identified sees:"requests return errors"'),
        ("update on:ap", "update on:api=major"),
        ("update on:api=major,chatgpt=pa", "update on:api=major,chatgpt=partial"),
        ("impact ap", "impact api=major"),
        ("severity ", "severity SEV1"),
        ("assign com", "assign commander"),
        ("assign comms be", "assign comms @ben"),
        ("help upd", "help update"),
        ("edit cust", "edit customers"),
        ("/incident upd", "update"),
    ],
)
async def test_a_line_goes_on_with_verbs_keys_components_people_stages_and_own_values(
    harness: Harness, typed: str, first: str
) -> None:
    assert (await offered(harness, typed))[0] == first


async def test_only_stages_that_can_be_reached_are_offered(harness: Harness) -> None:
    assert "update resolved" not in await offered(harness, "update ")


async def test_every_line_that_is_offered_can_be_read(harness: Harness) -> None:
    stages = [line for line in await offered(harness, "update ") if not line.endswith(":")]
    assert stages == ["update investigating", "update identified", "update fix-implemented", "update monitoring"]
    for line in (*stages, *await offered(harness, "update stage:"), *await offered(harness, "severity ")):
        answer = harness.desk.preview(line, Account("cli", "ana"), CONSOLE)
        assert not (isinstance(answer, Notice) and answer.refused), line
    assert await offered(harness, "private ") == ["private yes", "private no"]
    assert "merge INC-1" not in await offered(harness, "merge ")


async def test_what_was_typed_is_not_offered_again(harness: Harness) -> None:
    found = await offered(harness, "update monitoring next:30m ")
    assert not [line for line in found if line.endswith((" next:", " identified"))]


async def test_elsewhere_the_open_incidents_are_offered(harness: Harness) -> None:
    harness.ana("declare ChatGPT down")
    assert (await offered(harness, "update ", incident=""))[:2] == ["update INC-2", "update INC-1"]


async def test_private_incidents_and_forbidden_commands_are_not_offered(harness: Harness) -> None:
    harness.ana("declare A secret sev:1 private:yes")
    assert "INC-2" not in str(await offered(harness, "update ", "eve", incident=""))
    assert await offered(harness, "update INC-2 sees:", "eve", incident="") == []
    assert await offered(harness, "subsc", "eve", incident="") == ["subscriptions"]


def preview(harness: Harness, line: str, handle: str = "ana") -> str:
    return say(harness.desk.preview(line, Account("cli", handle), CONSOLE))


def test_a_preview_says_what_a_line_would_do_and_changes_nothing(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=major")
    before = (either.rows(Update), either.rows(Delivery), either.record())

    assert "Published: update 1." in preview(either, "publish")
    answer = either.desk.preview("update monitoring next:30m", Account("cli", "ana"), CONSOLE)
    assert isinstance(answer, DraftReview)
    assert answer.stage_to == "monitoring"
    assert "SEV1" in preview(either, "severity 1")

    assert (either.rows(Update), either.rows(Delivery), either.record()) == before


def test_a_preview_says_why_a_line_would_be_refused(harness: Harness) -> None:
    answer = harness.desk.preview("updat monitoring", Account("cli", "ana"), CONSOLE)
    assert isinstance(answer, Notice)
    assert answer.refused
    assert "Did you mean" in say(answer)
