"""What an author writes that has no meaning for variables: an error at its line, with the way out."""

from __future__ import annotations

import pytest

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.schema.stated_reader import read_stated
from tests.builders import compiled, small_tree, source_of

HEAD = """\
from enum import Enum, IntEnum
from typing import *
from pydantic import *
from envtree import Port, Secret, Settings

"""


def problems_of(schema: str, layer: str = "", **more: str) -> tuple[Diagnostic, ...]:
    files = {f"schemas/{name}.py": HEAD + text for name, text in more.items()}
    return compiled(small_tree(**{"configs/common.yaml": layer, "schemas/common.py": HEAD + schema}, **files))[1]


def faults(schema: str, layer: str = "", **more: str) -> list[tuple[str, str, int]]:
    """Each code, what stands in the line at its place, and the line below the head."""
    found: list[tuple[str, str, int]] = []
    for each in problems_of(schema, layer, **more):
        assert each.span, each
        assert each.help, each
        line = (HEAD + schema).splitlines()[each.span.line - 1][each.span.column - 1 :]
        found.append((each.code, line[: each.span.length], each.span.line - HEAD.count("\n")))
    return found


# Defaults.


@pytest.mark.parametrize(
    "field",
    [
        *("int = 5", "int = '5'", "Port = 80", "str | None = None", "Secret = Secret('x')", "Secret = 'x'"),
        *(
            "SecretStr = SecretStr('x')",
            "Json[list[int]] = []",
            "list[str] = []",
            "HttpUrl = 'https://h'",
            "object = 1",
        ),
        *("Annotated[int, BeforeValidator(lambda text: int(text[:-1]))] = 10", "Literal['1'] = '1'"),
        *("Annotated[str, AfterValidator(lambda text: text[5])] = ''", "int = Field(default_factory=lambda: 'x')"),
        *("int = Field(5, strict=True)", "Json[list[int]] = Field(default_factory=list)"),
    ],
)
def test_a_default_that_its_type_takes_is_none_of_envtrees_business(field: str) -> None:
    assert problems_of(f"class Common(Settings):\n    A: {field}\n") == ()


@pytest.mark.parametrize(
    "field",
    [
        *("int = 'x'", "str = None", "Port = 0", "Port = '080x'", "Literal['1'] = 1", "HttpUrl = ''", "str = 5"),
        *("Annotated[str, Field(min_length=8)] = ''", "Secret[str] = Field('hunter2', min_length=8)", "bool = 'maybe'"),
        *("int = Field(default='x', alias='B')", "Json[list[int]] = '[\"x\"]'", "Secret[int] = Secret('hunter2')"),
    ],
)
@pytest.mark.parametrize(
    "more",
    [
        "",
        "\n    @model_validator(mode='after')\n    def check(self):\n        1 / 0",
        "\n    B_: str = Field(frozen=True)",
    ],
    ids=["alone", "with a validator that fails", "frozen"],
)
def test_a_default_that_its_own_type_refuses_is_an_error_at_the_field(field: str, more: str) -> None:
    layer = "B_: x\n" if "frozen" in more else ""
    found = problems_of(f"class Common(Settings):\n    A: {field}{more}\n", layer)
    assert [(each.code, str(each.span)) for each in found] == [
        ("invalid-default", f"schemas/common.py:{HEAD.count(chr(10)) + 2}:5")
    ]
    assert "hunter2" not in str(found)


def test_one_default_is_judged_where_the_validator_of_another_fails_over_its_own() -> None:
    schema = (
        "class Common(Settings):\n    A: Annotated[str, AfterValidator(lambda text: text[5])] = ''\n    B: int = 'x'\n"
    )
    assert faults(schema) == [("invalid-default", "B", 3)]


# Fields.


