"""Which environment a `.env` file is for, by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.migration.mapping.naming import USUAL_ENVIRONMENTS, environment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME = re.compile(r"\.?env\.([a-z0-9-]+)|\.?([a-z0-9-]+)\.env")
REVIEW = "review"


def environment_of_file(path: str, environments: Sequence[str]) -> str:
    """Return the environment that `.env.production` or `production.env` is for; empty if the name says none.

    `.env.example` and `.env.local` are for none, unless the tree has such an environment.
    """
    found = _NAME.fullmatch(path.rpartition("/")[2])
    word = (found[1] or found[2]) if found else ""
    return environment_of(word, environments) if word in (*environments, *USUAL_ENVIRONMENTS, REVIEW) else ""
