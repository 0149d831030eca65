"""Secrets set and unset: sealed beside the layer, for those that `.sops.yaml` names, and read back by the real sops."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import yaml

from tests.adapters.faults import KILL, calls, struck
from tests.cli.running import ENVTREE, run
from tests.editing.keeper import CLEAR, RULES, SEALED
from tests.editing.trees import CANARY, lay_out, read
from tests.effort import first_arguments
from tests.repositories import init

if TYPE_CHECKING:
    from pathlib import Path

    from tests.editing.keeper import Keeper

SEVERAL = """\
from envtree import Secret, Settings


class Accounts(Settings):
    FIRST: Secret
    TOKEN: Secret
    LAST: Secret
    URL: str
    PORT: str | None = None
"""
A_NUMBER = """\
from pydantic import PositiveInt

from envtree import Secret, Settings


class Accounts(Settings):
    TOKEN: Secret[PositiveInt] | None = None
    URL: str
    POOL: int
    PORT: str | None = None
"""


def test_a_secret_goes_into_a_new_sealed_file_and_out_of_the_clear_one(keeper: Keeper) -> None:
    done = keeper.set("*/accounts", "TOKEN", "new-value\n")
    assert done.code == 0, done.said
    assert keeper.opened() == {"TOKEN": "new-value"}
    assert (keeper.tree / CLEAR).read_text() == "URL: !expand https://${LANG}.example.com\nPOOL: 5\n"
    assert f"written: {SEALED} (new), {CLEAR}; 4 processes get something else" in done.stderr
    assert "changes 4 processes: */accounts/*" in done.stdout
    assert "new-value" not in done.said
    assert CANARY not in done.said
    assert run(keeper.tree, "validate").code == 0


def test_a_secret_that_only_moves_changes_no_process(keeper: Keeper) -> None:
    done = keeper.set("*/accounts", "TOKEN=-", CANARY)
    assert (done.code, done.stdout, "no process gets something else" in done.stderr) == (0, "", True), done.said
    assert keeper.opened() == {"TOKEN": CANARY}


@pytest.mark.parametrize("value", ["one line", "l1\nl2\n", "null", "0755", "é\U0001f600", "a: b # c", "'\"\\"])
def test_any_text_is_sealed_as_it_is(value: str, keeper: Keeper) -> None:
    assert keeper.set("*/accounts", "TOKEN", value).code == 0
    assert keeper.opened() == {"TOKEN": value}
    again = keeper.set("*/accounts", "TOKEN", value)
    assert (again.code, "nothing to write" in again.stderr) == (0, True)


def test_a_file_that_sops_made_is_changed_in_place(keeper: Keeper) -> None:
    keeper.write(CLEAR, "URL: x\n")
    keeper.seal(SEALED, "FIRST: a\nTOKEN: b\nLAST: c\n")
    keeper.write("schemas/accounts.py", SEVERAL)
    before = (keeper.tree / SEALED).read_text().splitlines()
    assert keeper.set("*/accounts", "TOKEN", "new").code == 0
    after = (keeper.tree / SEALED).read_text().splitlines()
    assert keeper.opened() == {"FIRST": "a", "TOKEN": "new", "LAST": "c"}
    changed = [line.split(":")[0].strip() for line, other in zip(before, after, strict=True) if line != other]
    assert changed[0] == "TOKEN"
    assert {*changed[1:]} <= {"lastmodified", "mac"}


def test_what_is_sealed_stays_sealed_though_no_schema_calls_it_a_secret(keeper: Keeper) -> None:
    keeper.write(CLEAR, f"TOKEN: {CANARY}\nURL: x\n")
    keeper.seal(SEALED, "POOL: '5'\n")
    refused = run(keeper.tree, "set", "*/accounts", "POOL=6")
    assert (refused.code, "error[secret-argument]" in refused.stderr) == (2, True)
    done = keeper.set("*/accounts", "POOL", "1234567")
    assert (done.code, "1234567" in done.said) == (0, False), done.said
    assert keeper.opened() == {"POOL": "1234567"}


def test_without_rules_the_command_that_makes_them_is_named(keeper: Keeper) -> None:
    (keeper.tree / ".sops.yaml").unlink()
    before = read(keeper.tree)
    done = keeper.set("*/accounts", "TOKEN", "new")
    assert (done.code, "`envtree init --secrets`" in done.stderr, "`--clear`" in done.stderr) == (2, True, True)
    assert read(keeper.tree) == before
    assert keeper.set("*/accounts", "TOKEN", "new", "--clear").code == 0
    assert "TOKEN: new\n" in (keeper.tree / CLEAR).read_text()


def test_a_sealed_file_is_parsed_once_where_it_stays(keeper: Keeper) -> None:
    assert keeper.set("*/accounts", "TOKEN", "new").code == 0
    parsed = first_arguments("compose", lambda: run(keeper.tree, "set", "*/accounts", "POOL=7"))
    assert parsed.count(SEALED) == 1
    assert "POOL: 7" in (keeper.tree / CLEAR).read_text()


def test_a_layer_of_all_environments_is_sealed_for_the_recipients_of_each(keeper: Keeper) -> None:
    other = keeper.new_key("production")
    keeper.write(
        ".sops.yaml",
        f"creation_rules:\n  - path_regex: /production\n    age: {other}\n  - age: {keeper.recipient}\n",
    )
    assert keeper.set("*/accounts", "TOKEN", "for all").code == 0
    assert keeper.set("production/accounts", "TOKEN", "for one").code == 0
    assert {other, keeper.recipient} == set(recipients(keeper.tree / SEALED))
    assert [other] == recipients(keeper.tree / "configs/accounts/production.sops.yaml")
    keeper.hold("production")
    assert keeper.opened() == {"TOKEN": "for all"}
    assert keeper.set("*/accounts", "TOKEN", "again").code == 0


def recipients(path: Path) -> list[str]:
    return [each["recipient"] for each in yaml.safe_load(path.read_text())["sops"]["age"]]


def test_without_a_key_nothing_is_written(keeper: Keeper) -> None:
    assert keeper.set("*/accounts", "TOKEN", "old").code == 0
    keeper.new_key("stranger")
    keeper.hold("stranger")
    before = read(keeper.tree)
    for done in (keeper.set("*/accounts", "TOKEN", "new"), run(keeper.tree, "unset", "*/accounts", "TOKEN", "--force")):
        assert (done.code, "error[sealed-layer]" in done.stderr) == (2, True), done.said
    assert read(keeper.tree) == before
    assert run(keeper.tree, "set", "*/accounts", "POOL=6").code == 0  # what is clear needs no key


def test_what_somebody_changed_without_the_key_is_not_sealed_again(keeper: Keeper) -> None:
    assert keeper.set("*/accounts", "TOKEN", "old").code == 0
    text = (keeper.tree / SEALED).read_text()
    keeper.write(SEALED, text.replace("TOKEN:", "OTHER_TOKEN:"))
    before = read(keeper.tree)
    done = keeper.set("*/accounts", "TOKEN", "new")
    assert (done.code, "error[altered-layer]" in done.stderr) == (2, True), done.said
    assert read(keeper.tree) == before


def test_a_secret_that_its_schema_refuses_is_not_sealed(keeper: Keeper) -> None:
    keeper.write("schemas/accounts.py", A_NUMBER)
    keeper.write(CLEAR, "URL: x\nPOOL: 1\n")
    before = read(keeper.tree)
    done = keeper.set("*/accounts", "TOKEN", "minus-seven")
    assert (done.code, "error[invalid-value]: `TOKEN`" in done.stderr) == (1, True), done.said
    assert f"{SEALED}:1:1" in done.stderr
    assert "minus-seven" not in done.said
    assert read(keeper.tree) == before
    assert keeper.set("*/accounts", "TOKEN", "7").code == 0
    assert keeper.opened() == {"TOKEN": "7"}


def test_an_empty_secret_is_refused_since_sops_seals_none(keeper: Keeper) -> None:
    (keeper.tree / "empty").write_bytes(b"")
    done = run(keeper.tree, "set", "*/accounts", "TOKEN", "--file", "empty")
    assert (done.code, "SOPS doesn't seal what is empty" in done.stderr) == (2, True), done.said


def test_unset_takes_a_secret_out_of_the_sealed_file(keeper: Keeper) -> None:
    assert keeper.set("*/accounts", "TOKEN", "for all").code == 0
    assert keeper.set("production/accounts", "TOKEN", "for one").code == 0
    path = "configs/accounts/production.sops.yaml"
    assert run(keeper.tree, "unset", "production/accounts", "TOKEN").code == 2
    done = run(keeper.tree, "unset", "production/accounts", "TOKEN", "--inherit")
    assert (done.code, keeper.opened(path) or {}) == (0, {}), done.said
    done = run(keeper.tree, "unset", "*/accounts", "TOKEN", "--remove", "--force")
    assert (done.code, (keeper.tree / CLEAR).read_text().splitlines()[-1]) == (0, "TOKEN: !unset")


def test_a_dry_run_seals_nothing(keeper: Keeper) -> None:
    before = read(keeper.tree)
    done = keeper.set("*/accounts", "TOKEN", "new", "--dry-run")
    assert (done.code, f"would be written: {SEALED} (new), {CLEAR}" in done.stderr) == (0, True)
    assert read(keeper.tree) == before


def test_rules_are_those_of_the_repository_and_of_nobody_else(keeper: Keeper) -> None:
    rules = (keeper.tree / ".sops.yaml").rename(keeper.tree.parent / ".sops.yaml")
    assert keeper.set("*/accounts", "TOKEN", "new", "--dry-run").code == 2
    init(keeper.tree.parent)
    assert keeper.set("*/accounts", "TOKEN", "new", "--dry-run").code == 0
    rules.chmod(0o666)
    done = keeper.set("*/accounts", "TOKEN", "new", "--dry-run")
    assert (done.code, "error[unsafe-source]: others can write `../.sops.yaml`" in done.stderr) == (2, True), done.said


def test_a_kill_between_the_two_files_loses_no_secret(keeper: Keeper, tmp_path: Path) -> None:
    (tmp_path / "value").write_text(CANARY)

    def words(tree: Path) -> tuple[str, ...]:
        return (*ENVTREE, "set", "*/accounts", "TOKEN", "--file", str(tmp_path / "value"), "-q", "-C", str(tree))

    def tree(name: str) -> Path:
        folder = lay_out(tmp_path / name)
        (folder / ".sops.yaml").write_text(RULES.format(keeper.recipient))
        (folder / ".sops.yaml").chmod(0o644)
        return folder

    points = calls(words(tree("first")), tmp_path / "first", tmp_path / "strace.log")
    renames = [each for each in points if each.name.startswith(("rename", "link"))]
    assert len(renames) == 2
    for number, point in enumerate(renames):
        folder = tree(str(number))
        struck(words(folder), folder, point, KILL, tmp_path / "strace.log")
        assert CANARY in (folder / CLEAR).read_text()
