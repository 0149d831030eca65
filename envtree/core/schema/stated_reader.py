"""Reads what schema files declare from their text, and runs nothing of them.

A name counts as no secret only if each part of its type is a plain one by the text alone. Where the text can't say what
is declared, nothing counts as declared, so that every value is hidden.
"""

from __future__ import annotations

import ast
import builtins
import posixpath
import warnings
from typing import TYPE_CHECKING

from envtree.core.model.source import SCHEMAS
from envtree.core.model.tree import COMMON
from envtree.core.schema.stated import StatedClass, StatedSchemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.model.source import Source

MAX_TEXT = 1 << 20
"""The most characters of all schema files that are read."""
MAX_PIECES = 20_000
"""The most points and braces in them: Python takes ten seconds to read `import a.a.a...` of four times as many."""
KNOWN_MODULES = frozenset(
    (
        *("__future__", "abc", "annotated_types", "collections", "datetime", "decimal", "enum", "envtree", "functools"),
        *("ipaddress", "math", "pathlib", "pydantic", "pydantic_core", "re", "string", "types", "typing"),
        *("typing_extensions", "urllib", "uuid", "zoneinfo"),
    )
)
"""The modules whose names are plain, unless they speak of secrets."""
MAKERS = frozenset(
    (
        *("__annotations__", "__class__", "__dict__", "__import__", "alias_generator", "create_model", "delattr"),
        *(
            "env_prefix",
            "eval",
            "exec",
            "getattr",
            "globals",
            "import_module",
            "locals",
            "metaclass",
            "setattr",
            "type",
            "vars",
        ),
    )
)
"""What can declare fields that no text shows."""
ALIASES = ("alias", "validation_alias")
SECRET = "secret"
SETTINGS = "Settings"
_BUILTINS = frozenset(dir(builtins))


def read_stated(source: Source) -> StatedSchemas:
    """Return what a source's schemas say, without running them."""
    if any(f"{path}/".startswith(SCHEMAS) for path in source.refused):
        return StatedSchemas(is_certain=False)
    files = {path: data for path, data in source.files.items() if path.startswith(SCHEMAS) and path.endswith(".py")}
    modules = _parsed(files)
    if modules is None:
        return StatedSchemas(is_certain=False)
    found = _SchemaText(modules)
    return StatedSchemas(tuple(found.governing()), found.secret(), not any(map(_makes_fields, modules.values())))


def _parsed(files: Mapping[str, bytes]) -> dict[str, ast.Module] | None:
    """Return the syntax of all files; None if one of them, or all together, can't be read in reasonable time."""
    if sum(map(len, files.values())) > MAX_TEXT:
        return None
    if sum(data.count(b".") + data.count(b"{") for data in files.values()) > MAX_PIECES:
        return None
    found = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, data in sorted(files.items()):
            try:
                found[path] = ast.parse(data.decode("utf-8-sig"))
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                return None
    return found


def _makes_fields(module: ast.Module) -> bool:
    """Return whether a module may declare fields, or change declared ones, in a way that its text does not show."""
    for node in ast.walk(module):
        names = {getattr(node, each, None) for each in ("id", "attr", "arg", "name")}
        if isinstance(node, ast.Dict):  # `model_config = {"env_prefix": ...}`
            names |= {each.value for each in node.keys if isinstance(each, ast.Constant)}
        if not names.isdisjoint(MAKERS) or (isinstance(node, ast.alias) and node.name == "*"):
            return True
        if isinstance(node, ast.ClassDef) and node.decorator_list:
            return True
        if isinstance(node, ast.keyword) and node.arg in ALIASES and not isinstance(node.value, ast.Constant):
            return True
        if isinstance(node, ast.keyword) and node.arg is None:  # `Field(**options)`
            return True
    return False


