"""Signature 4 is botocore's own, whatever is signed."""

from __future__ import annotations

from datetime import UTC, datetime
from unittest.mock import patch
from urllib.parse import quote

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials
from hypothesis import given
from hypothesis import strategies as st

from envtree.adapters.aws.credentials import Credentials
from envtree.adapters.aws.signature import AwsRequest, sign

NOW = datetime(2026, 11, 30, 19, 45, 1, tzinfo=UTC)
ACCESS, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEXAMPLE//token+=="
KMS = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.Decrypt"}
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}


CLOCK = "get_current_datetime" if hasattr(botocore.auth, "get_current_datetime") else "datetime"
"""What botocore asks for the time; it is another one before 1.40."""


def botocores(request: AwsRequest, service: str, region: str, token: str) -> str:
    """The header that botocore would send."""
    url = f"https://{request.authority}{request.target}"
    headers = {**request.headers}
    if service == "s3":
        headers["X-Amz-Content-SHA256"] = "filled in below"
    theirs = AWSRequest(request.method, url, headers, request.body)
    theirs.context["payload_signing_enabled"] = True
    signer = (S3SigV4Auth if service == "s3" else SigV4Auth)(
        BotocoreCredentials(ACCESS, SECRET, token or None), service, region
    )
    with patch(f"botocore.auth.{CLOCK}") as clock:
        clock.return_value = clock.datetime.utcnow.return_value = NOW.replace(tzinfo=None)
        signer.add_auth(theirs)
    return str(theirs.headers["Authorization"])


def ours(request: AwsRequest, service: str, region: str, token: str) -> str:
    return sign(request, Credentials(ACCESS, SECRET, token), service, region, NOW)["Authorization"]


REQUESTS: dict[str, tuple[str, AwsRequest]] = {
    "KMS": ("kms", AwsRequest("POST", "kms.eu-central-1.amazonaws.com", headers=KMS, body=b'{"KeyId": "x"}')),
    "a port": ("kms", AwsRequest("POST", "127.0.0.1:5000", headers=KMS, body=b"{}")),
    "STS": ("sts", AwsRequest("POST", "sts.us-east-1.amazonaws.com", headers=FORM, body=b"Action=AssumeRole")),
    "a query": ("sts", AwsRequest("GET", "sts.us-east-1.amazonaws.com", query=(("Version", "1"), ("Action", "Get")))),
    "an odd query": (
        "ec2",
        AwsRequest("GET", "h.example", query=(("b", "a b+c/d=&~*'()"), ("a", ""), ("ä", "€"), ("b", "A"), ("a-", "1"))),
    ),
    "blanks in a header": ("kms", AwsRequest("POST", "h.example", headers={"X-Amz-Target": "  a   b ", "A": "1"})),
    "a path": ("iot", AwsRequest("GET", "h.example", "/things/a/b/")),
    "an encoded path": ("iot", AwsRequest("GET", "h.example", "/things/a%20b%2Fc/~x*y")),
    "dots in a path": ("iot", AwsRequest("GET", "h.example", "/a/./b/../c//d/")),
    "nothing but dots": ("iot", AwsRequest("GET", "h.example", "/../..")),
    "S3 GET": ("s3", AwsRequest("GET", "b.s3.eu-central-1.amazonaws.com", "/a/b%20c/d%2B")),
    "S3 dots": ("s3", AwsRequest("GET", "b.s3.eu-central-1.amazonaws.com", "/a/../b//c/.")),
    "S3 PUT": ("s3", AwsRequest("PUT", "s3.amazonaws.com", "/b/k", headers={"If-None-Match": "*"}, body=b"\0\xff")),
    "S3 list": ("s3", AwsRequest("GET", "s3.amazonaws.com", "/b", (("list-type", "2"), ("prefix", "a/b c")))),
}


@pytest.mark.parametrize("token", ["", TOKEN], ids=["a user's keys", "a session token"])
@pytest.mark.parametrize(("service", "request_"), REQUESTS.values(), ids=REQUESTS)
def test_a_signature_is_that_of_botocore(service: str, request_: AwsRequest, token: str) -> None:
    assert ours(request_, service, "eu-central-1", token) == botocores(request_, service, "eu-central-1", token)


letters = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@given(
    service=st.sampled_from(["kms", "s3", "sts"]),
    parts=st.lists(letters, max_size=4),
    query=st.lists(st.tuples(letters.filter(bool), letters), max_size=4),
    body=st.binary(max_size=40),
)
def test_any_path_and_query_is_signed_as_botocore_does(
    service: str, parts: list[str], query: list[tuple[str, str]], body: bytes
) -> None:
    path = "/" + "/".join(quote(part, safe="-._~") for part in parts)
    request = AwsRequest("POST", "h.example", path, tuple(query), body=body)
    assert ours(request, service, "us-east-1", TOKEN) == botocores(request, service, "us-east-1", TOKEN)


def test_the_secret_is_in_no_header_and_no_representation() -> None:
    credentials = Credentials(ACCESS, SECRET, TOKEN)
    headers = sign(REQUESTS["KMS"][1], credentials, "kms", "us-east-1", NOW)
    assert SECRET not in repr(headers)
    assert not any(each in repr(credentials) for each in (ACCESS, SECRET, TOKEN))
