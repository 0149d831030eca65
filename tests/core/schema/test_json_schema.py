"""What editors are told: nothing is refused that `validate` takes, and what a schema says is kept, secrets aside."""

from __future__ import annotations

import json
import posixpath
from functools import cache
from typing import Any

import pytest
import yaml
from hypothesis import event, given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from envtree.adapters.files.worktree import read
from envtree.adapters.schemas import load
from envtree.core.compile import Compilation, compile_targets, read_project_of
from envtree.core.layers.layout import layer_ids
from envtree.core.layers.parse import TAGS
from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.source import Source
from envtree.core.model.tree import Project
from envtree.core.schema.json_schema import MARK, SCHEMA_FOLDER, editor_schemas
from envtree.core.schema.rules import Schema
from envtree.core.starter import FILES as STARTER
from tests.builders import ROOT, Files, source_of
from tests.core.schema import language_server
from tests.core.schema.language_server import VERSIONS, Version
from tests.examples import examples

HEAD = """\
from enum import *
from typing import *
from pydantic import *
from envtree import Port, Secret, Settings

"""
TREE: Files = {
    "envtree.yaml": "environments:\n  review: {instance: together}\n  production: {instance: service}\n",
    "configs/accounts/service.yaml": "processes: {web: {command: x}, worker: {command: x}}\n",
    "configs/reports/service.yaml": "processes: {web: {command: x}}\n",
}


@cache
def sample() -> tuple[Source, Project, tuple[Schema, ...], dict[str, str]]:
    """This repository's own tree, and what editors are told of it."""
    source = read(str(ROOT))
    return source, *told(source)


def told(source: Source) -> tuple[Project, tuple[Schema, ...], dict[str, str]]:
    project, problems = read_project_of(source)
    schemas, faults = load(source, project)
    assert not errors((*problems, *faults))
    return project, schemas, editor_schemas(project, schemas)


def made(**modules: str) -> dict[str, str]:
    """The JSON Schemas of the small tree, by place."""
    files = {**TREE, **{f"schemas/{name}.py": HEAD + text for name, text in modules.items()}}
    return {path.removesuffix(".json"): text for path, text in told(source_of(files))[2].items()}


def known(text: str) -> list[str]:
    return list(json.loads(text)["properties"])


def rule(fields: str, name: str = "A", extra: str = "") -> Any:
    """What is told of one variable, from the fields of a class that governs all."""
    body = "".join(f"    {line}\n" for line in fields.splitlines())
    return json.loads(made(common=f"{extra}\nclass Common(Settings):\n{body}")["common"])["properties"][name]


def takes(fields: str, written: str, version: Version = "2.0") -> bool:
    """Whether an editor lets a value of `A` pass."""
    text = made(common=f"class Common(Settings):\n    {fields}\n")["common"]
    return not language_server.problems(text, f"A: {written}\n", version)


# The sample tree.


@pytest.mark.parametrize("version", VERSIONS)
def test_every_layer_file_of_the_sample_fits_its_schema(version: Version) -> None:
    source, _, _, schemas = sample()
    layers = [path for path in source.files if path.endswith(".yaml") and not path.endswith("service.yaml")]
    assert len(layers) > 25
    for path in layers[1:]:
        schema = schemas[path.removeprefix("configs/").replace(".yaml", ".json")]
        assert language_server.problems(schema, source.files[path].decode(), version) == [], path


def test_there_is_one_for_every_layer_that_a_process_could_have() -> None:
    _, project, _, schemas = sample()
    assert set(schemas) == {f"{place}.json" for target in project.targets for place in layer_ids(target)}
    for text in schemas.values():
        assert text.startswith(MARK)
        Draft7Validator.check_schema(json.loads(text))
        assert "required" not in json.loads(text)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("place", "line", "expected"),
    [
        ("accounts/staging", "DATABSE_URL: postgres://db.example.com", ("DATABSE_URL", "additionalProperties")),
        ("common", "LOG_LEVEL: verbose", ("LOG_LEVEL", "anyOf")),
        ("production", "LOG_LEVEL: debug", ("LOG_LEVEL", "anyOf")),
        ("sync/production", "DRY_RUN: on", ("DRY_RUN", "anyOf")),
        ("reports/common", "EXPORT_FORMATS: [csv, xlsx]", ("EXPORT_FORMATS", "type")),
        ("accounts/web/production", "RAILS_MAX_THREADS: {low: 1}", ("RAILS_MAX_THREADS", "type")),
    ],
)
def test_a_mistake_in_the_sample_is_refused_at_its_name(
    place: str, line: str, expected: tuple[str, str], version: Version
) -> None:
    source, _, _, schemas = sample()
    broken = with_line(source, place, line)
    text = broken.files[f"configs/{place}.yaml"].decode()
    assert language_server.problems(schemas[f"{place}.json"], text, version) == [expected]


