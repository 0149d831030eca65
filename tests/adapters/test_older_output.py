"""An output whose current generation an older envtree built, or a newer one: refused, said so, and built over."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

import pytest

from envtree.core.output.manifest import name_of
from envtree.core.output.record import FORMAT
from tests.builders import Ran, envtree_here, small_tree, write_tree

if TYPE_CHECKING:
    from pathlib import Path


class Old(NamedTuple):
    """A tree, an output, and its one generation."""

    tree: Path
    out: Path
    generation: str

    def run(self, *words: str) -> Ran:
        return envtree_here(*words)

    def build(self, *words: str) -> Ran:
        return self.run("build", "-C", str(self.tree), "--out", str(self.out), *words)


@pytest.fixture(params=[FORMAT - 1, FORMAT + 1], ids=["older", "newer"])
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Old:
    tree, out = write_tree(tmp_path / "tree", small_tree(**{"configs/common.yaml": "A: '1'\n"})), tmp_path / "out"
    assert envtree_here("build", "-C", tree, "--out", out).code == 0
    name = as_of_format(out, request.param)
    return Old(tree, out, name)


def as_of_format(out: Path, number: int) -> str:
    """Turn what was just built into what an envtree with another format would have left."""
    before = (out / "current").resolve()
    manifest = json.loads((before / "manifest.json").read_text()) | {"format": number}
    text = json.dumps({key: value for key, value in manifest.items() if key != "scripts"})
    (before / "manifest.json").write_text(text)
    before.rename(before.with_name(name_of(text)))
    (out / "current").unlink()
    (out / "current").symlink_to(f"generations/{name_of(text)}")
    log = (out / "log.jsonl").read_text()
    (out / "log.jsonl").write_text(
        log.replace(before.name, name_of(text)).replace(f'"format": {FORMAT}', f'"format": {number}')
    )
    return name_of(text)


def says_whose_it_is(done: Ran) -> bool:
    said = done.out + done.err
    return "error[unusable-output]" in said and "envtree: it has format" in said and "Traceback" not in said


def test_verify_says_who_built_it(old: Old) -> None:
    done = old.run("verify", str(old.out))
    assert (done.code, says_whose_it_is(done)) == (2, True)


def test_diff_says_who_built_it(old: Old) -> None:
    done = old.run("diff", "-C", str(old.tree), f"dir:{old.out}", "production/accounts/web")
    assert (done.code, says_whose_it_is(done)) == (2, True)


def test_build_replaces_it_and_shares_its_envdirs(old: Old) -> None:
    done = old.build()
    assert done.code == 0, done.err
    assert (old.out / "current").resolve().name != old.generation
    assert old.run("verify", str(old.out)).code == 0


def test_a_dry_run_sees_that_no_variable_changes(old: Old) -> None:
    done = old.build("--dry-run")
    assert done.code == 0
    assert "production" not in done.out


def test_rollback_to_it_is_refused_and_changes_nothing(old: Old) -> None:
    assert old.build().code == 0
    now = (old.out / "current").readlink()
    for words in ([], ["--to", old.generation[:12]]):
        done = old.run("rollback", str(old.out), *words)
        assert (done.code, says_whose_it_is(done)) == (2, True)
        assert (old.out / "current").readlink() == now


def test_it_is_pruned_in_its_time_with_what_only_it_had(old: Old) -> None:
    for number in range(2, 6):
        (old.tree / "configs/common.yaml").write_text(f"A: '{number}'\n")
        assert old.build("--keep", "1").code == 0
    generations = [path.name for path in (old.out / "generations").iterdir()]
    assert len(generations) == 2
    assert old.generation not in generations
    used = {
        digest
        for name in generations
        for digest in json.loads((old.out / "generations" / name / "manifest.json").read_text())["envdirs"].values()
    }
    assert {path.name for path in (old.out / "envdirs").iterdir()} == used


def test_a_manifest_that_was_given_another_format_is_damaged_not_old(tmp_path: Path) -> None:
    tree, out = write_tree(tmp_path / "tree", small_tree()), tmp_path / "out"
    assert envtree_here("build", "-C", tree, "--out", out).code == 0
    path = out / "current/manifest.json"
    path.write_text(path.read_text().replace(f'"format": {FORMAT}', '"format": 7'))
    assert "error[damaged-output]" in envtree_here("verify", out).out
    assert envtree_here("build", "-C", tree, "--out", out, "--repair").code == 0
    assert envtree_here("verify", out).code == 0
