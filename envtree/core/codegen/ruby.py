"""A loader in Ruby, from 3.0 on: `AccountsSettings.load` returns a frozen object with a method for each variable."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.codegen.expressions import ReaderWords, reader_of
from envtree.core.codegen.patterns import in_language
from envtree.core.codegen.reserved import RUBY
from envtree.core.codegen.runtime.ruby import SECRET, TEXTS
from envtree.core.codegen.runtime.ruby_json import CONTENT
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
from envtree.core.codegen.writing import MARK, deprecation_tags, identifiers, needed, quoted, remarks, service_remarks

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from envtree.core.codegen.expressions import Scalar, Text
    from envtree.core.codegen.shapes import Record
    from envtree.core.codegen.variables import LoaderVariable, ServiceVariables

_DEFINED = re.compile(r"^    (?:def |(?=BLANK))(\w+)", re.MULTILINE)

_MAGIC = re.compile(
    r"((?:en)?coding|frozen[_-]string[_-]literal|shareable[_-]constant[_-]value|warn[_-]indent)(\s*[:=])", re.IGNORECASE
)
"""What Ruby takes for an order where it stands in a comment."""


def generate(service: ServiceVariables) -> str:
    """Return the text of a Ruby file that loads and checks the variables of a service."""
    records = {each.name: f"{each.name}Record" for each in service.records}
    methods = identifiers((each.name for each in service.variables), RUBY)
    name = "".join(part.capitalize() for part in service.service.split("-")) + "Settings"
    readers = [_record_reader(each, records) for each in service.records]
    load = _load(service, methods, records)
    runtime = needed(f"{load} get {' '.join(readers)}", (TEXTS, CONTENT), _DEFINED)
    reading = "\n\n".join((*runtime, *readers))
    about = _comment([f"The variables of {service.service}.", *service_remarks(service.validators)], "")
    head = f"# {MARK.format(service=service.service, language='ruby')}\n# frozen_string_literal: true\n\n"
    needs_json = 'require "json"\n\n' if "JSON." in reading else ""
    return f"""\
{head}{needs_json}{about}class {name}
{SECRET}
{"".join(_record(each, records) for each in service.records)}  module Reading
    module_function

{reading}
  end
  private_constant :Reading

{_readers(service, methods)}
  def initialize(values)
    values.each {{ |name, value| instance_variable_set("@#{{name}}", value) }}
    freeze
  end
  private_class_method :new

{load}
end
"""


def _readers(service: ServiceVariables, methods: Mapping[str, str]) -> str:
    lines = []
    for each in service.variables:
        about = [*remarks(each, "nil where it is not set."), *deprecation_tags(each.deprecated)]
        lines.append(_comment(about, "  "))
        lines.append(f"  attr_reader :{methods[each.name]}\n\n")
    return "".join(lines)


def _load(service: ServiceVariables, methods: Mapping[str, str], records: Mapping[str, str]) -> str:
    values = "".join(f"      {methods[each.name]}: {_get(each, records)},\n" for each in service.variables)
    return f"""\
  # Returns the variables of this process, or of `env`; raises Error, which names all that are wrong.
  def self.load(env = ENV)
    faults = []
    values = {{
{values}    }}
    raise Error.new(faults) unless faults.empty?

    new(values)
  end"""


def _get(variable: LoaderVariable, records: Mapping[str, str]) -> str:
    words = ["env", "faults", _text(variable.name), reader_of(variable.shape, _READERS, records)]
    if not variable.required:
        words.append(_literal(variable.default))
    if variable.ignores_empty:
        words.append("ignores_empty: true")
    return f"Reading.get({', '.join(words)})"


def _record(record: Record, records: Mapping[str, str]) -> str:
    methods = identifiers((each.name for each in record.keys), RUBY)
    readers = f"    attr_reader {', '.join(f':{methods[each.name]}' for each in record.keys)}\n\n" if methods else ""
    return f"""\
  # Part of a variable that holds JSON.
  class {records[record.name]}
{readers}    def initialize(values)
      values.each {{ |name, value| instance_variable_set("@#{{name}}", value) }}
      freeze
    end
  end