def with_line(source: Source, place: str, line: str) -> Source:
    """A tree in which one layer sets one variable otherwise."""
    path = f"configs/{place}.yaml"
    name = line.partition(":")[0]
    text = source.files.get(path, b"").decode()
    lines = text.splitlines()
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    for key, value in node.value if node else ():
        if key.value == name:
            end = max(value.end_mark.line, key.start_mark.line + 1)
            lines[key.start_mark.line : end] = [""] * (end - key.start_mark.line)
    return Source({**source.files, path: "".join(f"{each}\n" for each in (*lines, line)).encode()})


WORDS = (
    *(
        "debug",
        "info",
        "verbose",
        "production",
        "review",
        "staging",
        "C.UTF-8",
        "UTC",
        "on",
        "off",
        "';'",
        '","',
        "name",
    ),
    *("1", "0755", "1.10", "1e3", "true", "NO", "12:30", "~", "null", '""', "'null'", "!unset", "a$b"),
    *('!expand "${DOMAIN}"', "!expand debug", "!json {a: 1}", "!json [a]", "!json off", "[a]", "{a: b}", "[]", "{}"),
)


@examples(60)
@given(data=st.data(), version=st.sampled_from(VERSIONS))
def test_what_an_editor_refuses_in_the_sample_validate_refuses_too(data: st.DataObject, version: Version) -> None:
    source, project, schemas, editor = sample()
    place = data.draw(st.sampled_from(sorted(editor))).removesuffix(".json")
    properties = json.loads(editor[f"{place}.json"])["properties"]
    limited = [name for name in properties if "anyOf" in properties[name]]
    others = sorted({name for schema in schemas for name in schema.rules} | {"LOG_LEVLE", "lower"})
    name = data.draw(st.sampled_from(others) | st.sampled_from(limited))
    word = data.draw(st.sampled_from(WORDS))
    if version == "1.23" and word.startswith("!json "):
        return  # which takes what it makes for a list or a mapping
    changed = with_line(source, place, f"{name}: {word}")
    path = f"configs/{place}.yaml"
    refused = language_server.problems(editor[f"{place}.json"], changed.files[path].decode(), version)
    event(f"refused: {bool(refused)}")
    assert {each for each, _ in refused} <= {name}
    if refused:
        compilation, found = compile_targets(changed, project, schemas, None)
        assert is_reported(path, changed, found) or not wins_anywhere(path, name, compilation)


NARROWING = {
    "common": (
        "class Common(Settings):\n    A: Literal['x', 'y', 'z']\n\n"
        "class Production(Settings, environment='production'):\n    A: Literal['z', 'y']\n"
    ),
    "accounts": (
        "class Accounts(Settings):\n    A: Annotated[str, Field(pattern='[xyz]')]\n\n"
        "class Web(Settings, process='web'):\n    A: Literal['y', 'x', 'w']\n"
    ),
    "reports": "class Reports(Settings):\n    A: Json[str]\n",
}
NARROWING_PLACES = tuple(
    f"{each}{name}" for each in ("", "accounts/", "accounts/web/", "reports/") for name in ("common", "production")
)


@examples(60)
@given(layers=st.dictionaries(st.sampled_from(NARROWING_PLACES), st.sampled_from(("x", "y", "z", "w", "v", "[x]"))))
def test_what_an_editor_refuses_in_layers_that_override_one_another_is_wrong_or_of_no_use(
    layers: dict[str, str],
) -> None:
    modules = {f"schemas/{name}.py": HEAD + text for name, text in NARROWING.items()}
    files: Files = {**TREE, **modules, **{f"configs/{place}.yaml": f"A: {word}\n" for place, word in layers.items()}}
    source = source_of(files)
    project, schemas, editor = told(source)
    compilation, found = compile_targets(source, project, schemas, None)
    for place, word in layers.items():
        path = f"configs/{place}.yaml"
        if language_server.problems(editor[f"{place}.json"], f"A: {word}\n", "2.0"):
            assert is_reported(path, source, found) or not wins_anywhere(path, "A", compilation)


