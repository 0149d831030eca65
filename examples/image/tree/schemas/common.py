"""What every process has."""

from typing import Literal

from envtree import Settings


class Common(Settings):
    LANG: str = "C.UTF-8"
    PYTHONUNBUFFERED: Literal["1"]
    GREETING: str
