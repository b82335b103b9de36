"""Every command, declared once. Each platform builds its forms and its help from these declarations."""

from difflib import get_close_matches

from bot.commands import (
    edits,
    grammar,
    incidents,
    links,
    merging,
    promises,
    reports,
    subscriptions,
    translations,
    updates,
)
from bot.commands import help as explain
from bot.commands import questions as ask
from bot.commands.command import Command, Incident, as_offered, problems, read
from bot.domain.people import Group
from bot.errors import FactElsewhere, NotUnderstood, UnknownCommand, UnknownCommandFar, UnknownFact

__all__ = ["ALL", "COMMANDS", "Command", "Incident", "as_offered", "find", "problems", "read", "read_line"]

ALL = (
    Command(
        "declare",
        "Opens an incident with its room and a first draft.",
        "/incident declare ChatGPT and API errors sev:1 on:chatgpt=major,api=partial",
        incidents.declare,
        (ask.TITLE_DECLARED, ask.SEVERITY, ask.ON, ask.PRIVATE, ask.SURE),
        who_may=Group.MEMBERS,
        incident=Incident.NONE,
        title="Declare an incident",
        submit="Declare",
    ),
    Command(
        "list",
        "Shows the open incidents.",
        "/incident list",
        incidents.list_open,
        doing="list incidents",
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.NONE,
    ),
    Command(
        "show",
        "Shows one incident's card, only to you.",
        "/incident show INC-42",
        incidents.show,
        (ask.ITS_DRAFT,),
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.LAST,
    ),
    Command(
        "update",
        "Drafts the next customer update. Nothing is sent until you publish.",
        '/incident update identified sees:"500 errors when creating jobs" We are adding capacity. next:30m',
        updates.update,
        ask.UPDATE,
        who_may=Group.MEMBERS,
        title="Update",
        submit="Draft it",
        prefill=updates.prefill_update,
        bare_form=True,
        incident=Incident.LAST,
    ),
    Command(
        "publish",
        "Publishes the draft, or asks for approval if it needs a second person.",
        "/incident publish",
        updates.publish,
        (ask.ALONE, ask.NEXT, ask.REVISION, ask.ASK, ask.NO_CHANGE, ask.SURE),
        group="draft",
        incident=Incident.LAST,
    ),
    Command(
        "approve",
        "Approves a draft that someone else wrote.",
        "/incident approve",
        updates.approve,
        (ask.REVISION, ask.NEXT_UNASKED, ask.SURE),
        who_may=Group.MEMBERS,
        group="draft",
        incident=Incident.LAST,
    ),
    Command(
        "edit",
        "Edits the draft's texts.",
        "/incident edit",
        edits.edit,
        (ask.REVISION, ask.TITLE_EDITED, *ask.WORDS),
        who_may=Group.MEMBERS,
        group="draft",
        title="Edit draft",
        submit="Save",
        incident=Incident.LAST,
    ),
    Command(
        "translate",
        "Translates the facts of the draft into another language.",
        '/incident translate de sees:"Kartenzahlungen werden abgelehnt"',
        translations.translate,
        (ask.TO_LANGUAGE, *ask.TRANSLATED, ask.REVISION),
        who_may=Group.MEMBERS,
        group="draft",
        title="Translate",
        submit="Save",
        doing="translate the draft of",
        incident=Incident.LAST,
    ),
    Command(
        "discard",
        "Deletes the draft. Nothing is sent.",
        "/incident discard",
        updates.discard,
        (ask.REVISION,),
        group="draft",
        incident=Incident.LAST,
    ),
    Command(
        "correct",
        "Corrects a published update everywhere it was sent.",
        "/incident correct update:3",
        updates.correct,
        (ask.WHICH_UPDATE, ask.WRONG, ask.RIGHT, ask.AVOID, *ask.NOTES),
        title="Correct an update",
        submit="Draft it",
        prefill=updates.prefill_correct,
        incident=Incident.LAST,
    ),
    Command(
        "severity",
        "Changes the severity and drafts an update for customers.",
        "/incident severity 1",
        incidents.set_severity,
        (ask.SEVERITY_NEEDED, ask.WHY_LOWERED),
        incident=Incident.LAST,
        doing="change the severity of",
        title="Change the severity",
        submit="Change it",
    ),
    Command(
        "impact",
        "Changes the status of a component.",
        "/incident impact api=major chatgpt=operational",
        incidents.set_impacts,
        (ask.IMPACT_NEEDED,),
        incident=Incident.LAST,
        doing="change the impact of",
    ),
    Command(
        "private",
        "Limits the incident to invited people, or opens it to everyone.",
        "/incident private yes",
        incidents.set_private,
        (ask.PRIVATE_NEEDED, ask.SURE),
        doing="change the privacy of",
    ),
    Command(
        "assign",
        "Gives someone a role.",
        "/incident assign comms @ben",
        incidents.assign,
        (ask.ROLE, ask.PERSON, ask.WHY_REPLACED),
        doing="assign roles in",
    ),
    Command(
        "handover",
        "Hands your role to someone, with a summary of where things stand.",
        "/incident handover @chi",
        incidents.hand_over,
        (ask.PERSON,),
        doing="hand over",
        title="Hand over",
        submit="Hand over",
    ),
    Command(
        "invite",
        "Lets someone see a private incident.",
        "/incident invite @ben",
        incidents.invite,
        (ask.PERSON,),
        doing="invite people to",
    ),
    Command(
        "uninvite",
        "Withdraws an invitation to a private incident.",
        "/incident uninvite @ben",
        incidents.uninvite,
        (ask.PERSON,),
        doing="withdraw invitations from",
    ),
    Command(
        "note",
        "Adds a note to the timeline, for responders only.",
        "/incident note Sign-in fails for 1 in 5 attempts",
        incidents.note,
        (ask.NOTE, ask.MESSAGE_LINK),
        who_may=Group.MEMBERS,
        incident=Incident.LAST,
    ),
    Command(
        "timeline",
        "Shows what happened, newest first.",
        "/incident timeline",
        reports.timeline,
        doing="see the timeline of",
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.LAST,
        group="record",
    ),
    Command(
        "redact",
        "Removes the text of a timeline entry and records who removed it and why.",
        "/incident redact 17 pasted a token",
        incidents.redact,
        (ask.ENTRY, ask.REASON),
        doing="redact entries of",
        incident=Incident.LAST,
        group="record",
    ),
    Command(
        "nudge",
        "Shows the upcoming reminders, or turns them off or on.",
        "/incident nudge",
        promises.nudge,
        (ask.SWITCH,),
        doing="change the reminders of",
        group="nudge",
    ),
    Command(
        "snooze",
        "Delays the reminder. The update is still due at the same time.",
        "/incident snooze 10m",
        promises.snooze,
        (ask.DELAY,),
        group="nudge",
    ),
    Command(
        "copy",
        "Shows the current approved text, ready to paste.",
        "/incident copy enterprise",
        reports.copy,
        (ask.AUDIENCE, ask.LANGUAGE),
        writes=False,
        who_may=Group.SUPPORT,
        incident=Incident.LAST,
    ),
    Command(
        "subscribe",
        "Sends updates to a channel.",
        "/incident subscribe #status on:api,codex audience:developers mode:thread",
        subscriptions.subscribe,
        (ask.CHANNEL, ask.COMPONENTS, ask.MINIMUM, ask.AUDIENCE_KEY, ask.MODE, ask.LANGUAGE),
        who_may=Group.ADMINISTRATORS,
        incident=Incident.NONE,
        group="subscription",
        title="Subscribe a channel",
        submit="Subscribe",
    ),
    Command(
        "unsubscribe",
        "Stops sending updates to a channel.",
        "/incident unsubscribe #partners",
        subscriptions.unsubscribe,
        (ask.CHANNEL,),
        who_may=Group.ADMINISTRATORS,
        incident=Incident.NONE,
        group="subscription",
    ),
    Command(
        "subscriptions",
        "Shows which channels receive updates.",
        "/incident subscriptions",
        subscriptions.subscriptions_list,
        doing="see the subscriptions",
        writes=False,
        who_may=Group.MEMBERS,
        incident=Incident.NONE,
        group="subscription",
    ),
    Command(
        "deliveries",
        "Shows who received which update, and retries failed deliveries.",
        "/incident deliveries",
        reports.deliveries,
        (ask.WHICH_UPDATE, ask.AGAIN),
        doing="see the deliveries of",
        incident=Incident.LAST,
    ),
    Command(
        "resolve",
        "Drafts the closing update.",
        "/incident resolve",
        updates.resolve,
        ask.RESOLVE,
        who_may=Group.MEMBERS,
        title="Resolve",
        submit="Draft it",
        prefill=updates.prefill_resolve,
        bare_form=True,
    ),
    Command(
        "reopen",
        "Opens a resolved incident again.",
        "/incident reopen INC-42 on:api=partial",
        incidents.reopen,
        (ask.MESSAGE, ask.ON, *ask.FACTS, *ask.NOTES, ask.SURE),
        incident=Incident.LAST,
    ),
    Command(
        "cancel",
        "Cancels a false alarm.",
        "/incident cancel A monitoring probe failed; search was working.",
        incidents.cancel,
        (ask.REASON_FALSE, *ask.NOTES),
    ),
    Command(
        "merge",
        "Merges a duplicate incident. Both records are kept.",
        "/incident merge INC-43",
        merging.merge,
        (ask.OTHER,),
        incident_last=True,
    ),
    Command(
        "retro",
        "Drafts the retrospective from the record.",
        "/incident retro",
        reports.retro,
        doing="draft the retrospective of",
        writes=False,
        incident=Incident.LAST,
        group="record",
    ),
    Command(
        "export",
        "Exports the record as a file.",
        "/incident export md",
        reports.export,
        (ask.FORM,),
        writes=False,
        incident=Incident.LAST,
        group="record",
    ),
    Command(
        "link",
        "Links your accounts, so that you count as one person.",
        "/incident link",
        links.link,
        (ask.CODE,),
        who_may=Group.MEMBERS,
        incident=Incident.NONE,
    ),
    Command(
        "help",
        "Explains a command, or shows what needs your attention.",
        "/incident help update",
        explain.show_help,
        (ask.VERB,),
        writes=False,
        who_may=Group.SUPPORT,
        incident=Incident.NONE,
    ),
)
COMMANDS: dict[str, Command] = {command.verb: command for command in ALL}
GROUPS = {"draft", "subscription", "record"}
_GROUPED = {("subscription", "add"): "subscribe", ("subscription", "remove"): "unsubscribe",
            ("subscription", "list"): "subscriptions", ("nudge", "snooze"): "snooze"}  # fmt: skip


