"""`envtree set`: the right layer in place, who gets something else, and nothing written that would be wrong."""

from __future__ import annotations

import io
import json
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import modes_hold_for_root, run
from tests.editing.trees import CANARY, lay_out, read

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "tree")


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> dict[str, str]:
    """The files that are new or different."""
    assert before.keys() <= after.keys()
    return {path: data.decode() for path, data in after.items() if before.get(path) != data}


def pipe(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("scope", "words", "path", "text"),
    [
        ("common", ["LOG_LEVEL=debug"], "common", "# for all\nLOG_LEVEL: debug  # quiet\nLANG: C.UTF-8\n"),
        ("common", ["OTHER=a=b"], "common", "# for all\nLOG_LEVEL: info  # quiet\nLANG: C.UTF-8\nOTHER: a=b\n"),
        ("production", ["LOG_LEVEL=info", "OTHER="], "production", 'LOG_LEVEL: info\nOTHER: ""\n'),
        ("staging", ["LOG_LEVEL=debug"], "staging", "LOG_LEVEL: debug\n"),
        ("*/accounts/web", ["PORT=6000"], "accounts/web/common", "PORT: 6000\n"),
        ("production/accounts", ["POOL=7"], "accounts/production", "POOL: 7\n"),
        ("production/accounts/worker", ["POOL=7"], "accounts/worker/production", "POOL: 7\n"),
        ("*/reports", ["OTHER=l1\nl2"], "reports/common", "OTHER: |-\n  l1\n  l2\n"),
    ],
)
def test_a_scope_is_edited_in_its_own_layer(scope: str, words: list[str], path: str, text: str, tree: Path) -> None:
    before = read(tree)
    done = run(tree, "set", scope, *words)
    assert (done.code, changed(before, read(tree))) == (0, {f"configs/{path}.yaml": text}), done.said
    assert run(tree, "validate").code == 0
    again = run(tree, "set", scope, *words)
    assert (again.code, again.stdout, "nothing to write" in again.stderr) == (0, "", True)


def test_who_gets_something_else_is_shown_with_both_values(tree: Path) -> None:
    done = run(tree, "set", "common", "LOG_LEVEL=debug", "OTHER=new")
    assert done.stdout == (
        "~ LOG_LEVEL  info -> debug\n"
        "    configs/common.yaml:2:12\n"
        "    changes 3 processes (shadowed in 3): staging/*\n"
        "+ OTHER  new\n"
        "    configs/common.yaml:4:8\n"
        "    new to 6 processes: *\n"
    )
    assert done.stderr == "written: configs/common.yaml; 6 processes get something else\n"


def test_what_is_computed_from_a_value_is_shown_too(tree: Path) -> None:
    done = run(tree, "set", "production", "LANG=C")
    assert "URL  https://C.UTF-8.example.com -> https://C.example.com" in done.stdout
    assert "through `LANG`" in done.stdout
    assert "changes 2 processes: production/accounts/*" in done.stdout


def test_a_dry_run_shows_the_same_and_writes_nothing(tree: Path) -> None:
    before = read(tree)
    done = run(tree, "set", "staging", "OTHER=x", "--dry-run")
    assert (done.code, "would be written: configs/staging.yaml (new)" in done.stderr) == (0, True)
    assert read(tree) == before
    assert run(tree, "set", "staging", "OTHER=x").stdout == done.stdout


@pytest.mark.parametrize(
    ("scope", "word", "code"),
    [
        ("production", "LOG_LEVEL=loud", "invalid-value"),
        ("production", "LOGLEVEL=info", "unknown-variable"),
        ("*/accounts/web", "PORT=99999", "invalid-value"),
        ("*/reports", "PORT=1", "unknown-variable"),
        ("common", "X.bkp=1", "unknown-variable"),
    ],
)
def test_what_would_be_wrong_is_shown_and_not_written(scope: str, word: str, code: str, tree: Path) -> None:
    before = read(tree)
    done = run(tree, "set", scope, word)
    assert (done.code, f"error[{code}]" in done.stderr) == (1, True), done.said
    assert "nothing was written; `--force` writes it all the same" in done.stderr
    assert run(tree, "set", scope, word, "--dry-run").code == 1
    assert read(tree) == before
    forced = run(tree, "set", scope, word, "--force")
    assert (forced.code, f"error[{code}]" in forced.stderr, "written: " in forced.stderr) == (0, True, True)
    assert run(tree, "validate").code == 1


