"""A sealed file: its names in clear, its encrypted texts, and its metadata; read strictly, without any key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.tree import Span
from envtree.core.sealed.ciphertext import TEXT, Ciphertext, is_like_ciphertext, read_ciphertext
from envtree.core.sealed.metadata import METADATA, Metadata, read_metadata
from envtree.core.sealed.problems import clear_value, invalid_ciphertext, not_sealed, shown
from envtree.core.yaml.document import MappingNode, Node, ScalarNode, compose, is_plain, span_of, tag_of
from envtree.core.yaml.writer import is_bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.core.sealed.keys import WrappedKey


class SealedValue(NamedTuple):
    """One value of a sealed file, with its places: counted from 1, and `start` and `end` as offsets in the text.

    It is a tuple for the same reason as `Entry`.
    """

    name: str
    ciphertext: Ciphertext | None
    """None for a value that the file's own rule leaves in clear."""
    text: str
    """What is written: `ENC[...]`, or the text of a value in clear."""
    covered: str
    """What the MAC covers of a value in clear: its text, but SOPS takes `true` for `True`."""
    line: int
    column: int
    length: int
    name_line: int
    name_column: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class SealedFile:
    """A sealed file whose form is right; whether nobody changed it shows when it is opened."""

    path: str
    values: tuple[SealedValue, ...]
    """In the order of the file, each name once."""
    metadata: Metadata
    is_flow: bool = False
    """Whether the whole file stands between braces."""

    @property
    def keys(self) -> tuple[WrappedKey, ...]:
        """Return the copies of the data key, or of its parts where there are several key groups."""
        return tuple(key for group in self.metadata.groups for key in group)

    def span(self, value: SealedValue) -> Span:
        """Return the span of a value."""
        return Span(self.path, value.line, value.column, value.length)


def read_sealed(path: str, data: bytes) -> tuple[SealedFile | None, tuple[Diagnostic, ...]]:
    """Return a sealed file, and all that is wrong with its form: None with at least one error."""
    root, found = compose(path, data)
    problems = list(found)
    if errors(problems):
        return None, found
    if not isinstance(root, MappingNode) or tag_of(root) is not None:
        return None, (*found, not_sealed(path))
    block = next(((key, value) for key, value in root.value if key.value == METADATA), None)
    if block is None:
        return None, (*found, not_sealed(path))
    metadata = read_metadata(path, *block, problems)
    values = tuple(_values(path, root, block[0], metadata, problems))
    if metadata is None or errors(problems):
        return None, tuple(problems)
    return SealedFile(path, values, metadata, bool(root.flow_style)), tuple(problems)


def _values(
    path: str, root: MappingNode, block: Node, metadata: Metadata | None, problems: list[Diagnostic]
) -> Iterator[SealedValue]:
    first: dict[str, Node] = {}
    for key, node in root.value:
        if key is block:
            continue
        if not isinstance(key, ScalarNode) or tag_of(key) is not None:
            problems.append(Diagnostic("invalid-name", "a name is plain text", span_of(path, key), help=_NAME_HELP))
            continue
        name: str = key.value
        if name in first or name == METADATA:
            problems.append(_twice(path, name, first.get(name, block), key))
            continue
        first[name] = key
        ciphertext = _ciphertext(path, name, node, metadata, problems)
        start, end, where = node.start_mark, node.end_mark, key.start_mark
        yield SealedValue(
            name,
            ciphertext,
            node.value,
            _covered(node),
            start.line + 1,
            start.column + 1,
            end.column - start.column if end.line == start.line else 1,
            where.line + 1,
            where.column + 1,
            start.index,
            end.index,
        )


def _covered(node: Node) -> str:
    text: str = node.value
    return text.capitalize() if isinstance(node, ScalarNode) and is_plain(node) and text in ("true", "false") else text


_NAME_HELP = "a name is letters, digits and `_`, such as `API_KEY`"


def _twice(path: str, name: str, first: Node, again: Node) -> Diagnostic:
    return Diagnostic(
        "duplicate-variable",
        f"`{shown(name)}` is there twice in one file",
        span_of(path, again),
        label="set again here",
        notes=(f"first set at {span_of(path, first)}",),
        help="keep one of the two",
        variable=name,
    )


def _ciphertext(
    path: str, name: str, node: Node, metadata: Metadata | None, problems: list[Diagnostic]
) -> Ciphertext | None:
    """Return the encrypted text of a value; None, in most cases with a diagnostic, for anything else."""
    if not isinstance(node, ScalarNode) or tag_of(node) is not None:
        problems.append(clear_value(name, _form(node), span_of(path, node), "write each secret as one text"))
        return None
    is_clear = metadata is not None and not metadata.rule.encrypts(name)
    if is_like_ciphertext(node.value):
        read = read_ciphertext(node.value)
        problem = _ciphertext_fault(name, read, span_of(path, node), metadata if is_clear else None)
        problems += [problem] if problem else []
        return None if problem else read
    if metadata is not None and (problem := _clear_fault(name, node, span_of(path, node), metadata, is_clear=is_clear)):
        problems.append(problem)
    return None


def _form(node: Node) -> str:
    if tag_of(node) is not None:
        return "has a tag, and an encrypted value is text"
    return f"is a {'mapping' if isinstance(node, MappingNode) else 'list'}, and a variable is text"


def _ciphertext_fault(
    name: str, read: Ciphertext | None, span: Span, leaves_clear: Metadata | None
) -> Diagnostic | None:
    if read is None:
        return invalid_ciphertext(name, "is not encrypted as SOPS writes it", span)
    if read.kind != TEXT:
        advice = "quote the value, so that it is text: `sops edit` shows it"
        return invalid_ciphertext(name, f"is sealed as `{read.kind}`, not as text", span, advice)
    if leaves_clear:
        return invalid_ciphertext(
            name, f"is encrypted, but the file's own rule, `{leaves_clear.rule}`, leaves it in clear", span
        )
    return None


def _clear_fault(name: str, node: ScalarNode, span: Span, metadata: Metadata, *, is_clear: bool) -> Diagnostic | None:
    """Return what is wrong with a value that is not encrypted: it may be so by the rule, and if the MAC covers it."""
    if is_plain(node) and node.value in ("", "~", "null"):
        advice = "set the variable, or remove it by `!unset`, in the layer's clear file"
        return clear_value(name, "has no value, and a sealed layer can't remove a variable", span, advice)
    if not node.value:
        advice = f'write `{shown(name)}: ""` into the layer\'s clear file'
        return clear_value(name, "is empty, and SOPS doesn't seal what is empty", span, advice)
    if not is_clear:
        return clear_value(name, "is in clear, in a sealed file", span)
    if metadata.mac_only_encrypted:
        return clear_value(name, "is in clear, and the file's MAC covers encrypted values alone", span)
    if is_plain(node) and not is_bare(node.value):
        advice = "put it in quotes, by `sops edit`, so that every reader takes it for the same text"
        return clear_value(name, "is in clear, and not every reader takes it for the same text", span, advice)
    return None
