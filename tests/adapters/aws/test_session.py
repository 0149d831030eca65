"""Credentials are found where AWS's own tools find them, in their order; where these need more, that is said."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from envtree.adapters.aws.credentials import Credentials, credentials_from_json
from envtree.adapters.aws.http import ServiceRefused
from envtree.adapters.aws.session import AwsSession, Caller
from tests.imds import FakeMetadata
from tests.surroundings import REFUSED

if TYPE_CHECKING:
    from pathlib import Path

    from tests.aws import FaultyAws

REGION = "eu-central-1"
ROLES = "/latest/meta-data/iam/security-credentials/"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "of-environment", "AWS_SECRET_ACCESS_KEY": "canary"}
NO_MACHINE = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": REFUSED}
NONE = "can't be asked: this process has no AWS credentials"


class Home(NamedTuple):
    """A user's folder, and the environment that names it."""

    folder: Path

    @property
    def environ(self) -> dict[str, str]:
        return {"HOME": str(self.folder), **NO_MACHINE}

    def write(self, name: str, text: str) -> None:
        (self.folder / ".aws").mkdir(exist_ok=True)
        (self.folder / ".aws" / name).write_text(text)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


def keys(name: str) -> str:
    return f"aws_access_key_id = {name}\naws_secret_access_key = canary\n"


def found(environ: dict[str, str], profile: str | None = None) -> str:
    """Whose keys are used."""
    return AwsSession(environ).credentials(Caller(profile), REGION).access_key


def refused(environ: dict[str, str], profile: str | None = None) -> ServiceRefused:
    with pytest.raises(ServiceRefused) as caught:
        found(environ, profile)
    assert "canary" not in f"{caught.value} {caught.value.advice}"
    return caught.value


def test_the_environment_comes_before_a_profile_that_it_names_and_after_one_that_the_file_names(home: Home) -> None:
    home.write("credentials", f"[default]\n{keys('of-default')}[other]\n{keys('of-other')}")
    assert found(home.environ) == "of-default"
    assert found({**home.environ, "AWS_PROFILE": "other"}) == "of-other"
    assert found({**home.environ, **ENVIRONMENT, "AWS_PROFILE": "other"}) == "of-environment"
    assert found({**home.environ, **ENVIRONMENT}, "other") == "of-other"


def test_a_session_token_comes_with_its_keys(home: Home) -> None:
    home.write("credentials", f"[default]\n{keys('a')}aws_session_token = t0\n")
    assert AwsSession(home.environ).credentials(Caller(), REGION) == Credentials("a", "canary", "t0")
    environ = {**ENVIRONMENT, "AWS_SESSION_TOKEN": "t1"}
    assert AwsSession(environ).credentials(Caller(), REGION).token == "t1"


def test_profiles_stand_in_both_files_and_the_credentials_file_has_the_last_word(home: Home, tmp_path: Path) -> None:
    home.write("config", f"[profile both]\n{keys('of-config')}[profile alone]\n{keys('alone')}[bare]\n{keys('never')}")
    home.write("credentials", f"[both]\n{keys('of-credentials')}")
    assert found(home.environ, "both") == "of-credentials"
    assert found(home.environ, "alone") == "alone"
    assert "there is no AWS profile `bare`" in refused(home.environ, "bare").words
    (tmp_path / "elsewhere").write_text(f"[both]\n{keys('elsewhere')}")
    assert found({**home.environ, "AWS_SHARED_CREDENTIALS_FILE": f"{tmp_path}/elsewhere"}, "both") == "elsewhere"


LEFT_TO_TOOLS = {
    "single sign-on": "sso_session = corp\nsso_account_id = 1\n",
    "single sign-on, as it was": "sso_start_url = https://canary\n",
    "a program": "credential_process = /bin/echo canary\n",
    "a web identity": "role_arn = arn:aws:iam::1:role/x\nweb_identity_token_file = /canary\n",
    "a second factor": "role_arn = arn:aws:iam::1:role/x\nsource_profile = other\nmfa_serial = canary\n",
}