def is_reported(path: str, source: Source, found: tuple[Diagnostic, ...]) -> bool:
    """Whether an error stands at the last line of a file."""
    last = source.files[path].count(b"\n")
    return any(each.span and (each.span.file, each.span.line) == (path, last) for each in errors(found))


def wins_anywhere(path: str, name: str, compilation: Compilation) -> bool:
    """Whether any process gets what a file says of a variable."""
    lines = (node.provenance.get(name, ()) for node in compilation.own.values())
    return any(entries and entries[-1].file == path for entries in lines)


# Names.


def test_a_name_is_known_to_a_file_where_every_governed_process_that_sees_it_knows_it() -> None:
    schemas = made(
        common="class Common(Settings):\n    ALL: str\n\nclass Review(Settings, environment='review'):\n    REV: str\n",
        accounts="class Accounts(Settings):\n    ACC: str\n\nclass Web(Settings, process='web'):\n    WEB: str\n",
        reports="class Reports(Settings):\n    REP: str\n    old: str = Field(alias='X.bkp')\n",
    )
    assert {place: " ".join(known(schemas[place])) for place in schemas} == {
        "common": "ALL",
        "review": "ALL REV",
        "production": "ALL",
        "accounts/common": "ACC ALL",
        "accounts/review": "ACC ALL REV",
        "accounts/production": "ACC ALL",
        "accounts/web/common": "ACC ALL WEB",
        "accounts/web/review": "ACC ALL REV WEB",
        "accounts/web/production": "ACC ALL WEB",
        "accounts/worker/common": "ACC ALL",
        "accounts/worker/review": "ACC ALL REV",
        "accounts/worker/production": "ACC ALL",
        "reports/common": "ALL REP X.bkp",
        "reports/review": "ALL REP REV X.bkp",
        "reports/production": "ALL REP X.bkp",
        "reports/web/common": "ALL REP X.bkp",
        "reports/web/review": "ALL REP REV X.bkp",
        "reports/web/production": "ALL REP X.bkp",
    }


def test_where_no_process_is_governed_any_usual_name_will_do() -> None:
    text = made(accounts="class Accounts(Settings):\n    A: str\n")["reports/common"]
    validator = Draft7Validator(json.loads(text))
    assert validator.is_valid({"ANYTHING": "x", "_b1": 1, "NONE": None})
    assert not validator.is_valid({"X.bkp": "x"})
    assert not validator.is_valid({"A" * 256: "x"})


def test_a_file_that_governed_and_other_processes_see_takes_what_the_governed_know() -> None:
    schemas = made(accounts="class Accounts(Settings):\n    A: str\n    old: str = Field(alias='X.bkp')\n")
    assert known(schemas["common"]) == ["A"]
    assert known(schemas["accounts/common"]) == ["A", "X.bkp"]


# Values.


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "written",
    [
        "a",
        '""',
        "5000",
        "0755",
        "1.10",
        "true",
        "~",
        "|\n  a\n  b\n",
        "!unset",
        '!expand "${B}"',
        "!file ca.pem",
        "!json 5",
    ],
)
def test_any_scalar_is_text(written: str, version: Version) -> None:
    assert takes("A: int", written, version)
    assert takes("A: Secret[HttpUrl]", written, version)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("written", ["[a]", "{a: b}", "\n  a: b", "\n  - a"])
def test_a_list_or_mapping_is_for_what_takes_json(written: str, version: Version) -> None:
    assert not takes("A: int", written, version)
    assert not takes("A: Literal['a']", written, version)
    assert takes("A: Json[list[str]] | None = None", f"!json {written}", version)
    assert takes("A: Secret[Json]", f"!json {written}", version)
    assert takes("A: Annotated[list[str], BeforeValidator(lambda text: text.split())]", f"!json {written}", version)


