"""Which parts of an output this machine uses."""

from __future__ import annotations

import os

from envtree.core.runit.defaults import RUNTIME, RUNTIME_VARIABLE


def used_generations(out: str) -> frozenset[str]:
    """Return the generations that processes of this machine were started with, as far as this user may see them."""
    services = f"{os.environ.get(RUNTIME_VARIABLE) or RUNTIME}/services"
    try:
        links = [f"{services}/{name}/tree" for name in os.listdir(services)]
        real = os.path.realpath(out)
        found = [os.path.realpath(link) for link in links]
    except OSError:
        return frozenset()
    return frozenset(os.path.basename(path) for path in found if os.path.dirname(path) == f"{real}/generations")
