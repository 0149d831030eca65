"""What users of pydantic-settings write: one idiom each, values that it takes and refuses, and what becomes of it here.

The table of docs/howto/from-pydantic-settings.md is made from this list.
"""

from __future__ import annotations

from typing import NamedTuple

HEAD = """\
import functools
import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import IPv4Address
from pathlib import Path
from typing import *
from uuid import UUID
from pydantic import *
from envtree import Settings
from schemas._types import *

"""
TYPES_OF_THEIR_OWN = """\
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum
from pydantic import BaseModel
from typing_extensions import TypedDict

class Level(StrEnum):
    LOW = 'low'

class Number(IntEnum):
    THREE = 3

class Rate(Enum):
    ONE = 1

class Part(BaseModel):
    port: int

class Mapped(TypedDict):
    port: int

@dataclass
class Record:
    port: int
"""
"""The module of types, `schemas/_types.py`."""
CLASS = "class Config(Settings):\n"


class Idiom(NamedTuple):
    """A field, or other lines of a class, whose variable is `A`; or, with `module`, lines of a whole module."""

    code: str
    good: str | None = None
    """A text that `A` takes; None where it is not set."""
    bad: str | None = None
    """A text that it refuses."""
    refused: str = ""
    """The code of the diagnostic that refuses it; empty for what works."""
    instead: str = ""
    """What to write, or what is to know."""
    differs: bool = False
    """Whether pydantic-settings says otherwise of `good` or `bad`."""
    module: bool = False

    @property
    def shown(self) -> str:
        """What the guide shows: the line that it is about."""
        lines = [line.strip() for line in self.code.splitlines()]
        telling = ("@", "model_config", "def model_post_init", "from ", "settings = ", "class Base(", "class Mixin")
        options = [line for line in lines if line in ("class Config:", "env_prefix = ''")]
        if len(options) > 1:
            return "class Config: env_prefix = ''"
        found = [line for line in lines if line.startswith(telling) and line not in ("@classmethod", "@property")]
        found += [line for line in lines if line.startswith(("def settings_customise", "def twice", "_A: str = Priv"))]
        return found[0] if found else lines[0]

    def text(self) -> str:
        """The schema file."""
        if self.module:
            return HEAD + self.code + "\n"
        return HEAD + CLASS + "".join(f"    {line}\n" for line in self.code.splitlines())


JSON = "write `Json[...]`, or `Csv[...]` for commas"
LAYERS = "values come from the layers"
DISK = "write `Path`"
NESTED = "a field for each variable, or one `Json[...]`"
VALUE = "invalid-value"
FIELD = "unusable-field"
OPTION = "unusable-option"
VALIDATOR = "def check(cls, value):\n    return value"

