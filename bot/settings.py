"""The only reader of the environment and of foghorn.toml; one documented field per setting."""

import os
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

from pydantic import (
    AliasGenerator,
    BaseModel,
    ConfigDict,
    DirectoryPath,
    Field,
    SecretStr,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails

from bot.domain.checked import SIGNING_SECRET, Address, signs
from bot.domain.hosts import is_loopback
from bot.domain.organisation import Organisation, PersonConfig, PlatformConfig
from bot.domain.references import AllowedNames
from bot.errors import SettingError
from bot.shipped import shipped
from bot.toml import in_words, line_of, read_toml

EXAMPLE = shipped("foghorn.example.toml")
PlatformSettings = TypeVar("PlatformSettings", bound=BaseModel)


class Settings(BaseModel):
    """A setting from the environment. A secret is never stored in a file or a log."""

    model_config = ConfigDict(
        extra="ignore",
        frozen=True,
        alias_generator=AliasGenerator(validation_alias=lambda field: f"FOGHORN_{field.upper()}"),
    )

    config: Path | None = Field(
        None, description="Path of the organization's file. Default: ./foghorn.toml, or else the built-in example."
    )
    database_url: str = Field(
        "sqlite:///foghorn.db", description="`sqlite:///` for a single process, `postgresql://` for several."
    )
    host: str = Field("127.0.0.1", description="Address the web server listens on.")
    port: int = Field(8080, ge=0, le=65535, description="Port the web server listens on.")
    public_url: Address = Field("", description="Address used in links. Default: http://HOST:PORT.")
    console_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="Signs console sessions. On a loopback address, one is made and kept in the database.",
    )
    metrics_token: SecretStr | None = Field(
        None,
        min_length=16,
        description="If set, /metrics answers only requests with the header `Authorization: Bearer TOKEN`.",
    )
    person: str = Field("", description="Handle of the person who acts on the command line; `--as` overrides it.")
    templates_dir: DirectoryPath | None = Field(
        None, description="Folder of your own templates. A file here replaces the built-in one at the same path."
    )
    export_dir: Path | None = Field(
        None, description="Folder to which the public pages are written as files after each publication."
    )
    access_log: bool = Field(
        False, description="Log every request. Otherwise, requests for public pages are not logged."
    )
    assistant_key: SecretStr | None = Field(
        None, description="Key of the optional assistant that `[assistant]` names; without it the assistant is off."
    )

    @property
    def url(self) -> str:
        """The public address, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the web server."""
        return is_loopback(self.host)

    def of(self, kind: type[PlatformSettings]) -> PlatformSettings:
        """The variables that a platform declared with this class; their defaults if they were not read."""
        return self if isinstance(self, kind) else kind()


class PlatformDeclaration(Protocol):
    """What a chat platform adds to the environment and to foghorn.toml."""

    @property
    def name(self) -> str:
        """The name of its section, of its key in `[[people]]`, and of its destinations: `slack` of `slack:C0123`."""

    @property
    def settings(self) -> type[BaseModel]:
        """Its variables. Each has a default, `validation_alias`, and `description`."""

    @property
    def config(self) -> type[PlatformConfig]:
        """Its section. Each key has a default and `description`."""


@dataclass(frozen=True)
class Setup:
    """The environment and foghorn.toml."""

    settings: Settings
    organisation: Organisation


@cache
def settings_model(platforms: tuple[PlatformDeclaration, ...]) -> type[Settings]:
    """`Settings` with the variables of these platforms."""
    theirs = (platform.settings for platform in reversed(platforms))  # the fields of the last base class come first
    return cast(type[Settings], create_model("Settings", __base__=(*theirs, Settings)))


