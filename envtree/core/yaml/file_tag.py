"""The two forms of `!file`: a path, or a mapping that also says what becomes of the line end at the file's end."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.yaml.document import MappingNode, Node, ScalarNode, is_plain, span_of, tag_of

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Code

KEYS = ("path", "strip")
_FORM = "`!file PATH`, or `!file {path: PATH, strip: true}`"


class FileTag(NamedTuple):
    """The file that a `!file` names, by the node of its path."""

    path: ScalarNode
    strip: bool = False
    """Whether the line ends at its end are left out, as YAML's `|-` does."""


def read_file_tag(file: str, name: str, node: Node) -> FileTag | Diagnostic:
    """Return what a `!file` names, or what is wrong with it; `file` and `name` are those of the entry."""

    def wrong(code: Code, fault: str, where: Node, advice: str) -> Diagnostic:
        return Diagnostic(code, f"`{name}` {fault}", span_of(file, where), help=advice, shown=True, variable=name)

    if isinstance(node, ScalarNode):
        return FileTag(node)
    if not isinstance(node, MappingNode):
        return wrong("nested-value", "has a `!file` of a list", node, f"write {_FORM}")
    found: dict[str, ScalarNode] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode) or key.value not in KEYS:
            near = did_you_mean(key.value, KEYS) if isinstance(key, ScalarNode) else ""
            return wrong("unknown-key", f"has a `!file` with an unknown key{near}", key, f"write {_FORM}")
        if key.value in found:
            return wrong("duplicate-key", f"has a `!file` that sets `{key.value}` twice", key, "keep one of the two")
        if not isinstance(value, ScalarNode) or tag_of(value) is not None:
            return wrong("invalid-setting", f"has a `!file` whose `{key.value}` is no text", value, f"write {_FORM}")
        found[key.value] = value
    strip, path = found.get("strip"), found.get("path")
    if path is None:
        return wrong("missing-setting", "has a `!file` without a `path`", node, f"write {_FORM}")
    if strip is None:
        return FileTag(path)
    if not is_plain(strip) or strip.value not in ("true", "false"):
        return wrong("invalid-setting", "has a `strip` that is neither `true` nor `false`", strip, f"write {_FORM}")
    return FileTag(path, strip.value == "true")


def named_file(node: Node) -> str:
    """Return the path that the value of an entry names by `!file`, as it is written; empty if it names none."""
    if tag_of(node) != "!file":
        return ""
    found = read_file_tag("", "", node)
    return str(found.path.value) if isinstance(found, FileTag) else ""
