"""Random texts for the variables of generated code: those of the table, with letters put in, taken out and replaced."""

from __future__ import annotations

import random
from functools import cache
from typing import TYPE_CHECKING

from tests.codegen_cases import REQUIRED, TEXTS, loaded, tree
from tests.codegen_programs import Answers

if TYPE_CHECKING:
    from envtree.core.schema.rules import Schema

LETTERS = "019-+._eE:/@?#,[]{}\"'\\ \t\n\x01\x1c\x85\u00a0\u2028\ufeff٣éK😀aAzstrueTdmhNInf"
NARROWER = ("is beyond what", "is too long a duration")
"""Reasons of languages whose numbers are smaller than Python's."""


def random_environments(number: int, seed: int = 1) -> list[tuple[str, dict[str, str]]]:
    """So many environments, each with the variable that is tried in it."""
    chance = random.Random(seed)
    found = []
    for _ in range(number):
        name = chance.choice([*TEXTS])
        text = chance.choice(TEXTS[name])
        for _ in range(chance.randint(1, 3)):
            start = chance.randint(0, len(text))
            text = text[:start] + chance.choice(("", chance.choice(LETTERS))) + text[start + chance.randint(0, 1) :]
        found.append((name, {**REQUIRED, name: text}))
    return found


@cache
def takes(name: str, text: str) -> bool:
    """Whether the schema takes a text."""
    (schema,) = _schemas()
    return schema.check_value(name, text) is None


@cache
def _schemas() -> tuple[Schema, ...]:
    return loaded(tree())


def wrongly_refused(environments: list[tuple[str, dict[str, str]]], answers: Answers) -> list[str]:
    """What a loader refuses and the schema takes, but for the limits of its language."""
    assert len(answers) == len(environments)
    found = []
    for (name, environment), faults in zip(environments, answers, strict=True):
        text = environment[name]
        excused = [each for each in faults if any(reason in each for reason in NARROWER)]
        excused += faults if "NaN" in text or "Infinity" in text else []
        if faults and not excused and takes(name, text):
            found.append(f"{name}={text!r}: {faults}")
    return found


def wrongly_taken(environments: list[tuple[str, dict[str, str]]], answers: Answers) -> int:
    """How many a loader takes and the schema refuses: it may, but seldom."""
    pairs = zip(environments, answers, strict=True)
    return sum(not faults and not takes(name, environment[name]) for (name, environment), faults in pairs)
