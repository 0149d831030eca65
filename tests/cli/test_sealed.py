"""Sealed layers from end to end: opened where a key is here, checked by their names where none is, and never shown."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envtree.commands.tree import compile_tree, read_tree
from tests.builders import WEB, small_tree, write_tree
from tests.cli.running import Done, run
from tests.effort import first_arguments
from tests.sealed_files import KEY, sealed_layer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

NO_KEY = {"SOPS_AGE_KEY": "", "CI": ""}
SECRET = "canary-of-hunter2"
SEALED = "configs/accounts/production.sops.yaml"
SCHEMA = """\
from typing import Annotated
from envtree import Secret, Settings
from pydantic import Field
class Accounts(Settings):
    TOKEN: Secret[Annotated[str, Field(min_length=8)]]
    URL: Secret[str] = "x"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_tree(tmp_path, TOKEN=SECRET)


def a_tree(top: Path, **values: str) -> Path:
    return write_tree(
        top / "tree",
        small_tree(
            **{
                "configs/accounts/staging.yaml": "TOKEN: in-the-clear\n",
                "schemas/accounts.py": SCHEMA,
                SEALED: sealed_layer(**values),
            }
        ),
    )


def envdir(folder: Path) -> dict[str, str]:
    files = (folder / "out/current/production/accounts/env").iterdir()
    return {each.name: each.read_text().removesuffix("\n") for each in files}


def without_secret(done: Done) -> Done:
    assert SECRET not in done.said
    return done


def test_a_sealed_value_reaches_the_process_as_it_was_sealed(folder: Path) -> None:
    done = without_secret(run(folder, "build", "--out", "out", env=KEY))
    assert done.code == 0, done.said
    assert envdir(folder) == {"TOKEN": SECRET}


def test_what_is_made_of_a_sealed_value_is_computed_and_hidden(folder: Path) -> None:
    write_tree(folder, {"configs/accounts/common.yaml": "URL: !expand https://x:${TOKEN}@host/\n"})
    done = run(folder, "build", "--out", "out", env=KEY)
    assert done.code == 0, done.said
    assert envdir(folder)["URL"] == f"https://x:{SECRET}@host/"
    assert "URL    [sealed]" in without_secret(run(folder, "show", WEB, env=KEY)).stdout
    assert f"https://x:{SECRET}@host/" in run(folder, "show", WEB, "--reveal", env=KEY).stdout
    assert "URL    [sealed]" in run(folder, "show", WEB, "--reveal", env=NO_KEY).stdout


def test_a_value_that_was_sealed_is_not_shown_by_what_overrides_it(tmp_path: Path) -> None:
    folder = a_tree(tmp_path, TOKEN="long-enough", URL=SECRET)
    schema = SCHEMA.replace('URL: Secret[str] = "x"', "URL: int = 1")
    write_tree(folder, {"schemas/accounts.py": schema, "configs/accounts/web/production.yaml": "URL: x\n"})
    done = without_secret(run(folder, "validate", "production", env=KEY))
    assert (done.code, f"overrides [hidden] ({SEALED}:2:6)" in done.stdout) == (1, True), done.said


@pytest.mark.parametrize("environment", [KEY, NO_KEY])
def test_the_form_of_a_sealed_file_is_warned_of_with_a_key_and_without(
    folder: Path, environment: dict[str, str]
) -> None:
    (folder / SEALED).write_bytes((folder / SEALED).read_bytes().replace(b"\n", b"\r\n"))
    done = run(folder, "validate", env=NO_KEY | environment)
    assert (done.code, done.stdout.count("warning[carriage-return]")) == (0, 1), done.said


def test_a_schema_judges_sealed_values_and_shows_none(tmp_path: Path) -> None:
    folder = a_tree(tmp_path, TOKEN="canary")
    done = run(folder, "validate", env=KEY)
    assert done.code == 1
    assert f"`TOKEN` is too short\n --> {SEALED}:1:1" in done.stdout
    assert "canary" not in done.said


@pytest.mark.parametrize("text", ["canary ", "canary\t", "a\0b"])
def test_a_sealed_value_that_no_envdir_can_carry_is_an_error_at_its_line(tmp_path: Path, text: str) -> None:
    done = run(a_tree(tmp_path, TOKEN=text), "validate", env=KEY)
    assert done.code == 1
    assert f" --> {SEALED}:1:1" in done.stdout
    assert "unencodable-value" in done.stdout
    assert "canary" not in done.said


