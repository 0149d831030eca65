from envtree import Settings


class Accounts(Settings):
    DB_USER: str
    SENTRY_DSN: str = None
