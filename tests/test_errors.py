"""Refusals, read from the source: a sentence with a fact that is not given would fail when it is raised."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import bot
from bot import errors
from bot.errors import BotError

KINDS = {
    name: kind for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.BotError)
}


def raised() -> Iterator[tuple[str, str, set[str]]]:
    """Place, sentence, and facts of each refusal that is made with all its facts by name."""
    for path in sorted(Path(bot.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        messages: dict[int, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
                messages |= (
                    {node.end_lineno or 0: node.value.value} if ast.unparse(node.targets[0]) == "message" else {}
                )
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in KINDS):
                continue
            kind, facts = KINDS[call.func.id], {keyword.arg for keyword in call.keywords}
            if issubclass(kind, errors.SendFailed) or None in facts:
                continue
            words = kind.__doc__ or ""
            if call.args and isinstance(call.args[0], ast.Constant):
                words = str(call.args[0].value)
            elif call.args:
                words = messages.get(call.lineno - 1, "")
            if words:
                yield f"{path.name}:{call.lineno}", words, {str(fact) for fact in facts}


def test_every_refusal_is_given_the_facts_that_its_sentence_names() -> None:
    found = list(raised())
    assert len(found) > 90
    wrong = {}
    for place, words, facts in found:
        named = {name for _, name, _, _ in Formatter().parse(words) if name}
        if named != facts:
            wrong[place] = named ^ facts
    assert wrong == {}


def test_a_refusal_keeps_its_sentence_and_its_facts_apart() -> None:
    refusal = errors.NotFound("{typed} does not exist.", typed="*INC-9*")
    assert (refusal.words, dict(refusal.facts)) == ("{typed} does not exist.", {"typed": "*INC-9*"})
    assert str(refusal) == "*INC-9* does not exist."
    assert BotError().words == "Something was refused and nothing was changed."
