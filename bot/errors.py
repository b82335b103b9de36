"""Every refusal of Foghorn, with its message.

BotError
├── NotFound      UnknownCommand, UnknownIncident, WhichIncident, NoOpenIncident, NoDraft, UnknownPerson, ...
├── NotAllowed    UnknownAccount, NotAdmitted, NotInGroup, NotCommander, OwnDraft, NotConfigured, CommanderPresent
├── InvalidField  UnknownStage, UnknownComponent, TimePast, TimeTwice, TimeUnclear, TextTooLong, ...
├── Conflict      StaleRevision, AlreadyPublished, AlreadyResolved, Blocked, AlreadyDeclared, ...
├── Busy          the database does not answer
├── OtherOrganisation  ExampleOnOther, NotApplied: the database is not that of the configuration
└── SendFailed    a messenger could not deliver

The docstring of each class without subclasses is the message that people read: what happened, why, and what to do
next. `{names}` are filled from `facts`. A time stays a datetime, so that each platform shows it in the reader's zone.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches


class BotError(Exception):
    """Something was refused and nothing was changed."""

    def __init__(self, **facts: object) -> None:
        self.words = " ".join((self.__doc__ or "").split())
        self.facts: Mapping[str, object] = facts
        super().__init__(self.words.format(**facts))


class NotFound(BotError):
    """What was asked for does not exist."""


class UnknownCommand(NotFound):
    """“{typed}” is not a command. Nothing was changed. Did you mean `{nearest}`?"""


class UnknownCommandFar(NotFound):
    """“{typed}” is not a command. Nothing was changed. To see all commands, type `/incident help`."""


class UnknownIncident(NotFound):
    """{typed} does not exist. Open incidents: {open}."""


class WhichIncident(NotFound):
    """{number} incidents are open. Say which one you mean, for example `{verb} {example}`."""


class NoOpenIncident(NotFound):
    """No incident is open, so there is nothing to {verb}. To open one, use `/incident declare`."""


class NoDraft(NotFound):
    """{incident} has no open draft. To write one, use `/incident update`."""


class NoUpdate(NotFound):
    """{incident} has no published update {number}. Nothing was changed. To see them all, use `/incident timeline`."""


class NothingPublished(NoUpdate):
    """Nothing has been published about {incident} yet. Nothing was changed. To draft an update, use `/incident
    update`.
    """


class UnknownPerson(NotFound):
    """Foghorn does not know anyone called “{typed}”. Nothing was changed. People it knows: {known}."""


class WhichPerson(NotFound):
    """{number} people are called “{typed}”. Nothing was changed. Use one of these handles: {handles}."""


class UnknownEntry(NotFound):
    """{incident} has no entry {typed}. Nothing was changed. To see the entry numbers, use `/incident timeline`."""


class UnknownLanguage(NotFound):
    """There is no text in “{typed}”. Available languages: {known}."""


class NothingToTranslate(NotFound):
    """The draft for {incident} has no typed words, so there is nothing to translate."""


class UnknownChannel(NotFound):
    """There is no channel “{typed}”. Nothing was changed. Available channels: {known}."""


class NoSuchChannel(NotFound):
    """There is no channel “{typed}” on {platform} that Foghorn can see. Nothing was changed. Check the name; a private
    channel has to invite Foghorn first.
    """


class NoSuchChannelNear(NoSuchChannel):
    """There is no channel “{typed}” on {platform} that Foghorn can see. Nothing was changed. Did you mean
    #{nearest}?
    """


class WhichChannel(NotFound):
    """{number} channels are called “{typed}”. Nothing was changed. Choose the channel from the list, or type its ID."""


class NotSubscribed(NotFound):
    """{destination} is not subscribed. Nothing was changed. To see all subscriptions, use `/incident subscriptions`."""


class NothingToCopy(NotFound):
    """Nothing has been published about {incident} yet, so there is nothing to copy. Tell the customer that you will
    follow up, and leave it at that.
    """


class NothingToRetry(NotFound):
    """All {number} deliveries of this update have arrived or are on their way. There is nothing to retry."""


class NoOpenPromise(NotFound):
    """No update is due for {incident}, so there is no reminder to change. Publishing an update sets the next due
    time.
    """


class NotAllowed(BotError):
    """You cannot do this here."""


class NotInGroup(NotAllowed):
    """Only {group} can {verb} here. Ask {ask}, or ask to be added to the group."""


class UnknownAccount(NotAllowed):
    """This account is not connected to a person yet. Nothing was changed. Ask an administrator to add you."""


class NotAdmitted(NotAllowed):
    """The server has not admitted you yet, so nothing was changed. Accept the server's rules, then try again."""