def find(verb: str) -> Command:
    """The command with this verb. Raises UnknownCommand with the nearest one, or UnknownCommandFar."""
    command = COMMANDS.get(verb)
    if command is None:
        near = get_close_matches(verb, COMMANDS, n=1, cutoff=0.55)
        raise UnknownCommand(typed=verb, nearest=near[0]) if near else UnknownCommandFar(typed=verb[:40])
    return command


def read_line(line: str) -> tuple[str, dict[str, str]]:
    """The verb and fields of a typed line. `declare!` confirms; the name of a group may precede its verb.

    Raises UnknownCommand, UnclosedQuote, UnknownStage, NotUnderstood.
    """
    verb, rest = grammar.split_verb(line)
    if not verb:
        return "help", {}
    second, after = grammar.split_verb(rest)
    grouped = _GROUPED.get((verb, second))
    if grouped is None and verb in GROUPS and COMMANDS.get(second, COMMANDS["help"]).group == verb:
        grouped = second
    if grouped:
        verb, rest = grouped, after
    sure = verb.endswith("!")
    command = find(verb.rstrip("!"))
    try:
        typed, left = grammar.read(command.asked, rest)
    except UnknownFact as refusal:
        word = str(refusal.facts["typed"])
        others = (command for command in ALL if command.verb != "translate")
        elsewhere = [other for other in others if any(field.fact and field.is_key(word) for field in other.fields)]
        if elsewhere:
            raise FactElsewhere(typed=word, verb=elsewhere[0].verb) from None
        raise
    if command.verb == "invite" and left.casefold() == "remove":  # as in Discord's command tree
        return "uninvite", typed
    if left and command.writes:  # `publish in 10 minutes` must not publish now
        raise NotUnderstood(typed=left, verb=command.verb)
    return command.verb, {**typed, "sure": "yes"} if sure else typed
