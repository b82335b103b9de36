"""Everything Foghorn refuses, and the words it refuses with.

BotError
├── NotFound      UnknownCommand, UnknownIncident, WhichIncident, NoOpenIncident, NoDraft, UnknownPerson, ...
├── NotAllowed    UnknownAccount, NotInGroup, NotCommander, OwnDraft, NotConfigured
├── InvalidField  UnknownStage, UnknownComponent, TimePast, TimeTwice, TimeUnclear, TextTooLong, ...
├── Conflict      StaleRevision, AlreadyPublished, AlreadyResolved, Blocked, AlreadyDeclared, ...
├── Busy          the database does not answer
└── SendFailed    a messenger could not deliver

A leaf's docstring is what the person reads: what happened, why, what to do next. `{names}` are filled with
`facts`; a time stays a datetime, so that each platform shows it in the reader's zone.
"""

from collections.abc import Mapping


class BotError(Exception):
    """Something was refused and nothing was changed."""

    def __init__(self, **facts: object) -> None:
        self.words = " ".join((self.__doc__ or "").split())
        self.facts: Mapping[str, object] = facts
        super().__init__(self.words.format(**facts))


class NotFound(BotError):
    """What was asked for does not exist."""


class UnknownCommand(NotFound):
    """There is no command “{typed}”, so nothing has been changed. Did you mean `{nearest}`?"""


class UnknownCommandFar(NotFound):
    """There is no command “{typed}”, and nothing has been changed. `/incident help` lists them all."""


class UnknownIncident(NotFound):
    """There is no {typed}. Open now: {open}."""


class WhichIncident(NotFound):
    """{number} incidents are open, so I need to know which one. Add it, for example `{verb} {example}`."""


class NoOpenIncident(NotFound):
    """No incident is open, so there is nothing to {verb}. `/incident declare` starts one."""


class NoDraft(NotFound):
    """There is no open draft for {incident}. `/incident update` writes one."""


class NoUpdate(NotFound):
    """{incident} has no published update {number}, so nothing was changed. `/incident timeline` shows them."""


class NothingPublished(NoUpdate):
    """{incident} has no published update yet, so nothing was changed. `/incident update` drafts one."""


class UnknownPerson(NotFound):
    """Nobody here is called “{typed}”, so nothing was changed. There are {known}."""


class WhichPerson(NotFound):
    """{number} people are called “{typed}”, so nothing was changed. Say whom you mean: {handles}."""


class UnknownEntry(NotFound):
    """{incident} has no entry {typed}, so nothing was changed. `/incident timeline` shows the numbers."""


class UnknownLanguage(NotFound):
    """There is no text in “{typed}”. Available: {known}."""


class UnknownChannel(NotFound):
    """There is no channel “{typed}” here, so nothing was changed. There are {known}."""


class NotSubscribed(NotFound):
    """{destination} is not subscribed, so nothing was changed. `/incident subscriptions` shows all."""


class NothingToCopy(NotFound):
    """Customers have not been told anything about {incident} yet, so there is no text to copy. Say that you will
    come back, and nothing else.
    """


class NothingToRetry(NotFound):
    """All {number} deliveries of this update arrived or are on their way. There is nothing to retry."""


class NoOpenPromise(NotFound):
    """No update is promised for {incident}, so there is no reminder to change. `/incident update` makes a promise."""


class NotAllowed(BotError):
    """You cannot do this here."""


class NotInGroup(NotAllowed):
    """You cannot {verb} here: that is for {group}. Ask {ask}, or have yourself added."""


class UnknownAccount(NotAllowed):
    """This account is not connected to a person yet, so nothing was changed. Ask an administrator to add you."""


class NotConfigured(NotAllowed):
    """This account is not connected to a person in foghorn.toml, so it cannot {verb}. Ask an administrator."""


class OwnDraft(NotAllowed):
    """You cannot approve this draft: you wrote it. {severity} needs a second person; ask {ask}."""


class NotCommander(NotAllowed):
    """Only the commander can publish alone, and that is {commander}. Ask them, or have the role handed to you."""


