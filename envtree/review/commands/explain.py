"""`envtree explain`: why a variable of one process has its value, since when, and by whom."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.git.authorship.blame import authors, authors_below, authors_of_files
from envtree.adapters.git.head import head
from envtree.adapters.git.repository import find_repository
from envtree.commands.steps.promises import beside_targets
from envtree.commands.steps.silence import suppress_output
from envtree.commands.tree import compile_chosen, load_schemas, open_layers, read_tree
from envtree.core.compile import read_project_of, select
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors, in_order
from envtree.core.model.selector import only_target
from envtree.core.model.source import INDEX, WORKTREE
from envtree.core.schema.governance import govern
from envtree.review.explain.explanation import explain as explain_variable
from envtree.review.explain.explanation import unknown
from envtree.review.explain.problems import problems_about

if TYPE_CHECKING:
    from envtree.adapters.git.repository import Repository
    from envtree.commands.tree import Tree
    from envtree.core.model.source import SchemaUse, SealedUse, Source
    from envtree.core.model.tree import Project, Target
    from envtree.core.schema.rules import Schema
    from envtree.review.explain.explanation import Explanation


class Explained(NamedTuple):
    """An explanation, and the problems of the tree."""

    explanation: Explanation | None
    """None if the settings have errors that leave the target unknown."""
    source: Source
    problems: tuple[Diagnostic, ...]
    """The problems about the variable; without an explanation, those of the settings."""
    others: int = 0
    """How many other problems there are."""
    unblamed: str = ""
    """Why no commits are shown, if that is not an error."""


def explain(
    folder: str,
    selector: str,
    name: str,
    revision: str = WORKTREE,
    *,
    blame: bool = True,
    schemas: SchemaUse = "run",
    sealed: SealedUse = "skip",
) -> Explained:
    """Explain one variable of the one target that a selector names, whatever else is wrong with the tree.

    Raises EnvtreeError if there is no tree, not exactly one target, or no such variable.
    """
    tree = read_tree(folder, revision, schemas).opening(sealed)
    project, problems = read_project_of(tree.source)
    try:
        target = only_target(selector, select(project, (selector,)), "explained")
    except EnvtreeError:
        if errors(problems):
            return Explained(None, tree.source, in_order(problems))
        raise
    classes, faults = load_schemas(tree, project)
    beside = beside_targets(project, classes, (target,), name)
    parsed, closed = open_layers(tree, (target,), beside=beside)
    compilation, found = compile_chosen(tree, project, classes, (target,), parsed, beside=beside)
    problems = in_order((*problems, *faults, *closed, *found))
    governing = (
        compilation.governed[target].schemas if classes is not None else _load_own(tree, project, target, faults)
    )
    explanation = explain_variable(
        *(tree.source, compilation, target, name, problems, governing),
        schemas_read=classes is not None and schemas == "run",
    )
    explanation = replace(explanation, schemas_run=schemas == "run")
    known = {*compilation.own[target].provenance, *(rule for schema in governing for rule in schema.rules)}
    if wrong := unknown(explanation, known):
        raise EnvtreeError(wrong)
    about, others = problems_about(explanation, compilation.own[target], tree.source, problems)
    if not blame:
        return Explained(explanation, tree.source, about, others)
    explanation, warnings, why = _with_blame(tree, explanation)
    return Explained(explanation, tree.source, (*about, *warnings), others, why)


def _load_own(tree: Tree, project: Project, target: Target, faults: tuple[Diagnostic, ...]) -> tuple[Schema, ...]:
    """Load the classes that govern a target when those of another service are broken; none if none may be run."""
    if not errors(faults) or any(each.code == "unsafe-schema" for each in faults):
        return ()
    from envtree.adapters.schemas import load  # pydantic is imported only for a tree with schemas

    with suppress_output():
        schemas, wrong = load(tree.source, project, frozenset((target.service,)))
    return () if errors(wrong) else govern((target,), schemas)[target].schemas


def _with_blame(tree: Tree, explanation: Explanation) -> tuple[Explanation, tuple[Diagnostic, ...], str]:
    """Return the explanation with the commits of its entries; or git's problems as warnings, or why there are none."""
    try:
        repository = tree.repository or find_repository(tree.root)
        if repository is None or (repository.is_bare and tree.repository is None):
            return explanation, (), "no commits are shown: the tree lies in no git repository"
        commit = tree.commit if tree.commit not in (None, INDEX) else head(repository.where)
        if commit is None:
            return explanation, (), "no commits are shown: there is none yet"
        return _with_commits(explanation, tree, repository, commit), (), ""
    except EnvtreeError as error:
        return explanation, tuple(_as_warning(each) for each in error.diagnostics), ""


def _as_warning(each: Diagnostic) -> Diagnostic:
    message = f"no commits are shown: {each.message}"
    return replace(each, message=message, help=f"{each.help}; `--no-blame` doesn't ask for them", severity="warning")


def _with_commits(explanation: Explanation, tree: Tree, repository: Repository, commit: str) -> Explanation:
    find_authors = authors if commit == tree.commit else authors_below
    files = [line.content for line in explanation.lines if line.content]
    return replace(
        explanation,
        commits=find_authors(repository, commit, tree.source, explanation.entries()),
        contents=authors_of_files(repository, commit, tree.source, files),
    )