@pytest.mark.parametrize("settings", LEFT_TO_TOOLS.values(), ids=LEFT_TO_TOOLS)
def test_a_profile_that_needs_a_login_or_a_program_says_what_to_do(home: Home, settings: str) -> None:
    home.write("config", f"[profile corp]\n{settings}[profile other]\n{keys('x')}")
    said = refused({**home.environ, "AWS_PROFILE": "corp"})
    assert said.words.startswith("can't be asked: the AWS profile `corp` needs a login or a program")
    assert "aws configure export-credentials --format env --profile corp" in said.advice


def test_a_profile_assumes_its_role_with_the_keys_of_another(home: Home, front: FaultyAws) -> None:
    role = "role_arn = arn:aws:iam::123456789012:role/{0}\nsource_profile = {1}\n"
    home.write(
        "config", f"[profile a]\n{role.format('a', 'b')}[profile b]\n{role.format('b', 'c')}[profile c]\n{keys('c')}"
    )
    session = AwsSession({**home.environ, "AWS_ENDPOINT_URL": front.url})
    assert session.credentials(Caller("a"), REGION).token
    assert front.calls == ["AssumeRole"] * 2
    assert front.access_keys[0] == "c"


def test_a_token_file_stands_for_a_role_before_a_profile_does(home: Home, front: FaultyAws) -> None:
    home.write("credentials", f"[default]\n{keys('of-default')}")
    (home.folder / "token").write_text("canary.token\n")
    environ = {**home.environ, "AWS_ENDPOINT_URL": front.url, "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/ci"}
    environ["AWS_WEB_IDENTITY_TOKEN_FILE"] = str(home.folder / "token")
    assert AwsSession(environ).credentials(Caller(), REGION).token
    assert (front.calls, front.access_keys) == (["AssumeRoleWithWebIdentity"], [""])
    assert found({**environ, **ENVIRONMENT}) == "of-environment"
    front.plant("AssumeRoleWithWebIdentity", 400, b"<Code>InvalidIdentityToken</Code><Message>canary</Message>")
    words = "can't be asked as `arn:aws:iam::123456789012:role/ci`: STS refuses (400 InvalidIdentityToken)"
    assert refused(environ).words == words
    (home.folder / "token").unlink()
    assert "`AWS_WEB_IDENTITY_TOKEN_FILE` can't be read: no such file" in refused(environ).words


def test_a_role_may_have_its_own_keys_those_of_the_environment_or_none(home: Home, front: FaultyAws) -> None:
    role = "role_arn = arn:aws:iam::123456789012:role/x\n"
    home.write(
        "config",
        f"[profile own]\n{role}source_profile = own\n{keys('own')}[profile env]\n"
        f"{role}credential_source = Environment\n"
        f"[profile ring]\n{role}source_profile = round\n[profile round]\n{role}source_profile = ring\n"
        f"[profile gone]\n{role}source_profile = nowhere\n",
    )
    environ = {**home.environ, "AWS_ENDPOINT_URL": front.url}
    assert AwsSession(environ).credentials(Caller("own"), REGION).token
    assert AwsSession({**environ, **ENVIRONMENT}).credentials(Caller("env"), REGION).token
    assert front.access_keys == ["own", "of-environment"]
    assert refused(environ, "env").words == NONE
    assert refused(environ, "ring").words == NONE
    assert "there is no AWS profile `nowhere`" in refused(environ, "gone").words


def test_nothing_at_all_says_what_to_do(home: Home) -> None:
    said = refused(home.environ)
    assert said.words == NONE
    assert "aws configure export-credentials" in said.advice
    home.write("config", "[default]\nregion = eu-central-1\n")
    assert refused(home.environ).words == NONE
    assert refused({"AWS_EC2_METADATA_DISABLED": "true"}).words == NONE


