from envtree import Secret, Settings


class Accounts(Settings):
    DB_USER: str = "accounts"
    DATABASE_URL: str = ""
    SESSION_KEY: Secret = ""
    PORT: int = 80
    WEB_CONCURRENCY: int = 1


settings = Accounts()
