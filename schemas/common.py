"""Governs every process of every service."""

from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, PostgresDsn, RedisDsn, model_validator

from envtree import Secret, Settings
from schemas._types import AbsolutePath, Host, PortNumber


class Common(Settings):
    """Required where there is no default; a default means "may be missing" and is never written out."""

    DEPLOYMENT: Literal["review", "staging", "production"]
    DOMAIN: Host
    AWS_REGION: Annotated[str, Field(pattern=r"^[a-z]{2}-[a-z]+-[0-9]$")]

    HOME: AbsolutePath
    PATH: Annotated[str, Field(pattern=r"(^|:)/usr/bin(:|$)")]
    LANG: Literal["C.UTF-8"]
    TZ: Literal["UTC"]
    LOG_LEVEL: Literal["debug", "info", "notice", "error"]
    MISE_OFFLINE: bool

    HTTP_PROXY: HttpUrl | None = None
    NO_PROXY: str
    ACCOUNTS_URL: HttpUrl
    REPORTS_URL: HttpUrl

    DB_HOST: Host
    DB_PORT: PortNumber
    REDIS_HOST: Host
    REDIS_PORT: PortNumber
    DATABASE_URL: Secret[PostgresDsn] | None = None
    REDIS_URL: Secret[RedisDsn] | None = None

    @model_validator(mode="after")
    def data_stays_in_production(self) -> Self:
        """A copied line must not let a review box write to customers' data."""
        if self.DEPLOYMENT != "production" and ".production." in self.DB_HOST:
            raise ValueError("only production may use production's database")
        return self


class Production(Settings, environment="production"):
    """Checked besides `Common`: debug output could hold what customers wrote."""

    LOG_LEVEL: Literal["info", "notice", "error"]
