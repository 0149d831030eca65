"""Which of the problems of a tree are about one variable of one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.yaml.lines import extents

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
    """Those that stand at the variable, or are about it, or keep a layer of it from being read; and how many others."""
    problems = tuple(problems)
    lines = frozenset(_own_lines(explanation, source))
    spans = {*_failing(explanation, node), *(each.span for each in explanation.declarations)}
    files = {each.file for each in explanation.lines}
    unread = [each.file for each in explanation.lines if each.word == "unread"]
    mention = f"`{explanation.name}`"

    def concerns(each: Diagnostic) -> bool:
        span = each.span
        if span and ((span.file, span.line) in lines or span in spans):
            return True
        if span and any(file == span.file or file.startswith(f"{span.file}/") for file in unread):
            return True
        is_near = explanation.target in each.targets or (span is not None and span.file in files)
        return is_near and any(mention in words for words in (each.message, *each.notes))

    found = tuple(each for each in problems if concerns(each))
    return found, len(problems) - len(found)


def _own_lines(explanation: Explanation, source: Source) -> Iterator[tuple[str, int]]:
    """The lines of every entry of the variable's name, and of what goes into it and is wrong."""
    for file in {each.file for each in explanation.lines if each.word == "says"}:
        for extent in extents(file, source.files[file]).values():
            if extent.name == explanation.name:
                yield from ((file, number) for number in range(extent.first, extent.last + 1))
    for part in explanation.parts:
        if part.entry and part.state == "wrong":
            yield part.entry.file, part.entry.line


def _failing(explanation: Explanation, node: Node) -> Iterator[Span]:
    """Where the reason stands that an `!expand` can't be computed."""
    failure = node.failed.get(explanation.name)
    if failure and failure.entry:
        yield from (each.span for each in (failure.entry, *failure.circle))
