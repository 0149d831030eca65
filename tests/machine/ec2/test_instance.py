"""The tags of a machine: what the metadata service says, what goes wrong on the way to it, and tags from a file."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from envtree.adapters.aws.endpoint import Endpoint
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.machine.ec2 import metadata
from envtree.machine.ec2.endpoint import find_endpoint
from envtree.machine.ec2.metadata import read_metadata
from envtree.machine.ec2.tags_file import read_tags
from tests.imds import TAGS, TOKEN, FakeMetadata, Request
from tests.waiting import LONG, child

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = ("Environment", "Service", "Process")
MACHINE = {"Name": "app-1", "Service": "accounts", "Environment": "production", "aws:autoscaling:groupName": "x"}
SHORT = 2
NEVER = 1000.0
"""Seconds to another try, where the time is up before: the first one is told."""


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeMetadata]:
    with FakeMetadata(dict(MACHINE)) as started:
        monkeypatch.setenv(*next(iter(started.environ.items())))
        monkeypatch.setattr(metadata, "FIRST", 0.01)
        yield started


def refused(timeout: float = 60) -> Diagnostic:
    """What is said of a read that fails."""
    with pytest.raises(EnvtreeError) as caught:
        read_metadata(KEYS, timeout)
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.code == "unreadable-tags"
    assert diagnostic.help
    assert all(text.isprintable() for text in (diagnostic.message, diagnostic.help, *diagnostic.notes))
    return diagnostic


def test_all_tags_are_listed_and_those_that_are_wanted_have_values(fake: FakeMetadata) -> None:
    wanted = {key: value if key in KEYS else None for key, value in MACHINE.items()}
    assert read_metadata(KEYS, 10) == wanted
    paths = [TOKEN, TAGS, f"{TAGS}/Service", f"{TAGS}/Environment"]
    assert fake.requests == [Request("PUT" if path == TOKEN else "GET", path) for path in paths]


@pytest.mark.parametrize("value", ["", " api ", "ä€", "a\nb\n", "x" * 256])
def test_a_value_comes_as_it_is(fake: FakeMetadata, value: str) -> None:
    fake.tags = {"Environment": value}
    assert read_metadata(KEYS, 10) == {"Environment": value}


def test_every_letter_that_a_key_may_have_is_asked_for(fake: FakeMetadata) -> None:
    key = "aZ09+-=.,_:@ /"
    fake.tags = {key: "here"}
    assert read_metadata([key], 10) == {key: "here"}


def test_a_machine_may_have_no_tags(fake: FakeMetadata) -> None:
    fake.tags = {}
    assert read_metadata(KEYS, 10) == {}


# What is planted where, the words that tell of it, and what may help.
FAULTS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "no token": (TOKEN, {"status": 401}, f"answers 401 to `{TOKEN}`", "--tags FILE"),
    "token refused": (TAGS, {"status": 401}, f"answers 401 to `{TAGS}`", "--tags FILE"),
    "turned off": (TOKEN, {"status": 403}, f"answers 403 to `{TOKEN}`", "--http-endpoint enabled"),
    "not version 2": (TOKEN, {"status": 404}, f"answers 404 to `{TOKEN}`", "--tags FILE"),
    "a bad request": (TOKEN, {"status": 400}, f"answers 400 to `{TOKEN}`", "--tags FILE"),
    "elsewhere": (
        TAGS,
        {"status": 302, "headers": {"Location": "http://127.0.0.1:9/"}},
        f"answers 302 to `{TAGS}`",
        "--tags FILE",
    ),
    "garbage": (TOKEN, {"how": "garbage"}, "answers with something else than HTTP", "--tags FILE"),
    "an odd token": (TOKEN, {"status": 200, "body": b"a\r\nb: c"}, "gives a token that is none", "--tags FILE"),
    "an empty token": (TOKEN, {"status": 200}, "gives a token that is none", "--tags FILE"),
    "not UTF-8": (TAGS, {"status": 200, "body": b"\xff"}, "answers with something else than UTF-8", "--tags FILE"),
    "too large": (TAGS, {"status": 200, "body": b"x" * 70_000}, "answers with more than 64 KiB", "--tags FILE"),
}


@pytest.mark.parametrize(("path", "fault", "words", "advice"), FAULTS.values(), ids=FAULTS)
def test_what_no_other_try_can_better_is_said_at_once(
    fake: FakeMetadata, path: str, fault: dict[str, Any], words: str, advice: str
) -> None:
    planted = fake.plant(path, **fault)
    said = refused()
    assert said.message == f"the metadata service at {fake.url} {words}"
    assert advice in said.help
    assert planted.met == 1


def test_tags_that_are_not_shown_are_told_from_a_service_that_is_not_there(fake: FakeMetadata) -> None:
    fake.tags = None
    said = refused()
    assert said.message == f"the metadata service at {fake.url} answers 404 to `{TAGS}`"
    assert said.help.startswith(
        "`aws ec2 modify-instance-metadata-options --instance-id ID --instance-metadata-tags enabled`, or "
    )
    assert "`AWS_EC2_METADATA_SERVICE_ENDPOINT` says where it is" in said.notes


PASSING: dict[str, tuple[str, dict[str, Any]]] = {
    "500": (TAGS, {"status": 500}),
    "503": (TOKEN, {"status": 503}),
    "429": (TOKEN, {"status": 429}),
    "a reset": (TOKEN, {"how": "reset"}),
    "a reset later": (f"{TAGS}/Service", {"how": "reset"}),
    "truncated": (TAGS, {"how": "truncated"}),
    "a hang": (TAGS, {"how": "hang"}),
    "a tag that has gone": (f"{TAGS}/Service", {"status": 404}),
}


@pytest.mark.parametrize(("path", "fault"), PASSING.values(), ids=PASSING)
def test_what_may_pass_is_tried_again(
    fake: FakeMetadata, monkeypatch: pytest.MonkeyPatch, path: str, fault: dict[str, Any]
) -> None:
    monkeypatch.setattr(metadata, "CONTACT", 0.5)
    planted = fake.plant(path, times=2, **fault)
    assert read_metadata(KEYS, 60)["Service"] == "accounts"
    assert planted.met == 2


@pytest.mark.parametrize(
    ("path", "fault", "words"),
    [
        (TAGS, {"status": 503}, "answers 503"),
        (TAGS, {"how": "truncated"}, "breaks the connection"),
        (TAGS, {"how": "hang"}, "doesn't answer"),
        (TOKEN, {"how": "hang"}, "doesn't answer when asked for a token"),
        (TAGS, {"how": "drip"}, "gives no whole answer within 2 s"),
        (f"{TAGS}/Service", {"status": 404}, "lists a tag that it doesn't have"),
    ],
)
def test_what_does_not_pass_in_time_is_said_in_the_end(
    fake: FakeMetadata, monkeypatch: pytest.MonkeyPatch, path: str, fault: dict[str, Any], words: str
) -> None:
    monkeypatch.setattr(metadata, "FIRST", NEVER)
    timeout = SHORT if "how" in fault else 60
    fake.plant(path, **fault)
    said = refused(timeout)
    assert said.message == f"the metadata service at {fake.url} {words}"
    assert f"waited for up to {timeout} s" in said.notes
    assert ("--http-put-response-hop-limit 2" in said.help) is ("token" in words)


def test_a_slow_answer_is_waited_for(fake: FakeMetadata) -> None:
    fake.plant(TAGS, delay=0.2)
    assert read_metadata(KEYS, 10)["Environment"] == "production"
    assert len(fake.requests) == 4


def test_tags_that_change_between_two_questions_are_read_anew(fake: FakeMetadata) -> None:
    fake.plant(f"{TAGS}/Environment", status=503, times=1)
    fake.plant(f"{TAGS}/Service", status=200, body=b"before", times=1)
    assert read_metadata(KEYS, 10)["Service"] == "accounts"


def test_a_service_that_is_not_there_is_said_to_be_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "FIRST", NEVER)
    with socket.socket() as deaf:  # whoever has a port and doesn't listen keeps others from it
        deaf.bind(("127.0.0.1", 0))
        port = deaf.getsockname()[1]
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{port}/")
        said = refused()
    assert said.message == f"the metadata service at http://127.0.0.1:{port} can't be reached: connection refused"
    assert said.help == "give the tags by `--tags FILE`, or what they would say by `--as SELECTOR`"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "http://169.254.169.254"),
        ("http://169.254.169.254/", "http://169.254.169.254"),
        ("http://127.0.0.1:1338", "http://127.0.0.1:1338"),
        ("HTTP://Metadata:80/", "http://metadata"),
        ("http://[fd00:ec2::254]:8080/", "http://[fd00:ec2::254]:8080"),
    ],
)
def test_the_address_is_that_of_the_variable(url: str, expected: str) -> None:
    assert str(find_endpoint({"AWS_EC2_METADATA_SERVICE_ENDPOINT": url})) == expected


@pytest.mark.parametrize(
    "url",
    [
        "169.254.169.254",
        "https://127.0.0.1",
        "http://",
        "http://:80",
        "http://user:canary@127.0.0.1",
        "http://127.0.0.1/latest",
        "http://127.0.0.1?x",
        "http://127.0.0.1#x",
        "http://127.0.0.1:0",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:x",
        "http://[::1",
        "http://127.0.0.1 ",
        "http://a\r\nb",
        "ftp://127.0.0.1",
    ],
)
def test_a_malformed_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(EnvtreeError) as caught:
        find_endpoint({"AWS_EC2_METADATA_SERVICE_ENDPOINT": url})
    (said,) = caught.value.diagnostics
    assert said.message.startswith("`AWS_EC2_METADATA_SERVICE_ENDPOINT` is no address such as ")
    assert "canary" not in repr(said)


def test_a_service_that_is_turned_off_is_not_asked() -> None:
    with pytest.raises(EnvtreeError, match="`AWS_EC2_METADATA_DISABLED` is `true`"):
        find_endpoint({"AWS_EC2_METADATA_DISABLED": "True"})
    assert find_endpoint({"AWS_EC2_METADATA_DISABLED": "false"}) == Endpoint("169.254.169.254", 80)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("[fe80::1%nowhere]", "its name can't be looked up"),
        ("x..y", "its name is none"),
        ("x" * 70, "its name is none"),
    ],
)
def test_a_name_that_no_one_knows_is_no_service(monkeypatch: pytest.MonkeyPatch, host: str, words: str) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://{host}")
    monkeypatch.setattr(metadata, "FIRST", NEVER)
    assert refused().message == f"the metadata service at http://{host} can't be reached: {words}"


def test_a_service_that_comes_late_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", f"http://127.0.0.1:{port}/")
    (tmp_path / "tags.json").write_text(json.dumps(MACHINE))
    command = [sys.executable, "tests/imds.py", "--port", str(port), str(tmp_path / "tags.json")]
    with child(command, stdout=subprocess.PIPE, text=True) as process:
        assert read_metadata(KEYS, LONG)["Service"] == "accounts"
        assert process.stdout
        assert process.stdout.readline() == f"http://127.0.0.1:{port}\n"


def test_no_proxy_is_asked(fake: FakeMetadata, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name)
    assert os.environ["http_proxy"] == "http://127.0.0.1:9"
    assert read_metadata(KEYS, 10)["Service"] == "accounts"


def test_tags_are_read_from_a_file_and_from_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'\xef\xbb\xbf{"Environment": "review"}\r\n'
    (tmp_path / "tags.json").write_bytes(data)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert read_tags(str(tmp_path / "tags.json")) == read_tags("-") == {"Environment": "review"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "can't be read: no such file or directory"),
        (b"{" + b" " * (1 << 20), "is larger than 1 MiB"),
        ('{"Environment": "review"}'.encode("utf-16"), "is not UTF-8"),
        (b"", "is empty"),
    ],
)
def test_a_file_that_holds_no_tags_is_refused(tmp_path: Path, data: bytes | None, words: str) -> None:
    path = tmp_path / "tags\x1b.json"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(EnvtreeError) as caught:
        read_tags(str(path))
    (said,) = caught.value.diagnostics
    assert (said.code, said.message) == ("unreadable-tags", f"`{tmp_path}/tags\\x1b.json` {words}")


def test_a_folder_and_a_name_that_is_none_hold_no_tags(tmp_path: Path) -> None:
    for path in (str(tmp_path), "a\0b", ""):
        with pytest.raises(EnvtreeError, match="can't be read: "):
            read_tags(path)
