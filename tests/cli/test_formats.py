"""The formats of problems, read back as the programs they are for would."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import jsonschema
import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import run

if TYPE_CHECKING:
    from pathlib import Path

# What GitHub and editors read of SARIF 2.1.0.
REGION = {
    "type": "object",
    "required": ["startLine", "startColumn", "endColumn"],
    "properties": {name: {"type": "integer", "minimum": 1} for name in ("startLine", "startColumn", "endColumn")},
}
LOCATION = {
    "type": "object",
    "required": ["physicalLocation"],
    "properties": {
        "physicalLocation": {
            "type": "object",
            "required": ["artifactLocation", "region"],
            "properties": {
                "artifactLocation": {
                    "type": "object",
                    "required": ["uri"],
                    "properties": {"uri": {"type": "string", "pattern": "^[A-Za-z0-9%._~/-]+$"}},
                },
                "region": REGION,
            },
        }
    },
}
RESULT = {
    "type": "object",
    "required": ["ruleId", "ruleIndex", "level", "message"],
    "properties": {
        "ruleId": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        "ruleIndex": {"type": "integer", "minimum": 0},
        "level": {"enum": ["error", "warning", "note", "none"]},
        "message": {
            "type": "object",
            "required": ["text"],
            "properties": {"text": {"type": "string", "minLength": 1}},
        },
        "locations": {"type": "array", "items": LOCATION},
    },
}
TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
RULE = {
    "type": "object",
    "required": ["id", "shortDescription", "help"],
    "properties": {"shortDescription": TEXT, "help": {**TEXT, "required": ["text", "markdown"]}},
}
DRIVER = {
    "type": "object",
    "required": ["name", "version", "rules"],
    "properties": {
        "name": {"const": "envtree"},
        "version": {"type": "string"},
        "rules": {"type": "array", "items": RULE},
    },
}
RUN = {
    "type": "object",
    "required": ["tool", "results", "columnKind"],
    "properties": {
        "tool": {"type": "object", "required": ["driver"], "properties": {"driver": DRIVER}},
        "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
        "results": {"type": "array", "items": RESULT},
    },
}
SARIF = {
    "type": "object",
    "required": ["version", "$schema", "runs"],
    "properties": {
        "version": {"const": "2.1.0"},
        "$schema": {"type": "string"},
        "runs": {"type": "array", "minItems": 1, "items": RUN},
    },
}
ODD = "configs/100%, a:b é.yaml"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"configs/common.yaml": "A: [b]\nB: !vault c\n", ODD: "A: b\n", "configs/production.yaml": "A: b\r\n"}
    return write_tree(tmp_path, small_tree(**files))


def found(folder: Path, name: str) -> str:
    done = run(folder, "validate", "--format", name)
    assert done.code == 1
    assert done.stderr == ""
    return done.stdout


def as_json(folder: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(found(folder, "json"))
    return data


def test_json_has_every_problem_and_counts_them(folder: Path) -> None:
    data = as_json(folder)
    assert data["errors"] == sum(each["severity"] == "error" for each in data["diagnostics"]) == 3
    assert data["warnings"] == sum(each["severity"] == "warning" for each in data["diagnostics"]) == 2
    nested = next(each for each in data["diagnostics"] if each["code"] == "nested-value")
    assert (nested["file"], nested["line"], nested["column"], nested["length"]) == ("configs/common.yaml", 1, 4, 3)
    assert "!json" in nested["help"]


def test_json_has_the_page_of_each_code_once(folder: Path) -> None:
    data = as_json(folder)
    assert data["rules"].keys() == {each["code"] for each in data["diagnostics"]}
    assert data["rules"]["nested-value"]["page"].startswith(data["rules"]["nested-value"]["summary"])


def test_json_of_a_tree_without_a_fault_has_none(tmp_path: Path) -> None:
    write_tree(
        tmp_path, small_tree(**{"schemas/common.py": "from envtree import Settings\n\nclass C(Settings): pass\n"})
    )
    done = run(tmp_path, "validate", "--format", "json")
    assert (done.code, json.loads(done.stdout)) == (0, {"diagnostics": [], "errors": 0, "warnings": 0, "rules": {}})


def test_sarif_is_sarif(folder: Path) -> None:
    log = json.loads(found(folder, "sarif"))
    jsonschema.validate(log, SARIF)
    (only,) = log["runs"]
    rules = [each["id"] for each in only["tool"]["driver"]["rules"]]
    assert [rules[each["ruleIndex"]] for each in only["results"]] == [each["ruleId"] for each in only["results"]]
    places = [each["locations"][0]["physicalLocation"] for each in only["results"] if "locations" in each]
    assert all(each["region"]["endColumn"] >= each["region"]["startColumn"] for each in places)
    assert ODD in {unquote(each["artifactLocation"]["uri"]) for each in places}


def test_github_takes_every_problem_as_one_command(folder: Path) -> None:
    lines = found(folder, "github").splitlines()
    assert len(lines) == len(as_json(folder)["diagnostics"])
    commands = [re.fullmatch(r"::(error|warning) ([^:]*)::(.+)", line) for line in lines]
    assert all(commands)
    for command in commands:
        assert command
        properties = dict(part.split("=", 1) for part in command[2].split(","))
        assert properties["title"].startswith("envtree ")
        assert not re.search(r"%(?![0-9A-F]{2})", command[2] + command[3])
    odd = next(line for line in lines if "100%25" in line)
    assert "file=configs/100%25%2C a%3Ab é.yaml" in odd
    assert "%0Ahelp: " in odd


def test_short_is_one_line_each_that_an_editor_can_read(folder: Path) -> None:
    lines = found(folder, "short").splitlines()
    assert len(lines) == len(as_json(folder)["diagnostics"])
    placed = [line for line in lines if not line.startswith("warning")]
    assert all(re.match(r"(.+):(\d+):(\d+): (error|warning)\[[a-z0-9-]+\]: .", line) for line in placed)


def test_every_format_tells_the_same_problems_in_the_same_order(folder: Path) -> None:
    codes = [each["code"] for each in as_json(folder)["diagnostics"]]
    assert re.findall(r"(?:error|warning)\[([a-z0-9-]+)\]", found(folder, "text")) == codes
    assert re.findall(r"(?:error|warning)\[([a-z0-9-]+)\]", found(folder, "short")) == codes
    assert re.findall(r"title=envtree ([a-z0-9-]+)", found(folder, "github")) == codes
    assert [each["ruleId"] for each in json.loads(found(folder, "sarif"))["runs"][0]["results"]] == codes


def test_a_validator_that_prints_does_not_spoil_the_data(tmp_path: Path) -> None:
    check = "    @field_validator('A')\n    def check(cls, value):\n        print(value)\n        return value\n"
    imports = "from pydantic import field_validator\n\nfrom envtree import Settings\n"
    schema = f"{imports}\n\nclass C(Settings):\n    A: str\n\n{check}"
    write_tree(tmp_path, small_tree(**{"configs/common.yaml": "A: b\n", "schemas/common.py": schema}))
    assert json.loads(run(tmp_path, "validate", "--format", "json").stdout)["errors"] == 0
