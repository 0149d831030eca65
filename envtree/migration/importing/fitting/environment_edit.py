"""Environments added to the `service.yaml` of a service that a tree has; all else stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.yaml.document import SequenceNode, tag_of
from envtree.core.yaml.remove import NOT_ALONE, split_mark
from envtree.core.yaml.splice import CannotUpdate, Splice, decoded, line_end, splice, whole_lines
from envtree.core.yaml.tables import leaves, root_of
from envtree.core.yaml.writer import key_text

if TYPE_CHECKING:
    from collections.abc import Sequence

KEY = "environments"


def with_environments(path: str, data: bytes, environments: Sequence[str]) -> bytes:
    """Return the file of a service that runs in just these; those that it names already are among them.

    Raises CannotUpdate where the file can't be changed with all else as it was.
    """
    mark, before = split_mark(decoded(data))
    after = _listed(path, before, environments)
    old, new = (dict(leaves(root_of(path, each))) for each in (before, after))
    named = [leaf[-1] for at, leaf in new.items() if at[0] == KEY]
    kept = {at: leaf for at, leaf in old.items() if at[0] != KEY}
    if sorted(map(str, named)) != sorted(environments) or {at: new[at] for at in new if at[0] != KEY} != kept:
        raise CannotUpdate(NOT_ALONE, KEY)
    return f"{mark}{after}".encode()


def _listed(path: str, text: str, environments: Sequence[str]) -> str:
    whole = whole_lines(text)
    root = root_of(path, whole)
    if root is None or root.flow_style:
        raise CannotUpdate(NOT_ALONE, KEY)
    pair = next((each for each in root.value if each[0].value == KEY), None)
    if pair is None:
        start = root.start_mark.index
        line = f"{KEY}: [{', '.join(map(key_text, environments))}]{line_end(whole)}"
        return splice(whole, [Splice(start, start, line)])
    node = pair[1]
    if not isinstance(node, SequenceNode) or tag_of(node) is not None or not node.value:
        raise CannotUpdate(NOT_ALONE, KEY)
    there = {each.value for each in node.value}
    new = [key_text(each) for each in environments if each not in there]
    last = node.value[-1]
    if node.flow_style:
        end = last.end_mark.index
        return splice(whole, [Splice(end, end, "".join(f", {each}" for each in new))])
    start, end = last.start_mark, whole.index("\n", last.end_mark.index) + 1
    dash = whole[start.index - start.column : start.index]
    lines = "".join(f"{dash}{each}{line_end(whole)}" for each in new)
    return splice(whole, [Splice(end, end, lines)])
