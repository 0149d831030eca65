"""KMS against moto: what is encrypted comes back, and each refusal is final, or tried again, as it should be."""

from __future__ import annotations

import os
import socket
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.aws import call
from envtree.adapters.aws.http import ServiceRefused, ServiceUnavailable
from envtree.adapters.aws.kms import kms_decrypt, kms_encrypt
from envtree.adapters.aws.session import AwsSession, Caller
from tests.aws import ADMIN
from tests.imds import FakeMetadata

if TYPE_CHECKING:
    from tests.aws import FaultyAws, Moto

CONTEXT = {"environment": "production"}
DATA_KEY = bytes(range(32))
DECRYPT = "TrentService.Decrypt"
ROLES = "/latest/meta-data/iam/security-credentials/"


@pytest.fixture
def arn(moto: Moto) -> str:
    return moto.key()


@pytest.fixture
def encrypted(moto: Moto, arn: str) -> str:
    return kms_encrypt(arn, DATA_KEY, CONTEXT, AwsSession(moto.environ))


def refusal(arn: str, encrypted: str, session: AwsSession, caller: Caller = Caller()) -> ServiceRefused:  # noqa: B008
    """Why KMS does not decrypt it; the reason holds neither what was sent nor who sent it."""
    with pytest.raises(ServiceRefused) as caught:
        kms_decrypt(arn, encrypted, CONTEXT, session, caller)
    said = caught.value
    assert encrypted not in f"{said} {said.advice} {said.note}"
    assert "canary" not in f"{said} {said.advice} {said.note}"
    return said


def test_what_is_encrypted_is_decrypted_again(moto: Moto, arn: str, encrypted: str) -> None:
    assert kms_decrypt(arn, encrypted, CONTEXT, AwsSession(moto.environ)) == DATA_KEY


def test_boto3_reads_what_is_encrypted_here_and_the_other_way_round(moto: Moto, arn: str, encrypted: str) -> None:
    theirs = moto.client("kms")
    assert theirs.decrypt(CiphertextBlob=b64decode(encrypted), EncryptionContext=CONTEXT)["Plaintext"] == DATA_KEY
    blob = theirs.encrypt(KeyId=arn, Plaintext=b"x", EncryptionContext=CONTEXT)["CiphertextBlob"]
    assert kms_decrypt(arn, b64encode(blob).decode(), CONTEXT, AwsSession(moto.environ)) == b"x"


def test_another_context_is_refused_at_once(front: FaultyAws, arn: str, encrypted: str) -> None:
    with pytest.raises(ServiceRefused, match="another encryption context"):
        kms_decrypt(arn, encrypted, {"environment": "staging"}, AwsSession(front.environ))
    assert front.calls == [DECRYPT]


def test_a_caller_without_the_right_is_refused_at_once(moto: Moto, front: FaultyAws, arn: str, encrypted: str) -> None:
    may, may_not = moto.user("kms:*"), moto.user("s3:*")
    moto.enforce()
    assert kms_decrypt(arn, encrypted, CONTEXT, AwsSession({**front.environ, **may})) == DATA_KEY
    said = refusal(arn, encrypted, AwsSession({**front.environ, **may_not}))
    assert said.words.startswith("refuses: this caller may not")
    assert "aws sts get-caller-identity" in said.advice
    assert front.calls == [DECRYPT] * 2


FINAL = {
    "AccessDeniedException": "may not use the key",
    "InvalidCiphertextException": "another encryption context",
    "IncorrectKeyException": "another key",
    "NotFoundException": "no such key",
    "DisabledException": "is disabled",
    "KMSInvalidStateException": "is not enabled",
    "InvalidKeyUsageException": "not for encrypting",
    "InvalidSignatureException": "refuses the signature",
    "UnrecognizedClientException": "doesn't know the access key",
    "com.amazonaws.kms#NotFoundException": "no such key",
    "SomethingNew": "refuses (400 SomethingNew)",
    "canary \x1b[31m": "refuses (400)",
}


@pytest.mark.parametrize(("code", "words"), FINAL.items())
def test_a_refusal_that_another_try_cannot_change_is_said_at_once(
    front: FaultyAws, arn: str, encrypted: str, code: str, words: str
) -> None:
    front.plant(DECRYPT, 400, {"__type": code, "message": f"canary {encrypted}"}, times=9)
    assert words in refusal(arn, encrypted, AwsSession(front.environ)).words
    assert front.calls == [DECRYPT]


