"""The `sops` block of a sealed file: its recipients, the rule on names, and the MAC with its time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from envtree.core.sealed.ciphertext import TEXT, Ciphertext, read_ciphertext
from envtree.core.sealed.key_blocks import KINDS, KeyReader, is_nothing, read_fields
from envtree.core.sealed.rule import COMMENT_RULES, DEFAULT_RULE, RULE_KINDS, EncryptionRule, is_understood
from envtree.core.yaml.document import MappingNode, ScalarNode, is_plain, span_of, tag_of

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.tree import Span
    from envtree.core.sealed.keys import WrappedKey
    from envtree.core.sealed.rule import RuleKind
    from envtree.core.yaml.document import Node

METADATA = "sops"
"""The name of the block, which no variable can have."""

_OTHERS = ("key_groups", "lastmodified", "mac", "mac_only_encrypted", "shamir_threshold", "version")
_KNOWN = (*KINDS, *_OTHERS, *RULE_KINDS, *COMMENT_RULES)
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A text of the metadata that each change of the file replaces, and its offsets in the file's text."""

    text: str
    span: Span
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the `sops` block says; of all this, only the time and what the MAC covers can't be forged."""

    groups: tuple[tuple[WrappedKey, ...], ...]
    """The copies of the data key by key group: nearly always one group, each copy of which is enough."""
    threshold: int
    """How many groups are needed, where there are several; 0 if the file doesn't say."""
    rule: EncryptionRule
    mac_only_encrypted: bool
    """Whether the MAC covers the encrypted values alone."""
    mac: Ciphertext
    mac_stamp: Stamp
    last_modified: Stamp
    """When the file was last changed (RFC 3339); the MAC is bound to it."""
    version: str
    span: Span


def read_metadata(path: str, key: Node, node: Node, problems: list[Diagnostic]) -> Metadata | None:
    """Return the metadata of a file; None, with a diagnostic for each fault, if it is not as SOPS writes it."""
    reader = _MetadataReader(path, problems)
    if not isinstance(node, MappingNode) or tag_of(node) is not None:
        reader.report(f"the `{METADATA}` metadata is not a mapping", key)
        return None
    before = len(problems)
    fields = read_fields(reader, METADATA, node, _KNOWN)
    groups = reader.all_groups(key, fields)
    mac = reader.mac(key, fields.get("mac"))
    time = reader.stamp(key, "lastmodified", fields.get("lastmodified"))
    if time and not _TIME.fullmatch(time.text):
        reader.report("`lastmodified` is not a time such as `2026-01-31T12:00:00Z`", fields["lastmodified"])
    rule = reader.rule(fields)
    threshold, version = reader.threshold(fields.get("shamir_threshold")), reader.text(fields.get("version"))
    only = reader.flag(fields.get("mac_only_encrypted"))
    if len(problems) > before or mac is None or time is None:
        return None
    return Metadata(groups, threshold, rule, only, *mac, time, version, span_of(path, key))


class _MetadataReader(KeyReader):
    """A reader of the block's own fields."""

    def all_groups(self, key: Node, fields: dict[str, Node]) -> tuple[tuple[WrappedKey, ...], ...]:
        """Return the wrapped keys by group. SOPS ignores key groups beside other recipients; that is refused."""
        before = len(self.problems)
        keys = self.keys(fields)
        groups = self.groups(fields["key_groups"]) if "key_groups" in fields else ()
        if keys and groups:
            self.report("`key_groups` stands beside recipients that are in no group", fields["key_groups"])
        found = groups or ((keys,) if keys else ())
        if len(self.problems) == before and not (found and all(found)):
            self.report("the file is sealed for no recipient", key)
        return found

    def stamp(self, key: Node, name: str, node: Node | None) -> Stamp | None:
        if node is None:
            self.report(f"the `{METADATA}` metadata has no `{name}`", key)
            return None
        text = self.text(node)
        if not text:
            self.report(f"`{name}` is empty", node)
            return None
        return Stamp(text, span_of(self.path, node), node.start_mark.index, node.end_mark.index)

    def mac(self, key: Node, node: Node | None) -> tuple[Ciphertext, Stamp] | None:
        stamp = self.stamp(key, "mac", node)
        if stamp is None or node is None:
            return None
        read = read_ciphertext(stamp.text)
        if read is None or read.kind != TEXT:
            self.report("`mac` is not encrypted as SOPS writes it", node)
            return None
        return read, stamp

    def rule(self, fields: dict[str, Node]) -> EncryptionRule:
        """Return the rule on names; without one, it is the default of SOPS."""
        stated = [(kind, fields[kind]) for kind in (*RULE_KINDS, *COMMENT_RULES) if self.text(fields.get(kind))]
        if not stated:
            return DEFAULT_RULE
        kind, node = stated[0]
        pattern = self.text(node)
        if len(stated) > 1:
            self.report(f"`{kind}` and `{stated[1][0]}` can't both stand in a file", stated[1][1])
        elif kind in COMMENT_RULES:
            advice = "use a rule on names: `unencrypted_suffix`, `encrypted_regex` or the like"
            self.report(f"`{kind}` goes by comments, which anyone can change", node, advice)
        elif kind.endswith("_regex") and not is_understood(pattern):
            advice = "use plain letters, `^`, `$`, `|`, `.*` and groups, or a suffix"
            self.report(f"`{kind}` holds a regular expression that is not understood", node, advice)
        else:
            return EncryptionRule(cast("RuleKind", kind), pattern)
        return DEFAULT_RULE

    def flag(self, node: Node | None) -> bool:
        if node is None or is_nothing(node):
            return False
        if isinstance(node, ScalarNode) and is_plain(node) and node.value in ("true", "false"):
            return bool(node.value == "true")
        self.report("`mac_only_encrypted` is neither `true` nor `false`", node)
        return False

    def threshold(self, node: Node | None) -> int:
        if node is None or is_nothing(node):
            return 0
        if isinstance(node, ScalarNode) and is_plain(node) and re.fullmatch("[0-9]{1,3}", node.value):
            return int(node.value)
        self.report("`shamir_threshold` is not a number", node)
        return 0
