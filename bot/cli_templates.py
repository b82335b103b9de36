"""`foghorn templates`: checks the texts that customers read, and shows any of them from facts on the command line."""

import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from jinja2 import Environment, TemplateSyntaxError, meta, nodes

from bot.clock import utc_now
from bot.commands import fields, grammar
from bot.commands import shared_fields as shared
from bot.commands.fields import ParseContext
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import NOTES, WORDS, Facts
from bot.domain.organisation import Organisation
from bot.domain.template_samples import sample_contexts, template_samples
from bot.domain.update_context import TEMPLATE_NAMES, UpdateContext, failing_in
from bot.domain.wording import fill
from bot.errors import ConfigurationError
from bot.settings import read_setup  # without a check of the languages, which `templates lint` reports in full
from bot.templating import Templates

MARKS = '"“”„«'
templates = typer.Typer(no_args_is_help=True, help="Try the texts customers read.")

REPLACED: Mapping[str, str] = {
    **dict.fromkeys(("failing", "still_failing", "still_failing_briefly"),
                    "Use `problem` in a sentence of your own, then `sees`, `who`, and `started`."),
    "news": "Use `message`.",
    "scope": "Use `who`.",
    **dict.fromkeys(("works", "unaffected", "own_unaffected"), "Use `ok`."),
    "own_affected": "Remove it.",
    "action": "Use `do`.",
    **dict.fromkeys(("components", "they", "have", "work", "answer"),
                    "Use `services`, in a sentence whose verb does not depend on it."),
    **dict.fromkeys(("named", "names"), "Use `services`."),
    **dict.fromkeys(("failed_components", "failed"), "Use `past`."),
    "lagging": "Use `still`.",
    "grown": "Use `worsened` and `changes`.",
    "works_since": "Use `fixed`.",
    "since": "Use `started`.",
    "review_by": "Use `review`.",
    "fixed_after": "Use `lasted`.",
    "next_update": "Use `promise`.",
    "time": "Remove it: times come from the facts.",
    "right_within": "Use `right`.",
    "first_published": "Use `first_reported`.",
    "last_news": "Use `last_update`.",
    "cancelled": "A false alarm has a template of its own, `false_alarm`.",
    "told": "Use `first`.",
    **dict.fromkeys(("apology", "watch", "watch_for", "shed", "scope_unknown", "rhythm", "urgent", "organisation",
                     "closing", "filled", "limit"), "Write the sentence without it."),
}  # fmt: skip
"""Values of earlier versions, and what to write instead. `failing` is now a yes or no."""


@templates.command("lint")
def templates_lint(context: typer.Context) -> None:
    """Read every template of yours, render every text with odd data, and say what fails."""
    setup = read_setup(context.obj)
    problems = template_problems(setup.organisation, Templates(setup.settings.templates_dir))
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems:
        raise typer.Exit(1)
    print("Every text renders.")