PASSING = {
    "throttled": (400, {"__type": "ThrottlingException"}),
    "throttled by another name": (400, {"__type": "com.amazonaws.kms#LimitExceededException"}),
    "too many requests": (429, {}),
    "unavailable": (503, {}),
    "a fault of KMS": (500, {"__type": "KMSInternalException"}),
    "a key that is being fetched": (400, {"__type": "KeyUnavailableException"}),
}


@pytest.mark.parametrize(("status", "answer"), PASSING.values(), ids=PASSING)
def test_what_may_pass_is_tried_again_and_given_up_in_the_end(
    front: FaultyAws, arn: str, encrypted: str, status: int, answer: dict[str, str]
) -> None:
    session = AwsSession(front.environ)
    front.plant(DECRYPT, status, answer, times=call.TRIES - 1)
    assert kms_decrypt(arn, encrypted, CONTEXT, session) == DATA_KEY
    assert front.calls == [DECRYPT] * call.TRIES
    front.plant(DECRYPT, status, answer, times=call.TRIES)
    said = {refusal(arn, encrypted, session).words for _ in range(3)}
    assert len(said) == 1
    assert isinstance(refusal(arn, encrypted, session), ServiceUnavailable)
    assert front.calls == [DECRYPT] * call.TRIES * 2  # what was given up is not waited for again


def test_a_role_that_nobody_can_assume_now_stops_no_other_caller(front: FaultyAws, arn: str, encrypted: str) -> None:
    session, reader = AwsSession(front.environ), Caller(role="arn:aws:iam::123456789012:role/reader")
    front.plant("AssumeRole", 503, {}, times=call.TRIES)
    for _ in range(2):
        assert (
            "can't be asked as `arn:aws:iam::123456789012:role/reader`"
            in refusal(arn, encrypted, session, reader).words
        )
    assert front.calls == ["AssumeRole"] * call.TRIES
    assert kms_decrypt(arn, encrypted, CONTEXT, session) == DATA_KEY


NO_ANSWERS = {
    "no JSON": b"<html>",
    "no object": b"[]",
    "no field": b"{}",
    "no base64": b'{"Plaintext": "***"}',
    "no text": b'{"Plaintext": 5}',
    "nested without end": b"[" * 60_000,
}


@pytest.mark.parametrize("answer", NO_ANSWERS.values(), ids=NO_ANSWERS)
def test_an_answer_that_is_none_is_refused(front: FaultyAws, arn: str, encrypted: str, answer: bytes) -> None:
    front.plant(DECRYPT, 200, answer)
    assert refusal(arn, encrypted, AwsSession(front.environ)).words.startswith("answers with ")


@pytest.mark.parametrize("code", ["ExpiredTokenException", "ExpiredToken"])
def test_keys_that_nothing_renews_are_not_tried_again(front: FaultyAws, arn: str, encrypted: str, code: str) -> None:
    front.plant(DECRYPT, 400, {"__type": code}, times=9)
    said = refusal(arn, encrypted, AwsSession(front.environ))
    assert "have expired" in said.words
    assert "aws sso login" in said.advice
    assert front.calls == [DECRYPT]


def instance(fake: FakeMetadata, front: FaultyAws, expires: str = "2099-01-01T00:00:00Z") -> AwsSession:
    """A session on an instance whose role gives new keys each time."""
    fake.plant(ROLES, status=200, body=b"app-role")
    for number in range(9):
        keys = f'{{"AccessKeyId": "ASIA{number}", "SecretAccessKey": "s", "Token": "t", "Expiration": "{expires}"}}'
        fake.plant(f"{ROLES}app-role", status=200, body=keys.encode(), times=1)
    return AwsSession({**fake.environ, "AWS_ENDPOINT_URL": front.url})


