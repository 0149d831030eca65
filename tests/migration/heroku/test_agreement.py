"""The fake is faithful: the real `heroku` command reads from it just what it was given, and so does envtree."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator

import pytest

from envtree.migration.apps.fleet import Attachment
from envtree.migration.heroku.login import find_login
from envtree.migration.heroku.read import list_apps, read_values
from tests.heroku_api import FakeApp, FakeHeroku, identity

PACKAGE = "heroku@11.10.0"
VALUES = {
    "VERSION": "1.10",
    "NO": "no",
    "EMPTY": "",
    "LINES": "a\nb\r\nc\n",
    "QUOTES": "'\"`$!\\n\\",
    "BLANKS": " x \t",
    "LETTERS": "päß 🦊\u2028\ufeff\u00a0",
    "ESCAPE": "\x1b[31m\x7f",
    "LONG": "x" * 20_000,
    "JSON": '{"a": [1, null]}',
    "KEY": "-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n",
    "X.bkp": "odd",
    "lower-case": "y",
    "10": "a number for a name",
}
STAGES = {"web": "production", "jobs": "staging", "api": "development", "mail": "production", "cron": "staging"}

OWN = dict(os.environ)
"""As it was before the tests' own environment hid it."""

Run = Callable[..., str]

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The real command: the one that is there, or a fresh one from npm."""
    if found := OWN.get("ENVTREE_HEROKU_CLI") or shutil.which("heroku"):
        return found
    folder = tmp_path_factory.mktemp("npm")
    install = ["npm", "install", "--no-audit", "--no-fund", "--cache", str(folder / "cache"), "--prefix", str(folder)]
    subprocess.run([*install, PACKAGE], check=True, env=OWN, stdout=subprocess.DEVNULL)
    return str(folder / "node_modules" / ".bin" / "heroku")


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeHeroku]:
    """Six apps, each with a release before the last and an add-on of its own."""
    apps = [FakeApp(f"acme-{name}", {}, f"acme {name[0]}", stage) for name, stage in STAGES.items()]
    with FakeHeroku([*apps, FakeApp("lone")], page_size=4) as fake:
        for app in fake.apps.values():
            app.values |= {**VALUES, "APP": app.name, "DATABASE_URL": "postgres://u:p@h/d"}
            app.attachments.append(Attachment("DATABASE", f"pg-{app.name}", "heroku-postgresql:s-0", ("DATABASE_URL",)))
            app.settle()
            app.values["ADDED"] = "later"
        yield fake


@pytest.fixture(scope="module")
def heroku(command: str, fake: FakeHeroku, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Runs it against the fake, and gives what it prints."""
    home = tmp_path_factory.mktemp("home")
    own = {
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "GIT_CONFIG_GLOBAL": str(home / "gitconfig"),
        "DISABLE_TELEMETRY": "true",
        "NO_COLOR": "1",
        "HEROKU_HOST": fake.url,
        "HEROKU_PARTICLEBOARD_URL": fake.url,
        "HEROKU_API_KEY": fake.token,
    }

    def run(*arguments: str) -> str:
        ran = subprocess.run([command, *arguments], env={**os.environ, **own}, capture_output=True, timeout=120)
        assert ran.returncode == 0, ran.stderr.decode()
        return ran.stdout.decode()

    return run


def test_it_reads_every_value_as_it_is(heroku: Run, fake: FakeHeroku) -> None:
    login = find_login(fake.environ, "")
    fleet, _ = read_values(login, list_apps(login), list(fake.apps))
    for app in fleet.apps:
        own = json.loads(heroku("config", "--json", "-a", app.name))
        assert own == fake.apps[app.name].values
        assert own == app.values


def test_it_lists_the_same_apps(heroku: Run, fake: FakeHeroku) -> None:
    own = {each["name"]: each["id"] for each in json.loads(heroku("apps", "--json"))}
    assert own == {app.name: app.id for app in list_apps(find_login(fake.environ, "")).apps}
    assert heroku("apps").split() == ["===", "me@example.com", "Apps", *sorted(fake.apps)]


def test_it_sees_the_same_pipelines_and_stages(heroku: Run, fake: FakeHeroku) -> None:
    apps = list_apps(find_login(fake.environ, "")).apps
    for pipeline in {app.pipeline for app in apps if app.pipeline}:
        lines = [line.split() for line in heroku("pipelines:info", pipeline).splitlines()]
        own = {line[0]: line[1] for line in lines if len(line) == 2 and line[0] in fake.apps}
        assert own == {app.name: app.stage for app in apps if app.pipeline == pipeline}
    listed = heroku("pipelines").splitlines()
    assert {app.pipeline for app in apps if app.pipeline} <= {line.strip() for line in listed}


def test_it_sees_the_same_add_ons(heroku: Run, fake: FakeHeroku) -> None:
    for app in fake.apps.values():
        (addon,) = json.loads(heroku("addons", "--json", "-a", app.name))
        assert (addon["name"], addon["config_vars"]) == (f"pg-{app.name}", ["DATABASE_URL"])
        assert [each["name"] for each in addon["attachments"]] == ["DATABASE"]


def test_it_sees_the_same_releases(heroku: Run, fake: FakeHeroku) -> None:
    login = find_login(fake.environ, "")
    _, old = read_values(login, list_apps(login), list(fake.apps), dict.fromkeys(fake.apps, 1))
    for app in fake.apps.values():
        assert [each["version"] for each in json.loads(heroku("releases", "--json", "-a", app.name))] == [2, 1]
        shown = json.loads(heroku("releases:info", "--json", "-a", app.name, "v1"))
        assert (shown["version"], shown["id"]) == (1, identity("release", f"{app.name}/1"))
        lines = heroku("releases:info", "--shell", "-a", app.name, "v1")
        assert "ADDED" not in lines
        assert all(f"\n{name}=" in lines for name in old[app.name])


def test_it_takes_an_error_for_one(heroku: Run) -> None:
    with pytest.raises(AssertionError, match="not_found"):
        heroku("config", "--json", "-a", "nobody")
