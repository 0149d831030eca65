"""Governs the postgres of a review box."""

from envtree import Port, Settings
from schemas._types import AbsolutePath


class Postgres(Settings):
    """To `Common` this port is just a number; here it is one to listen on, so no neighbour may have it."""

    DB_PORT: Port
    PGDATA: AbsolutePath
