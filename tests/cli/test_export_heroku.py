"""`envtree export --format heroku`: one set of config vars for an app, or a refusal that says what differs where."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from envtree.migration.apps.fleet import App, Attachment, Fleet
from envtree.migration.apps.snapshot import as_json
from tests.builders import small_tree, write_tree
from tests.cli.running import Done, run
from tests.heroku_api import FakeApp, FakeHeroku
from tests.sealed_files import KEY, sealed_layer

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary-7f3a-value"
SERVICE = "processes:\n  web: {command: exec web}\n  worker: {command: exec worker}\n"
COMMON = f'A: "1"\nTOKEN: {CANARY}\nPORT: "5000"\nHEROKU_APP_NAME: shop\nDYNO: web.1\nLINES: "a\\nb"\nGONE: !unset\n'

SCHEMA = (
    "from envtree import Secret, Settings\n\n\nclass C(Settings):\n    A: str = ''\n    TOKEN: Secret\n    PORT: str\n"
    "    HEROKU_APP_NAME: str\n    DYNO: str\n    LINES: str\n    GONE: str = ''\n    DATABASE_URL: str = ''\n"
)


def tree(tmp_path: Path, **files: str) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir(exist_ok=True)
    given = {"configs/accounts/service.yaml": SERVICE, "configs/common.yaml": COMMON, "schemas/common.py": SCHEMA}
    return write_tree(folder, small_tree(**{**given, **files}))


def exported(folder: Path, *words: str, terminal: bool = False) -> Done:
    return run(folder, "export", "production/accounts", "--format", "heroku", *words, terminal=terminal)


def snapshot(tmp_path: Path, *attachments: Attachment, **values: str) -> str:
    path = tmp_path / "fleet.json"
    app = App("acme-accounts-production", values=values, release=3, formation=(), attachments=attachments)
    path.write_text(as_json(Fleet((app,))))
    path.chmod(0o600)
    return str(path)


def test_an_app_gets_what_its_processes_get_and_not_what_heroku_sets(tmp_path: Path) -> None:
    done = exported(tree(tmp_path))
    assert done.code == 0
    assert json.loads(done.stdout) == {"A": "1", "GONE": None, "LINES": "a\nb", "TOKEN": CANARY}
    assert "left out, since a dyno sets them when it starts: DYNO, PORT" in done.stderr
    assert "left out, since Heroku sets them itself: HEROKU_APP_NAME" in done.stderr
    assert "which ones these are is not known here" in done.stderr


def test_an_output_gives_the_same_as_its_tree(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    before = exported(folder, "-q")
    assert run(folder, "build", "--out", "out").code == 0
    (folder / "envtree.yaml").unlink()
    assert exported(folder, "-q", "--out", "out") == before


def test_processes_may_differ_in_their_port(tmp_path: Path) -> None:
    folder = tree(tmp_path, **{"configs/accounts/worker/common.yaml": 'PORT: "5001"\n'})
    assert exported(folder, "-q").code == 0


@pytest.mark.parametrize(
    ("worker", "note"),
    [
        ("A: other\n", "`worker`: one value, by configs/accounts/worker/common.yaml:1:4"),
        ("A: !unset\n", "`worker`: not set, by configs/accounts/worker/common.yaml:1:4"),
    ],
)
@pytest.mark.parametrize("built", [False, True])
def test_processes_that_differ_are_refused_with_every_place(
    worker: str, note: str, built: bool, tmp_path: Path
) -> None:
    folder = tree(tmp_path, **{"configs/accounts/worker/common.yaml": worker + f"TOKEN: {CANARY}-2\n"})
    if built:
        assert run(folder, "build", "--out", "out").code == 0
    done = exported(folder, *(("--out", "out") if built else ()))
    assert (done.code, done.stdout) == (1, "")
    assert "`A` is not the same for all processes of production/accounts" in done.stderr
    assert "`TOKEN` is not the same" in done.stderr
    assert (note if not built else note.partition(",")[0]) in done.stderr
    assert CANARY not in done.stderr


def test_what_removes_a_name_and_what_never_had_it_agree(tmp_path: Path) -> None:
    folder = tree(tmp_path, **{"configs/accounts/worker/common.yaml": "DATABASE_URL: !unset\n"})
    done = exported(folder, "-q")
    assert (done.code, json.loads(done.stdout)["DATABASE_URL"]) == (0, None)


def test_a_snapshot_says_what_add_ons_set_and_what_only_the_app_has(tmp_path: Path) -> None:
    folder = tree(tmp_path, **{"configs/accounts/common.yaml": "DATABASE_URL: postgres://db/a\n"})
    with (folder / "envtree.yaml").open("a") as settings:
        settings.write("heroku: {apps: {production/accounts: acme-accounts-production}}\n")
    addon = Attachment("DATABASE", "postgresql-clear-1", "heroku-postgresql:standard-0", ("DATABASE_URL", "OTHER_URL"))
    done = exported(folder, "--snapshot", snapshot(tmp_path, addon, A="0", OLD="x", OTHER_URL="y", DATABASE_URL="z"))
    assert done.code == 0
    assert "DATABASE_URL" not in json.loads(done.stdout)
    assert "left out, since add-ons set them: DATABASE_URL" in done.stderr
    assert "acme-accounts-production keeps what it has: OLD\n" in done.stderr
    assert "not known here" not in done.stderr


def test_a_terminal_is_shown_hidden_values_only_if_asked(tmp_path: Path) -> None:
    folder = tree(tmp_path)
    done = exported(folder, terminal=True)
    assert (done.code, done.stdout) == (2, "")
    assert CANARY not in done.stderr
    assert CANARY in exported(folder, "--reveal", terminal=True).stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("production/accounts/web", "--format", "heroku"), "names a process, and an app has the variables of all"),
        (("production/nothing", "--format", "heroku"), "names no process of this tree"),
        (("*/accounts", "--format", "heroku"), "names 2 services, and one is exported to an app at a time"),
        (("production/accounts/web", "--format", "json", "--snapshot", "x"), "or use `--format heroku`"),
        (("production/accounts", "--format", "heroku", "--snapshot", "x", "--out", "o"), "leave out `--snapshot`"),
    ],
)
def test_what_names_no_app_is_refused(words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    done = run(tree(tmp_path), "export", *words)
    assert (done.code, done.stdout) == (2, "")
    assert message in " ".join(done.stderr.split())


def test_an_app_that_the_snapshot_lacks_is_named(tmp_path: Path) -> None:
    folder = tree(tmp_path, **{"envtree.yaml": SETTINGS})
    done = exported(folder, "--snapshot", snapshot(tmp_path))
    assert (done.code, done.stdout) == (2, "")
    assert "is production/accounts" in done.stderr


SETTINGS = (
    "environments:\n  production: {instance: service}\n  staging: {instance: service}\n"
    "heroku:\n  apps: {staging/accounts: acme-accounts-production}\n"
)


def test_an_imported_app_comes_back_as_it_was(tmp_path: Path) -> None:
    addon = Attachment("DATABASE", "postgresql-clear-1", "heroku-postgresql:standard-0", ("DATABASE_URL",))
    values = {"X": "a\n\nb", "YES": "no", "URL": "https://u:p@h/", "EMPTY": "", "QUOTED": "'\"\\n"}
    app = FakeApp(
        "shop-a-production", {**values, "DATABASE_URL": "postgres://u:p@h/d", "PORT": "1"}, attachments=[addon]
    )
    folder, path = tmp_path / "tree", str(tmp_path / "fleet.json")
    folder.mkdir()
    with FakeHeroku([app]) as heroku:
        assert run(folder, "heroku", "snapshot", path, env=heroku.environ).code == 0
        assert run(folder, "import", "heroku", "--clear", "--snapshot", path).code == 0
        before = len(heroku.requests)
        done = run(folder, "export", "production/shop-a", "--format", "heroku", "--snapshot", path, env=heroku.environ)
        assert len(heroku.requests) == before
    assert json.loads(done.stdout) == values


def test_sealed_values_are_exported_with_their_key_or_not_at_all(tmp_path: Path) -> None:
    folder = tree(tmp_path, **{"configs/accounts/production.sops.yaml": sealed_layer(TOKEN=f"{CANARY}-sealed")})
    done = run(folder, "export", "production/accounts", "--format", "heroku", env={"SOPS_AGE_KEY": "", "CI": ""})
    assert done.stdout == ""
    assert done.code != 0
    done = run(folder, "export", "production/accounts", "--format", "heroku", env=KEY)
    assert json.loads(done.stdout)["TOKEN"] == f"{CANARY}-sealed"
    assert CANARY not in done.stderr
