"""Everything that can go wrong on the way to Heroku: none of it passes as a result, and none of it shows the token."""

import gzip
import json
import socket
import ssl
import subprocess
import threading
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given
from hypothesis import strategies as st

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.migration.apps.fleet import App, Fleet
from envtree.migration.apps.json_stream import MAX_PARTS
from envtree.migration.heroku import client
from envtree.migration.heroku.client import RetryLimits
from envtree.migration.heroku.login import Login
from envtree.migration.heroku.read import list_apps, read_details, read_values
from envtree.migration.heroku.refusal import seconds
from envtree.migration.heroku.surroundings import read_surroundings
from tests.examples import examples
from tests.heroku_api import TOKEN, FakeApp, FakeHeroku
from tests.heroku_objects import named

HASTE = RetryLimits(total=2, first=0.1, longest=0.2)
QUICK = RetryLimits(total=60, first=0.01, longest=0.01)
ONCE = RetryLimits(total=60, first=61, longest=61)
"""For one try: the time would be up before another one."""
VARS = "/apps/acme-web/config-vars"
HTML = {"Content-Type": "text/html"}
BOMB = gzip.compress(b" " * (40 << 20))


def said(name: str) -> bytes:
    """The body of an error that quotes the token, as no service should."""
    return json.dumps({"id": name, "message": f"Bearer {TOKEN}\n or HRKU-BBcanary-of-another\x1b[31m"}).encode()


def enough(words: str) -> RetryLimits:
    """Little where the time must be up; elsewhere all that a busy machine may need."""
    return HASTE if "no whole answer" in words else ONCE


