"""`exec`: this process becomes another one, or says why not."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from envtree.cli.terminal import show_diagnostics, tell
from envtree.cli.verbs import DEFAULT_MAX
from envtree.core.model.diagnostic import EnvtreeError, errors
from envtree.core.model.source import WORKTREE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envtree.commands.execute import Given

CANNOT_PREPARE = 111
"""As chpst(8) and its like say that they failed, and not the program."""


def run(
    folder: str,
    target: str,
    words: Sequence[str],
    keep: Sequence[str] = (),
    out: str = "",
    maximum: int = DEFAULT_MAX,
    color: str = "auto",
    revision: str = WORKTREE,
    *,
    quiet: bool = False,
) -> int:
    """Run a command as a target; comes back only where that can't be done."""
    from envtree.commands.execute import prepare, read_built, start

    try:
        given = read_built(out, target) if out else _read(folder, target, maximum, color, revision, quiet=quiet)
        if given is None:
            return CANNOT_PREPARE
        prepared = prepare(given, words[0], keep)
        for remark in () if quiet else prepared.remarks:
            tell(remark)
        sys.stdout.flush()
        sys.stderr.flush()
        start(prepared, words)
    except EnvtreeError as error:
        show_diagnostics(error.diagnostics, None, color, maximum)
    return CANNOT_PREPARE


def _read(folder: str, target: str, maximum: int, color: str, revision: str, *, quiet: bool) -> Given | None:
    """What the tree gives, once what is wrong with it is shown."""
    from envtree.commands.execute import read_given

    given, source, problems = read_given(folder, target, revision)
    show_diagnostics(errors(problems) if quiet else problems, source, color, maximum)
    return given
