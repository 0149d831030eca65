"""Schemas against resolutions: who governs what, what each class asks, and that one mistake is said once."""

from __future__ import annotations

import pytest

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.schema.governance import hidden_names
from tests.builders import Files, compiled, small_tree
from tests.sealed_files import sealed_layer

HEAD = """\
from datetime import timedelta
from enum import IntEnum, StrEnum
from ipaddress import IPv4Address
from typing import *
from decimal import Decimal
from typing_extensions import TypeAliasType
from pydantic import *
from envtree import Port, Secret, Settings

"""
TREE = {
    "envtree.yaml": "environments:\n  review: {instance: together}\n  production: {instance: service}\n",
    "configs/accounts/service.yaml": "processes: {web: {command: x}, worker: {command: x}}\n",
    "configs/reports-api/service.yaml": "processes: {web: {command: x}}\n",
}


def problems_of(layers: dict[str, str], schemas: dict[str, str]) -> tuple[Diagnostic, ...]:
    files: Files = {**TREE}
    files |= {f"configs/{place}.yaml": text for place, text in layers.items()}
    files |= {f"schemas/{name}.py": HEAD + text for name, text in schemas.items()}
    return compiled(files)[1]


def judged(layer: str, fields: str, extra: str = "") -> list[tuple[str, str]]:
    """Codes and messages for one layer that every process sees, and one class for all."""
    body = "".join(f"    {line}\n" for line in fields.splitlines())
    found = problems_of({"common": layer}, {"common": f"{extra}\nclass Common(Settings):\n{body}"})
    return [(each.code, each.message) for each in found]


def codes(layer: str, fields: str, extra: str = "") -> list[str]:
    return [code for code, _ in judged(layer, fields, extra)]


def targets(problem: Diagnostic) -> list[str]:
    return [str(each) for each in problem.targets]


# Types.


