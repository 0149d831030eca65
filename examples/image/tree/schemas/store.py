"""What the store has."""

from envtree import Port, Settings


class Store(Settings):
    PORT: Port
    STORE_FILE: str
