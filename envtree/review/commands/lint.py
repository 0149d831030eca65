"""`envtree lint`: find what a valid tree doesn't need or should not hold, and remove the lines that change nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import compile_tree, read_tree
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, in_order
from envtree.core.model.source import WORKTREE, Source
from envtree.review.commands.leaks import read_text, search
from envtree.review.lint.leaks import concerning, text_leaks
from envtree.review.lint.lint import OF_VALUES
from envtree.review.lint.lint import lint as lint_entries
from envtree.review.lint.quieting import unused_comments, wrong_comments

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.commands.tree import Tree
    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.source import SchemaUse
    from envtree.core.model.tree import Target
    from envtree.review.lint.occurrences import Lint

MAX_ROUNDS = 8
"""One is enough for the present rules; a rule whose fix lets another rule find something would need more."""


class Linted(NamedTuple):
    """What was checked, and what was found; `errors` counts the errors of the tree, which may hide findings."""

    root: str
    source: Source
    text: Source
    """The source, and the files beside it that were searched for secrets."""
    compilation: Compilation | None
    own: Mapping[Target, Node]
    """The selected targets, with what each gets."""
    found: tuple[Lint, ...]
    leaks: tuple[Diagnostic, ...]
    """The secrets that are in no entry that a process sees, and comments that quiet without effect or reason."""
    errors: int

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return all that was found, sorted by place."""
        return in_order((*(each.diagnostic for each in self.found), *self.leaks))


class Fixed(NamedTuple):
    """What was found in a tree after it was fixed, what was removed, and what had to stay, with the reason."""

    linted: Linted
    removed: tuple[Lint, ...]
    left: tuple[tuple[Lint, str], ...]


def lint(folder: str, selectors: tuple[str, ...] = (), revision: str = WORKTREE, schemas: SchemaUse = "run") -> Linted:
    """Check the lines that the selected targets see (none selected: all lines). Raises EnvtreeError without a tree.

    If a file, the settings or the schemas can't be understood, nothing is found, since nothing is certain then.
    """
    return _lint(read_tree(folder, revision, schemas).opening("open"), selectors)


def fix(folder: str, selectors: tuple[str, ...] = (), revision: str = WORKTREE, schemas: SchemaUse = "run") -> Fixed:
    """Remove the lines that change nothing, and check what is left.

    Nothing is written unless every process gets the same as before, from a tree without an error. Raises EnvtreeError
    if that is not possible, and as `lint`.
    """
    if revision != WORKTREE:
        raise _cannot_fix("a commit and the index can't be mended", "leave out `--ref` and `--staged`")
    tree = read_tree(folder, schemas=schemas).opening("open")
    linted = before = _lint(tree, selectors)
    if before.errors:
        raise _cannot_fix("only a tree without errors can be mended", "`envtree validate` shows them")
    removed: list[Lint] = []
    left: dict[Lint, str] = {}
    for _ in range(MAX_ROUNDS):
        files, gone, left = _remove_lines(linted)
        if not gone:
            break
        removed += gone
        source = Source({**linted.source.files, **files}, linted.source.refused)
        linted = _lint(tree.having(source), selectors)
        _prove(before, linted)
    _write(tree, linted.source)
    return Fixed(linted, tuple(removed), tuple(left.items()))


def _lint(tree: Tree, selectors: tuple[str, ...]) -> Linted:
    from envtree.core.compile import select

    compilation, problems = compile_tree(tree)
    tree_errors = errors(problems)
    text = read_text(tree)
    source, shown = tree.source, Source(text.files, tree.source.refused)
    if compilation is None:
        return Linted(tree.root, source, shown, None, {}, (), search(tree, text).diagnostics, len(tree_errors))
    own = {target: compilation.own[target] for target in select(compilation.project, selectors)}
    if not all(each.code in OF_VALUES for each in tree_errors):
        return Linted(tree.root, source, shown, compilation, own, (), search(tree, text).diagnostics, len(tree_errors))
    found, used = lint_entries(compilation, own, source, text.disclosure)
    files = _files_beside_entries(compilation, text.files)
    if selectors:
        files = {path: files[path] for path in concerning(files, own, compilation.project)}
    leaks, also_used = text_leaks(files, text.disclosure)
    is_whole = not (selectors or tree_errors or tree.schemas == "read")
    unused = tuple(unused_comments(text.disclosure, used | also_used)) if is_whole else ()
    comments = (*wrong_comments(text.disclosure, files, {each.span for each in unused}), *unused)
    return Linted(tree.root, source, shown, compilation, own, found, (*leaks, *comments), len(tree_errors))


def _files_beside_entries(compilation: Compilation, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files of a tree but for those that a `!file` delivers: what is in them is judged by its entry."""
    entries = (entry for node in compilation.own.values() for each in node.provenance.values() for entry in each)
    known = {entry.text.rstrip("\r\n") for entry in entries if entry.text}
    return {
        path: data
        for path, data in files.items()
        if path not in compilation.named or data.decode("utf-8", "replace").rstrip("\r\n") not in known
    }


def _remove_lines(linted: Linted) -> tuple[dict[str, bytes], list[Lint], dict[Lint, str]]:
    """Return files without the lines that repeat what is inherited, the removed lines, and those that must stay."""
    from envtree.adapters.files.rewrite import linked_files
    from envtree.core.yaml.remove import remove_entries

    by_file: dict[str, dict[str, Lint]] = {}
    for each in linted.found:
        if each.repeats:
            by_file.setdefault(each.entry.file, {})[each.entry.name] = each
    links = linked_files(linted.root, linted.source.files) if by_file else {}
    files: dict[str, bytes] = {}
    gone: list[Lint] = []
    left: dict[Lint, str] = {}
    for file, lints in by_file.items():
        if file in links:
            left.update((each, links[file]) for each in lints.values())
            continue
        files[file], stay = remove_entries(file, linted.source.files[file], tuple(lints))
        left.update((lints[name], why) for name, why in stay.items())
        gone += (each for name, each in lints.items() if name not in stay)
    return files, gone, left


def _prove(before: Linted, after: Linted) -> None:
    """Check that every process gets the same, byte for byte, without an error: no bug of envtree may reach a file."""
    if after.errors or not after.compilation or _values(before.compilation) != _values(after.compilation):
        raise _cannot_fix("without these lines, a process would get something else", "please report it as a bug")


def _values(compilation: Compilation | None) -> Mapping[object, object]:
    return {target: node.values for target, node in compilation.own.items()} if compilation else {}


def _write(tree: Tree, source: Source) -> None:
    from envtree.adapters.files.lock import locked_tree
    from envtree.adapters.files.rewrite import FileEdit, rewrite

    before, after = tree.source.files, source.files
    with locked_tree(tree.root):
        rewrite(
            tree.root, [FileEdit(path, before[path], after[path]) for path in before if before[path] != after[path]]
        )


def _cannot_fix(message: str, advice: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("cannot-fix", f"nothing was written: {message}", help=advice))
