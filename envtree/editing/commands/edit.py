"""The steps that all edits share: lock, new bytes, the tree as it will be, what that changes, writing."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.adapters.files.lock import locked_tree
from envtree.adapters.files.rewrite import FileEdit, rewrite
from envtree.commands.steps.root import root_of
from envtree.core.model.diagnostic import Diagnostic, errors, in_order
from envtree.core.model.source import Source
from envtree.editing.changes.layer import with_entries, without_entries
from envtree.editing.changes.notes import notes
from envtree.editing.changes.problems import new_problems
from envtree.editing.commands.opened import (
    OpenedScope,
    check_links,
    compile_both,
    open_scope,
    own_entries,
)
from envtree.editing.commands.sealed_file import edit_sealed
from envtree.review.commands.diff_report import report_of
from envtree.review.diff.comparison import Pair
from envtree.review.diff.edits import says_the_same

if TYPE_CHECKING:
    from collections.abc import Callable

    from envtree.core.layers.scope import Scope
    from envtree.editing.changes.placement import LayerEdit
    from envtree.review.diff.text import DiffReport

Mode = Literal["write", "force", "dry-run"]
"""Whether an edit is written: if the tree stays valid, in any case, or never."""


class Edited(NamedTuple):
    """An edit: what it does to files and processes, what is then wrong, and whether it was written."""

    scope: Scope
    root: str
    source: Source
    """The tree as it is after the edit, written or not."""
    files: dict[str, bytes]
    """The files that are new or different, by path."""
    created: frozenset[str]
    report: DiffReport
    problems: tuple[Diagnostic, ...]
    """What is wrong after the edit, and was not before."""
    older: int
    """How many errors these processes have before the edit, and after it."""
    notes: tuple[str, ...]
    is_written: bool


class Conversation(NamedTuple):
    """What an edit says while it goes on: before it waits for another one, and before it writes."""

    on_wait: Callable[[], None] = lambda: None
    show: Callable[[Edited], None] = lambda _: None


SILENT = Conversation()


def edit(
    folder: str, selector: str, change: Callable[[OpenedScope], LayerEdit], mode: Mode, conversation: Conversation
) -> Edited:
    """Make an edit of one scope, and write it as the mode says; raises EnvtreeError where it can't be made.

    From reading to writing, no other edit of the tree goes on. What can't be shown is not written.
    """
    root = root_of(folder)
    with locked_tree(root, conversation.on_wait) if mode != "dry-run" else contextlib.nullcontext():
        opened = open_scope(root, selector)
        edited = _edited(opened, change(opened))
        conversation.show(edited)
        if mode == "dry-run" or (mode == "write" and errors(edited.problems)):
            return edited
        before = opened.tree.source.files
        rewrite(root, [FileEdit(path, before.get(path), data) for path, data in edited.files.items()])
    return edited._replace(is_written=True)


def _edited(opened: OpenedScope, change: LayerEdit) -> Edited:
    before = opened.tree.source.files
    files: dict[str, bytes] = {}
    if change.sealed or change.gone_from_sealed:  # first, so that a value that moves is never lost
        files[opened.sealed_path] = edit_sealed(opened, change)
    files |= _clear_file(opened, change)
    files = {path: data for path, data in files.items() if before.get(path) != data}
    check_links(opened, tuple(files))
    source = Source({**before, **files}, opened.tree.source.refused)
    one, other = compile_both(opened, source)
    was, now = own_entries(one, opened.scope), own_entries(other, opened.scope)
    touched = [entry for name, entry in now.items() if not says_the_same(was.get(name), entry)]
    problems = in_order(new_problems(one.problems, other.problems, touched))
    report = report_of(one, other, tuple(Pair(each, each) for each in one.views))
    return Edited(
        opened.scope,
        opened.tree.root,
        source,
        files,
        frozenset(files.keys() - before.keys()),
        report._replace(untouched=len(opened.project.targets) - len(one.views), targets=opened.project.targets),
        problems,
        len(set(errors(other.problems)) - set(problems)),
        notes(was, touched, opened.secret),
        is_written=False,
    )


def _clear_file(opened: OpenedScope, change: LayerEdit) -> dict[str, bytes]:
    """Return the clear file of the layer as it is to be; empty where it stays as it is."""
    files: dict[str, bytes] = {}
    path, before = opened.path, opened.tree.source.files.get(opened.path)
    if change.gone_from_clear and before is not None:
        files[path] = before = without_entries(path, before, change.gone_from_clear)
    if change.clear:
        files[path] = with_entries(path, before, change.clear)
    return files
