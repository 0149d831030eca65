"""A Procfile that was pasted into a service.yaml: it is recognised, whether YAML can read it or not."""

from __future__ import annotations

import re

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span

_LINE = re.compile(r"([A-Za-z0-9_-]{1,100}):[ \t]*(\S.*)")
"""A line of a Procfile, as Heroku reads it."""
_NOT_A_COMMAND = ("{", "[", "|", ">", "&", "*", "!")
"""How a value of YAML's own begins."""


def procfile_in(path: str, data: bytes, keys: tuple[str, ...]) -> Diagnostic | None:
    """Return the diagnostic for a service.yaml that is lines of a Procfile, and has none of its own keys."""
    lines = data.decode("utf-8", "replace").removeprefix("\ufeff").splitlines()
    written = [(number, line) for number, line in enumerate(lines, 1) if line.strip() and not line.startswith("#")]
    found = [(number, _LINE.fullmatch(line.rstrip())) for number, line in written]
    commands = [(number, each) for number, each in found if each and not each[2].startswith(_NOT_A_COMMAND)]
    if not commands or len(commands) < len(written) or any(each[1] in keys for _, each in commands):
        return None
    number, first = commands[0]
    return Diagnostic(
        "invalid-setting",
        f"`{path}` holds lines of a Procfile",
        Span(path, number, 1, len(first[1])),
        "a process, and its command",
        help=f"write `processes:` first, and below it `{first[1]}: {{command: ...}}` for each; or save the lines as a "
        "Procfile outside of `configs`, and `envtree import procfile` writes them here",
        shown=True,
    )