def test_a_port_that_another_process_of_the_machine_has_is_refused(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    (tree / "envtree.yaml").write_text("environments: {production: {instance: together}}\n")
    (tree / "schemas/reports.py").write_text(
        "from envtree import Port, Settings\n\n\nclass R(Settings):\n    PORT: Port\n"
    )
    (tree / "configs/reports/common.yaml").write_text("PORT: 6000\n")
    assert run(tree, "validate").code == 0
    done = run(tree, "set", "*/accounts/web", "PORT=6000")
    assert (done.code, "port-clash" in done.stderr) == (1, True)


def test_problems_that_a_tree_has_already_do_not_hinder(tmp_path: Path) -> None:
    tree = lay_out(tmp_path, production="LOG_LEVEL: loud\nWHAT: 1\n", staging="A: 'x\n")
    assert run(tree, "set", "production", "OTHER=x").code == 0
    assert run(tree, "set", "common", "OTHER=x").code == 0
    done = run(tree, "set", "production", "LOG_LEVEL=louder")
    assert (done.code, done.stderr.count("error[")) == (1, 1)
    done = run(tree, "set", "production", "LOG_LEVEL=info")
    assert (done.code, "these processes have 1 other error" in done.stderr) == (0, True)
    refused = run(tree, "set", "staging", "OTHER=x")
    assert (refused.code, "can't be read as YAML" in refused.stderr) == (2, True)


def test_an_error_in_the_settings_that_hides_no_scope_does_not_hinder(tree: Path) -> None:
    (tree / "configs/reports/service.yaml").write_text("processes: {web: {command: serve, nonsense: 1}}\n")
    assert run(tree, "set", "production/accounts", "POOL=7").code == 0


@pytest.mark.parametrize("broken", ["class X(", "raise RuntimeError", "fifo"])
def test_without_schemas_that_can_be_read_nothing_is_written(broken: str, tree: Path) -> None:
    (tree / "schemas/accounts.py").unlink()
    if broken == "fifo":
        os.mkfifo(tree / "schemas/accounts.py")
    else:
        (tree / "schemas/accounts.py").write_text(broken)
    before = read(tree)
    assert run(tree, "set", "*/accounts", f"TOKEN={CANARY}").code == 2
    assert read(tree) == before


def test_a_tree_without_schemas_is_edited(tmp_path: Path) -> None:
    tree = lay_out(tmp_path)
    for path in (tree / "schemas").iterdir():
        path.unlink()
    done = run(tree, "set", "production", "ANY=unshown")
    assert (done.code, "unshown" in done.said) == (0, False)  # a value that no schema declares is not shown


@pytest.mark.parametrize("options", [(), ("--clear",), ("--force",), ("--dry-run",)])
def test_a_secret_in_an_argument_is_refused(options: tuple[str, ...], tree: Path) -> None:
    before = read(tree)
    done = run(tree, "set", "*/accounts", "POOL=6", f"TOKEN={CANARY}x", *options)
    assert (done.code, "error[secret-argument]: `TOKEN` is a `Secret`" in done.stderr) == (2, True)
    assert "`envtree set '*/accounts' TOKEN` asks for it" in done.stderr
    assert CANARY not in done.said
    assert read(tree) == before


@pytest.mark.parametrize("word", ["TOKEN", "TOKEN=-"])
@pytest.mark.parametrize("data", [b"new-value\n", b"new-value", b"new-value\r\n"])
def test_a_secret_is_read_from_standard_input(
    word: str, data: bytes, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, data)
    done = run(tree, "set", "*/accounts", word, "POOL=6", "--clear")
    assert done.code == 0, done.said
    text = (tree / "configs/accounts/common.yaml").read_text()
    assert text.startswith("TOKEN: new-value\n")
    assert text.endswith("POOL: 6\n")
    assert "note: `TOKEN` is a secret, and is in clear in configs/accounts/common.yaml" in done.stderr
    assert "new-value" not in done.said
    assert CANARY not in done.said


@pytest.mark.parametrize(
    ("data", "value"),
    [(b"a\nb\n", "a\nb\n"), (b"a\nb", "a\nb"), (b"\n\n", "\n\n"), (b" a", " a"), ("é\n".encode(), "é")],
)
def test_several_lines_come_from_standard_input_as_they_are(
    data: bytes, value: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, data)
    assert run(tree, "set", "*/accounts", "NOTE=-").code == 0
    shown = json.loads(run(tree, "show", "staging/accounts/web", "--format", "json").stdout)
    assert value in json.dumps(shown, ensure_ascii=False).encode().decode("unicode_escape").encode("latin-1").decode()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "standard input is empty"),
        (b"\n", "standard input is empty"),
        (b"\xff\n", "standard input is not UTF-8"),
        (b"a\0b", "holds a NUL"),
        (b"a \nb ", "ends in a blank"),
        (b"x" * 200_000, "too large"),
        (b"x" * 131_071, "is too long"),
    ],
)
def test_what_standard_input_can_not_give_is_said_and_not_shown(
    data: bytes, said: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read(tree)
    pipe(monkeypatch, data)
    done = run(tree, "set", "*/accounts", "TOKEN=-")
    assert (done.code, said in done.stderr) == (2, True), done.said
    assert read(tree) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["TOKEN", "NOTE=-"], "standard input is the value of one name"),
        (["TOKEN", "NOTE", "--file", "x"], "`--file` is the value of one name"),
        (["NOTE=x", "--file", "x"], "`--file` is the value of one name"),
        (["NOTE=1", "NOTE=2"], "`NOTE` is given twice"),
        (["=1"], "is the empty string"),
        (["A/B=1"], "holds a `/`"),
        ([".A=1"], "starts with a dot"),
        (["A\x1b[2J=1"], "holds a control character"),
        (["A" * 300 + "=1"], "is longer than 255 bytes"),
        (["NOTE=a "], "ends in a blank"),
        (["NOTE=\udcff"], "half a character"),
        (["NOTE=" + "x" * 131_072], "is too long"),
        ([], "Missing argument"),
    ],
)
def test_words_that_can_not_be_meant_are_refused(words: list[str], said: str, tree: Path) -> None:
    before = read(tree)
    done = run(tree, "set", "*/accounts", *words)
    assert (done.code, said in " ".join(done.stderr.split())) == (2, True), done.said
    assert "\x1b" not in done.said
    assert read(tree) == before


