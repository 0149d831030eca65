"""A layer file as the YAML language server takes it: YAML 1.2's core types, and tags as the settings of `init` say.

From version 1.24 on a tag can say what it makes (`!file scalar:null`); older servers pass over such an entry.
"""

from __future__ import annotations

import json
import re
from typing import Literal

import yaml
from jsonschema import Draft7Validator

from envtree.core.starter import FILES

Version = Literal["1.23", "2.0"]
VERSIONS: tuple[Version, ...] = ("1.23", "2.0")
SETTINGS: list[str] = json.loads(FILES[".vscode/settings.json"])["yaml.customTags"]

NULL = re.compile(r"(?:~|[Nn]ull|NULL)?")
BOOLEAN = re.compile(r"[Tt]rue|TRUE|[Ff]alse|FALSE")
OCTAL = re.compile(r"0o[0-7]+")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
INTEGER = re.compile(r"[-+]?[0-9]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
NO_NUMBER = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
KINDS = {yaml.ScalarNode: "scalar", yaml.SequenceNode: "sequence", yaml.MappingNode: "mapping"}


def problems(schema: str, text: str, version: Version) -> list[tuple[str, str]]:
    """What a server has against a layer file: the name, and the keyword of JSON Schema that refuses."""
    content = read(text, version)
    if content is None:
        return []  # nothing but comments is not validated
    data = json.loads(schema)
    found = []
    for error in Draft7Validator(data).iter_errors(content):
        names = [error.absolute_path[0]] if error.absolute_path else sorted(content.keys() - data["properties"].keys())
        found += [(str(name), str(error.validator)) for name in names]
    return found


def read(text: str, version: Version) -> dict[str, object] | None:
    """A layer file as JSON."""
    node = yaml.compose(text, Loader=yaml.BaseLoader)
    return None if node is None else {key.value: _value(value, version) for key, value in node.value}


def _value(node: yaml.Node, version: Version) -> object:
    if node.tag.startswith("!"):
        return _tagged(node, version)
    if isinstance(node, yaml.ScalarNode):
        return scalar(node.value) if not node.style else node.value
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, version) for each in node.value]
    return {key.value: _value(value, version) for key, value in node.value}


def _tagged(node: yaml.Node, version: Version) -> object:
    """What the first entry of the settings makes of a node; a server reports a tag that none is for."""
    for entry in SETTINGS:
        tag, _, kinds = entry.partition(" ")
        kind, _, result = kinds.partition(":")
        if (tag, kind) != (node.tag, KINDS[type(node)]) or (result and version == "1.23"):
            continue
        if result:
            return {"null": None, "string": "a text"}[result]
        node.tag = "tag:yaml.org,2002:str"
        return node.value if isinstance(node, yaml.ScalarNode) else _value(node, version)
    raise AssertionError(f"unresolved tag {node.tag}")


def scalar(text: str) -> object:
    """A scalar without quotes."""
    if NULL.fullmatch(text):
        return None
    if BOOLEAN.fullmatch(text):
        return text.lower() == "true"
    if OCTAL.fullmatch(text) or HEXADECIMAL.fullmatch(text):
        return int(text, 0)
    if INTEGER.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text):
        return float(text)
    return float(text.lower().replace(".", "")) if NO_NUMBER.fullmatch(text) else text
