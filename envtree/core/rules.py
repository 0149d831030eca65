"""What a schema class asks of a target's variables, and pydantic's verdict in our own words.

pydantic's messages hold the value, whatever `hide_input_in_errors` says: only its type, place and limits are used.
"""

from __future__ import annotations

import ast
import builtins
import re
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, get_args, get_origin

import pydantic
from pydantic_core import ValidationError
from pydantic_core.core_schema import ErrorType

from envtree.core.mask import mask_passwords
from envtree.core.schema import PortMark, Secret, Settings
from envtree.core.tree import Span, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pydantic.fields import FieldInfo

_DECLARED = re.compile(r"^[ \t]+(\w+)[ \t]*:", re.MULTILINE)
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_SECRETS = (Secret, pydantic.Secret, pydantic.SecretStr, pydantic.SecretBytes)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one class says of one variable."""

    name: str
    field: str
    required: bool
    secret: bool
    port: bool


class Fault(NamedTuple):
    """What is wrong with a value, in words that go after the variable's name, what was expected, and an example."""

    message: str
    expected: str = ""
    example: str = ""
    crashed: bool = False
    """A validator raised what no validator should."""
    told: bool = False
    """The message is an author's own, made when the validator ran: it can hold any value of the class."""


UNTOLD = Fault("is refused by its validator, whose message is hidden since it could hold a secret")


@dataclass(frozen=True, slots=True, eq=False)
class Schema:
    """One class of a schema file, with the scope that it governs (None: all)."""

    model: type[Settings]
    path: str
    service: str | None
    process: str | None
    environment: str | None
    rules: Mapping[str, Rule]
    whole: bool
    """It has a validator that looks at more than one variable, so only whole targets can be checked."""
    texts: Mapping[str, str]
    """The schema files' text, by path: the class may have inherited from any."""
    blank: Settings
    """An instance to assign single values to."""
    verdicts: dict[tuple[str, str], Fault | None] = field(default_factory=dict)
    joint_verdicts: dict[tuple[str | None, ...], dict[str, Fault]] = field(default_factory=dict)

    def governs(self, target: Target) -> bool:
        """Whether a target lies in the scope."""
        return (
            self.service in (None, target.service)
            and self.process in (None, target.process)
            and self.environment in (None, target.environment)
        )

    def judge(self, name: str, text: str) -> Fault | None:
        """What is wrong with one value on its own; each distinct one is asked about once."""
        key = (name, text)
        if key not in self.verdicts:
            self.verdicts[key] = self._judge(name, text)
        return self.verdicts[key]

    def judge_together(self, values: Mapping[str, str]) -> dict[str, Fault]:
        """What is wrong with a target's values: by variable, and under the empty name what is no single one's fault."""
        key = tuple(values.get(name) for name in self.rules)
        if key not in self.joint_verdicts:
            self.joint_verdicts[key] = self._judge_together(
                {name: values[name] for name in self.rules if name in values}
            )
        return self.joint_verdicts[key]

    def involved(self) -> frozenset[str]:
        """The variables that the validators over the whole model look at, as far as its text tells."""
        words: set[str] = set()
        for model in self.model.__mro__:
            path = f"{model.__module__.replace('.', '/')}.py"
            if path in self.texts and issubclass(model, Settings):
                words |= _looked_at(self.texts[path]).get(model.__name__, frozenset())
        return frozenset(name for name, rule in self.rules.items() if rule.field in words)

    def place(self, name: str) -> Span:
        """Where the class, or one that it derives from, declares a variable."""
        for model in self.model.__mro__:
            path = f"{model.__module__.replace('.', '/')}.py"
            places = _declarations(path, self.texts[path]).get(model.__name__, {}) if path in self.texts else {}
            if self.rules[name].field in places:
                return places[self.rules[name].field]
        return self.class_place()

    def class_place(self) -> Span:
        """Where the class itself stands."""
        return (
            _declarations(self.path, self.texts[self.path]).get(self.model.__name__, {}).get("", Span(self.path, 1, 1))
        )

    def _judge(self, name: str, text: str) -> Fault | None:
        rule = self.rules[name]
        try:
            self.model.__pydantic_validator__.validate_assignment(self.blank, rule.field, text)
        except ValidationError as error:
            return next((fault for _, fault in self._faults(error)), None)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - an author's validator may raise anything, SystemExit too
            return _crash(error)
        return _not_canonical(text, getattr(self.blank, rule.field))

    def _judge_together(self, values: Mapping[str, str]) -> dict[str, Fault]:
        try:
            instance = self.model.__pydantic_validator__.validate_python(dict(values))
        except ValidationError as error:
            return {name: fault for name, fault in self._faults(error) if name == "" or name in values}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - an author's validator may raise anything, SystemExit too
            return self._behind_a_crash(values) or {"": _crash(error)}
        canonical = (
            (name, _not_canonical(text, getattr(instance, self.rules[name].field))) for name, text in values.items()
        )
        return {name: fault for name, fault in canonical if fault}

    def _behind_a_crash(self, values: Mapping[str, str]) -> dict[str, Fault]:
        """What a validator may have stumbled over: values that are wrong on their own. What is missing is reported."""
        found: dict[str, Fault] = {}
        for name, text in values.items():
            try:
                self.model.__pydantic_validator__.validate_python({name: text})
            except ValidationError as error:
                found.update((each, fault) for each, fault in self._faults(error) if each == name)
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001 - the crash itself, once more
                continue
        return found

    def _faults(self, error: ValidationError) -> Iterator[tuple[str, Fault]]:
        aliases = {rule.field: rule.name for rule in self.rules.values()}
        for each in error.errors(include_input=False, include_url=False):
            loc = each["loc"]
            name = str(loc[0]) if loc else ""
            name = aliases.get(name, name)
            rule = self.rules.get(name)
            if each["type"] == "missing":
                continue
            yield (name if rule else ""), self._fault(each, rule)

    def _fault(self, error: Any, rule: Rule | None) -> Fault:
        kind, context = error["type"], error.get("ctx", {})
        if kind in ("value_error", "assertion_error"):
            return self._refusal(str(context.get("error", "")))
        limits = tuple(_limits(self.model.model_fields[rule.field])) if rule and len(error["loc"]) == 1 else ()
        return _words(kind, context, limits, secret=rule.secret if rule else False)

    def _refusal(self, message: str) -> Fault:
        """The message of an author's own validator, unless it could hold a secret: a constant in the schema can't."""
        if not message:
            return Fault("is refused by its validator")
        words = f"is refused: {mask_passwords(' '.join(message.split()))}"
        if any(message in _constants(text) for text in self.texts.values()):
            return Fault(words)
        return UNTOLD if any(rule.secret for rule in self.rules.values()) else Fault(words, told=True)


