"""The schemas of an import, as their authors would write them: one class a file, a line for each variable."""

from __future__ import annotations

import ast
import json
import re
from typing import TYPE_CHECKING, NamedTuple

from envtree.migration.importing.guess import TEXT
from envtree.migration.importing.schemas.lines import indent_of, source_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

COMMON = "schemas/common.py"
_UPPER = re.compile(r"[A-Z][A-Z0-9_]*")
"""Names that are no word of Python, no type, and nothing that a pydantic model has of its own."""
_TAKEN = frozenset(("Field", "Json", "Secret", "Settings"))


class FieldDeclaration(NamedTuple):
    """A variable as a schema declares it."""

    name: str
    annotation: str
    is_pydantic_type: bool
    is_secret: bool
    is_optional: bool
    description: str = ""
    comment: str = ""
    """What stands above it."""


class SchemaClass(NamedTuple):
    """The variables that a class declares, and the environments and the process that it is for; empty: all."""

    fields: tuple[FieldDeclaration, ...]
    environments: tuple[str, ...] = ()
    process: str = ""


def path_of(service: str) -> str:
    """Return the path of a service's schema file."""
    return f"schemas/{service.replace('-', '_')}.py"


def schema_file(path: str, classes: Sequence[SchemaClass], had: str = "had on Heroku") -> str:
    """Return a whole schema file."""
    whom = "every process" if path == COMMON else f"the processes of {_stem(path).replace('_', '-')}"
    declared = [field for each in classes for field in each.fields]
    imports = "".join(f"from {module} import {', '.join(names)}\n\n" for module, names in _imports(declared))
    written = "\n\n".join(class_text(class_name(path), each) for each in classes)
    return f'"""What {whom} {had}; the types are guessed from the values."""\n\n{imports}\n{written}'


def class_text(name: str, declared: SchemaClass) -> str:
    """Return a class, and one that derives from it for each further environment; `name` begins those of a file."""
    name += camel(declared.process)
    first, *others = declared.environments or ("",)
    is_one_of_several = declared.environments and not others
    main = f"{name}{camel(first)}" if is_one_of_several else name
    scope = f', process="{declared.process}"' if declared.process else ""
    scope += f', environment="{first}"' if first else ""
    body = "".join(f"    {line}\n" for line in _fields(declared.fields))
    text = f"class {main}(Settings{scope}):\n{body}"
    for each in others:
        text += f'\n\nclass {name}{camel(each)}({main}, environment="{each}"):\n    """The same, in {each}."""\n'
    return text


def with_declarations(path: str, text: str, declared: Sequence[FieldDeclaration]) -> str:
    """Return a schema file with more fields in the last of its classes that governs all that the file does.

    Where the file has no such class, one is added. Raises SyntaxError for what is no Python.
    """
    fields = list(_fields(declared))
    if (whole := with_lines(text, fields)) is None:
        taken = {node.name for node in ast.parse(text).body if isinstance(node, ast.ClassDef)}
        head = ["\n", "\n", f"class {free_name(class_name(path), taken)}(Settings):\n"]
        whole = "".join((*source_lines(text), *head, *(f"    {line}\n" for line in fields)))
    return with_imports(whole, declared)


def with_lines(text: str, fields: Iterable[str]) -> str | None:
    """Return a schema file with more lines at the end of the last class that governs all that the file does.

    None where nothing can be added to such a class.
    """
    lines = source_lines(text)
    classes = [each for each in ast.parse(text).body if isinstance(each, ast.ClassDef) and is_unrestricted(each)]
    ends = [each.body[-1] for each in classes if not indent_of(each.body[-1], lines).strip()]
    if not ends:
        return None
    indent, end = indent_of(ends[-1], lines), ends[-1].end_lineno or ends[-1].lineno
    lines[end:end] = [f"{indent}{line}\n" for line in fields]
    return "".join(lines)


def with_imports(text: str, declared: Sequence[FieldDeclaration]) -> str:
    """Return a schema file with the imports that these fields need."""
    return with_names(text, [(module, name) for module, names in _imports(declared) for name in names])


def with_names(text: str, wanted: Iterable[tuple[str, str]]) -> str:
    """Return a schema file that imports these names, each from its module."""
    tree = ast.parse(text)
    known = _imported(tree)
    names: dict[str, list[str]] = {}
    for module, name in sorted(set(wanted)):
        if name not in known:
            names.setdefault(module, []).append(name)
    if not names:
        return text
    lines = source_lines(text)
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module in names and _is_on_one_line(node, lines):
            own = sorted([alias.name for alias in node.names] + names.pop(node.module))
            lines[node.lineno - 1] = f"from {node.module} import {', '.join(own)}\n"
    start = _after_imports(tree)
    lines[start:start] = [f"from {module} import {', '.join(each)}\n" for module, each in names.items()]
    return "".join(lines)


