"""The lint against texts that people published or would publish."""

import pytest

from bot.domain.audiences import Audience
from bot.domain.lifecycle import Stage
from bot.domain.lint import Weight, lint
from tests.domain.lint.subjects import RESOLVED, subject
from tests.reference import ORGANISATION, et

ESCALATION = (
    "This incident is larger than we first reported. Since 11:44 ET (15:44 UTC), ChatGPT, ChatGPT Business, Codex"
    " and the API have been failing worldwide: pages load without end and requests return errors. We are "
    "investigating and do not know the cause. There is no workaround yet. Next update by 11:59 ET (15:59 UTC)."
)
IDENTIFIED = (
    "We know where the failure is and are working on a fix. Since 11:44 ET (15:44 UTC), about half of API "
    "requests have returned HTTP 500 or 503 worldwide, and Codex does not answer. Signing in to your dashboard "
    "works, and your API keys are fine: please do not replace them. Keep long pauses between retries. Next update"
    " by 12:27 ET (16:27 UTC)."
)
CLOSING = (
    "This incident is resolved. On 20 April 2026, from 11:44 to 12:51 ET (15:44 to 16:51 UTC), 67 minutes, "
    "ChatGPT, ChatGPT Business, Codex and the API failed worldwide. No data was lost, and you do not need to do "
    "anything. We are sorry that you could not work with our services. By 27 April 2026 we will publish what "
    "happened and what we are changing."
)
BARE = (
    "Since 11:44 ET (15:44 UTC), some of our services have not been working as they should. We are investigating "
    "and do not yet know how many are affected. Next update by 11:59 ET (15:59 UTC)."
)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(subject(ESCALATION), id="escalation"),
        pytest.param(
            subject(
                IDENTIFIED,
                audience=Audience.DEVELOPERS,
                stage=Stage.IDENTIFIED,
                now=et("12:12"),
                promise_at=et("12:27"),
            ),
            id="identified",
        ),
        pytest.param(subject(CLOSING, **RESOLVED), id="closing"),
        pytest.param(subject(BARE, first=True, impacts={}), id="no facts at all"),
    ],
)
def test_a_text_as_it_should_be_has_no_finding(text):
    assert lint(text, ORGANISATION) == ()


def test_a_text_as_it_should_not_be_has_every_finding():
    body = "Failover of edge-prod-12 is done, errors should be gone by 13:00. Probably a bad config by a contractor."
    findings = lint(subject(body, stage=Stage.IDENTIFIED), ORGANISATION)
    marked = {finding.words for finding in findings if finding.words}
    assert marked == {"Failover", "edge-prod-12", "should be gone by 13:00", "13:00", "Probably a", "by a contractor"}


def test_a_draft_of_six_texts_blocks_only_where_it_should():
    weights = {
        finding.weight
        for audience in Audience
        for finding in lint(subject(ESCALATION, audience=audience), ORGANISATION)
    }
    assert Weight.BLOCKER not in weights
