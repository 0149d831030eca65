"""`runtimes:` in envtree.yaml is the version manager, and in a service.yaml the versions that the service runs on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.yaml.document import MappingNode

if TYPE_CHECKING:
    from envtree.core.settings.values import ValueReader
    from envtree.core.yaml.document import Node

FOLDERS = {"mise": "/usr/local/share/mise", "asdf": "/opt/asdf"}
"""The default data folder of each version manager."""
DEFAULT_MANAGER = "mise"
_TOOL = re.compile(r"[a-z][a-z0-9_.-]*")
# A `/` would lead out of the folder, and a `:` would end it on PATH.
_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+~@-]*")
_NO_ONE_VERSION = re.compile(r"latest|system|lts|(?:path|ref|prefix|latest|sub-[^:]*):.*")


def read_manager(reader: ValueReader, node: Node) -> tuple[str, str]:
    """Return the version manager and its data folder; `runtimes:` is `mise`, or `{manager, directory}`."""
    if not isinstance(node, MappingNode):
        manager = _manager(reader, node, "runtimes")
        return manager, FOLDERS[manager]
    fields = reader.mapping(node, ("manager", "directory"), "`runtimes`")
    manager = _manager(reader, fields["manager"][1], "manager") if "manager" in fields else DEFAULT_MANAGER
    folder = _folder(reader, fields["directory"][1]) if "directory" in fields else None
    return manager, folder or FOLDERS[manager]


def _folder(reader: ValueReader, node: Node) -> str | None:
    path = reader.absolute_path(node, "directory")
    if path is None or ":" not in path:
        return path
    message = "`directory` holds a `:`, which would end it on PATH"
    reader.report("invalid-setting", message, node, "expected a path without it")
    return None


def _manager(reader: ValueReader, node: Node, what: str) -> str:
    return reader.choice(node, what, tuple(FOLDERS), "version manager") or DEFAULT_MANAGER


def read_versions(reader: ValueReader, node: Node, what: str) -> tuple[tuple[str, str], ...]:
    """Return the version of each runtime; it must be an installed one, since none is looked up where it runs."""
    found: list[tuple[str, str]] = []
    for tool, (key, value) in reader.mapping(node, None, f"`{what}`").items():
        if not _TOOL.fullmatch(tool):
            expected = "expected small letters, digits, `-`, `_` and `.`, a letter first"
            reader.report("invalid-setting", f"`{tool}` can't name a runtime", key, expected)
            continue
        version = reader.text(value, tool)
        if version is not None and (expected := _version_fault(version)):
            advice = "name a version that is installed, such as `3.3.5`"
            reader.report("invalid-setting", f"`{version}` is no version of `{tool}`", value, expected, help=advice)
        elif version is not None:
            found.append((tool, version))
    return tuple(found)


def _version_fault(version: str) -> str:
    """Return what is wrong with a version; empty if nothing is."""
    if _NO_ONE_VERSION.fullmatch(version):
        return "it can mean another one tomorrow"
    return "" if _VERSION.fullmatch(version) else "expected letters, digits, `.`, `-`, `_`, `+`, `~` and `@`"
