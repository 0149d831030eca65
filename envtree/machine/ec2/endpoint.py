"""The address of the instance metadata service: AWS's own, or what the environment says, as for AWS's SDKs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.machine.role.tags import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Mapping

ADDRESS = "http://169.254.169.254"
VARIABLE = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
DISABLED = "AWS_EC2_METADATA_DISABLED"


class Endpoint(NamedTuple):
    """An origin that speaks plain HTTP."""

    host: str
    port: int
    named: bool = False
    """Whether a variable of the environment names the address."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}" if self.port == 80 else f"http://{host}:{self.port}"


def find_endpoint(environ: Mapping[str, str]) -> Endpoint:
    """Return AWS's address, or the variable's. Raises EnvtreeError if that is malformed, or the service is disabled."""
    if environ.get(DISABLED, "").lower() == "true":
        message = f"the metadata service is not asked, since `{DISABLED}` is `true`"
        raise EnvtreeError(Diagnostic("unreadable-tags", message, help=f"unset it, or {OTHERWISE}"))
    url = environ.get(VARIABLE, "")
    endpoint = _endpoint(url or ADDRESS)
    if endpoint is None:  # the address is not shown: it may hold a password
        message = f"`{VARIABLE}` is no address such as `{ADDRESS}`"
        raise EnvtreeError(Diagnostic("unreadable-tags", message, help=f"correct it, or unset it to ask `{ADDRESS}`"))
    return endpoint._replace(named=bool(url))


def _endpoint(url: str) -> Endpoint | None:
    """Parse a URL; None if it is more or less than an origin, since the paths of the service are fixed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = url.removesuffix("/").lower() == f"http://{parts.netloc}".lower()
    visible = all("!" <= letter <= "~" for letter in url)
    if not host or port == 0 or "@" in parts.netloc or not plain or not visible:
        return None
    return Endpoint(host, 80 if port is None else port)
