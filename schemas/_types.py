"""Types that several schemas share; a module with a `_` in front governs nothing."""

from typing import Annotated

from pydantic import Field

from envtree import Secret

Host = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")]
PortNumber = Annotated[int, Field(ge=1, le=65535)]  # to connect to; one to listen on is an `envtree.Port`
AbsolutePath = Annotated[str, Field(pattern=r"^/")]
Names = Annotated[str, Field(pattern=r"^[a-z0-9-]+(,[a-z0-9-]+)*$")]
Share = Annotated[float, Field(ge=0, le=1)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
LongSecret = Secret[Annotated[str, Field(min_length=64)]]
