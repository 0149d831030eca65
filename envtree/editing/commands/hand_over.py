"""`envtree secret edit` and `rotate`: the user's own sops does it, with its clear text in memory alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.keys.sops import run_sops
from envtree.commands.tree import root_of, tree_of_files
from envtree.core.compile import read_project_of
from envtree.core.layers.layout import SEALED_SUFFIX, sealed_files
from envtree.core.layers.scope import read_scope
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import CONFIGS
from envtree.core.sealed.document import read_sealed

if TYPE_CHECKING:
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project


class HandedOver(NamedTuple):
    """The sealed files that sops was given, and what is wrong with them since."""

    paths: tuple[str, ...]
    source: Source
    problems: tuple[Diagnostic, ...]


def edit_sealed_file(folder: str, selector: str) -> HandedOver:
    """Let sops open the sealed file of a scope in the user's editor; raises EnvtreeError where that fails."""
    root = root_of(folder)
    tree = tree_of_files(root)
    project, _ = read_project_of(tree.source)
    path = _path(tree.source, project, selector)
    _run(("edit", path), root, path)
    return _judged(root, (path,))


def rotate(folder: str, selector: str | None) -> HandedOver:
    """Give the sealed file of a scope (None: all) a new data key, for those whom `.sops.yaml` names today.

    Raises EnvtreeError where that fails; the files before are done.
    """
    root = root_of(folder)
    tree = tree_of_files(root)
    project, _ = read_project_of(tree.source)
    every = sealed_files(tree.source, project.targets)
    paths = every if selector is None else (_path(tree.source, project, selector),)
    for path in paths:
        _run(("updatekeys", "--yes", path), root, path)
        _run(("rotate", "--in-place", path), root, path)
    return _judged(root, paths)


def _path(source: Source, project: Project, selector: str) -> str:
    path = f"{CONFIGS}{read_scope(project, selector).layer_id}{SEALED_SUFFIX}"
    if path not in source.files:
        message = f"`{selector}` has no sealed file: there is no `{path}`"
        raise EnvtreeError(Diagnostic("unknown-target", message, help="`envtree set` makes one, with a secret in it"))
    return path


def _run(words: tuple[str, ...], root: str, path: str) -> None:
    """Run sops on a file; raises EnvtreeError where it fails. What it said, the user has seen."""
    code = run_sops(words, root, os.environ)
    if code is None:
        advice = "install sops: https://getsops.io; `envtree set` needs none"
        raise EnvtreeError(Diagnostic("cannot-execute", "there is no `sops` on your PATH", help=advice))
    if code not in (0, UNCHANGED):
        message = f"`sops {words[0]}` ended with exit code {code} for `{path}`"
        raise EnvtreeError(Diagnostic("cannot-execute", message, help="its own words are above"))


UNCHANGED = 200
"""What sops ends with where the user changed nothing in the editor."""


def _judged(root: str, paths: tuple[str, ...]) -> HandedOver:
    source = tree_of_files(root).source
    problems = (
        problem for path in paths if path in source.files for problem in read_sealed(path, source.files[path])[1]
    )
    return HandedOver(paths, source, tuple(problems))
