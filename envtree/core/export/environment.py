"""The environment that a program is started in: the target's own, what is kept of the caller's, and its runtimes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.runit.runtimes import path_with
from envtree.core.runit.scripts import PATH

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def with_kept(
    values: Mapping[str, str | None], caller: Mapping[str, str], keep: Iterable[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The variables of a program, and what is to be said of the names to keep.

    What the target says of a name holds, also that it is removed: a command is to find what its process finds.
    """
    environment = {name: text for name, text in values.items() if text is not None}
    remarks = []
    for name in dict.fromkeys(keep):
        if name in values:
            does = "removes" if values[name] is None else "sets"
            remarks.append(f"`{name}` is not kept: the target {does} it itself")
        elif name not in caller:
            remarks.append(f"`{name}` is not kept: it is not set here")
        else:
            environment[name] = caller[name]
    return environment, tuple(remarks)


def with_runtimes(
    environment: Mapping[str, str], folders: tuple[str, ...], values: Mapping[str, str | None]
) -> dict[str, str]:
    """The same, with the folders of its runtimes in front of `PATH`, as a process of the target has them."""
    if not folders:
        return dict(environment)
    usual = None if "PATH" in values else PATH
    return {**environment, "PATH": path_with(folders, environment.get("PATH", usual))}
