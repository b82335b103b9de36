"""Notes on a review about the facts of a draft: what was carried over, left out, or only proposed."""

from collections.abc import Mapping, Sequence

from bot.actions.app_context import AppContext
from bot.actions.update_context import impacts_after
from bot.domain.audiences import Audience
from bot.domain.components import Impact
from bot.domain.facts import PLACES, WORDS, UpdateKind
from bot.domain.incident import Incident
from bot.domain.lifecycle import Stage
from bot.domain.published_facts import facts_to_ask_again, published_facts
from bot.domain.times import parsed
from bot.domain.update_context import UpdateContext, failing_in
from bot.domain.updates import Update, UpdateText, text_of
from bot.domain.wording import Wording
from bot.store import incidents, updates
from bot.store.transaction import Transaction
from bot.views import Button, Sentence, say

_LABELED = ("sees", "who", "since", "ok", "workaround", "do", "cause", "fixed")


def fact_notes(
    tx: Transaction, app: AppContext, incident: Incident, draft: Update, context: UpdateContext,
    texts: Sequence[UpdateText],
) -> tuple[list[Sentence], list[Button]]:  # fmt: skip
    """Sentences on the review, and the buttons that answer them."""
    first = app.templates.wording(app.organisation, app.organisation.languages[0])
    notes: list[Sentence] = []
    buttons: list[Button] = []
    for said, button in (
        _proposed(tx, app, incident, draft, context),
        _carried(first, context),
        _not_well(first, context),
        _asked(tx, first, incident, draft),
        _unseen(first, context, texts),
        _social(app, first, context, texts),
        *(_untranslated(context, language, incident) for language in app.organisation.languages[1:]),
    ):
        notes += [said] if said else []
        buttons += [button] if button else []
    return notes, buttons


Note = tuple[Sentence | None, Button | None]
_NOTHING: Note = (None, None)


def _proposed(tx: Transaction, app: AppContext, incident: Incident, draft: Update, context: UpdateContext) -> Note:
    """Components that become operational only because the stage proposes it."""
    if draft.kind is not UpdateKind.STAGE or draft.stage not in (Stage.MONITORING, Stage.RESOLVED):
        return _NOTHING
    told, after = context.published, impacts_after(tx, incident, draft)
    if incident.entered_later and not told:
        return _afterwards(tx, app, incident), None
    keys = [
        key for key, value in draft.impacts.items() if value == Impact.OPERATIONAL and after[key] is not told.get(key)
    ]
    if not keys:
        return _NOTHING
    names = app.organisation.zone.joined([c.name for c in app.organisation.named(keys)])
    words = "Publishing sets {components} to operational. "
    if context.confirmed:
        return say(f"{words}The recovery is confirmed.", components=names), None
    words += "No one has confirmed the recovery yet, so the text does not claim it. If someone checked it, confirm it."
    return say(words, components=names), Button("Confirm recovery", "update", f"{incident.key} recovered:yes")


def _afterwards(tx: Transaction, app: AppContext, incident: Incident) -> Sentence:
    """What failed in an incident that is over, and whether subscribers are told."""
    failed = failing_in(incidents.set_values(tx, incident))
    said = [f"{c.name}: {failed[c.key].value}" for c in app.organisation.named(failed)]
    words = "It is reported afterwards. " + ("Impact while it lasted: {impacts}. " if said else "")
    words += "Subscribers are not told." if incident.quiet else "Subscribers are told."
    return say(words, impacts=", ".join(said))


def _carried(words: Wording, context: UpdateContext) -> Note:
    """Facts typed for an earlier update, with the time, so that outdated ones are noticed."""
    facts = context.facts
    places = PLACES.get(context.kind) or PLACES.get(context.stage, ())
    names = [name for name in _LABELED if name in places and name in facts.typed_at and name not in facts.fresh]
    shown: list[str] = []
    values: dict[str, object] = {}
    for number, name in enumerate(names):
        value = getattr(facts, name)
        if not value and not (name == "ok" and facts.unaffected):
            continue
        text = words.when(value, context.now) if name in ("since", "fixed") else str(value)
        if name == "ok" and facts.unaffected:
            text = words.services(facts.unaffected, in_text=False)
        shown.append(f"{{what{number}}} (typed at {{at{number}}})")
        values |= {f"what{number}": _line(words, name, text), f"at{number}": facts.typed_at[name]}
    if not shown:
        return _NOTHING
    return Sentence(f"Carried over. Check that it is still true: {'; '.join(shown)}.", values), None


