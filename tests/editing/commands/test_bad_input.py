"""Bad input around sealed layers, through the command line: each is met with a place, a next step, and no value."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import termios
from typing import TYPE_CHECKING

import pytest

from tests.adapters.faults import KILL, calls, struck
from tests.cli.running import ENVTREE, modes_hold_for_root, run
from tests.editing.keeper import CLEAR, RULES, SEALED
from tests.editing.trees import CANARY, lay_out, read
from tests.waiting import LONG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.running import Done
    from tests.editing.keeper import Keeper

VALUE = "canary-hunter2"
SEALED_HERE = f"error[sealed-layer]: `{SEALED}` is sealed, and can't be opened here"
RESTORE = "help: take the file from the last commit in which it was right, and set what changed since again"


def met(done: Done, *said: str) -> None:
    """Assert that a run ended with an error that says this, and shows no value."""
    assert done.code in (1, 2), done.said
    assert [each for each in said if each not in done.said] == [], done.said
    assert "help: " in done.said or "1:1: " in done.said
    for secret in (VALUE, CANARY, "AGE-SECRET-KEY-1[A-Z0-9]", "hunter3"):
        assert not re.search(secret, done.said)


@pytest.fixture
def sealed(keeper: Keeper) -> Keeper:
    """A tree with one sealed value."""
    assert keeper.set("*/accounts", "TOKEN", VALUE).code == 0
    return keeper


# Keys.


def _no_key(keeper: Keeper) -> str:
    keeper.monkeypatch.delenv("SOPS_AGE_KEY_FILE")
    return "no age identity was found"


def _wrong_key(keeper: Keeper) -> str:
    keeper.new_key("another environment's")
    keeper.hold("another environment's")
    return "no age identity opens it, of 1 found"


def _exposed(keeper: Keeper) -> str:
    (keeper.keys / "own").chmod(0o644)
    return "is not used: other users can read it"


def _pipe(keeper: Keeper) -> str:
    os.mkfifo(keeper.keys / "pipe", 0o600)
    keeper.hold("pipe")
    return "can't be read: no plain file"


def _folder(keeper: Keeper) -> str:
    (keeper.keys / "folder").mkdir()
    keeper.hold("folder")
    return "can't be read: is a directory"


def _missing(keeper: Keeper) -> str:
    keeper.hold("nowhere")
    return "can't be read: no such file or directory"


def _no_identity(keeper: Keeper) -> str:
    (keeper.keys / "text").write_text("hunter3\n")
    (keeper.keys / "text").chmod(0o600)
    keeper.hold("text")
    return "is no age identity"


def _ssh_with_a_passphrase(keeper: Keeper) -> str:
    key = keeper.keys / "ssh"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "hunter3", "-C", "", "-f", key], check=True)
    keeper.write(".sops.yaml", RULES.format(key.with_suffix(".pub").read_text().strip()))
    (keeper.tree / SEALED).unlink()
    assert keeper.set("*/accounts", "TOKEN", VALUE).code == 0
    keeper.monkeypatch.delenv("SOPS_AGE_KEY_FILE")
    keeper.monkeypatch.setenv("SOPS_AGE_SSH_PRIVATE_KEY_FILE", str(key))
    return "is protected by a passphrase"


@pytest.mark.parametrize(
    "key",
    [_no_key, _wrong_key, _exposed, _pipe, _folder, _missing, _no_identity, _ssh_with_a_passphrase],
    ids=lambda each: each.__name__.strip("_"),
)
def test_a_key_that_does_not_open_is_said_by_each_verb(key: Callable[[Keeper], str], sealed: Keeper) -> None:
    said = key(sealed)
    before = read(sealed.tree)
    for words in (
        ("build", "--out", "../out"),
        ("export", "staging/accounts/web", "--format", "json"),
        ("validate", "--sealed", "require"),
        ("unset", "*/accounts", "TOKEN", "--force"),
    ):
        met(run(sealed.tree, *words), SEALED_HERE, said, f"--> {SEALED}", "it is encrypted for age `")
    met(sealed.set("*/accounts", "TOKEN", "new"), SEALED_HERE, said)
    met(run(sealed.tree, "exec", "staging/accounts/web", "--", "true")._replace(code=1), SEALED_HERE, said)
    warned = run(sealed.tree, "validate", env={"CI": ""})
    assert (warned.code, "warning[sealed-layer]" in warned.stdout, said in warned.stdout) == (0, True, True)
    assert said in run(sealed.tree, "secret", "status").stdout
    assert read(sealed.tree) == before


# Files.


def _conflict(text: str) -> str:
    line, rest = text.split("\n", 1)
    return f"<<<<<<< HEAD\n{line}\n=======\n{line}\n>>>>>>> theirs\n{rest}"


FILES: dict[str, tuple[Callable[[str], str], tuple[str, ...]]] = {
    "unencrypted": (lambda text: f"NOTE: {VALUE}\n{text}", ("error[clear-value]: `NOTE` is in clear", ":1:7")),
    "null": (lambda text: f"NOTE: null\n{text}", ("error[clear-value]: `NOTE` has no value", ":1:7", "`!unset`")),
    "empty": (lambda text: f'NOTE: ""\n{text}', ("error[clear-value]: `NOTE` is empty", ":1:7")),
    "a list": (lambda text: f"NOTE: [{VALUE}]\n{text}", ("error[clear-value]: `NOTE` is a list", ":1:7")),
    "a number": (
        lambda text: text.replace("type:str", "type:int", 1),
        ("error[invalid-ciphertext]: `TOKEN` is sealed as `int`, not as text", ":1:8", "`sops edit` shows it"),
    ),
    "two metadata blocks": (
        lambda text: text + text[text.index("sops:") :],
        ("error[duplicate-variable]: `sops` is there twice", f"first set at {SEALED}:2:1"),
    ),
    "merge conflict": (_conflict, ("error[merge-conflict]", ":1:1", "resolve the conflict")),
    "value edited by hand": (
        lambda text: f"TOKEN: {VALUE}\n{text[text.index('sops:') :]}",
        ("error[clear-value]: `TOKEN` is in clear", "seal it with `envtree set`"),
    ),
    "ciphertext edited by hand": (
        lambda text: text.replace(",iv:", ",iv:A", 1),
        ("error[invalid-ciphertext]: `TOKEN` is not encrypted as SOPS writes it", RESTORE),
    ),
    "renamed by hand": (lambda text: text.replace("TOKEN:", "NOTE:"), ("error[altered-layer]: `NOTE` was", RESTORE)),
    "time edited by hand": (
        lambda text: text.replace('lastmodified: "20', 'lastmodified: "19'),
        ("error[altered-layer]: the MAC of", RESTORE),
    ),
    "cut": (lambda text: text[:-60], ("error[invalid-metadata]", RESTORE)),
    "no metadata": (lambda text: text[: text.index("sops:")], ("has no `sops` metadata", "`sops encrypt --in-place ")),
    "nothing": (lambda _: "", ("has no `sops` metadata",)),
    "for nobody": (
        lambda text: f"{text[: text.index('    age:')]}{text[text.index('    lastmodified') :]}",
        ("error[invalid-metadata]: the file is sealed for no recipient",),
    ),
}


@pytest.mark.parametrize(("change", "said"), FILES.values(), ids=FILES)
def test_a_file_that_is_not_as_it_was_sealed_is_used_by_no_verb(
    change: Callable[[str], str], said: tuple[str, ...], sealed: Keeper
) -> None:
    sealed.write(SEALED, change((sealed.tree / SEALED).read_text()))
    before = read(sealed.tree)
    met(run(sealed.tree, "validate"), *said)
    met(run(sealed.tree, "build", "--out", "../out"), said[0], *said[2:])
    met(sealed.set("*/accounts", "TOKEN", "new"), *said)
    met(run(sealed.tree, "secret", "seal"), said[0])
    status = run(sealed.tree, "secret", "status")
    assert (status.code, VALUE in status.said) == (1, False)
    assert "`envtree validate` says where" in status.stderr
    assert not (sealed.tree.parent / "out").exists()
    assert read(sealed.tree) == before


def test_line_ends_of_windows_are_warned_of_and_kept(sealed: Keeper) -> None:
    text = (sealed.tree / SEALED).read_bytes().replace(b"\n", b"\r\n")
    (sealed.tree / SEALED).write_bytes(text)
    done = run(sealed.tree, "validate")
    assert (done.code, f"warning[carriage-return]: the lines of `{SEALED}`" in done.stdout) == (0, True), done.said
    assert sealed.set("*/accounts", "TOKEN", "new").code == 0
    changed = (sealed.tree / SEALED).read_bytes()
    assert changed.count(b"\r\n") == changed.count(b"\n") == text.count(b"\n")
    assert sealed.opened() == {"TOKEN": "new"}


def test_a_name_both_clear_and_sealed_is_an_error_at_both(sealed: Keeper) -> None:
    sealed.write(CLEAR, f"URL: x\nTOKEN: {CANARY}\n")
    said = ("error[duplicate-variable]: `TOKEN` is set twice in one layer", f"{SEALED}:1:1", f"{CLEAR}:2:1")
    met(run(sealed.tree, "validate"), *said)
    met(run(sealed.tree, "build", "--out", "../out"), *said)


# Rules.


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (
            "creation_rules:\n  - path_regex: ^other/\n    age: {}\n",
            f"no creation rule of `.sops.yaml` is for `{SEALED}`",
        ),
        ("creation_rules:\n  - age: age1nobody\n", "nothing can be encrypted for age `age1nobody`"),
        ("creation_rules:\n  - kms: alias/x\n", "nothing can be encrypted for KMS `alias/x`"),
        ("creation_rules:\n  - pgp: ABCDEF\n", "nothing can be encrypted for PGP `ABCDEF`"),
        ("creation_rules:\n  - path_regex: .*\n", "a creation rule has no recipient"),
        ("creation_rules: []\n", "no creation rule of `.sops.yaml`"),
        ("creation_rules: [", "error[invalid-yaml]"),
        ("creation_rule:\n  - age: {}\n", "did you mean `creation_rules`?"),
        ("creation_rules:\n  - age: {}\n    path_regexp: x\n", "did you mean `path_regex`?"),
        ("creation_rules:\n  - age: {}\n    path_regex: (\n", "no regular expression that is understood"),
    ],
)
def test_rules_by_which_nothing_can_be_sealed_are_met(rules: str, said: str, keeper: Keeper) -> None:
    keeper.write(".sops.yaml", rules.format(keeper.recipient))
    before = read(keeper.tree)
    met(keeper.set("*/accounts", "TOKEN", VALUE), said, "--> .sops.yaml")
    met(run(keeper.tree, "secret", "seal"), said)
    assert read(keeper.tree) == before


# Edits.


def test_a_sealed_file_that_is_a_link_is_not_changed(sealed: Keeper) -> None:
    (sealed.tree / SEALED).rename(sealed.tree / "configs/accounts/production.sops.yaml")
    (sealed.tree / SEALED).symlink_to("production.sops.yaml")
    for scope in ("*/accounts", "production/accounts"):
        met(sealed.set(scope, "TOKEN", "new"), "error[cannot-edit]", "link", "put a file of its own")


@pytest.mark.parametrize("place", [SEALED, "configs/accounts"])
def test_what_can_not_be_written_is_said_and_nothing_is_half_done(place: str, sealed: Keeper) -> None:
    (sealed.tree / place).chmod(0o500 if (sealed.tree / place).is_dir() else 0o400)
    before = read(sealed.tree)
    with modes_hold_for_root():
        met(sealed.set("*/accounts", "TOKEN", "new"), "error[cannot-write]", SEALED, "permission denied")
    assert read(sealed.tree) == before
    (sealed.tree / "configs/accounts").chmod(0o700)


def test_a_name_that_no_schema_knows_is_refused_before_it_is_sealed(sealed: Keeper) -> None:
    before = read(sealed.tree)
    done = sealed.set("*/accounts", "TOKEM", "new")
    met(done, "error[unknown-variable]", "did you mean `TOKEN`?", "nothing was written")
    assert read(sealed.tree) == before


def test_an_expand_or_several_lines_become_the_secret_that_is_set(keeper: Keeper) -> None:
    keeper.write(CLEAR, "URL: x\nTOKEN: !expand ${URL}-x\n")
    assert keeper.set("*/accounts", "TOKEN", VALUE).code == 0
    assert (keeper.opened(), (keeper.tree / CLEAR).read_text()) == ({"TOKEN": VALUE}, "URL: x\n")
    (keeper.tree / SEALED).unlink()
    keeper.write(CLEAR, f"URL: x\nTOKEN: |\n  -----BEGIN\n  {CANARY}\n")
    assert keeper.set("*/accounts", "TOKEN", f"{VALUE}\nline 2\n").code == 0
    assert (keeper.opened(), (keeper.tree / CLEAR).read_text()) == ({"TOKEN": f"{VALUE}\nline 2\n"}, "URL: x\n")


def test_a_value_that_somebody_wrapped_over_lines_is_left_to_sops(sealed: Keeper) -> None:
    text = (sealed.tree / SEALED).read_text()
    sealed.write(SEALED, text.replace("TOKEN: ", "TOKEN: >-\n  ", 1))
    before = read(sealed.tree)
    met(sealed.set("*/accounts", "TOKEN", "new"), "error[cannot-edit]", "let `sops edit` write the file anew")
    assert read(sealed.tree) == before


@pytest.mark.parametrize("fault", [KILL, "error=ENOSPC"])
def test_a_full_disk_or_a_kill_leaves_each_file_as_it_was_or_as_it_is_to_be(
    fault: str, keeper: Keeper, tmp_path: Path
) -> None:
    def tree(name: str) -> Path:
        folder = lay_out(tmp_path / name)
        (folder / ".sops.yaml").write_text(RULES.format(keeper.recipient))
        (folder / ".sops.yaml").chmod(0o644)
        return folder

    def words(folder: Path) -> tuple[str, ...]:
        return (*ENVTREE, "secret", "seal", "-q", "-C", str(folder))

    points = calls(words(tree("first")), tmp_path / "first", tmp_path / "strace.log")
    writes = [each for each in points if each.name in ("write", "fsync", "link", "rename")]
    assert len(writes) > 4
    for number, point in enumerate(writes):
        folder = tree(str(number))
        done = struck(words(folder), folder, point, fault, tmp_path / "strace.log")
        assert CANARY in (folder / CLEAR).read_text() or run(folder, "build", "--out", f"../out-{number}").code == 0
        assert CANARY not in done.stdout + done.stderr
        if fault != KILL:
            assert "no space left on device" in done.stderr
            assert [each for each in read(folder) if each.rpartition("/")[2].startswith(".common")] == []


def test_a_question_that_is_interrupted_leaves_terminal_and_tree_as_they_were(keeper: Keeper) -> None:
    before = read(keeper.tree)
    ours, theirs = os.openpty()
    echoes = termios.tcgetattr(theirs)
    words = [*ENVTREE, "set", "*/accounts", "TOKEN"]
    with subprocess.Popen(
        words, cwd=keeper.tree, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as it:
        said = b""
        while b"TOKEN: " not in said:
            said += os.read(ours, 1000)
        it.send_signal(signal.SIGINT)
        assert it.wait(LONG) == 130
    assert termios.tcgetattr(theirs) == echoes
    os.close(theirs)
    os.close(ours)
    assert read(keeper.tree) == before
    assert keeper.set("*/accounts", "TOKEN", "new").code == 0  # no lock is left
