"""Forms as modals. Limits: docs.slack.dev, reference of views, input blocks, and their elements."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from slack_sdk.models.blocks import (
    Block,
    InputBlock,
    InputInteractiveElement,
    Option,
    PlainTextInputElement,
    PlainTextObject,
    StaticMultiSelectElement,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from bot.intake.requests import ReplyTarget
from bot.platforms.slack.blocks import clipped, fit, rows, spoken
from bot.platforms.slack.inbound import PREFIX
from bot.platforms.slack.render import blocks as blocks_of
from bot.views import DraftReview, Form, FormField, Notice, Sentence, Zone
from bot.views.forms import said_now
from bot.views.layout import review_texts

TITLE = 24  # also submit and close
CARRIED = 3000  # private_metadata
HINT = 2000
TYPED = 3000
OPTIONS = 100
OPTION_TEXT = 75
OPTION_VALUE = 150
BLOCKS = 100
THEIRS = "theirs:"  # prefix of the block_id of what someone else wrote, followed by the name of the field

Modal = dict[str, Any]


def form_modal(form: Form, reply_to: ReplyTarget, zone: Zone) -> Modal:
    """A form with what was typed. Hidden values become fields if they are too long to carry along."""
    carried = _carried(form, reply_to)
    if len(carried) > CARRIED:
        asked = tuple(FormField(name, name.capitalize(), value, long=True) for name, value in form.kept)
        form = replace(form, fields=(*form.fields, *asked), kept=())
        carried = _carried(form, reply_to)
    title = form.title if not form.incident or form.incident in form.title else f"{form.title} {form.incident}"
    blocks = [*(rows(zone, [form.note]) if form.note else [])]
    for field in form.fields:
        blocks += [_input(field, zone), *_theirs(field, zone)]
    return _view(form.verb, title if len(title) <= TITLE else form.title, blocks, submit=form.submit, carried=carried)


def loading_modal(form: Form, reply_to: ReplyTarget, zone: Zone) -> Modal:
    """The form shown until its values are loaded."""
    words = "Loading… If this takes more than a few seconds, close this form and type the command with its values."
    return _view(form.verb, form.title, rows(zone, [words]), carried=_carried(form, reply_to))


def notice_modal(title: str, notice: Notice, zone: Zone) -> Modal:
    """A refusal in place of a form."""
    return _view("notice", title, rows(zone, [notice.sentence]), close="Close")


def texts_modal(review: DraftReview, zone: Zone, more: str) -> Modal:
    """All texts of a draft with their findings, read-only."""
    title = f"All texts {review.incident}"
    title = title if len(title) <= TITLE else "All texts"
    return _view("texts", title, blocks_of(review_texts(review), zone), close="Back", more=more)


def rejected_modal(view: Mapping[str, Any], reason: Sentence, zone: Zone) -> Modal:
    """A rejected form with the reason, what was typed, and what others wrote in the same fields."""
    state = view["state"]["values"]
    asked = []
    for block in view["blocks"]:
        if block["type"] == "input":
            asked.append(_typed_again(block, state.get(block["block_id"])))
        elif str(block.get("block_id", "")).startswith(THEIRS):
            asked.append(block)
    return {
        "type": "modal",
        "callback_id": view["callback_id"],
        "private_metadata": view.get("private_metadata", ""),
        "title": view["title"],
        "submit": view["submit"],
        "close": view["close"],
        "blocks": [*(block.to_dict() for block in rows(zone, [reason])), *asked],
    }


def field_errors(found: Mapping[str, Sentence], zone: Zone) -> dict[str, str]:
    """The problems, by field."""
    return {name: clipped(spoken(zone, sentence), HINT) for name, sentence in found.items()}


def _view(
    verb: str,
    title: str,
    blocks: list[Block],
    *,
    submit: str = "",
    carried: str = "",
    close: str = "Cancel",
    more: str = "",
) -> Modal:
    return View(
        type="modal",
        callback_id=PREFIX + verb,
        title=PlainTextObject(text=clipped(title, TITLE), emoji=False),
        submit=PlainTextObject(text=clipped(submit, TITLE), emoji=False) if submit else None,
        close=PlainTextObject(text=close, emoji=False),
        private_metadata=carried or None,
        blocks=fit(blocks, BLOCKS, more),
    ).to_dict()


def _carried(form: Form, reply_to: ReplyTarget) -> str:
    carried = {
        "incident": form.incident,
        "kept": form.kept,
        "channel": reply_to.channel,
        "url": reply_to.handle,
        "replaces": reply_to.replaces,
    }
    return json.dumps({name: value for name, value in carried.items() if value})


def _input(field: FormField, zone: Zone) -> Block:
    hint = " ".join(filter(None, [spoken(zone, field.problem) if field.problem else "", field.hint]))
    return InputBlock(
        block_id=field.name,
        label=PlainTextObject(text=field.label, emoji=False),
        hint=PlainTextObject(text=clipped(hint, HINT), emoji=False) if hint else None,
        optional=not field.required,
        element=_element(field),
    )


def _theirs(field: FormField, zone: Zone) -> list[Block]:
    """What someone else saved in this field in the meantime."""
    blocks = blocks_of(said_now(field), zone)
    for number, block in enumerate(blocks):
        block.block_id = f"{THEIRS}{field.name}#{number}"
    return blocks


def _element(field: FormField) -> InputInteractiveElement:
    if not field.options or len(field.options) > OPTIONS:
        return PlainTextInputElement(
            action_id=field.name,
            initial_value=clipped(field.typed, TYPED) or None,
            multiline=field.long,
            max_length=min(max(field.limit, len(field.typed)), TYPED),  # too long: kept, rejected on submission
        )
    options = [_option(option.value, option.label) for option in field.options]
    typed = {word.strip() for word in field.typed.split(",")} if field.many else {field.typed}
    chosen = [option for option in options if option.value in typed]
    if field.many:
        return StaticMultiSelectElement(action_id=field.name, options=options, initial_options=chosen or None)
    return StaticSelectElement(action_id=field.name, options=options, initial_option=chosen[0] if chosen else None)


def _option(value: str, label: str) -> Option:
    return Option(value=value[:OPTION_VALUE], text=PlainTextObject(text=clipped(label, OPTION_TEXT), emoji=False))


def _typed_again(block: Mapping[str, Any], state: Mapping[str, Any] | None) -> dict[str, Any]:
    """An input block of a submitted form, prefilled with what was typed."""
    element = {name: value for name, value in block["element"].items() if not name.startswith("initial_")}
    [answer] = state.values() if state else [{}]
    for given, initial in (
        ("value", "initial_value"),
        ("selected_option", "initial_option"),
        ("selected_options", "initial_options"),
    ):
        if answer.get(given):
            element[initial] = answer[given]
    return {**block, "element": element}
