"""Addresses of services: AWS's own for a region, or what the environment names, as for AWS's SDKs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from envtree.adapters.aws.http import ServiceRefused

if TYPE_CHECKING:
    from collections.abc import Mapping

ANY_SERVICE = "AWS_ENDPOINT_URL"
IGNORED = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"
FIPS = "AWS_USE_FIPS_ENDPOINT"
PORTS = {"http": 80, "https": 443}
DOMAINS = {"cn-": "amazonaws.com.cn", "us-iso-": "c2s.ic.gov", "us-isob-": "sc2s.sgov.gov", "eusc-": "amazonaws.eu"}
"""The domains of the partitions that are not `amazonaws.com`, by how their regions begin."""


class Endpoint(NamedTuple):
    """An origin: all of an address but the path."""

    host: str
    port: int
    named: bool = False
    """Whether a variable of the environment names the address."""
    scheme: str = "http"

    @property
    def authority(self) -> str:
        """The host as a request names it: with the port, unless it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}"


def parse_endpoint(url: str) -> Endpoint | None:
    """Parse a URL; None if it is more or less than an origin, since the paths of a service are fixed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = url.removesuffix("/").lower() == f"{parts.scheme}://{parts.netloc}".lower()
    visible = all("!" <= letter <= "~" for letter in url)
    if not host or port == 0 or "@" in parts.netloc or not plain or not visible or parts.scheme not in PORTS:
        return None
    return Endpoint(host, PORTS[parts.scheme] if port is None else port, scheme=parts.scheme)


def service_endpoint(service: str, region: str, environ: Mapping[str, str]) -> Endpoint:
    """Return the address of a service such as `kms`. Raises ServiceRefused if a variable names one that is none."""
    names = (f"{ANY_SERVICE}_{service.upper()}", ANY_SERVICE)
    ignored = environ.get(IGNORED, "").lower() == "true"
    name = next((name for name in names if environ.get(name)), None) if not ignored else None
    if name is None:
        domain = next((each for start, each in DOMAINS.items() if region.startswith(start)), "amazonaws.com")
        fips = "-fips" if environ.get(FIPS, "").lower() == "true" else ""
        return Endpoint(f"{service}{fips}.{region}.{domain}", 443, scheme="https")
    endpoint = parse_endpoint(environ[name])
    if endpoint is None:  # the address is not shown: it may hold a password
        raise ServiceRefused(f"can't be asked: `{name}` is no address", "correct it, such as `https://host:port`")
    return endpoint._replace(named=True)
