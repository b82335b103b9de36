"""Leaks caught and texts let through, counted: over our own cases, the shared ones, and what a company published."""

from collections import Counter
from collections.abc import Iterable

import pytest

from bot.domain.lint import find_secrets
from tests.domain.lint.cases import PASS, Case, cases
from tests.domain.lint.formats import SENTENCES, secrets
from tests.domain.lint.measure import CASES, CORPUS, blocked_by, is_as_expected, published, rightly, shared_cases

LEAKS = frozenset(("L01", "L02", "L03", "L04", "L05", "L07", "L08", "L09", "L10", "L11", "L22", "L49"))


def misses(some: Iterable[Case]) -> list[tuple[str, str]]:
    return [(case.kind, case.text) for case in some if not is_as_expected(case)]


def test_every_leak_is_found_and_no_ordinary_text_is_stopped():
    assert misses(cases()) == []


def test_there_are_ordinary_texts_of_every_stage():
    assert {case.stage.value for case in cases() if case.expected == PASS} == {
        "investigating", "identified", "fix implemented", "monitoring", "resolved"
    }  # fmt: skip


@pytest.mark.skipif(not CASES.exists(), reason="the shared cases are not beside the repository")
def test_the_shared_cases_come_out_as_expected():
    assert misses(shared_cases()) == []


@pytest.mark.parametrize("sentence", SENTENCES)
def test_every_format_of_secret_is_found(sentence):
    made = [one for seed in (7, 8, 9) for one in secrets(seed)]
    assert [name for name, secret in made if not find_secrets(sentence.format(secret=secret))] == []


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of published texts is not beside the repository")
def test_hardly_any_published_text_is_stopped_wrongly():
    texts = list(dict.fromkeys(published()))[::4]  # `make bench` reads them all
    wrongly = Counter(rule for body, stage in texts for rule in blocked_by(body, stage) if not rightly(rule, body))
    assert {rule: count for rule, count in wrongly.items() if rule in LEAKS} == {}
    assert sum(wrongly.values()) < 0.002 * len(texts)
