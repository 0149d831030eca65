"""What many tests start from: a tree in a folder or in memory, and the command line, in its own process or here."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

from envtree.adapters.process import core_dumps
from envtree.adapters.schemas import load
from envtree.cli.main import main
from envtree.core.compile import Compilation, compile_targets, read_project_of, select
from envtree.core.model.diagnostic import Diagnostic, errors, in_order
from envtree.core.model.source import Source
from envtree.core.promises import check_promises, compared_targets

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.model.tree import Target
    from envtree.core.schema.rules import Schema

ROOT = Path(__file__).parents[1]
"""The checkout."""
Files = dict[str, str | bytes]

SETTINGS = """\
environments:
  staging: {instance: service}
  production: {instance: service}
"""
SERVICE = "processes: {web: {command: serve}}\n"
WEB = "production/accounts/web"
ENVTREE_TIMEOUT = 300
"""Seconds after which a process is held to wait for ever."""


class Ran(NamedTuple):
    """What a command line answered."""

    code: int
    out: str
    err: str


def small_tree(**more: str | bytes) -> Files:
    """Two environments, one service, one process; more files by path (`.` and `/` as they are, via `**{...}`)."""
    return {"envtree.yaml": SETTINGS, "configs/accounts/service.yaml": SERVICE, **more}


def write_tree(root: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write files by path below a folder, in the order given; line ends stay as they are."""
    for path, content in files.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        file.chmod(0o644)
    for folder in (root, *(each for each in root.rglob("*") if each.is_dir())):
        folder.chmod(0o755)  # a schema that others could have written is refused, whatever umask a test runs under
    return root


def source_of(files: Mapping[str, str | bytes]) -> Source:
    """The same tree in memory."""
    return Source({path: text.encode() if isinstance(text, str) else text for path, text in files.items()})


def compiled(
    files: Mapping[str, str | bytes], selectors: tuple[str, ...] = ()
) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """A tree in memory, compiled, with all that is wrong with it; schemas are loaded where there are any."""
    source = source_of(files)
    project, problems = read_project_of(source)
    assert not errors(problems), problems
    schemas: tuple[Schema, ...] | None = ()
    if any(path.startswith("schemas/") for path in files):
        schemas, faults = load(source, project)
        problems += faults
        schemas = None if errors(faults) else schemas
    chosen = select(project, selectors) if selectors else None
    compilation, found = compile_targets(source, project, schemas, chosen)
    found += check_promises(
        source, schemas, compilation, found, beside=compared_targets(project, schemas, chosen or ())
    )
    return compilation, in_order((*problems, *found))


def values_of(compilation: Compilation, target: str = WEB) -> dict[str, str | None]:
    """A target's variables."""
    by_name: dict[str, Target] = {str(each): each for each in compilation.own}
    return dict(compilation.own[by_name[target]].values)


def envtree(*words: str | Path, cwd: Path | None = None, umask: int = -1, **environment: str) -> Ran:
    """Run the command line as a user would, with more variables set."""
    done = subprocess.run(
        [sys.executable, "-m", "envtree", *map(str, words)],
        cwd=cwd,
        env={**os.environ, **environment},
        umask=umask,
        capture_output=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def envtree_here(*words: str | Path) -> Ran:
    """Run the command line inside this process: quicker, and a debugger follows."""
    out, err = io.StringIO(), io.StringIO()
    with (
        patch.object(sys, "argv", ["envtree", *map(str, words)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            code = main()
        finally:
            core_dumps.allow()
            gc.enable()  # the command line turns it off for its own short life
    return Ran(code, out.getvalue(), err.getvalue())
