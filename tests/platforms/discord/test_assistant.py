"""Suggest, pressed in a thread on Discord: the words of the assistant arrive as a new revision of the review."""

from pydantic import SecretStr

from bot.domain.organisation import AssistantConfig
from bot.store import incidents, updates
from tests.fakes.model import serving
from tests.platforms.discord.conftest import ANA, foghorn_on
from tests.platforms.discord.moves import drafted, said_in, until


async def test_a_click_on_suggest_brings_the_proposal_into_the_review(discord, settings, organisation, clock) -> None:
    async with serving() as model:
        model.words = {"facts": {"workaround": "Send requests without images."}}
        named = organisation.model_copy(update={"assistant": AssistantConfig(url=model.url, model="small")})
        keyed = settings.model_copy(update={"assistant_key": SecretStr("key-of-the-model")})
        async with foghorn_on(discord, keyed, named, clock) as team:
            room, review = await drafted(team)

            await discord.clicks(ANA, review, "Suggest", channel=room)

            await until(lambda: len(model.asked) == 1)
            await until(lambda: _revisions(team) == 3)
            await team.outbox.drain()
            told = [words for words in said_in(team, room) if "Send requests without images." in words]
            assert "Suggested by the assistant" in told[-1]


def _revisions(team) -> int:
    with team.core.store.read() as tx:
        draft = updates.find_draft(tx, incidents.find_incident(tx, 1))
        return draft.revision if draft else 0