class _SchemaText:
    """The names of all schema files together: whether each is plain, whichever file defines it."""

    def __init__(self, modules: Mapping[str, ast.Module]) -> None:
        self.modules = modules
        self.classes: dict[str, list[ast.ClassDef]] = {}
        self.definitions: dict[str, list[ast.AST]] = {}
        self.suspect: set[str] = set()
        self.settings = {SETTINGS}
        for module in modules.values():
            for node in ast.walk(module):
                self._note(node)
        while more := {name for name in self.definitions.keys() - self.suspect if self._is_suspect(name)}:
            self.suspect |= more

    def governing(self) -> Iterator[StatedClass]:
        """Yield the classes that govern processes, with the names that they are known to declare."""
        for path, module in self.modules.items():
            stem = posixpath.basename(path).removesuffix(".py")
            if stem.startswith("_") or path.count("/") > 1:
                continue
            service = None if stem == COMMON else stem.replace("_", "-")
            for node in ast.walk(module):
                if isinstance(node, ast.ClassDef) and self._is_settings(node, ()):
                    scope = self._scope(node, ())
                    if scope is not None:
                        yield StatedClass(path, node.name, service, *scope, frozenset(self._names(node, ())))

    def secret(self) -> frozenset[str]:
        """Return the names that may be declared `Secret`, by any class."""
        return frozenset(
            name
            for nodes in self.classes.values()
            for node in nodes
            for field in _fields(node)
            for name in _variables(field)
            if self._is_hidden(field)
        )

    def _note(self, node: ast.AST) -> None:
        """Note what a node gives a name to."""
        if isinstance(node, ast.ClassDef):
            self.classes.setdefault(node.name, []).append(node)
            for each in (*node.bases, *(keyword.value for keyword in node.keywords)):
                self._define(node.name, each)
            self._define(node.name, ast.Constant(node.name))
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            self._define(node.name, ast.Constant(""))
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            self._note_import(node)
        elif isinstance(node, ast.Assign):
            for each in node.targets:
                for name in _stored(each):
                    self._define(name, node.value)
        elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and isinstance(node.target, ast.Name):
            self._define(node.target.id, node.value or ast.Constant(""))
        elif type(node).__name__ == "TypeAlias":
            self._define(node.name.id, node.value)  # type: ignore[attr-defined]  # of Python 3.12

    def _note_import(self, node: ast.Import | ast.ImportFrom) -> None:
        module = "" if isinstance(node, ast.Import) else node.module or ""
        for each in node.names:
            name = each.asname or each.name.partition(".")[0]
            root = (module or each.name).partition(".")[0]
            is_own = isinstance(node, ast.ImportFrom) and (node.level or root == SCHEMAS.rstrip("/"))
            if is_own:
                if each.asname:
                    self._define(name, ast.Name(each.name))
                continue
            if root == "envtree" and each.name == SETTINGS:
                self.settings.add(name)
            self._define(name, ast.Constant(each.name if root in KNOWN_MODULES else SECRET))

    def _define(self, name: str, value: ast.AST) -> None:
        self.definitions.setdefault(name, []).append(value)

    def _is_suspect(self, name: str) -> bool:
        return any(not self._is_plain(each) for each in self.definitions[name])

    def _is_plain(self, value: ast.AST) -> bool:
        """Return whether nothing in an expression may be a secret type, as far as it is known so far."""
        for node in ast.walk(value):
            word = _word(node)
            if word is not None and SECRET in word.lower():
                return False
            if isinstance(node, ast.Name) and (
                node.id in self.suspect or (node.id not in self.definitions and node.id not in _BUILTINS)
            ):
                return False
        return True

    def _is_hidden(self, field: ast.AnnAssign) -> bool:
        """Return whether the type of a field, or what is assigned to it, may be a secret one."""
        whole_text = isinstance(field.annotation, ast.Constant) and isinstance(field.annotation.value, str)
        parts = (field.annotation, *([field.value] if field.value else []))
        return whole_text or not all(map(self._is_plain, parts))

    def _is_settings(self, node: ast.ClassDef, seen: tuple[str, ...]) -> bool:
        """Return whether a class inherits from `Settings`."""
        for base in node.bases:
            word = _word(base)
            if word in self.settings:
                return True
            if word and word not in seen and any(self._is_settings(each, (*seen, word)) for each in self._named(word)):
                return True
        return False

    def _scope(self, node: ast.ClassDef, seen: tuple[str, ...]) -> tuple[str | None, str | None] | None:
        """Return the process and the environment that a class is narrowed to; None if the text does not say."""
        scope: list[str | None] = [None, None]
        for base in node.bases:
            word = _word(base) or ""
            for each in self._named(word) if word not in seen else ():
                wider = self._scope(each, (*seen, word))
                if wider is None:
                    return None
                scope = [one or other for one, other in zip(wider, scope, strict=True)]
        for keyword in node.keywords:
            if keyword.arg in ("process", "environment"):
                if not isinstance(keyword.value, ast.Constant) or not isinstance(keyword.value.value, str):
                    return None
                scope[keyword.arg == "environment"] = keyword.value.value
        return scope[0], scope[1]

    def _names(self, node: ast.ClassDef, seen: tuple[str, ...]) -> Iterator[str]:
        """Yield the names that a class declares, and those that it inherits from classes of the schemas."""
        for field in _fields(node):
            yield from _variables(field)
        for base in node.bases:
            word = _word(base) or ""
            for each in self._named(word) if word not in seen else ():
                yield from self._names(each, (*seen, word))

    def _named(self, word: str) -> list[ast.ClassDef]:
        return self.classes.get(word, [])


def _fields(node: ast.ClassDef) -> Iterator[ast.AnnAssign]:
    """Yield the annotated names in a class body, also those below an `if`."""
    pending: list[ast.AST] = [*node.body]
    while pending:
        each = pending.pop()
        if isinstance(each, ast.AnnAssign):
            yield each
        elif not isinstance(each, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            pending += ast.iter_child_nodes(each)


def _variables(field: ast.AnnAssign) -> tuple[str, ...]:
    """Return the name of a field's variable: its alias, where it has one."""
    if not isinstance(field.target, ast.Name):
        return ()
    keywords = (node for node in ast.walk(field) if isinstance(node, ast.keyword) and node.arg in ALIASES)
    aliases = tuple(
        each.value.value
        for each in keywords
        if isinstance(each.value, ast.Constant) and isinstance(each.value.value, str)
    )
    return aliases or (field.target.id,)


def _stored(target: ast.expr) -> Iterator[str]:
    """Yield the names that an assignment stores to."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id


def _word(node: ast.AST) -> str | None:
    """Return the name or the text that a node is."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return node.attr
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    return None
