"""What a page of the documents has its reader type: the commands of its blocks, in order, and what they print."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]+\]\(([^)\s]+)\)")


class Run(NamedTuple):
    """One command of an example run, and what the page says that it prints."""

    command: str
    expected: str


def blocks(text: str, language: str) -> list[str]:
    """Return the contents of a page's blocks in one language."""
    return [block for found, block in BLOCK.findall(text) if found == language]


def runs(text: str) -> Iterator[Run]:
    """Yield the commands of a page's example runs: `$ ` starts one, `> ` goes on with it."""
    for block in blocks(text, "console"):
        yield from _runs_of(block)


def steps(text: str) -> Iterator[Run | str]:
    """Yield all that a page has its reader type: example runs, and lines of `sh` blocks, of which it says no output."""
    for language, block in BLOCK.findall(text):
        if language == "console":
            yield from _runs_of(block)
        elif language == "sh":
            yield from block.splitlines()


def _runs_of(block: str) -> Iterator[Run]:
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        first, *rest = part.splitlines()
        more = 0
        while more < len(rest) and re.match(r">( |$)", rest[more]):
            more += 1
        command = "\n".join((first, *(line[2:] for line in rest[:more])))
        yield Run(command, "".join(f"{line}\n" for line in rest[more:]))


def pattern_of(expected: str) -> re.Pattern[str]:
    """Return what printed text has to match: `...` is what varies in a line, and on a line of its own any lines."""
    lines = (
        r"(?:.*\n)*?" if line == "..." else re.escape(line).replace(re.escape("..."), ".*?") + "\n"
        for line in expected.splitlines()
    )
    return re.compile("".join(lines))


def prose(text: str) -> str:
    """Return a page without its blocks."""
    return FENCED.sub("", text)


def links(text: str) -> list[str]:
    """Return the links of a page, in order."""
    return LINK.findall(prose(text))


def own_links(text: str) -> list[str]:
    """Return those that lead to the page itself, or to another file of its repository."""
    return [link for link in links(text) if not re.match(r"https?:", link)]
