"""Random fields and texts: envtree takes and refuses what pydantic-settings does, but for what the guide lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, assume, given
from hypothesis import strategies as st

from tests.builders import ROOT
from tests.core.schema.idioms import CLASS, HEAD, TYPES_OF_THEIR_OWN
from tests.core.schema.peers import Peer, refusals
from tests.examples import examples

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic

DIFFERENCES = 8
"""How many the guide has, each with its reason; the rows are those of the table below `What is meant otherwise`."""
CANONICAL = ("is not written as a plain integer", "is not written as a plain number")
BLANK = "holds a blank or a line end"

NUMBERS = ("int", "float", "Decimal", "PositiveInt", "NonNegativeInt", "NegativeFloat", "FiniteFloat", "ByteSize")
TEXTS = ("str", "bytes", "Path", "UUID", "IPv4Address", "IPvAnyAddress", "IPvAnyNetwork", "Base64Str", "Any")
TIMES = ("date", "datetime", "time", "timedelta", "AwareDatetime", "NaiveDatetime", "PastDate", "FutureDatetime")
URLS = ("AnyUrl", "HttpUrl", "PostgresDsn", "RedisDsn", "FileUrl", "AmqpDsn")
CHOICES = ("bool", "Literal['a', 'b', '']", "Literal['1']", "Level", "Number")
LIMITS = ("ge=0", "gt=1", "le=9", "lt=5", "multiple_of=2", "ge=0, le=100")
LENGTHS = ("min_length=1", "max_length=3", "pattern='^[a-z]+$'", "min_length=2, max_length=8", "pattern='^.{2}$'")
OPTIONS = (
    *("", "str_strip_whitespace=True", "str_to_lower=True", "str_max_length=4", "env_ignore_empty=True"),
    *("frozen=True", "strict=True"),
    *("validate_default=True", "use_enum_values=True", "coerce_numbers_to_str=True", "allow_inf_nan=False"),
    *("validate_assignment=True", "val_json_bytes='base64'", "regex_engine='python-re'"),
)


def limited(types: tuple[str, ...], limits: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.builds("Annotated[{}, Field({})]".format, st.sampled_from(types), st.sampled_from(limits))


scalars = st.one_of(
    st.sampled_from(NUMBERS + TEXTS + TIMES + URLS + CHOICES),
    limited(("int", "float", "Decimal", "PositiveInt"), LIMITS),
    limited(("str",), LENGTHS),
    limited(("str", "bytes"), LENGTHS[:2]),
)
inside = st.recursive(
    st.one_of(scalars, st.sampled_from(["Part", "Mapped", "Record", "None"])),
    lambda inner: st.one_of(
        inner.map("list[{}]".format),
        inner.map("dict[str, {}]".format),
        inner.map("tuple[{}, ...]".format),
        st.tuples(inner, inner).map(lambda two: f"{two[0]} | {two[1]}"),
    ),
    max_leaves=3,
)
json = inside.filter(lambda each: each != "None").map("Json[{}]".format)
secret = st.one_of(scalars.map("Secret[{}]".format), st.just("SecretStr"))
marked = st.builds(
    "Annotated[{}, {}]".format,
    scalars,
    st.sampled_from(["AfterValidator(lambda each: each)", "BeforeValidator(lambda each: each)", "'a mark'"]),
)
alone = st.one_of(scalars, json, secret, marked)
fields = st.one_of(
    alone,
    alone.map("{} | None".format),
    st.tuples(alone, alone).map(lambda two: f"Union[{two[0]}, {two[1]}]"),
)
endings = st.sampled_from(["", "", " = None", " = Field(default=None, alias='A')", " = Field(validation_alias='A')"])
WRITTEN = (
    *(
        "",
        "0",
        "1",
        "-1",
        "5",
        "80",
        "100",
        "080",
        "8_0",
        " 80",
        "+1",
        "1.0",
        "1.50",
        ".5",
        "1e3",
        "1e400",
        "inf",
        "nan",
    ),
    *(
        "nan",
        "true",
        "False",
        "yes",
        "off",
        "t",
        "2",
        "a",
        "b",
        "ab",
        "abcd",
        "ABC",
        "low",
        "LOW",
        "3",
        "None",
        "null",
        "~",
    ),
    *("2026-01-31", "2026-01-31T12:00:00", "2026-01-31T12:00:00Z", "12:30", "PT30S", "30", "1 day, 0:00:01", "P1D"),
    *("https://h/", "http://h", "postgres://u:p@h/d", "redis://h:6379/0", "file:///a", "https://h/ ", "amqp://h"),
    *("127.0.0.1", "::1", "10.0.0.0/8", "6fa459ea-ee8a-3ca4-894e-db77e160355e", "aGk=", "10MiB", "/srv/app", "é", "٣"),
    *("[]", "[1]", '["a"]', "{}", '{"port": 1}', '{"port": "x"}', '[{"port": 1}]', '{"a": [1]}', '"a"', "[1", "[NaN]"),
    *('{"port": 1, "more": 2}', "[[1]]", '["1"]', "1 ", "\t1", "a b", "-0", "00", "0.10", "1_000.5", "0x10", "9" * 30),
)
texts = st.one_of(st.sampled_from(WRITTEN), st.integers().map(str), st.floats().map(repr), st.text(max_size=5))


def sayable(text: str) -> bool:
    """Whether a variable can hold a text at all."""
    return not any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in text) and text == text.rstrip(" \t")


def is_documented(found: tuple[Diagnostic, ...]) -> bool:
    """Whether each refusal is one of the deliberate differences."""
    notes = [" ".join((each.message, each.label, *each.notes)) for each in found]
    return all(any(words in each for words in (*CANONICAL, BLANK)) for each in notes)


@pytest.mark.filterwarnings("ignore")
@examples(25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(annotation=fields, ending=endings, option=st.sampled_from(OPTIONS), written=st.lists(texts, min_size=3))
def test_a_text_is_taken_or_refused_as_by_pydantic_settings(
    annotation: str, ending: str, option: str, written: list[str]
) -> None:
    config = f"    model_config = dict({option})\n" if option else ""
    name = "a" if "alias" in ending else "A"
    schema = f"{HEAD}{CLASS}{config}    {name}: {annotation}{ending}\n"
    try:
        peer = Peer(schema, TYPES_OF_THEIR_OWN)
    except Exception:  # noqa: BLE001 - a class that pydantic itself refuses
        assert refusals(schema, {}, TYPES_OF_THEIR_OWN)
        return
    lax = Peer(
        schema.replace("strict=True", ""), TYPES_OF_THEIR_OWN
    )  # a strict class reads text as well, as documented
    if found := refusals(schema, {}, TYPES_OF_THEIR_OWN):
        assume(all(each.code == "missing-variable" for each in found))  # or a default that its type refuses
    for text in filter(sayable, written):
        found = refusals(schema, {"A": text}, TYPES_OF_THEIR_OWN)
        verdicts = {each.accepts({"A": text}) for each in (peer, lax)}
        assert (not found) in verdicts or is_documented(found), (annotation, text, found)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", ["080", " 80", "8_0", "+1", "1.0"])
def test_a_number_that_is_not_canonical_is_a_difference(text: str) -> None:
    schema = f"{HEAD}{CLASS}    A: int\n"
    assert Peer(schema, TYPES_OF_THEIR_OWN).accepts({"A": text})
    assert is_documented(refusals(schema, {"A": text}, TYPES_OF_THEIR_OWN))


def test_the_differences_are_few_and_each_has_its_reason() -> None:
    guide = (ROOT / "docs/howto/from-pydantic-settings.md").read_text()
    section = guide.partition("## What is meant otherwise\n")[2].partition("\n## ")[0]
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    assert 0 < len(rows) <= DIFFERENCES
    assert all(len(row) == 2 and len(row[1]) > 20 for row in rows)
