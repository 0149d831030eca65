from envtree import Settings


class Acounts(Settings):
    DEBUG: bool = False
