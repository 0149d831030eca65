"""Governs the processes of sync."""

from typing import Annotated, Literal

from pydantic import Field, Json, PositiveInt, WebsocketUrl

from envtree import Port, Secret, Settings
from schemas._app import App
from schemas._types import Host, LongSecret


class Sync(App):
    """Every process, in every environment."""

    PORT: Port
    PHX_HOST: Host
    POOL_SIZE: PositiveInt
    SECRET_KEY_BASE: LongSecret

    DIST_PORT: Port
    RELEASE_DISTRIBUTION: Literal["name", "sname", "none"]
    RELEASE_NODE: Annotated[str, Field(pattern=r"^sync@")]
    RELEASE_COOKIE: Secret
    ERL_AFLAGS: str

    PARTNER_URL: WebsocketUrl
    PARTNER_API_VERSION: Annotated[str, Field(pattern=r"^[0-9]+\.[0-9]{2}$")]
    PARTNER_CLIENT_ID: Annotated[str, Field(pattern=r"^[0-9]{9}$")]
    PARTNER_CLIENT_SECRET: Secret
    PARTNER_PUBLIC_KEY: Annotated[str, Field(pattern=r"^-----BEGIN PUBLIC KEY-----\n")]
    DRY_RUN: bool
    BATCH_SIZE: Annotated[int, Field(ge=1, le=1000)]
    QUEUES: Json[dict[str, PositiveInt]]


class Production(Settings, environment="production"):
    """A forgotten dry run would go unseen until the bank calls."""

    DRY_RUN: Literal["off"]