class DeclaredOften(NotAllowed):
    """You declared {number} incidents in the last {minutes} minutes ({incidents}), so this one was not declared. If it
    is another incident, ask {ask} to declare it, or try again at {at}.
    """


class NotConfigured(NotAllowed):
    """This account is not listed in foghorn.toml, so it cannot {verb}. Ask an administrator to add it."""


class OwnDraft(NotAllowed):
    """You wrote this draft, so someone else has to approve it at {severity}. Ask {ask}."""


class NotCommander(NotAllowed):
    """Only the commander, {commander}, can publish without approval. Ask them to publish, or to hand over the role."""


class AloneOff(NotAllowed):
    """Your organization does not allow publishing without approval. Ask {ask} to approve revision {revision}."""


class AloneNever(NotAllowed):
    """{rule} can never be published, even without approval: “{found}”. Remove it, then publish."""


class AloneOpen(NotAllowed):
    """This cannot be published, even without approval. {why} Set them to operational in this update, or do not close
    the incident yet.
    """


class SecurityNeeded(NotAllowed):
    """The words “{word}” need the security approver. Ask {ask}, or remove them."""


class SecurityMissing(NotAllowed):
    """The words “{word}” need a security approver, and there is no other one. Remove them, or publish alone."""


class CannotServe(NotAllowed):
    """{person} has support access only, so they cannot {doing} {incident}. Nothing was changed; choose someone else."""


class AudienceNotYours(NotAllowed):
    """The {audience} text is not for customers, so it cannot be copied here. To see the texts you can copy, use
    `copy {incident}`.
    """


class CommanderPresent(NotAllowed):
    """{commander} is the commander of {incident}, so nothing was changed. Ask them or an administrator. If nobody can
    be reached, add `reason:"..."`; {commander} and every approver are told.
    """


class CommanderStays(CommanderPresent):
    """{commander} is the commander of {incident}, so nothing was changed. Ask them or an administrator."""


class NotYourRole(NotAllowed):
    """You have no role in {incident} to hand over. To give someone a role, use `/incident assign commander @name`."""


class ChannelClosed(NotAllowed):
    """Foghorn cannot write in {channel}. Nothing was changed. Invite Foghorn there with `/invite @Foghorn`, then
    subscribe again.
    """


class InvalidField(BotError):
    """“{typed}” is not {wanted}. Nothing was changed."""


class UnclosedQuote(InvalidField):
    """A closing quotation mark is missing. Add it, or remove the opening one."""


class NotUnderstood(InvalidField):
    """“{typed}” does not belong in this command. Nothing was changed. To see what you can type, use `/incident help
    {verb}`.
    """


class UnknownComponent(InvalidField):
    """“{typed}” is not a component. Components: {known}. Did you mean {nearest}?"""


class UnknownStage(InvalidField):
    """“{typed}” is not a stage. Nothing was changed. Did you mean `{nearest}`?"""


class UnknownImpact(InvalidField):
    """“{typed}” is not an impact. Use operational, degraded, partial, major, or maintenance, for example
    `api=partial`.
    """


class UnknownSeverity(InvalidField):
    """“{typed}” is not a severity. Use 1 (worst) to 4, for example `severity 2`."""


class UnknownAudience(InvalidField):
    """“{typed}” is not an audience. Use customers, developers, enterprise, support, social, or internal."""


class TimePast(InvalidField):
    """{time} has passed. Enter a time after {now}, or a number of minutes, for example `next:30m`."""


class TimeComing(InvalidField):
    """{time} is in the future. Enter a time before {now}, or a number of minutes, for example `5m`."""


class TimeUnclear(InvalidField):
    """“{typed}” is not a time. Enter minutes (`30m`), a clock time (`13:30`, `1:30 pm`, `noon`), or a
    day with it (`yesterday 21:40`, `Apr 19 14:00`); a zone may follow (`13:30 UTC`, `9:51 PT`).
    """


class TimeEither(InvalidField):
    """“{typed}” can be read as {clock} or as {minutes}. Type one of the two."""


class TimeTwice(InvalidField):
    """{clock} happens twice on {date} because the clocks go back. Add the zone, for example `{clock} UTC`."""


