"""The text of the code for one service, in one of the languages that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from envtree.core.codegen import go, python, ruby, typescript
from envtree.core.codegen.variables import variables_of
from envtree.core.codegen.writing import MARK

if TYPE_CHECKING:
    from envtree.core.model.tree import Project
    from envtree.core.schema.rules import Schema

Language = Literal["python", "typescript", "go", "ruby"]

_GENERATORS = {"python": python.generate, "typescript": typescript.generate, "go": go.generate, "ruby": ruby.generate}
_COMMENTS = {"python": "# ", "typescript": "// ", "go": "// ", "ruby": "# "}


def code_of(project: Project, schemas: tuple[Schema, ...], service: str, language: Language) -> tuple[str, int]:
    """Return the code that loads and checks a service's variables, and their number."""
    variables = variables_of(project, schemas, service)
    return _GENERATORS[language](variables), len(variables.variables)


def mark_of(language: Language) -> str:
    """Return the text that each generated file of a language begins with."""
    return _COMMENTS[language] + MARK.partition("{")[0]