def rules_of(model: type[Settings]) -> dict[str, Rule]:
    """The variables that a class declares, by their names in the environment."""
    rules = {}
    for name, info in model.model_fields.items():
        marks = (*info.metadata, *_marks(info.annotation))
        alias = info.validation_alias if isinstance(info.validation_alias, str) else info.alias
        if alias is None and info.validation_alias is not None:
            raise TypeError(f"the field {name!r} has more than one name; give it one alias")
        variable = alias or name
        rules[variable] = Rule(
            variable,
            name,
            info.is_required(),
            any(isinstance(mark, type) and issubclass(mark, _SECRETS) for mark in marks),
            any(isinstance(mark, PortMark) for mark in marks),
        )
    return rules


def needs_whole_target(model: type[Settings]) -> bool:
    """Whether a class must see all of a target's values at once: it has a validator that looks at several."""
    decorators = model.__pydantic_decorators__
    if decorators.model_validators or decorators.root_validators or model.model_config.get("frozen"):
        return True
    special = any(info.default_factory is not None or info.frozen for info in model.model_fields.values())
    return special or _asks_for_others(model.__pydantic_core_schema__)


def _asks_for_others(schema: Any) -> bool:
    """Whether a validator in a core schema is given the other fields."""
    stack = [schema]
    while stack:
        part = stack.pop()
        if isinstance(part, dict):
            if part.get("type") == "with-info":
                return True
            stack.extend(part.values())
        elif isinstance(part, (list, tuple)):
            stack.extend(part)
    return False


