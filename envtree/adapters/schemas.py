"""Runs a source's `schemas/*.py` as the package `schemas`, from the bytes that were read from whichever revision."""

from __future__ import annotations

import contextlib
import functools
import posixpath
import sys
import warnings
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

from pydantic import BaseModel
from pydantic_core import ValidationError

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import SCHEMAS
from envtree.core.model.tree import COMMON, Span
from envtree.core.schema.authoring.bases import INSTANCE_HELP, instances, wrong_bases
from envtree.core.schema.authoring.conflicts import conflicts, misnamed, repeated_fields, scope_faults
from envtree.core.schema.authoring.defaults import refused_defaults
from envtree.core.schema.authoring.options import unusable_methods, unusable_options
from envtree.core.schema.authoring.raised import raised_at, text_of
from envtree.core.schema.authoring.secret_limits import limit_secrets
from envtree.core.schema.authoring.unusable import unusable_fields
from envtree.core.schema.declarations import constants, declarations
from envtree.core.schema.fields import needs_whole_target, rules_of
from envtree.core.schema.language import Settings
from envtree.core.schema.rules import Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Project

if TYPE_CHECKING:
    from importlib.abc import Loader as _Loader
else:
    _Loader = object  # importlib.abc takes longer to import than a service's schemas

PACKAGE = "schemas"
_IMPORT_HELP = "schemas are Python modules: try `python -c 'import schemas.NAME'`"


def load(
    source: Source, project: Project, services: frozenset[str] | None = None
) -> tuple[tuple[Schema, ...], tuple[Diagnostic, ...]]:
    """Return every class that governs processes, and what is wrong with the files that define them.

    A module has the name of the service that it governs (`common`: all services); a module that starts with `_` is for
    others to import. With `services`, only the modules that govern these are run, and checks that need the whole
    project are left out.
    """
    texts: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for path, data in sorted(source.files.items()):
        if not path.startswith(SCHEMAS):
            continue
        if not path.endswith(".py") or "/" in path.removeprefix(SCHEMAS):
            problems.append(_stray(path))
            continue
        try:
            texts[path] = data.decode("utf-8-sig")
        except UnicodeDecodeError:
            problems.append(
                Diagnostic("not-utf8", f"`{path}` is not UTF-8", Span(path, 1, 1), help="save the file as UTF-8")
            )
    chosen = set(texts) if services is None else {path for path in texts if _service(path) in (COMMON, *services)}
    problems += misnamed(texts, project) if services is None else ()
    schemas: list[Schema] = []
    all_constants = functools.cache(lambda: frozenset[str]().union(*map(constants, texts.values())))
    with _importing(texts) as import_module, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for path in sorted(chosen):
            stem = posixpath.basename(path).removesuffix(".py")
            try:
                module = import_module(PACKAGE if stem == "__init__" else f"{PACKAGE}.{stem}")
                problems += repeated_fields(path, texts[path])
                if not stem.startswith("_"):
                    problems += instances(vars(module), path, texts[path])
                    problems += wrong_bases(vars(module), module.__name__, path, texts)
                    found = tuple(_classes_of(module, path, texts, all_constants))
                    schemas += (each for each in found if isinstance(each, Schema))
                    problems += (each for each in found if isinstance(each, Diagnostic))
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - a schema is code, and may raise anything, SystemExit too
                problems.append(_failed(path, error, texts))
    problems += _warnings([each for each in caught if each.filename in texts], texts)
    if services is None:
        problems += scope_faults(schemas, project)
    problems += conflicts(schemas)
    return tuple(schemas), tuple(problems)


def _service(path: str) -> str:
    """Return the service of a schema file, or `common`."""
    return path.removeprefix(SCHEMAS).removesuffix(".py").replace("_", "-")


