"""The credentials of roles: that of this instance, from its metadata, and those that STS lets a caller assume."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from envtree.adapters.aws.connection import answer_to, connect
from envtree.adapters.aws.credentials import Credentials, credentials_from_json, token_in
from envtree.adapters.aws.endpoint import service_endpoint
from envtree.adapters.aws.http import ServiceRefused, ServiceUnavailable, text_of
from envtree.adapters.aws.instance import ask_metadata, is_disabled, metadata_endpoint, metadata_headers
from envtree.adapters.aws.signature import AwsRequest, sign
from envtree.core.render.mask import from_outside

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES = "/latest/meta-data/iam/security-credentials/"
INSTANCE_TIMEOUT = 2.0
"""Seconds: the metadata are close by, and on a machine outside of AWS nothing answers at all."""
VERSION = "2011-06-15"
SESSION = "envtree"
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
TOKEN_FILE, ROLE = "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"
SHOWN = 80
"""Characters of a role that a message shows."""
_FIELD = r"<{0}>\s*([^<\s]+)\s*</{0}>"


def instance_credentials(environ: Mapping[str, str]) -> Credentials | None:
    """Return the credentials of this instance's role; None where nothing answers. Raises ServiceRefused."""
    endpoint = metadata_endpoint(environ)
    if is_disabled(environ) or endpoint is None:
        return None
    with closing(connect(endpoint, environ)) as http:
        http.timeout = INSTANCE_TIMEOUT
        try:
            http.connect()
        except OSError:
            return None
        no_role = ServiceRefused("can't be asked: this instance has no role", "give it one that may use the key")
        headers = metadata_headers(http)
        name = text_of(ask_metadata(http, "GET", ROLES, headers, gone=no_role)).partition("\n")[0].strip()
        path = f"{ROLES}{quote(name, safe='+=,.@_-')}"
        found = credentials_from_json(text_of(ask_metadata(http, "GET", path, headers, gone=no_role)))
    if found is None:
        raise ServiceUnavailable("can't be asked: the metadata of this instance give no credentials")
    return found


def assume_role(
    role: str, caller: Credentials, region: str, environ: Mapping[str, str], external_id: str = ""
) -> Credentials:
    """Return the credentials of a role that the caller may assume. Raises ServiceRefused."""
    fields = {"Action": "AssumeRole", "RoleArn": role, **({"ExternalId": external_id} if external_id else {})}
    return _ask_sts(fields, region, environ, caller)


def web_identity_credentials(region: str, environ: Mapping[str, str]) -> Credentials | None:
    """Return the credentials of the role that a token file stands for (EKS); None where the environment names none."""
    path, role = environ.get(TOKEN_FILE), environ.get(ROLE)
    if not path or not role:
        return None
    fields = {"Action": "AssumeRoleWithWebIdentity", "RoleArn": role, "WebIdentityToken": token_in(path, TOKEN_FILE)}
    return _ask_sts(fields, region, environ, None)


def _ask_sts(
    fields: Mapping[str, str], region: str, environ: Mapping[str, str], caller: Credentials | None
) -> Credentials:
    """Ask for a role, in a call that a caller signs; a token needs no signature."""
    body = urlencode({**fields, "Version": VERSION, "RoleSessionName": SESSION}).encode()
    endpoint = service_endpoint("sts", region, environ)
    request = AwsRequest("POST", endpoint.authority, headers=FORM, body=body)
    try:
        headers = sign(request, caller, "sts", region, datetime.now(UTC)) if caller else FORM
        reply = answer_to(request, headers, endpoint, environ)
    except ServiceRefused as refusal:
        refusal.words = f"can't be asked as `{from_outside(fields['RoleArn'], SHOWN)}`: STS {refusal.words}"
        raise
    return _assumed(text_of(reply))


def _assumed(text: str) -> Credentials:
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration")
    found = [re.search(_FIELD.format(name), text) for name in names]
    access, secret, token, end = (each[1] if each else "" for each in found)
    try:
        return Credentials(access, secret, token, datetime.fromisoformat(end))
    except ValueError:
        raise ServiceRefused("can't be asked: STS gives no credentials") from None
