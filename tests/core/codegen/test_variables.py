"""What a loader is made of: which names a service may see, what fits all its processes, and what is left out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.codegen.patterns import in_language, portable
from envtree.core.codegen.shapes import ChoiceShape, IntegerShape, NumberShape, SecretShape, TextShape, UrlShape
from envtree.core.codegen.variables import LoaderVariable, variables_of
from envtree.core.compile import read_project_of
from tests.builders import Files, source_of
from tests.codegen_cases import IMPORTS, code, loaded, tree
from tests.examples import examples

TREE = {
    "configs/accounts/service.yaml": "processes: {web: {command: a}, worker: {command: b}}\n",
    "configs/billing/service.yaml": "processes: {web: {command: a}}\n",
}
LANGUAGES: tuple[Any, ...] = ("python", "typescript", "go", "ruby")


def found(**schemas: str) -> dict[str, LoaderVariable]:
    files: Files = {**tree(), **TREE, **{f"schemas/{name}.py": IMPORTS + text for name, text in schemas.items()}}
    if "accounts" not in schemas:
        del files["schemas/accounts.py"]
    project = read_project_of(source_of(files))[0]
    return {each.name: each for each in variables_of(project, loaded(files), "accounts").variables}


def test_a_service_sees_its_own_names_and_those_of_all_and_no_others() -> None:
    own = found(
        common="class A(Settings):\n    ALL: str\n",
        accounts="class B(Settings):\n    OWN: str\n",
        billing="class C(Settings):\n    OTHER: str\n",
    )
    assert own.keys() == {"ALL", "OWN"}


def test_what_differs_between_processes_and_environments_is_optional() -> None:
    own = found(
        common="class A(Settings):\n    ALL: str\n",
        accounts=(
            "class B(Settings, process='web'):\n    PORT: Port\n    ONE: str\n"
            "class C(Settings, process='worker'):\n    ONE: str | None = None\n"
            "class D(Settings, environment='production'):\n    DSN: str\n"
            "class E(Settings, process='web', environment='staging'):\n    BOTH: int = 3\n"
        ),
    )
    assert {name for name, each in own.items() if each.required} == {"ALL"}
    scopes = {name: each.scope for name, each in own.items()}
    assert scopes == {"ALL": "", "PORT": "web", "ONE": "", "DSN": "in production", "BOTH": "web in staging"}
    assert (own["BOTH"].default, own["BOTH"].notes) == (None, ("its default",))


def test_several_classes_of_one_process_are_kept_to_together() -> None:
    own = found(
        common=(
            "class A(Settings):\n    LEVEL: str\n    SIZE: Annotated[int, Field(ge=1)]\n    KEY: str\n"
            "    NAME: Annotated[str, Field(max_length=9)]\n    SITE: str\n    ODD: float\n"
            "    WORD: Literal['a', 'b']\n"
        ),
        accounts=(
            "class B(Settings):\n    LEVEL: Literal['a', 'b']\n    SIZE: Annotated[int, Field(le=5)]\n    KEY: Secret\n"
            "    NAME: Annotated[str, Field(min_length=2)]\n    SITE: HttpUrl\n    ODD: bool\n"
            "    WORD: Literal['b', 'c']\n"
        ),
    )
    assert own["LEVEL"].shape == ChoiceShape(("a", "b"))
    assert own["SIZE"].shape == IntegerShape(1, 5)
    assert own["KEY"].shape == SecretShape(TextShape())
    assert own["NAME"].shape == TextShape(2, 9)
    assert isinstance(own["SITE"].shape, UrlShape)
    assert (own["ODD"].shape, own["ODD"].notes) == (TextShape(), ("its type",))
    assert own["WORD"].shape == ChoiceShape(("b",))


def test_what_one_process_takes_is_taken_for_all() -> None:
    own = found(
        accounts=(
            "class B(Settings, process='web'):\n    LEVEL: Literal['a']\n    SIZE: Annotated[int, Field(ge=1, le=5)]\n"
            "    NAME: Annotated[str, Field(min_length=2)]\n    ODD: float\n    RATIO: FiniteFloat\n"
            "class C(Settings, process='worker'):\n    LEVEL: Literal['b']\n    SIZE: Annotated[int, Field(ge=3)]\n"
            "    NAME: Annotated[str, Field(min_length=1)]\n    ODD: bool\n    RATIO: float\n"
        ),
    )
    assert own["LEVEL"].shape == ChoiceShape(("a", "b"))
    assert own["SIZE"].shape == IntegerShape(1, None)
    assert own["NAME"].shape == TextShape(1)
    assert (own["ODD"].shape, own["ODD"].notes) == (TextShape(), ("its type",))
    assert own["RATIO"].shape == NumberShape()
    assert all(each.required for each in own.values())


def test_a_name_that_another_service_calls_secret_is_secret_here() -> None:
    own = found(
        accounts="class B(Settings):\n    TOKEN: str = 'c4n4ry'\n",
        billing="class C(Settings):\n    TOKEN: Secret\n",
    )
    assert own["TOKEN"].shape == SecretShape(TextShape())
    assert (own["TOKEN"].default, own["TOKEN"].notes) == (None, ("its default",))


SECRETS = """\
class Part(BaseModel):
    mode: Literal["c4n4ry-mode"] = "c4n4ry-mode"
