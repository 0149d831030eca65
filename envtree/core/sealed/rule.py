"""Which values of a sealed file are encrypted: a rule on their names, in the file's own metadata."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from envtree.core.runit.envdir import MAX_NAME
from envtree.core.sealed.pattern import UnknownPattern, fits_anywhere

RuleKind = Literal["unencrypted_suffix", "encrypted_suffix", "unencrypted_regex", "encrypted_regex"]
RULE_KINDS: tuple[str, ...] = get_args(RuleKind)
COMMENT_RULES = ("unencrypted_comment_regex", "encrypted_comment_regex")
"""Rules on comments, which the MAC does not cover: they are refused."""


@dataclass(frozen=True, slots=True)
class EncryptionRule:
    """A suffix or a regular expression, and whether the names that fit it are those encrypted."""

    kind: RuleKind = "unencrypted_suffix"
    pattern: str = "_unencrypted"
    """The default is what SOPS takes for a file that states no rule."""

    def encrypts(self, name: str) -> bool:
        """Return whether the value of this name is encrypted; one that is too long for a variable counts as if so."""
        if len(name) > MAX_NAME:  # it is an error of its own, and would take a pattern long
            return True
        is_suffix = self.kind.endswith("_suffix")
        fits = name.endswith(self.pattern) if is_suffix else fits_anywhere(self.pattern, name)
        return fits == self.kind.startswith("encrypted")

    def __str__(self) -> str:
        return f"{self.kind}: {self.pattern}"


DEFAULT_RULE = EncryptionRule()


def is_understood(pattern: str) -> bool:
    """Return whether a text is a regular expression of SOPS that is understood here."""
    try:
        fits_anywhere(pattern, "")
    except UnknownPattern:
        return False
    return True
