"""The operands of `diff`: a selector, `REV:selector`, a range, `dir:OUT`, `file:X.json`, `live:PID`."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import INDEX, WORKTREE

Kind = Literal["tree", "dir", "file", "live"]
_RANGE = re.compile(r"(.*?)(\.{2,3})([^:]*)(?::(.*))?", re.DOTALL)
_GLOB = frozenset("*?[")


class Operand(NamedTuple):
    """One side: a tree at a revision (None: the one of the command line), or something outside of any tree."""

    kind: Kind
    revision: str | None = None
    selector: str = ""
    path: str = ""
    """An output folder, a JSON file, or the number of a process."""

    def at(self, revision: str) -> Operand:
        """Return the operand, at this revision if it names none."""
        named = self.kind != "tree" or self.revision is not None or revision == WORKTREE
        return self if named else self._replace(revision=revision)

    def __str__(self) -> str:
        if self.kind != "tree":
            return f"{self.kind}:{self.path}"
        if self.revision is None:
            return self.selector or "the working tree"
        return f"{'' if self.revision == INDEX else self.revision}:{self.selector}"


class Operands(NamedTuple):
    """Both sides; with `is_from_ancestor`, the first is the common ancestor of both (`A...B`)."""

    before: Operand
    after: Operand
    is_from_ancestor: bool = False


def read_operands(words: tuple[str, ...]) -> Operands:
    """Parse one or two words; the other side of a single word is the tree as it is read without a revision.

    Raises EnvtreeError if they don't name two sides.
    """
    first, *rest = words
    if _prefix(first) is None and (found := _RANGE.fullmatch(first)):
        selectors = [*([found[4]] if found[4] else []), *rest]
        if len(selectors) > 1:
            raise _unclear(f"`{first}` names both sides, and only a selector can follow it")
        selector = selectors[0] if selectors else ""
        before, after = (Operand("tree", revision or "HEAD", selector) for revision in (found[1], found[3]))
        return Operands(before, after, found[2] == "...")
    before = _operand(first)
    if not rest and before.kind == "tree" and before.revision is None:
        message = f"`{first}` is one side of a comparison, and there is no other"
        raise _unclear(message, f"a revision is written with a colon: `{first}:`")
    after = _operand(rest[0]) if rest else Operand("tree")
    return Operands(_with_selector(before, after), _with_selector(after, before))


def _operand(word: str) -> Operand:
    kind = _prefix(word)
    if kind is not None:
        path = word.partition(":")[2]
        if not path or (kind == "live" and not path.isdecimal()):
            what = {"dir": "an output folder", "file": "a JSON file", "live": "the number of a process"}[kind]
            raise _unclear(f"`{word}` needs {what} after the colon")
        return Operand(kind, path=path)
    revision, colon, selector = word.partition(":")
    if not colon:
        return Operand("tree", None, word)
    return Operand("tree", revision or INDEX, selector)


def _prefix(word: str) -> Literal["dir", "file", "live"] | None:
    for kind in ("dir", "file", "live"):
        if word.startswith(f"{kind}:"):
            return kind
    return None


def _with_selector(operand: Operand, other: Operand) -> Operand:
    """Return the operand with the other side's selector, if it is a tree without one."""
    return operand._replace(selector=other.selector) if operand.kind == "tree" and not operand.selector else operand


def differing_parts(before: str, after: str) -> tuple[int, ...]:
    """Return the parts of a target that two selectors fix to different names, and that need not match in a pair."""
    both = zip(before.rstrip("/").split("/"), after.rstrip("/").split("/"), strict=False)
    return tuple(
        number for number, (one, other) in enumerate(both) if one != other and not _GLOB.intersection(one + other)
    )


_FORMS = (
    "for example `main..HEAD`, `HEAD: :` (what is staged), `staging/app production/app`, "
    "`dir:OUT production/app/web`, `live:PID production/app/web`"
)


def _unclear(message: str, advice: str = _FORMS) -> EnvtreeError:
    return EnvtreeError(Diagnostic("unclear-comparison", message, help=advice))