def test_json_for_what_is_declared_as_text_is_known_from_its_tag_by_a_newer_server() -> None:
    assert takes("A: str", "!json [a]", "2.0")
    assert not takes("A: str", "!json [a]", "1.23")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("a", ["a", "'a'", "!expand a", '!expand "${B}"', "~", "!unset"], ["b", "A", "1", "true", "!expand b"]),
        ("1", ["1", "'1'"], ["2", "true", "'2'"]),
        ("true", ["true", "'true'"], ["yes", "1", "false"]),
        ("no", ["no", "'no'"], ["yes", "false"]),
        ("1.10", ["1.10", "'1.10'"], ["1.2", "'1.1'"]),
        ("0755", ["0755", "'0755'"], ["0o755", "'755'"]),
        ("0x1F", ["0x1F"], ["0x2F"]),
        ("1e3", ["1e3"], ["1e4"]),
        ("null", ["'null'", "null"], ["none"]),
        ("", ['""'], ["x"]),
        (";", ["';'"], ["','"]),
    ],
)
def test_an_allowed_value_passes_however_yaml_reads_it(
    text: str, good: list[str], bad: list[str], version: Version
) -> None:
    for written in good:
        assert takes(f"A: Literal[{text!r}]", written, version), written
    for written in bad:
        assert not takes(f"A: Literal[{text!r}]", written, version), written


@pytest.mark.parametrize("text", [".inf", "-.INF", ".nan", "1e999", "9" * 400, "postgres://u:hunter2@h/d"])
def test_a_value_that_json_cannot_list_or_must_not_show_limits_nothing(text: str) -> None:
    told = rule(f"A: Literal[{text!r}, 'b']")
    assert "string" in told["type"]
    assert "hunter2" not in str(told)


def test_a_file_by_which_an_allowed_value_is_read_is_known_from_its_tag_by_a_newer_server() -> None:
    assert takes("A: Literal['a']", "!file a.txt", "2.0")
    assert not takes("A: Literal['a']", "!file a.txt", "1.23")


def allowed(text: str, name: str = "A") -> list[object]:
    listed: list[object] = json.loads(text)["properties"][name]["anyOf"][0]["enum"]
    return listed


def test_a_value_must_please_every_class_of_a_process_and_be_of_use_to_one_that_sees_the_file() -> None:
    schemas = made(**{**NARROWING, "reports": "class Reports(Settings):\n    A: str\n"})
    assert allowed(schemas["common"]) == ["y", "z", "x"]
    assert allowed(schemas["production"]) == ["y", "z"]
    assert allowed(schemas["accounts/web/common"]) == ["y", "x"]
    assert allowed(schemas["accounts/web/production"]) == ["y"]
    assert allowed(schemas["accounts/worker/production"]) == ["y", "z"]


def test_a_process_that_takes_any_value_lets_any_stand_in_the_files_it_sees() -> None:
    schemas = made(
        accounts="class Web(Settings, process='web'):\n    A: Literal['x']\n\n"
        "class Worker(Settings, process='worker'):\n    A: str\n",
    )
    assert "anyOf" not in json.loads(schemas["accounts/common"])["properties"]["A"]
    assert allowed(schemas["accounts/web/common"]) == ["x"]


# Words.


def test_what_an_author_says_of_a_variable_is_kept() -> None:
    fields = (
        "A: Annotated[PositiveInt, Field(title='Workers', examples=[4, 'four', None])] = 2\n"
        '"""How many.\n\nOne for each core."""'
    )
    assert rule(fields) == {
        "title": "Workers",
        "description": "How many.\n\nOne for each core.\n\n"
        "Annotated[PositiveInt, Field(title='Workers', examples=[4, 'four', None])] in schemas/common.py",
        "type": ["string", "number", "boolean", "null"],
        "errorMessage": "a variable is text: write `!json` before a list or a mapping",
        "default": 2,
        "examples": [4, "four"],
    }


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("A: str", "str in schemas/common.py"),
        ("A: str = Field(description='One.')\n'Another.'", "One.\n\nstr in schemas/common.py"),
        ("A: (\n    str  # a note\n    | None\n) = None", "str | None in schemas/common.py"),
        ("B: str; A: int", "int in schemas/common.py"),
        ("A: Literal['\u00f8', 'b']; B: str", "Literal['\u00f8', 'b'] in schemas/common.py"),
        ("A: Secret[HttpUrl]\n'Who we are.'", "Who we are.\n\nSecret in schemas/common.py"),
        ("A: str = Field(deprecated='No.', description='One.')", "Deprecated: No.\n\nOne.\n\nstr in schemas/common.py"),
        ("A: str = Field(deprecated='No.')", "Deprecated: No.\n\nstr in schemas/common.py"),
        ("A: str\n'As x://u:hunter2@h'", "As x://u:[hidden]@h\n\nstr in schemas/common.py"),
    ],
)
def test_a_description_says_what_is_declared_and_where(fields: str, words: str) -> None:
    assert rule(fields)["description"] == words