@pytest.mark.parametrize(
    ("annotation", "good", "bad"),
    [
        ("str", ["''", "a", "NO"], []),
        (
            "int",
            ["0", "-1", "80"],
            ["four", "''", "1.0", "' 80'", "8_0", "0755", "+1", "-0x1", "1e3", "٣", "0-1"],
        ),
        ("PositiveInt", ["1"], ["0", "-1", "01"]),
        ("float", ["1", "1.5", "-0.5", "1e3"], ["x", "''", "' 1'", "1_0.5", ".5", "1.", "inf", "nan", "+1.5"]),
        ("bool", ["true", "false", "yes", "no", "on", "off", "1", "0"], ["maybe", "''", "2"]),
        ("int | None", ["1"], ["four", "''", "None", "null"]),
        ("Optional[int]", ["1"], ["four", "01"]),
        ("Annotated[int, Field(ge=1, le=3)]", ["1", "3"], ["0", "4", "1.5"]),
        ("Annotated[int | None, 'a note']", ["1"], ["x", "01"]),
        ("Secret[int]", ["1"], ["x", "01", "1_0"]),
        ("Secret[int] | None", ["1"], ["x", "01"]),
        ("Literal['a', 'b']", ["a", "b"], ["c", "''", "A"]),
        ("Literal['1', '2']", ["1"], ["3", "01"]),
        ("Json", ["'{}'", "'[1]'", "1"], ["'{'", "''"]),
        ("Json[list[int]]", ["'[1, 2]'", "'[]'"], ["'[1, \"x\"]'", "'{}'", "a,b"]),
        ("list[str]", [], ["a", "'[\"a\"]'", "''"]),
        ("PostgresDsn", ["postgres://u:p@h/d"], ["https://h", "x", "''"]),
        ("Secret[PostgresDsn]", ["postgres://u:p@h/d"], ["https://h", "x"]),
        ("AnyUrl", ["https://h", "redis://h"], ["x", "''"]),
        ("IPv4Address", ["127.0.0.1"], ["1.2.3", "x"]),
        ("timedelta", ["PT1H"], ["x"]),
        ("Annotated[str, Field(pattern=r'^a+$', max_length=3)]", ["a", "aaa"], ["b", "aaaa"]),
        ("Annotated[Decimal, Field(ge=0)]", ["1.10"], ["-1", "x"]),
    ],
)
def test_a_type_takes_what_it_should_and_refuses_the_rest(annotation: str, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert codes(f"A: !expand {text}\n" if text == "null" else f"A: {text}\n", f"A: {annotation}") == [], text
    for text in bad:
        written = "'null'" if text == "null" else text
        assert codes(f"A: {written}\n", f"A: {annotation}") == ["invalid-value"], text


@pytest.mark.parametrize(
    ("fields", "layer"),
    [
        ("A: Annotated[int, BeforeValidator(lambda text: int(text[:-1]) * 1000)]", "A: 10k\n"),
        ("A: Annotated[str, AfterValidator(len)]", "A: abc\n"),
        ("A: str = Field(frozen=True)", "A: a\n"),
        ("A: Annotated[str, StringConstraints(strip_whitespace=True)]", "A: ' a'\n"),
        ("model_config = ConfigDict(frozen=True)\nA: int\nB: str", "A: 1\nB: b\n"),
        ("model_config = ConfigDict(extra='forbid')\nA: int", "A: 1\n"),
        ("model_config = ConfigDict(validate_assignment=True)\nA: int\nB: int", "A: 1\nB: 2\n"),
        ("A: str = Field(alias='X.bkp')", "X.bkp: a\n"),
        ("A: str = Field(validation_alias='X-1')", "X-1: a\n"),
        ("model_config = ConfigDict(alias_generator=str.lower)\nA: str", "a: b\n"),
        ("A: ClassVar[str] = 'x'\nB: str = ''", ""),
        ("_a: str = PrivateAttr('')\nB: str = ''", ""),
        ("A: StrictInt\nB: Annotated[bool, Strict()]", "A: 1\nB: on\n"),
        ("model_config = ConfigDict(strict=True)\nA: int\nB: Json[list[int]]", "A: 1\nB: '[1]'\n"),
        ("A: Level", "A: 3\n"),
        ("A: str = Field(default_factory=lambda: 'x')", "A: b\n"),
    ],
)
def test_what_pydantic_offers_works_on_the_text(fields: str, layer: str) -> None:
    assert judged(layer, fields, "class Level(IntEnum):\n    HIGH = 3\n") == []


def test_strict_types_inside_json_stay_strict() -> None:
    assert codes("A: '[\"1\"]'\n", "A: Json[list[StrictInt]]") == ["invalid-value"]


@pytest.mark.parametrize(
    ("field", "good", "bad", "message"),
    [
        ("Secret[str] = Field(min_length=8)", "hunter22", "hunter2", "is too short"),
        ("Annotated[Secret, Field(max_length=3)]", "abc", "hunter2", "is too long"),
        ("Secret = Field(pattern='^[0-9]+$')", "12", "hunter2", "doesn't match its pattern"),
        ("Secret[int] = Field(ge=5)", "5", "4", "is too small"),
        ("Secret[int] = Field(le=5)", "5", "66", "is too large"),
        ("Secret[str] | None = Field(default=None, min_length=8)", "hunter22", "hunter2", "is too short"),
        ("Annotated[Secret, StringConstraints(min_length=8)] | None = None", "hunter22", "hunter2", "is too short"),
        ("SecretStr = Field(pattern='^[0-9]+$')", "12", "hunter2", "doesn't match its pattern"),
        ("SecretStr = Field(min_length=8)", "hunter22", "hunter2", "is too short"),
        ("SecretBytes = Field(min_length=8)", "hunter22", "hunter2", "is too short"),
        ("Secret[str] | Literal['off'] = Field(min_length=3)", "off", "it", "is too short"),
    ],
)
def test_a_limit_beside_a_secret_is_for_the_value_inside(field: str, good: str, bad: str, message: str) -> None:
    layer, schema = f"A: '{bad}'\n", f"class Common(Settings):\n    A: {field}\n"
    assert problems_of({"common": f"A: '{good}'\n"}, {"common": schema}) == ()
    (problem,) = problems_of({"common": layer}, {"common": schema})
    assert (problem.code, problem.message) == ("invalid-value", f"`A` {message}")
    assert bad not in str(problem).replace(str(problem.span), "") or len(bad) < 3
    assert not problem.shown


def test_a_limit_that_its_type_does_not_have_is_named() -> None:
    (found,) = judged(
        "A: x\n", "A: Annotated[Named, Field(min_length=3)]", "Named = TypeAliasType('Named', Secret[str])"
    )
    assert found == (
        "validator-failed",
        "`A` is of a type without a `min_length`; write it beside the type that has one",
    )


@pytest.mark.parametrize(
    ("annotation", "text", "message", "notes"),
    [
        ("Json[list[Peer]]", '[{"port": 1}, {"port": "x"}]', "`A[1].port` is not an integer", ()),
        ("Json[list[Peer]]", '[{}, {"port": 1.5}]', "`A[0].port` is missing", ("`A[1].port` is not an integer",)),
        ("Json[dict[str, int]]", '{"one": 1, "a b": "x"}', '`A["a b"]` is not an integer', ()),
        (
            "Json[Peer] | Literal['']",
            '{"port": "x"}',
            "`A.port` is not an integer",
            ("`A` is none of the allowed values",),
        ),
        ("Json[list[int]]", "{}", "`A` is not a list", ()),
        ("Json[list[Literal['a']]]", '["b"]', "`A[0]` is none of the allowed values", ()),
        ("Secret[Json[list[Peer]]]", '[{"port": "hunter2"}]', "`A[0].port` is not an integer", ()),
        ("Secret[Json[dict[str, int]]]", '{"hunter2": "x"}', "`A[...]` is not an integer", ()),
        ("Secret[Json[list[Literal['a']]]]", '["hunter2"]', "`A[0]` is none of the allowed values", ()),
    ],
)
def test_a_fault_inside_json_is_shown_with_its_place(
    annotation: str, text: str, message: str, notes: tuple[str, ...]
) -> None:
    schema = (
        f"class Peer(BaseModel):\n    port: int\n\nPeers = list[Peer]\n\nclass Common(Settings):\n    A: {annotation}\n"
    )
    (problem,) = problems_of({"common": f"A: '{text}'\n"}, {"common": schema})
    assert problem.message == message
    assert set(notes) <= set(problem.notes)
    if "Secret" in annotation:
        assert "hunter2" not in str(problem)
        assert "'a'" not in str(problem)


@pytest.mark.parametrize(
    ("annotation", "text", "message", "label"),
    [
        ("int | bool", "x", "fits none of its types", "expected an integer, or `true` or `false`"),
        ("IPv4Address | Literal['']", "x", "fits none of its types", "expected an IPv4 address, or ``"),
        ("ByteSize", "x", "is not a size in bytes", "expected digits, and a unit as in `10MiB`"),
        ("ZoneInfo", "x", "is not a time zone", "expected a name of the IANA list, as `Europe/Paris`"),
        ("Pattern", "(", "is not a regular expression", "expected a regular expression of Python's"),
        ("Annotated[str, AfterValidator(refuse)]", "x", "is refused: not nice: x", ""),
        ("Peer", "{}", "is not a mapping", "expected the type `Json[NAME]`: a variable is text"),
        ("Callable", "x", "is of a type that no text can be", "expected a type that is read from text"),
        ("None", "x", "is there, and its type is None", "expected `!unset`, or no line"),
    ],
)
def test_the_reason_is_the_actual_one(annotation: str, text: str, message: str, label: str) -> None:
    extra = (
        "from zoneinfo import ZoneInfo\nfrom pydantic_core import PydanticCustomError\n"
        "class Peer(BaseModel):\n    port: int\nPeers = list[Peer]\n"
        "def refuse(text):\n    raise PydanticCustomError('mine', 'not nice: {it}', {'it': text})\n"
    )
    schema = f"{extra}\nclass Common(Settings):\n    A: {annotation}\n"
    (problem,) = problems_of({"common": f"A: '{text}'\n"}, {"common": schema})
    assert (problem.message, problem.label) == (f"`A` {message}", label)


def test_what_a_custom_error_says_of_a_secret_is_hidden() -> None:
    extra = "from pydantic_core import PydanticCustomError\ndef refuse(secret):\n    it = secret.get_secret_value()\n"
    for kind in ("mine", "literal_error", "string_pattern_mismatch", "value_error"):
        context = "{'it': it, 'expected': it, 'pattern': it, 'error': it}"
        body = f"{extra}    raise PydanticCustomError('{kind}', 'not {{it}}', {context})\n"
        found = problems_of(
            {"common": "A: hunter2\n"},
            {"common": f"{body}\nclass Common(Settings):\n    A: Annotated[Secret, AfterValidator(refuse)]\n"},
        )
        assert [each.code for each in found] == ["invalid-value"]
        assert "hunter2" not in str(found)


def test_an_alias_is_the_variables_name_and_the_fields_own_is_unknown() -> None:
    assert codes("X.bkp: a\nx: b\n", "x: str = Field(alias='X.bkp')") == ["unknown-variable"]


@pytest.mark.parametrize(
    "annotation",
    [
        "Secret",
        "Secret[str]",
        "Secret | None",
        "Optional[Secret[AnyUrl]]",
        "Annotated[Secret, 'x']",
        "Annotated[Secret[str] | None, 'x']",
        "'Secret'",
        "SecretStr",
        "SecretStr | None",
        "SecretBytes",
        "Union[Secret[AnyUrl], Literal['off']]",
        "Token",
        "Alias",
        "New",
        "Json[Secret]",
        "Final[Secret]",
        "Json[Inner]",
        "Json[list[Outer]] | None",
        "Json[Plain]",
        "Json[Named]",
        "Json[Fields]",
    ],
)
def test_a_secret_is_one_wherever_it_stands_in_the_type(annotation: str) -> None:
    extra = (
        "class Token(Secret[str]):\n    pass\n\nAlias = TypeAliasType('Alias', Secret[str])\n"
        "New = NewType('New', SecretStr)\n"
        "class Inner(BaseModel):\n    login: Secret[Literal['x']]\n    more: 'list[Inner]' = []\n"
        "class Outer(BaseModel):\n    inner: dict[str, Inner | None]\n"
        "@dataclass\nclass Plain:\n    port: int\n    login: Secret\n"
        "class Named(NamedTuple):\n    login: SecretStr\n"
        "class Fields(TypedDict):\n    login: Annotated[Secret, 'x']\n"
    )
    head = "from dataclasses import dataclass\nfrom typing import NamedTuple\nfrom typing_extensions import TypedDict\n"
    schema = f"{head}{HEAD}{extra}\nclass Common(Settings):\n    A: {annotation}\n"
    files = small_tree(**{"configs/common.yaml": "A: https://hunter2.example.com\n", "schemas/common.py": schema})
    compilation, _ = compiled(files)
    for target, node in compilation.own.items():
        assert "A" in hidden_names(node, compilation.governed[target])


def test_no_message_holds_the_value_of_a_secret() -> None:
    fields = """\
A: Secret[int]
B: Secret[PostgresDsn]
C: Secret
@field_validator("C")
def tell(cls, secret):
    raise ValueError(secret.get_secret_value())
@field_validator("D", check_fields=False)
def check(cls, value):
    raise ValueError(f"{value} is bad")
D: SecretStr
@model_validator(mode="after")
def all_of_it(self):
    raise ValueError(self.B)"""
    layer = "A: hunter2\nB: https://u:hunter2@h\nC: hunter2\nD: hunter2\n"
    found = problems_of(
        {"common": layer},
        {"common": "class Common(Settings):\n" + "".join(f"    {line}\n" for line in fields.splitlines())},
    )
    assert len(found) == 4
    for each in found:
        assert "hunter2" not in " ".join((each.message, each.label, each.help, *each.notes))
        assert not each.shown


def test_a_message_does_not_hold_what_another_class_of_the_tree_calls_secret() -> None:
    check = "    @field_validator('A')\n    def check(cls, value):\n        raise ValueError(f'{value} is bad')\n"
    found = problems_of(
        {"common": "A: hunter2\n"},
        {
            "common": f"class Common(Settings):\n    A: str\n{check}",
            "accounts": "class Web(Settings, process='web'):\n    A: Secret\n",
        },
    )
    assert found
    for each in found:
        assert "hunter2" not in " ".join((each.message, each.label, each.help, *each.notes))


# Who governs.


def test_a_class_governs_its_service_process_and_environment_alone() -> None:
    found = problems_of(
        {"common": ""},
        {
            "common": (
                "class Common(Settings):\n    ALL: str\n\n"
                "class Production(Settings, environment='production'):\n    PROD: str\n"
            ),
            "accounts": (
                "class Accounts(Settings):\n    ACC: str\n\n"
                "class Web(Settings, process='web', environment='review'):\n    WEB: str\n"
            ),
            "reports_api": "class Reports(Settings):\n    REP: str\n",
        },
    )
    accounts = ["production/accounts/web", "production/accounts/worker"]
    assert {each.message.split("`")[1]: targets(each) for each in found} == {
        "ALL": [
            *accounts,
            "production/reports-api/web",
            "review/accounts/web",
            "review/accounts/worker",
            "review/reports-api/web",
        ],
        "PROD": [*accounts, "production/reports-api/web"],
        "ACC": [*accounts, "review/accounts/web", "review/accounts/worker"],
        "WEB": ["review/accounts/web"],
        "REP": ["production/reports-api/web", "review/reports-api/web"],
    }
    assert {each.code for each in found} == {"missing-variable"}


def test_a_variable_is_known_where_any_class_declares_it_and_each_class_checks_it() -> None:
    found = problems_of(
        {"common": "A: 5\n", "accounts/common": "B: x\n"},
        {
            "common": (
                "class Common(Settings):\n    A: int\n\nclass Narrow(Settings, process='worker'):\n"
                "    A: Annotated[int, Field(le=3)]\n"
            ),
            "accounts": "class Accounts(Settings):\n    B: str\n",
        },
    )
    assert [(each.code, targets(each)) for each in found] == [
        ("invalid-value", ["production/accounts/worker", "review/accounts/worker"])
    ]


def test_an_unknown_variable_gets_a_suggestion_and_its_targets() -> None:
    found = problems_of(
        {"accounts/common": "DATABSE_URL: x\n"}, {"common": "class Common(Settings):\n    DATABASE_URL: str = ''\n"}
    )
    (problem,) = found
    assert problem.code == "unknown-variable"
    assert "did you mean `DATABASE_URL`" in problem.message
    assert len(problem.targets) == 4


def test_an_inherited_class_asks_what_its_parent_asks_and_narrows() -> None:
    text = "class Base(Settings, process='web'):\n    A: int\n\nclass Web(Base, environment='review'):\n    B: int\n"
    found = problems_of({"common": "A: x\nB: y\n"}, {"_base": "", "accounts": text})
    assert [targets(each) for each in found if "`B`" in each.message and each.code == "invalid-value"] == [
        ["review/accounts/web"]
    ]
    assert [targets(each) for each in found if "`A`" in each.message and each.code == "invalid-value"] == [
        ["production/accounts/web", "review/accounts/web"]
    ]


def test_a_required_variable_that_is_unset_is_missing_where_it_was_unset() -> None:
    found = problems_of(
        {"common": "A: a\n", "accounts/worker/common": "A: !unset\n"},
        {"common": "class Common(Settings):\n    A: str\n"},
    )
    (problem,) = found
    assert (problem.code, len(problem.targets)) == ("missing-variable", 2)
    assert any("configs/accounts/worker/common.yaml:1:4" in note for note in problem.notes)


def test_processes_without_a_schema_are_one_warning() -> None:
    (problem,) = problems_of({"common": "A: a\n"}, {"accounts": "class Accounts(Settings):\n    A: str\n"})
    assert (problem.code, problem.severity) == ("ungoverned-process", "warning")
    assert targets(problem) == ["production/reports-api/web", "review/reports-api/web"]


# Once.


def test_a_value_is_validated_once_however_many_processes_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("envtree.asked", asked, raising=False)
    check = (
        "    @field_validator('A')\n    def check(cls, value):\n        import envtree\n"
        "        envtree.asked.append(value)\n        return value\n"
    )
    problems = problems_of(
        {"common": "A: a\nB: b\n", "accounts/worker/common": "A: other\n"},
        {"common": f"class Common(Settings):\n    A: str\n    B: str\n{check}"},
    )
    assert problems == ()
    assert sorted(asked) == ["a", "other"]


def test_one_wrong_value_is_one_diagnostic_with_all_its_targets_and_what_it_overrides() -> None:
    found = problems_of(
        {"common": "A: 1\n", "accounts/common": "A: x\n"}, {"common": "class Common(Settings):\n    A: int\n"}
    )
    (problem,) = found
    assert (str(problem.span), len(problem.targets)) == ("configs/accounts/common.yaml:1:4", 4)
    assert any("overrides `1` (configs/common.yaml:1:4)" in note for note in problem.notes)


# Validators over several variables.

TOGETHER = """\
class Common(Settings):
    A: int
    B: int

    @model_validator(mode="after")
    def in_order(self):
        if self.A > self.B:
            raise ValueError("A must not be above B")
        return self
"""
BY_INFO = """\
class Common(Settings):
    B: int
    A: int

    @field_validator("A")
    def in_order(cls, value, info):
        if value > info.data["B"]:
            raise ValueError("A must not be above B")
        return value
"""


@pytest.mark.parametrize("schema", [TOGETHER, BY_INFO], ids=["model", "field"])
def test_values_that_do_not_fit_together_are_one_diagnostic(schema: str) -> None:
    assert problems_of({"common": "A: 1\nB: 2\n"}, {"common": schema}) == ()
    (problem,) = problems_of({"common": "A: 1\nB: 2\n", "accounts/common": "A: 3\n"}, {"common": schema})
    assert problem.code in ("inconsistent-values", "invalid-value")
    assert str(problem.span) == "configs/accounts/common.yaml:1:4"
    assert len(problem.targets) == 4


@pytest.mark.parametrize(
    "schema",
    [TOGETHER, BY_INFO, TOGETHER.replace("(Settings)", "(Settings, frozen=True)")],
    ids=["model", "field", "frozen"],
)
@pytest.mark.parametrize(
    "layer", ["A: 1\nB: [x]\n", "A: [x]\nB: 1\n", "A: 1\nB: !expand ${NOWHERE}\n", "A: 1\nB: 'x '\n"]
)
def test_where_one_value_is_not_known_the_others_are_not_blamed(schema: str, layer: str) -> None:
    assert len(problems_of({"common": layer}, {"common": schema})) == 1


@pytest.mark.parametrize(
    "schema",
    [TOGETHER, BY_INFO, TOGETHER.replace("(Settings)", "(Settings, frozen=True)")],
    ids=["model", "field", "frozen"],
)
def test_a_sealed_value_is_not_judged_and_neither_is_what_would_need_it(schema: str) -> None:
    assert problems_of({"common": "A: 1\n", "common.sops": sealed_layer(B="x")}, {"common": schema}) == ()


@pytest.mark.parametrize("schema", [TOGETHER, BY_INFO], ids=["model", "field"])
def test_a_missing_or_wrong_value_is_said_once_and_no_validator_fails_over_it(schema: str) -> None:
    assert [each.code for each in problems_of({"common": "A: 1\n"}, {"common": schema})] == ["missing-variable"]
    found = problems_of({"common": "A: 1\nB: x\n"}, {"common": schema})
    assert [each.code for each in found if each.code != "validator-failed"] == ["invalid-value"]
    assert [each.code for each in found] == ["invalid-value"]


def test_a_validator_that_fails_is_named_as_such() -> None:
    check = "@field_validator('A')\ndef check(cls, value):\n    raise KeyError(value)"
    (found,) = judged("A: hunter2\n", f"A: str\n{check}")
    assert found[0] == "validator-failed"
    assert "hunter2" not in found[1]


# Ports.


@pytest.mark.parametrize("text", ["eighty", "0", "65536", "080", "''"])
def test_a_port_that_is_none_is_not_a_clash_as_well(text: str) -> None:
    assert codes(f"PORT: {text}\n", "PORT: Port") == ["invalid-value"]


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ({"common": "PORT: 80\n"}, 1),
        (
            {
                "accounts/web/common": "PORT: 80\n",
                "accounts/worker/common": "PORT: 81\n",
                "reports-api/web/common": "PORT: 82\n",
            },
            0,
        ),
        ({"accounts/web/common": "PORT: 80\n", "accounts/worker/common": "PORT: 80\n"}, 1),
        ({"accounts/web/review": "PORT: 80\n", "reports-api/web/review": "PORT: 80\n"}, 1),
        ({"accounts/web/production": "PORT: 80\n", "reports-api/web/production": "PORT: 80\n"}, 0),
        ({"accounts/web/production": "PORT: 80\n", "accounts/worker/review": "PORT: 80\n"}, 0),
        ({"accounts/web/common": "PORT: 80\n", "accounts/worker/common": "OTHER: 80\n"}, 1),
        ({"accounts/web/common": "PORT: 80\nOTHER: 80\n"}, 1),
        ({"accounts/web/common": "PORT: 80\nPEER: 80\n"}, 0),
        ({"accounts/web/common": "PORT: !expand 8${X}\nX: 0\n", "accounts/worker/common": "PORT: 80\n"}, 1),
    ],
)
def test_ports_of_processes_that_share_a_machine_must_differ(layers: dict[str, str], expected: int) -> None:
    schema = (
        "class Common(Settings):\n    PORT: Port | None = None\n"
        "    OTHER: Annotated[Port, 'x'] = 1\n    PEER: int = 0\n    X: str = ''\n"
    )
    assert [each.code for each in problems_of(layers, {"common": schema})] == ["port-clash"] * expected


@pytest.mark.parametrize(("written", "expected"), [("80,81", 1), ("80,82", 0), ("82,82", 0)])
def test_each_port_of_a_list_with_commas_is_one(written: str, expected: int) -> None:
    schema = (
        "from envtree import Csv\n\nclass Common(Settings):\n    PORTS: Csv[Port] | None = None\n    PORT: Port = 1\n"
    )
    layers = {"accounts/web/common": f"PORTS: '{written}'\n", "accounts/worker/common": "PORT: 81\n"}
    assert [each.code for each in problems_of(layers, {"common": schema})] == ["port-clash"] * expected


def test_an_expand_made_of_a_secret_is_hidden_and_warned_of() -> None:
    schema = "class Common(Settings):\n    PASSWORD: Secret\n    URL: str\n    COPY: str\n"
    found = problems_of(
        {"common": "PASSWORD: hunter2\nURL: !expand x${PASSWORD}\nCOPY: !expand ${URL}\n"}, {"common": schema}
    )
    assert [(each.code, each.severity) for each in found] == [("undeclared-secret", "warning")] * 2
    assert "hunter2" not in str(found)
