from pydantic import PositiveInt, PostgresDsn, model_validator

from envtree import Port, Secret, Settings


class Accounts(Settings):
    DB_USER: str
    DATABASE_URL: PostgresDsn
    SESSION_KEY: Secret


class Web(Settings, process="web"):
    PORT: Port
    WEB_CONCURRENCY: PositiveInt
    WEB_MINIMUM: PositiveInt = 1

    @model_validator(mode="after")
    def minimum_fits(self) -> "Web":
        if self.WEB_MINIMUM > self.WEB_CONCURRENCY:
            raise ValueError("WEB_MINIMUM is more than WEB_CONCURRENCY")
        return self
