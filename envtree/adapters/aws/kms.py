"""KMS: short secrets, encrypted and decrypted with a key that never leaves AWS.

https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

from envtree.adapters.aws.call import ServiceCall, send
from envtree.adapters.aws.http import ServiceRefused
from envtree.adapters.aws.session import Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.adapters.aws.session import AwsSession

_ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]{1,40}):[0-9]{12}:(?:key|alias)/[A-Za-z0-9/_-]{1,256}")
TARGET = "TrentService"
JSON = "application/x-amz-json-1.1"
SHAPE = "write it as `arn:aws:kms:REGION:ACCOUNT:key/ID`"


def kms_decrypt(
    arn: str,
    encrypted: str,
    context: Mapping[str, str],
    session: AwsSession,
    caller: Caller = Caller(),  # noqa: B008
) -> bytes:
    """Return what was encrypted, given as base64. Raises ServiceRefused."""
    fields = {"CiphertextBlob": encrypted, "KeyId": arn, "EncryptionContext": dict(context)}
    return _bytes(_ask("Decrypt", arn, fields, session, caller), "Plaintext")


def kms_encrypt(
    arn: str,
    plain: bytes,
    context: Mapping[str, str],
    session: AwsSession,
    caller: Caller = Caller(),  # noqa: B008
) -> str:
    """Return base64 that only KMS can decrypt. Raises ServiceRefused."""
    fields = {"Plaintext": b64encode(plain).decode(), "KeyId": arn, "EncryptionContext": dict(context)}
    return b64encode(_bytes(_ask("Encrypt", arn, fields, session, caller), "CiphertextBlob")).decode()


def _ask(operation: str, arn: str, fields: Mapping[str, object], session: AwsSession, caller: Caller) -> object:
    found = _ARN.fullmatch(arn)
    if found is None:
        raise ServiceRefused("can't be asked: this is no ARN of a key", SHAPE)
    headers = {"Content-Type": JSON, "X-Amz-Target": f"{TARGET}.{operation}"}
    reply = send(ServiceCall("kms", found[1], headers, json.dumps(fields).encode(), caller), session)
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        raise ServiceRefused("answers with something else than JSON") from None


def _bytes(answer: object, name: str) -> bytes:
    """Return a field of an answer, decoded."""
    text = answer.get(name) if isinstance(answer, dict) else None
    try:
        decoded = b64decode(text, validate=True) if isinstance(text, str) else b""
    except binascii.Error:
        decoded = b""
    if not decoded:
        raise ServiceRefused("answers with nothing that was asked for")
    return decoded
