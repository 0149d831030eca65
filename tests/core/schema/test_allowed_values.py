"""The texts that a type allows: never fewer than pydantic does."""

from __future__ import annotations

import pytest

from envtree.core.schema.allowed_values import Choices, allowed_values, intersection, union
from tests.builders import compiled, small_tree

HEAD = """\
from enum import *
from typing import *
from typing_extensions import TypeAliasType
from pydantic import *
from envtree import Secret, Settings

Level = TypeAliasType("Level", Literal["a", "b"])
Own = TypeAliasType("Own", "Literal['a'] | list[Own]")


class Color(StrEnum):
    RED = "r"
    BLUE = "b"


class Plain(Enum):
    RED = "r"


class Number(IntEnum):
    ONE = 1


class Lenient(StrEnum):
    RED = "r"

    @classmethod
    def _missing_(cls, value):
        return cls.RED


"""


def form(fields: str) -> tuple[Choices | None, bool]:
    """What is said of the field `A`, if anything; every text that is tried and taken must be among its choices."""
    body = "".join(f"    {line}\n" for line in fields.splitlines())
    files = small_tree(
        **{"schemas/common.py": f"{HEAD}class Common(Settings):\n{body}", "configs/common.yaml": "A: x\n"}
    )
    compilation, _ = compiled(files)
    (schema,) = {schema for governance in compilation.governed.values() for schema in governance.schemas}
    found = allowed_values(schema.model).get("A")
    choices, structured = found or (None, True)
    for text in ("a", "b", "r", "1", "x", "A", "RED", "Color.RED", "", "null", "None", "True", " a"):
        if schema.check_values({"A": text}).get("A") is None:
            assert choices is None or text in choices, text
    return choices, structured


@pytest.mark.parametrize(
    ("fields", "choices"),
    [
        ("A: Literal['a', 'b']", ("a", "b")),
        ("A: Literal['a'] | None = None", ("a",)),
        ("A: Literal['a', 1, True, None]", ("a",)),
        ("A: Literal['a'] | Literal['b', 'a']", ("a", "b")),
        ("A: Annotated[Literal['a', 'b'], 'a note', Field(description='x')]", ("a", "b")),
        ("A: Annotated[Literal['a', 'b'], AfterValidator(str.upper)]", ("a", "b")),
        ("A: Level\nB: Level", ("a", "b")),
        ("A: Level | Color\nB: Level", ("a", "b", "r")),
        ("A: Secret[Literal['a']]", ("a",)),
        ("A: Color", ("r", "b")),
        ("A: Color = Color.RED", ("r", "b")),
        ("A: Plain", ("r",)),
        ("A: Literal[Color.RED, Plain.RED, 'a']", ("r", "a")),
        ("A: Literal['a']\n@field_validator('A')\ndef check(cls, value):\n    return value", ("a",)),
        ("A: Literal['a']\n@model_validator(mode='after')\ndef check(self):\n    return self", ("a",)),
        ("model_config = ConfigDict(frozen=True)\nA: Literal['a']", ("a",)),
    ],
)
def test_listed_texts_are_found(fields: str, choices: Choices) -> None:
    assert form(fields) == (choices, False)


@pytest.mark.parametrize(
    "fields",
    [
        "A: str",
        "A: bool",
        "A: Any",
        "A: Number",
        "A: Lenient",
        "A: Literal['a'] | str",
        "A: Literal['a'] | HttpUrl | None",
        "A: Annotated[Literal['a'], BeforeValidator(str.lower)]",
        "A: Annotated[Literal['a'], BeforeValidator(str.strip)] | None = None",
        "A: Annotated[Literal['a'], WrapValidator(lambda value, inner: inner('a'))]",
        "A: Annotated[Literal['a'], PlainValidator(str)]",
        "A: Literal['a']\n@field_validator('A', mode='before')\ndef check(cls, value):\n    return 'a'",
    ],
)
def test_of_what_takes_other_texts_nothing_is_said(fields: str) -> None:
    assert form(fields) == (None, False)


@pytest.mark.parametrize(
    "fields",
    [
        "A: Literal['a']\n@model_validator(mode='before')\ndef check(cls, data):\n    return {'A': 'a'}",
        "A: Literal['a']\n@model_validator(mode='wrap')\ndef check(cls, data, inner):\n    return inner({'A': 'a'})",
        "A: Literal['a']\ndef __init__(self, **data):\n    super().__init__(A='a')",
    ],
)
def test_of_a_class_that_looks_at_the_values_first_nothing_is_said(fields: str) -> None:
    assert form(fields) == (None, True)


@pytest.mark.parametrize(
    "annotation",
    ["Json", "Json[list[int]]", "Secret[Json[dict[str, int]]] | None", "Json | Literal['']", "list[str]", "Own"],
)
def test_what_may_be_json_is_known(annotation: str) -> None:
    assert form(f"A: {annotation}\nB: {annotation}") == (None, True)


def test_one_of_several_is_allowed_where_it_pleases_one_or_all() -> None:
    assert union([("a",), ("b", "a")]) == ("a", "b")
    assert union([("a",), None]) is None
    assert union([]) == ()
    assert intersection([("a", "b", "c"), None, ("c", "a")]) == ("a", "c")
    assert intersection([None, None]) is None
    assert intersection([]) is None
