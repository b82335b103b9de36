"""The refusals of Foghorn: their kinds, and those that are raised in several places or caught by type.

BotError
├── NotFound          what was asked for does not exist
├── NotAllowed        this person cannot do this here
├── InvalidField      what was typed cannot be read
├── Conflict          the state has changed, or does not allow it
├── Busy              the database does not answer; its subclasses say why
├── OtherOrganisation the database is not that of the configuration
└── SendFailed        a messenger could not deliver

A refusal says what happened, why, and what to do next. Its message stands where it is raised, or in the docstring of
its class. `{names}` are filled from `facts`. A time stays a datetime, so that each platform shows it in the reader's
zone.
"""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path


class BotError(Exception):
    """Something was refused and nothing was changed."""

    def __init__(self, words: str = "", /, **facts: object) -> None:
        self.words = words or " ".join((self.__doc__ or "").split())
        self.facts: Mapping[str, object] = facts
        self.offer = ("", "", "")  # for a button: the verb and words that were probably meant, and a label
        super().__init__(self.words.format(**facts))

    @property
    def kind(self) -> str:
        """The name of its kind: the class directly below BotError, such as `NotFound`."""
        return [each.__name__ for each in type(self).__mro__ if issubclass(each, BotError)][-2:][0]


class NotFound(BotError):
    """What was asked for does not exist."""


class UnknownIncident(NotFound):
    """{typed} does not exist. Open incidents: {open}."""


class UnreadableIncident(NotFound):
    """{incident} cannot be shown or changed: its row in the database contains a value that this version of Foghorn does
    not know. Nothing was changed. Other incidents are not affected. Ask an administrator to update Foghorn.
    """


class NoDraft(NotFound):
    """{incident} has no open draft. To write one, use `/incident update`."""


class NoUpdate(NotFound):
    """{incident} has no published update {number}. Nothing was changed. To see them all, use `/incident timeline`."""


class NothingPublished(NoUpdate):
    """Nothing has been published about {incident} yet. Nothing was changed. To draft an update, use `/incident
    update`.
    """


class UnknownLanguage(NotFound):
    """There is no text in “{typed}”. Available languages: {known}."""


class UnknownChannel(NotFound):
    """There is no channel “{typed}”. Nothing was changed. Available channels: {known}."""


class NoSuchChannel(NotFound):
    """There is no channel “{typed}” on {platform} that Foghorn can see. Nothing was changed. Check the name; a private
    channel has to invite Foghorn first.
    """


class NothingToCopy(NotFound):
    """Nothing has been published about {incident} yet, so there is nothing to copy. Tell the customer that you will
    follow up, and leave it at that.
    """


class NothingToRetry(NotFound):
    """All {number} deliveries of this update have arrived or are on their way. There is nothing to retry."""


class NothingToStop(NotFound):
    """No delivery of this update is waiting, so nothing was stopped. What has arrived cannot be taken back here."""


class NoOpenPromise(NotFound):
    """No update is due for {incident}, so there is no reminder to change. Publishing an update sets the next due
    time.
    """


class NotAllowed(BotError):
    """You cannot do this here."""


class NotInGroup(NotAllowed):
    """Only {group} can {verb} here. Ask {ask}, or ask to be added to the group."""


class UnknownAccount(NotAllowed):
    """This account is not connected to a person with access. Nothing was changed. Ask an administrator to add you."""


class InvalidField(BotError):
    """“{typed}” is not {wanted}. Nothing was changed."""


class UnclosedQuote(InvalidField):
    """A closing quotation mark is missing. Add it, or remove the opening one."""


class UnknownComponent(InvalidField):
    """“{typed}” is not a component. Components: {known}. Did you mean {nearest}?"""


class UnknownStage(InvalidField):
    """“{typed}” is not a stage. Nothing was changed. Did you mean `{nearest}`?"""


class TimeUnclear(InvalidField):
    """“{typed}” is not a time. Enter minutes (`30m`), a clock time (`13:30`, `1:30 pm`, `noon`), or a
    day with it (`yesterday 21:40`, `Apr 19 14:00`); a zone may follow (`13:30 UTC`, `9:51 PT`).
    """