def _marks(annotation: Any, seen: tuple[Any, ...] = ()) -> Iterator[Any]:
    """All types and annotated marks inside an annotation, those behind a name for a type too."""
    yield get_origin(annotation) or annotation
    for named in (annotation, get_origin(annotation)):
        behind = getattr(named, "__value__", None) or getattr(named, "__supertype__", None)
        if behind is not None and not any(behind is each for each in seen):
            yield from _marks(behind, (*seen, behind))
    for each in get_args(annotation):
        if not isinstance(each, str):
            yield from _marks(each, seen)


def _not_canonical(text: str, value: object) -> Fault | None:
    """A number that pydantic reads and other languages may not, or read otherwise: ` 80`, `8_0`, `0755`.

    What an author's own validator made of the text (`10k`) is the author's to judge.
    """
    if isinstance(value, Secret):
        value = value.get_secret_value()
    if type(value) is int and not _INTEGER.fullmatch(text) and _reads_as(int, text, value):
        return Fault("is not written as a plain integer", "expected digits alone, no zero in front", "4")
    if isinstance(value, (float, Decimal)) and not _NUMBER.fullmatch(text) and _reads_as(type(value), text, value):
        return Fault("is not written as a plain number", "expected digits, and at most one point", "1.5")
    return None


def _reads_as(number: type, text: str, value: object) -> bool:
    """Whether a text is nothing but an odd way to write this number."""
    for read in (number, float):
        with suppress(ValueError, ArithmeticError):
            return bool(read(text) == value or value != value)  # a NaN is not even itself
    return False


def _crash(error: BaseException) -> Fault:
    """What a validator raised: by name, if it is one of Python's own."""
    name = type(error).__name__
    return Fault(f"makes its validator fail with {name if name in vars(builtins) else 'an exception'}", crashed=True)


_TYPES = {
    "int": "an integer",
    "float": "a number",
    "bool": "a boolean",
    "decimal": "a decimal number",
    "date": "a date",
    "time": "a time",
    "datetime": "a date and time",
    "date_from_datetime": "a date",
    "time_delta": "a duration",
    "uuid": "a UUID",
    "url": "a URL",
    "json": "JSON",
    "ip_v4_address": "an IPv4 address",
    "ip_v6_address": "an IPv6 address",
    "ip_any_address": "an IP address",
    "ip_v4_network": "an IPv4 network",
    "ip_v6_network": "an IPv6 network",
    "ip_any_network": "an IP network",
    "bytes_invalid": "bytes",
    "list": "a list",
    "dict": "a mapping",
    "set": "a set",
    "tuple": "a tuple",
    "complex": "a complex number",
}
_EXPECTED = {
    "bool": "`true` or `false`",
    "json": "valid JSON",
    "list": "the type `Json[list[...]]`: a variable is text",
    "dict": "the type `Json[dict[...]]`: a variable is text",
    "set": "the type `Json[set[...]]`: a variable is text",
    "tuple": "the type `Json[tuple[...]]`: a variable is text",
}


_EXAMPLES = {"int": "4", "float": "1.5", "bool": "true", "url": "https://example.com/"}
_KINDS: frozenset[str] = frozenset(get_args(ErrorType))
"""pydantic's own; an author's kind of error can be any text."""
_LIMITS = {
    "gt": "more than {}",
    "ge": "{} or more",
    "lt": "less than {}",
    "le": "{} or less",
    "multiple_of": "a multiple of {}",
}
_NEXT_INTEGER = {"gt": (1, "{} or more"), "lt": (-1, "{} or less")}
_BEYOND = {
    "greater_than": ("is too small", "gt"),
    "greater_than_equal": ("is too small", "ge"),
    "less_than": ("is too large", "lt"),
    "less_than_equal": ("is too large", "le"),
    "multiple_of": ("is not a multiple", "multiple_of"),
}
_ENDS = "_(type|parsing|invalid|from_date_parsing|from_datetime_parsing|parsing_size|type_size|syntax_violation)$"


def _limits(info: FieldInfo) -> Iterator[str]:
    """The bounds of a number in words: `1 or more`."""
    for mark in info.metadata:
        for name, words in _LIMITS.items():
            limit = getattr(mark, name, None)
            if info.annotation is int and isinstance(limit, int) and name in _NEXT_INTEGER:
                step, words = _NEXT_INTEGER[name]
                yield words.format(limit + step)
            elif limit is not None:
                yield words.format(limit)


