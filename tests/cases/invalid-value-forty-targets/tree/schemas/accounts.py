from pydantic import PostgresDsn

from envtree import Secret, Settings


class Accounts(Settings):
    DB_USER: str
    DATABASE_URL: PostgresDsn
    SESSION_KEY: Secret
