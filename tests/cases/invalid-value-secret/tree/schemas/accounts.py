from typing import Annotated

from pydantic import Field, PositiveInt, PostgresDsn

from envtree import Port, Secret, Settings


class Accounts(Settings):
    DB_USER: str
    DATABASE_URL: PostgresDsn
    SESSION_KEY: Secret[Annotated[str, Field(min_length=32)]]


class Web(Settings, process="web"):
    PORT: Port
    WEB_CONCURRENCY: PositiveInt
