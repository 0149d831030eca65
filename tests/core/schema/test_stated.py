"""What the text of a schema says of its names, without running it: plain, secret, or not to be told."""

from __future__ import annotations

import pytest

from envtree.core.model.tree import Target
from envtree.core.schema.stated import govern_stated
from envtree.core.schema.stated_reader import MAX_PIECES, read_stated
from tests.builders import source_of

HEAD = """\
from enum import Enum
from typing import Annotated, Literal, Optional
import pydantic
from pydantic import AfterValidator, Field, PostgresDsn, SecretStr
import envtree
from envtree import Port, Secret, Settings
from elsewhere import Token as Given


class Level(Enum):
    LOW = "low"


class Hidden(Secret[str]):
    pass


Url = Annotated[PostgresDsn, Field(description="where")]
Key = Secret[Url]
Keys = list[Key]


"""
WEB = Target("production", "accounts", "web")


def known(body: str, target: Target = WEB, **files: str) -> tuple[set[str], set[str]]:
    """The names that are shown, and those that may be secret."""
    more = {f"schemas/{name}.py": text for name, text in files.items()}
    stated = read_stated(source_of({"schemas/common.py": HEAD + body, **more}))
    governance = govern_stated((target,), stated)[target]
    return set(governance.known - governance.secret), set(governance.secret)


@pytest.mark.parametrize(
    "kind",
    [
        *("str", "int", "Port", "PostgresDsn", "Level", "Url", "Literal['a', 'b']", "Optional[int]", "int | None"),
        *(
            "Annotated[str, Field(min_length=3)]",
            "list[str]",
            "pydantic.HttpUrl",
            "Annotated[str, AfterValidator(check)]",
        ),
    ],
)
def test_a_plain_type_is_shown(kind: str) -> None:
    body = f"def check(text): return text\n\n\nclass Common(Settings):\n    A: {kind}\n    B: {kind} = None\n"
    assert known(body) == ({"A", "B"}, set())


@pytest.mark.parametrize(
    "kind",
    [
        *(
            "Secret",
            "Secret[int]",
            "Secret | None",
            "envtree.Secret",
            "SecretStr",
            "pydantic.SecretStr",
            "Hidden",
            "Key",
        ),
        *("Keys", "Annotated[Key, Field()]", "dict[str, Keys]", "'str'", '"Secret"', "Given", "list[Given]"),
        "Unknown",
        *("unknown.Type", "Annotated[str, Given]", "Literal['secret']"),
    ],
)
def test_a_type_that_may_be_secret_is_hidden(kind: str) -> None:
    assert known(f"class Common(Settings):\n    A: {kind}\n    B: str\n") == ({"B"}, {"A"})


@pytest.mark.parametrize(
    "text",
    [
        *("create_model('X')", "exec('a')", "from os import *", "@decorated\nclass C(Settings):\n    X: str"),
        *("setattr(Common, 'A', 1)", "Common.__annotations__['A'] = Secret", "class C(Settings, metaclass=M): pass"),
        *(
            "class C(Settings):\n    X: str = Field(alias=NAME)",
            "C = type('C', (Settings,), {})",
            "(",
            "\0",
            "x = 1 / (" * 300,
        ),
        *(
            "class C(Settings):\n    X: str = Field(**more)",
            "import a" + ".a" * (MAX_PIECES + 1),
            "X = 1" + "+1" * 100_000,
        ),
        "class C(Settings):\n    model_config = {'x': 1}\n    model_config = ConfigDict(alias_generator=str.upper)",
    ],
    ids=range(16),
)
def test_nothing_is_shown_where_the_text_does_not_tell(text: str) -> None:
    shown, _ = known(f"class Common(Settings):\n    A: str\n\n\n{text}\n")
    assert shown == set()


def test_a_schema_that_can_t_be_read_may_declare_anything() -> None:
    source = source_of({"schemas/common.py": f"{HEAD}class Common(Settings):\n    A: str\n"})
    source.refused["schemas/accounts.py"] = ("unreadable-file", "")
    assert not read_stated(source).is_certain


def test_a_secret_of_any_class_counts_everywhere() -> None:
    billing = "from envtree import Secret, Settings\n\n\nclass B(Settings):\n    A: Secret\n"
    assert known("class Common(Settings):\n    A: str\n    B: str\n", billing=billing) == ({"B"}, {"A"})


def test_an_alias_is_the_name() -> None:
    body = "class Common(Settings):\n    a: str = Field(alias='A')\n    b: Secret = Field(validation_alias='B')\n"
    assert known(body) == ({"A"}, {"B"})


def test_names_are_inherited_and_only_settings_declare() -> None:
    shared = "from envtree import Settings\n\n\nclass Base(Settings):\n    C: str\n"
    body = (
        "from schemas._shared import Base\n\n\nclass Mixin(pydantic.BaseModel):\n    A: str\n\n\n"
        "class Common(Mixin, Base):\n    B: str\n\n\nclass Nested(pydantic.BaseModel):\n    D: str\n"
    )
    assert known(body, _shared=shared) == ({"A", "B", "C"}, set())


def test_a_scope_is_read_where_the_text_tells_it() -> None:
    body = (
        "class All(Settings):\n    A: str\n\n\nclass Web(Settings, process='web'):\n    B: str\n\n\n"
        "class Narrow(Web, environment='staging'):\n    C: str\n\n\n"
        "class Odd(Settings, process='w' + 'eb'):\n    D: str\n"
    )
    assert known(body)[0] == {"A", "B"}
    assert known(body, Target("staging", "accounts", "web"))[0] == {"A", "B", "C"}
    assert known(body, Target("staging", "accounts", "worker"))[0] == {"A"}


def test_a_module_governs_its_service() -> None:
    accounts = "from envtree import Settings\n\n\nclass A(Settings):\n    A: str\n"
    assert known("", accounts=accounts)[0] == {"A"}
    assert known("", Target("production", "billing", "web"), accounts=accounts)[0] == set()
