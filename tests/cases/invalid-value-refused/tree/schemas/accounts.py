from pydantic import PositiveInt, PostgresDsn, field_validator

from envtree import Port, Settings


class Accounts(Settings):
    DB_USER: str
    DATABASE_URL: PostgresDsn
    SESSION_KEY: str

    @field_validator("DB_USER")
    @classmethod
    def known(cls, value: str) -> str:
        if not value.startswith("app_"):
            raise ValueError("a user starts with app_")
        return value


class Web(Settings, process="web"):
    PORT: Port
    WEB_CONCURRENCY: PositiveInt
