"""`envtree lint`: what a valid tree could do without, or should not hold; and how the lines go that surely can."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.commands.tree import Tree, compile_tree, read_tree
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.source import WORKTREE, Source
from envtree.review.lint.lint import OF_VALUES, lint

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.compile import Compilation
    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import Target
    from envtree.review.lint.occurrences import Lint

MAX_ROUNDS = 8
"""One is enough as the rules are; a rule that makes work for another would take more."""


class Linted(NamedTuple):
    """What was looked at, and what was found; how many errors kept lines from being looked at."""

    root: str
    source: Source
    compilation: Compilation | None
    own: Mapping[Target, Node]
    """The selected targets."""
    found: tuple[Lint, ...]
    errors: int


class Fixed(NamedTuple):
    """What was found of a tree after it was mended, what was removed, and what had to stay, with the reason."""

    linted: Linted
    removed: tuple[Lint, ...]
    left: tuple[tuple[Lint, str], ...]


def look(folder: str, selectors: tuple[str, ...] = (), revision: str = WORKTREE) -> Linted:
    """Look at the lines that the selected targets see (none: at all); raises EnvtreeError where there is no tree.

    Where a file, the settings or the schemas can't be understood, nothing is found: what is certain isn't known then.
    """
    return _look(read_tree(folder, revision), selectors)


def fix(folder: str, selectors: tuple[str, ...] = (), revision: str = WORKTREE) -> Fixed:
    """Remove the lines that change nothing, and look at what is left.

    Nothing is written unless every process gets the same as before, from a tree without an error. Raises EnvtreeError
    where that can't be, and as `look`.
    """
    if revision != WORKTREE:
        raise _cannot_fix("a commit and the index can't be mended", "leave out `--ref` and `--staged`")
    tree = read_tree(folder)
    linted = before = _look(tree, selectors)
    if before.errors:
        raise _cannot_fix("only a tree without errors can be mended", "`envtree validate` shows them")
    removed: list[Lint] = []
    left: dict[Lint, str] = {}
    for _ in range(MAX_ROUNDS):
        files, gone, left = _cut(linted)
        if not gone:
            break
        removed += gone
        source = Source({**linted.source.files, **files}, linted.source.refused)
        linted = _look(Tree(tree.root, source, tree.unsafe), selectors)
        _prove(before, linted)
    _write(tree, linted.source)
    return Fixed(linted, tuple(removed), tuple(left.items()))


def _look(tree: Tree, selectors: tuple[str, ...]) -> Linted:
    from envtree.core.compile import select

    compilation, problems = compile_tree(tree)
    wrong = errors(problems)
    if compilation is None:
        return Linted(tree.root, tree.source, None, {}, (), len(wrong))
    own = {target: compilation.own[target] for target in select(compilation.project, selectors)}
    found = lint(compilation, own) if all(each.code in OF_VALUES for each in wrong) else ()
    return Linted(tree.root, tree.source, compilation, own, found, len(wrong))


def _cut(linted: Linted) -> tuple[dict[str, bytes], list[Lint], dict[Lint, str]]:
    """The files without what repeats what is inherited, what has gone from them, and what could not go."""
    from envtree.adapters.files.rewrite import held
    from envtree.core.yaml.remove import remove_entries

    by_file: dict[str, dict[str, Lint]] = {}
    for each in linted.found:
        if each.repeats:
            by_file.setdefault(each.entry.file, {})[each.entry.name] = each
    links = held(linted.root, linted.source.files) if by_file else {}
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
    """Every process gets the same, byte for byte, and nothing is wrong; a bug of ours must not reach a file."""
    if after.errors or not after.compilation or _values(before.compilation) != _values(after.compilation):
        raise _cannot_fix("without these lines, a process would get something else", "please report it as a bug")


def _values(compilation: Compilation | None) -> Mapping[object, object]:
    return {target: node.values for target, node in compilation.own.items()} if compilation else {}


def _write(tree: Tree, source: Source) -> None:
    from envtree.adapters.files.rewrite import FileEdit, rewrite

    before, after = tree.source.files, source.files
    rewrite(tree.root, [FileEdit(path, before[path], after[path]) for path in before if before[path] != after[path]])


def _cannot_fix(message: str, advice: str) -> EnvtreeError:
    return EnvtreeError(Diagnostic("cannot-fix", f"nothing was written: {message}", help=advice))
