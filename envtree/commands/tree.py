"""The first steps of all commands: reads a tree in any revision, loads its schemas, and compiles it."""

from __future__ import annotations

from envtree.commands.steps.root import root_of
from envtree.commands.steps.silence import suppress_output
from envtree.core.model.source import INDEX, SCHEMAS, WORKTREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envtree.adapters.git.repository import Repository
    from envtree.adapters.keys.opening import DataKeys
    from envtree.core.compile import Compilation, Parsed, Schemas
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SchemaUse, SealedUse, Source
    from envtree.core.model.tree import Project, Target


class Tree:
    """A tree in one revision.

    `root` is the folder that its paths start from. `unsafe` returns the paths of its schemas' storage that others could
    have written. `repository` and `commit` say where it was read; both are None for the working tree. `schemas` says
    whether its schemas may be run, and `sealed` whether its sealed layers are opened: not by default, since the names
    alone are enough for most.

    It is no dataclass, for the same reason as `Source`.
    """

    __slots__ = ("commit", "repository", "root", "schemas", "sealed", "source", "unsafe")

    def __init__(
        self,
        root: str,
        source: Source,
        unsafe: Callable[[], tuple[str, ...]],
        repository: Repository | None = None,
        commit: str | None = None,
        *,
        schemas: SchemaUse = "run",
        sealed: SealedUse = "skip",
    ) -> None:
        self.root = root
        self.source = source
        self.unsafe = unsafe
        self.repository = repository
        self.commit = commit
        self.schemas = schemas
        self.sealed = sealed

    def having(self, source: Source) -> Tree:
        """Return the same tree with other content."""
        return Tree(
            self.root, source, self.unsafe, self.repository, self.commit, schemas=self.schemas, sealed=self.sealed
        )

    def opening(self, sealed: SealedUse) -> Tree:
        """Return the same tree with its sealed layers opened, or not; those of a stranger's tree never are."""
        found = self.having(self.source)
        found.sealed = "skip" if self.schemas == "read" else sealed
        return found


def read_tree(folder: str, revision: str = WORKTREE, schemas: SchemaUse = "run") -> Tree:
    """Return the tree around a folder, from working tree, index or commit; raises EnvtreeError without one."""
    return read_trees(folder, (revision,), schemas)[0]


def read_trees(folder: str, revisions: tuple[str, ...], schemas: SchemaUse = "run") -> tuple[Tree, ...]:
    """Return the tree in several revisions; git is asked once for all contents, and for each distinct content once."""
    committed = tuple(dict.fromkeys(revision for revision in revisions if revision != WORKTREE))
    trees = dict(zip(committed, _read_committed(folder, committed, schemas), strict=True)) if committed else {}
    if WORKTREE in revisions:
        trees[WORKTREE] = tree_of_files(root_of(folder), schemas)
    return tuple(trees[revision] for revision in revisions)


def tree_of_files(root: str, schemas: SchemaUse = "run") -> Tree:
    """Return the tree of a folder, as its files are."""
    from envtree.commands.steps.checkout import read_checkout

    source = read_checkout(root)
    return Tree(
        root,
        source,
        lambda: tuple(sorted(path for path in source.unsafe if path.startswith(SCHEMAS))),
        schemas=schemas,
    )


def _read_committed(folder: str, revisions: tuple[str, ...], schemas: SchemaUse) -> list[Tree]:
    from functools import partial

    from envtree.adapters.git.contents import list_tree, read_blobs
    from envtree.adapters.git.repository import at_tree
    from envtree.adapters.git.revision import commit_of
    from envtree.core.model.listing import needed_ids, source_of

    found = repository_of(folder)
    commits = [revision if revision == INDEX else commit_of(found, revision) for revision in revisions]
    repositories = [at_tree(found, commit) for commit in commits]
    listings = [list_tree(repository, commit) for repository, commit in zip(repositories, commits, strict=True)]
    contents = read_blobs(found, {identity for listing in listings for identity in needed_ids(listing)})
    return [
        Tree(
            repository.root,
            source_of(listing, contents),
            partial(unsafe_storage, repository, commit),
            repository,
            commit,
            schemas=schemas,
        )
        for repository, listing, commit in zip(repositories, listings, commits, strict=True)
    ]


def repository_of(folder: str) -> Repository:
    """Return the repository that a folder is in; raises EnvtreeError where there is none."""
    import os

    from envtree.adapters.git.repository import find_repository
    from envtree.core.model.diagnostic import Diagnostic, EnvtreeError

    repository = find_repository(folder)
    if repository is None:
        message = f"`{os.path.realpath(folder)}` lies in no git repository"
        advice = "leave out `--ref` and `--staged` to read the files as they are, or start one with `git init`"
        raise EnvtreeError(Diagnostic("no-repository", message, help=advice))
    return repository


def unsafe_storage(repository: Repository, commit: str) -> tuple[str, ...]:
    """Return what others can write of a repository: they could have put their own code there.

    Folders first: where one is unsafe, what lies in it is not looked at.
    """
    from envtree.adapters.files.ownership import exposed_folders, is_unsafe
    from envtree.adapters.git.storage import contents, storage

    folders = storage(repository)
    unsafe = [folder for folder in folders if is_unsafe(folder)]
    unsafe = unsafe or [above for folder in folders for above in exposed_folders(folder)]
    return tuple(dict.fromkeys(unsafe or [path for path in contents(repository, commit) if is_unsafe(path)]))


