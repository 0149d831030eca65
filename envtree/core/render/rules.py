"""The pages of diagnostics: the reference, cut into what is said of each code, as text and as data for programs."""

from __future__ import annotations

import re
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from envtree.core.model.diagnostic import Diagnostic

WIDTH = 100
_GROUP = re.compile(r"^## (.*)$", re.MULTILINE)
_HEADING = re.compile(r"^### `(.*)`$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]*)\]\([^)\s]*\)")
_BLOCK = re.compile(r"^```\w*\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SENTENCE = re.compile(r"(.*?[.:])(?=\s|$)", re.DOTALL)


class RulePage(NamedTuple):
    """What is said of one code: what is wrong, an example, and how to mend it, in Markdown without links."""

    code: str
    group: str
    """The heading that the code is under."""
    markdown: str

    @property
    def summary(self) -> str:
        """The first sentence."""
        found = _SENTENCE.match(" ".join(self.markdown.partition("\n\n")[0].split()))
        return (found[1] if found else self.markdown).rstrip(".:")


RulePages = dict[str, RulePage]
"""The pages by code, in the order of the reference."""


def read_rules(reference: str) -> RulePages:
    """Return what the reference says of each code, in its order."""
    found: RulePages = {}
    groups = _GROUP.split(reference)
    for group, text in zip(groups[1::2], groups[2::2], strict=True):
        pages = _HEADING.split(text)
        for code, page in zip(pages[1::2], pages[2::2], strict=True):
            found[code] = RulePage(code, group, _LINK.sub(r"\1", page).strip())
    return found


def page_text(rule: RulePage, width: int | None = None) -> str:
    """Return a page as text: paragraphs filled, and examples set in."""
    room = min(width or WIDTH, WIDTH)
    pieces = _BLOCK.split(rule.markdown)
    found: list[str] = []
    for number, piece in enumerate(pieces):
        if number % 2:
            found.append("\n".join(f"    {line}".rstrip() for line in piece.rstrip().split("\n")))
        else:
            found += [_filled(each, room) for each in piece.strip().split("\n\n") if each]
    return "\n\n".join(found) + "\n"


def _filled(paragraph: str, width: int) -> str:
    """Return a paragraph with lines of a width; those of a table stay as they are."""
    return paragraph if paragraph.startswith("|") else "\n".join(_lines(paragraph, width))


def _lines(paragraph: str, width: int) -> Iterator[str]:
    """Yield the lines of a paragraph, each item of a list on lines of its own."""
    for item in re.split(r"\n(?=- )", paragraph):
        indent = "  " if item.startswith("- ") else ""
        yield fill(
            " ".join(item.split()),
            width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
        )


def listing(rules: RulePages, width: int | None, paint: Callable[[str, str], str]) -> str:
    """Return a line for each code, under the headings of the reference."""
    column = max(map(len, rules))
    lines: list[str] = []
    group = ""
    for each in rules.values():
        if each.group != group:
            group = each.group
            lines += [*([""] if lines else []), paint("kind", group)]
        line = f"  {each.code:<{column}}  {each.summary}"
        lines.append(line if width is None or len(line) <= width else f"{line[: max(1, width - 3)]}...")
    return "".join(f"{line}\n" for line in lines)


def rule_data(rule: RulePage) -> dict[str, str]:
    """Return a page as data for JSON."""
    return {"code": rule.code, **_page_data(rule)}


def rules_data(diagnostics: Iterable[Diagnostic], rules: RulePages) -> dict[str, dict[str, str]]:
    """Return the pages of some diagnostics, each once, by code."""
    return {code: _page_data(rules[code]) for code in sorted({each.code for each in diagnostics})}


def _page_data(rule: RulePage) -> dict[str, str]:
    return {"group": rule.group, "summary": rule.summary, "page": rule.markdown}
