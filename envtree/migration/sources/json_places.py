"""The place of each part of a JSON text, which the standard reader does not tell."""

from __future__ import annotations

import json
import re

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')


def places(text: str) -> dict[tuple[str | int, ...], tuple[int, int, int]]:
    """Return line, column and length of each key, or item of a list, by the keys and numbers that lead to it.

    The text must be valid JSON.
    """
    found: dict[tuple[str | int, ...], tuple[int, int, int]] = {}
    path: list[str | int] = []
    kinds: list[str] = []
    line, start, previous = 1, 0, 0
    is_key = False
    for token in _TOKEN.finditer(text):
        line += text.count("\n", previous, token.start())
        start = text.rfind("\n", 0, token.start()) + 1
        previous = token.start()
        word = token[0]
        if word in ("}", "]"):
            if kinds.pop() and path and path[-1] is not None:
                path.pop()
            is_key = False
            continue
        at = (line, token.start() - start + 1, len(word))
        if kinds and kinds[-1] == "[" and word not in (",", ":"):
            found.setdefault(tuple(path), at)
        if word in ("{", "["):
            kinds.append(word)
            path.append("" if word == "{" else 0)
            is_key = word == "{"
        elif word == ",":
            is_key = kinds[-1] == "{"
            last = path[-1]
            path[-1] = "" if is_key or not isinstance(last, int) else last + 1
        elif is_key and word.startswith('"'):
            path[-1] = json.loads(word)
            found[tuple(path)] = at
            is_key = False
    return found
