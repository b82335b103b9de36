"""Secrets, in texts and in notes."""

import pytest

from bot.domain.lint import find_secrets, mask_secrets

RANDOM = "q7Rz0PfL2mVx9TbYc4WnKe8HsJd3GuAa"


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("AKIA" + "IOSFODNN7EXAMPLE", "an AWS access key"),
        ("ghp_" + RANDOM, "a GitHub token"),
        ("xoxp-1-2-abc", "a Slack token"),
        ("sk-proj-" + RANDOM, "an API key"),
        ("sk_live_" + RANDOM, "an API key"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "a signed token"),
        ("-----BEGIN RSA PRIVATE KEY-----", "a private key"),
        ("-----BEGIN PRIVATE KEY-----\nabc=\n-----END PRIVATE KEY-----", "a private key"),
        ("whsec_" + RANDOM, "a webhook secret"),
        ("password=hunter2", "a password"),
        (RANDOM, "a key or password"),
        ("0123456789abcdef" * 2, "a key or password"),
    ],
)
def test_each_kind_of_secret_is_found(secret, kind):
    text = f"before {secret} after"
    (one,) = find_secrets(text)
    assert (text[one.start : one.end], one.kind) == (secret, kind)


@pytest.mark.parametrize(
    "text",
    [
        "Your password is not the reason, so please do not reset it.",
        "API keys are fine: please do not replace them.",
        "https://docs.example.com/en/codespaces/setting-your-default-region-for-codespaces-2026",
        "a" * 200,
        "1" * 200,
    ],
)
def test_ordinary_words_are_no_secret(text):
    assert find_secrets(text) == ()


def test_a_note_keeps_its_words_and_loses_its_secret():
    assert mask_secrets("We used xoxb-12-ab, twice.") == "We used [a Slack token, removed], twice."


def test_a_note_without_secrets_stays_as_it_is():
    assert mask_secrets("Error rates fall.") == "Error rates fall."
