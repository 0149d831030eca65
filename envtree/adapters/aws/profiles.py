"""The profiles of `~/.aws/config` and `~/.aws/credentials`: keys, and roles to assume with another one's keys."""

from __future__ import annotations

import configparser
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.aws.credentials import Credentials
from envtree.adapters.aws.http import ServiceRefused
from envtree.adapters.files.plain_file import read_plain_file
from envtree.core.model.diagnostic import system_reason
from envtree.core.render.mask import from_outside, one_line

if TYPE_CHECKING:
    from collections.abc import Mapping

LARGEST = 1 << 20
FILES = {"AWS_CONFIG_FILE": ".aws/config", "AWS_SHARED_CREDENTIALS_FILE": ".aws/credentials"}
"""The variable that names each file, and where it is else; what the second one says of a profile comes first."""
DEFAULT = "default"


EXPORT = '`eval "$(aws configure export-credentials --format env{})"` puts them into the environment'
SHOWN = 60
BY_OTHERS = (
    "sso_session",
    "sso_start_url",
    "credential_process",
    "web_identity_token_file",
    "login_session",
    "mfa_serial",
)
"""Settings of a profile whose credentials need a program, or a person: AWS's own tools get them."""


class AssumedRole(NamedTuple):
    """A role that is assumed, and the word that it asks for."""

    arn: str
    external_id: str = ""


class CredentialPlan(NamedTuple):
    """How credentials are had: keys, or the source that a profile names; then one role after the other."""

    base: Credentials | str
    """The word of `credential_source`, empty for none, if a profile has no keys."""
    roles: tuple[AssumedRole, ...] = ()


def has_profile(name: str, environ: Mapping[str, str]) -> bool:
    """Return whether a file has a profile. Raises ServiceRefused for a file that is none."""
    return _settings(name, environ) is not None


def plan_profile(name: str, environ: Mapping[str, str]) -> CredentialPlan:
    """Return how the credentials of a profile are had. Raises ServiceRefused where envtree can't get them."""
    roles: dict[str, AssumedRole] = {}
    while True:
        settings = _checked(name, environ)
        role, source = settings.get("role_arn"), settings.get("source_profile")
        if not role or name in roles:
            break
        roles[name] = AssumedRole(role, settings.get("external_id", ""))
        if not source:
            return CredentialPlan(settings.get("credential_source", ""), tuple(reversed(roles.values())))
        name = source
    access, secret = settings.get("aws_access_key_id", ""), settings.get("aws_secret_access_key", "")
    keys = Credentials(access, secret, settings.get("aws_session_token", "")) if access and secret else ""
    return CredentialPlan(keys, tuple(reversed(roles.values())))


def _checked(name: str, environ: Mapping[str, str]) -> Mapping[str, str]:
    settings, title = _settings(name, environ), f"AWS profile `{from_outside(name, SHOWN)}`"
    if settings is None:
        raise ServiceRefused(f"can't be asked: there is no {title}", "`aws configure list-profiles` lists them")
    if any(each in settings for each in BY_OTHERS):
        words = f"can't be asked: the {title} needs a login or a program, which envtree leaves to AWS's own tools"
        raise ServiceRefused(words, EXPORT.format(f" --profile {from_outside(name, SHOWN)}"))
    return settings


def _settings(name: str, environ: Mapping[str, str]) -> dict[str, str] | None:
    """Return what both files say of a profile; None if neither has it."""
    home = environ.get("HOME", "")
    found: list[Mapping[str, str]] = []
    for variable, place in FILES.items():
        path = environ.get(variable) or (f"{home}/{place}" if home.startswith("/") else "")
        sections = _sections(path) if path else {}
        titles = [name] if variable != "AWS_CONFIG_FILE" else [f"profile {name}", *([name] if name == DEFAULT else [])]
        found.extend(sections[each] for each in titles if each in sections)
    return {key: text for section in found for key, text in section.items()} if found else None


def _sections(path: str) -> Mapping[str, Mapping[str, str]]:
    try:
        data = read_plain_file(path, LARGEST).data
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ServiceRefused(f"can't be asked: `{one_line(path)}` can't be read: {system_reason(error)}") from None
    parser = configparser.RawConfigParser(default_section="", strict=False)
    try:
        parser.read_string(data.decode("utf-8", "replace"))
    except configparser.Error:  # its text quotes the line
        raise ServiceRefused(f"can't be asked: `{one_line(path)}` is no file of profiles") from None
    return parser
