"""Governs the processes of accounts."""

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, HttpUrl, Json, PositiveInt, model_validator

from envtree import Port, Secret, Settings
from schemas._app import App
from schemas._types import Country, Host, LongSecret, Names, PortNumber, Share


class Accounts(App):
    """Both processes, in every environment."""

    RAILS_ENV: Literal["production"]
    RAILS_LOG_TO_STDOUT: bool
    RUBYOPT: str | None = None
    MALLOC_ARENA_MAX: PositiveInt
    SECRET_KEY_BASE: LongSecret
    METRICS_PORT: Port
    COOKIE_DOMAIN: Annotated[str, Field(pattern=r"^\.")]
    UPLOADS_BUCKET: str
    ASSET_HOST: HttpUrl | None = None
    SENTRY_SAMPLE_RATE: Share

    DEFAULT_COUNTRY: Country
    DEFAULT_LOCALE: Literal["nb", "nn", "sv", "da", "en"]
    TAX_RATES: Json[dict[Country, Share]]
    SIGNUP_OPEN: bool
    SIGNUPS_PER_DAY: Annotated[str, Field(pattern=r"^[0-9]{1,3}(_[0-9]{3})*$")]  # an `int` has digits only
    TERMS_VERSION: date
    FEATURES: Names
    SUPPORT_PHONE: Annotated[str, Field(pattern=r"^00[0-9]{6,15}$")]
    RATE_LIMITS: Json[dict[str, PositiveInt]]

    SAML_METADATA_URL: HttpUrl
    SAML_CERTIFICATE: Annotated[str, Field(pattern=r"^-----BEGIN CERTIFICATE-----\n")]


class Mail(Settings):
    """A second class with the same scope: rules are easier to read next to what they are about."""

    MAIL_FROM: str
    SMTP_HOST: Host | Literal[""]
    SMTP_PORT: PortNumber
    SMTP_USER: str
    SMTP_PASSWORD: Secret | None = None

    @model_validator(mode="after")
    def a_host_wants_a_password(self) -> Self:
        """An empty host means that no mail is sent."""
        if self.SMTP_HOST and self.SMTP_PASSWORD is None:
            raise ValueError("SMTP_PASSWORD is needed where SMTP_HOST is set")
        return self


class Payments(Settings):
    """The provider has a sandbox beside the real thing."""

    PAYMENTS_URL: HttpUrl
    PAYMENTS_KEY: Secret
    PAYMENTS_WEBHOOK_SECRET: Secret | None = None

    @model_validator(mode="after")
    def key_and_address_agree(self) -> Self:
        """A live key sent to the sandbox is a leak; the other way round, nobody can pay."""
        at_sandbox = (self.PAYMENTS_URL.host or "").startswith("sandbox.")
        if at_sandbox != self.PAYMENTS_KEY.get_secret_value().startswith("sandbox-"):
            raise ValueError("PAYMENTS_KEY and PAYMENTS_URL must both be of the sandbox, or neither")
        return self


class Production(Settings, environment="production"):
    """What may be missing elsewhere, but not here."""

    SMTP_HOST: Host
    PAYMENTS_WEBHOOK_SECRET: Secret
    ASSET_HOST: HttpUrl


class Web(Settings, process="web"):
    """Puma."""

    PORT: Port
    WEB_CONCURRENCY: PositiveInt
    RAILS_MAX_THREADS: PositiveInt
    DB_POOL: PositiveInt

    @model_validator(mode="after")
    def a_connection_for_each_thread(self) -> Self:
        """Otherwise threads time out waiting for one, and only under load."""
        if self.DB_POOL < self.RAILS_MAX_THREADS:
            raise ValueError("DB_POOL must not be less than RAILS_MAX_THREADS")
        return self


class Worker(Settings, process="worker"):
    """Sidekiq."""

    SIDEKIQ_CONCURRENCY: PositiveInt
    DB_POOL: PositiveInt

    @model_validator(mode="after")
    def a_connection_for_each_thread(self) -> Self:
        """Sidekiq's own two threads want one too."""
        if self.DB_POOL < self.SIDEKIQ_CONCURRENCY + 2:
            raise ValueError("DB_POOL must be at least SIDEKIQ_CONCURRENCY and two more")
        return self
