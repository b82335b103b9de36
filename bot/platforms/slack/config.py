"""What Slack adds to the environment and to foghorn.toml."""

from typing import Annotated, ClassVar

from pydantic import BaseModel, Field, SecretStr

from bot.intake.platform import Address, PlatformConfig, Text, shaped


class SlackSettings(BaseModel):
    """The environment."""

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
    slack_api_url: Address = Field(
        default="",
        validation_alias="SLACK_API_URL",
        description="Base address of Slack's API or of a compatible server. Default: Slack's.",
    )


class SlackConfig(PlatformConfig):
    """`[slack]`. People are added to a channel, so the members of an incident's room respond."""

    account: ClassVar[str] = "Account ID on Slack, such as U0123"
    role: ClassVar[str] = "user group"
    role_id: ClassVar[str] = "S0123ABCD"
    room_members_respond: ClassVar[bool] = True

    command: Annotated[
        str, shaped(r"/[a-z0-9_-]{1,31}", "a slash and then at most 31 lowercase letters, digits, - and _")
    ] = Field(default="/incident", description="The slash command. Change it if /incident is taken")
    groups: dict[str, Text] = Field(
        default={}, description='Group in Foghorn = ID of the user group in Slack: `responders = "S0123ABCD"`'
    )
