"""`envtree secret edit` and `rotate`: the user's own sops does it, with its clear text in memory alone."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.files.creation_rules import find_rules
from envtree.adapters.files.lock import locked_tree
from envtree.adapters.keys.sops import run_sops
from envtree.commands.steps.root import root_of
from envtree.commands.steps.sealing import find_recipients
from envtree.commands.tree import tree_of_files
from envtree.core.compile import read_project_of
from envtree.core.layers.layout import SEALED_SUFFIX, environments_seeing, layer_id_of, sealed_files
from envtree.core.layers.scope import read_scope
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.model.source import CONFIGS, SEALING_RULES
from envtree.core.model.tree import COMMON
from envtree.core.render.mask import from_outside
from envtree.core.sealed.document import read_sealed

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project

SHOWN = 80
"""Characters of a recipient that a message shows."""
MAX_NAMED = 4
UNCHANGED = 200
"""What sops ends with where the user changed nothing in the editor."""


class HandedOver(NamedTuple):
    """The sealed files that sops was given, and what is wrong with them since."""

    paths: tuple[str, ...]
    source: Source
    problems: tuple[Diagnostic, ...]


def edit_sealed_file(folder: str, selector: str, on_wait: Callable[[], None]) -> HandedOver:
    """Let sops open the sealed file of a scope in the user's editor; raises EnvtreeError where that fails.

    Other edits of the tree wait meanwhile: sops writes the whole file as it was read, with what the editor changed.
    """
    root = root_of(folder)
    with locked_tree(root, on_wait):
        tree = tree_of_files(root)
        project, _ = read_project_of(tree.source)
        path = _path(tree.source, project, selector)
        _run(("edit", path), root, path)
        return _judged(root, (path,))


def rotate(folder: str, selector: str | None, on_wait: Callable[[], None]) -> HandedOver:
    """Give the sealed file of a scope (None: all) a new data key, for those whom `.sops.yaml` names today.

    Raises EnvtreeError where that fails; the files before are done.
    """
    root = root_of(folder)
    with locked_tree(root, on_wait):
        tree = tree_of_files(root)
        project, _ = read_project_of(tree.source)
        every = sealed_files(tree.source, project.targets)
        paths = every if selector is None else (_path(tree.source, project, selector),)
        rules = {path: find_rules(root, path) for path in paths}
        for path in paths:
            _check_recipients(root, project, path)
        for path in paths:
            _run(("--config", f"{rules[path].folder}/{SEALING_RULES}", "updatekeys", "--yes", path), root, path)
            _run(("rotate", "--in-place", path), root, path)
        return _judged(root, paths)


def _check_recipients(root: str, project: Project, path: str) -> None:
    """Raise EnvtreeError where the rule of a layer of all environments leaves out who opens the layers of one."""
    layer_id = layer_id_of(path)
    if posixpath.basename(layer_id) != COMMON:
        return
    try:
        own, recipients = find_recipients(root, path, environments_seeing(layer_id, project.targets))
    except EnvtreeError:  # sops knows more kinds of rules, and says itself what it doesn't know
        return
    known = {(each.kind, each.name) for each in own.recipients}
    if lacking := [each.name for each in recipients if (each.kind, each.name) not in known]:
        named = some((f"`{from_outside(each, SHOWN)}`" for each in lacking), MAX_NAMED)
        message = f"the rule for `{path}` leaves out {named}, who can open the layers of an environment"
        advice = "add them to that rule: what all environments share is needed with the layers of each"
        raise EnvtreeError(Diagnostic("cannot-edit", message, own.span, help=advice))


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
        message = f"`sops` ended with exit code {code} for `{path}`"
        raise EnvtreeError(Diagnostic("cannot-execute", message, help="its own words are above"))


def _judged(root: str, paths: tuple[str, ...]) -> HandedOver:
    source = tree_of_files(root).source
    problems = (
        problem for path in paths if path in source.files for problem in read_sealed(path, source.files[path])[1]
    )
    return HandedOver(paths, source, tuple(problems))
