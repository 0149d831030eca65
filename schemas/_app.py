"""What our own services have and a database server hasn't."""

from pydantic import HttpUrl, NonNegativeInt, PostgresDsn, RedisDsn

from envtree import Secret, Settings


class App(Settings):
    """A service of ours: a client of postgres and redis, and one that tells of its errors."""

    DB_NAME: str
    DB_USER: str
    DB_PASSWORD: Secret | None = None
    DATABASE_URL: Secret[PostgresDsn]

    REDIS_DB: NonNegativeInt
    REDIS_PASSWORD: Secret | None = None
    REDIS_URL: Secret[RedisDsn]

    SENTRY_DSN: HttpUrl
