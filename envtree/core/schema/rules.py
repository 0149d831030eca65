"""What a schema class requires of a target's variables, and the faults that it finds in their values.

Only the type, the location and the limits of pydantic's errors are used, since their messages contain the value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property, partial
from itertools import islice
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from pydantic_core import ValidationError

from envtree.core.model.tree import Span
from envtree.core.render.mask import mask_passwords
from envtree.core.schema.authoring.forgetful import returned_nothing, taken_away
from envtree.core.schema.authoring.raised import text_of
from envtree.core.schema.declarations import declarations, lineage, names_in_methods
from envtree.core.schema.fields import has_own_init
from envtree.core.schema.inside import combined, place_inside
from envtree.core.schema.language import Settings
from envtree.core.schema.strictness import strictly_or_not
from envtree.core.schema.words.messages import (
    EMPTY_IS_MISSING,
    HIDDEN_REFUSAL,
    ValueFault,
    crash,
    fault_of,
    limits_of,
    not_canonical,
)
from envtree.core.schema.words.words import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envtree.core.schema.fields import Rule

MAX_SEARCHED = 10_000_000
"""Fields that pydantic may search for single values, each among all of its class: a tenth of a second."""
MAX_TRIED = 100_000
"""Fields that are looked at in all to find which value a validator crashed on."""


@dataclass(frozen=True, eq=False)
class Schema:
    """One class of a schema file, with the scope that it governs (None: any).

    It has no slots, so that what is needed for faults alone is computed with the first one.
    """

    model: type[Settings]
    path: str
    service: str | None
    process: str | None
    environment: str | None
    rules: Mapping[str, Rule]
    needs_whole_target: bool
    """The class has a validator that uses several variables, so it can check only a whole target."""
    texts: Mapping[str, str]
    """The texts of the schema files by path, since the class may inherit from a class in any of them."""
    constants: Callable[[], frozenset[str]]
    """Returns the string constants of these texts."""
    blank_instance: Settings | None
    """An instance to which single values are assigned; None where values can't be checked one by one."""
    value_faults: dict[tuple[str, str], ValueFault | None] = field(default_factory=dict)
    joint_faults: dict[tuple[str | None, ...], dict[str, ValueFault]] = field(default_factory=dict)

    def check_value(self, name: str, text: str) -> ValueFault | None:
        """Return the fault of a value on its own; each distinct value is checked once."""
        key = (name, text)
        if key not in self.value_faults:
            self.value_faults[key] = self._check_value(name, text)
        return self.value_faults[key]

    def check_each(self, values: Mapping[str, str]) -> dict[str, ValueFault]:
        """Return the faults of values on their own, by variable; very many are given to pydantic together."""
        if len(values) * len(self.rules) > MAX_SEARCHED:
            found = self.check_values(values)
            if not any(fault.crashed for fault in found.values()):
                return found
        checked = ((name, self.check_value(name, text)) for name, text in values.items())
        return {name: fault for name, fault in checked if fault}

    def check_values(self, values: Mapping[str, str | None]) -> dict[str, ValueFault]:
        """Return the faults of a target's values (None: removed), by variable.

        A fault that belongs to no single variable has the empty name.
        """
        key = tuple(values.get(name) for name in self.rules)
        if key not in self.joint_faults:
            own = zip(self.rules, key, strict=True)
            self.joint_faults[key] = self._check_values({name: text for name, text in own if text is not None})
        return self.joint_faults[key]

    @cached_property
    def has_secret(self) -> bool:
        """Whether one of the variables is a secret."""
        return any(rule.secret for rule in self.rules.values())

    @cached_property
    def has_deadline(self) -> bool:
        """Whether one of the variables may be set until some day, and no longer."""
        return any(rule.deprecated and rule.deprecated.after for rule in self.rules.values())

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """The variables, by the names of their fields."""
        return {key: rule.name for rule in self.rules.values() for key in (rule.field, rule.key)}

    @cached_property
    def ignores_empty(self) -> bool:
        """Whether an empty text counts as none, by `env_ignore_empty`."""
        return bool(self.model.model_config.get("env_ignore_empty"))

    def involved(self) -> frozenset[str]:
        """Return the variables that the validators of the whole model use, as far as its text shows them."""
        mentioned: set[str] = set()
        for model, _, text in lineage(self.model, self.texts):
            if issubclass(model, Settings):
                mentioned |= names_in_methods(text).get(model.__name__, frozenset())
        return frozenset(name for name, rule in self.rules.items() if rule.field in mentioned)

    def location(self, name: str) -> Span:
        """Return where the class, or one that it inherits from, declares a variable."""
        for model, path, text in lineage(self.model, self.texts):
            spans = declarations(path, text).get(model.__name__, {})
            if self.rules[name].field in spans:
                return spans[self.rules[name].field]
        return self.class_location()

    def class_location(self) -> Span:
        """Return where the class itself is defined."""
        return (
            declarations(self.path, self.texts[self.path]).get(self.model.__name__, {}).get("", Span(self.path, 1, 1))
        )

    def _check_value(self, name: str, text: str) -> ValueFault | None:
        try:
            return self._judge_alone(name, text)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - an author's validator may raise anything, SystemExit too
            return crash(error, self.texts)

    def _judge_alone(self, name: str, text: str) -> ValueFault | None:
        """Return the fault of a value on its own; raises what the author's code raises."""
        if self.ignores_empty and not text:
            return EMPTY_IS_MISSING if self.rules[name].required else None
        instance, rule = self.blank_instance, self.rules[name]
        # pydantic copies what is assigned so far each time, and there is nothing in it that a single value needs.
        vars(instance).clear()
        try:
            strictly_or_not(self.model.__pydantic_validator__.validate_assignment, instance, rule.field, text)
        except ValidationError as error:
            return next(iter(self._faults(error, {name: text}).values()), None)
        return not_canonical(text, vars(instance).get(rule.field))

    def _check_values(self, values: Mapping[str, str]) -> dict[str, ValueFault]:
        try:
            return self._judge_together(values)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - an author's validator may raise anything, SystemExit too
            return self._faults_behind_crash(values) or {"": crash(error, self.texts)}

    def _judge_together(self, values: Mapping[str, str]) -> dict[str, ValueFault]:
        """Return the faults of a target's values; raises what the author's code raises.

        pydantic fills the instance that it is given, so what a validator returns in its place does no harm.
        """
        empty = {name for name, text in values.items() if self.ignores_empty and not text}
        given = {self.rules[name].key: text for name, text in values.items() if name not in empty}
        instance = None if has_own_init(self.model) else BaseModel.__new__(self.model)
        missing = {name: EMPTY_IS_MISSING for name in empty if self.rules[name].required}
        try:
            result = strictly_or_not(self.model.__pydantic_validator__.validate_python, given, self_instance=instance)
        except ValidationError as error:
            found = self._faults(error, values)
            return {name: fault for name, fault in found.items() if name == "" or name in values} | missing
        kept = vars(result if instance is None else instance)
        canonical = ((name, not_canonical(text, kept.get(self.rules[name].field))) for name, text in values.items())
        return {name: fault for name, fault in canonical if fault}

    def _faults_behind_crash(self, values: Mapping[str, str]) -> dict[str, ValueFault]:
        """Return the values that are wrong on their own: a validator may have crashed on one of them.

        Missing variables are reported elsewhere. Of a very large class, only as many values are tried as take no
        longer than those of a usual one: pydantic looks at all fields each time.
        """
        found: dict[str, ValueFault] = {}
        for name, text in islice(values.items(), MAX_TRIED // len(self.rules) + 1):
            try:
                strictly_or_not(self.model.__pydantic_validator__.validate_python, {self.rules[name].key: text})
            except ValidationError as error:
                found.update((each, fault) for each, fault in self._faults(error, {name: text}).items() if each == name)
            except KeyboardInterrupt:
                raise
            except BaseException:  # noqa: BLE001 - the same crash again
                continue
        return found

    def variable(self, location: tuple[int | str, ...]) -> str:
        """Return the variable of an error's location; empty where there is none."""
        name = str(location[0]) if location else ""
        return self._names.get(name, name)

    def _faults(self, error: ValidationError, values: Mapping[str, str]) -> dict[str, ValueFault]:
        """Return what pydantic found, one fault for each variable; a fault of none has the empty name."""
        found: dict[str, list[tuple[str, ValueFault]]] = {}
        for each in error.errors(include_url=False):
            name = self.variable(each["loc"])
            rule = self.rules.get(name)
            if each["type"] == "missing" and (rule is None or len(each["loc"]) == 1):
                if name in values and (values[name] or not self.ignores_empty):
                    found.setdefault(name, []).append(("", taken_away(self.model, self.texts)))
                continue
            fault = returned_nothing(self.model, rule, each, values.get(name), self.texts) or self._fault(each, rule)
            place = place_inside(each, values.get(name), rule, partial(self._may_show, rule))
            found.setdefault(name if rule else "", []).append((place, fault))
        return {name: combined(name, faults) for name, faults in found.items()}

    def _may_show(self, rule: Rule | None, key: str) -> bool:
        """Return whether a key inside a value may be shown: inside a secret, only a field that schemas declare."""
        if rule and not rule.secret:
            return True
        return any(key in fields for path, text in self.texts.items() for fields in declarations(path, text).values())

    def _fault(self, error: Any, rule: Rule | None) -> ValueFault:
        kind, context = error["type"], error.get("ctx", {})
        if kind == "value_error" and "reason" in context:
            return ValueFault("is not an email address", "expected an email address")
        if kind in ("value_error", "assertion_error"):
            return self._refusal(text_of(context.get("error", "")))
        if kind not in KINDS:  # a PydanticCustomError
            return self._refusal(error["msg"])
        is_whole = rule is not None and len(error["loc"]) == 1
        limits = tuple(limits_of(self.model.model_fields[rule.field])) if rule and is_whole else ()
        return fault_of(kind, context, limits, secret=rule.secret if rule else False)

    def _refusal(self, message: str) -> ValueFault:
        """Return the fault of an author's validator, its message hidden if it could hold a secret; a constant can't."""
        if not message:
            return ValueFault("is refused by its validator")
        refused = f"is refused: {mask_passwords(' '.join(message.split()))}"
        if message in self.constants():
            return ValueFault(refused)
        return HIDDEN_REFUSAL if self.has_secret else ValueFault(refused, from_author=True)