"""


def _record_reader(record: Record, records: Mapping[str, str]) -> str:
    methods = identifiers((each.name for each in record.keys), RUBY)
    known = f", known: [{', '.join(_text(each.key) for each in record.keys)}]" if record.closed else ""
    keys = ""
    for each in record.keys:
        words = [_text(each.key), reader_of(each.shape, _READERS, records, in_json=True)]
        words += [] if each.required else [_literal(each.default)]
        keys += f",\n        {_text(methods[each.name])}: [{', '.join(words)}]"
    name = records[record.name]
    return f"""\
    def read_{name}
      ->(value) {{ keys_of_{name}.call(value) }}
    end

    def keys_of_{name}
      record({name}{known}{keys})
    end"""


def _scalar(shape: Scalar, *, in_json: bool) -> str:
    match shape:
        case IntegerShape(least, most, multiple, choices):
            return _call("json_integer" if in_json else "integer", least, most, multiple, *choices)
        case NumberShape(least, most, above, below, finite):
            words = [*map(_number, (least, most, above, below))]
            while words and words[-1] == "nil":
                words.pop()
            words += ["finite: true"] if finite else []
            return f"Reading.{'json_number' if in_json else 'number'}({', '.join(words)})"
        case BooleanShape():
            return f"Reading.{'json_boolean' if in_json else 'boolean'}"
        case UrlShape(schemes, needs_host, several, most):
            listed = f"[{', '.join(map(_text, schemes))}]"
            limit = "" if in_json or most is None else f", {most}"
            words = [listed, _literal(needs_host), _literal(several)]
            return f"Reading.{'json_url' if in_json else 'url'}({', '.join(words)}{limit})"


def _text_reader(shape: Text) -> str:
    match shape:
        case TextShape(least, most, patterns):
            if patterns:
                forms = (
                    f"Regexp.new({_text(in_language(each, chr(92) + 'A', chr(92) + 'z', chr(92) + 'p{Nd}'))})"
                    for each in patterns
                )
                return f"Reading.text({least}, {_literal(most)}, {', '.join(forms)})"
            return _call("text", least or (None if most is None else 0), most)
        case ChoiceShape(texts):
            return f"Reading.choice({', '.join(map(_text, texts))})"
        case DurationShape():
            return "Reading.duration"
        case PathShape():
            return "Reading.text"


_READERS = ReaderWords(
    scalar=_scalar,
    text=_text_reader,
    text_in_json="Reading.json_text({})".format,
    either="Reading.either({})".format,
    items=lambda item, least, most: f"Reading.items({item}{_counts(least, most)})",
    array=lambda item, least, most: f"Reading.array({item}{_counts(least, most)})",
    mapping="Reading.map({})".format,
    nullable="Reading.nullable({})".format,
    secret="Reading.secret({})".format,
    json="Reading.json({})".format,
    anything="Reading.anything",
    record="Reading.read_{}".format,
)


def _call(name: str, *arguments: object) -> str:
    """Return a call without the arguments at its end that say nothing."""
    words = [*arguments]
    while words and words[-1] is None:
        words.pop()
    return f"Reading.{name}({', '.join(map(_literal, words))})" if words else f"Reading.{name}"


def _counts(least: int, most: int | None) -> str:
    return f", {least}, {_literal(most)}" if least or most is not None else ""


def _number(number: float | None) -> str:
    return "nil" if number is None else repr(number).replace("inf", "Float::INFINITY").replace("nan", "Float::NAN")


def _literal(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    return "nil" if value is None else str(value).lower() if isinstance(value, bool) else repr(value)


def _text(text: str) -> str:
    return quoted(text, lambda number: f"\\u{{{number:x}}}", "#")


def _comment(lines: Iterable[str], indent: str) -> str:
    quiet = (_MAGIC.sub(r"`\1`\2", line) for line in lines)
    return "".join(f"{indent}# {line}".rstrip() + "\n" for line in quiet)
