"""Values that are valid, and probably not what was meant: by how they are written, or by what they hold."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.layers.references import named_in_templates
from envtree.core.model.diagnostic import some
from envtree.core.secrets.names import name_kind
from envtree.core.secrets.values import is_wordy, words
from envtree.review.lint.security import is_declared_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry
    from envtree.review.lint.occurrences import EntryIndex, Lint

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_FOLDED_PEM = re.compile(r"-----BEGIN [A-Z0-9 ]{1,60}-----[ \t]{1,9}[^\s-]")
_CUT = re.compile(r"\s+#[^\s#]")
"""A comment that goes on at once behind its `#`, as the rest of a value does."""
_PASSWORD = re.compile(r"://[^\s/@:]{0,100}:([^\s@]{1,200})@")
"""The password of an address: what finds secrets passes over one that holds no real value."""
_ANGLES = re.compile(r"<[^<>\n]{1,100}>")
_TO_COME = frozenset(
    (
        *("change", "changeit", "changeme", "fill", "fixme", "insert", "placeholder", "redacted", "replace"),
        *("replaceme", "tbd", "todo", "xxx", "xxxx", "your", "yourkey", "yourpassword", "yoursecret", "yourtoken"),
    )
)
"""Words that say that the real value is still to come. `example`, `dummy` and `test` say that there is none."""
_DOTS = re.compile(r"[xX]{3,}|[*.#_-]{3,}|.{0,100}(?:\.\.\.|\u2026)")
_ANYWHERE = re.compile(
    r"(?i:change[-_ ]?me|to-?do|fix-?me|tbd|x{3,}|replace[-_ ]?me|your[-_][a-z0-9_-]{1,40}[-_]here"
    r"|<(?:your|insert|enter|add|put|replace|todo|change|fill)\b[^<>\n]{0,100}>)"
)
"""What is a placeholder whatever its name is: `null`, `example` or `test` may well be meant."""


def suspicious_values(index: EntryIndex, source: Source) -> Iterator[Lint]:
    """Yield a warning for each entry whose value is probably not what was meant, at most one of each kind."""
    for entry, occurrences in index.seen.items():
        if entry.opaque or not entry.text:
            continue
        written = "" if entry.sealed else (source.line(entry.file, entry.line) or "")[entry.column - 1 :]
        yield from _unexpanded(entry, written, index)
        if _FOLDED_PEM.search(entry.text):
            yield _folded(entry, written, index)
        is_declared = is_declared_secret(entry.name, occurrences, index.compilation)
        is_secret = is_declared or _looks_secret(entry, index)
        if _is_placeholder(entry.text, is_secret=is_secret):
            yield _placeholder(entry, index)
        elif is_secret and entry.text.endswith("\n") and len(entry.text.splitlines()) == 1:
            yield _ends_in_a_line_end(entry, written, index)
        if is_declared and written[:1] not in "'\"|>!" and _CUT.match(written, entry.length):
            yield _cut(entry, index)


def _looks_secret(entry: Entry, index: EntryIndex) -> bool:
    judgement = index.suspected_secrets.get(entry)
    return (judgement is not None and judgement.is_alarm) or name_kind(entry.name) == "secret"


def _is_placeholder(text: str, *, is_secret: bool) -> bool:
    """Return whether a text, or the password of an address, was written in place of the real one."""
    bare = text.strip()
    if _ANYWHERE.fullmatch(bare):
        return True
    if not is_secret:
        return False
    if "://" in bare:
        password = _PASSWORD.search(bare)
        return password is not None and _stands_for_a_secret(password[1])
    return _stands_for_a_secret(bare)


def _stands_for_a_secret(text: str) -> bool:
    if _ANGLES.fullmatch(text) or _DOTS.fullmatch(text):
        return True
    return is_wordy(text) and not _TO_COME.isdisjoint(words(text))


def _placeholder(entry: Entry, index: EntryIndex) -> Lint:
    return index.warning(
        "placeholder-value",
        (entry,),
        f"`{entry.name}` has a placeholder for its value",
        "no real value",
        advice="write the real one; or, where it is meant so, `# envtree: allow placeholder-value, reason`",
    )


def _ends_in_a_line_end(entry: Entry, written: str, index: EntryIndex) -> Lint:
    if written.startswith("!file"):
        advice = "`!file {path: ..., strip: true}` leaves it out"
    elif found := re.match(r"(?:!\w+\s+)?([|>])", written):
        advice = f"`{found[1]}-` leaves it out"
    else:
        advice = "write the value without it"
    return index.warning(
        "trailing-newline",
        (entry,),
        f"`{entry.name}` is a secret of one line that ends in a line end",
        "the line end is part of the value",
        advice=advice,
    )


def _folded(entry: Entry, written: str, index: EntryIndex) -> Lint:
    how = "`>` folds them" if written.startswith(">") else "they are folded into one"
    return index.warning(
        "folded-pem",
        (entry,),
        f"`{entry.name}` is a PEM without its line ends, which programs don't read",
        how,
        advice="write `|` before the lines, or name a file: `!file key.pem`",
    )


def _cut(entry: Entry, index: EntryIndex) -> Lint:
    return index.warning(
        "cut-value",
        (entry,),
        f"`{entry.name}` is a secret that ends before ` #`: what follows is a comment",
        "cut here, if the rest belongs to it",
        advice="put the value in quotes; for a comment, write a blank behind the `#`",
    )


def _unexpanded(entry: Entry, written: str, index: EntryIndex) -> Iterator[Lint]:
    """Yield a warning for a text with a reference to a variable of the same processes that nothing replaces."""
    if entry.sealed or (entry.parts is None and ("${" not in (entry.text or "") or written.startswith("!"))):
        return
    if entry.parts is None:
        names = frozenset(_REFERENCE.findall(entry.text or ""))
    else:
        names = named_in_templates("".join(each for each in entry.parts if isinstance(each, str)))
    known = sorted(name for name in names if _is_known(name, entry, index))
    if not known:
        return
    is_text = entry.parts is None
    yield index.warning(
        "unexpanded-reference",
        (entry,),
        f"`{entry.name}` has {some(f'`{each}`' for each in known)} in it as text: "
        + ("without `!expand`, nothing is replaced" if is_text else "an `!expand` replaces `${NAME}` alone"),
        "reaches the process as it is",
        advice=(f"write `{entry.name}: !expand ...`" if is_text else "write `${NAME}`")
        + "; or, if the program replaces it, `# envtree: allow unexpanded-reference, reason`",
    )


def _is_known(name: str, entry: Entry, index: EntryIndex) -> bool:
    """Return whether a process that sees an entry has a variable of a name, set or declared."""
    compilation = index.compilation
    return any(
        name in compilation.own[target].provenance or name in compilation.governed[target].known
        for target in index.targets(entry)
    )
