"""Fields of schemas made optional, or moved from what all services have to those that do; the rest stays as written."""

from __future__ import annotations

import ast
import builtins
import re
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import some
from envtree.migration.importing.schemas.lines import source_lines
from envtree.migration.importing.schemas.schema_file import (
    camel,
    class_text,
    free_name,
    is_unrestricted,
    with_imports,
    with_lines,
    with_names,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from envtree.migration.importing.schemas.schema_file import SchemaClass


_GUESSED = re.compile(
    r"(?P<secret>Secret\[)?(?P<type>bool|int|float|Json|\w+(?:Url|Dsn|DSN))\]?(?P<optional> \| None)?", re.ASCII
)
"""The types that `guess.py` finds."""


class MovedField(NamedTuple):
    """A field that a schema file no longer has: its lines, and the imports that they need."""

    name: str
    lines: tuple[str, ...]
    imports: tuple[tuple[str, str], ...]
    """Module and name."""


def loosened(text: str, lacking: Mapping[int, Sequence[str]]) -> str:
    """Return a schema file in which the fields on these lines are optional, with a comment that says who lacks them."""
    fields = _fields(text)
    lines = text.encode().splitlines(keepends=True)
    for number in sorted(lacking, reverse=True):
        node = fields.get(number)
        if node is None or node.end_lineno is None or _is_optional(node):
            continue
        _insert(lines, node, lacking[number])
    return b"".join(lines).decode()


def _insert(lines: list[bytes], node: ast.AnnAssign, lacking: Sequence[str]) -> None:
    """Write what makes a field optional, from its end to its beginning."""
    value = node.value
    if isinstance(value, ast.Call) and value.func.end_lineno and value.func.end_col_offset:
        at = value.func.end_col_offset + 1
        rest = ", " if value.args or value.keywords else ""
        _put(lines, value.func.end_lineno, at, f"default=None{rest}")
    end, column = node.annotation.end_lineno or node.lineno, node.annotation.end_col_offset or 0
    _put(lines, end, column, " | None" if value is not None else " | None = None")
    comment = f"# optional: not in {some(lacking, 6)}\n".encode()
    lines.insert(node.lineno - 1, _blanks(lines[node.lineno - 1]) + comment)


def widened(text: str, secrets: Mapping[int, bool]) -> str:
    """Return a schema file in which the fields on these lines take any text, hidden where it is a secret.

    Only a type that an import guesses gives way: what a person wrote is what the value must be.
    """
    fields = _fields(text)
    lines = text.encode().splitlines(keepends=True)
    for number in sorted(secrets, reverse=True):
        node = fields.get(number)
        if node is None or (found := _GUESSED.fullmatch(ast.unparse(node.annotation))) is None:
            continue
        kind = "Secret" if secrets[number] or found["secret"] else "str"
        start, end = node.annotation.col_offset, node.annotation.end_col_offset or 0
        line = lines[number - 1]
        lines[number - 1] = line[:start] + f"{kind}{found['optional'] or ''}".encode() + line[end:]
        comment = f"# any text: not every value is `{found['type']}`\n".encode()
        lines.insert(number - 1, _blanks(line) + comment)
    after = b"".join(lines).decode()
    return with_names(after, [("envtree", "Secret")]) if any(secrets.values()) else after


def _blanks(line: bytes) -> bytes:
    return line[: len(line) - len(line.lstrip(b" \t"))]


def _put(lines: list[bytes], number: int, column: int, text: str) -> None:
    line = lines[number - 1]
    lines[number - 1] = line[:column] + text.encode() + line[column:]


def _is_optional(node: ast.AnnAssign) -> bool:
    """Return whether a field has a default that isn't written as `Field(...)`: nothing can be added to that."""
    return node.value is not None and not isinstance(node.value, ast.Call)


def _fields(text: str) -> dict[int, ast.AnnAssign]:
    """Return the fields of all classes, by the line that each begins on."""
    classes = (node for node in ast.parse(text).body if isinstance(node, ast.ClassDef))
    return {each.lineno: each for node in classes for each in node.body if isinstance(each, ast.AnnAssign)}


def without_fields(text: str, numbers: Iterable[int]) -> tuple[str, tuple[MovedField, ...]]:
    """Return a schema file without the fields on these lines, and those that could be taken out of it.

    A field stays whose type is the file's own, or that the class says more about than its line: a validator.
    """
    tree = ast.parse(text)
    imports = _imports(tree)
    lines = source_lines(text)
    gone: set[int] = set()
    moved = []
    for node in (each for each in tree.body if isinstance(each, ast.ClassDef) and _is_plain(each)):
        wanted = [each for each in node.body if each.lineno in numbers and isinstance(each, ast.AnnAssign)]
        own = [(each, field) for each in wanted if (field := _moved(each, lines, imports)) is not None]
        for each, field in own:
            gone |= set(range(each.lineno, (each.end_lineno or each.lineno) + 1))
            gone |= {each.lineno - 1} if lines[each.lineno - 2].strip().startswith("# optional: not in ") else set()
            moved.append(field)
        if len(own) == len([each for each in node.body if not _is_docstring(each)]):
            gone |= set(range(_start(node), (node.end_lineno or node.lineno) + 1))
    kept = [line for number, line in enumerate(lines, 1) if number not in gone]
    return _tidy("".join(kept)), tuple(moved)


def narrowed(text: str, number: int, environments: Sequence[str]) -> str:
    """Return a schema file in which the class around a line is for these environments only; else it stays as it is.

    The first is the class's own; each of the others gets a class that derives from it.
    """
    tree = ast.parse(text)
    node = next((each for each in tree.body if isinstance(each, ast.ClassDef) and _holds(each, number)), None)
    if node is None or node.keywords or [getattr(each, "id", "") for each in node.bases] != ["Settings"]:
        return text
    first, *others = environments
    lines = text.encode().splitlines(keepends=True)
    base = node.bases[0]
    _put(lines, base.end_lineno or node.lineno, base.end_col_offset or 0, f', environment="{first}"')
    taken = {each.name for each in tree.body if isinstance(each, ast.ClassDef)}
    more = ""
    for each in others:
        name = free_name(f"{node.name}{camel(each)}", taken)
        more += f'\n\nclass {name}({node.name}, environment="{each}"):\n    """The same, in {each}."""\n'
    return b"".join(lines).decode().rstrip("\n") + "\n" + more


def with_class(text: str, name: str, declared: SchemaClass) -> str:
    """Return a schema file with one more class, and the imports that it needs."""
    tree = ast.parse(text)
    taken = {each.name for each in tree.body if isinstance(each, ast.ClassDef)}
    environments = "".join(map(camel, declared.environments))
    whole = f"{name}{camel(declared.process)}{environments}"
    text = with_imports(text, declared.fields)
    return f"{text.rstrip()}\n\n\n{class_text(name, declared).replace(whole, free_name(whole, taken), 1)}"


def _holds(node: ast.ClassDef, number: int) -> bool:
    return node.lineno <= number <= (node.end_lineno or node.lineno)


def governs_all(text: str) -> bool:
    """Return whether a schema file has a class for all that the file does."""
    return any(isinstance(each, ast.ClassDef) and is_unrestricted(each) for each in ast.parse(text).body)


def has_class(text: str) -> bool:
    """Return whether a schema file still declares something."""
    return any(isinstance(each, ast.ClassDef) for each in ast.parse(text).body)


def with_moved(text: str, fields: Sequence[MovedField]) -> str | None:
    """Return a schema file with these fields in a class for all that the file does; None where it has no such class."""
    whole = with_lines(text, (line.rstrip() for each in fields for line in each.lines))
    return None if whole is None else with_names(whole, [pair for each in fields for pair in each.imports])


def moved_file(head: str, name: str, fields: Sequence[MovedField]) -> str:
    """Return a schema file that holds just these fields."""
    body = "".join(f"    {line.rstrip()}\n" for each in fields for line in each.lines)
    text = f'"""{head}"""\n\nfrom envtree import Settings\n\n\nclass {name}(Settings):\n{body}'
    return with_names(text, [pair for each in fields for pair in each.imports])


def _moved(node: ast.AnnAssign, lines: Sequence[str], imports: Mapping[str, str]) -> MovedField | None:
    """Return a field as it can stand in another file; None where it needs what only this file has."""
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - {getattr(node.target, "id", "")}
    needed = sorted(name for name in names if name in imports)
    if any(name not in imports and not hasattr(builtins, name) for name in names):
        return None
    own = tuple(line[node.col_offset :] for line in lines[node.lineno - 1 : node.end_lineno])
    return MovedField(getattr(node.target, "id", ""), own, tuple((imports[name], name) for name in needed))


def _imports(tree: ast.Module) -> dict[str, str]:
    """Return the module of each name that is imported from one, under its own name."""
    return {
        alias.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
        if alias.asname is None
    }


def _is_plain(node: ast.ClassDef) -> bool:
    """Return whether a class holds fields and no code that may speak of them."""
    return all(isinstance(each, ast.AnnAssign) or _is_docstring(each) for each in node.body)


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _start(node: ast.ClassDef) -> int:
    return min([node.lineno, *(each.lineno for each in node.decorator_list)])


def _tidy(text: str) -> str:
    """Return a text without the blank lines that a class left at its end."""
    return f"{text.rstrip()}\n"
