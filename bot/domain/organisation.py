"""The organization: the content of its `foghorn.toml`. Validated here, read by `settings`, constant at run time."""

import re
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Annotated, ClassVar, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from bot.domain.audiences import Audience
from bot.domain.checked import Address, Line, Name, Text, doubtful_zone, shaped, web_address, zone_name
from bot.domain.destinations import Destination
from bot.domain.hosts import address_of
from bot.domain.lint_lists import LintLists
from bot.domain.page_look import PageConfig
from bot.domain.references import GROUPS, mistakes, not_a_group, wrong_at
from bot.domain.severity import Severity
from bot.domain.times import US, Zone, parsed
from bot.domain.uptime import UptimeConfig

_HANDLE = shaped(r"[a-z0-9][a-z0-9._-]{0,39}", "lowercase letters, digits, and . _ -, at most 40, such as ana")


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _variable(name: str) -> str:
    """The name of an environment variable. A value that is the secret itself is not repeated in the refusal."""
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name.startswith("whsec_"):
        raise ValueError("write the name of an environment variable here, such as CRM_SECRET, never the secret itself")
    return name


def _check_groups(groups: Iterable[str]) -> None:
    for group in groups:
        if group not in GROUPS:
            raise ValueError(not_a_group(group))


class Component(_Section):
    """A service that users see."""

    key: Annotated[str, shaped(r"[a-z0-9][a-z0-9-]{0,39}", "lowercase letters, digits, and hyphens, at most 40")]
    name: Name  # on the page: "API"
    in_text: str | dict[str, str] = ""  # in a sentence: "the API", or by language; default: the name
    names: dict[str, Text] = {}  # language -> its name there; default: the name
    group: Line = ""
    description: Line = ""

    def called(self, language: str) -> str:
        """Its name in a language, on the page, in lines, and in titles."""
        return self.names.get(language) or self.name

    def within(self, language: str, first: str) -> str:
        """Its form in a sentence of a language. `in_text` as plain text belongs to the `first` one."""
        by_language = {first: self.in_text} if isinstance(self.in_text, str) else self.in_text
        return by_language.get(language) or self.called(language)

    @property
    def spoken(self) -> frozenset[str]:
        """All of its names, in every language."""
        by_language = {"": self.in_text} if isinstance(self.in_text, str) else self.in_text
        return frozenset(filter(None, (self.name, *self.names.values(), *by_language.values())))


class PersonConfig(_Section):
    """A person in the configuration. Only they, and accounts linked to them, approve and publish."""

    name: Name
    handle: Annotated[str, _HANDLE]  # `@ana`, `--as ana`
    groups: tuple[str, ...] = ("responders",)  # responders, approvers, security, administrators

    @property
    def accounts(self) -> dict[str, str]:
        """The account on each chat platform: the keys that `settings.organisation_model` adds."""
        return {name: value for name, value in self if value and name not in PersonConfig.model_fields}

    @field_validator("groups")
    @classmethod
    def _known(cls, groups: tuple[str, ...]) -> tuple[str, ...]:
        _check_groups(groups)
        return groups


class SubscriptionConfig(_Section):
    """The initial subscription of a destination of the configuration."""

    audience: Audience = Audience.CUSTOMERS
    components: tuple[str, ...] = ()  # none: all
    minimum_severity: Severity = Severity.SEV4
    language: str = "en"
    mode: Literal["every", "current", "thread"] = "every"


class ChannelConfig(_Section):
    """A local channel, which the console shows as its subscribers see it: `local:#status`."""

    name: Annotated[str, shaped(r"#[a-z0-9][a-z0-9_-]{0,79}", "# and then lowercase letters, digits, - and _")]
    follows: SubscriptionConfig | None = None


class WebhookConfig(_Section):
    """An address that receives updates, signed as in Standard Webhooks 1.0.0."""

    name: Annotated[str, shaped(r"[a-z0-9][a-z0-9_-]{0,39}", "lowercase letters, digits, - and _, at most 40")]
    url: str
    secret_env: Annotated[str, AfterValidator(_variable)]  # environment variable with the `whsec_...` secret
    allow_private: bool = False  # allow http and addresses of private networks
    follows: SubscriptionConfig = SubscriptionConfig()

    @model_validator(mode="after")
    def _address(self) -> "WebhookConfig":
        try:
            host = address_of(urlsplit(web_address(self.url, secure=not self.allow_private)).hostname or "")
            if not self.allow_private and host is not None and not host.is_global:
                raise ValueError(f"“{self.url}” is in a private network; if you want that, set allow_private = true")
        except ValueError as problem:
            raise wrong_at(f"webhook “{self.name}”: {problem}", "url") from problem
        return self


