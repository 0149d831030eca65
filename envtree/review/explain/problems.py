"""The problems of a tree that are about one variable of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.yaml.lines import line_ranges

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from envtree.core.layers.resolve import Node
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Span
    from envtree.review.explain.explanation import Explanation


def problems_about(
    explanation: Explanation, node: Node, source: Source, problems: Iterable[Diagnostic]
) -> tuple[tuple[Diagnostic, ...], int]:
    """Return the problems at the variable's lines, about it, or in its unreadable layers; and the number of others."""
    problems = tuple(problems)
    lines = frozenset(_own_lines(explanation, source))
    spans = {*_failing(explanation, node), *(each.span for each in explanation.declarations)}
    files = {each.file for each in explanation.lines}
    unread = [each.file for each in explanation.lines if each.state == "unread"]

    def is_about(each: Diagnostic) -> bool:
        span = each.span
        if span and ((span.file, span.line) in lines or span in spans):
            return True
        if span and any(file == span.file or file.startswith(f"{span.file}/") for file in unread):
            return True
        is_near = explanation.target in each.targets or (span is not None and span.file in files)
        return is_near and explanation.name in (each.variable, *each.involved)

    found = tuple(each for each in problems if is_about(each))
    return found, len(problems) - len(found)


def _own_lines(explanation: Explanation, source: Source) -> Iterator[tuple[str, int]]:
    """Yield the lines of every entry for the variable, and of the wrong entries that its value uses."""
    for file in {each.file for each in explanation.lines if each.state == "says"}:
        for line_range in line_ranges(file, source.files[file]).values():
            if line_range.name == explanation.name:
                yield from ((file, number) for number in range(line_range.first, line_range.last + 1))
    for part in explanation.parts:
        if part.entry and part.state == "wrong":
            yield part.entry.file, part.entry.line


def _failing(explanation: Explanation, node: Node) -> Iterator[Span]:
    """Yield the locations of the entries because of which an `!expand` can't be computed."""
    failure = node.failed.get(explanation.name)
    if failure and failure.entry:
        yield from (each.span for each in (failure.entry, *failure.cycle))