class TimeNever(InvalidField):
    """{clock} does not exist on {date} because the clocks go forward. Enter another time, or a time in UTC."""


class EndBeforeStart(InvalidField):
    """The end, {end}, is before the start, {since}. Correct one of the two."""


class TimeFar(InvalidField):
    """{time} is more than 24 hours away ({date}). Correct it, or confirm it."""


class UnknownFact(InvalidField):
    """There is no fact “{typed}:”. Did you mean `{nearest}:`? To keep it as text, put a space after the colon."""


class FactElsewhere(InvalidField):
    """`{typed}:` belongs to `{verb}`. Type it there, or put a space after the colon to keep it as text."""


class FactGone(InvalidField):
    """`{typed}:` is no longer used. {instead}."""


class FactOutOfPlace(InvalidField):
    """`{typed}:` has no place in this update. {instead}."""


class TextTooLong(InvalidField):
    """{what} is {number} characters long; the limit is {limit}. Remove {over}. Your text is still here."""


class ReasonNeeded(InvalidField):
    """Customers have read about {incident}, so lowering it from {before} to {after} needs a reason. Every approver is
    told. Nothing was changed yet.
    """


class TextEmpty(InvalidField):
    """There is no text to publish. Write what customers should read, or select “No change”."""


class SecretTyped(InvalidField):
    """This looks like a secret ({found}), so it was not saved. Remove it. If it is real, revoke it now."""


class NotInText(InvalidField):
    """“{typed}” is not in the published text. Nothing was changed. Copy the incorrect words exactly as published."""


class Conflict(BotError):
    """The state has changed in the meantime."""


class StaleRevision(Conflict):
    """{person} saved revision {new} at {at}, so revision {old} was not {done}. Review the new text and try again."""


class EditedMeanwhile(StaleRevision):
    """{person} saved revision {new} at {at} while you were writing, so your text was not saved. It is still here, next
    to the new text. Combine them, then save again.
    """


class WordsUnread(Conflict):
    """Someone else edited this text by hand, so nothing was saved over it. Your text is still here, next to the current
    text (revision {new}). Combine them, then save again.
    """


class AlreadyPublished(Conflict):
    """{person} already published {what} at {at}. Nothing was sent twice, and there is nothing left to do."""


class AlreadyApproved(Conflict):
    """You already approved revision {revision} at {at}. It still needs {missing}."""


class ApprovalExpired(Conflict):
    """The approval is {minutes} minutes old; approvals expire after {limit} minutes. Read the text again, then
    approve it.
    """


class Blocked(Conflict):
    """This draft was not published because it has {number} blockers. {first} Edit the marked words. The commander
    can also publish it alone, with a reason.
    """


class BlockedAlways(Conflict):
    """This draft was not published. {first} Edit the marked words, then publish."""


class DraftOpen(Conflict):
    """{person} has an open draft for {incident} (revision {revision}). Publish, edit, or discard it first."""


class AlreadyResolved(Conflict):
    """{incident} is already resolved. To open it again, use `/incident reopen`."""


class AlreadyClosed(Conflict):
    """{incident} was closed as {how} at {at}. Nothing was changed."""


class AlreadyOpen(Conflict):
    """{incident} is already open. Nothing was changed."""


class NothingPublishedToResolve(Conflict):
    """Nothing has been published about {incident}, so there is nothing to resolve. To close it without telling
    customers, use `/incident cancel`.
    """


class PrivateUnpublishable(Conflict):
    """{incident} is private, so it cannot be published. To make it visible first, use `/incident private no`."""


class AlreadyPrivate(Conflict):
    """Customers have already read about {incident}, so it cannot become private. Nothing was changed."""


class PromiseNear(Conflict):
    """The next update is due at {time}, {minutes} from now. Choose a later time. The approval is still valid."""


class PromisePassed(PromiseNear):
    """The time of the next update, {time}, has passed. Choose a later time. The approval is still valid."""


class PromiseBack(PromiseNear):
    """Customers were promised an update by {promised}, and {time} is earlier. Give {promised} or a later time; the
    update itself may come sooner.
    """


class PromiseFar(Conflict):
    """{severity} needs an update at least every {cadence}; {time} is {away} away. Choose an earlier time, or confirm
    this one.
    """


class NothingToSnooze(Conflict):
    """There is no reminder to snooze yet. The next update is due at {due_at}, and the first reminder comes at
    {first_at}.
    """


class AlreadySnoozed(Conflict):
    """{by} already snoozed this reminder until {until}. Nothing was changed. You can snooze the next one."""


