from typing import Literal

from envtree import Secret, Settings


class Common(Settings):
    LOG_LEVEL: Literal["debug", "info", "warning", "error"] = "info"
    CERTIFICATE: Secret
    MOTD: str
