"""This checkout as others get it: a repository with all that git would take of it, committed."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

from tests.builders import ROOT
from tests.repositories import git, init

if TYPE_CHECKING:
    from pathlib import Path

ADDRESS: str = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["urls"]["Homepage"]
"""Where the repository is said to be."""


def publish(folder: Path) -> Path:
    """Commit the files as they are now, but for ignored ones, whoever owns the checkout and whatever its history is."""
    init(folder)
    git(ROOT, f"--git-dir={folder / '.git'}", f"--work-tree={ROOT}", "add", "--all")
    git(folder, "commit", "--quiet", "--message=envtree")
    git(folder, "reset", "--quiet", "--hard")
    return folder