class TooLateToSnooze(Conflict):
    """There are no more reminders to snooze before the commander is asked. Nothing was changed. Publish the update,
    or hand over.
    """


class ChannelOfIncidents(Conflict):
    """{channel} is where incidents are worked on, so it cannot be subscribed. Nothing was changed. Choose another
    channel.
    """


class LinkTwoPeople(Conflict):
    """foghorn.toml lists {one} and {other} as two people, so these accounts cannot be linked. Nothing was changed."""


class MergeSelf(Conflict):
    """An incident cannot be merged into itself. Name the other one, for example `merge INC-8`."""


class MergePrivate(Conflict):
    """{private} is private and {public} is not, so they cannot be merged. Nothing was changed."""


class MergeUnpublished(Conflict):
    """Customers have read about {known} but not about {unknown}, so {known} has to stay open. Nothing was changed.
    Use `merge {unknown}` in {known} instead.
    """


class LinkUsed(Conflict):
    """This sign-in link has been used or is more than 15 minutes old. To make a new one, run `foghorn people invite
    {name}`.
    """


class AssistantOff(Conflict):
    """No assistant is set up, so nothing was sent and nothing was changed. Write the update yourself, or ask an
    administrator to set one up.
    """


class AssistantPrivate(Conflict):
    """{incident} is private, so nothing about it is sent to the assistant. Write the update yourself."""


class AssistantNotHere(Conflict):
    """The assistant does not write corrections. Nothing was sent. Edit the correction yourself."""


class AssistantAway(Conflict):
    """The assistant made no suggestion: {reason}. The draft is unchanged. Write it yourself, or try again."""


class NothingSuggested(Conflict):
    """The assistant suggested nothing that can be used.{left_out} The draft is unchanged."""


class Busy(BotError):
    """The database cannot be written to right now. Nothing was changed and nothing was sent. Try again in a minute."""


class ChannelNotLookedUp(BotError):
    """“{typed}” could not be looked up on {platform}. {why} Nothing was changed. Try again in a minute."""


class Unexpected(BotError):
    """Something went wrong (code {code}). Nothing was changed. Try again; if it happens again, use the console."""


class ConfigurationError(BotError):
    """{file}, line {line}: {problem}. Foghorn did not start. Fix the line, then run `foghorn check`."""


class SettingError(BotError):
    """{setting} {problem}. Foghorn did not start."""


class NotMigrated(BotError):
    """The database is at version {found}; this version of Foghorn needs {needed}. Run `foghorn migrate`, then start
    again.
    """


class TooNew(NotMigrated):
    """The database is at version {found}, which is newer than this version of Foghorn supports ({needed}). Nothing
    was changed. Use the newer version.
    """


class OtherOrganisation(BotError):
    """This database belongs to {owner}, and {file} describes “{name}”. Nothing was changed. Set FOGHORN_CONFIG to the
    configuration of {owner}. If “{name}” is its new name, run `foghorn check --apply` first.
    """


class ExampleOnOther(OtherOrganisation):
    """This database belongs to {owner}, and the configuration that was found is the built-in example. Nothing was
    changed. Set FOGHORN_CONFIG to the path of the organization's foghorn.toml, or go to its folder.
    """


class NotApplied(OtherOrganisation):
    """This database still belongs to {owner}, and {file} describes “{name}”. Nothing was changed. To use this file,
    restart `foghorn run`, or run `foghorn check --apply`.
    """


class SendFailed(BotError):
    """A message could not be delivered: {reason}."""

    def __init__(self, reason: str, *, permanent: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(reason=reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class MessageGone(SendFailed):
    """A message to edit was deleted: {reason}."""


class PlaceGone(SendFailed):
    """The channel is archived, deleted, or closed to Foghorn: {reason}."""


class PlaceDeleted(PlaceGone):
    """The channel was deleted: {reason}."""


class OutcomeUnknown(SendFailed):
    """It is not known whether a message arrived: {reason}."""


def no_such_channel(typed: str, platform: str, names: Sequence[str]) -> NoSuchChannel:
    """The refusal of a channel that does not exist, with the nearest name if one is similar."""
    near = get_close_matches(typed.removeprefix("#").casefold(), names, n=1, cutoff=0.6)
    if near:
        return NoSuchChannelNear(typed=typed, platform=platform, nearest=near[0])
    return NoSuchChannel(typed=typed, platform=platform)
