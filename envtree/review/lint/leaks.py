"""Secrets in the text of a tree: comments, commands, Markdown, schemas, files; and in layers that are not compiled."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_id_of, layer_ids
from envtree.core.layers.parse import parse
from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import CONFIGS, SCHEMAS
from envtree.core.model.tree import Span
from envtree.core.secrets.judgement import judge
from envtree.core.secrets.text import Leak, find_leak, find_leaks
from envtree.core.secrets.values import is_random
from envtree.core.yaml.lines import line_ranges
from envtree.review.lint.quieting import Disclosure, Used, disclosure_of, lines_of
from envtree.review.lint.security import QUIET, clear_secret, judgement_of, unsealed_secret

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from envtree.core.model.source import Source
    from envtree.core.model.tree import Entry, Project, Target
    from envtree.core.secrets.text import Syntax

_SYNTAX: dict[str, Syntax] = {".py": "program", ".md": "prose", ".markdown": "prose"}


class Comment(NamedTuple):
    """The text of a line from a column on, counted from 0."""

    line: int
    start: int
    text: str


def disclosed(files: Mapping[str, bytes], *, seals: bool) -> Disclosure:
    """Return what the text of a tree says beside its values: which lines are quiet, and whether secrets are sealed."""
    return disclosure_of({path: _text(data) for path, data in files.items() if b"envtree:" in data}, seals=seals)


def concerning(paths: Iterable[str], targets: Iterable[Target], project: Project) -> tuple[str, ...]:
    """Return the files that have to do with some targets: not the layers of others, nor what is of another service."""
    targets = tuple(targets)
    seen = {layer_id for target in targets for layer_id in layer_ids(target)}
    others = {service.name for service in project.services} - {target.service for target in targets}
    modules = {name.replace("-", "_") for name in others}
    return tuple(path for path in paths if _concerns(path, seen, others, modules))


def _concerns(path: str, seen: Collection[str], others: Collection[str], modules: Collection[str]) -> bool:
    top, _, rest = path.partition("/")
    first, _, below = rest.partition("/")
    if top == SCHEMAS.rstrip("/"):
        return posixpath.splitext(first)[0] not in modules
    if top != CONFIGS.rstrip("/"):
        return True
    is_layer = _is_layer(path) and layer_id_of(path).count("/") <= 2
    return not (below and first in others) and (not is_layer or layer_id_of(path) in seen)


def text_leaks(files: Mapping[str, bytes], disclosure: Disclosure) -> tuple[tuple[Diagnostic, ...], Used]:
    """Return the secrets that files hold beside the entries of layers, and the comments that quiet some of them."""
    found = ((path, leak) for path, data in sorted(files.items()) for leak in _leaks_of(path, _text(data), data))
    return disclosure.divide((_diagnostic(path, leak), "clear-secret", [(path, leak.line)]) for path, leak in found)


def entry_leaks(source: Source, disclosure: Disclosure, secret: Collection[str]) -> Iterator[Diagnostic]:
    """Yield the secrets in the entries of layers that nothing compiles; `secret` has the names declared `Secret`."""
    for path in sorted(source.files):
        if not _is_layer(path) or path.endswith(SEALED_SUFFIX):
            continue
        entries, _, _ = parse(path, source)
        for entry in entries.values():
            if entry.opaque or not entry.text:
                continue
            found = _entry_leak(entry, is_declared=entry.name in secret, seals=disclosure.seals)
            if found and disclosure.quieting(found.code, lines_of(entry)) is None:
                yield found


def _entry_leak(entry: Entry, *, is_declared: bool, seals: bool) -> Diagnostic | None:
    if is_declared:
        return unsealed_secret(entry) if seals else None
    judgement = judgement_of(entry)
    return clear_secret(entry, judgement) if judgement.is_alarm else None


def _is_layer(path: str) -> bool:
    return path.startswith(CONFIGS) and path.endswith(SUFFIX) and not path.endswith("/service.yaml")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")


def _leaks_of(path: str, text: str, data: bytes) -> Iterator[Leak]:
    if path.endswith(SEALED_SUFFIX):
        yield from find_leaks(_clear_part(text))
    elif _is_layer(path):
        for comment in _beside_entries(path, text, data):
            yield from _in_comment(comment)
    elif path.endswith(".py"):
        yield from _of_program(text)
    elif leak := _of_key_file(path, text):
        yield leak
    else:
        yield from find_leaks(text, _SYNTAX.get(posixpath.splitext(path)[1], "settings"))


def _clear_part(text: str) -> str:
    """Return the text of a sealed file with the lines of its own `sops` mapping empty."""
    lines, is_own = [], False
    for line in text.split("\n"):
        if line[:1].strip():
            is_own = line.startswith(("sops:", '"sops":', "'sops':"))
        lines.append("" if is_own else line)
    return "\n".join(lines)


def _beside_entries(path: str, text: str, data: bytes) -> Iterator[Comment]:
    """Yield what a layer file holds besides its entries: whole lines, and comments behind values.

    Where the file can't be read as a mapping, that is all of it.
    """
    taken = {
        line: each.first
        for each in line_ranges(path, data).values()
        for line in range(each.first, max(each.first, each.last) + 1)
    }
    for number, line in enumerate(text.split("\n"), 1):
        start = 0
        if number in taken:
            start = line.find(" #") if taken[number] == number or taken.get(number + 1) != taken[number] else -1
            start = _behind_quotes(line, start)
        if start >= 0 and line[start:].strip():
            yield Comment(number, start, line[start:])


def _behind_quotes(line: str, start: int) -> int:
    """Return where the comment of a line begins: a `#` in quotes begins none."""
    while start >= 0 and any(line.count(quote, 0, start) % 2 for quote in ("'", '"')):
        start = line.find(" #", start + 1)
    return start


def _in_comment(comment: Comment) -> Iterator[Leak]:
    if leak := find_leak(comment.text, "prose"):
        yield leak._replace(line=comment.line, column=leak.column + comment.start)


def _of_program(text: str) -> Iterator[Leak]:
    """Yield the secrets of a program: texts in quotes, and comments."""
    for number, line in enumerate(text.split("\n"), 1):
        if leak := find_leak(line, "program"):
            yield leak._replace(line=number)
        elif "#" in line:
            start = line.index("#")
            yield from _in_comment(Comment(number, start, line[start:]))


def _of_key_file(path: str, text: str) -> Leak | None:
    """Return the secret that a short file is, by its own name: `api_token.txt`."""
    lines = text.strip().split("\n")
    stem = posixpath.basename(path).partition(".")[0]
    if (
        len(lines) == 1
        and not any(each.isspace() for each in lines[0])
        and ":" not in lines[0]
        and "=" not in lines[0][:-2]
    ):
        judgement = judge(stem, lines[0])
        return Leak(1, 1, len(lines[0]), stem, judgement.reason) if judgement.is_alarm else None
    return None


def _diagnostic(path: str, leak: Leak) -> Diagnostic:
    shows_name = leak.name and len(leak.name) <= 60 and not is_random(leak.name)
    return Diagnostic(
        "clear-secret",
        f"{f'`{leak.name}`' if shows_name else 'this text'} {leak.reason}",
        Span(path, leak.line, leak.column, leak.length),
        "written in the clear",
        help=f"take it out of the file, and have a new one issued if others could read it here; or write `{QUIET}`",
        severity="warning",
    )
