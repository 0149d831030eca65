"""Which parts of an output this machine uses."""

from __future__ import annotations

import os

from envtree.core.runit.defaults import RUNTIME, RUNTIME_VARIABLE


def used_generations(out: str) -> frozenset[str]:
    """Return the generations that processes of this machine were started with, as far as this user may see them."""
    services = f"{os.environ.get(RUNTIME_VARIABLE) or RUNTIME}/services"
    try:
        names = os.listdir(services)
    except OSError:
        return frozenset()
    found = (_generation(f"{services}/{name}/tree") for name in names)
    return frozenset(name for name in found if os.path.isdir(f"{out}/generations/{name}"))


def _generation(link: str) -> str:
    """Return the generation that a link leads to, in the output or in a copy; empty if there is none."""
    try:
        return os.path.basename(os.readlink(link))
    except OSError:
        return ""
