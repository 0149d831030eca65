"""envtree's own types: lists with commas, and durations."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from envtree.core.schema.json_schema import editor_schemas
from envtree.core.schema.types.csv import Csv
from envtree.core.schema.types.duration import Duration, written
from tests.builders import compiled, small_tree

HEAD = """\
from datetime import timedelta
from enum import IntEnum
from typing import *
from pydantic import *
from envtree import Csv, Duration, Secret, Settings

class Level(IntEnum):
    HIGH = 3

class Common(Settings):
"""


def judged(text: str, field: str) -> list[str]:
    schema = HEAD + "".join(f"    {line}\n" for line in field.splitlines())
    found = compiled(small_tree(**{"configs/common.yaml": f"A: '{text}'\n", "schemas/common.py": schema}))[1]
    assert text in ("", "1", "01") or text not in str(found) or "Secret" not in field
    return [f"{each.code}: {each.message}" for each in found]


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        ("Csv", ["a", "a,b"], {"": "`A` has no items", "a,": "`A[1]` is empty", "a, b": "`A[1]` starts or ends"}),
        ("Csv[int]", ["1", "1,-2"], {"1,x": "`A[1]` is not an integer", "01": "`A[0]` is not written as a plain"}),
        ("Csv[float]", ["1.5,2"], {"1,.5": "`A[1]` is not written as a plain number"}),
        ("Csv[HttpUrl]", ["https://a,https://b"], {"https://a,b": "`A[1]` is not a URL"}),
        ("Csv[Literal['a', 'b']]", ["b,a"], {"a,c": "`A[1]` is none of the allowed values"}),
        ("Csv[StrictInt]", ["1,2"], {"1,x": "`A[1]` is not an integer"}),
        ("Csv[Level]", ["3,3"], {"3,4": "`A[1]` is none of the allowed values"}),
        ("Csv[int] | None", ["1,2"], {"x": "`A[0]` is not an integer"}),
        ("Csv[int] | Literal['']", ["", "1"], {"1,": "`A[1]` is empty"}),
        ("Annotated[Csv[int], Field(min_length=2)]", ["1,2"], {"1": "`A` is too short"}),
        ("Csv[Annotated[int, Field(ge=5)]]", ["5,6"], {"6,4": "`A[1]` is too small"}),
        ("Secret[Csv[int]]", ["1,2"], {"1,hunter2": "`A[1]` is not an integer"}),
        ("Csv[Secret]", ["a,b"], {"hunter2,": "`A[1]` is empty"}),
    ],
)
@pytest.mark.parametrize("strict", ["", "model_config = ConfigDict(strict=True)\n"], ids=["lax", "strict"])
def test_a_list_with_commas_has_items_of_its_type(
    annotation: str, good: list[str], bad: dict[str, str], strict: str
) -> None:
    for text in good:
        assert judged(text, f"{strict}A: {annotation}") == [], text
    for text, message in bad.items():
        (found,) = judged(text, f"{strict}A: {annotation}")
        assert found.startswith(f"invalid-value: {message}"), text


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        ("Duration", ["30s", "1m30s", "2h", "1d", "500ms", "0s", "90s", "1d2h3m4s5ms"], ["30", "", "01s", "1s1m"]),
        ("Duration", [], ["1m1m", "1.5h", "1m 30s", "30S", "-1s", "PT30S", "1h30", "99999999999999d", "1ms1s"]),
        ("Annotated[Duration, Field(ge=timedelta(seconds=10))]", ["10s", "1m"], ["9999ms", "x"]),
        ("Duration = Field(lt=timedelta(hours=1))", ["59m59s"], ["1h"]),
        ("Duration | None = None", ["1s"], ["x"]),
        ("Secret[Duration]", ["1s"], ["hunter2"]),
        ("Csv[Duration]", ["1s,1m30s"], ["1s,1"]),
    ],
)
def test_a_duration_has_whole_numbers_and_units_the_largest_first(
    annotation: str, good: list[str], bad: list[str]
) -> None:
    for text in good:
        assert judged(text, f"A: {annotation}") == [], text
    for text in bad:
        assert len(judged(text, f"A: {annotation}")) == 1, text


def test_a_limit_of_a_duration_is_shown_as_one_is_written() -> None:
    schema = f"{HEAD}    A: Annotated[Duration, Field(ge=timedelta(seconds=90))]\n"
    (problem,) = compiled(small_tree(**{"configs/common.yaml": "A: 30s\n", "schemas/common.py": schema}))[1]
    assert problem.label == "expected 1m30s or more"


@given(st.timedeltas(timedelta(), timedelta(days=999_999)).map(lambda each: each // timedelta(milliseconds=1)))
def test_a_duration_that_is_written_is_read_back(milliseconds: int) -> None:
    duration = timedelta(milliseconds=milliseconds)
    assert TypeAdapter(Duration).validate_python(written(duration)) == duration


@given(st.lists(st.integers(), min_size=1))
def test_items_are_read_as_their_type(numbers: list[int]) -> None:
    assert TypeAdapter(Csv[int]).validate_python(",".join(map(str, numbers))) == numbers


@pytest.mark.parametrize("field", ["Csv[int] = [1]", "Csv = ['a']", "Duration = timedelta(seconds=5)"])
def test_a_default_is_what_the_program_gets(field: str) -> None:
    assert judged("1s", f"B: {field}\nA: str") == []


@pytest.mark.parametrize("field", ["Csv[int] = ['x']", "Duration = '5'", "Csv[int] = 5"])
def test_a_default_that_is_none_of_the_type_is_an_error(field: str) -> None:
    (found,) = judged("1s", f"B: {field}\nA: str")
    assert found.startswith("invalid-default: the default of `B`")


def test_an_editor_takes_no_list_for_a_text_with_commas() -> None:
    files = small_tree(**{"configs/common.yaml": "A: '1'\n", "schemas/common.py": f"{HEAD}    A: Csv[int]\n"})
    compilation, _ = compiled(files)
    (schema,) = next(iter(compilation.governed.values())).schemas
    assert '"array"' not in editor_schemas(compilation.project, (schema,))["common.json"]
