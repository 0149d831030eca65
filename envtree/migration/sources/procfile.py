"""A Procfile: the processes of a service, with the command of each."""

from __future__ import annotations

import re

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span
from envtree.core.render.mask import one_line
from envtree.migration.apps.fleet import ProcessType

_LINE = re.compile(r"([A-Za-z0-9_-]+):[ \t]*(.*?)[ \t]*")
_HELP = "a line is `name: command`; begin what is no process with `#`"


def read_procfile(path: str, text: str) -> tuple[tuple[ProcessType, ...], tuple[Diagnostic, ...]]:
    """Return the processes of a Procfile in its order, and a diagnostic for each line that is none.

    Other readers pass such a line over, so that a misspelt process is never started.
    """
    found: dict[str, ProcessType] = {}
    lines: dict[str, int] = {}
    problems = []
    for number, raw in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        line = raw.removesuffix("\r")
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        span = Span(path, number, 1, len(line))
        match = _LINE.fullmatch(line)
        if match is None or not match[2]:
            problems.append(Diagnostic("unusable-file", "the line names no process and its command", span, help=_HELP))
        elif match[1] in found:
            notes = (f"first at {one_line(path)}:{lines[match[1]]}",)
            message = f"the process `{match[1]}` is there twice"
            problems.append(Diagnostic("unusable-file", message, span, notes=notes, help="keep one of the two"))
        else:
            found[match[1]], lines[match[1]] = ProcessType(match[1], match[2], 1), number
    if not found and not problems:
        problems.append(Diagnostic("unusable-file", "the file names no process", Span(path, 1, 1, 0), help=_HELP))
    return tuple(found.values()), tuple(problems)