# What is planted, and the words that tell of it.
FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "401": ({"status": 401, "body": said("unauthorized")}, "refuses the token: Heroku answers 401 unauthorized"),
    "403 two_factor": ({"status": 403, "body": said("two_factor")}, "refuses the token: Heroku answers 403 two_factor"),
    "403": ({"status": 403, "body": said("forbidden")}, "Heroku answers 403 forbidden"),
    "404": ({"status": 404, "body": said("not_found")}, "Heroku answers 404 not_found"),
    "410": ({"status": 410}, "Heroku answers 410 gone"),
    "418, a page": ({"status": 418, "body": TOKEN.encode(), "headers": HTML}, "Heroku answers 418"),
    "429": ({"status": 429, "body": said("rate_limit")}, "Heroku answers 429 rate_limit"),
    "429, a hint": ({"status": 429, "headers": {"Retry-After": "99999"}}, "Heroku answers 429 rate_limit"),
    "500": ({"status": 500}, "Heroku answers 500 internal_server_error"),
    "503": ({"status": 503, "body": said("maintenance")}, "Heroku answers 503 maintenance"),
    "504, a page": ({"status": 504, "body": b"<h1>", "headers": HTML}, "Heroku answers 504"),
    "a reset": ({"how": "reset"}, "the connection broke"),
    "truncated": ({"how": "truncated"}, "the connection broke"),
    "a hang": ({"how": "hang"}, "there was no whole answer within"),
    "a slow drip": ({"how": "drip", "body": b" " * 100_000}, "there was no whole answer within"),
    "a page": ({"body": f"<p>{TOKEN}".encode(), "headers": HTML}, "the answer is no JSON"),
    "a page called JSON": ({"body": f"<p>{TOKEN}".encode()}, "the answer is no JSON"),
    "JSON called a page": ({"headers": HTML}, "the answer is no JSON"),
    "no type": ({"headers": {"Content-Type": ""}}, "the answer is no JSON"),
    "half of JSON": ({"body": b'[{"id": "1", "na'}, "no "),
    "nothing": ({"body": b""}, "the answer is no JSON"),
    "deep": ({"body": b"[" * 100_000}, "no "),
    "a name twice": ({"body": b'{"A": "1", "A": "2"}'}, "the answer "),
    "a number": ({"body": b"7"}, "no "),
    "204": ({"status": 204, "body": b""}, "Heroku answers 204"),
    "205": ({"status": 205, "body": b""}, "Heroku answers 205"),
    "201": ({"status": 201, "body": b"[]"}, "Heroku answers 201"),
    "304 unasked": ({"status": 304, "body": b""}, "Heroku answers 304"),
    "elsewhere": ({"status": 302, "headers": {"Location": "https://evil.example/"}}, "where the token was not sent"),
    "another port": ({"status": 307, "headers": {"Location": "http://127.0.0.1:9/"}}, "where the token was not sent"),
    "nowhere": ({"status": 301, "headers": {"Location": ""}}, "without an address"),
    "no address": ({"status": 301, "headers": {"Location": "http://[::1"}}, "a `Location` that is no address"),
    "in a circle": ({"status": 302, "headers": {"Location": "?again"}}, "redirects more than 5 times"),
    "too large": ({"body": b" " * (33 << 20)}, "the answer is larger than 32 MiB"),
    "gzip garbage": ({"body": b"[]", "headers": {"Content-Encoding": "gzip"}}, "compression is damaged"),
    "half of gzip": (
        {"body": gzip.compress(b" " * 999)[:-9], "headers": {"Content-Encoding": "gzip"}},
        "compression is damaged",
    ),
    "a bomb": ({"body": BOMB, "headers": {"Content-Encoding": "gzip"}}, "the answer is larger than 32 MiB"),
    "packed twice": ({"body": BOMB, "headers": {"Content-Encoding": "gzip, gzip"}}, "not asked for"),
    "another packing": ({"headers": {"Content-Encoding": "br"}}, "not asked for"),
    "more behind gzip": (
        {"body": gzip.compress(b"  ") + b"x", "headers": {"Content-Encoding": "gzip"}},
        "compression is damaged",
    ),
    "a wrong length": ({"headers": {"Content-Length": "-1"}}, "the answer is no HTTP"),
    "two lengths": ({"headers": {"Content-Length": "1, 2"}}, "the answer is no HTTP"),
    "another coding": ({"headers": {"Transfer-Encoding": "gzip"}}, "the answer is no HTTP"),
    "another charset": ({"body": '[{"id": "1"}]'.encode("utf-16")}, "the answer is no JSON"),
    "a huge number": ({"body": b"[" + b"9" * 10_000 + b"]"}, "no "),
    "a huge number within": ({"body": b'[{"id": ' + b"9" * 10_000 + b"}]"}, "no "),
    "deep within": ({"body": b'[{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}]"}, "no "),
    "an error without end": (
        {"status": 404, "body": b'{"id": "not_found", "message": "' + b"x" * (9 << 20) + b'"}'},
        "Heroku answers 404",
    ),
    "a damaged error": ({"status": 404, "headers": {"Content-Encoding": "gzip"}}, "Heroku answers 404"),
}


@pytest.fixture
def fake() -> Iterator[FakeHeroku]:
    """Two apps of a pipeline."""
    apps = [FakeApp(name, {"A": "1"}, "acme", "production") for name in ("acme-web", "acme-jobs")]
    with FakeHeroku(apps) as fake:
        yield fake


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What is said on the way, none of it with a token."""
    lines: list[str] = []
    yield lines
    assert not [line for line in lines if "canary" in line or not line.isprintable()]


def login(fake: FakeHeroku) -> Login:
    """The right token."""
    return Login(fake.url, fake.token, "`HEROKU_API_KEY`")


def known(fake: FakeHeroku) -> Fleet:
    """Its apps, as if they had been listed."""
    return Fleet(tuple(App(app.name, app.id) for app in fake.apps.values()))


def refusal(ask: Callable[[], object]) -> Diagnostic:
    """The one diagnostic that this ends with."""
    with pytest.raises(EnvtreeError) as refused:
        ask()
    (diagnostic,) = refused.value.diagnostics
    assert "canary" not in repr(refused.value) + repr(diagnostic)
    assert refused.value.__cause__ is None
    assert all(text.isprintable() for text in (diagnostic.message, *diagnostic.notes))
    assert diagnostic.help
    return diagnostic


@pytest.mark.parametrize("path", ["/account", "/apps", "/pipelines", "/pipeline-couplings"])
@pytest.mark.parametrize("name", ["401", "404", "a reset", "a page", "elsewhere"])
def test_no_list_passes_without_each_of_its_parts(fake: FakeHeroku, told: list[str], path: str, name: str) -> None:
    planted, words = FAULTS[name]
    fake.plant(path, **planted)
    assert words in refusal(lambda: list_apps(login(fake), limits=enough(words), progress=told.append)).message


@pytest.mark.parametrize(("planted", "words"), FAULTS.values(), ids=FAULTS)
def test_no_fault_passes_as_a_list(fake: FakeHeroku, told: list[str], planted: dict[str, Any], words: str) -> None:
    fake.plant("/apps", **planted)
    found = refusal(lambda: list_apps(login(fake), limits=enough(words), progress=told.append))
    assert words in found.message
    assert found.code == ("heroku-login" if "refuses the token" in words else "heroku-failed")


@pytest.mark.parametrize(("planted", "words"), FAULTS.values(), ids=FAULTS)
def test_no_fault_passes_as_values(
    fake: FakeHeroku, told: list[str], planted: dict[str, Any], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "LESS", 1)  # the other app is still to be read, on a busy machine too
    fleet = known(fake)
    fake.plant(VARS, **planted)

    def read() -> Fleet:
        names, limits = ("acme-web", "acme-jobs"), enough(words)
        return read_values(login(fake), fleet, names, limits=limits, progress=told.append)[0]

    if "refuses the token" in words:
        assert words in refusal(read).message
        return
    found = read()
    web, jobs = named(found, "acme-web"), named(found, "acme-jobs")
    assert (web.values, web.release) == (None, None)
    assert words in web.fault
    assert "canary" not in repr(web)
    assert (jobs.values, jobs.release, jobs.fault) == ({"A": "1"}, 1, "")


DETAILS = {
    "formation": (read_details, "formation"),
    "features": (read_details, "features"),
    "buildpack-installations": (read_surroundings, "buildpacks"),
    "domains": (read_surroundings, "domains"),
    "log-drains": (read_surroundings, "drains"),
}


@pytest.mark.parametrize(
    ("path", "name"),
    [("formation", "a hang"), *((path, name) for path in DETAILS for name in ("403", "503", "a page", "a name twice"))],
)
def test_no_fault_passes_as_details(fake: FakeHeroku, path: str, name: str) -> None:
    fleet = known(fake)
    planted, words = FAULTS[name]
    fake.plant(f"/apps/acme-web/{path}", **planted)
    read, attribute = DETAILS[path]
    web = named(read(login(fake), fleet, ["acme-web", "acme-jobs"], limits=enough(words)), "acme-web")
    ((said, why),) = web.unread
    assert (said, words in why, getattr(web, attribute)) == (f"the {attribute}", True, None)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("buildpack-installations", b'[{"ordinal": 0}]'),
        ("buildpack-installations", b'[{"ordinal": "0", "buildpack": {"name": "canary"}}]'),
        ("buildpack-installations", b'[{"ordinal": 0, "buildpack": {"name": null}}]'),
        ("domains", b'[{"id": "1", "hostname": "canary"}]'),
        ("domains", b'[{"hostname": "canary", "kind": "custom"}]'),
        ("log-drains", b'[{"id": "1", "url": null, "addon": null}]'),
        ("log-drains", b'{"url": "canary"}'),
    ],
)
def test_an_answer_that_lacks_a_part_of_a_detail_is_none(fake: FakeHeroku, path: str, body: bytes) -> None:
    fleet = known(fake)
    fake.plant(f"/apps/acme-web/{path}", body=body)
    read, attribute = DETAILS[path]
    web = named(read(login(fake), fleet, ["acme-web"], limits=QUICK), "acme-web")
    assert ([what for what, _ in web.unread], getattr(web, attribute)) == ([f"the {attribute}"], None)
    assert "canary" not in repr(web.unread)


@pytest.mark.parametrize(
    ("name", "path"),
    [(name, path) for name in ("429", "429, a hint", "500", "a reset", "truncated") for path in ("/apps", VARS)]
    + [("503", path) for path in ("/account", "/apps/acme-web/releases", "/addon-attachments")],
)
def test_what_passes_is_tried_again(fake: FakeHeroku, told: list[str], name: str, path: str) -> None:
    planted = FAULTS[name][0]
    fault = fake.plant(path, **{**planted, "times": 2})
    fleet = list_apps(login(fake), limits=QUICK, progress=told.append)
    fleet, _ = read_values(login(fake), fleet, ["acme-web"], limits=QUICK, progress=told.append)
    assert fleet.apps[1].values == {"A": "1"}
    assert fault.met > 2
    assert len([line for line in told if line.startswith(f"`{path}`: ") and "trying again in 0 s" in line]) == 2


def test_heroku_says_how_long_to_wait(fake: FakeHeroku, told: list[str]) -> None:
    fake.plant("/apps", status=429, headers={"Retry-After": "0"}, times=1)
    fake.plant("/pipelines", status=429, headers={"Retry-After": "1"}, times=1)
    list_apps(login(fake), limits=RetryLimits(total=60, first=30, longest=30), progress=told.append)
    assert sorted(told) == [
        "`/apps`: Heroku answers 429 rate_limit; trying again in 0 s",
        "`/pipelines`: Heroku answers 429 rate_limit; trying again in 1 s",
    ]


def test_what_may_pass_and_does_not_is_told_when_the_time_is_up(fake: FakeHeroku, told: list[str]) -> None:
    fault = fake.plant("/apps", status=503)
    limits = RetryLimits(total=4, first=1, longest=1)
    found = refusal(lambda: list_apps(login(fake), limits=limits, progress=told.append))
    assert "Heroku answers 503 maintenance" in found.message
    assert fault.met > len(told) > 0


@pytest.mark.parametrize("name", ["401", "403", "404", "a page", "elsewhere", "too large", "gzip garbage"])
def test_what_does_not_pass_is_asked_once(fake: FakeHeroku, name: str) -> None:
    fault = fake.plant("/apps", **FAULTS[name][0])
    refusal(lambda: list_apps(login(fake), limits=QUICK))
    assert fault.met == 1


LIST_FAULTS = {
    "no next page": ({"headers": {"Next-Range": ""}}, "the list is cut short: it lacks a next page"),
    "the same page": ({"headers": {"Next-Range": "id ..; max=1000"}}, "the list is cut short: a page is repeated"),
    "a page again": (
        {"status": 206, "body": b"[]", "headers": {"Next-Range": "id ]x..; max=1000"}},
        "a page is repeated",
    ),
    "a page that can't be asked for": (
        {"status": 206, "body": b"[]", "headers": {"Next-Range": "id ]\xe9.."}},
        "its `Next-Range` can't be sent back",
    ),
    "a long page": (
        {"status": 206, "body": b"[]", "headers": {"Next-Range": "x" * 60_000}},
        "its `Next-Range` can't be sent back",
    ),
    "too many": ({"body": b"[" + b"{}," * 60_000 + b"{}]"}, "the list has more than 50000 parts"),
    "a part too long": ({"body": b'[{"id": "' + b"x" * (200 << 10) + b'"}]'}, "longer than 128 KiB"),
    "an app again": ({"body": b'[{"id": "1"}, {"id": "1"}]'}, "the list has a part twice"),
    "no id": ({"body": b'[{"name": "x"}]'}, "the list has a part without an `id`"),
    "an object": ({"body": b"{}"}, "the answer is no list"),
}


@pytest.mark.parametrize("path", ["/apps", "/pipelines", "/pipeline-couplings"])
@pytest.mark.parametrize(("planted", "words"), LIST_FAULTS.values(), ids=LIST_FAULTS)
def test_a_short_list_never_passes_for_a_whole_one(path: str, planted: dict[str, Any], words: str) -> None:
    apps = [FakeApp(f"acme-{each}", {}, f"pipeline-{each}", "production") for each in range(3)]
    with FakeHeroku(apps, page_size=1) as fake:
        fake.plant(path, **planted)
        assert words in refusal(lambda: list_apps(login(fake), limits=ONCE)).message


def test_a_page_that_comes_again_in_the_middle_is_an_error() -> None:
    with FakeHeroku([FakeApp(f"acme-{each}") for each in range(4)], page_size=1) as fake:
        list_apps(login(fake))
        second = fake.asked("/apps")[1].headers["range"]
        fake.plant("/apps", headers={"Next-Range": second}, after=2)
        assert "a page is repeated" in refusal(lambda: list_apps(login(fake))).message


def test_a_list_without_end_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGES", 3)
    with FakeHeroku([FakeApp(f"acme-{each}") for each in range(4)], page_size=1) as fake:
        assert "the list has no end" in refusal(lambda: list_apps(login(fake))).message


@pytest.mark.parametrize("value", ["7", "null", "true", "[]", '"\\ud800"'])
def test_a_value_that_is_no_text_is_a_fault_of_its_app(fake: FakeHeroku, value: str) -> None:
    fleet = known(fake)
    fake.plant(VARS, body=f'{{"B": "x", "SECRET": {value}}}'.encode())
    fleet, _ = read_values(login(fake), fleet, ["acme-web"])
    assert fleet.apps[0].fault.startswith("its config var `SECRET` is no ")
    assert fleet.apps[0].values is None


@pytest.mark.parametrize(
    "body", [b'[{"id": "1", "name": "X"}]', b'[{"id": "1", "name": "DATABASE", "addon": {"name": "a"}}]']
)
def test_attachments_that_are_not_exact_end_the_run(fake: FakeHeroku, body: bytes) -> None:
    fleet = known(fake)
    fake.plant("/addon-attachments", body=body)
    assert "`/addon-attachments` can't be read" in refusal(lambda: read_values(login(fake), fleet, [])).message


LOCATIONS = [
    ("http://[::1", "no address"),
    ("http://xn--\xff", "no address"),
    ("http://xn--a/", "no address"),
    ("http://127.0.0.1:port/", "no address"),
    ("/\x7f", "no address"),
    ("/" + "a" * 60_000 + "/\xe9" * 2000, "no address"),
    ("x:y", "another place"),
    ("http://127.0.0.1:99999/", "another place"),
    ("http://\xdf.\xdf", "another place"),
    ("https:", "another place"),
    ("http://canary@", "another place"),
    ("//", "more than 5 times"),
    ("#", "more than 5 times"),
    ("/nowhere/\xe9", "404"),
]


@pytest.mark.parametrize(("location", "words"), LOCATIONS)
@pytest.mark.parametrize("path", ["/apps", VARS])
def test_any_address_of_a_redirect_is_refused_or_followed(
    fake: FakeHeroku, path: str, location: str, words: str
) -> None:
    fault = fake.plant(path, status=302, headers={"Location": location})
    if path == "/apps":
        assert words in refusal(lambda: list_apps(login(fake), limits=QUICK)).message
    else:
        fleet, _ = read_values(login(fake), known(fake), ["acme-web"], limits=QUICK)
        assert words in fleet.apps[0].fault
    assert fault.met in (1, 6)  # what no other try helps against has none


@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n\0"), max_size=60))
@examples(10, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_no_header_of_an_answer_ends_in_anything_but_a_list_or_a_diagnostic(text: str) -> None:
    names = ("ETag", "Next-Range", "Content-Range", "Set-Cookie", "X-Heroku-Warning", "Retry-After", "Request-Id")
    with FakeHeroku([FakeApp("acme-web", {"A": "1"})]) as fake:
        fake.plant("/apps", status=302, headers={"Location": text}, times=1)
        fake.plant("/pipelines", status=503, headers=dict.fromkeys(names, text), times=1)
        fake.plant(VARS, headers=dict.fromkeys(names, text))
        with suppress(EnvtreeError):
            list_apps(login(fake), limits=HASTE)
        fleet, _ = read_values(login(fake), known(fake), ["acme-web"], limits=HASTE)
        assert fleet.apps[0].values == {"A": "1"} or fleet.apps[0].fault


@pytest.mark.parametrize("name", ["ETag", "Set-Cookie"])
def test_what_cannot_be_sent_back_or_need_not_be_is_kept_by_nobody(fake: FakeHeroku, name: str) -> None:
    fake.plant(VARS, headers={name: "a=\xe9" if name == "ETag" else "a=b"})
    fleet, _ = read_values(login(fake), known(fake), ["acme-web"], limits=ONCE)
    assert fleet.apps[0].values == {"A": "1"}
    assert not [each for each in fake.requests if "cookie" in each.headers]


def test_no_more_than_a_few_warnings_are_passed_on(fake: FakeHeroku, told: list[str]) -> None:
    apps = [FakeApp(f"acme-{each}") for each in range(30)]
    with FakeHeroku(apps) as many:
        for app in apps:
            many.plant(f"/apps/{app.name}/config-vars", headers={"X-Heroku-Warning": f"{app.name} " + "x" * 50_000})
        read_values(login(many), known(many), [app.name for app in apps], progress=told.append)
    warnings = [line for line in told if line.startswith("Heroku warns: ")]
    assert len(warnings) == client.MAX_WARNINGS
    assert all(len(line) < 300 for line in warnings)


def test_what_is_kept_of_all_answers_has_a_bound(fake: FakeHeroku, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "MAX_TOGETHER", 1 << 20)
    fleet = known(fake)
    for app in fleet.apps:
        fake.apps[app.name].values["LONG"] = "x" * 600_000
    fleet, _ = read_values(login(fake), fleet, [app.name for app in fleet.apps])
    assert sorted(app.fault for app in fleet.apps) == ["", "the answers are larger than 1 MiB together"]


@pytest.mark.parametrize("path", ["/apps", VARS])
@pytest.mark.parametrize("unit", [b'{"id":"1","more":[%s[]]}', b'"x":"y"', b'"%s":"y"', b" "])
@pytest.mark.parametrize("share", [8, pytest.param(1, marks=pytest.mark.soak)])
def test_an_answer_as_large_as_may_be_takes_an_eighth_of_that_and_4_mib(
    fake: FakeHeroku, path: str, unit: bytes, share: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = client.MAX_BODY // share
    monkeypatch.setattr(client, "MAX_BODY", size)
    for module in ("apps.json_stream", "heroku.client"):
        monkeypatch.setattr(f"envtree.migration.{module}.MAX_PARTS", MAX_PARTS // share)
    brackets = b"[%s]" if path == "/apps" else b"{%s}"
    unit = unit.replace(b"%s", b"[]," * (30_000 // share))
    body = gzip.compress(brackets % b",".join([unit] * (size // (len(unit) + 1))))
    fake.plant(path, body=body, headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        if path == "/apps":
            refusal(lambda: list_apps(login(fake), limits=ONCE))
        else:
            assert read_values(login(fake), known(fake), ["acme-web"], limits=ONCE)[0].apps[0].fault
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < (4 << 20) + size // 8


def test_a_redirect_elsewhere_takes_no_token_along(fake: FakeHeroku) -> None:
    with FakeHeroku() as other:
        fake.plant("/apps", status=302, headers={"Location": f"{other.url}/apps"})
        refusal(lambda: list_apps(login(fake)))
        assert not other.requests


def test_a_redirect_to_another_user_is_not_followed(fake: FakeHeroku) -> None:
    other = fake.url.replace("//", "//me:password@")
    fake.plant("/apps", status=302, headers={"Location": f"{other}/users/~/apps"}, times=1)
    assert "where the token was not sent" in refusal(lambda: list_apps(login(fake))).message


def test_a_redirect_within_the_origin_is_followed(fake: FakeHeroku) -> None:
    fake.plant("/apps", status=302, headers={"Location": "/users/~/apps"}, times=1)
    assert len(list_apps(login(fake)).apps) == 2


def test_what_heroku_says_is_told_without_tokens(fake: FakeHeroku) -> None:
    fake.plant("/apps", status=403, body=said("forbidden"), headers={"Request-Id": "r-17"})
    found = refusal(lambda: list_apps(login(fake)))
    assert found.message == f"`/apps` can't be read from {fake.url}: Heroku answers 403 forbidden"
    assert "-s read-protected" in found.help
    assert found.notes == (r"Heroku says: Bearer [hidden]\n or [hidden]\x1b[31m", "Request-Id: r-17")


def test_a_wrong_token_is_found_before_anything_else(fake: FakeHeroku) -> None:
    found = refusal(lambda: list_apps(Login(fake.url, "HRKU-wrong-canary", "`~/.netrc`")))
    assert found.message == f"{fake.url} refuses the token: Heroku answers 401 unauthorized"
    assert "the token is from `~/.netrc`" in found.notes
    assert [each.path for each in fake.requests] == ["/account"]


def test_a_token_that_may_not_know_whose_it_is_is_good_enough(fake: FakeHeroku) -> None:
    fake.plant("/account", status=403)
    assert len(list_apps(login(fake)).apps) == 2


def test_a_warning_is_told_once(fake: FakeHeroku, told: list[str]) -> None:
    fake.warning = f"Soon: {TOKEN}"
    list_apps(login(fake), progress=told.append)
    assert told == ["Heroku warns: Soon: [hidden]"]


def test_where_one_app_takes_all_patience_the_others_get_less() -> None:
    with FakeHeroku([FakeApp(f"acme-{each}") for each in range(24)]) as fake:
        fleet = known(fake)
        for app in fleet.apps:
            fake.plant(f"/apps/{app.name}/config-vars", how="hang")
        fleet, _ = read_values(login(fake), fleet, [app.name for app in fleet.apps], limits=HASTE)
    faults = Counter(app.fault for app in fleet.apps)
    assert faults == {"there was no whole answer within 2 s": 4, "there was no whole answer within 0.2 s": 20}


@pytest.mark.parametrize(
    ("hint", "wait"),
    [("0", 0.0), ("7", 7.0), (" 7 ", 7.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)]
    + [(wrong, None) for wrong in ("", "-1", "1.5", "nan", "inf", "9" * 50, "soon", "Thu, 99 Jan 1970", "٣")],
)
def test_a_hint_is_seconds_or_a_date(hint: str, wait: float | None) -> None:
    assert seconds(hint) == wait


def test_nobody_listening_is_told_at_once() -> None:
    told: list[str] = []
    with socket.socket() as deaf:  # whoever has a port and doesn't listen keeps others from it
        deaf.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        found = refusal(lambda: list_apps(Login(url, TOKEN), progress=told.append))
    assert "there is no connection" in found.message
    assert told == []  # it is not tried again


def test_a_server_that_goes_away_ends_the_run(fake: FakeHeroku) -> None:
    fleet = known(fake)
    with FakeHeroku() as other:
        gone = Login(other.url, other.token)
    assert "there is no connection" in refusal(lambda: read_values(gone, fleet, ["acme-web"], limits=ONCE)).message


def test_a_host_that_does_not_exist_is_told_at_once() -> None:
    for host in ("envtree.invalid", "x" * 64 + ".invalid"):
        found = refusal(lambda host=host: list_apps(Login(f"http://{host}", TOKEN), limits=HASTE))  # type: ignore[misc]
        assert found.code == "heroku-failed"


def test_a_silent_name_server_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers.wait())
    found = refusal(lambda: list_apps(Login("http://localhost:9", TOKEN), limits=HASTE))
    assert "there was no whole answer within 2 s" in found.message
    answers.set()  # not before: who waited for it would wait for ever


def test_a_plain_server_behind_https_is_told(fake: FakeHeroku) -> None:
    url = fake.url.replace("http:", "https:")
    assert "it doesn't speak TLS" in refusal(lambda: list_apps(Login(url, TOKEN))).message
    assert not fake.requests


def test_a_certificate_must_be_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=x"
    files = ["-keyout", str(key), "-out", str(certificate), "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*made.split(), *files], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    with FakeHeroku([FakeApp("acme-web")], tls=tls) as fake:
        assert "its certificate is not trusted" in refusal(lambda: list_apps(login(fake))).message
        assert not fake.requests
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert [app.name for app in list_apps(login(fake)).apps] == ["acme-web"]


def test_certificates_that_cannot_be_read_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null/nowhere")
    assert "`SSL_CERT_FILE`" in refusal(lambda: list_apps(Login("https://127.0.0.1:9", TOKEN))).message


@pytest.mark.parametrize("proxy", ["gopher://me:canary@x", "socks5://me:canary@127.0.0.1:9"])
def test_a_proxy_that_is_none_is_told_without_its_password(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    assert "a proxy" in refusal(lambda: list_apps(Login("https://api.heroku.com", TOKEN))).message


def test_what_is_on_this_machine_is_asked_without_a_proxy(fake: FakeHeroku, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")
    assert len(list_apps(login(fake)).apps) == 2