@cache
def organisation_model(platforms: tuple[PlatformDeclaration, ...]) -> type[Organisation]:
    """`Organisation` with a section and a key in `[[people]]` for each of these platforms."""
    accounts: dict[str, Any] = {each.name: (str, Field("", description=each.config.account)) for each in platforms}
    person: Any = create_model("PersonConfig", __base__=PersonConfig, **accounts)
    sections: dict[str, Any] = {each.name: (each.config, each.config()) for each in platforms}
    people = (tuple[person, ...], Field(min_length=1))
    return create_model("Organisation", __base__=Organisation, people=people, **sections)


def read_settings(platforms: Sequence[PlatformDeclaration] = ()) -> Settings:
    """The settings of this process; a variable that is set to nothing counts as not set.

    Raises SettingError naming the variables.
    """
    try:
        return settings_model(tuple(platforms)).model_validate(
            {name: value for name, value in os.environ.items() if value.strip()}
        )
    except ValidationError as problem:
        errors = problem.errors(include_input=False, include_url=False)
        found = [f"{error['loc'][0]} is not valid: {_problem(error)}" for error in errors]
        raise SettingError(setting=found[0].split()[0], problem=". ".join(found).partition(" ")[2]) from None


def _problem(error: ErrorDetails) -> str:
    plain = in_words(error)
    return f"it {plain}" if plain else error["msg"].removeprefix("Value error, ")


def read_setup(
    platforms: Sequence[PlatformDeclaration], known: Callable[[Settings], AllowedNames] | None = None
) -> Setup:
    """What this process is configured with. `known` gives the names that the file may use.

    Raises SettingError, ConfigurationError.
    """
    settings = read_settings(platforms)
    file = organisation_file(settings)
    organisation = read_organisation(file, organisation_model(tuple(platforms)), known(settings) if known else None)
    return Setup(settings, organisation)


def doubts(setup: Setup) -> Iterator[str]:
    """What is valid but probably not meant so, in sentences."""
    file, organisation = organisation_file(setup.settings), setup.organisation
    source = file.read_text(encoding="utf-8-sig")
    for key, problem in organisation.doubts:
        yield f"{file}, line {line_of(source, (key,))}: {key}: {problem}."
    for number, webhook in enumerate(organisation.webhooks):
        if wanted := wrong_secret(webhook.secret_env):
            at = line_of(source, ("webhooks", number, "secret_env"))
            yield f"{file}, line {at}: secret_env: nothing can be sent to webhook “{webhook.name}”; {wanted}."


def organisation_file(settings: Settings) -> Path:
    """FOGHORN_CONFIG, else ./foghorn.toml, else the built-in example."""
    if settings.config is not None:
        return settings.config
    return Path("foghorn.toml") if Path("foghorn.toml").exists() else EXAMPLE


def read_organisation(
    path: Path, model: type[Organisation] = Organisation, known: AllowedNames | None = None
) -> Organisation:
    """The organization of a file. Raises ConfigurationError with every mistake and its line."""
    return read_toml(path, model, known)


def secret(variable: str) -> SecretStr | None:
    """A secret that foghorn.toml refers to by its environment variable."""
    value = os.environ.get(variable, "").strip()
    return SecretStr(value) if value else None


def wrong_secret(variable: str) -> str:
    """What to do about the secret of a webhook; empty if it can sign."""
    found = secret(variable)
    if found is None:
        return f"set {variable}"
    usable = all(map(signs, found.get_secret_value().split()))
    return "" if usable else f"set {variable} to {SIGNING_SECRET}"


def program(started_as: str = "", path: str | None = None) -> str:
    """What to type in a shell to run this program the way it was started, such as `.venv/bin/foghorn` after `make run`.

    `foghorn` if the shell finds it (in `path`, by default PATH), or if it is outside the current folder.
    """
    file = Path(started_as or sys.argv[0]).absolute()
    found = shutil.which("foghorn", path=path)
    if file.name != "foghorn" or (found and Path(found).resolve() == file.resolve()):
        return "foghorn"
    try:
        return str(file.relative_to(Path.cwd()))
    except ValueError:
        return "foghorn"
