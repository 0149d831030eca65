"""The environment that a program starts in: the target's variables, the kept ones of the caller, and the runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.runit.runtimes import path_with
from envtree.core.runit.scripts import PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def with_kept(
    values: Mapping[str, str | None], caller: Mapping[str, str], keep: Iterable[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return a program's variables, and remarks on names not kept: the target's win, as in the target's process."""
    environment = {name: text for name, text in values.items() if text is not None}
    remarks = []
    for name in dict.fromkeys(keep):
        if name in values:
            verb = "removes" if values[name] is None else "sets"
            remarks.append(f"`{name}` is not kept: the target {verb} it itself")
        elif name not in caller:
            remarks.append(f"`{name}` is not kept: it is not set here")
        else:
            environment[name] = caller[name]
    return environment, tuple(remarks)


def with_runtimes(
    environment: Mapping[str, str], folders: tuple[str, ...], values: Mapping[str, str | None]
) -> dict[str, str]:
    """Return an environment with its runtimes' folders first in `PATH`, as a process of the target has them."""
    if not folders:
        return dict(environment)
    default = None if "PATH" in values else PATH
    return {**environment, "PATH": path_with(folders, environment.get("PATH", default))}
