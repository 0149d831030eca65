from typing import Literal

from envtree import Settings


class Common(Settings):
    LOG_LEVEL: Literal["debug", "info", "warning", "error"] = "info"
    DEPLOY: str
    SIGNUP: str
    MAIL_PASSWORD: str
