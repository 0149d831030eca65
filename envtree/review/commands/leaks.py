"""`envtree lint`: what in a tree looks like a secret, also where nothing is compiled and no schema is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SEALED_SUFFIX
from envtree.core.model.diagnostic import EnvtreeError, in_order
from envtree.core.model.source import INDEX, SCHEMAS, SEALING_RULES, WORKTREE, Source, is_ignored

if TYPE_CHECKING:
    from collections.abc import Collection

    from envtree.adapters.git.repository import Repository
    from envtree.commands.tree import Tree
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.listing import Listing
    from envtree.review.lint.quieting import Disclosure


class Text(NamedTuple):
    """All files of a tree, also those that it passes over, and what their text says of its secrets."""

    files: dict[str, bytes]
    disclosure: Disclosure


class Searched(NamedTuple):
    """What was searched for secrets, and what was found; the source has the files that were looked at."""

    root: str
    source: Source
    diagnostics: tuple[Diagnostic, ...]


def read_text(tree: Tree) -> Text:
    """Return the text of a tree, as its files, the index or a commit have it."""
    from envtree.review.lint.leaks import disclosed

    files = {**tree.source.files, **_ignored_files(tree)}
    seals = any(path.endswith(SEALED_SUFFIX) for path in files) or _has_rules(tree)
    return Text(files, disclosed(files, seals=seals))


def _ignored_files(tree: Tree) -> dict[str, bytes]:
    if tree.repository is None or tree.commit is None:
        from envtree.adapters.files.ignored import read_ignored

        return read_ignored(tree.root)
    from envtree.adapters.git.contents import list_tree

    listing = list_tree(tree.repository, tree.commit)
    return _contents(tree.repository, {path: blob for path, blob in listing.items() if is_ignored(path)})


def _contents(repository: Repository, listing: Listing) -> dict[str, bytes]:
    """Return the contents of plain files of a listing; a link has none of its own."""
    from envtree.adapters.git.contents import read_blobs
    from envtree.core.model.listing import LINK, SUBMODULE

    plain = {
        path: blob for path, blob in listing.items() if blob.mode not in (LINK, SUBMODULE) and not blob.conflicting
    }
    data = read_blobs(repository, {blob.id for blob in plain.values()})
    return {path: content for path, blob in plain.items() if (content := data.get(blob.id)) is not None}


def _has_rules(tree: Tree) -> bool:
    from envtree.adapters.files.creation_rules import has_rules

    if tree.repository is None or tree.commit is None:
        return has_rules(tree.root)
    return _repository_has_rules(tree.repository, tree.commit)


def _repository_has_rules(repository: Repository, commit: str) -> bool:
    """Return whether the tree's folder in a repository, or one above it, has creation rules."""
    from envtree.adapters.git.contents import has_any

    parts = repository.prefix.rstrip("/").split("/") if repository.prefix else []
    paths = ["/".join((*parts[:depth], SEALING_RULES)) for depth in range(len(parts) + 1)]
    return has_any(repository, commit, paths)


def search(tree: Tree, text: Text, paths: Collection[str] | None = None) -> Searched:
    """Search a tree for secrets without compiling it; only some of its files, if they are named."""
    from envtree.core.schema.stated_reader import read_stated
    from envtree.review.lint.leaks import entry_leaks, text_leaks
    from envtree.review.lint.quieting import wrong_comments

    chosen = {path: data for path, data in text.files.items() if paths is None or path in paths}
    secret = frozenset(read_stated(tree.source).secret)
    source = Source({path: data for path, data in tree.source.files.items() if path in chosen})
    leaks, _ = text_leaks(chosen, text.disclosure)
    found = (*entry_leaks(source, text.disclosure, secret), *leaks, *wrong_comments(text.disclosure, chosen))
    return Searched(tree.root, Source(chosen), in_order(found))


def leaks(folder: str, revision: str = WORKTREE) -> Searched:
    """Search a tree for secrets, and in the index only the files that a commit would change; runs no schema."""
    if revision == INDEX:
        return _staged_leaks(folder)
    from envtree.commands.tree import read_tree

    tree = read_tree(folder, revision, "read")
    return search(tree, read_text(tree))


def _staged_leaks(folder: str) -> Searched:
    """Search what is staged and not in `HEAD`: a hook should not stop a commit for what others did long ago."""
    from envtree.adapters.git.contents import list_tree
    from envtree.adapters.git.repository import at_tree
    from envtree.commands.tree import Tree, repository_of

    repository = at_tree(repository_of(folder), INDEX)
    listing, before = list_tree(repository, INDEX), _committed(repository)
    changed = {path for path, blob in listing.items() if path not in before or before[path].id != blob.id}
    if not changed:
        return Searched(repository.root, Source({}), ())
    from envtree.review.lint.leaks import disclosed

    wanted = {path: blob for path, blob in listing.items() if path in changed or path.startswith(SCHEMAS)}
    files = _contents(repository, wanted)
    seals = any(path.endswith(SEALED_SUFFIX) for path in listing) or _repository_has_rules(repository, INDEX)
    source = Source({path: data for path, data in files.items() if not is_ignored(path)})
    tree = Tree(repository.root, source, lambda: (), repository, INDEX, schemas="read")
    return search(
        tree, Text(files, disclosed({path: files[path] for path in files.keys() & changed}, seals=seals)), changed
    )


def _committed(repository: Repository) -> Listing:
    """Return the listing of `HEAD`, which is git's own name; empty before the first commit."""
    from envtree.adapters.git.contents import list_tree

    try:
        return list_tree(repository, "HEAD")
    except EnvtreeError:
        return {}