class Cadence(_Section):
    """Minutes from one update to the next promised one."""

    SEV1: int = Field(default=15, ge=5, le=1440)
    SEV2: int = Field(default=30, ge=5, le=1440)
    SEV3: int = Field(default=60, ge=5, le=1440)
    SEV4: int = Field(default=120, ge=5, le=1440)
    monitoring: int = Field(default=60, ge=5, le=1440)
    first_update: int = Field(default=5, ge=1, le=60)  # after declaring


class ApprovalPolicy(_Section):
    """How many approvers, without the author, an update needs."""

    SEV1: int = Field(default=1, ge=0, le=3)
    SEV2: int = Field(default=1, ge=0, le=3)
    SEV3: int = Field(default=0, ge=0, le=3)
    SEV4: int = Field(default=0, ge=0, le=3)
    first_investigating: int = Field(default=0, ge=0, le=3)
    no_change: int = Field(default=0, ge=0, le=3)  # unedited
    alone: bool = True  # the commander may always publish alone, with a reason
    expires_minutes: int = Field(default=15, ge=1, le=240)


class SocialConfig(_Section):
    """The short text for social media; Foghorn drafts it, people post it."""

    draft: bool = False


class SupportConfig(_Section):
    """What the support page tells support staff besides the texts."""

    ask: tuple[str, ...] = (
        "What do they see, and what did they expect?",
        "When did it start, in which time zone?",
        "Which account or workspace, and which service?",
    )
    do_not_say: tuple[str, ...] = (
        "When it will be fixed. Say when the next update is due.",
        "The cause, unless the text states it.",
        "Anything about credits or refunds.",
    )


class RoomsConfig(_Section):
    """Where incidents get their own room."""

    where: Literal["declared", "all"] = "declared"  # where declared, or on every platform
    archive_after_hours: int = Field(default=0, ge=0, le=8760)  # after the incident ended; 0: never


class AnnounceConfig(_Section):
    """Where responders hear of incidents. Places and groups are written with their platform: `slack:C0123ABCD`."""

    channels: tuple[str, ...] = ()
    ping: dict[Severity, tuple[str, ...]] = {}  # severity -> user groups or roles to mention

    @property
    def destinations(self) -> tuple[Destination, ...]:
        """The channels."""
        return tuple(map(Destination.parse, self.channels))

    def group(self, severity: Severity, platform: str) -> str:
        """The ID of the user group or role to mention on a platform; empty if there is none."""
        named = map(Destination.parse, self.ping.get(severity, ()))
        return next((each.place for each in named if each.platform == platform), "")

    def groups(self, platform: str) -> tuple[str, ...]:
        """The IDs of all user groups or roles to mention on a platform."""
        return tuple(dict.fromkeys(filter(None, (self.group(severity, platform) for severity in self.ping))))


class PlatformConfig(_Section):
    """The section of a chat platform. A platform's own class adds its keys and says who may act there."""

    account: ClassVar[str] = "Account ID"  # what a person's key for this platform contains
    role: ClassVar[str] = "role"  # what the platform calls a group of people
    role_id: ClassVar[str] = "ID"  # an example
    room_members_respond: ClassVar[bool] = False
    """Whether members of an incident's room respond to that incident, unless `groups` defines responders."""
    declaring_needs: ClassVar[str] = ""
    """The group that declaring needs, unless foghorn.toml sets one. Empty: the same as elsewhere."""

    groups: dict[str, Text] = {}  # group here -> ID of the group there

    @field_validator("groups")
    @classmethod
    def _groups_known(cls, groups: dict[str, str]) -> dict[str, str]:
        _check_groups(groups)  # a misspelled group is refused because another rule would apply
        return groups

    @property
    def room_channels(self) -> tuple[str, ...]:
        """IDs of the channels that contain incidents' rooms."""
        return ()


Section = TypeVar("Section", bound=PlatformConfig)


class AssistantConfig(_Section):
    """The optional assistant: an OpenAI-compatible endpoint. Nothing is sent without both and FOGHORN_ASSISTANT_KEY."""

    url: Address = ""  # "https://models.example.com/v1"
    model: str = Field(default="", max_length=100)

    @model_validator(mode="after")
    def _check_both(self) -> "AssistantConfig":
        if bool(self.url) != bool(self.model):
            raise ValueError("the assistant needs both `url` and `model`; add the other, or remove both")
        return self


