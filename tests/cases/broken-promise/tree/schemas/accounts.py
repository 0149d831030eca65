from typing import Annotated

from pydantic import PositiveInt, PostgresDsn

from envtree import Differs, Port, Secret, Settings


class Accounts(Settings):
    DB_USER: str
    DATABASE_URL: PostgresDsn
    SESSION_KEY: Annotated[Secret, Differs("environment")]


class Web(Settings, process="web"):
    PORT: Port
    WEB_CONCURRENCY: PositiveInt
