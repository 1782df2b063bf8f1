"""Environment and `.env` -> `Settings`, read once and frozen."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_ROOM = r"^(slack:(T[A-Z0-9]+/)?[CG][A-Z0-9]+|telegram:-?\d+(:\d+)?)$"
_PLACE = r"^(slack:T[A-Z0-9]+|slack:(T[A-Z0-9]+/)?[CDG][A-Z0-9]+|telegram:-?\d+(:\d+)?|telegram:private|http)$"
_PERSON = r"^(slack:T[A-Z0-9]+/[UW][A-Z0-9]+|telegram:\d+)$"


class SettingsError(Exception):
    """The environment cannot be used; the text says which variables are wrong and why, a line each, without their values."""


class Settings(BaseSettings):
    """What an operator can set. Variables are called like the fields with `CAREERBOT_` in front, but for those with a name."""

    model_config = SettingsConfigDict(
        env_prefix="CAREERBOT_",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
    )

    faq: Path | None = Field(default=None, description="The knowledge file; default: the knowledge that is shipped.")
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("careerbot", appauthor=False),
        description="Where trained models, the database and its secret are kept; default: the user's data directory.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="A PostgreSQL database, postgresql://user:password@host/name; default: SQLite in the data directory.",
    )
    secret: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="What addresses are sealed with; needed with PostgreSQL, else made in the data directory.",
    )
    retention_days: int = Field(default=90, ge=1, le=3650, description="Days for which what people write is kept.")
    slack_bot_token: SecretStr | None = Field(
        default=None, validation_alias="SLACK_BOT_TOKEN", description="The token of the Slack app, xoxb-…; starts the Slack channel."
    )
    slack_app_token: SecretStr | None = Field(
        default=None,
        validation_alias="SLACK_APP_TOKEN",
        description="The app-level token, xapp-…: the bot calls Slack (Socket Mode). Without it Slack calls /slack/events.",
    )
    slack_signing_secret: SecretStr | None = Field(
        default=None,
        validation_alias="SLACK_SIGNING_SECRET",
        description="What proves that a call comes from Slack; needed without SLACK_APP_TOKEN.",
    )
    slack_api_url: str = Field(
        default="https://slack.com/api/", validation_alias="SLACK_API_URL", pattern=r"^https?://.+/$", description="Where Slack's API is."
    )
    telegram_bot_token: SecretStr | None = Field(
        default=None, validation_alias="TELEGRAM_BOT_TOKEN", description="The token of the Telegram bot; starts the Telegram channel."
    )
    telegram_api_url: str = Field(
        default="https://api.telegram.org",
        validation_alias="TELEGRAM_API_URL",
        pattern=r"^https?://.+$",
        description="The root of the Bot API's server.",
    )
    telegram_webhook_url: str | None = Field(
        default=None,
        validation_alias="TELEGRAM_WEBHOOK_URL",
        pattern=r"^https?://.+/telegram/webhook$",
        description="The public address that ends in /telegram/webhook: Telegram calls the bot there. Without it the bot polls.",
    )
    telegram_webhook_secret: SecretStr | None = Field(
        default=None,
        validation_alias="TELEGRAM_WEBHOOK_SECRET",
        description="What proves that Telegram calls: 1 to 256 of A-Z a-z 0-9 _ -; default: made anew at each start.",
    )
    host: str = Field(default="127.0.0.1", description="The address that the web server listens at; default: 127.0.0.1.")
    port: int = Field(default=8080, ge=1, le=65535, description="Its port; default: 8080.")
    desk: str | None = Field(
        default=None,
        pattern=_ROOM,
        description="The room of the desk, slack:C0123 or telegram:-100123[:topic]; without it no question is passed on.",
    )
    team_room: str | None = Field(
        default=None, pattern=_ROOM, description="A room that answers can be shared with by one press, written like that of the desk."
    )
    guests: Literal["allow", "deny", "ask"] = Field(
        default="ask",
        description="Guests and people of other companies may do all (allow), ask but not share (ask), or nothing (deny); default: ask.",
    )
    desk_hours: float = Field(default=24, gt=0, le=8760, description="Hours after which the desk is reminded of a question.")
    allow: Annotated[tuple[Annotated[str, Field(pattern=_PLACE)], ...], NoDecode] = Field(
        default=(),
        description="Where the bot answers: slack:T… (a workspace), slack:C…, telegram:-100…, telegram:private (all private chats), http; "
        "default: everywhere.",
    )
    admins: Annotated[tuple[Annotated[str, Field(pattern=_PERSON)], ...], NoDecode] = Field(
        default=(), description="People who may ask for the bot's state and whom no limit holds: slack:T…/U…, telegram:123…."
    )
    rate: Annotated[tuple[Annotated[int, Field(ge=0, le=100_000)], ...], NoDecode] = Field(
        default=(20, 120),
        min_length=1,
        max_length=2,
        description="Messages a minute that a person may write, and that are answered in a room; 0 or none: no limit; default: 20,120.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="What is logged: debug, info, warning or error; default: info, with a line for each turn."
    )
    http_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="What programs show to ask over HTTP, as a bearer token; starts the HTTP channel (POST /ask).",
    )
    metrics_token: SecretStr | None = Field(
        default=None,
        min_length=16,
        description="What opens /metrics to other machines, as a bearer token; without it only this one reads it.",
    )

    @field_validator("allow", "admins", "rate", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Lists are written with commas."""
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value

    @field_validator("log_level", mode="before")
    @classmethod
    def _lowered(cls, value: object) -> object:
        """`INFO` is meant as well as `info`."""
        return value.casefold() if isinstance(value, str) else value


def read_settings() -> Settings:
    """The settings of this process; raises `SettingsError` for every variable that is wrong, at once."""
    try:
        return Settings()
    except ValidationError as error:
        told: dict[str, str] = {}
        for fault in error.errors():
            told.setdefault(_variable(str(fault["loc"][0])), _plain(fault["type"], fault["msg"]))
        raise SettingsError("\n".join(f"{variable}: {text}." for variable, text in told.items())) from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"The file .env cannot be read ({type(error).__name__})."
        raise SettingsError(message) from None


def _plain(kind: str, message: str) -> str:
    """What is wrong with a value; a pattern says nothing to an operator."""
    return "it is not written as it has to be, see .env.example" if kind == "string_pattern_mismatch" else message.lower()


def _variable(field: str) -> str:
    return field if field.isupper() else f"CAREERBOT_{field.upper()}"