class B(Settings):
    A: Secret[Literal["c4n4ry-a"]] | None = None
    B: Secret[Annotated[str, Field(pattern="^c4n4ry-b$")]] = "c4n4ry-b"
    C: Annotated[SecretStr, Field(examples=["c4n4ry-c"])] = SecretStr("c4n4ry-default")
    D: Secret[Json[Part]] | None = None
    E: str = Field(default="postgres://u:c4n4ry-e@h/d", description="postgres://u:c4n4ry-f@h/d")
    F: Secret[Level] = Field(default=Level.info, description="one of many")
"""


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_has_a_secret_of_the_schema_in_it(language: Any) -> None:
    text = code(language, tree(IMPORTS + SECRETS))
    assert "c4n4ry" not in text
    assert "one of many" in text


NOTES = """\
class B(Settings):
    TIME: timedelta
    MONEY: Annotated[Decimal, Field(gt=0)]
    WORD: Annotated[str, Field(pattern=r"^\\w+$")]
    EVEN: int
    ODD: Annotated[float, Field(multiple_of=0.5)]
    TEN: str
    EITHER: PositiveInt | Literal["auto"]
    NAMES: Json[dict[int, str]] | None = None
    @field_validator("EVEN")
    def even(cls, value): return value
    @field_validator("TEN", mode="before")
    def ten(cls, value): return value
    @model_validator(mode="after")
    def all(self): return self
"""


def test_what_is_not_carried_over_is_taken_as_text_and_said() -> None:
    own = found(accounts=NOTES)
    assert {name: each.notes for name, each in own.items()} == {
        "TIME": ("its type",),
        "MONEY": ("its type",),
        "WORD": ("its pattern",),
        "EVEN": ("its validator",),
        "ODD": ("its bounds",),
        "TEN": ("its type",),
        "EITHER": ("its type",),
        "NAMES": ("its type",),
    }
    assert own["EITHER"].shape == TextShape()
    for language in LANGUAGES:
        text = code(language, tree(IMPORTS + NOTES))
        assert "Not carried over from the schema: its pattern." in text
        assert "Not carried over from the schema: the validators over several variables of B." in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_deprecated_variable_is_marked_as_the_language_does(language: Any) -> None:
    fields = "class B(Settings):\n    OLD: Annotated[str | None, Deprecated('use X', after='2027-01-31')] = None\n"
    text = code(language, tree(IMPORTS + fields))
    mark = {"python": "Deprecated: use X", "go": "// Deprecated: use X"}.get(language, "@deprecated use X")
    assert f"{mark} (until 2027-01-31)" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_validator_that_sees_the_values_first_leaves_texts(language: Any) -> None:
    fields = "class B(Settings):\n    A: int\n    @model_validator(mode='before')\n    def first(cls, x): return x\n"
    assert "its type, since a validator of its class sees it first" in code(language, tree(IMPORTS + fields))


NOT_CARRIED = (
    *(r"\w", r"\bA", "(?i)a", "(?=a)", "[[:alpha:]]", "[a&&b]", "é", r"\p{L}", "(a+)+", "a**", "(a*b?)*", "a{2000}"),
    *("^*", "[", "(", ")", "a)", "*", "{", "a{", "[]a]", "[z-a]", "\\", "[!-~]", "(?P<a>b)", "a{3,2}", "[^]", "a\nb"),
    *("[a--b]", "a++"),
)
OF_ANY = r"[\^]?(\(?[a-c.]\)?[*+?]?|\[\^?[a-c]-?[x-z]?\]|\\d|\|){0,6}\$?"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("^a$", "<a>"),
        (r"^[a-z0-9_-]{2,5}\.\d+$", r"<[a-z0-9_\-]{2,5}\.D+>"),
        ("(a|b)?", "(?:a|b)?"),
        ("(?:ab){3}x*?", "(?:ab){3}x*?"),
        (".", r"[^\n]"),
        ("a/b", r"a\/b"),
        (r"[^\]/.]", r"[^\]\/\.]"),
        *((each, None) for each in NOT_CARRIED),
    ],
)
def test_a_pattern_is_carried_over_if_all_languages_read_it_alike(pattern: str, expected: str | None) -> None:
    carried = portable(pattern)
    assert (carried if carried is None else in_language(carried, "<", ">", "D")) == expected


@examples(100)
@given(
    st.from_regex(r"[\^]?(\(?[a-c.]\)?[*+?]?|\[\^?[a-c]-?[x-z]?\]|\\d|\|){0,6}\$?", fullmatch=True),
    st.text("abcxyz1\n-."),
)
def test_a_pattern_that_is_carried_over_means_the_same(pattern: str, text: str) -> None:
    carried = portable(pattern)
    if carried is not None:
        theirs = re.compile(pattern.replace("$", r"\Z"))
        assert bool(re.search(in_language(carried, "^", r"\Z", r"\d"), text)) == bool(theirs.search(text))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_same_tree_gives_the_same_bytes(language: Any) -> None:
    assert code(language) == code(language)
    assert not re.search("0x[0-9a-f]{6}", code(language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_default_of_a_secret_is_in_the_code(language: Any) -> None:
    assert "hunter2" not in code(language)
