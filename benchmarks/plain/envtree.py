"""Stands in for envtree where the floor imports the schemas: pydantic alone, with nothing of envtree's own."""

from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, Field, SecretStr

Port = Annotated[int, Field(ge=1, le=65535)]


class Settings(BaseModel):
    def __init_subclass__(cls, process: str = "", environment: str = "", **rest: Any) -> None:
        super().__init_subclass__(**rest)


class Secret(SecretStr):
    def __class_getitem__(cls, item: Any) -> Any:
        return pydantic.Secret[item]
