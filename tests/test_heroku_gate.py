"""The gate of a service, and comparisons that go on: over HTTP, from the command line, with a tree on disk."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from envtree.migration.apps.fleet import Attachment, ProcessType
from tests.cli.running import run
from tests.heroku_api import FakeApp, FakeHeroku

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WEB, WORKER = ProcessType("web", "serve", 1), ProcessType("worker", "work", 1)
DATABASE = Attachment("DATABASE", "postgresql-a-1", "heroku-postgresql:mini", ("DATABASE_URL",))
SECRET = "postgres://u:kG8fQ2xR7t@db.example.com:5432/d"


def an_app(name: str, **values: str) -> FakeApp:
    return FakeApp(name, {"LEVEL": "info", **values}, formation=[WEB, WORKER])


@pytest.fixture
def heroku(tmp_path: Path) -> Iterator[FakeHeroku]:
    """Two apps, and a tree that has both."""
    apps = [an_app("shop-a-production", X="1"), an_app("shop-b-production", X="2")]
    with FakeHeroku(apps) as found:
        assert run(tmp_path, "import", "heroku", env=found.environ).code == 0
        yield found


def test_a_service_goes_from_its_import_through_the_gate(heroku: FakeHeroku, tmp_path: Path) -> None:
    gate = ("heroku", "status", "--gate", "production/a")
    done = run(tmp_path, *gate, env=heroku.environ)
    assert done.code == 1
    assert done.stdout.splitlines()[0] == "production/a can't be switched yet: 2 things are left"
    dyno = tmp_path / "dyno"
    dyno.write_bytes(b"DYNO=run.4711\0LEVEL=info\0X=1\0PORT=3000\0HOME=/app\0")
    words = ("diff", "heroku", "production/a", "--runtime", str(dyno), "--confirm")
    confirmed = run(tmp_path, *words, env=heroku.environ)
    assert (confirmed.code, confirmed.stderr.splitlines()[0]) == (
        0,
        "confirmed, and noted in envtree.yaml: web, worker",
    )
    settings = (tmp_path / "envtree.yaml").read_text()
    assert "  confirmed:\n    production/a:\n      web: v1 in run.4711\n      worker: v1 in run.4711\n" in settings
    done = run(tmp_path, *gate, env=heroku.environ)
    assert (done.code, done.stdout) == (0, "production/a can be switched: nothing is left\n")
    assert run(tmp_path, *words, env=heroku.environ).code == 0
    assert (tmp_path / "envtree.yaml").read_text() == settings
    heroku.apps["shop-a-production"].values["X"] = "changed"
    done = run(tmp_path, *gate, "--format", "json", env=heroku.environ)
    data = json.loads(done.stdout)
    assert (done.code, data["ready"], [each["name"] for each in data["left"]]) == (1, False, ["X"])


@pytest.mark.parametrize(
    ("dyno", "code", "processes"),
    [
        (b"DYNO=web.1\0LEVEL=info\0X=1\0", 0, ["web"]),
        (b"LEVEL=info\0X=1\0", 0, ["web", "worker"]),
        (b"DYNO=run.1\0LEVEL=info\0X=2\0", 1, []),
        (b"DYNO=run.1\0LEVEL=info\0X=1\0RAILS_ENV=production\0", 1, []),
        (b"DYNO=clock.1\0LEVEL=info\0X=1\0", 0, []),
    ],
)
def test_a_dyno_confirms_what_it_speaks_for_and_only_where_nothing_differs(
    dyno: bytes, code: int, processes: list[str], heroku: FakeHeroku, tmp_path: Path
) -> None:
    before = (tmp_path / "envtree.yaml").read_text()
    (tmp_path / "dyno").write_bytes(dyno)
    words = ("diff", "heroku", "production/a", "--runtime", str(tmp_path / "dyno"), "--confirm")
    assert run(tmp_path, *words, env=heroku.environ).code == code
    after = (tmp_path / "envtree.yaml").read_text()
    rows = after[after.find("    production/a:\n") :] if "confirmed" in after else ""
    assert [line.split(":")[0].strip() for line in rows.splitlines()[1:]] == processes
    assert (before == after) is not bool(processes)


def test_what_confirms_needs_a_dyno_and_the_files(heroku: FakeHeroku, tmp_path: Path) -> None:
    for words in (("--confirm",), ("--confirm", "--runtime", "dyno", "--staged")):
        done = run(tmp_path, "diff", "heroku", "production/a", *words, env=heroku.environ)
        assert (done.code, "--confirm" in done.stderr) == (2, True)


def test_a_process_that_runs_on_heroku_alone_is_left(heroku: FakeHeroku, tmp_path: Path) -> None:
    heroku.apps["shop-a-production"].formation.append(ProcessType("clock", "tick", 1))
    heroku.apps["shop-a-production"].formation.append(ProcessType("retired", "old", 0))
    done = run(tmp_path, "heroku", "status", "--gate", "production/a", "--format", "json", env=heroku.environ)
    left = {(each["kind"], each["name"]) for each in json.loads(done.stdout)["left"]}
    assert left == {("unconfirmed", "web"), ("unconfirmed", "worker"), ("process", "clock")}


@pytest.mark.parametrize("name", ["service", "common", "env", "1worker", "Under_Score", "x" * 80, "worker_low"])
def test_a_process_type_is_known_by_the_name_that_its_import_gave_it(name: str, tmp_path: Path) -> None:
    app = FakeApp("shop-a-production", {"X": "1"}, formation=[WEB, ProcessType(name, "run", 1)])
    gate = ("heroku", "status", "--gate", "production/a", "--format", "json")
    with FakeHeroku([app, an_app("shop-b-production")]) as heroku:
        assert run(tmp_path, "import", "heroku", env=heroku.environ).code == 0
        left = json.loads(run(tmp_path, *gate, env=heroku.environ).stdout)["left"]
        assert {each["kind"] for each in left} == {"unconfirmed"}


def test_a_process_type_that_is_new_on_heroku_is_imported_with_its_next_import(
    heroku: FakeHeroku, tmp_path: Path
) -> None:
    heroku.apps["shop-a-production"].formation.append(ProcessType("clock", "tick", 1))
    before = (tmp_path / "configs/b/service.yaml").read_text()
    asked = run(tmp_path, "import", "heroku", env=heroku.environ)
    assert (asked.code, "  ~ configs/a/service.yaml\n" in asked.stdout) == (0, True), asked.said
    assert "no config var is to be imported: the tree already gives every value" in asked.stderr
    assert run(tmp_path, "import", "heroku", "--write", env=heroku.environ).code == 0
    assert "\n  clock: {command: tick}\n" in (tmp_path / "configs/a/service.yaml").read_text()
    assert (tmp_path / "configs/b/service.yaml").read_text() == before
    again = run(tmp_path, "import", "heroku", env=heroku.environ)
    assert "nothing is to be written" in again.stdout
    assert "nothing is to be imported" in again.stderr


def test_a_process_that_runs_on_heroku_and_is_to_start_nowhere_is_left(tmp_path: Path) -> None:
    app = FakeApp("shop-a-production", {"X": "1"}, formation=[WEB, ProcessType("worker", "work", 0)])
    with FakeHeroku([app, an_app("shop-b-production")]) as heroku:
        assert run(tmp_path, "import", "heroku", env=heroku.environ).code == 0
        app.formation[1] = WORKER
        done = run(tmp_path, "heroku", "status", "--gate", "production/a", env=heroku.environ)
        assert "`worker` runs in shop-a-production, and its `count` is 0 in production\n" in done.stdout
        assert "heroku ps:scale worker=0 -a shop-a-production\n" in done.stdout


@pytest.mark.parametrize("gate", ["production/c", "production/*", "staging/a"])
def test_a_gate_is_of_one_service_that_is_there(gate: str, heroku: FakeHeroku, tmp_path: Path) -> None:
    done = run(tmp_path, "heroku", "status", "--gate", gate, env=heroku.environ)
    assert (done.code, done.stdout) == (2, "")
    assert gate in done.stderr


def test_what_is_wrong_with_others_is_nothing_to_the_gate(heroku: FakeHeroku, tmp_path: Path) -> None:
    (tmp_path / "configs/b/production.yaml").write_text("X: 2\nB: !expand '${NOWHERE}'\n")
    heroku.apps["unknown"] = an_app("unknown")
    heroku.plant("/apps/shop-b-production/config-vars", status=403)
    for words, code in (("heroku status --gate production/a", 1), ("diff heroku production/a", 0)):
        done = run(tmp_path, *words.split(), env=heroku.environ)
        assert (done.code, "error" in done.stderr) == (code, False), done.stderr
    for words in ("heroku status --gate production/b", "heroku status", "diff heroku"):
        assert run(tmp_path, *words.split(), env=heroku.environ).code == 2


def test_a_selector_narrows_what_is_read(heroku: FakeHeroku, tmp_path: Path) -> None:
    heroku.requests.clear()
    assert run(tmp_path, "diff", "heroku", "production/a", env=heroku.environ).code == 0
    assert not any("shop-b" in request.path for request in heroku.requests)


def test_a_token_that_shows_no_config_vars_is_said_to_lack_the_scope_once(heroku: FakeHeroku, tmp_path: Path) -> None:
    for app in ("shop-a-production", "shop-b-production"):
        heroku.plant(f"/apps/{app}/config-vars", status=403)
    for words in (("diff", "heroku"), ("heroku", "status"), ("import", "heroku", "--plan")):
        done = run(tmp_path, *words, env=heroku.environ)
        assert done.code == 2
        assert done.stderr.count("read-protected") == 1
        assert "shop-a-production, shop-b-production" in done.stderr
    done = run(tmp_path, "heroku", "status", "--gate", "production/a", env=heroku.environ)
    assert "read-protected" in done.stdout


@pytest.mark.parametrize(
    ("path", "words", "code", "said"),
    [
        ("formation", ("import", "heroku", "--plan"), 0, "the formation of shop-a-production can't be read"),
        ("releases", ("diff", "heroku"), 0, "the releases of shop-a-production can't be read"),
        ("releases/1/config-vars", ("diff", "heroku"), 1, "release 1 of shop-a-production can't be read"),
    ],
)
def test_a_part_of_an_app_that_can_not_be_read_is_said_and_the_rest_goes_on(
    path: str, words: tuple[str, ...], code: int, said: str, heroku: FakeHeroku, tmp_path: Path
) -> None:
    heroku.apps["shop-a-production"].values |= {"Y": "1"} if code else {}
    heroku.plant(f"/apps/shop-a-production/{path}", status=403)
    done = run(tmp_path, *words, env=heroku.environ)
    assert done.code == code, done.stderr
    assert said in done.stderr


def test_an_unknown_formation_keeps_the_gate_shut(heroku: FakeHeroku, tmp_path: Path) -> None:
    heroku.plant("/apps/shop-a-production/formation", status=403)
    done = run(tmp_path, "heroku", "status", "--gate", "production/a", "--format", "json", env=heroku.environ)
    assert ("processes unknown", None) in {(each["kind"], each["name"]) for each in json.loads(done.stdout)["left"]}


def test_an_error_about_one_variable_hides_one_line(heroku: FakeHeroku, tmp_path: Path) -> None:
    layer = tmp_path / "configs/a/production.yaml"
    layer.write_text(f"{layer.read_text()}B: !expand '${{NOWHERE}}'\n")
    done = run(tmp_path, "diff", "heroku", env=heroku.environ)
    assert done.code == 2
    assert "production/a  shop-a-production v1: 2 the same, 1 wrong in the tree" in done.stdout
    assert "x B" in done.stdout


def test_a_name_that_nothing_has_can_not_be_revealed(heroku: FakeHeroku, tmp_path: Path) -> None:
    done = run(tmp_path, "diff", "heroku", "--reveal", "LEVLE", env=heroku.environ)
    assert (done.code, done.stdout) == (2, "")
    assert "nothing that is compared has that name; did you mean `LEVEL`?" in done.stderr


def test_what_is_at_an_add_on_or_in_clear_is_told_apart_and_never_shown(tmp_path: Path) -> None:
    app = FakeApp(
        "shop-a-production", {"DATABASE_URL": SECRET, "API_TOKEN": "kG8fQ2xR7tkG8fQ2xR7t"}, attachments=[DATABASE]
    )
    with FakeHeroku([app]) as heroku:
        keys = {**heroku.environ, "XDG_CONFIG_HOME": str(tmp_path / "keys")}
        assert run(tmp_path, "import", "heroku", "--clear", env=heroku.environ).code == 0
        data = json.loads(run(tmp_path, "heroku", "status", "--format", "json", env=heroku.environ).stdout)
        gate = run(tmp_path, "heroku", "status", "--gate", "production/shop-a", env=heroku.environ)
        assert (
            run(
                tmp_path,
                "init",
                "--secrets",
                "--new-key",
                env=keys,
            ).code
            == 0
        )
        seals = [line.strip() for line in gate.stdout.splitlines() if "envtree secret seal" in line]
        for command in seals:
            done = run(tmp_path, *command.split()[1:], env=keys)
            assert done.code == 0, done.stderr
        after = run(
            tmp_path,
            "heroku",
            "status",
            "--format",
            "json",
            env=keys,
        ).stdout
    assert (data["at_addons"], data["in_clear"], data["unconfirmed"], data["percent"]) == (1, 1, 1, 0)
    assert "`DATABASE_URL` is still what a Heroku add-on sets: postgresql-a-1" in gate.stdout
    assert "`API_TOKEN` is in clear" in gate.stdout
    assert len(seals) == 2
    assert (json.loads(after)["at_addons"], json.loads(after)["in_clear"]) == (1, 0)
    assert not any(each in gate.stdout + gate.stderr for each in app.values.values())
