"""Words that all chat platforms use, so that they are the same on each."""

from bot.views.answers import Button, Notice
from bot.views.phrases import say

ABOUT = "Declare, update, and resolve incidents"
"""The description of the slash command."""

NO_TEXT = "(no text; see the message)"
"""The note of a message that is only a picture or a file."""
OLD_BUTTON = "This button no longer works. Use the buttons on the incident card instead."


def room_missing(incident: str, why: str, console: str, *, failed: bool) -> Notice:
    """An incident was declared, but it has no room yet; `failed`: Foghorn no longer tries to create it."""
    could = "could not be created" if failed else "has not been created yet"
    words = f"{{incident}} is declared, but its room {could}: {{why}} You can work here and in the console: {{console}}"
    retry = (Button("Retry", "deliveries", f"{incident} retry:yes", primary=True),) if failed else ()
    why = f"{why.rstrip('.')}."
    return Notice(say(words, incident=incident, why=why, console=console), buttons=retry)
