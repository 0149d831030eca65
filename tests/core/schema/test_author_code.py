"""What an author's code returns or raises, wherever it runs: a diagnostic with a place, or harmless."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.schema.json_schema import editor_schemas
from tests.builders import compiled, small_tree

SECRET = "hunter2"
HEAD = """\
import warnings
from typing import *
from pydantic import *
from pydantic_core import PydanticCustomError, PydanticKnownError, PydanticOmit, PydanticUseDefault
from envtree import Secret, Settings

class Wordless(ValueError):
    def __str__(self):
        raise RuntimeError("no words")

class Worse(BaseException):
    __str__ = None

class Odd(int):
    __hash__ = None
    __eq__ = __getattr__ = lambda self, *_: 1 / 0

class Liar:
    __class__ = property(lambda self: 1 / 0)

def act(value=None):
    ACT

"""
ACTS = (
    *("pass", "return", "return {}", "return 5", "return 'x'", "return Odd()", "return Liar()"),
    *("return {'A': None}", "return act", "return Secret(5)", "return value"),
    *("raise ValueError(value)", "raise ValueError", "assert value == 5, value", "raise Wordless", "raise Worse"),
    *(
        "raise KeyError(value)",
        "raise SystemExit(3)",
        "raise GeneratorExit",
    ),
    *("raise RecursionError", "act(value)", "raise MemoryError(value)", "raise PydanticOmit"),
    *("raise PydanticUseDefault", "raise PydanticCustomError('int_type', 'no {x}', {'x': value})"),
    *("raise PydanticCustomError('my', '{x}', {'x': str(value)})", "raise PydanticKnownError('int_parsing')"),
    *("raise BaseException(value)", "raise type('E' + str(value), (ValueError,), {})", "warnings.warn(str(value))"),
    *("raise UserWarning(Wordless())", "raise UnicodeDecodeError('a', b'', 0, 1, 'x')"),
)
PLACES = {
    "module": "act()",
    "class body": "class Common(Settings):\n    A: Secret\n    act()",
    "init subclass": (
        "class Base(Settings):\n    def __init_subclass__(cls, **options):\n        act(options)\n"
        "        return act()\nclass Common(Base):\n    A: Secret"
    ),
    "model hook": (
        "class Common(Settings):\n    A: Secret\n    @classmethod\n"
        "    def __pydantic_init_subclass__(cls, **options):\n        return act()\nclass Below(Common):\n    A: Secret"
    ),
    "core schema": (
        "class Common(Settings):\n    A: Secret\n    @classmethod\n"
        "    def __get_pydantic_core_schema__(cls, source, handler):\n        return act(handler(source))"
    ),
    "field before": "class Common(Settings):\n    A: Annotated[Secret, BeforeValidator(act)]\n    B: str = ''",
    "field after": "class Common(Settings):\n    A: Annotated[Secret, AfterValidator(act)]",
    "field plain": "class Common(Settings):\n    A: Annotated[Secret, PlainValidator(act)]",
    "field wrap": "class Common(Settings):\n    A: Annotated[Secret, WrapValidator(lambda value, _: act(value))]",
    "constrained": "class Common(Settings):\n    A: Annotated[Secret[str], AfterValidator(act), Field(min_length=3)]",
    "decorated": "class Common(Settings):\n    A: Secret\n    @field_validator('A')\n    def check(cls, value):\n"
    "        return act(value.get_secret_value())",
    "model before": "class Common(Settings):\n    A: Secret\n    @model_validator(mode='before')\n    @classmethod\n"
    "    def check(cls, values):\n        return act(values)",
    "model after": "class Common(Settings):\n    A: Secret\n    @model_validator(mode='after')\n    def check(self):\n"
    "        return act(self.A.get_secret_value())",
    "model wrap": "class Common(Settings):\n    A: Secret\n    @model_validator(mode='wrap')\n    @classmethod\n"
    "    def check(cls, values, handler):\n        act(values)\n        return act(handler(values))",
    "post init": "class Common(Settings):\n    A: Secret\n    def model_post_init(self, _):\n        act(self.A)",
    "own init": "class Common(Settings):\n    A: Secret\n    def __init__(self, **values):\n        act(values)",
    "new": "class Common(Settings):\n    A: Secret\n    def __new__(cls, *_, **__):\n        return act()",
    "factory": "class Common(Settings):\n    A: Secret\n    B: str = Field(default_factory=lambda: act())",
    "alias": "class Common(Settings):\n    model_config = ConfigDict(alias_generator=act)\n    A: Secret",
    "scope": "class Common(Settings):\n    A: Secret\n    envtree_scope = act()",
    "narrowed": "def found(name):\n    return act(name)\nclass Common(Settings, process=found('web')):\n    A: Secret",
    "mark": (
        "class Mark:\n    __hash__ = None\n    def __eq__(self, other):\n        return act()\n"
        "class Common(Settings):\n    A: Annotated[Secret, Mark()]\n"
        "class Other(Settings):\n    A: Annotated[Secret, Mark()]"
    ),
    "said": "class Common(Settings):\n    A: Secret = Field(title=act, description=act, examples=act)",
}


def problems_of(schema: str) -> tuple[Diagnostic, ...]:
    files = small_tree(**{"configs/common.yaml": f"A: {SECRET}\n", "schemas/common.py": schema})
    compilation, problems = compiled(files)
    classes = {schema for each in compilation.governed.values() for schema in each.schemas}
    editor_schemas(compilation.project, tuple(classes))
    return problems


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("place", PLACES)
def test_whatever_it_does_it_is_a_diagnostic_with_a_place_that_holds_no_secret(place: str) -> None:
    for act in ACTS:
        for each in problems_of(HEAD.replace("ACT", act) + PLACES[place]):
            assert each.span or each.code == "ungoverned-process", (act, each)
            assert SECRET not in str(each), (act, each)


@pytest.mark.filterwarnings("ignore")
@settings(max_examples=10)
@given(first=st.sampled_from(ACTS), then=st.sampled_from(ACTS), places=st.sets(st.sampled_from(sorted(PLACES))))
def test_whatever_several_pieces_do_together(first: str, then: str, places: set[str]) -> None:
    body = "\n".join(PLACES[each] for each in sorted(places))
    head = HEAD.replace("ACT", f"if value:\n        {first}\n    {then}")
    for each in problems_of(head + body):
        assert each.span or each.code == "ungoverned-process", each
        assert SECRET not in str(each)


FORGETFUL = """\
from pydantic import *
from envtree import Settings

