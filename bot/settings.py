"""Environment and `.env` -> `Settings`, read once and frozen."""

from __future__ import annotations

from pathlib import Path

from platformdirs import user_data_path
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """The environment cannot be used; the text says which variables are wrong and why, a line each, without their values."""


class Settings(BaseSettings):
    """What an operator can set. Names of variables are those of the fields with `CAREERBOT_` in front."""

    model_config = SettingsConfigDict(
        env_prefix="CAREERBOT_", env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore", frozen=True
    )

    faq: Path | None = Field(default=None, description="The knowledge file; default: the knowledge that is shipped.")
    data_dir: Path = Field(
        default_factory=lambda: user_data_path("careerbot", appauthor=False),
        description="Where trained models (and later everything remembered) are kept; default: the user's data directory.",
    )


def read_settings() -> Settings:
    """The settings of this process; raises `SettingsError` for every variable that is wrong, at once."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"CAREERBOT_{str(fault['loc'][0]).upper()}: {fault['msg'].lower()}." for fault in error.errors()]
        raise SettingsError("\n".join(lines)) from None
    except (OSError, UnicodeDecodeError) as error:
        message = f"The file .env cannot be read ({type(error).__name__})."
        raise SettingsError(message) from None