def _is_on_one_line(node: ast.ImportFrom, lines: Sequence[str]) -> bool:
    """Return whether an import is written as an import writes it, so that a name can be added to it."""
    names = ", ".join(alias.name for alias in node.names)
    return not node.level and lines[node.lineno - 1].rstrip("\n") == f"from {node.module} import {names}"


def _fields(declared: Iterable[FieldDeclaration]) -> Iterator[str]:
    """Yield a line for each variable; a name that Python or pydantic would not take becomes an alias."""
    used = {each.name for each in declared if _UPPER.fullmatch(each.name)}
    numbers: dict[str, int] = {}
    for each in declared:
        if each.comment:
            yield f"# {each.comment}"
        kind = each.annotation
        if each.is_secret:
            kind = "Secret" if kind == TEXT.annotation else f"Secret[{kind}]"
        kind += " | None" if each.is_optional else ""
        if each.name in used:
            yield _plain_field(each, kind)
            continue
        field = _field_name(each.name, used, numbers)
        used.add(field)
        default = "default=None, " if each.is_optional else ""
        described = f", description={_literal(each.description)}" if each.description else ""
        yield f"{field}: {kind} = Field({default}alias={json.dumps(each.name, ensure_ascii=False)}{described})"


def _plain_field(declared: FieldDeclaration, kind: str) -> str:
    """Return the line of a variable whose name is the field's."""
    if not declared.description:
        return f"{declared.name}: {kind}{' = None' if declared.is_optional else ''}"
    default = "default=None, " if declared.is_optional else ""
    return f"{declared.name}: {kind} = Field({default}description={_literal(declared.description)})"


def _literal(text: str) -> str:
    """Return a text as Python reads it, on one line and with nothing that can't be seen."""
    return "".join(
        each if each.isprintable() else json.dumps(each)[1:-1] for each in json.dumps(text, ensure_ascii=False)
    )


def _field_name(name: str, used: set[str], numbers: dict[str, int]) -> str:
    """Return a field's name for a variable that can't be one: similar to it, and not used yet.

    `numbers` has the last number that was tried, by the name without it.
    """
    letters = re.sub(r"[^A-Z0-9]+", "_", name.upper()).strip("_")
    base = field = letters if _UPPER.fullmatch(letters) else f"NAME_{letters}".rstrip("_")
    while field in used:
        numbers[base] = numbers.get(base, 1) + 1
        field = f"{base}_{numbers[base]}"
    return field


def _imports(declared: Iterable[FieldDeclaration]) -> Iterator[tuple[str, list[str]]]:
    """Yield what the fields need, by module."""
    declared = tuple(declared)
    from_pydantic = {each.annotation for each in declared if each.is_pydantic_type}
    from_pydantic |= {"Field"} if any(map(_needs_field, declared)) else set()
    if from_pydantic:
        yield "pydantic", sorted(from_pydantic)
    ours = {"Port"} if any(each.annotation == "Port" for each in declared) else set()
    ours |= {"Secret"} if any(each.is_secret for each in declared) else set()
    yield "envtree", sorted({*ours, "Settings"})


def _needs_field(declared: FieldDeclaration) -> bool:
    return bool(declared.description) or not _UPPER.fullmatch(declared.name)


def camel(name: str) -> str:
    """Return a name with dashes as the name of a class begins."""
    return "".join(part.capitalize() for part in re.split("[-_]", name))


def class_name(path: str) -> str:
    """Return the name of the first class of a schema file."""
    name = camel(_stem(path))
    return f"{name}Variables" if name in _TAKEN or name.endswith(("Dsn", "Url")) else name


def free_name(name: str, taken: Collection[str]) -> str:
    """Return a name for a class that a module doesn't use yet."""
    number, free = 2, name
    while free in taken:
        number, free = number + 1, f"{name}{number}"
    return free


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def is_unrestricted(node: ast.ClassDef) -> bool:
    """Return whether a class derives from `Settings` without keywords; the checker says whether it governs."""
    return any(isinstance(base, ast.Name) and base.id == "Settings" for base in node.bases) and not node.keywords


def _imported(tree: ast.Module) -> set[str]:
    return {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }


def _after_imports(tree: ast.Module) -> int:
    """Return the line (from 0) where another import can be: below the others, else below the docstring."""
    ends = [node.end_lineno or 0 for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom))]
    if ends:
        return max(ends)
    first = tree.body[0] if tree.body else None
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return (first.end_lineno or 0) if first is not None and is_docstring else 0
