"""An import whose secrets are sealed, and the imports after it: values are compared, and files stay sealed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.running import run
from tests.effort import first_arguments
from tests.sealed_files import KEY, RECIPIENT, sops
from tests.test_heroku import snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.running import Done

CANARY = "c4nary-5b1f-of-hunter2"
FLEET = {
    "shop-a-production": {"API_TOKEN": f"{CANARY}-production", "LOG_LEVEL": "info", "SHARED_SECRET": f"{CANARY}-one"},
    "shop-a-staging": {"API_TOKEN": f"{CANARY}-staging", "LOG_LEVEL": "debug", "SHARED_SECRET": f"{CANARY}-two"},
}
NO_KEY = {"SOPS_AGE_KEY": ""}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    assert run(folder, "init", "--secrets", "--recipient", RECIPIENT).code == 0
    assert imported(folder, FLEET, 1).code == 0
    return folder


def imported(
    folder: Path, fleet: dict[str, dict[str, str]], release: int, *words: str, env: dict[str, str] = KEY
) -> Done:
    base = folder.parent / "fleet-1.json"
    more = ("--base", str(base)) if release > 1 else ()
    path = snapshot(folder.parent, fleet, release)
    done = run(folder, "import", "heroku", "--snapshot", str(path), *more, *words, env=env)
    assert CANARY not in done.said
    return done


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def compared(folder: Path, fleet: dict[str, dict[str, str]]) -> Done:
    return run(folder, "diff", "heroku", "--snapshot", str(snapshot(folder.parent, fleet, 9)), env=KEY)


def test_no_secret_is_in_clear_after_an_import_and_every_app_is_the_same(tree: Path) -> None:
    assert CANARY.encode() not in b"".join(content(tree).values())
    assert sops("decrypt", tree / "configs/a/production.sops.yaml").returncode == 0
    assert compared(tree, FLEET).code == 0
    assert run(tree, "secret", "status", env=KEY).code == 0


def test_without_rules_nothing_is_written(tmp_path: Path) -> None:
    folder = tmp_path / "tree"
    folder.mkdir()
    done = imported(folder, FLEET, 1)
    assert (done.code, "`envtree init --secrets` writes one" in done.stderr, content(folder)) == (2, True, {})
    assert imported(folder, FLEET, 1, "--plan").code == 0
    assert imported(folder, FLEET, 1, "--clear").code == 0


def test_an_import_opens_the_data_key_of_a_sealed_file_once(tree: Path) -> None:
    fleet = {name: {**values, "LATER_TOKEN": f"{CANARY}-{name}"} for name, values in FLEET.items()}
    opened = first_arguments("open_with_age", lambda: imported(tree, fleet, 2, "--write"))
    assert len(opened) == len(set(opened)) == 2


def test_a_second_import_with_nothing_changed_writes_nothing(tree: Path) -> None:
    before = content(tree)
    done = imported(tree, FLEET, 2, "--write")
    assert (done.code, content(tree) == before) == (0, True), done.said
    assert "nothing is to be imported" in done.stderr


def test_a_secret_that_changed_on_heroku_is_taken_and_stays_sealed(tree: Path) -> None:
    fleet = {**FLEET, "shop-a-production": {**FLEET["shop-a-production"], "API_TOKEN": f"{CANARY}-new"}}
    done = imported(tree, fleet, 2, "--write")
    assert done.code == 0, done.said
    assert CANARY.encode() not in b"".join(content(tree).values())
    assert compared(tree, fleet).code == 0
    assert f"API_TOKEN: {CANARY}-new" in sops("decrypt", tree / "configs/a/production.sops.yaml").stdout


def test_a_secret_that_is_gone_or_new_on_heroku_is_gone_or_new_in_the_sealed_file(tree: Path) -> None:
    production = {"API_TOKEN": FLEET["shop-a-production"]["API_TOKEN"], "LOG_LEVEL": "info", "NEW_TOKEN": CANARY}
    staging = {**FLEET["shop-a-staging"], "NEW_TOKEN": f"{CANARY}-2"}
    fleet = {"shop-a-production": production, "shop-a-staging": staging}
    done = imported(tree, fleet, 2, "--write")
    assert done.code == 0, done.said
    assert CANARY.encode() not in b"".join(content(tree).values())
    assert compared(tree, fleet).code == 0, compared(tree, fleet).said


def test_a_secret_that_we_changed_is_kept(tree: Path) -> None:
    (tree.parent / "value").write_text(f"{CANARY}-ours")
    words = ("set", "production/a", "API_TOKEN", "--file", str(tree.parent / "value"))
    assert run(tree, *words, env=KEY).code == 0
    before = content(tree)
    done = imported(tree, FLEET, 2, "--write")
    assert content(tree) == before, done.said
    assert "changed by us" in done.said


@pytest.mark.parametrize("value", [f"{CANARY}-new", None])
def test_what_heroku_changed_or_removed_is_not_passed_over_for_want_of_a_key(value: str | None, tree: Path) -> None:
    production = {name: text for name, text in FLEET["shop-a-production"].items() if name != "API_TOKEN"}
    fleet = {**FLEET, "shop-a-production": production | ({"API_TOKEN": value} if value else {})}
    before = content(tree)
    for _ in range(2):
        done = imported(tree, fleet, 2, "--write", env=NO_KEY)
        assert (done.code, "`API_TOKEN` of production/a is sealed in the tree, and no key is here" in done.stderr) == (
            1,
            True,
        )
        assert "import with its key, or decide: `--ours API_TOKEN`" in done.stderr
        assert b"shop-a-production, release: 1" in content(tree)["envtree.yaml"]
    assert content(tree)["configs/a/production.sops.yaml"] == before["configs/a/production.sops.yaml"]
    decided = imported(tree, fleet, 2, "--write", "--ours", "API_TOKEN", env=NO_KEY)
    assert (decided.code, "decided for ours" in decided.said) == (0, True), decided.said
    assert b"shop-a-production, release: 2" in content(tree)["envtree.yaml"]


def test_what_heroku_changed_is_taken_once_the_key_is_here(tree: Path) -> None:
    fleet = {**FLEET, "shop-a-production": {"LOG_LEVEL": "info", "SHARED_SECRET": f"{CANARY}-one"}}
    assert imported(tree, fleet, 2, "--write", env=NO_KEY).code == 1
    assert imported(tree, fleet, 2, "--write").code == 0
    assert compared(tree, fleet).code == 0


def test_a_layer_without_its_key_stays_as_it_is(tree: Path) -> None:
    fleet = {**FLEET, "shop-a-production": {**FLEET["shop-a-production"], "LOG_LEVEL": "warning"}}
    before = content(tree)
    done = imported(tree, fleet, 2, "--write", env=NO_KEY)
    after = content(tree)
    changed = {path for path in after if before.get(path) != after[path]}
    assert changed <= {"configs/a/production.yaml", "envtree.yaml"}, done.said
    assert "sealed in" in done.said