def test_expired_keys_of_a_role_are_fetched_anew_once(front: FaultyAws, arn: str, encrypted: str) -> None:
    with FakeMetadata(None) as fake:
        session = instance(fake, front)
        front.plant(DECRYPT, 400, {"__type": "ExpiredTokenException"})
        assert kms_decrypt(arn, encrypted, CONTEXT, session) == DATA_KEY
        assert front.access_keys == ["ASIA0", "ASIA1"]
        assert kms_decrypt(arn, encrypted, CONTEXT, session) == DATA_KEY
        assert front.access_keys == ["ASIA0", "ASIA1", "ASIA1"]
        front.plant(DECRYPT, 400, {"__type": "ExpiredTokenException"}, times=9)
        assert "have expired" in refusal(arn, encrypted, session).words
        assert front.access_keys == ["ASIA0", "ASIA1", "ASIA1", "ASIA1", "ASIA2"]


def test_keys_that_are_about_to_end_are_not_used_again(front: FaultyAws, arn: str, encrypted: str) -> None:
    with FakeMetadata(None) as fake:
        session = instance(fake, front, "2020-01-01T00:00:00Z")
        for _ in range(2):
            assert kms_decrypt(arn, encrypted, CONTEXT, session) == DATA_KEY
        assert front.access_keys == ["ASIA0", "ASIA1"]


def test_a_role_is_assumed_once_for_many_calls(front: FaultyAws, arn: str, encrypted: str) -> None:
    session = AwsSession(front.environ)
    caller = Caller(role="arn:aws:iam::123456789012:role/reader")
    for _ in range(2):
        assert kms_decrypt(arn, encrypted, CONTEXT, session, caller) == DATA_KEY
    assert front.calls == ["AssumeRole", DECRYPT, DECRYPT]
    assert front.access_keys[0] == ADMIN["AWS_ACCESS_KEY_ID"]
    assert front.access_keys[1] == front.access_keys[2] != front.access_keys[0]


@pytest.mark.parametrize(
    "answer",
    [
        b"<ErrorResponse><Error><Code>AccessDenied</Code><Message>canary</Message></Error></ErrorResponse>",
        b'{"__type": "AccessDenied"}',
    ],
)
def test_a_role_that_may_not_be_assumed_is_named(front: FaultyAws, arn: str, encrypted: str, answer: bytes) -> None:
    front.plant("AssumeRole", 403, answer, times=9)
    said = refusal(arn, encrypted, AwsSession(front.environ), Caller(role="arn:aws:iam::1:role/reader"))
    words = "can't be asked as `arn:aws:iam::1:role/reader`: STS refuses: this caller may not (403 AccessDenied)"
    assert said.words == words
    assert front.calls == ["AssumeRole"]


def test_no_network_is_said_plainly(monkeypatch: pytest.MonkeyPatch, arn: str, encrypted: str) -> None:
    monkeypatch.setattr(call, "FIRST", 0.01)
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        environ = {**ADMIN, "AWS_ENDPOINT_URL_KMS": f"http://127.0.0.1:{deaf.getsockname()[1]}"}
        assert refusal(arn, encrypted, AwsSession(environ)).words == "can't be reached: connection refused"


def test_without_an_address_for_tests_aws_itself_is_asked_through_the_proxy(
    monkeypatch: pytest.MonkeyPatch, arn: str, encrypted: str
) -> None:
    """The proxy of the tests' environment refuses, so nothing leaves this machine."""
    monkeypatch.setattr(call, "FIRST", 0.01)
    environ = {**ADMIN, "HTTPS_PROXY": os.environ["HTTPS_PROXY"]}
    assert refusal(arn, encrypted, AwsSession(environ)).words == "can't be reached: connection refused"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab", True),
        ("arn:aws:kms:eu-central-1:123456789012:key/mrk-1234", True),
        ("arn:aws-cn:kms:cn-north-1:123456789012:alias/a/b", True),
        ("arn:aws:kms:eu-central-1:123456789012:key/x\n", False),
        ("arn:aws:kms:evil.example/:123456789012:key/x", False),
        ("arn:aws:iam::123456789012:role/x", False),
        ("1234abcd", False),
        ("", False),
    ],
)
def test_an_arn_names_the_region_that_is_asked(text: str, expected: bool) -> None:
    said = "no AWS credentials" if expected else "no ARN of a key"
    with pytest.raises(ServiceRefused, match=said):
        kms_decrypt(text, "", {}, AwsSession({"AWS_EC2_METADATA_DISABLED": "true"}))
