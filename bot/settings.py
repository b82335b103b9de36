"""The only reader of the environment and of foghorn.toml; one documented field per setting."""

import os
from pathlib import Path

from pydantic import DirectoryPath, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.domain.organisation import Organisation
from bot.errors import SettingError
from bot.toml import read_toml

EXAMPLE = Path(__file__).resolve().parent.parent / "foghorn.example.toml"


class Settings(BaseSettings):
    """A setting from the environment. A secret is never stored in a file or a log."""

    model_config = SettingsConfigDict(extra="ignore", frozen=True)

    config: Path | None = Field(
        default=None,
        validation_alias="FOGHORN_CONFIG",
        description="Path of the organization's file. Default: ./foghorn.toml, or else the built-in example.",
    )
    database_url: str = Field(
        default="sqlite:///foghorn.db",
        validation_alias="FOGHORN_DATABASE_URL",
        description="`sqlite:///` for a single process, `postgresql://` for several.",
    )
    host: str = Field(
        default="127.0.0.1", validation_alias="FOGHORN_HOST", description="Address the web server listens on."
    )
    port: int = Field(
        default=8080, ge=0, le=65535, validation_alias="FOGHORN_PORT", description="Port the web server listens on."
    )
    public_url: str = Field(
        default="",
        validation_alias="FOGHORN_PUBLIC_URL",
        description="Address used in links. Default: http://HOST:PORT.",
    )
    console_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        validation_alias="FOGHORN_CONSOLE_TOKEN",
        description="Signs console sessions. On a loopback address, a new one is made at each start.",
    )
    person: str = Field(
        default="",
        validation_alias="FOGHORN_PERSON",
        description="Handle of the person who acts on the command line; `--as` overrides it.",
    )
    templates_dir: DirectoryPath | None = Field(
        default=None,
        validation_alias="FOGHORN_TEMPLATES_DIR",
        description="Folder of your own templates. A file here replaces the built-in one at the same path.",
    )
    assistant_key: SecretStr | None = Field(
        default=None,
        validation_alias="FOGHORN_ASSISTANT_KEY",
        description="Key of the optional assistant that `[assistant]` names; without it the assistant is off.",
    )
    slack_bot_token: SecretStr | None = Field(
        default=None, validation_alias="SLACK_BOT_TOKEN", description="Bot token. Turns Slack on."
    )
    slack_app_token: SecretStr | None = Field(
        default=None, validation_alias="SLACK_APP_TOKEN", description="If set, Foghorn uses Socket Mode."
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="If set without an app token, Foghorn receives HTTP requests at /slack/events.",
    )
    slack_api_url: str = Field(
        default="",
        validation_alias="SLACK_API_URL",
        description="Base address of Slack's API or of a compatible server. Default: Slack's.",
    )
    discord_bot_token: SecretStr | None = Field(
        default=None, validation_alias="DISCORD_BOT_TOKEN", description="Bot token. Turns Discord on."
    )
    discord_api_url: str = Field(
        default="",
        validation_alias="DISCORD_API_URL",
        description="Base address of Discord's HTTP API, ending in /api/v10. Default: Discord's.",
    )

    @property
    def url(self) -> str:
        """The public address, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the web server."""
        return self.host in ("127.0.0.1", "localhost", "::1")


def read_settings() -> Settings:
    """The settings of this process. Raises SettingError naming the variable."""
    try:
        return Settings()
    except ValidationError as problem:
        first = problem.errors(include_input=False, include_url=False)[0]
        raise SettingError(setting=first["loc"][0], problem=f"is not valid: {first['msg']}") from None


def organisation_file(settings: Settings) -> Path:
    """FOGHORN_CONFIG, else ./foghorn.toml, else the built-in example."""
    if settings.config is not None:
        return settings.config
    return Path("foghorn.toml") if Path("foghorn.toml").exists() else EXAMPLE


def read_organisation(path: Path) -> Organisation:
    """The organisation of a file. Raises ConfigurationError with the line and what is wrong there."""
    return read_toml(path, Organisation)


def secret(variable: str) -> SecretStr | None:
    """A secret that foghorn.toml refers to by its environment variable."""
    value = os.environ.get(variable, "")
    return SecretStr(value) if value else None
