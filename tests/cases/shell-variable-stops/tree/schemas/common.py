from envtree import Settings


class Common(Settings):
    LOG_LEVEL: str
    PWD: str = ""
    OPTIND: str = ""
