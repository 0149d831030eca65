"""The address of Heroku's API, and the token for it: from the environment, or from ~/.netrc."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, system_reason
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

HEROKU = "https://api.heroku.com"
ADVICE = (
    "`export HEROKU_API_KEY=$(heroku auth:token)`, or make a token that can only read: "
    "`heroku authorizations:create -s read-protected -e 86400`"
)


@dataclass(frozen=True, slots=True)
class Login:
    """An origin without a slash at its end, and the token, which no repr shows."""

    url: str
    token: str = field(repr=False)
    source: str = ""
    """Where the token was found, in words."""


def find_login(environ: Mapping[str, str], home: str) -> Login:
    """Return the login from HEROKU_API_KEY, else ~/.netrc, as the heroku command; raises EnvtreeError without one."""
    name, url = _origin(environ)
    host = _host(name, url)
    if token := environ.get("HEROKU_API_KEY", ""):
        return Login(url, _clean(token, "`HEROKU_API_KEY`"), "`HEROKU_API_KEY`")
    path = Path(home) / ".netrc"
    if home and (token := _in_netrc(path, host)):
        source = f"`{one_line(str(path))}`"
        return Login(url, _clean(token, f"the password for {host} in {source}"), source)
    notes = ("looked at `HEROKU_API_KEY`", f"looked for `machine {host}` in `{one_line(str(path))}`" if home else "")
    ignored = "`HEROKU_API_TOKEN` is set, which is not read" if environ.get("HEROKU_API_TOKEN") else ""
    raise _refused("there is no token for Heroku", *notes, ignored)


def _origin(environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the variable that names the API's origin, and the origin; HEROKU_HOST may be a bare domain."""
    if url := environ.get("HEROKU_API_URL", ""):
        return "HEROKU_API_URL", url.lower().removesuffix("/")
    host = environ.get("HEROKU_HOST", "")
    if "://" in host:
        return "HEROKU_HOST", host.lower().removesuffix("/")
    return "HEROKU_HOST", f"https://api.{host.lower()}" if host else HEROKU


def _host(name: str, url: str) -> str:
    """Return the host of an origin; raises EnvtreeError for what is none, or where a token would travel in the open."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    plain = f"{parts.scheme}://{parts.netloc}"
    if not host or port == 0 or not _is_alone(host, parts.netloc) or url != plain or not _visible(url):
        raise _refused(f"`{name}` is no origin such as `{HEROKU}`", advice=f"leave `{name}` unset to ask Heroku itself")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        message = f"`{name}` is not an https address, and a token would travel in the open"
        raise _refused(message, advice="http is for this machine alone, such as `http://127.0.0.1:5000`")
    return host


def _is_alone(host: str, authority: str) -> bool:
    """Whether there is but a host and its port; most releases of Python take what is around `[::1]` for no error."""
    written = f"[{host}]" if ":" in host else host
    return authority == written or authority.startswith(f"{written}:")


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return host == "localhost"
    # Whether `::ffff:127.0.0.1` is one depends on the release of Python; the IPv4 address in it is in all of them.
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def _in_netrc(path: Path, host: str) -> str:
    """Return the password of a machine by its name, empty where there is none; a `default` is for other machines."""
    shown = one_line(str(path))
    try:
        entry = netrc(str(path)).hosts.get(host) if path.is_file() else None
    except NetrcParseError as error:  # its text quotes a word of the file, which may be the token
        raise _refused(f"`{shown}` can't be read: its line {error.lineno} is no netrc") from None
    except UnicodeError:
        raise _refused(f"`{shown}` can't be read: it is not UTF-8") from None
    except OSError as error:
        raise _refused(f"`{shown}` can't be read: {system_reason(error)}") from None
    return entry[2] or "" if entry and host != "default" else ""


def _clean(token: str, source: str) -> str:
    if not _visible(token):
        raise _refused(f"{source} is no token: it holds a blank, a control character or a letter outside ASCII")
    return token


def _visible(text: str) -> bool:
    return all("!" <= letter <= "~" for letter in text)


def _refused(message: str, *notes: str, advice: str = ADVICE) -> EnvtreeError:
    notes = tuple(note for note in notes if note)
    return EnvtreeError(Diagnostic("heroku-login", message, notes=notes, help=advice))