def test_a_file_is_a_value_exactly(tree: Path) -> None:
    (tree / "note").write_bytes(b"-----BEGIN-----\r\nabc\n")
    assert run(tree, "set", "*/accounts", "NOTE", "POOL=6", "--file", "note").code == 0
    assert 'NOTE: "-----BEGIN-----\\r\\nabc\\n"\n' in (tree / "configs/accounts/common.yaml").read_text()


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("fifo", "no plain file"),
        ("folder", "is a directory"),
        ("absent", "no such file"),
        ("device", "no plain file"),
        ("large", "is too large"),
        ("latin-1", "is not UTF-8"),
        ("unreadable", "permission denied"),
        ("\x1b[31m", "no such file"),
    ],
)
def test_what_is_no_file_of_a_value_is_refused(kind: str, said: str, tree: Path) -> None:
    path = tree / kind
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind in ("large", "latin-1", "unreadable"):
        path.write_bytes(b"x" * (1 << 20) if kind == "large" else b"\xe9")
        path.chmod(0o000 if kind == "unreadable" else 0o644)
    with modes_hold_for_root():
        done = run(tree, "set", "*/accounts", "NOTE", "--file", "/dev/zero" if kind == "device" else kind)
    assert (done.code, said in done.stderr) == (2, True), done.said
    assert "\x1b" not in done.said