@templates.command("render", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def templates_render(
    context: typer.Context,
    kind: Annotated[str, typer.Argument(help="A kind of text, such as identified or no_change.")],
    audience: Annotated[Audience | None, typer.Option(help="Only this audience; default: all.")] = None,
    language: Annotated[str, typer.Option(help="Default: the first of foghorn.toml.")] = "",
) -> None:
    """Show a text from facts: `templates render identified on:api=major sees:"500 errors" since:9:51`."""
    wanted = kind.replace("-", "_").replace(" ", "_").casefold()
    wanted = {"fix": "fix_implemented", "cancel": "false_alarm", "correct": "correction"}.get(wanted, wanted)
    setup = read_setup(context.obj)
    organisation, files, now = setup.organisation, Templates(setup.settings.templates_dir), utc_now()
    language = language or organisation.languages[0]
    if wanted not in TEMPLATE_NAMES or files.missing(language):
        there = f"There is no kind “{kind}”. Kinds: {', '.join(TEMPLATE_NAMES)}."
        print(there if wanted not in TEMPLATE_NAMES else f"There are no texts in “{language}”.", file=sys.stderr)
        raise typer.Exit(2)
    typed = _typed(organisation, context.args, now)
    if wanted == "correction" and not ("wrong" in typed and "right" in typed):
        print('A correction needs the wrong words and the right ones: wrong:"..." right:"..."', file=sys.stderr)
        raise typer.Exit(2)
    sample = _sample(organisation, wanted, language, typed, now)
    at = sample.now + organisation.interval(sample.severity)
    promise = "" if sample.closes else files.wording(organisation, language).promise(at, sample.now)
    for each in (audience,) if audience else Audience:
        rendered = files.render(organisation, language, each, sample)
        if rendered.problem:
            print(rendered.problem, file=sys.stderr)
        left_out = f"\n(left out: {' '.join(rendered.left_out)})" if rendered.left_out else ""
        print(f"[{each.value}]\n{fill(rendered.body, promise)}{left_out}\n")


_FACTS = (
    shared.MESSAGE, *shared.FACTS, shared.END, shared.DATA, shared.REVIEW, shared.WRONG, shared.RIGHT, shared.AVOID,
    shared.TITLE, *shared.NOTES, shared.ON, shared.RECOVERED,
)  # fmt: skip


def _typed(organisation: Organisation, arguments: Sequence[str], now: datetime) -> dict[str, Any]:
    """What was typed after the kind, as `update` reads it. Raises InvalidField."""
    typed, _ = grammar.read(_FACTS, quoted(arguments, _FACTS))
    asked = [replace(field, required=False) for field in _FACTS]
    values, problems = fields.parse(asked, typed, ParseContext(organisation, now))
    for problem in problems.values():
        raise problem
    return {name: value for name, value in values.items() if value is not None}


def quoted(arguments: Iterable[str], asked: Collection[fields.Field]) -> str:
    """The arguments as one line, with the quotation marks that the shell removed around values with spaces."""

    def restored(argument: str) -> str:
        key, _, value = argument.partition(":")
        bare = re.search(r"\s", value) and value[0] not in f"{MARKS} \n"
        if not bare or not any(field.is_key(key) for field in asked):
            return argument
        return f"{key}:«{value}»" if any(mark in value for mark in MARKS) else f'{key}:"{value}"'

    return " ".join(map(restored, arguments))


def _sample(
    organisation: Organisation, wanted: str, language: str, typed: dict[str, Any], now: datetime
) -> UpdateContext:
    """The context of a text of this kind with the typed facts."""
    names = {"false_alarm": "false alarm", "no_change": "no change at investigating",
             "correction": "correction at investigating", "maintenance": "maintenance at investigating",
             "fix_implemented": "fix implemented"}  # fmt: skip
    base = replace(sample_contexts(organisation, now)[names.get(wanted, wanted)], promise_at=now)
    impacts = typed.pop("impacts", base.impacts)
    confirmed = bool(typed.pop("recovered", False))
    if isinstance(typed.get("ok"), tuple):
        typed["unaffected"] = typed.pop("ok")
    notes = {audience: typed.pop(audience) for audience in NOTES if audience in typed}
    words = {name: typed[name] for name in WORDS if name in typed}
    facts = Facts.model_validate({**typed, "notes": notes, "translated": {language: words}})
    if wanted in ("monitoring", "resolved", "false_alarm"):
        worst = failing_in(impacts) or base.worst
        shown = {key: Impact.OPERATIONAL if key in worst else impact for key, impact in impacts.items()}
        return replace(
            base, facts=facts, impacts=shown, worst=worst, published=worst, confirmed=confirmed, began=facts.since
        )
    if wanted == "investigating":  # the first update: customers were told nothing yet
        return replace(base, facts=facts, impacts=impacts, worst={}, published={}, last=Facts(), stage_before=None,
                       first_at=None, last_at=None)  # fmt: skip
    return replace(base, facts=facts, impacts=impacts, worst=failing_in(impacts), published=impacts, last=facts)


def template_problems(organisation: Organisation, files: Templates) -> list[str]:
    """What is missing or wrong in words and templates, or else what fails to render; each problem once."""
    problems: dict[str, None] = {}
    for language in organisation.languages:
        missing = files.missing(language)
        problems |= {f"There is no {name}.": None for name in missing}
        if not missing:
            try:
                files.check_words(language)
            except ConfigurationError as problem:
                problems |= {f"{problem.file}, line {line}: {words}": None for line, words in problem.mistakes}
    problems |= dict.fromkeys(_unknown_values(organisation, files))
    if problems:
        return list(problems)
    for _name, sample in template_samples(organisation, utc_now()):
        for language in organisation.languages:
            for audience in Audience:
                if found := files.render(organisation, language, audience, sample).problem:
                    problems[found] = None
    return list(problems)


def _unknown_values(organisation: Organisation, files: Templates) -> Iterator[str]:
    """Each unknown value in a template of the overlay, with its line and what to write instead."""
    sample = next(sample for _, sample in template_samples(organisation, utc_now()))
    values = files.wording(organisation, organisation.languages[0]).values(sample, Audience.CUSTOMERS)
    known = values.keys()
    for name, source in files.sources():
        try:
            tree = Environment().parse(source)
        except TemplateSyntaxError:
            continue  # rendering reports it, with the line
        unknown = meta.find_undeclared_variables(tree) - known
        said = {id(node) for output in tree.find_all(nodes.Output) for node in output.nodes}
        for found in tree.find_all(nodes.Name):
            near = get_close_matches(found.name, known, n=1, cutoff=0.75)
            instead = REPLACED.get(found.name) or (f"Did you mean `{near[0]}`?" if near else "Remove it.")
            if found.name in unknown:
                yield f"{name}, line {found.lineno}: there is no value `{found.name}`. {instead}"
            elif id(found) in said and isinstance(values[found.name], bool):
                yield f"{name}, line {found.lineno}: `{found.name}` is a yes or no, not a text. {instead}"
