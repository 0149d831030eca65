"""Fleets read from Heroku."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from envtree.core.model.diagnostic import EnvtreeError
from envtree.migration.apps.fleet import App, Attachment, ProcessType
from envtree.migration.heroku.login import Login
from envtree.migration.heroku.read import CHANGED, list_apps, read_details, read_values
from envtree.migration.heroku.surroundings import read_surroundings
from tests.heroku_api import FakeApp, FakeHeroku, identity
from tests.heroku_objects import named
from tests.waiting import LONG, child, wait_for

NASTY = {
    "VERSION": "1.10",
    "NO": "no",
    "EMPTY": "",
    "LINES": "a\nb\r\nc\r\n",
    "QUOTES": "'\"`$!\\n",
    "BLANKS": " x \t",
    "LETTERS": "päß 🦊\u2028\ufeff",
    "ESCAPE": "\x1b[31m",
    "LONG": "x" * 20_000,
    "X.bkp": "odd",
    "lower-case": "y",
    "": "no name",
}
DATABASE = Attachment("DATABASE", "pg-1", "heroku-postgresql:standard-0", ("DATABASE_URL",))
WEB = ProcessType("web", "bin/web --port $PORT", 2, "standard-1x")


@pytest.fixture
def fake() -> Iterator[FakeHeroku]:
    """A few apps, on pages of two."""
    apps = [
        FakeApp("acme-web", dict(NASTY), "acme", "production", "acme", [DATABASE], [WEB], {"a": True, "b": False}),
        FakeApp("acme-jobs", {"A": "1"}, "acme", "staging", "acme"),
        FakeApp("lone", {}),
    ]
    with FakeHeroku([*apps, *(FakeApp(f"many-{each}") for each in range(7))], page_size=2) as fake:
        yield fake


def login(fake: FakeHeroku) -> Login:
    """The right token."""
    return Login(fake.url, fake.token)


def test_all_apps_are_listed_by_name_with_their_place_and_no_values(fake: FakeHeroku) -> None:
    fleet = list_apps(login(fake))
    assert [app.name for app in fleet.apps] == sorted(fake.apps)
    assert named(fleet, "acme-web") == App("acme-web", identity("app", "acme-web"), "acme", "production")
    assert named(fleet, "lone") == App("lone", identity("app", "lone"))
    assert fleet.host == fake.url.removeprefix("http://")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", fleet.taken)


def test_a_team_has_its_own_list(fake: FakeHeroku) -> None:
    fleet = list_apps(login(fake), team="acme")
    assert [app.name for app in fleet.apps] == ["acme-jobs", "acme-web"]
    assert not fake.asked("/apps")


@pytest.mark.parametrize("team", ["others", "..", "a/b", "a?b", "a\nb"])
def test_a_team_that_is_none_is_an_error(fake: FakeHeroku, team: str) -> None:
    with pytest.raises(EnvtreeError):
        list_apps(login(fake), team=team)


def test_every_value_comes_as_it_is(fake: FakeHeroku) -> None:
    fake.apps["acme-web"].settle()
    fake.apps["acme-web"].values["NEW"] = "1"
    fleet, old = read_values(login(fake), list_apps(login(fake)), ["acme-web", "lone"], {"acme-web": 1})
    web = named(fleet, "acme-web")
    assert web.values == {**NASTY, "NEW": "1"}
    assert (web.release, web.attachments, web.fault) == (2, (DATABASE,), "")
    assert old == {"acme-web": NASTY}
    assert named(fleet, "lone") == App("lone", identity("app", "lone"), values={}, release=1, attachments=())
    assert named(fleet, "acme-jobs").values is None


def test_an_old_release_that_is_gone_is_left_out(fake: FakeHeroku) -> None:
    fleet = list_apps(login(fake))
    fleet, old = read_values(login(fake), fleet, ["acme-jobs", "lone"], {"acme-jobs": 9, "lone": 1})
    assert old == {"lone": {}}
    assert named(fleet, "acme-jobs").values == {"A": "1"}
    assert named(fleet, "acme-jobs").unread == (("release 9", "Heroku answers 404 not_found"),)
    assert named(fleet, "lone").unread == ()


def test_an_app_may_have_no_release(fake: FakeHeroku) -> None:
    fake.plant("/apps/lone/releases", body=b"[]")
    fleet, _ = read_values(login(fake), list_apps(login(fake)), ["lone"])
    assert (named(fleet, "lone").values, named(fleet, "lone").release) == ({}, None)


def test_details_are_added_to_what_is_known(fake: FakeHeroku) -> None:
    fleet, _ = read_values(login(fake), list_apps(login(fake)), ["acme-web"])
    known = named(fleet, "acme-web")
    fleet = read_details(login(fake), fleet, ["acme-web", "lone"])
    assert named(fleet, "acme-web") == replace(known, formation=(WEB,), features=("a",))
    assert (named(fleet, "lone").formation, named(fleet, "lone").features) == ((), ())
    assert named(fleet, "acme-jobs").formation is None


def test_what_is_around_an_app_is_read_without_what_may_be_secret(fake: FakeHeroku) -> None:
    web = fake.apps["acme-web"]
    web.buildpacks = ["heroku/ruby", "https://me:canary@example.com/heroku-buildpack-nodejs.git#v1"]
    web.domains = ["www.example.com", "*.example.com", "a.example.com"]
    web.drains = ["https://me:canary@logs.example.com:6514/canary?key=canary", "syslog+tls://logs.example.org:514"]
    web.buildpacks += [
        "https://me:can/ary@example.com/a.git",
        "https://example.com/b.tgz?key=canary#v2",
        "git@example.com:c",
    ]
    web.drains += [
        "https://me:can/ary@logs.example.com/",
        "me:canary@logs.example.com",
        "https://logs.example.com:99999999",
    ]
    fake.plant("/apps/lone/log-drains", status=403)
    fleet = read_surroundings(login(fake), list_apps(login(fake)), ["acme-web", "lone"])
    found = named(fleet, "acme-web")
    assert found.buildpacks == (
        *("heroku/ruby", "https://example.com/heroku-buildpack-nodejs.git#v1"),
        *("https://example.com/a.git", "https://example.com/b.tgz#v2", "git@example.com:c"),
    )
    assert found.domains == ("*.example.com", "a.example.com", "www.example.com")
    assert found.drains == ("an address that is no URL", "logs.example.com:6514", "logs.example.org:514")
    assert (named(fleet, "lone").buildpacks, named(fleet, "lone").domains, named(fleet, "lone").drains) == (
        (),
        (),
        None,
    )
    assert [what for what, _ in named(fleet, "lone").unread] == ["the drains"]
    assert named(fleet, "acme-jobs").domains is None


def test_review_stages_are_listed_without_asking_twice(fake: FakeHeroku) -> None:
    fleet = list_apps(login(fake), review_stages=True)
    assert [app.name for app in fleet.apps if app.is_review_stage] == ["acme/review"]
    asked = [each.path for each in fake.requests if not each.headers.get("range", "").startswith("id ]")]
    assert len(asked) == len(set(asked)), asked


@pytest.mark.parametrize("name", ["acme-web", "acme-jobs"])
def test_values_that_change_while_they_are_read_are_a_fault(fake: FakeHeroku, name: str) -> None:
    def change(line: str) -> None:
        if line == "read 2 of 2 apps":
            fake.apps[name].values["A"] = "2"

    fleet, _ = read_values(login(fake), list_apps(login(fake)), ["acme-web", "acme-jobs"], progress=change)
    assert (named(fleet, name).fault, named(fleet, name).values, named(fleet, name).release) == (CHANGED, None, None)
    assert [app.name for app in fleet.apps if app.fault] == [name]


@pytest.mark.parametrize("headers", [{"ETag": ""}, {"ETag": '"another"'}])
def test_values_are_compared_where_tags_are_not(fake: FakeHeroku, headers: dict[str, str]) -> None:
    fake.plant("/apps/acme-web/config-vars", headers=headers)
    fleet, _ = read_values(login(fake), list_apps(login(fake)), ["acme-web"])
    assert named(fleet, "acme-web").values == NASTY


def test_it_only_reads_and_asks_no_more_than_it_needs(fake: FakeHeroku) -> None:
    read_values(login(fake), list_apps(login(fake)), ["acme-web", "lone"])
    assert {each.method for each in fake.requests} == {"GET"}
    assert {each.headers["authorization"] for each in fake.requests} == {f"Bearer {fake.token}"}
    assert not any("token" in each.query + each.path for each in fake.requests)
    assert len(fake.asked("/apps/lone/config-vars")) == 2
    assert fake.asked("/apps/lone/config-vars")[1].headers["if-none-match"]
    assert not fake.asked("/apps/acme-jobs/config-vars")


def test_no_more_than_four_are_asked_at_once() -> None:
    with FakeHeroku([FakeApp(f"acme-{number}") for number in range(8)]) as fake:
        fleet = list_apps(login(fake))
        fake.together, fake.pause = 4, 0.01  # a fifth has time to come
        read_values(login(fake), fleet, [app.name for app in fleet.apps])
        assert fake.busiest == 4


def test_progress_counts_the_apps(fake: FakeHeroku) -> None:
    told: list[str] = []
    read_values(login(fake), list_apps(login(fake)), ["acme-web", "lone"], progress=told.append)
    assert told == ["read 1 of 2 apps", "read 2 of 2 apps"]


def test_an_app_that_is_not_in_the_fleet_is_the_callers_mistake(fake: FakeHeroku) -> None:
    with pytest.raises(KeyError):
        read_values(login(fake), list_apps(login(fake)), ["other"])


PROGRAM = """
import os
from envtree.migration.heroku import client
from envtree.migration.heroku.login import find_login
from envtree.migration.heroku.read import list_apps
client.READ = 1000.0
limits = client.RetryLimits(total=1000.0, first=1000.0, longest=1000.0)
list_apps(find_login(os.environ, ""), limits=limits, progress=lambda text: print(text, flush=True))
"""


@pytest.mark.parametrize("planted", [{"how": "hang"}, {"status": 429, "headers": {"Retry-After": "900"}}])
def test_an_interrupt_is_heard_at_once(fake: FakeHeroku, planted: dict[str, Any]) -> None:
    """Whatever else it waits for takes a quarter of an hour, and nobody waits for that here."""
    fault = fake.plant("/apps", **planted)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with child([sys.executable, "-c", PROGRAM], env={**os.environ, **fake.environ}, **pipes) as program:
        wait_for(lambda: fault.met > 0)
        if fault.how != "hang":
            assert program.stdout
            assert b"trying again in 900 s" in program.stdout.readline()
        program.send_signal(signal.SIGINT)
        _, errors = program.communicate(timeout=LONG)
    assert errors.rstrip().endswith(b"KeyboardInterrupt")
    assert fake.token.encode() not in errors
