"""What a schema class asks of a target's variables, and its verdict on their values.

Of pydantic's errors only the type, place and limits are used, since their messages hold the value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, get_args, get_origin

import pydantic
from pydantic import BaseModel
from pydantic_core import ValidationError

from envtree.core.model.tree import Span, Target
from envtree.core.render.mask import mask_passwords
from envtree.core.schema.declarations import constants, declarations, looked_at
from envtree.core.schema.language import PortMark, Secret, Settings
from envtree.core.schema.messages import UNTOLD, ValueFault, crash, limits_of, not_canonical, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SECRETS = (Secret, pydantic.Secret, pydantic.SecretStr, pydantic.SecretBytes)


@dataclass(frozen=True, slots=True)
class Rule:
    """What one class says of one variable."""

    name: str
    field: str
    required: bool
    secret: bool
    port: bool


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
    blank: Settings | None
    """An instance to assign single values to, where those can be checked on their own."""
    verdicts: dict[tuple[str, str], ValueFault | None] = field(default_factory=dict)
    joint_verdicts: dict[tuple[str | None, ...], dict[str, ValueFault]] = field(default_factory=dict)

    def governs(self, target: Target) -> bool:
        """Whether a target lies in the scope."""
        return (
            self.service in (None, target.service)
            and self.process in (None, target.process)
            and self.environment in (None, target.environment)
        )

    def judge(self, name: str, text: str) -> ValueFault | None:
        """What is wrong with one value on its own; each distinct one is asked about once."""
        key = (name, text)
        if key not in self.verdicts:
            self.verdicts[key] = self._judge(name, text)
        return self.verdicts[key]

    def judge_together(self, values: Mapping[str, str]) -> dict[str, ValueFault]:
        """What is wrong with a target's values: by variable, and under the empty name what is no single one's fault."""
        key = tuple(values.get(name) for name in self.rules)
        if key not in self.joint_verdicts:
            self.joint_verdicts[key] = self._judge_together(
                {name: values[name] for name in self.rules if name in values}
            )
        return self.joint_verdicts[key]

    def involved(self) -> frozenset[str]:
        """The variables that the validators over the whole model look at, as far as its text tells."""
        mentioned: set[str] = set()
        for model in self.model.__mro__:
            path = f"{model.__module__.replace('.', '/')}.py"
            if path in self.texts and issubclass(model, Settings):
                mentioned |= looked_at(self.texts[path]).get(model.__name__, frozenset())
        return frozenset(name for name, rule in self.rules.items() if rule.field in mentioned)

    def location(self, name: str) -> Span:
        """Where the class, or one that it derives from, declares a variable."""
        for model in self.model.__mro__:
            path = f"{model.__module__.replace('.', '/')}.py"
            places = declarations(path, self.texts[path]).get(model.__name__, {}) if path in self.texts else {}
            if self.rules[name].field in places:
                return places[self.rules[name].field]
        return self.class_place()

    def class_place(self) -> Span:
        """Where the class itself stands."""
        return (
            declarations(self.path, self.texts[self.path]).get(self.model.__name__, {}).get("", Span(self.path, 1, 1))
        )

    def _judge(self, name: str, text: str) -> ValueFault | None:
        rule = self.rules[name]
        try:
            self.model.__pydantic_validator__.validate_assignment(self.blank, rule.field, text)
        except ValidationError as error:
            return next((fault for _, fault in self._faults(error)), None)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - an author's validator may raise anything, SystemExit too
            return crash(error)
        return not_canonical(text, getattr(self.blank, rule.field))

    def _judge_together(self, values: Mapping[str, str]) -> dict[str, ValueFault]:
        try:
            instance = self.model.__pydantic_validator__.validate_python(dict(values))
        except ValidationError as error:
            return {name: fault for name, fault in self._faults(error) if name == "" or name in values}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - an author's validator may raise anything, SystemExit too
            return self._behind_acrash(values) or {"": crash(error)}
        canonical = (
            (name, not_canonical(text, getattr(instance, self.rules[name].field))) for name, text in values.items()
        )
        return {name: fault for name, fault in canonical if fault}

    def _behind_acrash(self, values: Mapping[str, str]) -> dict[str, ValueFault]:
        """What a validator may have stumbled over: values that are wrong on their own. What is missing is reported."""
        found: dict[str, ValueFault] = {}
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

    def _faults(self, error: ValidationError) -> Iterator[tuple[str, ValueFault]]:
        aliases = {rule.field: rule.name for rule in self.rules.values()}
        for each in error.errors(include_input=False, include_url=False):
            loc = each["loc"]
            name = str(loc[0]) if loc else ""
            name = aliases.get(name, name)
            rule = self.rules.get(name)
            if each["type"] == "missing":
                continue
            yield (name if rule else ""), self._fault(each, rule)

    def _fault(self, error: Any, rule: Rule | None) -> ValueFault:
        kind, context = error["type"], error.get("ctx", {})
        if kind in ("value_error", "assertion_error"):
            return self._refusal(str(context.get("error", "")))
        limits = tuple(limits_of(self.model.model_fields[rule.field])) if rule and len(error["loc"]) == 1 else ()
        return words(kind, context, limits, secret=rule.secret if rule else False)

    def _refusal(self, message: str) -> ValueFault:
        """The message of an author's own validator, unless it could hold a secret: a constant in the schema can't."""
        if not message:
            return ValueFault("is refused by its validator")
        refused = f"is refused: {mask_passwords(' '.join(message.split()))}"
        if any(message in constants(text) for text in self.texts.values()):
            return ValueFault(refused)
        return UNTOLD if any(rule.secret for rule in self.rules.values()) else ValueFault(refused, told=True)


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
    if model.model_post_init is not BaseModel.model_post_init or "__init__" in vars(model):
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
