"""`envtree lint`: what it says and how it ends, and that `--fix` changes no process, no comment and no other line."""

from __future__ import annotations

import json
import random
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from envtree.commands.tree import compile_tree, read_tree
from envtree.review.commands import lint
from tests.builders import Files, small_tree, write_tree
from tests.cli.running import run
from tests.examples import examples
from tests.test_exact import (
    Text,
    Tree,
    Unset,
    a_tree,
    ends_in_blank,
    files_of,
    give_all_references_a_value,
    merged,
    resolution,
    six_layers,
)

if TYPE_CHECKING:
    from random import Random

REPEATS = small_tree(**{"configs/common.yaml": "A: 1\n", "configs/production.yaml": "# why\nA: 1\nB: 2\n"})
BOM = "\ufeff".encode()
FIXED = "fixed configs/production.yaml:2: removed A, which repeats configs/common.yaml:1\n"


def layers(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.yaml"))}


def test_a_tree_with_nothing_to_find_is_said_to_have_none(tmp_path: Path) -> None:
    write_tree(tmp_path, small_tree(**{"configs/common.yaml": "A: 1\n"}))
    done = run(tmp_path, "lint")
    assert done == (0, "", "nothing found: 2 processes of 1 service in 2 environments, 1 variable\n")
    assert run(tmp_path, "lint", "-q") == (0, "", "")
    assert "1 process of 1 service in 1 environment," in run(tmp_path, "lint", "staging").stderr


def test_findings_are_data_and_end_with_one(tmp_path: Path) -> None:
    write_tree(tmp_path, REPEATS)
    done = run(tmp_path, "lint")
    assert done.code == 1
    assert "warning[redundant-override]: `A` repeats what it inherits\n" in done.stdout
    assert done.stderr == "1 of these can be fixed: `envtree lint --fix`\n"
    assert run(tmp_path, "lint", "-q").stderr == ""
    assert run(tmp_path, "lint", "staging").code == 0


@pytest.mark.parametrize("words", [("lint",), ("lint", "--fix")])
def test_formats_are_those_of_validate(words: tuple[str, ...], tmp_path: Path) -> None:
    write_tree(tmp_path, {**REPEATS, "configs/production.yaml": "{A: 1, B: 2}\n"})
    short = run(tmp_path, *words, "--format", "short").stdout
    assert short == "configs/production.yaml:1:2: warning[redundant-override]: `A` repeats what it inherits\n"
    (each,) = json.loads(run(tmp_path, *words, "--format", "json").stdout)["diagnostics"]
    assert (each["code"], each["severity"], each["line"]) == ("redundant-override", "warning", 1)
    github = run(tmp_path, *words, "--format", "github").stdout
    assert github.startswith("::warning file=configs/production.yaml,line=1,")
    (log,) = json.loads(run(tmp_path, *words, "--format", "sarif").stdout)["runs"]
    assert log["results"][0]["level"] == "warning"


def test_what_can_go_is_removed_and_said(tmp_path: Path) -> None:
    write_tree(tmp_path, REPEATS)
    done = run(tmp_path, "lint", "--fix")
    assert (done.code, done.stdout) == (0, "")
    assert done.stderr.startswith(f"{FIXED}nothing found: ")
    assert (tmp_path / "configs/production.yaml").read_text() == "# why\nB: 2\n"
    assert "fixed" not in run(tmp_path, "lint", "--fix").stderr


def test_only_lines_that_the_selected_see_are_removed(tmp_path: Path) -> None:
    write_tree(tmp_path, {**REPEATS, "configs/staging.yaml": "A: 1\n"})
    assert run(tmp_path, "lint", "--fix", "production").stderr.startswith(FIXED)
    assert (tmp_path / "configs/staging.yaml").read_text() == "A: 1\n"


def test_a_tree_below_the_current_folder_is_mended(tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", REPEATS)
    assert run(tmp_path, "lint", "--fix", "-q", "-C", "tree/configs") == (0, "", "")
    assert (tmp_path / "tree/configs/production.yaml").read_text() == "# why\nB: 2\n"


def test_a_commit_is_looked_at_and_not_mended(tmp_path: Path) -> None:
    write_tree(tmp_path, REPEATS)
    for words in (("init", "-q"), ("add", "."), ("-c", "user.name=a", "-c", "user.email=b", "commit", "-qm", "x")):
        subprocess.run(["git", *words], cwd=tmp_path, check=True)
    assert run(tmp_path, "lint", "--fix", "-q").code == 0
    assert run(tmp_path, "lint", "--ref", "HEAD").code == run(tmp_path, "lint", "--staged").code == 1
    for option in ("--ref=HEAD", "--staged"):
        done = run(tmp_path, "lint", "--fix", option)
        assert done.code == 2
        assert "nothing was written: a commit and the index can't be mended\n" in done.stderr
    assert run(tmp_path, "lint").code == 0


ERRORS: dict[str, tuple[Files, bool]] = {
    "of a value": ({"configs/accounts/web/production.yaml": "C: !json {a: .nan}\n"}, True),
    "of a whole file": ({"configs/staging.yaml": "A: [\n"}, False),
    "of a name of a file": ({"configs/prodution.yaml": "A: 1\n"}, False),
    "of the settings": ({"envtree.yaml": "environments: []\n"}, False),
    "of a schema": ({"schemas/common.py": "1 / 0\n"}, False),
}


@pytest.mark.parametrize("which", ERRORS)
def test_a_tree_with_errors_is_looked_at_as_far_as_is_certain_and_never_mended(which: str, tmp_path: Path) -> None:
    more, certain = ERRORS[which]
    write_tree(tmp_path, {**REPEATS, **more})
    before = layers(tmp_path)
    done = run(tmp_path, "lint")
    assert done.code == (1 if certain else 2)
    assert ("redundant-override" in done.stdout) == certain
    assert "the tree has 1 error, and not all could be looked at: see `envtree validate`\n" in done.stderr
    done = run(tmp_path, "lint", "--fix")
    assert done.code == 2
    assert "error[cannot-fix]: nothing was written: only a tree without errors can be mended\n" in done.stderr
    assert layers(tmp_path) == before


def test_an_error_and_nothing_found_is_no_answer(tmp_path: Path) -> None:
    write_tree(tmp_path, small_tree(**{"configs/common.yaml": "A: !json {a: .nan}\n"}))
    assert run(tmp_path, "lint").code == 2


def test_an_unknown_selector_is_an_error(tmp_path: Path) -> None:
    write_tree(tmp_path, REPEATS)
    for words in (("lint", "prod"), ("lint", "--fix", "prod")):
        assert run(tmp_path, *words).code == 2
    assert layers(tmp_path)["configs/production.yaml"] == b"# why\nA: 1\nB: 2\n"


def test_a_file_that_goes_wrong_when_cut_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tree(tmp_path, REPEATS)
    monkeypatch.setattr(
        "envtree.core.yaml.remove.remove_entries", lambda _, data, names: (data.replace(b"B: 2", b"B: 3"), {})
    )
    done = run(tmp_path, "lint", "--fix")
    assert done.code == 2
    assert "nothing was written: without these lines, a process would get something else" in done.stderr
    assert layers(tmp_path)["configs/production.yaml"] == b"# why\nA: 1\nB: 2\n"


def test_a_file_that_changes_meanwhile_is_not_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_tree(tmp_path, REPEATS) / "configs/production.yaml"
    prove = lint._prove

    def late(before: lint.Linted, after: lint.Linted) -> None:
        prove(before, after)
        file.write_text("mine: 1\n")

    monkeypatch.setattr(lint, "_prove", late)
    done = run(tmp_path, "lint", "--fix")
    assert (done.code, file.read_text()) == (2, "mine: 1\n")
    assert "error[cannot-fix]: `configs/production.yaml` changed while it was looked at\n" in done.stderr


# Random trees, with much that repeats.


def repeating_tree(source: Random, *, names: int) -> Tree:
    """A tree whose layers say again, here and there, what their targets inherit."""
    tree = a_tree(source, names=names)
    for where in tree.targets():
        places = six_layers(where)
        for at in range(1, len(places)):
            inherited = merged(tree, places[:at])
            for name in sorted(inherited):
                if isinstance(inherited[name], Text | Unset) and source.random() < 0.25:
                    tree.layers.setdefault(places[at], {})[name] = inherited[name]
    give_all_references_a_value(tree, source)
    return tree


def lines(data: bytes) -> list[bytes]:
    return [line.removesuffix(b"\r") for line in data.removeprefix(BOM).split(b"\n")]


def is_subsequence(shorter: list[bytes], longer: list[bytes]) -> bool:
    rest = iter(longer)
    return all(line in rest for line in shorter)


def mend(source: Random, root: Path, *, names: int = 12) -> int:
    """Make a random tree, mend it, and hold what came out against the tree as it was meant; how much was removed."""
    tree = repeating_tree(source, names=names)
    if ends_in_blank(tree):
        return 0
    write_tree(root, files_of(tree, source))
    before = layers(root)
    was, _ = compile_tree(read_tree(str(root)))
    done = run(root, "lint", "--fix", "--max", "1")
    assert done.code in (0, 1), done
    after = layers(root)
    now, problems = compile_tree(read_tree(str(root)))
    assert was is not None
    assert now is not None
    assert not [each for each in problems if each.severity == "error"]
    values = {str(target): dict(node.values) for target, node in now.own.items()}
    assert values == {"/".join(where): resolution(tree, where) for where in tree.targets()}
    envdirs = {place: node.changes for place, node in now.nodes.items()}
    assert envdirs == {place: node.changes for place, node in was.nodes.items()}
    assert after.keys() == before.keys()
    for path, data in before.items():
        assert (after[path][:3] == BOM) == (data[:3] == BOM)
        old, new = lines(data), lines(after[path])
        assert is_subsequence([line for line in new if line], old)
        assert new.count(b"# a comment") == old.count(b"# a comment")
        assert new.count(b"  # an indented one") == old.count(b"  # an indented one")
    removed = len(re.findall("^fixed ", done.stderr, re.MULTILINE))
    assert (removed > 0) == (after != before)
    again = run(root, "lint", "--fix", "--max", "0")
    assert "fixed " not in again.stderr
    assert again.stdout.count("warning[redundant-override]") == len(re.findall("^left ", again.stderr, re.MULTILINE))
    assert layers(root) == after
    return removed


def test_three_hundred_lines_of_random_trees_go_and_no_process_notices(tmp_path: Path) -> None:
    removed = seed = 0
    while removed < 300:
        removed += mend(random.Random(seed), tmp_path / str(seed))
        seed += 1


@given(st.randoms(use_true_random=False))
@examples(10, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_tree_can_be_mended_without_a_process_noticing(source: Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        mend(source, Path(folder), names=4)


@pytest.mark.soak
def test_ten_thousand_lines_of_random_trees_go_and_no_process_notices(tmp_path: Path) -> None:
    removed, seed = 0, random.SystemRandom().randrange(1 << 40)
    while removed < 10_000:
        removed += mend(random.Random(seed), tmp_path / str(seed))
        seed += 1
