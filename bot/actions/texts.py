"""The texts of a draft: rendered, filled, and linted."""

from collections.abc import Sequence

from bot.actions import outbox
from bot.actions.app_context import AppContext
from bot.actions.recipients import people_to_ask
from bot.actions.update_context import update_context, wanted_audiences
from bot.domain.audiences import Audience
from bot.domain.facts import UpdateKind
from bot.domain.incident import Incident
from bot.domain.nudges import AskedRole
from bot.domain.record import EntryKind
from bot.domain.updates import Update, UpdateText
from bot.domain.wording import to_edit
from bot.store import updates
from bot.store.transaction import Transaction


def write_texts(tx: Transaction, app: AppContext, incident: Incident, draft: Update) -> None:
    """Render every audience's text. A text edited by hand stays and is marked if the facts changed since.

    The customers' text goes first because the others contain it. If a language's templates do not render, it has no
    text, and its subscribers get the first language.
    """
    context = update_context(tx, app, incident, draft)
    before = {(text.audience, text.language): text for text in updates.texts(tx, draft)}
    problems = []
    for language in _languages(app, draft):
        title = app.templates.wording(app.organisation, language).title(context)
        customers = ""
        for audience in wanted_audiences(tx, app, draft):
            text = before.pop((audience, language), None)
            if text is not None and text.edited_by_hand:
                text.title, text.facts_changed_since = title, True
            else:
                rendered = app.templates.render(app.organisation, language, audience, context, customers)
                if rendered.problem and text is None:
                    problems.append(rendered.problem)
                if rendered.body:
                    text = text or UpdateText(
                        update_id=draft.id, audience=audience, language=language, title="", body=""
                    )
                    text.title, text.body = title, rendered.body
                    tx.session.add(text)
                elif text is not None:
                    tx.session.delete(text)
            if audience is Audience.CUSTOMERS and text is not None and text.edited_by_hand:
                customers = to_edit(text.body)[0].strip()
    for text in before.values():
        tx.session.delete(text)
    tx.session.flush()
    if problems:
        _tell_of_templates(tx, app, incident, draft, list(dict.fromkeys(problems)))


def _languages(app: AppContext, draft: Update) -> Sequence[str]:
    """A correction goes out only in languages in which its correct words were typed."""
    first, *others = app.organisation.languages
    if draft.kind is UpdateKind.CORRECTION:
        others = [language for language in others if draft.facts.translated.get(language, {}).get("right")]
    return (first, *others)


def _tell_of_templates(
    tx: Transaction, app: AppContext, incident: Incident, draft: Update, problems: Sequence[str]
) -> None:
    for problem in problems:
        tx.record(None, EntryKind.TEMPLATE_FAILED, incident, problem, draft)
    words = f"A template has an error, so the built-in one was used for {incident.key} ({problems[0]})."
    lead = people_to_ask(tx, app, incident, AskedRole.LEAD)
    outbox.notify(tx, app, incident, lead, f"{words} `foghorn check` shows all.")


def follow_customers(tx: Transaction, app: AppContext, incident: Incident, draft: Update) -> None:
    """Texts that contain the customers' text follow it, unless they were edited by hand."""
    texts = updates.texts(tx, draft)
    context = update_context(tx, app, incident, draft)
    by_hand = {t.language: to_edit(t.body)[0].strip() for t in texts
               if t.audience is Audience.CUSTOMERS and t.edited_by_hand}  # fmt: skip
    for text in texts:
        if text.edited_by_hand or text.language not in by_hand:
            continue
        customers = by_hand[text.language]
        rendered = app.templates.render(app.organisation, text.language, text.audience, context, customers)
        text.body = rendered.body or text.body


def write_corrected(tx: Transaction, app: AppContext, draft: Update) -> None:
    """The corrected texts, with the incorrect words replaced, in each language in which both were typed.

    A text that does not contain the incorrect words is marked for editing by hand.
    """
    wrong_update, first = updates.get_update(tx, draft.corrects or ""), app.organisation.languages[0]
    there = {(text.audience, text.language) for text in updates.texts(tx, draft, corrected=True)}
    for text in updates.current_texts(tx, wrong_update):
        typed = draft.facts.translated.get(text.language, {})
        wrong, right = typed.get("wrong", ""), typed.get("right", "")
        if text.language == first:
            wrong, right = draft.facts.wrong, draft.facts.right
        if (text.audience, text.language) in there or not wrong:
            continue
        words = app.templates.wording(app.organisation, text.language)
        title, body = (said.replace(wrong, right) for said in (text.title, text.body))
        if text.language == first:  # the new note for this audience replaces the old one
            old, new = (words.sentence(u.facts.notes.get(text.audience, "")) for u in (wrong_update, draft))
            body = body.replace(old, new) if old and new else body
        unchanged = (title, body) == (text.title, text.body)
        tx.session.add(
            UpdateText(
                update_id=draft.id, audience=text.audience, language=text.language, title=title, body=body,
                corrected=True, by_hand=unchanged,
            )
        )  # fmt: skip
