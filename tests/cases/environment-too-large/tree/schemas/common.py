from typing import Literal

from envtree import Settings


class Common(Settings):
    LOG_LEVEL: Literal["debug", "info", "warning", "error"] = "info"
    LARGE_1: str = ""
    LARGE_2: str = ""
    LARGE_3: str = ""
    LARGE_4: str = ""
    LARGE_5: str = ""
    LARGE_6: str = ""
    LARGE_7: str = ""
    LARGE_8: str = ""
    LARGE_9: str = ""