def compile_tree(
    tree: Tree, selectors: tuple[str, ...] = (), *, alone: bool = False
) -> tuple[Compilation | None, tuple[Diagnostic, ...]]:
    """Compile the selected targets of a tree, and return everything that is wrong; None where its settings are wrong.

    What schemas promise about the selected targets is proved by all that they are compared with, unless they are looked
    at `alone`. Raises EnvtreeError for a selector that names nothing.
    """
    from envtree.core.compile import check_files, read_project_of
    from envtree.core.model.diagnostic import errors, in_order

    project, problems = read_project_of(tree.source)
    if errors(problems):
        return None, in_order((*problems, *check_files(tree.source, project)))
    compilation, found = _compile(tree, project, selectors, alone=alone)
    return compilation, in_order((*problems, *found))


def compile_one(
    tree: Tree, selector: str, action: str
) -> tuple[tuple[Target, Compilation] | None, tuple[Diagnostic, ...]]:
    """Compile the one target that a selector names, and return everything that is wrong; None where it is wrong.

    Raises EnvtreeError where there is no such single target; `action` is what a command does with one target at a time.
    """
    from envtree.core.model.diagnostic import errors
    from envtree.core.model.selector import only_target

    compilation, problems = compile_tree(tree, (selector,), alone=True)
    if compilation is None or errors(problems):
        return None, problems
    return (only_target(selector, tuple(compilation.own), action), compilation), problems


def compile_anyway(tree: Tree, selectors: tuple[str, ...] = ()) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """Compile the selected targets of a tree as far as it can be understood, and return everything that is wrong.

    Raises EnvtreeError for a selector that names nothing, and where there are no settings at all.
    """
    from envtree.core.compile import read_project_of
    from envtree.core.model.diagnostic import in_order

    project, problems = read_project_of(tree.source)
    compilation, found = _compile(tree, project, selectors)
    return compilation, in_order((*problems, *found))


def _compile(
    tree: Tree, project: Project, selectors: tuple[str, ...], *, alone: bool = True
) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    from envtree.core.compile import select

    schemas, faults = load_schemas(tree, project)
    chosen = select(project, selectors) if selectors else None
    beside: tuple[Target, ...] = ()
    if schemas and chosen and not alone:
        from envtree.commands.steps.promises import beside_targets

        beside = beside_targets(project, schemas, chosen)
    parsed, closed = open_layers(tree, project.targets if chosen is None else chosen, beside=beside)
    compilation, found = compile_chosen(tree, project, schemas, chosen, parsed, beside=beside)
    return compilation, (*faults, *closed, *found)


def open_layers(
    tree: Tree, targets: Iterable[Target], data_keys: DataKeys | None = None, beside: tuple[Target, ...] = ()
) -> tuple[Parsed, tuple[Diagnostic, ...]]:
    """Return the entries of the sealed layers that the targets see, as far as the tree's are to be opened.

    Those of targets `beside` them are opened where there is a key, and nothing is said of the others.
    """
    if tree.sealed == "skip":
        return {}, ()
    from envtree.commands.steps.sealed import open_sealed

    return open_sealed(tree.source, targets, tree.sealed, data_keys, beside)


def compile_chosen(
    tree: Tree,
    project: Project,
    schemas: Schemas,
    targets: tuple[Target, ...] | None,
    parsed: Parsed | None = None,
    today: str | None = None,
    beside: tuple[Target, ...] = (),
) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """Compile some targets of a tree (None: all) with schemas that are loaded, and layers that are parsed, already.

    `today` is the day by which deprecations are judged (None: the tree's own; empty: one on which none is over). What
    schemas promise is proved by these targets and those `beside` them.
    """
    from envtree.core.compile import compile_targets

    if today is None and isinstance(schemas, tuple) and any(schema.has_deadline for schema in schemas):
        from envtree.commands.steps.today import today_of

        today = today_of(tree.repository, tree.commit)
    parsed = {} if parsed is None else parsed
    with suppress_output():
        compiled = compile_targets(tree.source, project, schemas, targets, parsed, today or "")
    if not schemas:
        return compiled
    from envtree.commands.steps.promises import prove

    return compiled[0], (*compiled[1], *prove(tree.source, schemas, compiled, parsed, beside))


def load_schemas(
    tree: Tree, project: Project, services: frozenset[str] | None = None
) -> tuple[Schemas, tuple[Diagnostic, ...]]:
    """Return the classes of a tree's schemas; empty without any, None where they can't all be trusted or understood.

    With `services`, only the classes that govern these are loaded. This is the one place that decides whether schemas
    are run; where they must not be, their text is read.
    """
    from envtree.core.model.diagnostic import errors

    source = tree.source
    if tree.schemas == "read":
        from envtree.core.schema.stated_reader import read_stated

        return read_stated(source), ()
    if any(f"{path}/".startswith(SCHEMAS) for path in source.refused):
        return None, ()  # an unreadable schema may declare a `Secret`; it is reported with the other paths
    if not any(path.startswith(SCHEMAS) for path in source.files):
        return (), ()
    if unsafe := tree.unsafe():
        from envtree.commands.steps.unsafe import unsafe_repository, unsafe_schemas

        return None, (
            unsafe_schemas(unsafe, tree.root) if tree.repository is None else unsafe_repository(unsafe, tree.root),
        )
    from envtree.adapters.schemas import load

    schemas, faults = load(source, project, services)
    return None if errors(faults) else schemas, faults


def faults_of_ownership(tree: Tree) -> tuple[Diagnostic, ...]:
    """Return why a tree must not decide what programs run, or with what: others could have written it.

    Its schemas are checked where they are run.
    """
    unsafe = tree.unsafe() if tree.repository else tuple(sorted(tree.source.unsafe))
    unsafe = tuple(path for path in unsafe if not path.startswith(SCHEMAS))
    if not unsafe:
        return ()
    from envtree.commands.steps.unsafe import unsafe_source

    return (unsafe_source(unsafe, tree.root, in_repository=tree.repository is not None),)