class _Finder(_Loader):
    """Finds `schemas` and its modules in texts, without reading from or writing to the disk."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self.texts = texts

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        del path, target
        if fullname == PACKAGE:
            return ModuleSpec(fullname, self, is_package=True)
        file = f"{fullname.replace('.', '/')}.py"
        return (
            ModuleSpec(fullname, self, origin=file)
            if fullname.startswith(f"{PACKAGE}.") and file in self.texts
            else None
        )

    def create_module(self, spec: ModuleSpec) -> None:
        """Leave the creation of modules to Python."""

    def exec_module(self, module: ModuleType) -> None:
        file = f"{module.__name__.replace('.', '/')}.py"
        text = self.texts.get(file if module.__name__ != PACKAGE else f"{SCHEMAS}__init__.py", "")
        _refuse_nul(text, file)
        exec(compile(text, file, "exec", dont_inherit=True), module.__dict__)


def _refuse_nul(text: str, file: str) -> None:
    """Raise SyntaxError at the first NUL: Python itself raises ValueError in some releases, and no place in any."""
    before, nul, _ = text.partition("\0")
    if nul:
        place = (file, before.count("\n") + 1, len(before) - before.rfind("\n"), None)
        raise SyntaxError("a NUL, which no Python file can hold", place)


@contextlib.contextmanager
def _importing(texts: Mapping[str, str]) -> Iterator[Callable[[str], ModuleType]]:
    """Make imports come from these texts, and remove the modules at the end; what they print goes to stderr."""
    from importlib import import_module

    def forget() -> dict[str, ModuleType]:
        names = [name for name in sys.modules if name == PACKAGE or name.startswith(f"{PACKAGE}.")]
        return {name: sys.modules.pop(name) for name in names}

    before, finder = forget(), _Finder(texts)
    sys.meta_path.insert(0, finder)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            yield import_module
    finally:
        sys.meta_path.remove(finder)
        forget()
        sys.modules.update(before)


def _classes_of(
    module: ModuleType, path: str, texts: Mapping[str, str], all_constants: Callable[[], frozenset[str]]
) -> Iterator[Schema | Diagnostic]:
    """Yield the classes that a module itself defines, and why one of them is unusable."""
    service = None if _service(path) == COMMON else _service(path)
    for model in tuple(vars(module).values()):
        if isinstance(model, type) and issubclass(model, Settings) and model.__module__ == module.__name__:
            try:
                schema = _schema(model, path, service, texts, all_constants)
                yield schema
                yield from (
                    *unusable_options(schema),
                    *unusable_methods(schema),
                    *unusable_fields(schema),
                ) or refused_defaults(schema)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - as with the module
                place = declarations(path, texts[path]).get(model.__name__, {}).get("")
                yield _failed(path, error, texts, place)


def _schema(
    model: type[Settings],
    path: str,
    service: str | None,
    texts: Mapping[str, str],
    all_constants: Callable[[], frozenset[str]],
) -> Schema:
    model.model_rebuild()
    limit_secrets(model)
    process, environment = model.envtree_scope
    if not (isinstance(process, str | None) and isinstance(environment, str | None)):
        raise TypeError("`envtree_scope` is envtree's own; narrow a class with `process=` and `environment=`")
    rules, needs_all = rules_of(model), needs_whole_target(model)
    blank_instance = None if needs_all else BaseModel.model_construct.__func__(model)  # type: ignore[attr-defined]
    return Schema(model, path, service, process, environment, rules, needs_all, texts, all_constants, blank_instance)


def _stray(path: str) -> Diagnostic:
    return Diagnostic(
        "stray-file",
        f"`{path}` is no schema: those are Python files in `{SCHEMAS}` itself",
        Span(path, 1, 1, 0),
        help="remove it; dotfiles and Markdown are passed over",
    )


def _warnings(caught: Iterable[warnings.WarningMessage], texts: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Yield the diagnostics for warnings of Python or pydantic about schemas.

    A warning's message is shown only where a schema itself contains it, or where it is a UserWarning.
    """
    is_in_another = functools.cache(lambda message: any(message in text for text in texts.values()))
    for each in caught:
        message = text_of(each.message)
        is_shown = each.category is UserWarning or message in texts[each.filename] or is_in_another(message)
        yield Diagnostic(
            "schema-warning",
            f"`{each.filename}` gives a {each.category.__name__}",
            Span(each.filename, each.lineno, 1),
            label=" ".join(message.split()) if is_shown else "",
            help="mend what it warns of: `python -W error -c 'import schemas.NAME'` shows where",
            severity="warning",
            shown=True,
        )


def _failed(path: str, error: BaseException, texts: Mapping[str, str], place: Span | None = None) -> Diagnostic:
    """Return the diagnostic for a schema that can't be imported, at the line of a schema file that caused it."""
    span, label, advice = place or Span(path, 1, 1), "", _IMPORT_HELP
    if isinstance(error, SyntaxError) and error.filename in texts:
        span, label = Span(error.filename or path, error.lineno or 1, max(1, error.offset or 1)), str(error.msg)
        message = f"`{error.filename}` is not valid Python"
    else:
        span = raised_at(error, texts) or span
        message, advice = f"`{path}` can't be imported: {type(error).__name__}", _import_help(error)
        if not isinstance(error, ValidationError):  # pydantic's own text holds the value
            label = " ".join(text_of(error).split()).split(" For further information", 1)[0]
    return Diagnostic(
        "schema-failed",
        message,
        span,
        label,
        help=advice,
        shown=True,
    )


def _import_help(error: BaseException) -> str:
    """Return what to do about an exception that ended an import."""
    if isinstance(error, ValidationError):
        return INSTANCE_HELP
    if isinstance(error, ModuleNotFoundError) and error.name == "pydantic_settings":
        return "write `from envtree import Settings`, and derive from it in place of `BaseSettings`"
    return _IMPORT_HELP
