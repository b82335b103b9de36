"""Edit conflicts in forms: where someone else has saved another text, the person chooses which one to save."""

import re
from collections.abc import Mapping
from dataclasses import replace

from bot.views import Answer, Asks, Form, FormField, Option

MINE, THEIRS = "mine", "theirs"
CHOICE = "choose."
"""Starts the name of a choice: `choose.3.customers` is about a text of revision 3, `choose.3.` about all of them."""
_NAME = re.compile(r"choose\.(\d+)\.(\w*)")


def with_choices(answer: Answer, typed: Mapping[str, str]) -> Answer:
    """Add a choice below each conflict of a returned form; any other answer stays as it is.

    `typed`: what was submitted. The form stays based on the revision that was read first, so that it is returned as
    long as a choice is missing.
    """
    if not isinstance(answer, Form) or not any(field.theirs for field in answer.fields):
        return answer
    kept = dict(answer.kept)
    now = kept.pop("revision")
    if read := typed.get("revision"):
        kept["revision"] = read
    fields = []
    for field in answer.fields:
        choice = _choice(now, field.name, field.label, "Save mine, as it is above", "Keep what is in the draft now")
        fields += [field, choice] if field.theirs else [field]
    return replace(answer, fields=tuple(fields), kept=tuple(kept.items()))


def with_one_choice(form: Form) -> Form:
    """The same form with one choice for all conflicts, if there is no room for more."""
    choices = [field for field in form.fields if field.name.startswith(CHOICE)]
    now = choices[0].name.split(".")[1]
    mine, theirs = "Save mine in all of them", "Keep what is in the draft now in all of them"
    choice = _choice(now, "", "Texts with a conflict", mine, theirs)
    fields = (*(field for field in form.fields if field not in choices), choice)
    return replace(form, fields=fields, kept=(*form.kept, *((each.name, "") for each in choices)))


def chosen(typed: Mapping[str, str]) -> dict[str, str]:
    """What was submitted, with the choices applied: without the fields that keep what is in the draft.

    Once every choice is made, it counts as based on the revision that was read last.
    """
    found = {name: match for name in typed if (match := _NAME.fullmatch(name))}
    values = {name: text for name, text in typed.items() if name not in found}
    choices = {match[2]: typed[name] for name, match in found.items()}
    for_all = choices.pop("", "")
    choices = {field: choice or for_all for field, choice in choices.items()}
    if not choices or not {MINE, THEIRS} >= set(choices.values()):
        return values
    now = max(int(match[1]) for match in found.values())
    return {name: text for name, text in values.items() if choices.get(name) != THEIRS} | {"revision": str(now)}


def _choice(revision: str, field: str, label: str, mine: str, theirs: str) -> FormField:
    options = (Option(MINE, mine), Option(THEIRS, theirs))
    name = f"{CHOICE}{revision}.{field}"
    return FormField(name, f"{label}: which to save", required=True, options=options, asks=Asks.ONE)
