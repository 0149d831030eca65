"""Governs the processes of reports."""

from datetime import time
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, Json, PositiveFloat

from envtree import Port, Secret, Settings
from schemas._app import App
from schemas._types import AbsolutePath, Names


class Reports(App):
    """Both processes, in every environment."""

    NODE_ENV: Literal["production"]
    NODE_OPTIONS: str
    REPORTS_BUCKET: str
    REPORTS_DIR: AbsolutePath
    REPORTS_DIR_MODE: Annotated[str, Field(pattern=r"^0[0-7]{3}$")]
    EXPORT_FORMATS: Names
    CSV_SEPARATOR: Literal[";", ","]
    RETRY_BACKOFF_MS: PositiveFloat

    LINK_SIGNING_KEY: Secret
    previous_link_signing_key: Secret | None = Field(default=None, alias="LINK_SIGNING_KEY.bkp")  # no name for Python


class Web(Settings, process="web"):
    """The HTTP side."""

    PORT: Port
    CORS_ORIGINS: Json[list[HttpUrl | Literal["*"]]]


class WebInProduction(Settings, process="web", environment="production"):
    """Narrowed twice: `*` is for review boxes."""

    CORS_ORIGINS: Json[list[HttpUrl]]


class Cron(Settings, process="cron"):
    """Reports that nobody has to ask for."""

    DAILY_AT: time
    RECIPIENTS: Annotated[str, Field(pattern=r"^[^@, ]+@[^@, ]+(,[^@, ]+@[^@, ]+)*$")]
