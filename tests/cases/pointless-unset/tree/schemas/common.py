from typing import Literal

from envtree import Settings


class Common(Settings):
    LOG_LEVEL: Literal["debug", "info", "warning", "error"] = "info"
    RAILS_ENV: str | None = None
