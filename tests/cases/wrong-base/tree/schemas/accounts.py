from pydantic import BaseModel


class Accounts(BaseModel):
    DB_USER: str
