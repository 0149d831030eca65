"""The creation rules of `.sops.yaml`: for whom a new sealed file is encrypted, by its path.

https://getsops.io/docs/#using-sopsyaml-conf-to-select-kms-pgp-and-age-for-new-files
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.model.tree import Span
from envtree.core.sealed.creation.recipient_lists import RECIPIENTS, RecipientReader
from envtree.core.sealed.pattern import UnknownPattern, fits_anywhere
from envtree.core.sealed.rule import COMMENT_RULES, DEFAULT_RULE, RULE_KINDS, EncryptionRule, is_understood
from envtree.core.yaml.document import MappingNode, ScalarNode, SequenceNode, compose_with_aliases, is_plain, span_of

if TYPE_CHECKING:
    from envtree.core.sealed.creation.recipient import Recipient
    from envtree.core.sealed.rule import RuleKind
    from envtree.core.yaml.document import Node

FIELD = "creation_rules"
_OTHERS = ("path_regex", "key_groups", "shamir_threshold", "aws_profile", "mac_only_encrypted")
_KEYS = (*RECIPIENTS, *_OTHERS, *RULE_KINDS, *COMMENT_RULES)
EXAMPLE = "`envtree init --secrets` writes one with a rule for each environment"


@dataclass(frozen=True, slots=True)
class CreationRule:
    """How a new file is sealed: for whom, which values, and what the MAC covers."""

    recipients: tuple[Recipient, ...]
    rule: EncryptionRule
    mac_only_encrypted: bool
    span: Span


def find_creation_rule(path: str, data: bytes, target: str) -> tuple[CreationRule | None, tuple[Diagnostic, ...]]:
    """Return the first rule whose `path_regex` fits a target, or why there is none.

    `path` is that of `.sops.yaml`, and the target is relative to its folder, as SOPS has it.
    """
    node, problems = _composed(path, data)
    if node is None and problems:
        return None, problems
    reader = _RuleReader(path, [*problems])
    rule = reader.first_rule(node, target)
    return rule, tuple(reader.problems)


_composed = lru_cache(maxsize=1)(compose_with_aliases)
"""One `.sops.yaml` is asked for each layer, and for each environment of a layer that all share."""


class _RuleReader(RecipientReader):
    """A reader of one file's rules; what comes after the rule that fits is not looked at."""

    def first_rule(self, node: Node | None, target: str) -> CreationRule | None:
        # Any key may stand beside the rules: many a file has its anchors there.
        fields = self.fields(f"`{self.path}`", node, None) if isinstance(node, MappingNode) else {}
        rules = fields.get(FIELD)
        before = len(self.problems)
        for each in rules.value if isinstance(rules, SequenceNode) else ():
            rule = self.fields("a creation rule", each, _KEYS)
            if len(self.problems) > before:
                return None
            if self.is_for(rule, target):
                return self.creation_rule(each, rule)
            if len(self.problems) > before:
                return None
        meant = "" if rules else next(filter(None, (did_you_mean(name, [FIELD]) for name in fields)), "")
        message = f"no creation rule of `{self.path}` is for `{target}`{meant}"
        span = span_of(self.path, rules) if rules else Span(self.path, 1, 1, 0)
        advice = f"add a rule whose `path_regex` fits it; {EXAMPLE}"
        self.problems.append(Diagnostic("missing-setting", message, span, help=advice, shown=True))
        return None

    def is_for(self, rule: dict[str, Node], target: str) -> bool:
        """Return whether a rule is for a path; one without `path_regex` is for all."""
        pattern = self.text(rule.get("path_regex"))
        try:
            return not pattern or fits_anywhere(pattern, target)
        except UnknownPattern:
            advice = "use the syntax of RE2, without classes of Unicode: `^configs/production`"
            self.report("`path_regex` is no regular expression that is understood", rule["path_regex"], advice)
            return False

    def creation_rule(self, node: Node, fields: dict[str, Node]) -> CreationRule | None:
        before = len(self.problems)
        recipients = self.recipients(node, fields)
        rule = self.encryption_rule(fields)
        only = self.is_true("mac_only_encrypted", fields.get("mac_only_encrypted"))
        if len(self.problems) > before:
            return None
        return CreationRule(recipients, rule, only, span_of(self.path, node))

    def encryption_rule(self, fields: dict[str, Node]) -> EncryptionRule:
        stated = [(kind, fields[kind]) for kind in (*RULE_KINDS, *COMMENT_RULES) if self.text(fields.get(kind))]
        if not stated:
            return DEFAULT_RULE
        kind, node = stated[0]
        pattern = self.text(node)
        if len(stated) > 1:
            self.report(
                f"`{kind}` and `{stated[1][0]}` can't both stand in a rule", stated[1][1], "keep one of the two"
            )
        elif kind in COMMENT_RULES or (kind.endswith("_regex") and not is_understood(pattern)):
            advice = "use a rule on names: `unencrypted_suffix`, or `encrypted_regex` with plain letters"
            self.report(f"a file by this `{kind}` could not be read again", node, advice)
        else:
            return EncryptionRule(cast("RuleKind", kind), pattern)
        return DEFAULT_RULE

    def is_true(self, name: str, node: Node | None) -> bool:
        if node is None:
            return False
        if isinstance(node, ScalarNode) and is_plain(node) and node.value in ("true", "false"):
            return bool(node.value == "true")
        self.report(f"`{name}` is neither `true` nor `false`", node, "write `true`, or leave the line out")
        return False
