"""What Discord adds to the environment and to foghorn.toml."""

from typing import ClassVar

from pydantic import BaseModel, Field, SecretStr

from bot.intake.platform import Address, PlatformConfig, Text


class DiscordSettings(BaseModel):
    """The environment."""

    discord_bot_token: SecretStr | None = Field(
        default=None, validation_alias="DISCORD_BOT_TOKEN", description="Bot token. Turns Discord on."
    )
    discord_api_url: Address = Field(
        default="",
        validation_alias="DISCORD_API_URL",
        description="Base address of Discord's HTTP API, ending in /api/v10. Default: Discord's.",
    )


class DiscordConfig(PlatformConfig):
    """`[discord]`. A server may be open to anyone, and everyone who can see a channel can open its threads."""

    account: ClassVar[str] = "Account ID on Discord"
    role_id: ClassVar[str] = "ROLE ID"
    declaring_needs: ClassVar[str] = "responders"

    servers: tuple[str, ...] = Field(default=(), description="IDs of the servers that Foghorn serves")
    rooms_in: str = Field(default="", description="ID of the text channel or forum in which rooms are created")
    private_rooms_in: str = Field(default="", description="ID of a channel that only responders can see")
    groups: dict[str, Text] = Field(default={}, description="Group in Foghorn = ID of the role in Discord")
    mention: str = Field(
        default="", description="ID of the role that a reminder may mention when nobody has a role in the incident"
    )

    @property
    def room_channels(self) -> tuple[str, ...]:
        """The channels that contain incidents' rooms."""
        return tuple(filter(None, (self.rooms_in, self.private_rooms_in)))