class AloneOff(NotAllowed):
    """This organisation's policy does not allow publishing alone. Ask {ask} to approve revision {revision}."""


class AloneNever(NotAllowed):
    """{rule} is never published, not even alone: “{found}”. Take it out, then publish."""


class AloneOpen(NotAllowed):
    """Not even alone: {why} Set them operational in this update, or wait with closing."""


class SecurityNeeded(NotAllowed):
    """The words “{word}” need the security approver. Ask {ask}, or take them out."""


class SecurityMissing(NotAllowed):
    """The words “{word}” need the security approver, and nobody else is one. Take them out, or publish alone."""


class CannotServe(NotAllowed):
    """{person} is only here to copy what was published, so they cannot {doing} {incident}. Nothing was changed; choose
    somebody else.
    """


class AudienceNotYours(NotAllowed):
    """The words for {audience} are not for customers, so they cannot be copied from here. `copy {incident}` gives those
    that are.
    """


class NotYourRole(NotAllowed):
    """You hold no role in {incident} to hand over. `/incident assign commander @name` gives somebody one."""


class InvalidField(BotError):
    """“{typed}” is not {wanted}, so nothing was changed."""


class UnclosedQuote(InvalidField):
    """A quotation mark is open and never closed, so I cannot tell where the text ends. Close it, or leave both out."""


class NotUnderstood(InvalidField):
    """I do not understand “{typed}” here, so nothing was changed. `/incident help {verb}` shows what can be typed."""


class UnknownComponent(InvalidField):
    """There is no component “{typed}”; there are {known}. Did you mean {nearest}?"""


class UnknownStage(InvalidField):
    """There is no stage “{typed}”, so nothing has been changed. Did you mean `{nearest}`?"""


class UnknownImpact(InvalidField):
    """“{typed}” is not an impact. Use operational, degraded, partial, major or maintenance, for example
    `api=partial`.
    """


class UnknownSeverity(InvalidField):
    """“{typed}” is not a severity. Use 1 (worst) to 4, for example `severity 2`."""


class UnknownAudience(InvalidField):
    """There is no audience “{typed}”. Use customers, developers, enterprise, support, social or internal."""


class TimePast(InvalidField):
    """{time} has passed. Give a time after {now}, or minutes, for example `next:30m`."""


class TimeComing(InvalidField):
    """{time} is still to come. Give a time before {now}, or minutes, for example `5m`."""


class TimeUnclear(InvalidField):
    """“{typed}” is not a time I understand. Write minutes (`30m`) or a clock time (`13:30`)."""


class TimeTwice(InvalidField):
    """{clock} happens twice on {date} because the clocks go back. Add the zone, for example `{clock} UTC`."""


class TimeNever(InvalidField):
    """{clock} does not exist on {date} because the clocks go forward. Give another time, or one in UTC."""


class EndBeforeStart(InvalidField):
    """The failure cannot have ended at {end}: it began at {since}. Give the right end, or the right `since:`."""


class TextTooLong(InvalidField):
    """{what} has {number} characters; {limit} fit. Shorten it by {over}; what you wrote is kept."""


class TextEmpty(InvalidField):
    """There is no text to publish. Write what customers see, or choose “no change”."""


class SecretTyped(InvalidField):
    """This looks like a secret ({found}), so it was not saved. Take it out, and change the secret if it was real."""


class NotInText(InvalidField):
    """“{typed}” does not stand in the published text, so nothing was changed. Copy the wrong words from it exactly."""


class Conflict(BotError):
    """Somebody or something was there first."""


class StaleRevision(Conflict):
    """Revision {old} was not {done}: {person} saved revision {new} at {at}. Read the new text, then go on."""


class EditedMeanwhile(StaleRevision):
    """{person} saved revision {new} at {at}, while you were writing, so yours was not saved over it. Read the new text,
    then save again.
    """


class AlreadyPublished(Conflict):
    """{person} published {what} at {at}. Nothing was sent twice; there is nothing to do."""


class AlreadyApproved(Conflict):
    """You approved revision {revision} at {at}. It still needs {missing}."""


