"""The picture of an incident: what was published for customers, and with severity for responders."""

import re

from bot.actions.app_context import AppContext
from bot.domain.deliveries import Delivery
from bot.domain.incident import ClosedAs, Incident
from bot.domain.picture import Story, published_story, responders_story
from bot.domain.record import EntryKind
from bot.store import incidents, published, record, updates
from bot.store.transaction import Transaction
from bot.views import IncidentPicture
from bot.views.picture import picture
from bot.views.png import can_draw_text, standalone


def picture_post(tx: Transaction, app: AppContext, incident: Incident, delivery: Delivery) -> IncidentPicture | None:
    """The picture in the language of a subscription, or for a room with what only responders know.

    None if the incident is open again, if it is private and the place is not its room, or if there is no font.
    """
    in_room = bool(delivery.destination.incident)
    if incident.closed_as is not ClosedAs.RESOLVED or (incident.private and not in_room) or not can_draw_text():
        return None
    text = updates.find_text(tx, delivery.text_id)
    language = text.language if text else app.organisation.languages[0]
    words = app.templates.wording(app.organisation, language)
    story = (
        room_story(tx, app, incident) if in_room else published_story(published.history(tx, incident), words, tx.now)
    )
    drawn = picture(story)
    title = text.title if text else incident.title
    return IncidentPicture(incident.key, title, story.words.heading, drawn.description, standalone(drawn))


def room_story(tx: Transaction, app: AppContext, incident: Incident) -> Story:
    """What responders see, even before anything is published."""
    words = app.templates.wording(app.organisation, app.organisation.languages[0])
    changes = record.entries(tx, incident, kinds=(EntryKind.SEVERITY,))
    found = [(entry.at, re.match(r"(SEV\d) to (SEV\d)", text.text)) for entry, text in reversed(changes)]
    moves = [(at, change[1], change[2]) for at, change in found if change]  # a redacted entry has no text
    first = moves[0][1] if moves else incident.severity.value
    set_at = [(incident.opened_at, first), *((at, after) for at, _before, after in moves)]
    history, rows = published.history(tx, incident), incidents.impacts(tx, incident) if incident.open else ()
    unpublished = {row.component: (row.value, row.set_at or tx.now) for row in rows if row.value is not row.published}
    return responders_story(history, words, tx.now, incident.opened_at, set_at, unpublished)
