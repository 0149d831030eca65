"""A loader in TypeScript, from 5.0 on: `load()` returns a frozen object; Node runs it with its types taken out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.codegen.expressions import ReaderWords, TypeWords, reader_of, type_of
from envtree.core.codegen.patterns import in_language
from envtree.core.codegen.reserved import TYPESCRIPT
from envtree.core.codegen.runtime.typescript import TEXTS
from envtree.core.codegen.runtime.typescript_json import CONTENT
from envtree.core.codegen.shapes import (
    BooleanShape,
    ChoiceShape,
    DurationShape,
    IntegerShape,
    NumberShape,
    PathShape,
    TextShape,
    UrlShape,
)
from envtree.core.codegen.writing import (
    MARK,
    bare,
    deprecation_tags,
    identifiers,
    needed,
    quoted,
    remarks,
    service_remarks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.codegen.expressions import Scalar, Text
    from envtree.core.codegen.shapes import Record
    from envtree.core.codegen.variables import LoaderVariable, ServiceVariables

MAX_SAFE = 2**53 - 1
"""The largest integer that a number holds exactly, and all before it."""
COMMENTS = ("//", "/*", "*")
_DEFINED = re.compile(r"^(?:export )?(?:class|function|const|type) (\w+)", re.MULTILINE)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


def generate(service: ServiceVariables) -> str:
    """Return the text of a TypeScript module that loads and checks the variables of a service."""
    records = identifiers((each.name for each in service.records), TYPESCRIPT)
    body = "\n\n".join((*(_record(each, records) for each in service.records), _settings(service, records)))
    runtime = needed(f"{bare(body, COMMENTS)} Secret SettingsError Variables", (TEXTS, CONTENT), _DEFINED)
    head = f"// {MARK.format(service=service.service, language='typescript')}\n"
    process = "declare const process: { readonly env: Readonly<Record<string, string | undefined>> };"
    return f"{head}\n" + "\n\n".join((process, *runtime, body)) + "\n"


def _settings(service: ServiceVariables, records: Mapping[str, str]) -> str:
    fields, values = [], []
    for each in service.variables:
        kind = type_of(each.shape, _TYPES, records)
        optional = "" if each.required or each.default is not None else " | undefined"
        fields.append(_comment(remarks(each, "undefined where it is not set."), deprecated=each.deprecated))
        fields.append(f"  readonly {_key(each.name)}: {kind}{optional};\n")
        values.append(f"    {_member(each.name)}: {_get(each, records)},\n")
    about = _comment([f"The variables of {service.service}.", *service_remarks(service.validators)], "")
    return f"""\
{about}export interface Settings {{
{"".join(fields)}}}

/** Returns the variables of this process, or of `env`; throws SettingsError, which names all that are wrong. */
export function load(env: Readonly<Record<string, string | undefined>> = process.env): Settings {{
  const variables = new Variables(env);
  const settings: Settings = {{
{"".join(values)}  }};
  if (variables.faults.length > 0) throw new SettingsError(variables.faults);
  return Object.freeze(settings);
}}"""


def _get(variable: LoaderVariable, records: Mapping[str, str]) -> str:
    words = [_text(variable.name), reader_of(variable.shape, _READERS, records)]
    if not variable.required:
        words.append("undefined" if variable.default is None else _literal(variable.default))
    if variable.ignores_empty:
        words.append("true")
    return f"variables.{'required' if variable.required else 'optional'}({', '.join(words)})"


def _record(record: Record, records: Mapping[str, str]) -> str:
    name = records[record.name]
    fields, reads = [], []
    for each in record.keys:
        optional = "" if each.required or each.default is not None else " | undefined"
        fields.append(f"  readonly {_key(each.name)}: {type_of(each.shape, _TYPES, records)}{optional};\n")
        reader = reader_of(each.shape, _READERS, records, in_json=True)
        otherwise = "" if each.required else ", undefined" if each.default is None else f", {_literal(each.default)}"
        verb = "required" if each.required else "optional"
        reads.append(f"    {_member(each.name)}: keys.{verb}({_text(each.key)}, {reader}{otherwise}),\n")
    known = f", [{', '.join(_text(each.key) for each in record.keys)}]" if record.closed else ""
    return f"""\
export interface {name} {{
{"".join(fields)}}}

