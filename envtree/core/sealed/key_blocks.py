"""The lists of recipients in a sealed file's metadata, read as wrapped keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from envtree.core.sealed.keys import RecipientKind, WrappedKey
from envtree.core.sealed.problems import invalid_metadata, shown
from envtree.core.yaml.document import MappingNode, ScalarNode, SequenceNode, is_plain, span_of, tag_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.yaml.document import Node

    Fields = dict[str, Node]

KINDS: tuple[RecipientKind, ...] = get_args(RecipientKind)

# For each kind, the fields that name the recipient, and what stands between them where SOPS shows it.
_NAMES: dict[RecipientKind, tuple[str, ...]] = {
    "age": ("recipient",),
    "kms": ("arn",),
    "pgp": ("fp",),
    "gcp_kms": ("resource_id",),
    "azure_kv": ("vault_url", "/keys/", "name", "/", "version"),
    "hc_vault": ("vault_address", "/v1/", "engine_path", "/keys/", "key_name"),
    "hckms": ("key_id",),
}
_OPTIONAL: dict[RecipientKind, tuple[str, ...]] = {"age": (), "kms": ("created_at", "role", "aws_profile", "context")}
_OPTIONAL_OF_OTHERS = ("created_at",)
UNKNOWN = "this version of envtree reads what SOPS 3 writes; open the file with `sops`"


class KeyReader:
    """A reader of one file's recipients that collects what is wrong with them."""

    def __init__(self, path: str, problems: list[Diagnostic]) -> None:
        self.path = path
        self.problems = problems

    def keys(self, blocks: Mapping[str, Node]) -> tuple[WrappedKey, ...]:
        """Return the wrapped keys of the blocks that are named by a kind, in the order written."""
        return tuple(key for kind in KINDS if kind in blocks for key in self._block(kind, blocks[kind]))

    def groups(self, node: Node) -> tuple[tuple[WrappedKey, ...], ...]:
        """Return the wrapped keys of each key group."""
        found = []
        for each in self._items("key_groups", node):
            blocks = self._fields("key_groups", each, KINDS)
            found.append(self.keys(blocks))
        return tuple(found)

    def _block(self, kind: RecipientKind, node: Node) -> Iterator[WrappedKey]:
        names = tuple(each for each in _NAMES[kind] if "/" not in each)
        optional = _OPTIONAL.get(kind, _OPTIONAL_OF_OTHERS)
        for each in self._items(kind, node):
            fields = self._fields(kind, each, (*names, "enc", *optional))
            missing = [name for name in (*names, "enc") if not self.text(fields.get(name))]
            if missing:
                self.report(f"a recipient under `{kind}` has no `{missing[0]}`", each)
            else:
                yield self._key(kind, fields)

    def _key(self, kind: RecipientKind, fields: Fields) -> WrappedKey:
        recipient = "".join(part if "/" in part else self.text(fields[part]) for part in _NAMES[kind])
        return WrappedKey(
            kind,
            recipient,
            self.text(fields["enc"]),
            self.text(fields.get("role")) or None,
            self._context(fields["context"]) if "context" in fields else (),
            self.text(fields.get("aws_profile")) or None,
            self.text(fields.get("created_at")),
            span_of(self.path, fields[_NAMES[kind][0]]),
        )

    def _context(self, node: Node) -> tuple[tuple[str, str], ...]:
        if is_nothing(node):
            return ()
        return tuple((name, self.text(value)) for name, value in self._fields("context", node).items())

    def _items(self, name: str, node: Node) -> list[Node]:
        """Return the items of a list; older versions of SOPS write `[]` for a kind without recipients."""
        if isinstance(node, SequenceNode) and tag_of(node) is None:
            items: list[Node] = node.value
            return items
        if not is_nothing(node):
            self.report(f"`{name}` is not a list of recipients", node)
        return []

    def _fields(self, name: str, node: Node, known: tuple[str, ...] | None = None) -> Fields:
        """Return the fields of a mapping by name, with a report of those that are not known (None: all are)."""
        if not isinstance(node, MappingNode) or tag_of(node) is not None:
            self.report(f"an item of `{name}` is not a mapping", node)
            return {}
        return read_fields(self, name, node, known)

    def text(self, node: Node | None) -> str:
        """Return the text of a field; empty for a missing one, and for what is reported as wrong."""
        if node is None:
            return ""
        if isinstance(node, ScalarNode) and tag_of(node) is None:
            text: str = node.value
            return "" if is_nothing(node) else text
        self.report("this part of the `sops` metadata is not plain text", node)
        return ""

    def report(self, message: str, node: Node, advice: str = "") -> None:
        """Record what is wrong."""
        self.problems.append(invalid_metadata(message, span_of(self.path, node), advice))


def read_fields(reader: KeyReader, name: str, node: MappingNode, known: tuple[str, ...] | None) -> Fields:
    """Return the fields of a mapping by name, with a report of unknown and repeated ones."""
    fields: Fields = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode) or tag_of(key) is not None:
            reader.report(f"a name under `{name}` is not plain text", key)
        elif key.value in fields:
            reader.report(f"`{shown(key.value)}` is there twice under `{name}`", key)
        elif known is not None and key.value not in known:
            reader.report(f"`{shown(key.value)}` under `{name}` is unknown", key, UNKNOWN)
        else:
            fields[key.value] = value
    return fields


def is_nothing(node: Node) -> bool:
    """Return whether a node is a plain `null`, or nothing at all."""
    return isinstance(node, ScalarNode) and is_plain(node) and node.value in ("", "~", "null")