def _not_well(words: Wording, context: UpdateContext) -> Note:
    """Components that were typed as not affected, but are failing."""
    failing = [key for key in context.facts.unaffected if key in failing_in(context.impacts)]
    if not failing:
        return _NOTHING
    names = words.services(failing, in_text=False)
    return say("Not shown as unaffected because the status page shows a failure: {names}.", names=names), None


def _asked(tx: Transaction, words: Wording, incident: Incident, draft: Update) -> Note:
    """Facts about the failure that are left out now and may still hold."""
    if draft.kind is not UpdateKind.STAGE or draft.stage is Stage.RESOLVED:
        return _NOTHING
    asked = facts_to_ask_again(published_facts(updates.published(tx, incident)), draft.facts, draft.stage)
    if not asked:
        return _NOTHING
    said = "; ".join(_line(words, name, text) for name, text in asked.items())
    typed = " ".join(f"{name}:«{text.translate(_QUOTES)}»" for name, text in asked.items())
    note = say("Left out because it may have changed: {said}. If it is still true, keep it.", said=said)
    return note, Button("Keep what was said", "update", f"{incident.key} {typed}")


_QUOTES = str.maketrans({"«": "“", "»": "”"})


def _unseen(words: Wording, context: UpdateContext, texts: Sequence[UpdateText]) -> Note:
    """Words typed for this draft that its template leaves out."""
    text = text_of(texts, Audience.CUSTOMERS, words.language)
    if text is None or text.edited_by_hand or context.kind is UpdateKind.CORRECTION:
        return _NOTHING
    missing = [name for name in WORDS if name in context.facts.fresh and name != "title"
               and not _shown(words, name, str(getattr(context.facts, name)), text.body)]  # fmt: skip
    if not missing:
        return _NOTHING
    keys = ", ".join(f"{name}:" for name in missing)
    return say("Not in the customers' text, which has no place for it: {keys}", keys=keys), None


def _shown(words: Wording, name: str, value: str, body: str) -> bool:
    said = words.normalized(value).rstrip(".").casefold()
    return not said or said in body.casefold() or words.typed(name, value)[-len(said) :].casefold() in body.casefold()


def _social(app: AppContext, words: Wording, context: UpdateContext, texts: Sequence[UpdateText]) -> Note:
    """What the text for social media has no room for, and whether it follows the edited customers' text."""
    social = text_of(texts, Audience.SOCIAL, words.language)
    if social is None or social.edited_by_hand:
        return _NOTHING
    customers = text_of(texts, Audience.CUSTOMERS, words.language)
    if customers is not None and customers.edited_by_hand:
        return say("The text for social media does not follow the edited customers' text. Check it."), None
    left_out = app.templates.render(app.organisation, words.language, Audience.SOCIAL, context).left_out
    if not left_out:
        return _NOTHING
    return say("The text for social media has no room for: {pieces}", pieces=" · ".join(left_out)), None


def _untranslated(context: UpdateContext, language: str, incident: Incident) -> Note:
    """What was not translated and is left out in that language."""
    there = context.facts.translated.get(language, {})
    names = [name for name in WORDS if getattr(context.facts, name) and not there.get(name) and name != "title"]
    if not names:
        return _NOTHING
    called = parsed(language).get_display_name("en") or language
    note = say("Not translated into {language}, and left out there: {names}.", language=called,
               names=", ".join(f"{name}:" for name in names))  # fmt: skip
    return note, Button(f"Translate ({language})", "translate", f"{incident.key} {language}")


def _line(words: Wording, name: str, text: str) -> str:
    labels: Mapping[str, str] = words.pack.labels.model_dump()
    return words.say("label", label=labels["started" if name == "since" else name], text=f"“{words.normalized(text)}”")