function record{name}(value: unknown): {name} {{
  {"const keys = " if reads else ""}new Keys(value{known});
  return {{
{"".join(reads)}  }};
}}"""


def _scalar(shape: Scalar, *, in_json: bool) -> str:
    match shape:
        case IntegerShape(least, most, multiple, choices):
            low, high, step = map(_safe, (least, most, multiple))
            return _call(
                "jsonInteger" if in_json else "readInteger", low, high, step, *filter(None, map(_safe, choices))
            )
        case NumberShape(least, most, above, below, finite):
            return _call("jsonNumeric" if in_json else "readNumber", *map(_number, (least, most, above, below)), finite)
        case BooleanShape():
            return "jsonBoolean()" if in_json else "readBoolean()"
        case UrlShape(schemes, needs_host, several, most):
            listed = f"[{', '.join(map(_text, schemes))}]" if schemes else None
            limit = None if in_json else _safe(most)
            return _call("jsonUrl" if in_json else "readUrl", listed, needs_host, several, limit)


def _text_reader(shape: Text) -> str:
    match shape:
        case TextShape(least, most, patterns):
            return _call("readText", least or None, _safe(most), *(_pattern(each) for each in patterns))
        case PathShape():
            return "readText()"
        case ChoiceShape(texts):
            kinds = f"<{_choice(texts)}>" if texts else ""
            return f"readChoice{kinds}({', '.join(map(_text, texts))})"
        case DurationShape():
            return "readDuration()"


def _choice(texts: tuple[str, ...]) -> str:
    return " | ".join(map(_text, texts))


def _array(inner: str) -> str:
    return f"readonly ({inner})[]" if " " in inner else f"readonly {inner}[]"


_TYPES = TypeWords(
    integer="number",
    number="number",
    boolean="boolean",
    duration="number",
    anything="unknown",
    array=_array,
    mapping="ReadonlyMap<string, {}>".format,
    nullable="{} | null".format,
    secret="Secret<{}>".format,
    text="string",
    path="string",
    choice=_choice,
)
_READERS = ReaderWords(
    scalar=_scalar,
    text=_text_reader,
    text_in_json="jsonText({})".format,
    either="readEither({})".format,
    items=lambda item, least, most: _call("readItems", item, least or None, _safe(most)),
    array=lambda item, least, most: _call("jsonArray", item, least or None, _safe(most)),
    mapping="jsonMap({})".format,
    nullable="jsonNullable({})".format,
    secret="readSecret({})".format,
    json="readJson({})".format,
    anything="jsonAnything()",
    record="record{}".format,
)


def _call(name: str, *arguments: object) -> str:
    """Return a call without the arguments at its end that say nothing; those before are `undefined`."""
    words = [*arguments]
    while words and (words[-1] is None or words[-1] is False):
        words.pop()
    texts = (
        "undefined" if each is None else str(each).lower() if isinstance(each, bool) else str(each) for each in words
    )
    return f"{name}({', '.join(texts)})"


def _safe(number: int | None) -> str | None:
    """Return an integer as it is written; None for one that no number holds, so that it bounds nothing."""
    return str(number) if number is not None and abs(number) <= MAX_SAFE else None


def _number(number: float | None) -> str | None:
    return None if number is None else repr(number).replace("inf", "Infinity").replace("nan", "NaN")


def _pattern(pattern: str) -> str:
    return _text(in_language(pattern, "^", "$", r"\p{Nd}"))


def _literal(value: object) -> str:
    return _text(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)


def _text(text: str) -> str:
    return quoted(text, lambda number: f"\\u{{{number:x}}}")


def _key(name: str) -> str:
    return name if _KEY.fullmatch(name) else _text(name)


def _member(name: str) -> str:
    """Return a key in an object; `__proto__` would not be one, but for the brackets."""
    return f"[{_text(name)}]" if name == "__proto__" else _key(name)


def _comment(lines: list[str], indent: str = "  ", deprecated: str = "") -> str:
    """Return lines of text as a comment that editors show, and that nothing in them ends."""
    tags = (f"@{_harmless(tag.removeprefix('@'))}" for tag in deprecation_tags(deprecated))
    written = [*map(_harmless, lines), *tags]
    if len(written) < 2:
        return "".join(f"{indent}/** {line} */\n" for line in written)
    inner = "".join(f"{indent} * {line}".rstrip() + "\n" for line in written)
    return f"{indent}/**\n{inner}{indent} */\n"


def _harmless(line: str) -> str:
    """Return a line that neither ends a comment nor has a tag in it, such as `@ts-ignore`."""
    return line.replace("@", "\\@").replace("*/", "*\\/")
