"""Forms as modals. Limits: docs.slack.dev, reference of views, input blocks, and their elements."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.intake.requests import ReplyTarget
from bot.platforms.slack.blocks import Json, clipped, fit, plain, rows, spoken
from bot.platforms.slack.inbound import PREFIX
from bot.platforms.slack.inputs import HINT, TYPED, inputs, with_row
from bot.platforms.slack.render import blocks as blocks_of
from bot.platforms.slack.submitted import typed_again
from bot.views import Form, FormField, Notice, Sentence, Zone
from bot.views.forms import said_now

TITLE = 24  # also submit and close
CARRIED = 3000  # private_metadata
BLOCKS = 100
THEIRS = "theirs:"  # prefix of the block_id of what someone else wrote, followed by the name of the field


def form_modal(form: Form, reply_to: ReplyTarget, zone: Zone) -> Json:
    """A form with what was typed. Hidden values that are too long to carry along become fields."""
    while len(carried := _carried(form, reply_to)) > CARRIED and form.kept:
        name, value = max(form.kept, key=lambda kept: len(kept[1]))
        asked = FormField(name, name.replace("_", " ").capitalize(), value, long=True)
        form = replace(form, fields=(*form.fields, asked), kept=tuple(k for k in form.kept if k[0] != name))
    blocks = [*(rows(zone, [form.note]) if form.note else [])]
    for field in form.fields:
        blocks += [*inputs(field, zone), *_theirs(field, zone)]
    return _view(
        form.verb,
        form.heading if len(form.heading) <= TITLE else form.title,
        blocks,
        submit=form.submit,
        carried=carried,
    )


def fits(form: Form) -> bool:
    """Whether everything that was typed fits in a modal. Nothing is cut: what does not fit is sent as a message."""
    return all(len(field.typed) <= TYPED for field in form.fields)


def grown_modal(view: Mapping[str, Any], action: Mapping[str, Any]) -> Json:
    """The same form with a row for one more component. What was typed stays, because every input keeps its ids."""
    return _same(view, with_row(view, action))


def loading_modal(form: Form, reply_to: ReplyTarget, zone: Zone) -> Json:
    """The form shown until its values are loaded."""
    words = "Loading… If this takes more than a few seconds, close this form and type the command with its values."
    return _view(form.verb, form.title, rows(zone, [words]), carried=_carried(form, reply_to))


def notice_modal(title: str, notice: Notice, zone: Zone) -> Json:
    """A refusal in place of a form."""
    return _view("notice", title, rows(zone, [notice.sentence]), close="Close")


def rejected_modal(view: Mapping[str, Any], reason: Sentence, zone: Zone) -> Json:
    """A rejected form with the reason, what was typed, and what others wrote in the same fields."""
    asked = [
        block
        for block in typed_again(view)
        if block["type"] in ("input", "actions") or str(block.get("block_id", "")).startswith(THEIRS)
    ]
    return _same(view, [*rows(zone, [reason]), *asked])


def _same(view: Mapping[str, Any], blocks: list[Json]) -> Json:
    same = ("type", "callback_id", "title", "submit", "close")
    return {**{name: view[name] for name in same}, "private_metadata": view.get("private_metadata", ""),
            "blocks": blocks}  # fmt: skip


def field_errors(found: Mapping[str, Sentence], zone: Zone) -> dict[str, str]:
    """The problems, by field."""
    return {name: clipped(spoken(zone, sentence), HINT) for name, sentence in found.items()}


def _view(
    verb: str, title: str, blocks: list[Json], *, submit: str = "", carried: str = "", close: str = "Cancel"
) -> Json:
    texts = {"title": clipped(title, TITLE), "submit": clipped(submit, TITLE), "close": close}
    return {
        "type": "modal",
        "callback_id": PREFIX + verb,
        **{name: plain(text) for name, text in texts.items() if text},
        **({"private_metadata": carried} if carried else {}),
        "blocks": fit(blocks, BLOCKS),
    }


def _carried(form: Form, reply_to: ReplyTarget) -> str:
    carried = {
        "incident": form.incident,
        "kept": form.kept,
        "channel": reply_to.channel,
        "url": reply_to.handle,
        "replaces": reply_to.replaces,
    }
    return json.dumps({name: value for name, value in carried.items() if value}, ensure_ascii=False)


def _theirs(field: FormField, zone: Zone) -> list[Json]:
    """What someone else saved in this field in the meantime."""
    blocks = blocks_of(said_now(field), zone)
    for number, block in enumerate(blocks):
        block["block_id"] = f"{THEIRS}{field.name}#{number}"
    return blocks
