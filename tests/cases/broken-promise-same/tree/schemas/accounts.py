from typing import Annotated

from pydantic import PositiveInt, PostgresDsn

from envtree import Port, Same, Secret, Settings


class Accounts(Settings):
    DB_USER: Annotated[str, Same("environment")]
    DATABASE_URL: PostgresDsn
    SESSION_KEY: Secret


class Web(Settings, process="web"):
    PORT: Port
    WEB_CONCURRENCY: PositiveInt
