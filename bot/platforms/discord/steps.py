"""The step before a modal that cannot hold all choices: a message with select menus, which then opens the modal.

The message itself holds what was chosen, so a step still works after a restart.
Limits: docs.discord.com, "Components reference": 40 components a message, 25 options a select menu.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from discord import ButtonStyle, SelectOption, ui

from bot.commands import catalog
from bot.commands.choices import impact_options
from bot.platforms.discord.components import BLUE, CUSTOM_ID, OPTION_TEXT, OPTIONS, Item, Json, laid_out
from bot.platforms.discord.markdown import clipped, escape
from bot.platforms.discord.modals import asked, is_one_impact, options_of
from bot.views import Asks, Form, FormField, Impact

STEP = "step"  # used in place of a verb: `fh:step:stage`
ROWS = 14  # components that have a row of their own


def needed(form: Form) -> bool:
    """Whether a choice has no place in the modal."""
    held = asked(form)
    choices = [field for field in form.fields if _is_choice(field)]
    impacts = [field for field in choices if field.asks is Asks.IMPACTS and field.chosen is not None]
    several = [field for field in choices if field.many]
    return any(field not in held for field in several) or any(f not in held or not is_one_impact(f) for f in impacts)


def _is_choice(field: FormField) -> bool:
    return 0 < len(field.options) <= OPTIONS and field.asks not in (Asks.PERSON, Asks.CHANNEL)


def message(form: Form) -> Json:
    """The select menus, with what is chosen now, and the button that goes on."""
    choices = [field for field in form.fields if _is_choice(field)]
    more = len(choices) < len(form.fields)
    about = "Choose what applies, then select **Continue** to write the text." if more else "Choose what applies."
    parts: list[Item] = [ui.TextDisplay(f"### {escape(form.heading)}\n{about}")]
    for field in choices:
        most = len(field.options) if field.many else 1
        menu = _menu(field.name, field.label, options_of(field), most)
        parts += _impact_rows(field) if field.asks is Asks.IMPACTS else [menu]
    revision = dict(form.kept).get("revision")
    words = " ".join(filter(None, [form.verb, form.incident, revision and f"revision:{revision}"]))
    label = "Continue" if more else form.submit
    go: ui.Button[Any] = ui.Button(
        style=ButtonStyle.primary, label=label, custom_id=f"fh:{STEP}:go {words}"[:CUSTOM_ID]
    )
    return laid_out(parts, BLUE, tail=[ui.ActionRow(go)])


def _menu(words: str, placeholder: str, options: list[SelectOption], most: int = 1) -> Item:
    menu: ui.Select[Any] = ui.Select(custom_id=f"fh:{STEP}:{words}", placeholder=clipped(placeholder, 150),
                                     options=options, min_values=0, max_values=most)  # fmt: skip
    return ui.ActionRow(menu)


def _impact_rows(field: FormField) -> list[Item]:
    """A menu for each component that is affected, and one that adds a component."""
    chosen = field.chosen or {}
    names = {option.value: option.label for option in field.options}
    rows = [_impact_row(field.name, key, names[key], word, word) for key, word in list(chosen.items())[:ROWS]]
    left = [SelectOption(label=clipped(name, OPTION_TEXT), value=key)
            for key, name in names.items() if key not in chosen]  # fmt: skip
    return [*rows, _menu(field.name, "Add component", left)] if left and len(rows) < ROWS else rows


def _impact_row(field: str, component: str, name: str, shown: str, chosen: str) -> Item:
    """The custom id says what was shown, so that only what someone changes is set."""
    options = [
        SelectOption(
            label=clipped(f"{name}: {each.label}", OPTION_TEXT), value=each.value, default=each.value == chosen
        )
        for each in impact_options()
    ]
    return _menu(f"{field} {component}={shown}", name, options)


def changed(components: Sequence[Json], custom_id: str, values: Sequence[str]) -> Json:
    """The message after something was chosen in one of its menus."""
    [box] = components
    children = list(box["components"])
    for place, row in enumerate(children):
        for menu in row.get("components", ()):
            if menu.get("custom_id") != custom_id:
                continue
            words = custom_id.split(":", 2)[2]
            if words == "impacts" and values:
                _add_row(children, place, menu, values[0])
            else:
                for option in menu["options"]:
                    option["default"] = option["value"] in values
            return {"components": [{**box, "components": children}], "allowed_mentions": {"parse": []}}
    raise AssertionError("a menu that the message does not have")


def _add_row(children: list[Json], place: int, menu: Json, component: str) -> None:
    name = next(option["label"] for option in menu["options"] if option["value"] == component)
    rows = sum("=" in each.get("custom_id", "") for row in children for each in row.get("components", ()))
    menu["options"] = [option for option in menu["options"] if option["value"] != component]
    if not menu["options"] or rows + 1 >= ROWS:
        children.pop(place)
    children.insert(place, _impact_row("impacts", component, name, "", Impact.DEGRADED.word).to_component_dict())


def read(components: Sequence[Json], words: str) -> tuple[str, dict[str, str], frozenset[str]]:
    """The verb and what was chosen, as someone would type it, and the names of the fields that were shown.

    `words` are those of the button that goes on.
    """
    verb, typed = catalog.read_line(words)
    shown = set()
    for menu in _menus(components):
        name, _, row = menu["custom_id"].split(":", 2)[2].partition(" ")
        shown.add(name)
        values = [option["value"] for option in menu["options"] if option.get("default")]
        if row:
            component, _, before = row.partition("=")
            _join(typed, name, [f"{component}={value}" for value in values])
            _join(typed, "impacts_shown", [row] if before else [])
        else:
            _join(typed, name, values)
    return verb, typed, frozenset(shown)


def _join(typed: dict[str, str], name: str, values: Sequence[str]) -> None:
    typed[name] = ",".join(filter(None, [typed.get(name, ""), *values]))


def _menus(components: Sequence[Json]) -> Iterator[Json]:
    for part in components:
        if "options" in part:
            yield part
        yield from _menus(part.get("components") or ())
