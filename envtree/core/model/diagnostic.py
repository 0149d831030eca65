"""Diagnostics: values that say what is wrong, where, and what to do about it; several renderers show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envtree.core.model.tree import Span, Target

Severity = Literal["error", "warning"]
Code = Literal[
    # the tree's files
    "no-tree",
    "unreadable-file",
    "incomplete-checkout",
    "file-too-large",
    "bad-link",
    "special-file",
    "missing-service-file",
    "stray-file",
    "unknown-environment",
    "unknown-process",
    "unused-layer",
    "sealed-layer",
    "unsafe-source",
    # the text of a file
    "not-utf8",
    "control-character",
    "carriage-return",
    "merge-conflict",
    "lfs-pointer",
    "invalid-yaml",
    "too-deep",
    "several-documents",
    "not-a-mapping",
    "anchor",
    "merge-key",
    # settings
    "unknown-key",
    "missing-setting",
    "invalid-setting",
    "duplicate-key",
    "empty-environment",
    # variables
    "invalid-name",
    "duplicate-variable",
    "missing-value",
    "nested-value",
    "unknown-tag",
    "invalid-unset",
    "invalid-json",
    "file-not-found",
    "file-outside",
    "unencodable-value",
    "environment-too-large",
    "shell-variable",
    "invalid-reference",
    "unset-reference",
    "reference-cycle",
    # schemas
    "unsafe-schema",
    "unknown-schema",
    "schema-failed",
    "schema-warning",
    "unknown-scope",
    "conflicting-declaration",
    "wrong-base",
    "misplaced-instance",
    "unusable-option",
    "unusable-field",
    "invalid-default",
    "unknown-variable",
    "missing-variable",
    "invalid-value",
    "inconsistent-values",
    "validator-failed",
    "port-clash",
    "deprecated-variable",
    "broken-promise",
    "unproved-promise",
    "undeclared-secret",
    "ungoverned-process",
    # sealed layers
    "invalid-metadata",
    "clear-value",
    "invalid-ciphertext",
    "altered-layer",
    # git
    "no-repository",
    "git-failed",
    "unknown-revision",
    # lint
    "redundant-override",
    "repeated-value",
    "shadowed-entry",
    "pointless-unset",
    "unused-declaration",
    "loader-variable",
    "unexpanded-reference",
    "placeholder-value",
    "trailing-newline",
    "folded-pem",
    "cut-value",
    "clear-secret",
    "unsealed-secret",
    "shared-secret",
    "missing-reason",
    "unknown-suppression",
    "unused-suppression",
    # heroku
    "heroku-login",
    "heroku-failed",
    "unreadable-app",
    "unmapped-app",
    "clashing-apps",
    "unusable-snapshot",
    "exposed-snapshot",
    "uncarried-value",
    "unmet-expectation",
    "import-conflict",
    "import-failed",
    # other files that are imported
    "unusable-file",
    "ambiguous-line",
    "unmapped-file",
    # the command line and the output
    "unknown-target",
    "unknown-name",
    "unknown-rule",
    "unclear-comparison",
    "unreadable-environment",
    "tree-not-empty",
    "unusable-output",
    "cannot-write",
    "cannot-fix",
    "cannot-edit",
    "inherited-value",
    "secret-argument",
    "unknown-owner",
    "no-generation",
    "damaged-output",
    "cannot-execute",
    "unexportable-value",
    # the machine
    "unreadable-tags",
    "unclear-role",
    "unknown-role",
    "unfit-machine",
    "unusable-runtime",
    "not-booted",
    "not-ready",
]


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing that is wrong: the message needs no context, the label explains the carets, only `help` proposes.

    The source line is shown with its value hidden, unless `shown` is set: then the value is known to be no secret.
    """

    code: Code
    message: str
    span: Span | None = None
    label: str = ""
    notes: tuple[str, ...] = ()
    help: str = ""
    targets: tuple[Target, ...] = ()
    severity: Severity = "error"
    shown: bool = False
    variable: str = ""
    """The variable that is wrong; empty if several are wrong together, or none is."""
    involved: tuple[str, ...] = ()
    """Other variables that have a part in it; all of them where several are wrong together."""


class EnvtreeError(Exception):
    """There is no result, and going on makes no sense; the diagnostics say why."""

    def __init__(self, *diagnostics: Diagnostic) -> None:
        super().__init__("; ".join(each.message for each in diagnostics))
        self.diagnostics = diagnostics


def errors(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics that are errors, not warnings."""
    return tuple(each for each in diagnostics if each.severity == "error")


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return the diagnostics sorted by span, those without a span first, each once."""

    def key(each: Diagnostic) -> tuple[str, int, int, str, str]:
        span = each.span
        return (
            (span.file, span.line, span.column, each.code, each.message)
            if span
            else ("", 0, 0, each.code, each.message)
        )

    return tuple(sorted(dict.fromkeys(diagnostics), key=key))


MAX_LENGTH_DIFFERENCE = 4
"""Letters by which a suggested name may be longer or shorter; its first or last letter must be right."""


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return `; did you mean X?` for the known word that is most like the wrong one; empty if none is.

    For many wrong words, a `Vocabulary` takes less time.
    """
    letters = {*wrong[:1], *wrong[-1:]}
    alike = [
        each
        for each in known
        if abs(len(each) - len(wrong)) <= MAX_LENGTH_DIFFERENCE and not letters.isdisjoint((each[:1], each[-1:]))
    ]
    return suggestion(wrong, alike)


def suggestion(wrong: str, alike: Sequence[str]) -> str:
    """Return `; did you mean X?` for the one of some similar words that is most like the wrong one."""
    if not alike:
        return ""
    from difflib import get_close_matches

    near = get_close_matches(wrong, alike, n=1, cutoff=0.6)
    return f"; did you mean `{near[0]}`?" if near else ""


def system_reason(error: OSError) -> str:
    """Return why the system refused, as strerror(3) has it, as part of a sentence."""
    return (error.strerror or "unknown error").lower()


def some(names: Iterable[object], limit: int = 3, total: int | None = None) -> str:
    """Return the first few names of a list, and how many more there are: `a, b, c and 4 more`.

    `total` is the number of all names, where not all of them are given.
    """
    names = tuple(names)
    total = len(names) if total is None else total
    more = f" and {total - limit} more" if total > limit else ""
    return ", ".join(map(str, names[:limit])) + more
