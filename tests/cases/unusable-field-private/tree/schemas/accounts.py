from envtree import Settings


class Accounts(Settings):
    DB_USER: str
    _TOKEN: str
