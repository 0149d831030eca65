from pydantic import PositiveInt

from envtree import Settings


class Accounts(Settings):
    DB_USER: str
    DB_POOL: PositiveInt = 0
