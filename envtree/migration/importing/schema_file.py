"""The schemas of an import, as their authors would write them: one class a file, a line for each variable."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from envtree.migration.importing.guess import TEXT, guess, is_secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from envtree.core.settings.heroku import Deployment

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


def declarations(
    deployments: Mapping[Deployment, Mapping[str, str]], secrets: Collection[str]
) -> dict[str, tuple[FieldDeclaration, ...]]:
    """Return declarations by schema file, common for several services; optional where a deployment lacks them."""
    holders: dict[str, list[Deployment]] = {}
    for deployment, values in deployments.items():
        for name in values:
            holders.setdefault(name, []).append(deployment)
    counts = Counter(path_of(deployment.service) for deployment in deployments)
    counts[COMMON] = len(deployments)
    found: dict[str, list[FieldDeclaration]] = {}
    for name in sorted(holders):
        services = {deployment.service for deployment in holders[name]}
        path = path_of(services.pop()) if len(services) == 1 else COMMON
        texts = [deployments[deployment][name] for deployment in holders[name]]
        declared = declare(name, texts, secrets, is_optional=len(texts) < counts[path])
        found.setdefault(path, []).append(declared)
    return {path: tuple(found[path]) for path in sorted(found)}


def declare(name: str, texts: Collection[str], secrets: Collection[str], *, is_optional: bool) -> FieldDeclaration:
    """Return the declaration of a variable, from all the values that it has."""
    narrow = guess(texts)
    secret = name in secrets
    kind = TEXT if secret and not narrow.is_pydantic_type else narrow
    return FieldDeclaration(name, kind.annotation, kind.is_pydantic_type, secret, is_optional)


def secret_names(deployments: Mapping[Deployment, Mapping[str, str]]) -> frozenset[str]:
    """Return the variables that must be hidden, by all the values that each has."""
    texts: dict[str, list[str]] = {}
    for values in deployments.values():
        for name, text in values.items():
            texts.setdefault(name, []).append(text)
    return frozenset(name for name, found in texts.items() if is_secret(name, found))


def path_of(service: str) -> str:
    """Return the path of a service's schema file."""
    return f"schemas/{service.replace('-', '_')}.py"


def schema_file(path: str, declared: Sequence[FieldDeclaration], had: str = "had on Heroku") -> str:
    """Return a whole schema file."""
    whom = "every process" if path == COMMON else f"the processes of {_stem(path).replace('_', '-')}"
    imports = "".join(f"from {module} import {', '.join(names)}\n\n" for module, names in _imports(declared))
    body = "".join(f"    {line}\n" for line in _fields(declared))
    return (
        f'"""What {whom} {had}; the types are guessed from the values."""\n\n'
        f"{imports}\nclass {_class_name(path)}(Settings):\n{body}"
    )


def with_declarations(path: str, text: str, declared: Sequence[FieldDeclaration]) -> str:
    """Return a schema file with more fields in the last of its classes that governs all that the file does.

    Where the file has no such class, one is added. Raises SyntaxError for what is no Python.
    """
    tree = ast.parse(text)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef) and _is_unrestricted(node)]
    if classes:
        last = classes[-1].body[-1]
        indent = " " * last.col_offset
        end = last.end_lineno or last.lineno
        lines[end:end] = [f"{indent}{line}\n" for line in _fields(declared)]
    else:
        head = ["\n", "\n", f"class {_free_name(path, tree)}(Settings):\n"]
        lines += [*head, *(f"    {line}\n" for line in _fields(declared))]
    known = _imported(tree)
    wanted = [
        (module, [name for name in names if name not in known and (name != "Settings" or not classes)])
        for module, names in _imports(declared)
    ]
    start = _after_imports(tree)
    lines[start:start] = [f"from {module} import {', '.join(names)}\n" for module, names in wanted if names]
    return "".join(lines)


def _fields(declared: Iterable[FieldDeclaration]) -> Iterator[str]:
    """Yield a line for each variable; a name that Python or pydantic would not take becomes an alias."""
    used = {each.name for each in declared if _UPPER.fullmatch(each.name)}
    numbers: dict[str, int] = {}
    for each in declared:
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
    yield "envtree", ["Secret", "Settings"] if any(each.is_secret for each in declared) else ["Settings"]


def _needs_field(declared: FieldDeclaration) -> bool:
    return bool(declared.description) or not _UPPER.fullmatch(declared.name)


def _class_name(path: str) -> str:
    name = "".join(part.capitalize() for part in _stem(path).split("_"))
    return f"{name}Variables" if name in _TAKEN or name.endswith(("Dsn", "Url")) else name


def _free_name(path: str, tree: ast.Module) -> str:
    """Return a name for a class that a module doesn't use yet."""
    taken = {node.name for node in tree.body if isinstance(node, ast.ClassDef)}
    name = _class_name(path)
    return name if name not in taken else f"{name}FromHeroku"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".py")


def _is_unrestricted(node: ast.ClassDef) -> bool:
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
