"""Governs the redis of a review box."""

from envtree import Port, Settings


class Redis(Settings):
    """As with postgres: the port that others connect to is the one it listens on."""

    REDIS_PORT: Port
    REDIS_SAVE: str
