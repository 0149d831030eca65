"""A loader in Go, from 1.18 on: `Load` returns a struct, or an error that names all that is wrong."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from envtree.core.codegen.expressions import ReaderWords, TypeWords, reader_of, type_of
from envtree.core.codegen.patterns import in_language
from envtree.core.codegen.reserved import GO
from envtree.core.codegen.runtime.go import VALUES
from envtree.core.codegen.runtime.go_forms import FORMS
from envtree.core.codegen.runtime.go_json import CONTENT
from envtree.core.codegen.shapes import (
    AnythingShape,
    ArrayShape,
    BooleanShape,
    ChoiceShape,
    CommaShape,
    DurationShape,
    IntegerShape,
    JsonShape,
    MapShape,
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
    from collections.abc import Iterable, Mapping

    from envtree.core.codegen.expressions import Scalar, Text
    from envtree.core.codegen.shapes import Record, Shape
    from envtree.core.codegen.variables import LoaderVariable, ServiceVariables

MAX_INTEGER = 2**63 - 1
COMMENTS = ("//",)
_DEFINED = re.compile(r"^(?:func|type|const|var) (\w+)", re.MULTILINE)
_PACKAGES = {
    each.rpartition("/")[2]: each
    for each in (
        *("encoding/json", "fmt", "io", "math", "os", "regexp", "strconv", "strings", "time", "unicode"),
        "unicode/utf8",
    )
}


def generate(service: ServiceVariables) -> str:
    """Return the text of a Go package that loads and checks the variables of a service, as gofmt writes it."""
    records = identifiers((each.name for each in service.records), GO)
    fields = identifiers((each.name for each in service.variables), (), exported=True)
    classes = [part for each in service.records for part in _record(each, records)]
    body = "\n\n".join((*classes, *_settings(service, fields, records)))
    runtime = needed(f"{bare(body, COMMENTS)} Secret Error variables", (VALUES, FORMS, CONTENT), _DEFINED)
    code = "\n\n".join((*runtime, body))
    words = set(re.findall(r"\b(\w+)\.", bare(code, COMMENTS)))
    imports = "".join(
        f'\t"{path}"\n' for name, path in sorted(_PACKAGES.items(), key=lambda each: each[1]) if name in words
    )
    head = f"// {MARK.format(service=service.service, language='go')}\n"
    about = f"// Package settings loads and checks the variables of {service.service}.\n"
    return f"{head}\n{about}package settings\n\nimport (\n{imports})\n\n{code}\n"


def _settings(service: ServiceVariables, fields: Mapping[str, str], records: Mapping[str, str]) -> tuple[str, ...]:
    members, values = [], []
    for each in service.variables:
        is_pointer = not each.required and each.default is None and not _has_nil(each.shape)
        kind = f"{'*' if is_pointer else ''}{type_of(each.shape, _TYPES, records)}"
        about = remarks(each, "It is nil where the variable is not set.")
        deprecated = [line or "-" for line in comment_lines(each.deprecated)]
        deprecated = [line if line.startswith("Deprecated: ") else f"Deprecated: {line}" for line in deprecated]
        lines = [*about, *([""] if about and deprecated else []), *deprecated]
        members.append(f"{_comment(lines, chr(9))}\t{fields[each.name]} {kind}\n")
        values.append(f"\tsettings.{fields[each.name]} = {_get(each, records)}\n")
    about = [f"Settings are the variables of {service.service}.", *service_remarks(service.validators)]
    return (
        f"{_comment(about)}type Settings struct {{\n{chr(10).join(members)}}}"
        if members
        else f"{_comment(about)}type Settings struct{{}}",
        """\
// Load returns the variables of this process; its error is an *Error, which names all that are wrong.
func Load() (*Settings, error) { return LoadFrom(os.LookupEnv) }""",
        f"""\
// LoadFrom returns the variables that a function finds by their names.
func LoadFrom(lookup func(name string) (string, bool)) (*Settings, error) {{
\tall := &variables{{lookup: lookup}}
\tsettings := &Settings{{}}
{"".join(values)}\tif len(all.faults) > 0 {{
\t\treturn nil, &Error{{all.faults}}
\t}}
\treturn settings, nil
}}""",
    )


def _get(variable: LoaderVariable, records: Mapping[str, str]) -> str:
    reader = reader_of(variable.shape, _READERS, records)
    words = f"all, {_text(variable.name)}, {reader}, {'true' if variable.ignores_empty else 'false'}"
    if variable.required:
        return f"required({words})"
    if variable.default is not None:
        return f"otherwise({words}, {_literal(variable.default)})"
    return f"otherwise({words}, nil)" if _has_nil(variable.shape) else f"optional({words})"


def _record(record: Record, records: Mapping[str, str]) -> tuple[str, str]:
    name = records[record.name]
    fields = identifiers((each.name for each in record.keys), (), exported=True)
    members, values = [], []
    for each in record.keys:
        is_pointer = not each.required and each.default is None and not _has_nil(each.shape)
        members.append(f"\t{fields[each.name]} {'*' if is_pointer else ''}{type_of(each.shape, _TYPES, records)}\n")
        words = f"all, {_text(each.key)}, {reader_of(each.shape, _READERS, records, in_json=True)}"
        if each.required:
            call = f"requiredKey({words})"
        elif each.default is not None:
            call = f"keyOr({words}, {_literal(each.default)})"
        else:
            call = f"keyOr({words}, nil)" if _has_nil(each.shape) else f"key({words})"
        values.append(f"\tread.{fields[each.name]} = {call}\n")
    known = "".join(f", {_text(each.key)}" for each in record.keys)
    about = f"// {name} is part of a variable that holds JSON.\n"
    return (
        f"{about}type {name} struct {{\n{chr(10).join(members)}}}" if members else f"{about}type {name} struct{{}}",
        f"""\