class Common(Settings):
    A: int
    B: int = 2

{validator}
"""
AFTER = "    @model_validator(mode='after')\n    def check(self):\n        {body}"
BEFORE = "    @model_validator(mode='before')\n    @classmethod\n    def check(cls, values):\n        {body}"
WRAP = "    @model_validator(mode='wrap')\n    @classmethod\n    def check(cls, values, handler):\n        {body}"
EARLY = "    @field_validator('A', mode='before')\n    def check(cls, value):\n        {body}"
LATE = "    @field_validator('A')\n    def check(cls, value):\n        {body}"


@pytest.mark.parametrize(
    "validator",
    [
        *(
            AFTER.format(body=each)
            for each in ("pass", "if self.A:\n            return\n        return self", "return {}")
        ),
        *(WRAP.format(body=each) for each in ("handler(values)", "return {}", "return handler(values).model_dump()")),
        *(LATE.format(body=each) for each in ("pass", "return {}")),
    ],
)
def test_what_a_validator_returns_in_place_of_the_value_does_no_harm(
    validator: str,
) -> None:
    files = small_tree(**{"schemas/common.py": FORGETFUL.format(validator=validator)})
    assert compiled({**files, "configs/common.yaml": "A: 1\n"})[1] == ()
    if "model_validator" in validator and "wrap" not in validator:
        assert [each.code for each in compiled({**files, "configs/common.yaml": "A: 01\n"})[1]] == ["invalid-value"]


@pytest.mark.parametrize(
    ("validator", "message"),
    [
        (BEFORE.format(body="pass"), "`Common` has a validator that returns no mapping of the values"),
        (BEFORE.format(body="return 5"), "`Common` has a validator that returns no mapping of the values"),
        (BEFORE.format(body="return {}"), "`A` is left out of what a validator of its class returns"),
        (EARLY.format(body="pass"), "`A` is made None by its validator, which forgets to return it"),
    ],
)
def test_a_validator_that_gives_pydantic_nothing_is_named_with_its_line(validator: str, message: str) -> None:
    files = small_tree(**{"configs/common.yaml": "A: 1\n", "schemas/common.py": FORGETFUL.format(validator=validator)})
    (problem,) = compiled(files)[1]
    assert (problem.code, problem.message) == ("validator-failed", message)
    assert any(note.startswith("the validator is at schemas/common.py:") for note in problem.notes)


def test_a_validator_that_crashes_is_shown_with_the_line_that_raised() -> None:
    files = small_tree(
        **{
            "configs/common.yaml": "A: 1\n",
            "schemas/common.py": FORGETFUL.format(validator=LATE.format(body="return {}[value]")),
        }
    )
    (problem,) = compiled(files)[1]
    assert "raised at schemas/common.py:10" in problem.notes