def test_credentials_that_are_not_there_are_looked_for_once(home: Home) -> None:
    with FakeMetadata(None) as fake:
        session = AwsSession({**home.environ, **fake.environ})
        for _ in range(3):
            with pytest.raises(ServiceRefused, match="this instance has no role"):
                session.credentials(Caller(), REGION)
        assert len(fake.requests) == 2


def test_half_a_pair_of_keys_is_refused(home: Home) -> None:
    assert "`AWS_SECRET_ACCESS_KEY` isn't" in refused({"AWS_ACCESS_KEY_ID": "a", **home.environ}).words


def test_a_file_that_is_none_is_refused_and_never_waited_for(home: Home) -> None:
    home.write("config", "canary = x\n")
    assert "is no file of profiles" in refused(home.environ).words
    (home.folder / ".aws/config").unlink()
    os.mkfifo(home.folder / ".aws/config")
    assert "can't be read: no plain file" in refused(home.environ).words
    assert "can't be read: no plain file" in refused({**home.environ, "AWS_CONFIG_FILE": "/dev/zero"}).words


def answer(access: str, end: str = "2099-01-01T00:00:00Z") -> bytes:
    return json.dumps({"AccessKeyId": access, "SecretAccessKey": "canary", "Token": "t", "Expiration": end}).encode()


def test_an_instance_gives_the_keys_of_its_role(home: Home) -> None:
    with FakeMetadata(None) as fake:
        fake.plant(ROLES, status=200, body=b"app-role")
        fake.plant(f"{ROLES}app-role", status=200, body=answer("of-role"))
        home.write("config", "[default]\nregion = eu-central-1\n")
        assert found({**home.environ, **fake.environ}) == "of-role"


@pytest.mark.parametrize(
    ("role", "keys_", "words"),
    [
        ({"status": 404}, {}, "this instance has no role"),
        ({"status": 200, "body": b"x"}, {"status": 200, "body": b'{"Code": "canary"}'}, "give no credentials"),
        ({"status": 200, "body": b"x"}, {"status": 200, "body": b"[" * 9999}, "give no credentials"),
        ({"status": 403}, {}, "answers 403"),
    ],
)
def test_an_instance_without_keys_says_so(
    role: dict[str, int | bytes], keys_: dict[str, int | bytes], words: str
) -> None:
    with FakeMetadata(None) as fake:
        fake.plant(ROLES, **role)  # type: ignore[arg-type]
        if keys_:
            fake.plant(f"{ROLES}x", **keys_)  # type: ignore[arg-type]
        assert words in refused(fake.environ).words


def test_a_container_gives_keys_for_its_token(tmp_path: Path) -> None:
    with FakeMetadata(None) as fake:
        fake.plant("/v2/x?y=1", status=200, body=answer("of-container"))
        (tmp_path / "token").write_text("word\n")
        environ = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{fake.url}/v2/x?y=1", **NO_MACHINE}
        assert found(environ) == "of-container"
        assert found({**environ, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{tmp_path}/token"}) == "of-container"
        gone = {**environ, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": f"{tmp_path}/gone"}
        assert "can't be read: no such file" in refused(gone).words
        assert "no text of one line" in refused({**environ, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "a\r\nb: c"}).words
        fake.plant("/none", status=404)
        assert "(status 404)" in refused({"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{fake.url}/none"}).words


@pytest.mark.parametrize("url", ["http://canary.example/x", "ftp://127.0.0.1/", "http://[::1", "canary", "http:///x"])
def test_a_container_asks_nobody_far_away_in_clear(url: str) -> None:
    words = refused({"AWS_CONTAINER_CREDENTIALS_FULL_URI": url}).words
    assert "is no address of this container's credentials" in words


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"AccessKeyId": "a", "SecretAccessKey": 1}', '{"AccessKeyId": ""}'])
def test_an_answer_without_keys_is_none(text: str) -> None:
    assert credentials_from_json(text) is None


def test_credentials_without_an_end_are_fetched_each_time() -> None:
    read = credentials_from_json('{"AccessKeyId": "a", "SecretAccessKey": "b"}')
    assert read
    assert read.expires
    assert read.is_over(read.expires)