@pytest.mark.parametrize(
    ("field", "extra"),
    [
        ("_A: str", ""),
        ("_A: str = ''", ""),
        ("A: str = Field(validation_alias=AliasChoices('A', 'B'))", ""),
        ("A: str = Field(validation_alias=AliasPath('A', 0))", ""),
        ("A: FilePath", ""),
        ("A: DirectoryPath | None = None", ""),
        ("A: NewPath", ""),
        ("A: Secret[FilePath]", ""),
        ("A: ImportString", ""),
        ("A: Annotated[Secret, Differs]", "from envtree import Differs\n"),
        ("A: Annotated[Secret, 'x', Same] | None = None", "from envtree import Same\n"),
        ("A: Annotated[str, SetIn]", "from envtree import SetIn\n"),
        ("A: Annotated[str | None, Deprecated] = None", "from envtree import Deprecated\n"),
        ("A: Level", "class Level(Enum):\n    LOW = 1\n    HIGH = 2\n"),
        ("A: Level | None = None", "class Level(float, Enum):\n    pass\nclass Level(Enum):\n    LOW = 1.5\n"),
    ],
)
def test_a_field_that_no_variable_can_be_is_an_error_at_the_field(field: str, extra: str) -> None:
    name = field.partition(":")[0]
    assert faults(f"{extra}class Common(Settings):\n    {field}\n") == [("unusable-field", name, extra.count("\n") + 2)]


# Options.


@pytest.mark.parametrize(
    "option",
    [
        *(
            "env_nested_delimiter='__'",
            "extra='ignore'",
            "extra='allow'",
            "case_sensitive=False",
            "populate_by_name=True",
        ),
        *("validate_by_name=True", "env_file='.env'", "secrets_dir='/run'", "env_parse_none_str='null'", "frozn=True"),
        *("cli_parse_args=True", "env_parse_enums=True", "env_prefix=5", "nested_model_default_partial_update=True"),
    ],
)
@pytest.mark.parametrize("form", ["dict({}={})", "{{'{}': {}}}"])
def test_an_option_without_a_meaning_for_variables_is_refused_at_its_line(option: str, form: str) -> None:
    name, _, value = option.partition("=")
    schema = f"class Common(Settings):\n    model_config = {form.format(name, value)}\n    A: str = ''\n"
    ((code, shown, line),) = faults(schema)
    assert (code, line) == ("unusable-option", 2)
    assert name.startswith(shown.strip("'"))


@pytest.mark.parametrize(
    "option",
    [
        *(
            "frozen=True",
            "extra='forbid'",
            "case_sensitive=True",
            "validate_default=True",
            "strict=True",
            "env_file=None",
        ),
        *("env_ignore_empty=True", "env_nested_delimiter=None", "populate_by_name=False", "use_enum_values=True"),
        *("str_max_length=3", "defer_build=True", "title='x'", "validate_assignment=True"),
    ],
)
def test_an_option_with_a_meaning_is_kept_to(option: str) -> None:
    schema = f"class Common(Settings):\n    model_config = dict({option})\n    A: int\n    B: str = ''\n"
    assert problems_of(schema, "A: 1\nB: ab\n") == ()
    assert [each.code for each in problems_of(schema, "A: x\nB: ab\n")] == ["invalid-value"]


def test_an_option_of_a_base_class_is_said_once_at_the_base() -> None:
    base = "class Base(Settings):\n    model_config = dict(env_file='.env')\n"
    schema = "from schemas._base import Base\nclass One(Base):\n    A: str = ''\nclass Two(Base):\n    B: str = ''\n"
    (problem,) = problems_of(schema, _base=base)
    assert str(problem.span).startswith("schemas/_base.py:")


PREFIXED = """\
class Common(Settings):
    model_config = dict(env_prefix="APP_")
    PORT: int
    TOKEN: Secret[str] = Field(min_length=8)
    OTHER: str = Field(alias="OTHER")
"""
CHECK = """\
    @model_validator(mode="after")
    def check(self):
        assert self.PORT < 10, "too large"
        return self
"""


