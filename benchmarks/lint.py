"""The lint, measured: cases by kind, published texts stopped by rule, and the time for texts of any kind."""

from collections import Counter
from collections.abc import Iterable, Iterator
from time import process_time

from benchmarks.measure import Figure, ms
from bot.domain.lint import find_secrets, lint
from tests.domain.lint.cases import Case, cases
from tests.domain.lint.formats import SENTENCES, secrets
from tests.domain.lint.measure import CASES, CORPUS, blocked_by, is_as_expected, published, rightly, shared_cases
from tests.domain.lint.subjects import subject
from tests.domain.lint.test_rules import HOSTILE
from tests.domain.lint.test_rules import SENTENCES as ENDLESS
from tests.reference import ORGANISATION

LONG = 100_000  # characters


def figures() -> Iterator[Figure]:
    """The shared cases and texts are left out where they are not beside the repository."""
    yield from _by_kind("our own cases", cases())
    if CASES.exists():
        yield from _by_kind("shared cases", shared_cases())
    made = [(secret, sentence) for seed in range(4) for _, secret in secrets(seed) for sentence in SENTENCES]
    hit = sum(bool(find_secrets(sentence.format(secret=secret))) for secret, sentence in made)
    yield Figure("secrets found, made from their formats", f"{hit} of {len(made)}")
    if CORPUS.exists():
        yield from _published()
    yield from _times()


def _by_kind(name: str, some: Iterable[Case]) -> Iterator[Figure]:
    every, right = Counter[str](), Counter[str]()
    for case in some:
        every[case.kind] += 1
        right[case.kind] += is_as_expected(case)
    yield Figure(f"{name}, as expected", f"{right.total()} of {every.total()}")
    for kind in every:
        yield Figure(f"{name}: {kind}", f"{right[kind]} of {every[kind]}")


def _published() -> Iterator[Figure]:
    texts = list(dict.fromkeys(published()))
    stopped = [(rule, body) for body, stage in texts for rule in blocked_by(body, stage)]
    wrongly = Counter(rule for rule, body in stopped if not rightly(rule, body))
    yield Figure("published texts read", f"{len(texts):,}")
    yield Figure("… stopped", f"{len({body for _, body in stopped}) / len(texts):.2%}")
    yield Figure("… stopped wrongly", f"{wrongly.total() / len(texts):.2%}")
    for rule, count in sorted(Counter(rule for rule, _ in stopped).items()):
        yield Figure(f"… by {rule}", str(count), str(wrongly[rule]), "of these wrongly")


def _times() -> Iterator[Figure]:
    pieces = [*HOSTILE, *ENDLESS, "password ", "a@", ".", "“\"'", "SELECT a ", "é"]
    seconds = {piece: _busy((piece * LONG)[:LONG]) for piece in pieces}
    worst = max(seconds, key=lambda piece: seconds[piece])
    yield Figure(f"100 kB of one piece again and again, the slowest ({worst!r})", ms(seconds[worst]))
    if CORPUS.exists():
        body = " ".join(body for body, _ in published())[:LONG]
        yield Figure("100 kB of published texts", ms(_busy(body)))


def _busy(body: str) -> float:
    """Seconds of the processor's time, which a busy machine does not stretch as it stretches the clock's."""
    text = subject(body)
    start = process_time()
    lint(text, ORGANISATION)
    return process_time() - start
