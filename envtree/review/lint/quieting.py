"""Findings that a comment of the tree quiets, and comments that quiet nothing, or don't say why."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeVar

from envtree.core.layers.layout import SEALED_SUFFIX
from envtree.core.model.diagnostic import Code, Diagnostic, did_you_mean
from envtree.core.model.tree import Span
from envtree.core.secrets.quiet import NOT_SECRET, Quieting, quietings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from envtree.core.model.tree import Entry

    Line = tuple[str, int]
    """A file, and the number of a line."""

QUIETABLE: tuple[Code, ...] = (
    *("redundant-override", "repeated-value", "shadowed-entry", "pointless-unset", "loader-variable"),
    *("unexpanded-reference", "placeholder-value", "trailing-newline", "folded-pem", "cut-value"),
    *("clear-secret", "unsealed-secret", "shared-secret"),
)
QUIET = "# envtree: allow CODE, reason"
"""The comment that quiets a line."""
Found = TypeVar("Found")


class Suppression(NamedTuple):
    """A comment that quiets a line, and its file."""

    file: str
    comment: Quieting

    @property
    def span(self) -> Span:
        """Return the place of the comment."""
        return Span(self.file, self.comment.line, self.comment.column, self.comment.length)


Used = frozenset[tuple[Suppression, str]]
"""The comments that have quieted something, each with the code."""


class Disclosure(NamedTuple):
    """What the text of a tree says beside its values: whether the team seals its secrets, and which lines are quiet."""

    seals: bool = False
    quiet: Mapping[Line, tuple[Suppression, ...]] = {}

    def quieting(self, code: str, lines: Iterable[Line]) -> Suppression | None:
        """Return the comment that quiets a finding at these lines; None where there is none."""
        found = (each for line in lines for each in self.quiet.get(line, ()) if code in each.comment.codes)
        return next(found, None)

    def divide(self, found: Iterable[tuple[Found, Code, Collection[Line]]]) -> tuple[tuple[Found, ...], Used]:
        """Return the findings that nothing quiets, and the comments that quiet the others."""
        kept: list[Found] = []
        used: set[tuple[Suppression, str]] = set()
        for each, code, lines in found:
            comment = self.quieting(code, lines)
            if comment is None:
                kept.append(each)
            else:
                used.add((comment, code))
        return tuple(kept), frozenset(used)

    @property
    def suppressions(self) -> tuple[Suppression, ...]:
        """Return all comments that quiet a line, by place."""
        return tuple(sorted((each for line in self.quiet.values() for each in line), key=lambda each: each.span))


NOTHING_DISCLOSED = Disclosure()


def disclosure_of(texts: Mapping[str, str], *, seals: bool) -> Disclosure:
    """Return what the text of a tree's files says beside its values."""
    found: dict[Line, tuple[Suppression, ...]] = {}
    for file, text in sorted(texts.items()):
        for comment in quietings(text):
            line = (file, comment.quiets)
            found[line] = (*found.get(line, ()), Suppression(file, comment))
    return Disclosure(seals, found)


def lines_of(*entries: Entry) -> frozenset[Line]:
    """Return the lines of the names and values of entries: a comment at any of them quiets."""
    return frozenset((each.file, line) for each in entries for line in (each.name_line, each.line))


def wrong_comments(
    disclosure: Disclosure, files: Collection[str], unused: Collection[Span | None] = ()
) -> Iterator[Diagnostic]:
    """Yield the comments in these files that quiet what is no finding, or, unless they are unused, don't say why."""
    for each in disclosure.suppressions:
        if each.file not in files:
            continue
        unknown = [code for code in each.comment.codes if code not in QUIETABLE]
        if unknown or not each.comment.codes:
            yield _unknown(each, unknown)
        elif not (each.comment.has_reason or each.span in unused):
            yield Diagnostic(
                "missing-reason",
                "a line is quieted without a reason",
                each.span,
                "no reason behind it",
                help=f"say why: `# envtree: {_said(each.comment)}, reason`",
                severity="warning",
            )


def _said(comment: Quieting) -> str:
    return "not-secret" if comment.codes == NOT_SECRET else f"allow {' '.join(comment.codes)}"


def unused_comments(disclosure: Disclosure, used: Used) -> Iterator[Diagnostic]:
    """Yield the comments that quiet nothing; those of a sealed file are passed over, since it may be closed here."""
    for each in disclosure.suppressions:
        codes = [code for code in each.comment.codes if code in QUIETABLE and (each, code) not in used]
        is_not_secret = each.comment.codes == NOT_SECRET
        if not codes or each.file.endswith(SEALED_SUFFIX) or (is_not_secret and len(codes) < len(NOT_SECRET)):
            continue
        names = " and ".join(f"`{code}`" for code in codes)
        message = f"a comment quiets {names}, which is not found there"
        yield Diagnostic(
            "unused-suppression",
            "a comment says that this is no secret, and nothing takes it for one" if is_not_secret else message,
            each.span,
            "quiets nothing",
            help="remove it" if len(codes) == len(each.comment.codes) else "remove the code",
            severity="warning",
        )


def _unknown(each: Suppression, unknown: list[str]) -> Diagnostic:
    word = unknown[0] if unknown else ""
    message = f"a comment quiets `{word}`, which `envtree lint` doesn't find{did_you_mean(word, QUIETABLE)}"
    return Diagnostic(
        "unknown-suppression",
        message if word else "a comment quiets nothing that it names",
        each.span,
        "no such finding",
        help=f"write `{QUIET}`, with a comma before the reason; an error is mended, not quieted",
        severity="warning",
    )