@pytest.mark.parametrize("kind", ["link", "linked", "out", "folder", "fifo", "read-only", "read-only folder"])
def test_a_layer_that_is_no_file_of_its_own_is_refused(kind: str, tree: Path) -> None:
    path, other = tree / "configs/staging.yaml", tree / "configs/production.yaml"
    if kind == "link":
        path.symlink_to("production.yaml")
    elif kind == "linked":
        other.unlink()
        path.write_text("LOG_LEVEL: info\n")
        other.symlink_to("staging.yaml")
    elif kind == "out":
        path.symlink_to("../envtree.yaml")
    elif kind == "folder":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "read-only":
        path.write_text("LOG_LEVEL: info\n")
        path.chmod(0o444)
    else:
        (tree / "configs").chmod(0o555)
    before = read(tree)
    with modes_hold_for_root():
        done = run(tree, "set", "staging", "OTHER=x")
    (tree / "configs").chmod(0o755)
    assert (done.code, "configs/staging.yaml" in done.stderr) == (2, True), done.said
    assert read(tree) == before


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        ("accounts", "did you mean `'*/accounts'`?"),
        ("configs/accounts", "did you mean `'*/accounts'`?"),
        ("production/reprots", "did you mean `production/reports`?"),
        ("prod", "did you mean `production`?"),
        ("*/*", "did you mean `common`?"),
        ("nothing", "is no scope of this tree"),
    ],
)
def test_what_is_no_scope_is_refused_before_a_value_is_asked_for(
    scope: str, said: str, tree: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe(monkeypatch, b"left alone")
    done = run(tree, "set", scope, "TOKEN")
    assert (done.code, said in done.stderr) == (2, True)
    assert sys.stdin.read() == "left alone"


def test_a_text_that_only_looks_computed_is_said(tree: Path) -> None:
    done = run(tree, "set", "*/accounts", "NOTE=${LANG}!", "URL=https://${LANG}")
    assert "note: `NOTE` is plain text: write `!expand`" in done.stderr
    assert "note: `URL` was computed by `!expand`, and is plain text now" in done.stderr


def test_the_answer_is_json(tree: Path) -> None:
    answer = json.loads(run(tree, "set", "production", "OTHER=x", "--format", "json").stdout)
    assert (answer["scope"], answer["written"], answer["files"]) == (
        "production",
        True,
        {"configs/production.yaml": "changed"},
    )
    (change,) = answer["changes"]
    assert (change["name"], change["kind"], change["values"][0]["after"]) == ("OTHER", "added", "x")
    done = run(tree, "set", "staging", "LOG_LEVEL=loud", "--format", "json")
    answer = json.loads(done.stdout)
    assert (done.code, answer["written"], answer["files"]) == (1, False, {"configs/staging.yaml": "new"})
    assert [each["code"] for each in answer["diagnostics"]] == ["invalid-value"]
    assert len(answer["becomes_invalid"]) == 3


def test_quiet_says_what_changes_alone(tree: Path) -> None:
    done = run(tree, "set", "production", "OTHER=x", "-q")
    assert (done.code, done.stdout.splitlines()[0], done.stderr) == (0, "+ OTHER  x", "")


def test_without_a_tree_the_next_step_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "set", "common", "A=1")
    assert (done.code, "error[no-tree]" in done.stderr) == (2, True)


def test_a_new_layer_has_the_mode_of_what_people_write(tree: Path) -> None:
    before = os.umask(0o027)
    try:
        assert run(tree, "set", "production/accounts/worker", "POOL=2").code == 0
    finally:
        os.umask(before)
    path = tree / "configs/accounts/worker"
    assert (path.stat().st_mode & 0o777, (path / "production.yaml").stat().st_mode & 0o777) == (0o750, 0o640)