def _number_within(limits: tuple[str, ...]) -> str:
    """An integer that fits bounds like `1024 or more`: the first bound that is itself allowed."""
    return next((limit.split()[0] for limit in limits if limit.endswith(("or more", "or less"))), "")


def _words(kind: str, context: Mapping[str, Any], limits: tuple[str, ...], *, secret: bool) -> Fault:
    """Our words for an error type of pydantic-core, without the value."""
    if kind in _BEYOND:
        message, name = _BEYOND[kind]
        return Fault(message, "expected " + (", ".join(limits) or _LIMITS[name].format(context.get(name))))
    if kind in ("string_too_short", "too_short"):
        return Fault("is too short", "" if secret else f"expected at least {context.get('min_length')} characters")
    if kind in ("string_too_long", "too_long", "url_too_long"):
        return Fault("is too long", "" if secret else f"expected at most {context.get('max_length')} characters")
    if kind == "string_pattern_mismatch":
        return Fault("doesn't match its pattern", "" if secret else f"expected `{context.get('pattern')}`")
    if kind == "literal_error" and "'" not in str(context.get("expected")):
        return Fault("can't be one of its allowed values", 'expected the type `Literal["..."]`: a variable is text')
    if kind in ("literal_error", "enum"):
        return Fault("is none of the allowed values", f"expected {_backticks(context.get('expected'))}")
    if kind == "url_scheme":
        return Fault("has the wrong URL scheme", f"expected {_backticks(context.get('expected_schemes'))}")
    stem = re.sub(_ENDS, "", kind)
    if stem in _TYPES:
        wanted = _EXPECTED.get(stem, _TYPES[stem])
        example = _EXAMPLES.get(stem, "") if not limits or stem != "int" else _number_within(limits)
        return Fault(f"is not {_TYPES[stem]}", "expected " + ", ".join((wanted, *limits)), example)
    return Fault(f"is not valid ({kind.replace('_', ' ')})" if kind in _KINDS else "is not valid")


def _backticks(choices: object) -> str:
    """pydantic's `'a', 'b' or 'c'`, quoted as everywhere else."""
    return re.sub(r"'([^']*)'", r"`\1`", str(choices))


def repeated(path: str, text: str) -> list[tuple[str, Span, Span]]:
    """Fields that one class body declares twice, with both places; Python would keep the last without a word."""
    indented = _DECLARED.findall(text)
    if len(indented) == len(set(indented)) and ";" not in text:
        return []
    found = []
    for node in _classes(text):
        first: dict[str, Span] = {}
        for name, here in _fields(path, node):
            if name in first:
                found.append((name, first[name], here))
            first.setdefault(name, here)
    return found


@cache
def _constants(text: str) -> frozenset[str]:
    """The texts that a schema file spells out, the pieces of f-strings left out: no value went into them."""
    nodes = tuple(ast.walk(ast.parse(text)))
    pieces = {id(piece) for node in nodes if isinstance(node, ast.JoinedStr) for piece in node.values}
    return frozenset(
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in pieces
    )


@cache
def _declarations(path: str, text: str) -> dict[str, dict[str, Span]]:
    """Where each class of a schema file stands (under the empty name), and where it declares each field."""
    return {
        node.name: {
            "": Span(path, node.lineno, node.col_offset + 1, len(f"class {node.name}")),
            **dict(_fields(path, node)),
        }
        for node in _classes(text)
    }


@cache
def _looked_at(text: str) -> dict[str, frozenset[str]]:
    """The attributes and keys that the methods of each class mention."""
    found = {}
    for node in _classes(text):
        methods = [line for line in node.body if isinstance(line, ast.FunctionDef)]
        inside = [each for method in methods for each in ast.walk(method)]
        names = {each.attr for each in inside if isinstance(each, ast.Attribute)}
        names |= {each.value for each in inside if isinstance(each, ast.Constant) and isinstance(each.value, str)}
        found[node.name] = frozenset(names)
    return found


def _classes(text: str) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef))


def _fields(path: str, node: ast.ClassDef) -> Iterator[tuple[str, Span]]:
    for line in node.body:
        if isinstance(line, ast.AnnAssign) and isinstance(line.target, ast.Name):
            yield line.target.id, Span(path, line.lineno, line.col_offset + 1, len(line.target.id))
