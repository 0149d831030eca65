from typing import Annotated

from pydantic import PositiveInt, PostgresDsn

from envtree import Deprecated, Port, Secret, Settings


class Accounts(Settings):
    DB_USER: str
    DATABASE_URL: PostgresDsn
    DATABASE_NAME: Annotated[str | None, Deprecated("the name is in `DATABASE_URL`", after="2999-01-31")] = None
    SESSION_KEY: Secret


class Web(Settings, process="web"):
    PORT: Port
    WEB_CONCURRENCY: PositiveInt