func read{name}(value any) ({name}, *invalid) {{
\tall := keysOf(value, {"true" if record.closed else "false"}{known})
\tread := {name}{{}}
{"".join(values)}\treturn read, all.fault
}}""",
    )


def _has_nil(shape: Shape) -> bool:
    """Return whether a shape's type has a value for none."""
    if isinstance(shape, JsonShape):
        return _has_nil(shape.content)
    return isinstance(shape, (CommaShape, ArrayShape, MapShape, AnythingShape, NullableShape))


def _bounds(shape: IntegerShape) -> str:
    pairs = (("least", shape.least), ("most", shape.most), ("multiple", shape.multiple))
    parts = [f"{name}: integer({each})" for name, each in pairs if each is not None and _is_held(each)]
    choices = ", ".join(str(each) for each in shape.choices if _is_held(each))
    parts += [f"choices: []int64{{{choices}}}"] if choices else []
    return f"bounds{{{', '.join(parts)}}}"


def _url(shape: UrlShape) -> str:
    parts = [f"schemes: []string{{{', '.join(map(_text, shape.schemes))}}}"] if shape.schemes else []
    parts += ["needsHost: true"] if shape.needs_host else []
    parts += ["several: true"] if shape.several else []
    parts += [f"most: {shape.most}"] if shape.most else []
    return f"urlForm{{{', '.join(parts)}}}"


def _is_held(number: int) -> bool:
    return abs(number) <= MAX_INTEGER


def _most(most: int | None) -> str:
    return "-1" if most is None else str(most)


def _scalar(shape: Scalar, *, in_json: bool) -> str:
    match shape:
        case IntegerShape():
            return f"{'jsonInteger' if in_json else 'asInteger'}({_bounds(shape)})"
        case NumberShape(least, most, above, below, finite):
            pairs = (("least", least), ("most", most), ("above", above), ("below", below))
            parts = [f"{name}: number({each!r})" for name, each in pairs if each is not None and math.isfinite(each)]
            parts += ["finite: true"] if finite else []
            return f"{'jsonNumber' if in_json else 'asNumber'}(limits{{{', '.join(parts)}}})"
        case BooleanShape():
            return "jsonBoolean" if in_json else "asBoolean"
        case UrlShape():
            return f"{'jsonURL' if in_json else 'asURL'}({_url(shape)})"


def _text_reader(shape: Text) -> str:
    match shape:
        case TextShape(least, most, patterns):
            words = (str(least), _most(most), *(_text(in_language(each, "^", "$", r"\p{Nd}")) for each in patterns))
            return f"asText({', '.join(words)})"
        case ChoiceShape(texts):
            return f"asChoice({', '.join(map(_text, texts))})"
        case DurationShape():
            return "asDuration"
        case PathShape():
            return "asText(0, -1)"


_TYPES = TypeWords(
    integer="int64",
    number="float64",
    boolean="bool",
    duration="time.Duration",
    anything="any",
    array="[]{}".format,
    mapping="map[string]{}".format,
    nullable="*{}".format,
    secret="Secret[{}]".format,
    text="string",
    path="string",
    choice=lambda _: "string",
)
_READERS = ReaderWords(
    scalar=_scalar,
    text=_text_reader,
    text_in_json="jsonText({})".format,
    either="asEither({})".format,
    items=lambda item, least, most: f"asItems({item}, {least}, {_most(most)})",
    array=lambda item, least, most: f"jsonArray({item}, {least}, {_most(most)})",
    mapping="jsonMap({})".format,
    nullable="nullable({})".format,
    secret="asSecret({})".format,
    json="asJSON({})".format,
    anything="anything",
    record="read{}".format,
)


def _literal(value: object) -> str:
    return _text(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else repr(value)


def _text(text: str) -> str:
    return quoted(text, lambda number: f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}")


def _comment(lines: Iterable[str], indent: str = "") -> str:
    """Return lines of text as comments; none of them is a build constraint of old, which has an effect."""
    quiet = (f"`+build`{line.removeprefix('+build')}" if line.startswith("+build") else line for line in lines)
    return "".join(f"{indent}// {line}".rstrip() + "\n" for line in quiet)