class Organisation(_Section):
    """One company, one record. `settings.organisation_model` adds the section of each chat platform."""

    name: Name
    time_zone: Annotated[str, AfterValidator(zone_name)] = "UTC"
    zone_label: Line = ""
    locale: str = ""  # of times and dates, such as en_GB; empty: that of each language's words.toml
    languages: tuple[str, ...] = Field(default=("en",), min_length=1)
    escalate_to: str = ""  # a handle; empty: every approver
    components: tuple[Component, ...] = Field(min_length=1)
    _former: tuple[Component, ...] = PrivateAttr(default=())
    groups: dict[str, dict[str, str]] = {}  # group of components -> language -> its name there
    people: tuple[PersonConfig, ...] = Field(min_length=1)
    channels: tuple[ChannelConfig, ...] = ()
    webhooks: tuple[WebhookConfig, ...] = ()
    cadence: Cadence = Cadence()
    approval: ApprovalPolicy = ApprovalPolicy()
    who_may: dict[str, str] = {}  # verb -> group, over the catalogue's default
    lint: LintLists = LintLists()
    social: SocialConfig = SocialConfig()
    support: SupportConfig = SupportConfig()
    rooms: RoomsConfig = RoomsConfig()
    announce: AnnounceConfig = AnnounceConfig()
    assistant: AssistantConfig = AssistantConfig()
    uptime: UptimeConfig = UptimeConfig()
    page: PageConfig = PageConfig()
    macros: tuple[Audience, ...] = (Audience.SUPPORT,)  # audiences whose wording support staff copy

    @field_validator("locale")
    @classmethod
    def _locale_exists(cls, name: str) -> str:
        if name:
            parsed(name)
        return name

    @field_validator("languages")
    @classmethod
    def _languages_exist(cls, languages: tuple[str, ...]) -> tuple[str, ...]:
        for language in languages:
            parsed(language)
        return languages

    @model_validator(mode="after")
    def _refers(self, info: ValidationInfo) -> "Organisation":
        for mistake in mistakes(self, (info.context or {}).get("known")):
            raise mistake
        return self

    @property
    def doubts(self) -> Iterator[tuple[str, str]]:
        """Keys at the top of the file that are valid but probably not meant so, each with the reason."""
        if problem := doubtful_zone(self.time_zone):
            yield "time_zone", problem

    @property
    def platforms(self) -> dict[str, PlatformConfig]:
        """The sections of the chat platforms by name."""
        return {name: value for name, value in self if isinstance(value, PlatformConfig)}

    def section(self, kind: type[Section]) -> Section:
        """The section that a platform declared with this class."""
        return next((value for _, value in self if isinstance(value, kind)), kind())

    @property
    def zone(self) -> Zone:
        """How this organization writes times, for responders and on pages."""
        return self.zone_in(self.languages[0])

    def zone_in(self, locale: str) -> Zone:
        """How it writes times in a locale or language. Its own `locale` takes precedence for the same language."""
        own = self.locale if parsed(self.locale or locale).language == parsed(locale).language else ""
        return Zone(ZoneInfo(self.time_zone), self.zone_label, own or (US if locale == "en" else locale))

    def group_in(self, group: str, language: str) -> str:
        """A group's name in a language; the default is the name itself."""
        return self.groups.get(group, {}).get(language) or group

    def remembering(self, former: Iterable[Component]) -> Self:
        """The same organization, which still knows the names of components that were removed from foghorn.toml."""
        copy = self.model_copy()
        copy._former = tuple(former)
        return copy

    def component(self, key: str) -> Component:
        """By key, also one that was removed from foghorn.toml."""
        (found,) = self.named([key])
        return found

    def named(self, keys: Iterable[str]) -> tuple[Component, ...]:
        """The components of these keys, in the configuration's order; then those that were removed from it."""
        wanted = set(keys)
        here = tuple(component for component in self.components if component.key in wanted)
        if len(here) == len(wanted):
            return here
        gone, known = wanted - {each.key for each in here}, {each.key: each for each in self._former}
        return (*here, *(known.get(key) or Component(key=key, name=key) for key in sorted(gone)))

    def interval(self, severity: Severity, *, monitoring: bool = False) -> timedelta:
        """The time from one update to the next promised one."""
        minutes = self.cadence.monitoring if monitoring else int(getattr(self.cadence, severity.value))
        return timedelta(minutes=minutes)
