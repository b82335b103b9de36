"""Claims that should not be made."""

import pytest

from bot.domain.audiences import Audience
from bot.domain.facts import Facts
from bot.domain.lifecycle import Stage
from bot.domain.lint import Weight
from tests.domain.lint.subjects import found, organisation, words


@pytest.mark.parametrize(
    ("rule", "body", "expected"),
    [
        ("L20", "We think it is the network.", ["We think"]),
        ("L20", "Probably our provider.", ["Probably our"]),
        ("L20", "It may be caused by a change.", ["may be caused by"]),
        ("L20", "It appears to be due to a change.", ["appears to be due to"]),
        ("L21", "It fails due to a change.", ["due to"]),
        ("L21", "The root cause is a change.", ["root cause"]),
        ("L22", "It was human error.", ["human error"]),
        ("L22", "A bad setting by a contractor.", ["by a contractor"]),
        ("L22", "An engineer deleted it.", ["An engineer"]),
        ("L22", "It was the fault of the network team.", ["fault of the"]),
        ("L30", "A breach of our systems.", ["breach"]),
        ("L30", "Some data was lost.", ["data was lost"]),
        ("L30", "There was data loss.", ["data loss"]),
        ("L30", "We cannot rule out a breach.", ["breach"]),
        ("L30", "No passwords leaked, but data was lost.", ["data was lost"]),
        ("L30", "Nothing else failed; a DDoS attack goes on.", ["DDoS", "attack"]),
        ("L32", "The failover is done.", ["failover"]),
        ("L32", "Failed  over from Redis; p99 is fine.", ["Failed  over", "Redis", "p99"]),
    ],
)
def test_the_claim_is_found(rule, body, expected):
    assert words(rule, body) == expected


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("L20", "Some requests may be slow. If possible, reload the page. It is like before."),
        ("L21", "We are investigating the root cause. The report is due tomorrow."),
        ("L22", "Our engineers are working on it. Ask your administrator, or an administrator of your workspace."),
        ("L22", "It is not an error of yours. Internal checks passed."),
        ("L30", "No data was lost. Data was not lost."),
        ("L30", "No data was lost, exposed or corrupted. There was no breach, and it was not an attack."),
        ("L30", "We are still checking whether data was affected and will say so by 27 April 2026."),
        ("L32", "The API fails over and over; our podium is shared."),
    ],
)
def test_the_close_one_is_left_alone(rule, body):
    assert words(rule, body) == []


def test_a_confirmed_cause_may_be_named_after_investigating():
    body, facts = "It failed due to a change.", Facts(cause="a change we made")
    assert found("L21", body, facts=facts, stage=Stage.IDENTIFIED) == []
    assert [f.weight for f in found("L21", body, facts=facts)] == [Weight.WARNING]


def test_a_security_word_asks_for_its_approver_and_does_not_block():
    (finding,) = found("L30", "Some data was lost.")
    assert (finding.weight, finding.approver) == (Weight.WARNING, "security")


def test_jargon_comes_with_plain_words():
    (finding,) = found("L32", "Our Gizmo is down.", organisation(jargon={"gizmo": "spare system"}))
    assert finding.suggestion == "Leave it out, or write “spare system”."


def test_developers_may_read_jargon():
    assert found("L32", "The failover is done.", audience=Audience.DEVELOPERS) == []
