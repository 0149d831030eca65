"""Which files of a tree are searched for secrets, in the working tree, the index and a commit; none is shown."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.builders import Files, small_tree, write_tree
from tests.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "tulip99canary"
SECRET = "from envtree import Secret, Settings\n\n\nclass Common(Settings):\n    A: str\n    TOKEN: Secret\n"
SEALED = (
    f"B: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]\n# PASSWORD={CANARY}\nsops:\n  mac: ENC[x]\n  TOKEN: {CANARY}\n"
)
PLACES: dict[str, tuple[str, int]] = {
    "configs/README.md": (f"A note.\n`DB_PASSWORD={CANARY}`\n", 2),
    "configs/accounts/.env": (f"DB_PASSWORD={CANARY}\n", 1),
    "configs/accounts/notes/old.markdown": (f"psql postgres://app:{CANARY}@db/app\n", 1),
    "configs/common.yaml": (f"A: 1\n# DB_PASSWORD={CANARY}\n", 2),
    "configs/production.yaml": (f"A: 2   # DB_PASSWORD={CANARY}\n", 1),
    "configs/accounts/service.yaml": (
        f"processes:\n  web: {{command: serve}}\n  worker: {{command: DB_PASSWORD={CANARY} work}}\n",
        3,
    ),
    "configs/common.sops.yaml": (SEALED, 2),
    "envtree.yaml": (
        "environments:\n  staging: {instance: service}\n  production: {instance: service}\n"
        f"# DB_PASSWORD={CANARY}\n",
        4,
    ),
    "schemas/common.py": (f'"""Common."""\nDB_PASSWORD = "{CANARY}"\n', 2),
    "schemas/README.md": (f"`DB_PASSWORD={CANARY}`\n", 1),
}


def commit(folder: Path, *words: str) -> None:
    for each in (("init", "-q"), ("add", "-A"), ("-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "x")):
        subprocess.run(["git", *each, *words], cwd=folder, check=True)


def found(folder: Path, *words: str) -> list[str]:
    """The place and code of each finding about secrets; no output holds the canary."""
    done = run(folder, "lint", *words, "--format", "short")
    for output_format in ("text", "json", "github", "sarif"):
        said = run(folder, "lint", *words, "--format", output_format)
        assert CANARY not in said.stdout + said.stderr
    assert CANARY not in done.stdout + done.stderr
    lines = [line.split(": ")[:2] for line in done.stdout.splitlines()]
    return [f"{place.rpartition(':')[0]} {code}" for place, code in lines if "secret" in code or "reason" in code]


@pytest.mark.parametrize("path", PLACES)
def test_a_secret_is_found_in_any_text_of_a_tree_however_it_is_read(path: str, tmp_path: Path) -> None:
    text, line = PLACES[path]
    write_tree(tmp_path, {**small_tree(), path: text})
    expected = [f"{path}:{line} warning[clear-secret]"]
    assert found(tmp_path) == found(tmp_path, "--leaks") == expected
    commit(tmp_path)
    assert found(tmp_path, "--ref", "HEAD") == found(tmp_path, "--staged") == expected
    assert found(tmp_path, "--ref", "HEAD", "--leaks") == expected
    assert found(tmp_path, "--staged", "--leaks") == []


def test_before_the_first_commit_all_that_is_staged_is_searched(tmp_path: Path) -> None:
    write_tree(tmp_path, small_tree(**{"configs/README.md": f"`DB_PASSWORD={CANARY}`\n"}))
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    assert found(tmp_path, "--staged", "--leaks") == []
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    assert found(tmp_path, "--staged", "--leaks") == ["configs/README.md:1 warning[clear-secret]"]


def test_only_what_a_commit_would_change_is_searched(tmp_path: Path) -> None:
    write_tree(tmp_path, small_tree(**{"configs/common.yaml": f"DB_PASSWORD: {CANARY}\n"}))
    commit(tmp_path)
    write_tree(tmp_path, {"configs/production.yaml": f"A: 1\nSMTP_PASSWORD: {CANARY}\n"})
    subprocess.run(["git", "add", "-A"], cwd=tmp_path, check=True)
    assert found(tmp_path, "--staged", "--leaks") == ["configs/production.yaml:2 warning[clear-secret]"]


@pytest.mark.parametrize("broken", ["configs/staging.yaml", "envtree.yaml", "schemas/common.py"])
def test_a_tree_that_is_not_understood_is_searched_all_the_same(broken: str, tmp_path: Path) -> None:
    layer = {"configs/production.yaml": f"DB_PASSWORD: {CANARY}\n"}
    write_tree(tmp_path, {**small_tree(**layer), broken: "A: [\n"})
    assert "configs/production.yaml:1 warning[clear-secret]" in found(tmp_path)


RULES: Files = {".sops.yaml": "creation_rules: []\n"}
OTHER_SEALED: Files = {"configs/staging.sops.yaml": "B: ENC[x]\nsops: {mac: x}\n"}


@pytest.mark.parametrize(
    ("more", "expected"),
    [({}, [1]), (RULES, [1, 2]), (OTHER_SEALED, [1, 2])],
    ids=["nothing is sealed", "rules", "a sealed layer"],
)
def test_declared_secrets_are_counted_by_layer_until_the_team_seals(
    more: Files, expected: list[int], tmp_path: Path
) -> None:
    schema = SECRET.replace("TOKEN: Secret", "TOKEN: Secret\n    KEY: Secret").replace("A: str", "B: str | None = None")
    layer = f"TOKEN: {CANARY}\nKEY: {CANARY}\n"
    write_tree(tmp_path, {**small_tree(), "schemas/common.py": schema, "configs/production.yaml": layer, **more})
    places = [f"configs/production.yaml:{line} warning[unsealed-secret]" for line in expected]
    assert found(tmp_path) == places
    assert found(tmp_path, "--leaks") == (places if more else [])
    commit(tmp_path)
    assert found(tmp_path, "--ref", "HEAD") == places


def test_rules_above_the_tree_count_up_to_the_top_of_the_repository(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "top/deploy", {**small_tree(), "schemas/common.py": SECRET.replace("A: str", "")})
    write_tree(tree, {"configs/production.yaml": f"TOKEN: {CANARY}\n"})
    write_tree(tmp_path, RULES)
    commit(tmp_path / "top")
    assert found(tree, "--leaks") == found(tree, "--leaks", "--ref", "HEAD") == []
    write_tree(tmp_path / "top", RULES)
    commit(tmp_path / "top")
    expected = ["configs/production.yaml:1 warning[unsealed-secret]"]
    assert found(tree, "--leaks") == found(tree, "--leaks", "--ref", "HEAD") == expected


def test_rules_above_a_tree_without_a_repository_are_those_of_somebody_else(tmp_path: Path) -> None:
    tree = write_tree(tmp_path / "deploy", {**small_tree(), "schemas/common.py": SECRET.replace("A: str", "")})
    write_tree(tree, {"configs/production.yaml": f"TOKEN: {CANARY}\n"})
    write_tree(tmp_path, RULES)
    assert found(tree, "--leaks") == []
    write_tree(tree, RULES)
    assert found(tree, "--leaks") == ["configs/production.yaml:1 warning[unsealed-secret]"]


@pytest.mark.parametrize("layer", ["configs/production.yaml", "configs/README.md", "configs/accounts/service.yaml"])
def test_a_line_is_quieted_with_a_reason(layer: str, tmp_path: Path) -> None:
    text = {
        "configs/production.yaml": f"DB_PASSWORD: {CANARY}   # envtree: not-secret, made up\n",
        "configs/README.md": f"`DB_PASSWORD={CANARY}` <!-- envtree: not-secret, made up -->\n",
        "configs/accounts/service.yaml": "processes:\n  web: {command: serve}\n  # envtree: not-secret, made up\n"
        f"  worker: {{command: DB_PASSWORD={CANARY} work}}\n",
    }[layer]
    write_tree(tmp_path, {**small_tree(), layer: text})
    assert found(tmp_path) == found(tmp_path, "--leaks") == []
    write_tree(tmp_path, {layer: text.replace(", made up", "")})
    (only,) = found(tmp_path)
    assert only.startswith(f"{layer}:")
    assert only.endswith("warning[missing-reason]")
    assert run(tmp_path, "lint", "-q").code == 1


def test_a_file_that_an_entry_delivers_is_judged_by_the_entry(tmp_path: Path) -> None:
    key = "-----BEGIN PRIVATE" + f" KEY-----\n{CANARY}\n-----END PRIVATE" + " KEY-----\n"
    tree = {**small_tree(), "configs/accounts/key.pem": key, "configs/accounts/common.yaml": "TLS: !file key.pem\n"}
    write_tree(tmp_path, tree)
    assert found(tmp_path) == ["configs/accounts/common.yaml:1 warning[clear-secret]"]


@pytest.mark.parametrize("words", [("--fix",), ("production",)])
def test_leaks_are_searched_in_files_not_for_targets(words: tuple[str, ...], tmp_path: Path) -> None:
    write_tree(tmp_path, small_tree())
    assert run(tmp_path, "lint", "--leaks", *words).code == 2


def test_what_a_tree_passes_over_is_no_part_of_it_when_lines_are_removed(tmp_path: Path) -> None:
    layers = {"configs/common.yaml": "A: 1\n", "configs/production.yaml": "A: 1\nB: 2\n", "configs/README.md": "A.\n"}
    write_tree(tmp_path, small_tree(**layers))
    done = run(tmp_path, "lint", "--fix")
    assert (done.code, (tmp_path / "configs/production.yaml").read_text()) == (0, "B: 2\n")
