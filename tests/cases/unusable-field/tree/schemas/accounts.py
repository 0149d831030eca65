from pydantic import FilePath

from envtree import Settings


class Accounts(Settings):
    DB_USER: str
    CERTIFICATE: FilePath