class ApprovalExpired(Conflict):
    """The approval is {minutes} minutes old and expired after {limit}, because facts move. Read the text again and
    approve it.
    """


class Blocked(Conflict):
    """This draft has {number} blockers, so it was not published: {first} Edit the marked words; the commander can also
    publish it alone, with a reason.
    """


class BlockedAlways(Conflict):
    """This draft was not published: {first} Edit the marked words, then publish."""


class DraftOpen(Conflict):
    """{person} has a draft open for {incident} (revision {revision}). Publish, edit or discard it first."""


class AlreadyResolved(Conflict):
    """{incident} is resolved. `/incident reopen` opens it again."""


class AlreadyClosed(Conflict):
    """{incident} was closed as {how} at {at}, so nothing was changed."""


class AlreadyOpen(Conflict):
    """{incident} is open; there is nothing to reopen."""


class NothingPublishedToResolve(Conflict):
    """Nothing was published about {incident}, so there is nothing to resolve. `/incident cancel` closes it without a
    word to customers.
    """


class PrivateUnpublishable(Conflict):
    """{incident} is private, so it cannot be published. `/incident private no` makes it visible first."""


class AlreadyPrivate(Conflict):
    """Customers have read about {incident}, so it cannot become private. Nothing was changed."""


class PromiseNear(Conflict):
    """The promised time is {time}, {minutes} from now. Give a later one; the approval stands."""


class PromisePassed(PromiseNear):
    """The promised time was {time}, which has passed. Give a later one; the approval stands."""


class PromiseFar(Conflict):
    """{severity} promises an update at least every {cadence}, and {time} is {away} away. Choose an earlier time, or
    confirm the longer one in the form.
    """


class NothingToSnooze(Conflict):
    """There is no reminder to snooze: the next update is due {due_at} and the first reminder comes {first_at}."""


class AlreadySnoozed(Conflict):
    """{by} snoozed this until {until}, so nothing was changed. The next reminder can be snoozed again."""


class TooLateToSnooze(Conflict):
    """No reminder is left before the commander is asked, so nothing was changed. Publish, or hand over."""


class LinkTwoPeople(Conflict):
    """foghorn.toml names both {one} and {other}, so these accounts stay two people. Nothing was changed."""


class MergeSelf(Conflict):
    """An incident cannot be merged into itself. Name the other one, for example `merge INC-8`."""


class MergePrivate(Conflict):
    """{private} is private and {public} is not, so they cannot be merged. Nothing was changed."""


class MergeUnpublished(Conflict):
    """Customers have read about {known} and not about {unknown}, so {known} has to go on. Nothing was changed; use
    `merge {unknown}` in {known}.
    """


class LinkUsed(Conflict):
    """This sign-in link was used or is older than 15 minutes. `foghorn people invite {name}` makes a new one."""


class Busy(BotError):
    """The record cannot be written right now, so nothing was changed and nothing was sent. Try again in a minute."""


class Unexpected(BotError):
    """Something went wrong on our side (code {code}). Nothing was changed; try again, or use the console if it happens
    twice.
    """


class ConfigurationError(BotError):
    """{file}, line {line}: {problem}. Foghorn did not start; mend the line, then `foghorn check`."""


class SettingError(BotError):
    """{setting} {problem}. Foghorn did not start."""


class NotMigrated(BotError):
    """The database is at {found} and this Foghorn needs {needed}. Run `foghorn migrate`, then start again."""


class TooNew(NotMigrated):
    """The database is at {found}, and this Foghorn knows only {needed}. Nothing was changed; use the newer Foghorn."""


class SendFailed(BotError):
    """A message could not be delivered: {reason}."""

    def __init__(self, reason: str, *, permanent: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(reason=reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after_s = retry_after_s


class MessageGone(SendFailed):
    """A message that should be changed was deleted: {reason}."""


class PlaceGone(SendFailed):
    """The channel is archived, deleted, or closed to us: {reason}."""


class OutcomeUnknown(SendFailed):
    """Nobody can say whether a message arrived: {reason}."""
