"""Suggest, pressed in a room on Slack: the words of the assistant arrive as a new revision of the review."""

from pydantic import SecretStr

from bot.domain.organisation import AssistantConfig
from tests.fakes.model import serving
from tests.fakes.slack import words_of
from tests.platforms.slack.conftest import ANA, foghorn_on
from tests.platforms.slack.moves import drafted, find_in, until


async def test_a_click_on_suggest_brings_the_proposal_into_the_review(slack, settings, organisation, clock) -> None:
    async with serving() as model:
        model.words = {"facts": {"workaround": "Send requests without images."}}
        named = organisation.model_copy(update={"assistant": AssistantConfig(url=model.url, model="small")})
        keyed = settings.model_copy(update={"assistant_key": SecretStr("key-of-the-model")})
        async with foghorn_on(slack, keyed, named, clock) as team:
            review = await drafted(team)

            await slack.clicks(ANA, review, "fh:update")

            words = words_of(await until(lambda: find_in(team, "Send requests without images.")))
            assert "Suggested by the assistant" in words
