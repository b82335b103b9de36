"""The failures of public incidents, from the rows of both databases."""

from bot.domain.components import Impact
from bot.domain.spans import IncidentFailures
from bot.store import published
from tests.harness import START, Harness


def failures(harness: Harness) -> dict[str, IncidentFailures]:
    with harness.store.read() as tx:
        return {each.key: each for each in published.failures(tx, published.open_since(tx, START))}


def publish(harness: Harness, key: str) -> None:
    harness.ana(f"publish {key}")
    harness.ben(f"approve {key}")


def test_only_what_was_published_counts(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=partial")
    either.ana("declare! Codex errors sev:3 on:codex=partial private:yes")
    either.ana("declare! Search errors sev:3 on:chatgpt=partial")
    publish(either, "INC-3")
    either.ana("impact INC-3 chatgpt=major")
    [only] = failures(either).values()
    assert (only.key, list(only.failures)) == ("INC-3", ["chatgpt"])
    assert [span.impact for span in only.failures["chatgpt"]] == [Impact.PARTIAL]


def test_a_time_that_a_later_update_repeats_counts_once(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=partial since:05:02")
    publish(either, "INC-1")
    either.later(10)
    either.ana("impact INC-1 codex=partial")
    either.ana("update INC-1 identified We are adding capacity.")
    publish(either, "INC-1")
    found = failures(either)["INC-1"].failures
    assert [f"{found[key][0].since:%H:%M}" for key in ("api", "codex")] == ["09:02", "09:25"]


def test_what_was_merged_fails_until_the_other_incident_says_again_what_fails(either: Harness) -> None:
    either.ana("declare API errors sev:3 on:api=partial")
    publish(either, "INC-1")
    either.ana("declare! Codex errors sev:3 on:codex=partial")
    publish(either, "INC-2")
    either.later(5)
    either.ana("merge INC-2 INC-1")
    either.later(10)
    either.ana("update INC-1 identified We are adding capacity.")
    publish(either, "INC-1")
    found = failures(either)
    [merged], [survived] = found["INC-2"].failures["codex"], found["INC-1"].failures["codex"]
    assert merged.until == survived.since == either.clock.now