class UnknownFact(InvalidField):
    """There is no fact “{typed}:”. Did you mean `{nearest}:`? To keep it as text, put a space after the colon."""


class ReasonNeeded(InvalidField):
    """Customers have read about {incident}, so lowering it from {before} to {after} needs a reason. Every approver is
    told. Nothing was changed yet.
    """


class SnoozeNeedsReason(InvalidField):
    """This update is overdue, and everyone has been asked. Snoozing the reminder now requires a reason, which is
    recorded. Nothing was changed yet.
    """


class ManyDeclared(InvalidField):
    """You declared {number} incidents in the last {minutes} minutes ({incidents}), so this one was not declared yet. If
    it is another incident, say why. If it is one of those, work there.
    """


class Conflict(BotError):
    """The state has changed in the meantime."""


class OutdatedReview(Conflict):
    """The draft that was shown is no longer the open one, so its buttons no longer work."""


class DraftEnded(OutdatedReview):
    """Revision {revision} was discarded, so nothing was changed. To write a new draft, use `/incident update`."""


class StaleRevision(OutdatedReview):
    """{person} saved revision {new} at {at}, so revision {old} was not {done}. Review the new text and try again."""


class EditedMeanwhile(StaleRevision):
    """{person} saved revision {new} at {at} while you were writing, so your text was not saved. It is still here, next
    to the new text. Combine them, then save again.
    """


class PromiseNear(Conflict):
    """The next update is due at {time}, {minutes} from now. Choose a later time. The approval is still valid."""


class PromiseBack(PromiseNear):
    """Customers were promised an update by {promised}, and {time} is earlier. Give {promised} or a later time; the
    update itself may come sooner.
    """


class PromiseFar(Conflict):
    """{severity} needs an update at least every {cadence}; {time} is {away} away. Choose an earlier time, or confirm
    this one.
    """


class AlreadySnoozed(Conflict):
    """{by} already snoozed this reminder until {until}. Nothing was changed. You can snooze the next one."""


class LinkUsed(Conflict):
    """This sign-in link has been used, is more than 15 minutes old, or is incomplete. To get a new one, run `foghorn
    people invite {handle}`; `foghorn people list` lists the handles.
    """


class AssistantOff(Conflict):
    """No assistant is set up, so nothing was sent and nothing was changed. Write the update yourself, or ask an
    administrator to set one up.
    """


class AssistantPrivate(Conflict):
    """{incident} is private, so nothing about it is sent to the assistant. Write the update yourself."""


class AssistantAway(Conflict):
    """The assistant made no suggestion: {reason}. The draft is unchanged. Write it yourself, or try again."""


class Busy(BotError):
    """Try again in a minute."""

    why, said = "it does not answer", ""
    """How the database is, for health checks and `doctor`; what PostgreSQL said, for administrators only."""

    used = "written to"

    def __init__(self, words: str = "", /, used: str = "") -> None:
        begins = f"The database cannot be {used or self.used} right now. Nothing was changed and nothing was sent."
        super().__init__(words or " ".join(f"{begins} {self.__doc__}".split()))


class DatabaseLocked(Busy):
    """Another program has locked it; try again in a minute."""

    why = "another program has locked it"


class DatabaseFull(Busy):
    """Its disk is full or has errors; ask an administrator to free space, then try again."""

    why = "its disk is full or has errors; free some space"


class DatabaseReadOnly(Busy):
    """It is read-only; ask an administrator to make it writable, then try again."""

    why = "it is read-only; make the file and its folder writable, or connect to the primary server"


class DatabaseUnopened(Busy):
    """Its file cannot be opened; check that its folder exists and that Foghorn may read and write there."""

    why = "its file cannot be opened; check that its folder exists and that Foghorn may read and write there"


class DatabaseDamaged(Busy):
    """Its file is damaged; ask an administrator to restore a backup."""

    why = "its file is damaged; stop Foghorn and restore a backup"