def test_without_a_key_all_but_the_values_is_checked_and_that_is_said(folder: Path) -> None:
    done = run(folder, "validate", env=NO_KEY)
    assert done.code == 0, done.said
    assert "warning[sealed-layer]: a sealed layer can't be opened here, so the values are not checked" in done.stdout
    assert SEALED in done.stdout
    assert "the values of 1 sealed layer were not checked" in done.stderr
    write_tree(folder, {SEALED: sealed_layer(TOKEM=SECRET)})
    assert "did you mean `TOKEN`?" in run(folder, "validate", env=NO_KEY).stdout


@pytest.mark.parametrize("environment", [NO_KEY | {"CI": "true"}, NO_KEY])
def test_a_layer_that_must_be_opened_and_has_no_key_is_an_error(folder: Path, environment: dict[str, str]) -> None:
    words = () if environment["CI"] else ("--sealed", "require")
    done = run(folder, "validate", *words, env=environment)
    assert done.code == 1
    assert f"--> {SEALED}" in done.stdout


def test_what_is_skipped_is_not_opened_and_the_verdict_says_so(folder: Path) -> None:
    done = run(folder, "validate", "--sealed", "skip", env=KEY | {"CI": "true"})
    assert done.code == 0
    assert done.stdout == ""
    assert "the values of 1 sealed layer were not checked" in done.stderr


@pytest.mark.parametrize(
    "words", [("build", "--out", "out"), ("exec", WEB, "--", "true"), ("export", WEB, "--format", "json")]
)
def test_what_hands_on_values_needs_every_key(folder: Path, words: tuple[str, ...]) -> None:
    done = without_secret(run(folder, *words, env=NO_KEY))
    assert done.code in (1, 111), done.said
    assert f"--> {SEALED}" in done.said
    assert not (folder / "out").exists()


def test_a_target_that_sees_no_sealed_layer_needs_no_key(folder: Path) -> None:
    done = run(folder, "build", "staging", "--out", "out", env=NO_KEY)
    assert done.code == 0, done.said
    assert run(folder, "validate", "staging", env=NO_KEY | {"CI": "1"}).code == 0


def test_a_sealed_value_is_revealed_where_it_can_be_opened(folder: Path) -> None:
    assert f"TOKEN  {SECRET}" in run(folder, "show", WEB, "--reveal", env=KEY).stdout
    closed = run(folder, "show", WEB, "--reveal", env=NO_KEY)
    assert ("[sealed]" in closed.stdout, "`validate --sealed require` makes this an error" in closed.stderr) == (
        True,
        True,
    )
    assert "[sealed]" in without_secret(run(folder, "show", WEB, env=KEY)).stdout
    assert SECRET in run(folder, "explain", WEB, "TOKEN", "--reveal", env=KEY).stdout
    assert "[sealed]" in without_secret(run(folder, "explain", WEB, "TOKEN", env=KEY)).stdout


@pytest.mark.parametrize("use", ["open", "require"])
def test_a_file_that_was_changed_without_the_key_gives_nothing(folder: Path, use: str) -> None:
    other = sealed_layer(TOKEN="another-secret").splitlines()[0]
    text = (folder / SEALED).read_text()
    (folder / SEALED).write_text(text.replace(text.splitlines()[0], other))
    done = run(folder, "validate", "--sealed", use, env=KEY)
    assert (done.code, "altered-layer" in done.stdout) == (1, True), done.said


def test_a_strangers_layers_are_not_opened(folder: Path) -> None:
    done = run(folder, "validate", "--no-schemas", env=KEY)
    assert done.code == 0
    assert "the values of 1 sealed layer were not checked" in done.stderr


def test_the_index_is_judged_with_its_sealed_values(folder: Path) -> None:
    for words in (("init", "-q"), ("add", "-A")):
        subprocess.run(["git", *words], cwd=folder, check=True)
    assert run(folder, "validate", "--staged", env=KEY).code == 0
    write_tree(folder, {SEALED: sealed_layer(TOKEN="short")})
    subprocess.run(["git", "add", "-A"], cwd=folder, check=True)
    assert run(folder, "validate", "--staged", env=KEY).code == 1
    assert "not checked" in run(folder, "validate", "--staged", env=NO_KEY).stderr


def test_each_sealed_layer_is_parsed_once_however_many_processes_see_it(folder: Path) -> None:
    wide = [f"configs/{name}.sops.yaml" for name in ("common", "production", "accounts/web/common")]
    write_tree(folder, {path: sealed_layer(**{f"URL_{number}": "x"}) for number, path in enumerate(wide)})
    tree = read_tree(str(folder)).opening("require")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOPS_AGE_KEY", KEY["SOPS_AGE_KEY"])
        parsed = first_arguments("compose", lambda: compile_tree(tree))
    assert sorted(str(path) for path in parsed if str(path).endswith(".sops.yaml")) == sorted([SEALED, *wide])


