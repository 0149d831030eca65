from pydantic import PositiveInt, PostgresDsn, field_validator

from envtree import Port, Secret, Settings


class Accounts(Settings):
    DB_USER: str
    DATABASE_URL: PostgresDsn
    SESSION_KEY: Secret

    @field_validator("DB_USER")
    @classmethod
    def known(cls, value: str) -> str:
        return {"billing": value}[value]


class Web(Settings, process="web"):
    PORT: Port
    WEB_CONCURRENCY: PositiveInt
