"""Runs a source's `schemas/*.py` as the package `schemas`, from the bytes that were read from whichever revision."""

from __future__ import annotations

import contextlib
import functools
import posixpath
import sys
import warnings
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

from pydantic_core import ValidationError

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import CONFIGS, SCHEMAS
from envtree.core.model.tree import Span
from envtree.core.model.vocabulary import Vocabulary
from envtree.core.schema.declarations import constants, repeated
from envtree.core.schema.language import Settings
from envtree.core.schema.rules import Schema, needs_whole_target, rules_of

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
COMMON = "common"


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
    problems += _misnamed(texts, project) if services is None else ()
    schemas: list[Schema] = []
    all_constants = functools.cache(lambda: frozenset[str]().union(*map(constants, texts.values())))
    with _importing(texts) as import_module, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for path in sorted(chosen):
            stem = posixpath.basename(path).removesuffix(".py")
            try:
                module = import_module(PACKAGE if stem == "__init__" else f"{PACKAGE}.{stem}")
                problems += _repeated_fields(path, texts[path])
                if not stem.startswith("_"):
                    schemas += _classes_of(module, path, stem, texts, all_constants)
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001 - a schema is code, and may raise anything, SystemExit too
                problems.append(_failed(path, error, texts))
    problems += _warnings([each for each in caught if each.filename in texts], texts)
    if services is None:
        problems += _scope_faults(schemas, project)
    problems += _conflicts(schemas)
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
    module: ModuleType, path: str, stem: str, texts: Mapping[str, str], all_constants: Callable[[], frozenset[str]]
) -> Iterator[Schema]:
    """Yield the classes that a module itself defines."""
    for model in vars(module).values():
        if isinstance(model, type) and issubclass(model, Settings) and model.__module__ == module.__name__:
            model.model_rebuild()
            process, environment = model.envtree_scope
            service = None if stem == COMMON else _service(path)
            rules, needs_all = rules_of(model), needs_whole_target(model)
            blank_instance = None if needs_all else model.model_construct()
            yield Schema(
                model, path, service, process, environment, rules, needs_all, texts, all_constants, blank_instance
            )


def _stray(path: str) -> Diagnostic:
    return Diagnostic(
        "stray-file",
        f"`{path}` is no schema: those are Python files in `{SCHEMAS}` itself",
        Span(path, 1, 1, 0),
        help="remove it; dotfiles and Markdown are passed over",
    )


def _misnamed(texts: Mapping[str, str], project: Project) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each schema file whose name is no service."""
    by_stem = {service.name.replace("-", "_"): service.name for service in project.services}
    vocabulary = Vocabulary((COMMON, *by_stem))
    for path in texts:
        stem = path.removeprefix(SCHEMAS).removesuffix(".py")
        if stem == COMMON or stem.startswith("_") or stem in by_stem:
            continue
        yield Diagnostic(
            "unknown-schema",
            f"`{path}` is named for no service{vocabulary.did_you_mean_name(stem)}",
            Span(path, 1, 1),
            help="name it for a service (`reports_api.py` for `reports-api`), "
            f"add {CONFIGS}{stem.replace('_', '-')}/service.yaml, or start its name with `_` if it only helps others",
            shown=True,
        )


def _repeated_fields(path: str, text: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each field that a class declares twice."""
    for name, first, second in repeated(path, text):
        yield Diagnostic(
            "conflicting-declaration",
            f"`{name}` is declared twice in one class",
            second,
            label="declared again here",
            notes=(f"first declared at {first}; Python would keep the last without a word",),
            help="keep one of the two",
            shown=True,
        )


def _conflicts(schemas: list[Schema]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each variable of different types in classes of one scope: few values satisfy both."""
    first: dict[tuple[str | None, str | None, str | None, str], Schema] = {}
    for schema in schemas:
        for name, rule in schema.rules.items():
            other = first.setdefault((schema.service, schema.process, schema.environment, name), schema)
            if other is schema or issubclass(schema.model, other.model):
                continue
            own, others = schema.model.model_fields[rule.field], other.model.model_fields[other.rules[name].field]
            if (own.annotation, own.metadata) != (others.annotation, others.metadata):
                yield Diagnostic(
                    "conflicting-declaration",
                    f"`{name}` is declared with two types for the same processes",
                    schema.location(name),
                    label="declared again here",
                    notes=(f"first declared at {other.location(name)}",),
                    help="keep one of the two, or narrow a class with `process=` or `environment=`",
                    shown=True,
                    variable=name,
                )


def _scope_faults(schemas: Iterable[Schema], project: Project) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each class whose process or environment does not exist."""
    processes: dict[str | None, frozenset[str]] = {
        service.name: frozenset(process.name for process in service.processes) for service in project.services
    }
    processes[None] = frozenset[str]().union(*processes.values())
    environments = frozenset(each.name for each in project.environments)
    vocabulary = functools.cache(lambda names: Vocabulary(sorted(names)))
    for schema in schemas:
        for what, name, known in (
            ("process", schema.process, processes.get(schema.service, frozenset[str]())),
            ("environment", schema.environment, environments),
        ):
            if name is not None and name not in known:
                yield _unknown_scope(schema, what, name, vocabulary(known))


def _unknown_scope(schema: Schema, what: str, name: str, vocabulary: Vocabulary) -> Diagnostic:
    owner = f"`{schema.service}` has" if schema.service and what == "process" else "there is"
    near = vocabulary.did_you_mean_name(name)
    plural = "processes" if what == "process" else "environments"
    return Diagnostic(
        "unknown-scope",
        f"`{schema.model.__name__}` is for the {what} `{name}`, and {owner} no such {what}{near}",
        schema.class_location(),
        help=f"the {plural} are {vocabulary.listed}" if vocabulary.listed else "",
        shown=True,
    )


def _warnings(caught: Iterable[warnings.WarningMessage], texts: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Yield the diagnostics for warnings of Python or pydantic about schemas.

    A warning's message is shown only where a schema itself contains it, or where it is a UserWarning.
    """
    is_in_another = functools.cache(lambda message: any(message in text for text in texts.values()))
    for each in caught:
        message = str(each.message)
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


def _failed(path: str, error: BaseException, texts: Mapping[str, str]) -> Diagnostic:
    """Return the diagnostic for a schema that can't be imported, at the line of a schema file that caused it."""
    span, label = Span(path, 1, 1), ""
    if isinstance(error, SyntaxError) and error.filename in texts:
        span, label = Span(error.filename or path, error.lineno or 1, max(1, error.offset or 1)), error.msg
        message = f"`{error.filename}` is not valid Python"
    else:
        trace = error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename in texts:
                span = Span(trace.tb_frame.f_code.co_filename, trace.tb_lineno, 1)
            trace = trace.tb_next
        if not isinstance(error, ValidationError):  # pydantic's own text holds the value
            label = " ".join(str(error).split()).split(" For further information", 1)[0]
        message = f"`{path}` can't be imported: {type(error).__name__}"
    return Diagnostic(
        "schema-failed",
        message,
        span,
        label,
        help="schemas are Python modules: try `python -c 'import schemas.NAME'`",
        shown=True,
    )
