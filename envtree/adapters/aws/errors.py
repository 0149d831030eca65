"""What a service of AWS refuses a call with, in envtree's own words: AWS's text may quote what was sent."""

from __future__ import annotations

import json
import re

from envtree.adapters.aws.http import ServiceAnswer, ServiceRefused, ServiceUnavailable

WHO = "`aws sts get-caller-identity` says who asks"
NEW = "log in again: `aws sso login`, or new `AWS_...` variables"
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9.]{0,80}")
THROTTLED = {
    *("ThrottlingException", "Throttling", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
    *(
        "TooManyRequestsException",
        "RequestLimitExceeded",
        "LimitExceededException",
        "SlowDown",
        "BandwidthLimitExceeded",
    ),
    *("PriorRequestNotComplete", "EC2ThrottledException", "ProvisionedThroughputExceededException"),
}
PASSING = {"KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException", "InternalFailure"}
EXPIRED = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"}
WORDS: dict[str, tuple[str, str]] = {
    "AccessDenied": ("refuses: this caller may not", WHO),
    "AccessDeniedException": ("refuses: this caller may not use the key", f"allow it in the key's policy; {WHO}"),
    "InvalidCiphertextException": (
        "doesn't open it: it was encrypted with another key or another encryption context, or is damaged",
        "restore the file from git; `sops rotate` is how a context changes",
    ),
    "IncorrectKeyException": ("doesn't open it: it was encrypted with another key", "restore the file from git"),
    "NotFoundException": ("knows no such key", "correct its ARN"),
    "DisabledException": ("refuses: the key is disabled", "`aws kms enable-key` enables it"),
    "KMSInvalidStateException": ("refuses: the key is not enabled, or is to be deleted", "see `aws kms describe-key`"),
    "InvalidKeyUsageException": ("refuses: the key is not for encrypting", "use a symmetric key"),
    "InvalidSignatureException": ("refuses the signature", "check the secret access key, and this machine's clock"),
    "SignatureDoesNotMatch": ("refuses the signature", "check the secret access key, and this machine's clock"),
    "RequestTimeTooSkewed": ("refuses the time of the request", "set this machine's clock"),
    "UnrecognizedClientException": ("doesn't know the access key", f"{NEW}; the region may need to be enabled"),
    "InvalidClientTokenId": ("doesn't know the access key", NEW),
    "OptInRequired": ("refuses: the account is not signed up", WHO),
}


class CredentialsExpired(ServiceRefused):
    """The credentials were good once; newer ones may be had."""


def refusal_of(reply: ServiceAnswer) -> ServiceRefused:
    """Return what an answer that is not 200 says."""
    code = _code(reply.body.decode("utf-8", "replace"))
    if code in THROTTLED:
        return ServiceUnavailable("is asked too often")
    if code in PASSING:
        return ServiceUnavailable(f"fails ({code})")
    if code in EXPIRED:
        return CredentialsExpired("refuses: the credentials have expired", NEW)
    words, advice = WORDS.get(code, ("refuses", WHO))
    return ServiceRefused(f"{words} ({reply.status}{f' {code}' if code else ''})", advice)


def _code(text: str) -> str:
    """Return the name of an error, from JSON or XML; empty if there is none."""
    if found := re.search(r"<Code>([^<]*)</Code>", text):
        name = found[1]
    else:
        try:
            fields = json.loads(text)
            name = str(fields.get("__type") or fields.get("code") or "")
        except (ValueError, AttributeError, RecursionError):
            return ""
    name = name.rpartition("#")[2]
    return name if _CODE.fullmatch(name) else ""