class DatabaseGone(Busy):
    """Its file was deleted or replaced; ask an administrator to restore it and to restart Foghorn."""

    why = "its file was deleted or replaced; restore it, then restart Foghorn"
    used = "used"


class DatabaseInterrupted(Busy):
    """The connection to it was lost; try again in a minute."""

    why = "connections to it are lost"


class ChannelNotLookedUp(BotError):
    """“{typed}” could not be looked up on {platform}. {why} Nothing was changed. Try again in a minute."""


class PersonNotLookedUp(BotError):
    """{platform} did not say who “{typed}” is. {why} Nothing was changed. Try again in a minute."""


class Unexpected(BotError):
    """Something went wrong (code {code}). Nothing was changed. Try again; if it happens again, use the console."""


class ConfigurationError(BotError):
    """{file}, line {line}: {problem}. Foghorn did not start. Fix the line, then run `foghorn check`."""

    def __init__(self, file: Path, mistakes: Sequence[tuple[int, str]]) -> None:
        (line, problem), *others = mistakes
        listed = "\n".join(f"{file}, line {line}: {problem}." for line, problem in mistakes)
        words = "{listed}\nFoghorn did not start. Fix these {number} lines, then run `foghorn check`."
        super().__init__(
            words if others else "", file=file, line=line, problem=problem, listed=listed, number=len(mistakes)
        )
        self.file, self.mistakes = file, mistakes


class SettingError(BotError):
    """{setting} {problem}. Foghorn did not start."""


class AlreadyRunning(BotError):
    """{first} already runs Foghorn on {file}. This one did not start. Stop the other one, or use PostgreSQL, which
    several processes can share.
    """


class BackupFailed(BotError):
    """No backup was written to {file}: {problem}."""


class RestoreFailed(BotError):
    """{file} was not restored: {problem}."""


class ExportRefused(BotError):
    """The public pages were not written to {folder}: {problem}. Choose an empty folder, or one that
    `foghorn export-page` wrote before.
    """


class NotMigrated(BotError):
    """The database is at version {found}; this version of Foghorn needs {needed}. Run `foghorn migrate`, then start
    again.
    """


class NoDatabase(NotMigrated):
    """There is no database at {file}. Nothing was changed. If it was deleted, restore a backup. Run `foghorn migrate`
    to make a new one.
    """


class OtherOrganisation(BotError):
    """This database belongs to {owner}, and {file} describes “{name}”. Nothing was changed. Set FOGHORN_CONFIG to the
    configuration of {owner}. If “{name}” is its new name, run `foghorn check --apply` first.
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


class MessageFixed(MessageGone):
    """A message can no longer be edited: {reason}."""


class PlaceGone(SendFailed):
    """The channel is locked, or closed to Foghorn: {reason}."""


class PlaceLost(PlaceGone):
    """The channel cannot be used anymore, but another one can take its place: {reason}."""

    how = "was deleted"


class PlaceArchived(PlaceLost):
    """The channel was archived, and an app cannot unarchive it: {reason}."""

    how = "was archived"


class PlaceHidden(PlaceLost):
    """The channel was deleted, or Foghorn was removed from it: {reason}."""

    how = "was deleted, or Foghorn was removed from it"


class InternalFailure(SendFailed):
    """Foghorn could not carry out a delivery: {reason}."""


class OutcomeUnknown(SendFailed):
    """It is not known whether a message arrived: {reason}."""


def no_such_channel(typed: str, platform: str, names: Sequence[str]) -> NoSuchChannel:
    """The refusal of a channel that does not exist, with the nearest name if one is similar."""
    near = get_close_matches(typed.removeprefix("#").casefold(), names, n=1, cutoff=0.6)
    if near:
        return NoSuchChannel(
            "There is no channel “{typed}” on {platform} that Foghorn can see. Nothing was changed. Did you mean "
            "#{nearest}?",
            typed=typed,
            platform=platform,
            nearest=near[0],
        )
    return NoSuchChannel(typed=typed, platform=platform)