def committed(folder: Path) -> None:
    for git in (("init", "-q"), ("add", "-A"), ("-c", "user.name=a", "-c", "user.email=a", "commit", "-qm", "one")):
        subprocess.run(["git", *git], cwd=folder, check=True)


@pytest.mark.parametrize("is_before", [True, False], ids=["mended", "altered"])
def test_a_layer_that_was_altered_makes_only_its_own_side_invalid(folder: Path, is_before: bool) -> None:
    whole = (folder / SEALED).read_text()
    altered = whole.replace("2026-01-31", "2026-01-30")
    assert altered != whole
    (folder / SEALED).write_text(altered if is_before else whole)
    committed(folder)
    (folder / SEALED).write_text(whole if is_before else altered)
    done = run(folder, "diff", "HEAD:", "--format", "json", env=KEY)
    said = json.loads(done.stdout)
    becomes, other = ("becomes_valid", "becomes_invalid") if is_before else ("becomes_invalid", "becomes_valid")
    assert (said[becomes], said[other]) == ([WEB], []), done.said


def test_a_data_key_that_both_sides_have_is_opened_once(folder: Path) -> None:
    committed(folder)
    write_tree(folder, {"configs/accounts/staging.yaml": "TOKEN: in-the-clear-too\n"})
    opened = first_arguments("open_with_age", lambda: run(folder, "diff", "HEAD:", env=KEY))
    assert len(opened) == 1


LIBRARIES = ("pyrage", "cryptography")
HIDDEN = "import sys\nsys.modules.update(dict.fromkeys({}))\n"
ALL = """\
import io, sys
from envtree.cli.main import main
for words in {}:
    sys.argv, sys.stdin = ["envtree", *words], io.TextIOWrapper(io.BytesIO(b"new-value"))
    sys.stderr.write("\\0")
    code = main()
    sys.stdout.flush()
    sys.stderr.write(f"\\0{{code}} {{[each for each in {} if sys.modules.get(each)]}}\\0")
"""


def one_after_the_other(folder: Path, lines: Iterable[tuple[str, ...]], **more: str) -> Iterator[tuple[str, str]]:
    """Command lines in one process; what each said on stderr, its exit code and what was imported by its end."""
    command, environment = [sys.executable, "-c", ALL.format([*lines], LIBRARIES)], {**os.environ, **KEY, **more}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    parts = done.stdout.split("\0")
    return zip(parts[1::3], parts[2::3], strict=True)


REFUSED = {
    ("validate",): 0,
    ("validate", "--sealed", "require"): 1,
    ("build", "--out", "out"): 1,
    ("show", WEB, "--reveal"): 0,
    ("exec", WEB, "--", "true"): 111,
    ("set", "production/accounts", "TOKEN"): 2,
    ("unset", "production/accounts", "TOKEN", "--force"): 2,
}


@pytest.mark.parametrize("missing", [LIBRARIES, LIBRARIES[1:]], ids=["both", "cryptography"])
def test_without_the_extra_each_verb_names_it(missing: tuple[str, ...], folder: Path, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(HIDDEN.format(missing))
    ended = one_after_the_other(folder, REFUSED, PYTHONPATH=str(tmp_path), CI="")
    for (words, code), (said, end) in zip(REFUSED.items(), ended, strict=True):
        assert (end.split()[0], "`pip install 'envtree[secrets]'`" in said) == (str(code), True), (words, said, end)
    assert ("pyrage" in end) == ("pyrage" not in missing)


LINES = (
    ("validate",),
    ("build", "--out", "out"),
    ("show", WEB, "--reveal"),
    ("explain", WEB, "TOKEN", "--reveal"),
    ("lint",),
    ("diff", "HEAD:"),
    ("history", WEB),
    ("schema",),
    ("set", "staging/accounts", "TOKEN", "--clear"),
    ("unset", "staging/accounts", "TOKEN", "--force"),
)


def test_a_tree_without_sealed_layers_needs_neither_library(folder: Path) -> None:
    """At the end of each, nothing is there that it or those before it have imported."""
    (folder / SEALED).rename(folder.parent / "kept")
    write_tree(folder, {"configs/accounts/production.yaml": "TOKEN: in-the-clear\n"})
    committed(folder)
    for words, (said, end) in zip(LINES, one_after_the_other(folder, LINES), strict=True):
        assert end in ("0 []", "1 []"), (words, said, end)
