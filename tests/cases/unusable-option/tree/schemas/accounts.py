from envtree import Settings


class Accounts(Settings):
    model_config = {"env_nested_delimiter": "__"}

    DB_USER: str
