from pydantic import PositiveInt, PostgresDsn

from envtree import Port, Secret, Settings


class Accounts(Settings):
    DB_USER: str
    DATABASE_URL: PostgresDsn
    SESSION_KEY: Secret
    CA: str


class Web(Settings, process="web"):
    PORT: Port
    WEB_CONCURRENCY: PositiveInt