TYPES = (
    Idiom("A: str", "x"),
    Idiom("A: int", "80", "x"),
    Idiom("A: float", "1.5", "x"),
    Idiom("A: bool", "true", "maybe"),
    Idiom("A: Decimal", "1.10", "x"),
    Idiom("A: bytes", "x"),
    Idiom("A: PositiveInt", "1", "0"),
    Idiom("A: NonNegativeInt", "0", "-1"),
    Idiom("A: NegativeFloat", "-1.5", "1.5"),
    Idiom("A: FiniteFloat", "1.5", "inf"),
    Idiom("A: conint(ge=1, le=9)", "5", "10"),
    Idiom("A: int = Field(gt=0, lt=10)", "5", "10"),
    Idiom("A: Annotated[int, Field(multiple_of=5)]", "10", "11"),
    Idiom("A: StrictStr", "x"),
    Idiom("A: StrictInt", "5", "x", "", "the text is read, as for `int`", differs=True),
    Idiom("A: Annotated[bool, Strict()]", "true", "x", "", "the text is read, as for `bool`", differs=True),
    Idiom("A: constr(min_length=2)", "ab", "a"),
    Idiom("A: Annotated[str, StringConstraints(pattern='^a')]", "ab", "b"),
    Idiom("A: Annotated[str, StringConstraints(strip_whitespace=True)]", " a", None, "", "the process gets the blank"),
    Idiom("A: Annotated[str, StringConstraints(to_lower=True)]", "X", None, "", "the process gets the capitals"),
    Idiom("A: Literal['a', 'b']", "a", "c"),
    Idiom("A: Literal[1, 2]", None, "1", VALUE, "write `Literal['1', '2']`"),
    Idiom("A: Level  # a StrEnum", "low", "LOW"),
    Idiom("A: Number  # an IntEnum", "3", "4"),
    Idiom("A: Rate  # an Enum of numbers", None, "1", FIELD, "make it an `IntEnum`, or of texts"),
    Idiom("A: date", "2026-01-31", "x"),
    Idiom("A: datetime", "2026-01-31T12:00:00", "x"),
    Idiom("A: AwareDatetime", "2026-01-31T12:00:00Z", "2026-01-31T12:00:00"),
    Idiom("A: NaiveDatetime", "2026-01-31T12:00:00", "2026-01-31T12:00:00Z"),
    Idiom("A: PastDate", "2020-01-31", "9999-01-31"),
    Idiom("A: time", "12:30", "x"),
    Idiom("A: timedelta", "PT30S", "x", "", "or `Duration`, for `30s`"),
    Idiom("A: UUID", "6fa459ea-ee8a-3ca4-894e-db77e160355e", "x"),
    Idiom("A: UUID4", "16fd2706-8baf-433b-82eb-8c7fada847da", "6fa459ea-ee8a-3ca4-894e-db77e160355e"),
    Idiom("A: IPv4Address", "127.0.0.1", "x"),
    Idiom("A: IPvAnyNetwork", "10.0.0.0/8", "x"),
    Idiom("A: AnyUrl", "redis://h", "x"),
    Idiom("A: HttpUrl", "https://h/", "ftp://h/"),
    Idiom("A: PostgresDsn", "postgres://u:p@h/d", "https://h"),
    Idiom("A: RedisDsn", "redis://h:6379/0", "https://h"),
    Idiom("A: AmqpDsn", "amqp://h", "https://h"),
    Idiom("A: MongoDsn", "mongodb://h", "https://h"),
    Idiom("A: KafkaDsn", "kafka://h:9092", "https://h"),
    Idiom("A: MySQLDsn", "mysql://u:p@h/d", "https://h"),
    Idiom("A: Path", "/srv/app"),
    Idiom("A: FilePath", None, "/srv/app", FIELD, DISK),
    Idiom("A: DirectoryPath", None, "/srv/app", FIELD, DISK),
    Idiom("A: NewPath", None, "/srv/app", FIELD, DISK),
    Idiom("A: ImportString", None, "math.cos", FIELD, "write `str`, with a pattern"),
    Idiom("A: ByteSize", "10MiB", "x"),
    Idiom("A: Base64Str", "aGk=", "x"),
    Idiom("A: re.Pattern", "^a", "("),
    Idiom("A: Any", "x"),
    Idiom("A: object", "x"),
    Idiom("A: EmailStr", None, "x", "schema-failed", "works where the package `email-validator` is beside envtree"),
)
STRUCTURED = (
    Idiom("A: Json", "[1]", "["),
    Idiom("A: Json[list[int]]", "[1]", '["x"]'),
    Idiom("A: Json[dict[str, int]]", '{"a": 1}', '{"a": "x"}'),
    Idiom("A: Json[Part]  # a BaseModel", '{"port": 1}', '{"port": "x"}'),
    Idiom("A: Json[list[Record]]  # a dataclass", '[{"port": 1}]', '[{"port": "x"}]'),
    Idiom("A: Json[Mapped]  # a TypedDict", '{"port": 1}', "{}"),
    Idiom("A: Json[tuple[int, str]]", '[1, "a"]', "[1]"),
    Idiom("A: list[str]", None, '["a"]', VALUE, JSON, differs=True),
    Idiom("A: set[int]", None, "[1]", VALUE, JSON, differs=True),
    Idiom("A: tuple[int, int]", None, "[1, 2]", VALUE, JSON, differs=True),
    Idiom("A: dict[str, int]", None, '{"a": 1}', VALUE, JSON, differs=True),
    Idiom("A: Part", None, '{"port": 1}', VALUE, "write `Json[Part]`", differs=True),
    Idiom("A: Record", None, '{"port": 1}', VALUE, "write `Json[Record]`", differs=True),
    Idiom("A: Mapped", None, '{"port": 1}', VALUE, "write `Json[Mapped]`", differs=True),
    Idiom("A: list[SecretStr]", None, '["a"]', VALUE, "write `Json[list[SecretStr]]`", differs=True),
    Idiom(
        "A: Annotated[list[str], BeforeValidator(lambda text: text.split(','))]",
        "a,b",
        None,
        "",
        "or `Csv`",
        differs=True,
    ),
    Idiom(
        "A: Annotated[list[int], BeforeValidator(lambda text: text.split(','))]",
        "1,2",
        "1,x",
        "",
        "or `Csv[int]`",
        differs=True,
    ),
    Idiom("A: Json[Annotated[Part | Record, Field()]]", '{"port": 1}', "{}"),
)
OPTIONAL = (
    Idiom("A: str = 'x'", None),
    Idiom("A: str | None = None", None),
    Idiom("A: Optional[int] = None", "5", "x"),
    Idiom("A: int | None", "5", "x"),
    Idiom("A: int | str", "x"),
    Idiom("A: int | Literal['auto']", "auto", "x"),
    Idiom("A: Union[HttpUrl, Literal['']]", "", "x"),
    Idiom("A: int = Field(default=5)", None, "x"),
    Idiom("A: str = Field(default_factory=str)", None),
    Idiom("A: str = Field(..., min_length=1)", "x", ""),
    Idiom("A: str = None", None, "", "invalid-default", "write `str | None`"),
    Idiom("A: int = 'x'", None, "", "invalid-default", "write a default of the type"),
    Idiom("A: Final[int] = 5", None, "5", "unknown-variable", "for pydantic it is a `ClassVar`: leave out `Final`"),
    Idiom("A: ClassVar[str] = 'x'", None, "x", "unknown-variable", "a `ClassVar` is no variable"),
)
SECRETS = (
    Idiom("A: SecretStr", "x"),
    Idiom("A: SecretBytes", "x"),
    Idiom("A: Secret[int]", "5", "x"),
    Idiom("A: SecretStr | None = None", "x"),
    Idiom("A: SecretStr = Field(min_length=8)", "12345678", "1"),
    Idiom("A: SecretStr = SecretStr('x')", None),
    Idiom("A: Secret[PostgresDsn]", "postgres://u:p@h/d", "x"),
)
NAMES = (
    Idiom("a: str = Field(alias='A')", "x"),
    Idiom("a: str = Field(validation_alias='A')", "x"),
    Idiom("a: str = Field(serialization_alias='B', alias='A')", "x"),
    Idiom("a: str = Field(validation_alias=AliasChoices('A', 'B'))", None, "x", FIELD, "one name: `alias='A'`"),
    Idiom("a: str = Field(validation_alias=AliasPath('A', 0))", None, "x", FIELD, "a part is read from `Json[...]`"),
    Idiom("model_config = dict(alias_generator=str.upper)\na: str", "x"),
    Idiom("a: str = ''", None, "x", "unknown-variable", "write the field as the variable is written, or an alias"),
    Idiom("_A: str = ''", None, None, FIELD, "write an alias"),
    Idiom("_A: str = PrivateAttr('')\nA: str", "x"),
    Idiom("A: str = Field('', env='B')", None, "x", FIELD, "write `alias='B'`"),
    Idiom("model_config = dict(env_prefix='')\nA: int", "5", "x"),
)
FIELDS = (
    Idiom("A: str = Field(description='words')", "x"),
    Idiom("A: str = Field(title='words', examples=['x'])", "x"),
    Idiom("A: str = Field(exclude=True)", "x"),
    Idiom("A: str = Field(repr=False)", "x"),
    Idiom("A: str = Field(frozen=True)", "x"),
    Idiom("A: str = Field(json_schema_extra={'a': 1})", "x"),
    Idiom("A: int = Field(validate_default=True, default=5)", None, "x"),
)
VALIDATORS = (
    Idiom(
        "A: int\n@field_validator('A')\n@classmethod\ndef check(cls, value):\n    assert value < 9\n    return value",
        "5",
        "10",
    ),
    Idiom(
        "A: int\n@field_validator('A', mode='before')\n@classmethod\ndef check(cls, text):\n    return text.strip('k')",
        "5k",
        "x",
    ),
    Idiom(
        "A: int\n@field_validator('*')\n@classmethod\ndef check(cls, value):\n    assert value < 9\n    return value",
        "5",
        "10",
    ),
    Idiom(
        "A: int\n@model_validator(mode='after')\ndef check(self):\n    assert self.A < 9\n    return self", "5", "10"
    ),
    Idiom(
        "A: int\n@model_validator(mode='before')\n@classmethod\ndef check(cls, values):\n    return dict(values)",
        "5",
        "x",
    ),
    Idiom("A: Annotated[int, AfterValidator(abs)]", "-5", "x"),
    Idiom("A: Annotated[str, BeforeValidator(lambda text: text.strip())]", " x"),
    Idiom("A: Annotated[str, PlainValidator(str)]", "x"),
    Idiom("A: Annotated[int, WrapValidator(lambda value, read: read(value))]", "5", "x"),
    Idiom("A: int\n@property\ndef twice(self):\n    return 2 * self.A", "5", "x"),
    Idiom("A: int\n@computed_field\n@property\ndef twice(self) -> int:\n    return 2 * self.A", "5", "x"),
    Idiom("A: int\n@functools.cached_property\ndef twice(self):\n    return 2 * self.A", "5", "x"),
    Idiom("A: int\ndef model_post_init(self, context):\n    assert self.A < 9", "5", "10"),
    Idiom("A: int\n@field_serializer('A')\ndef write(self, value):\n    return str(value)", "5", "x"),
)
OPTIONS = (
    *(
        Idiom(f"model_config = dict({option})\nA: int", "5", "x")
        for option in (
            *("extra='forbid'", "case_sensitive=True", "frozen=True", "validate_default=True", "strict=True"),
            *("str_strip_whitespace=True", "use_enum_values=True", "validate_assignment=True", "env_ignore_empty=True"),
            *("env_file=None", "hide_input_in_errors=True", "title='words'"),
        )
    ),
    *(
        Idiom(f"model_config = dict({option})\nA: int = 5", None, "x", OPTION, instead)
        for option, instead in {
            "extra='ignore'": "declare every variable",
            "extra='allow'": "declare every variable",
            "case_sensitive=False": "write the field as the variable is written",
            "populate_by_name=True": "a variable has one name",
            "env_nested_delimiter='__'": NESTED,
            "env_nested_max_split=1": NESTED,
            "nested_model_default_partial_update=True": NESTED,
            "env_parse_none_str='null'": "`!unset` in a layer",
            "env_parse_enums=True": "a value is a member's text",
            "env_file='.env'": LAYERS,
            "secrets_dir='/run/secrets'": LAYERS,
            "yaml_file='a.yaml'": LAYERS,
            "toml_file='a.toml'": LAYERS,
            "json_file='a.json'": LAYERS,
            "cli_parse_args=True": "arguments are the program's",
            "enable_decoding=False": "`Json[...]` says what is JSON",
        }.items()
    ),
)
CLASSES = (
    Idiom("class Config(Settings, env_prefix=''):\n    A: int", "5", "x", module=True),
    Idiom("class Base(Settings):\n    A: int\nclass Config(Base):\n    B: int = 5", "5", "x", module=True),
    Idiom(
        "class Mixin:\n    def twice(self): return self.A\nclass Config(Mixin, Settings):\n    A: int",
        "5",
        "x",
        module=True,
    ),
    Idiom("class Config(Settings):\n    A: int\n    class Config:\n        env_prefix = ''", "5", "x", module=True),
    Idiom(
        "from pydantic_settings import BaseSettings\nclass Config(BaseSettings):\n    A: int = 5",
        None,
        "x",
        "wrong-base",
        "`from envtree import Settings`, and derive from that",
        module=True,
    ),
    Idiom(
        "from pydantic_settings import NoDecode\nclass Config(Settings):\n    A: Annotated[list[str], NoDecode]",
        None,
        "a,b",
        VALUE,
        "write `Csv`",
        module=True,
    ),
    Idiom(
        "class Config(BaseModel):\n    A: int", None, "x", "wrong-base", "derive from `envtree.Settings`", module=True
    ),
    Idiom(
        "class Config(Settings):\n    A: int = 5\nsettings = Config()",
        None,
        None,
        "misplaced-instance",
        "the program makes it, in a module of its own",
        module=True,
    ),
    Idiom(
        "@functools.lru_cache\ndef settings(): return Config()\nclass Config(Settings):\n    A: int",
        "5",
        "x",
        module=True,
    ),
    Idiom(
        "A: int\n@classmethod\ndef settings_customise_sources(cls, settings_cls, **sources):\n    return ()",
        None,
        "5",
        OPTION,
        LAYERS,
        differs=True,
    ),
)
IDIOMS = (*TYPES, *STRUCTURED, *OPTIONAL, *SECRETS, *NAMES, *FIELDS, *VALIDATORS, *OPTIONS, *CLASSES)
