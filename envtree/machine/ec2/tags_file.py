"""Instance tags from a file or stdin."""

from __future__ import annotations

from envtree.adapters.files.answer_file import read_answer, source_name
from envtree.machine.role.tags import SHAPES, parse_tags

LARGEST = 1 << 20


def read_tags(path: str) -> dict[str, str]:
    """Return the tags of one machine by key, from a file or (`-`) stdin. Raises EnvtreeError if it gives none."""
    return parse_tags(read_answer(path, LARGEST, "--tags", SHAPES), source_name(path))