@pytest.mark.parametrize("schema", [PREFIXED, PREFIXED + CHECK], ids=["each alone", "together"])
def test_a_prefix_comes_before_the_names_of_fields_without_an_alias(schema: str) -> None:
    good = "APP_PORT: 1\nAPP_TOKEN: hunter22\nOTHER: x\n"
    assert problems_of(schema, good) == ()
    found = problems_of(schema, good.replace("PORT: 1", "PORT: x").replace("hunter22", "hunter2"))
    assert [each.message for each in found] == ["`APP_PORT` is not an integer", "`APP_TOKEN` is too short"]
    assert [each.code for each in problems_of(schema, good.replace("APP_PORT", "PORT"))] == [
        "unknown-variable",
        "missing-variable",
    ]
    if schema != PREFIXED:
        assert [each.code for each in problems_of(schema, good.replace("PORT: 1", "PORT: 11"))] == [
            "inconsistent-values"
        ]


def test_where_schemas_are_not_run_a_prefix_leaves_every_value_hidden() -> None:
    for written in ("dict(env_prefix='APP_')", "{'env_prefix': 'APP_'}"):
        schema = f"{HEAD}class Common(Settings):\n    model_config = {written}\n    A: Secret\n"
        assert not read_stated(source_of(small_tree(**{"schemas/common.py": schema}))).is_certain


@pytest.mark.parametrize("more", ["", CHECK], ids=["each alone", "together"])
def test_an_empty_text_is_none_where_the_class_says_so(more: str) -> None:
    fields = f"    PORT: int = 1\n    B: int\n{more}"
    schema = f"class Common(Settings):\n    model_config = dict(env_ignore_empty=True)\n{fields}"
    assert problems_of(schema, "PORT: ''\nB: 1\n") == ()
    (problem,) = problems_of(schema, "PORT: 2\nB: ''\n")
    assert "is empty" in problem.message
    assert problem.code == "invalid-value"


# Classes and objects that govern nothing.


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ("class Wrong(BaseModel):\n    A: str\n", [("wrong-base", "class Wrong", 1)]),
        ("class Wrong(BaseModel):\n    A: str\nsettings = Wrong(A='x')\n", [("wrong-base", "class Wrong", 1)]),
        (
            "class BaseSettings(BaseModel):\n    pass\nclass Wrong(BaseSettings):\n    A: str = ''\n",
            [("wrong-base", "class Wrong", 3)],
        ),
        ("class Ours(Settings):\n    A: str = ''\nsettings = Ours()\n", [("misplaced-instance", "settings", 3)]),
        ("class Ours(Settings):\n    A: str = ''\nsettings: Ours = Ours()\n", [("misplaced-instance", "settings", 3)]),
        ("class Ours(Settings):\n    A: str\nsettings = Ours()\n", [("schema-failed", "s", 3)]),
    ],
)
def test_what_looks_like_a_schema_and_governs_nothing_is_an_error(
    schema: str, expected: list[tuple[str, str, int]]
) -> None:
    found = [each for each in faults(schema) if not each[1].startswith("class Base")]
    assert found == expected


@pytest.mark.parametrize(
    "use",
    [
        "class Common(Settings):\n    A: Json[Part] = None\n",
        "class Common(Settings):\n    A: 'Json[list[Part]]' = None\n",
        "class Whole(Part):\n    pass\nclass Common(Settings):\n    A: Json[Whole] = None\n",
        "class Common(Settings):\n    A: str = ''\n    @field_validator('A')\n    def check(cls, text):\n"
        "        Part.model_validate_json(text)\n",
        "Parts = list[Part]\nclass Common(Settings):\n    A: Json[Parts] = None\n",
    ],
)
def test_a_model_that_is_part_of_a_type_is_none(use: str) -> None:
    assert problems_of(f"class Part(BaseModel):\n    b: int = 1\n{use}") == ()


def test_pydantic_settings_that_is_not_installed_is_told_what_to_write() -> None:
    (problem,) = problems_of("import pydantic_settingz\n".replace("z", "s"))
    assert problem.code in ("schema-failed", "ungoverned-process")
    if problem.code == "schema-failed":
        assert "from envtree import Settings" in problem.help
