"""A loader in Python, from 3.9 on: `load()` returns a frozen dataclass."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from envtree.core.codegen.expressions import ReaderWords, TypeWords, reader_of, type_of
from envtree.core.codegen.patterns import in_language
from envtree.core.codegen.reserved import PYTHON
from envtree.core.codegen.runtime.python import TEXTS
from envtree.core.codegen.runtime.python_json import CONTENT
from envtree.core.codegen.shapes import (
    BooleanShape,
    ChoiceShape,
    DurationShape,
    IntegerShape,
    NullableShape,
    NumberShape,
    PathShape,
    TextShape,
    UrlShape,
)
from envtree.core.codegen.writing import (
    MARK,
    bare,
    comment_lines,
    identifiers,
    needed,
    quoted,
    remarks,
    service_remarks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.codegen.expressions import Scalar, Text
    from envtree.core.codegen.shapes import Record
    from envtree.core.codegen.variables import LoaderVariable, ServiceVariables

COMMENTS = ("#",)
_DEFINED = re.compile(r"^(?:class|def) (\w+)", re.MULTILINE)
_IMPORTS = (
    *("json", "math", "os", "re"),
    *(("collections.abc", each) for each in ("Callable", "Mapping")),
    *(("dataclasses", "dataclass"), ("datetime", "timedelta"), ("pathlib", "Path")),
    *(("typing", each) for each in ("Any", "Generic", "Literal", "NoReturn", "TypeVar")),
)


def generate(service: ServiceVariables) -> str:
    """Return the text of a Python module that loads and checks the variables of a service."""
    records = identifiers((each.name for each in service.records), PYTHON)
    attributes = identifiers((each.name for each in service.variables), PYTHON)
    classes = [_record(each, records) for each in service.records]
    body = "\n\n\n".join((*classes, _settings(service, attributes, records), _load(service, attributes, records)))
    runtime = needed(f"{bare(body, COMMENTS)} Secret SettingsError _getter", (TEXTS, CONTENT), _DEFINED)
    code = "\n\n\n".join((_ALIASES, *runtime, body))
    head = f"# {MARK.format(service=service.service, language='python')}\n"
    doc = f'"""Loads and checks the variables of {service.service}."""\n'
    return f"{head}{doc}\nfrom __future__ import annotations\n\n{''.join(_imports(bare(code, COMMENTS)))}\n{code}\n"


_ALIASES = """\
_T = TypeVar("_T")
_Read = Callable[[Any], Any]
_REQUIRED = object()"""


def _imports(code: str) -> Iterator[str]:
    """Yield the lines that import what the code uses."""
    used = set(re.findall(r"\w+", code))
    yield from (f"import {each}\n" for each in _IMPORTS if isinstance(each, str) and f"{each}." in code)
    by_module: dict[str, list[str]] = {}
    for each in _IMPORTS:
        if isinstance(each, tuple) and each[1] in used:
            by_module.setdefault(each[0], []).append(each[1])
    yield from (f"from {module} import {', '.join(names)}\n" for module, names in by_module.items())


def _settings(service: ServiceVariables, attributes: Mapping[str, str], records: Mapping[str, str]) -> str:
    lines = ["@dataclass(frozen=True)", "class Settings:"]
    lines += _docstring([f"The variables of {service.service}.", *service_remarks(service.validators)], "    ")
    for each in service.variables:
        kind = type_of(each.shape, _TYPES, records)
        optional = "" if each.required or each.default is not None else " | None"
        lines += ["", f"    {attributes[each.name]}: {kind}{optional}"]
        lines += _docstring([*remarks(each, "None where it is not set."), *comment_lines(each.deprecated)], "    ")
    return "\n".join(lines)


def _load(service: ServiceVariables, attributes: Mapping[str, str], records: Mapping[str, str]) -> str:
    values = "".join(f"        {attributes[each.name]}={_get(each, records)},\n" for each in service.variables)
    return f'''\
def load(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the variables of this process, or of `environ`; raises SettingsError, which names all that are wrong."""
    faults: list[str] = []
    get = _getter(os.environ if environ is None else environ, faults)
    settings = Settings(
{values}    )
    if faults:
        del environ, get, settings  # what reports errors may show what a function holds
        raise SettingsError(tuple(faults))
    return settings'''


def _get(variable: LoaderVariable, records: Mapping[str, str]) -> str:
    words = [_text(variable.name), reader_of(variable.shape, _READERS, records)]
    if not variable.required:
        words.append(_literal(variable.default))
    if variable.ignores_empty:
        words.append("ignores_empty=True")
    return f"get({', '.join(words)})"


def _record(record: Record, records: Mapping[str, str]) -> str:
    name = records[record.name]
    attributes = identifiers((each.name for each in record.keys), PYTHON)
    fields = []
    reads = []
    for each in record.keys:
        is_optional = not each.required and each.default is None and not isinstance(each.shape, NullableShape)
        fields.append(
            f"    {attributes[each.name]}: {type_of(each.shape, _TYPES, records)}{' | None' if is_optional else ''}\n"
        )
        default = "" if each.required else f", {_literal(each.default)}"
        reader = reader_of(each.shape, _READERS, records, in_json=True)
        reads.append(f"        {attributes[each.name]}=key({_text(each.key)}, {reader}{default}),\n")
    known = f"({''.join(f'{_text(each.key)}, ' for each in record.keys)})" if record.closed else "None"
    return f"""\
@dataclass(frozen=True)
class {name}:
{"".join(fields) or "    pass" + chr(10)}

def _read_{name}(value: object) -> {name}:
    {"key = " if reads else ""}_keys(value, {known})
    return {name}(
{"".join(reads)}    )"""


def _scalar(shape: Scalar, *, in_json: bool) -> str:
    match shape:
        case IntegerShape(least, most, multiple, choices):
            return _call("_json_integer" if in_json else "_integer", least, most, multiple, *choices)
        case NumberShape(least, most, above, below, finite):
            return _call("_json_number" if in_json else "_number", least, most, above, below, finite)
        case BooleanShape():
            return "_json_boolean()" if in_json else "_boolean()"
        case UrlShape(schemes, needs_host, several, most):
            return _call("_json_url" if in_json else "_url", schemes, needs_host, several, most)


def _text_reader(shape: Text) -> str:
    match shape:
        case TextShape(least, most, patterns):
            return _call("_text", least or None, most, *(in_language(each, "^", r"\Z", r"\d") for each in patterns))
        case PathShape():
            return "_path()"
        case ChoiceShape(texts):
            return _call("_choice", *texts)
        case DurationShape():
            return "_duration()"


def _call(name: str, *arguments: object) -> str:
    """Return a call without the arguments at its end that say nothing."""
    words = [*arguments]
    while words and words[-1] in (None, False, ()):
        words.pop()
    defaults = {"_text": 0}
    texts = [
        str(defaults.get(name)) if number == 0 and each is None else _literal(each) for number, each in enumerate(words)
    ]
    return f"{name}({', '.join(texts)})"


def _call_of(name: str, item: str, least: int, most: int | None) -> str:
    if most is None and least <= 0:
        return f"{name}({item})"
    return f"{name}({item}, {least}{'' if most is None else f', {most}'})"


_TYPES = TypeWords(
    integer="int",
    number="float",
    boolean="bool",
    duration="timedelta",
    anything="Any",
    array="tuple[{}, ...]".format,
    mapping="dict[str, {}]".format,
    nullable="{} | None".format,
    secret="Secret[{}]".format,
    text="str",
    path="Path",
    choice=lambda texts: f"Literal[{', '.join(map(_text, texts))}]",
)
_READERS = ReaderWords(
    scalar=_scalar,
    text=_text_reader,
    text_in_json="_json_text({})".format,
    either="_either({})".format,
    items=partial(_call_of, "_items"),
    array=partial(_call_of, "_array"),
    mapping="_map({})".format,
    nullable="_nullable({})".format,
    secret="_secret({})".format,
    json="_json({})".format,
    anything="_anything()",
    record="_read_{}".format,
)


def _literal(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return f"({', '.join(map(_literal, value))}{',' if len(value) == 1 else ''})"
    return repr(value)


def _text(text: str) -> str:
    return quoted(
        text,
        lambda number: (
            f"\\x{number:02x}" if number < 256 else f"\\u{number:04x}" if number < 65536 else f"\\U{number:08x}"
        ),
    )


def _docstring(lines: Iterable[str], indent: str) -> list[str]:
    """Return lines of text as a docstring."""
    written = [line.replace("\\", "\\\\").replace('"""', '\\"\\"\\"') for line in lines]
    if not written:
        return []
    if len(written) == 1:
        end = " " if written[0].endswith('"') else ""
        return [f'{indent}"""{written[0]}{end}"""']
    return [f'{indent}"""{written[0]}', *(f"{indent}{line}".rstrip() for line in written[1:]), f'{indent}"""']
