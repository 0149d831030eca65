"""`envtree codegen`: writes the code that loads and checks what one service may see."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.files.generated import Outdated, read_generated, write_generated
from envtree.commands.tree import load_schemas, read_tree
from envtree.core.codegen.code import code_of, mark_of
from envtree.core.compile import check_files, read_project_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, errors, in_order, some
from envtree.core.model.source import SCHEMAS, WORKTREE
from envtree.core.model.tree import COMMON

if TYPE_CHECKING:
    from envtree.core.codegen.code import Language
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project

    Diagnostics = tuple[Diagnostic, ...]


class GeneratedCode(NamedTuple):
    """The code for a service, and what the file that it is for holds (None: there is none, or none was named)."""

    text: str
    variables: int
    before: str | None


def codegen(
    folder: str, service: str, language: Language, out: str | None = None, revision: str = WORKTREE
) -> tuple[GeneratedCode | None, Source, Diagnostics]:
    """Return the code for a service, without writing it; None where settings or schemas are wrong.

    Raises EnvtreeError where there is no tree or no such service, or where the file was made by someone else.
    """
    tree = read_tree(folder, revision)
    project, problems = read_project_of(tree.source)
    if errors(problems):
        return None, tree.source, in_order(problems)
    _require_service(project, service)
    schemas, faults = load_schemas(tree, project)
    if not isinstance(schemas, tuple):
        faults = faults if errors(faults) else check_files(tree.source, project)
        return None, tree.source, in_order((*problems, *faults))
    text, variables = code_of(project, schemas, service, language)
    if not variables:
        raise EnvtreeError(_undeclared(service))
    before = None if out is None else read_generated(out, mark_of(language))
    return GeneratedCode(text, variables, before), tree.source, in_order((*problems, *faults))


def write_code(out: str, code: GeneratedCode) -> None:
    """Write the code into its file; raises EnvtreeError where that can't be written."""
    folder, name = os.path.split(out)
    write_generated(folder or ".", "", {name: code.text}, Outdated((name,), (), ()))


def _require_service(project: Project, service: str) -> None:
    """Raise EnvtreeError where a project has no such service."""
    if service in project.by_name:
        return
    names = sorted(project.by_name)
    raise EnvtreeError(
        Diagnostic(
            "unknown-target",
            f"`{service}` names no service of this tree{did_you_mean(service, names)}",
            help=f"the services are {some((f'`{name}`' for name in names), 6)}" if names else "",
        )
    )


def _undeclared(service: str) -> Diagnostic:
    module = service.replace("-", "_")
    return Diagnostic(
        "ungoverned-process",
        f"no schema declares a variable of `{service}`",
        help=f"declare its variables in {SCHEMAS}{module}.py, or in {SCHEMAS}{COMMON}.py",
    )
