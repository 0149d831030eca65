"""An output that an image holds, below an overlay as containers have it: folders of the lower layer can't be moved."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.builders import ROOT, envtree_here, write_tree

if TYPE_CHECKING:
    from pathlib import Path

TREE = {
    "envtree.yaml": "environments: {production: {instance: together}}\n",
    "configs/app/service.yaml": "processes: {web: {command: web}}\n",
}
SCRIPT = """\
set -e
mount -t tmpfs tmpfs "$1/upper"
mkdir "$1/upper/up" "$1/upper/work"
mount -t overlay overlay -o lowerdir="$1/lower,upperdir=$1/upper/up,workdir=$1/upper/work" "$1/merged"
shift
cd merged
for count in 1 2; do "$@"; done
ls out/generations | wc -l
"""


@pytest.mark.root
def test_generations_of_a_lower_layer_are_pruned(tmp_path: Path) -> None:
    for name in ("lower", "upper", "merged"):
        (tmp_path / name).mkdir()
    for level in range(5):
        write_tree(tmp_path / "lower/tree", {**TREE, "configs/common.yaml": f"LEVEL: '{level}'\n"})
        done = envtree_here(
            "build", "-C", tmp_path / "lower/tree", "--out", tmp_path / "lower/out", "--keep", "9", "-q"
        )
        assert done.code == 0, done.err
    assert len(list((tmp_path / "lower/out/generations").iterdir())) == 5
    write_tree(tmp_path / "lower/tree", {"configs/common.yaml": "LEVEL: new\n"})
    build = (sys.executable, "-m", "envtree", "build", "-C", "tree", "--out", "out", "--keep", "1")
    words = ["unshare", "-m", "sh", "-c", SCRIPT, "sh", str(tmp_path), *build]
    environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PYTHONPATH": str(ROOT)}
    ran = subprocess.run(words, capture_output=True, text=True, check=False, cwd=tmp_path, env=environ)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "2"
