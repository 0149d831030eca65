"""The recipients of a creation rule: each kind as a list, or as text with commas, and key groups."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.render.mask import from_outside
from envtree.core.sealed.creation.recipient import Recipient
from envtree.core.yaml.document import MappingNode, ScalarNode, SequenceNode, is_plain, span_of, tag_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.core.sealed.keys import RecipientKind
    from envtree.core.yaml.document import Node

RECIPIENTS: dict[str, RecipientKind] = {
    "age": "age",
    "kms": "kms",
    "pgp": "pgp",
    "gcp_kms": "gcp_kms",
    "azure_keyvault": "azure_kv",
    "hc_vault_transit_uri": "hc_vault",
    "hckms": "hckms",
}
"""The keys of a rule that name recipients, and their kinds."""
_IN_GROUPS: dict[str, RecipientKind] = {**RECIPIENTS, "hc_vault": "hc_vault"}
_OF_KMS = ("arn", "role", "context", "aws_profile")
MAX_RECIPIENTS = 1000
ROLE = "+arn:"
"""Where the role begins in `ARN+ARN`."""
SHOWN = 80
LEFT_TO_SOPS = "make the file with `sops encrypt`; envtree edits it then"


class RecipientReader:
    """A reader of one file's recipients that collects what is wrong with them."""

    def __init__(self, path: str, problems: list[Diagnostic]) -> None:
        self.path = path
        self.problems = problems

    def recipients(self, node: Node, fields: dict[str, Node]) -> tuple[Recipient, ...]:
        """Return for whom a rule encrypts, each once; none is reported."""
        profile = self.text(fields.get("aws_profile")) or None
        groups = fields.get("key_groups")
        beside = [fields[name] for name in RECIPIENTS if name in fields]
        if groups is not None and beside:
            self.report(
                "`key_groups` stands beside recipients, which SOPS ignores then", beside[0], "keep one of the two"
            )
        found = self._grouped(groups) if groups is not None else self._flat(fields, RECIPIENTS, profile)
        unique: dict[object, Recipient] = {}
        for each in found:
            unique.setdefault((each.kind, each.name, each.role, each.context), each)
            if len(unique) > MAX_RECIPIENTS:
                self.report(
                    f"a rule has more than {MAX_RECIPIENTS} recipients", node, "give each team a rule of its own"
                )
                break
        if not unique:
            self.report("a creation rule has no recipient", node, "give it `age:` with the public keys, or `kms:`")
        return tuple(unique.values())

    def _grouped(self, node: Node) -> Iterator[Recipient]:
        if not isinstance(node, SequenceNode) or len(node.value) > 1:
            self.report("a file of several key groups is not made by envtree", node, LEFT_TO_SOPS)
            return
        for group in node.value:
            yield from self._flat(self.fields("a key group", group, tuple(_IN_GROUPS)), _IN_GROUPS, None)

    def _flat(
        self, fields: dict[str, Node], kinds: dict[str, RecipientKind], profile: str | None
    ) -> Iterator[Recipient]:
        for name, kind in kinds.items():
            if name in fields:
                yield from self._of_kind(name, kind, fields[name], profile)

    def _of_kind(self, name: str, kind: RecipientKind, node: Node, profile: str | None) -> Iterator[Recipient]:
        items = node.value if isinstance(node, SequenceNode) else [node]
        for item in items[: MAX_RECIPIENTS + 1]:
            if not isinstance(item, MappingNode):
                for text in self.text(item).split(","):
                    if recipient := text.strip():
                        yield self._from_text(kind, recipient, item, profile)
            elif kind == "kms":
                yield from self._kms(item)
            else:
                self.report(f"an item of `{name}` is a mapping, which envtree doesn't encrypt for", item, LEFT_TO_SOPS)

    def _from_text(self, kind: RecipientKind, text: str, node: Node, profile: str | None) -> Recipient:
        span = span_of(self.path, node)
        if kind != "kms":
            return Recipient(kind, text, span=span)
        arn, plus, role = text.partition(ROLE)
        return Recipient(kind, arn, f"{ROLE[1:]}{role}" if plus else None, profile=profile, span=span)

    def _kms(self, node: MappingNode) -> Iterator[Recipient]:
        fields = self.fields("a key of `kms`", node, _OF_KMS)
        context = fields.get("context")
        pairs = self.fields("`context`", context, None) if isinstance(context, MappingNode) else {}
        if context is not None and not isinstance(context, MappingNode):
            self.report("`context` is not a mapping", context, "write `context: {environment: production}`")
        arn = self.text(fields.get("arn"))
        if not arn:
            self.report("a key of `kms` has no `arn`", node, "write `arn: arn:aws:kms:REGION:ACCOUNT:key/ID`")
            return
        yield Recipient(
            "kms",
            arn,
            self.text(fields.get("role")) or None,
            tuple((name, self.text(value)) for name, value in pairs.items()),
            self.text(fields.get("aws_profile")) or None,
            span_of(self.path, fields["arn"]),
        )

    def fields(self, what: str, node: Node, known: tuple[str, ...] | None) -> dict[str, Node]:
        """Return the fields of a mapping, with a report of unknown (`known` None: all are known) and repeated ones."""
        if not isinstance(node, MappingNode):
            self.report(f"{what} is not a mapping", node, "expected `key: value`")
            return {}
        fields: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else ""
            shown = from_outside(str(name), SHOWN)
            if not name:
                self.report(f"a key of {what} is not plain text", key)
            elif name in fields:
                self.report(f"`{shown}` is set twice", key, "keep one of the two")
            elif known is not None and name not in known:
                message = f"{what} has no key `{shown}`{did_you_mean(name, known)}"
                advice = f"the keys are {', '.join(f'`{each}`' for each in known)}"
                self.problems.append(
                    Diagnostic("unknown-key", message, span_of(self.path, key), help=advice, shown=True)
                )
            else:
                fields[name] = value
        return fields

    def text(self, node: Node | None) -> str:
        """Return the text of a field; empty for a missing one, for null, and for what is reported as wrong."""
        if node is None:
            return ""
        if isinstance(node, ScalarNode) and tag_of(node) is None:
            text: str = node.value
            return "" if is_plain(node) and text in ("", "~", "null") else text
        self.report("this is not plain text", node, "expected text")
        return ""

    def report(self, message: str, node: Node, advice: str = "") -> None:
        """Record what is wrong."""
        span = span_of(self.path, node)
        self.problems.append(Diagnostic("invalid-setting", message, span, help=advice, shown=True))