def test_what_several_classes_say_stands_together() -> None:
    schemas = made(
        common="class Common(Settings):\n    A: str = Field('x', description='For all.')\n",
        accounts="class Web(Settings, process='web'):\n    A: Literal['x', 'y'] = Field('y', description='For it.')\n",
        reports="from schemas.common import Common\n\nclass Reports(Common):\n    B: str\n",
    )
    told = json.loads(schemas["accounts/web/common"])["properties"]["A"]
    assert told["description"] == (
        "For all.\n\nFor it.\n\nstr in schemas/common.py, Literal['x', 'y'] in schemas/accounts.py"
    )
    assert "default" not in told
    told = json.loads(schemas["reports/common"])["properties"]["A"]
    assert told["description"] == "For all.\n\nstr in schemas/common.py"
    assert told["default"] == "x"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("A: str = 'x'", "x"),
        ("A: bool = True", True),
        ("A: Level = Level.LOW", "low"),
        ("A: str | None = None", None),
        ("A: str", None),
        ("A: str = Field(default_factory=str)", None),
        ("A: float = float('inf')", None),
        ("A: HttpUrl = HttpUrl('https://h')", None),
        ("A: str = 'postgres://u:hunter2@h/d'", None),
    ],
)
def test_a_plain_default_is_shown(field: str, expected: object) -> None:
    assert rule(field, extra="class Level(StrEnum):\n    LOW = 'low'\n").get("default") == expected


def test_a_variable_is_deprecated_where_every_class_says_so() -> None:
    schemas = made(
        common="class Common(Settings):\n    A: str = Field(deprecated=True)\n",
        accounts="class Web(Settings, process='web'):\n    A: str\n",
    )
    assert json.loads(schemas["accounts/worker/common"])["properties"]["A"]["deprecated"] is True
    assert "deprecated" not in json.loads(schemas["accounts/web/common"])["properties"]["A"]


@pytest.mark.parametrize(
    "declared",
    [
        "A: Secret[Literal['hunter2', 'other']] = 'hunter2'",
        "A: Secret = Field('hunter2', examples=['hunter2'])",
        "A: Annotated[SecretStr, Field(examples=['hunter2'])] = 'hunter2'",
    ],
)
def test_no_value_of_a_secret_is_told_not_even_where_another_class_calls_it_none(declared: str) -> None:
    schemas = made(
        common="class Common(Settings):\n    A: Annotated[str, Field(examples=['hunter2'])] = 'hunter2'\n",
        accounts=f"class Web(Settings, process='web'):\n    {declared}\n",
    )
    assert "hunter2" not in str(schemas)
    assert json.loads(schemas["common"])["properties"]["A"]["writeOnly"] is True


# Files.


def test_the_same_tree_gives_the_same_bytes() -> None:
    source, project, schemas, editor = sample()
    again = editor_schemas(project, schemas)
    assert (list(again), list(again.values())) == (list(editor), list(editor.values()))
    backwards = Source(dict(reversed(source.files.items())))
    assert told(backwards)[2] == editor


def test_the_first_line_of_a_layer_file_of_a_new_tree_leads_to_its_schema() -> None:
    editor = told(source_of(dict(STARTER)))[2]
    layers = [path for path in STARTER if path.startswith("configs/") and not path.endswith("service.yaml")]
    for path in layers:
        line, _, _ = STARTER[path].partition("\n")
        assert line.startswith("# yaml-language-server: $schema=")
        goal = posixpath.normpath(posixpath.join(posixpath.dirname(path), line.partition("=")[2]))
        assert goal == f"{SCHEMA_FOLDER}/{path.removeprefix('configs/').removesuffix('.yaml')}.json"
        schema = editor[goal.removeprefix(f"{SCHEMA_FOLDER}/")]
        for version in VERSIONS:
            assert language_server.problems(schema, STARTER[path], version) == []


def test_the_settings_of_a_new_tree_name_every_tag() -> None:
    assert {entry.partition(" ")[0] for entry in language_server.SETTINGS} == set(TAGS)
