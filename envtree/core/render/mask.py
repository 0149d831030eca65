"""Values as they may be shown: without the password of a URL, and on one line."""

from __future__ import annotations

import re

HIDDEN = "[hidden]"
SEALED = "[sealed]"
_MAYBE_SECRET = re.compile(
    r"[\w-]{16}|PRIVATE KEY|@(?:tcp|udp|unix)\(|@[\w.-]{1,200}:\d|(?:passw(?:or)?d|pwd|key|secret) ?=", re.IGNORECASE
)
"""What every key with a published shape, and every connection string with a password, has in it."""
_REST = re.compile(r"[\w+/=.-]*")
"""What goes on behind a key whose length is not known."""
_PARAMETER = re.compile(r"([?&;][\w.-]*(?:password|passwd|pwd|secret|token|key)=)[^&;\s]+", re.IGNORECASE)


def mask_passwords(text: str) -> str:
    """Return the text with every password in an address hidden, and every key that has a published shape."""
    if "://" in text:
        text = _PARAMETER.sub(rf"\1{HIDDEN}", "\n".join(_mask_line(line) for line in text.split("\n")))
    return _mask_found(text) if _MAYBE_SECRET.search(text) else text


def _mask_found(text: str) -> str:
    """Hide what is known by its form. The patterns take time to compile, so they are imported only for such texts."""
    from envtree.core.secrets.addresses import find_passwords
    from envtree.core.secrets.shapes import find_shape

    spans, start = [], 0
    while found := find_shape(text, start):
        shape, begin, end = found
        rest = _REST.match(text, end)
        start = text.find("-----END", end) if shape == "a private key" else rest.end() if rest else end
        start = len(text) if start == -1 else start
        spans.append((begin, start))
    text = _without(text, spans)
    passwords = sorted({(each.start, each.end) for each in find_passwords(text)})
    return _without(text, [(start, end) for start, end in passwords if HIDDEN not in text[start:end]])


def _without(text: str, spans: list[tuple[int, int]]) -> str:
    """Return a text with these stretches of it hidden."""
    pieces, last = [], 0
    for start, end in spans:
        if start >= last:
            pieces += [text[last:start], HIDDEN]
        last = max(last, end)
    return "".join((*pieces, text[last:]))


def _mask_line(line: str) -> str:
    """Hide all from a URL's first colon to the last `@`: a password may hold `/`, `@` or a blank, valid or not."""
    start, end = line.find("://"), line.rfind("@")
    colon = line.find(":", start + 3, end) if -1 < start < end else -1
    return line if colon == -1 else f"{line[: colon + 1]}{HIDDEN}{line[end:]}"


def has_password(text: str) -> bool:
    """Return whether a part of the text must be hidden."""
    return mask_passwords(text) != text


def one_line(text: str) -> str:
    """Return the text with line ends, tabs and other control characters as escapes."""
    if text.isprintable():
        return text
    return "".join(letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in text)


def clip(text: str, width: int | None) -> str:
    """Return a text of at most so many characters (None: any): a longer one ends in three points."""
    return text if width is None or len(text) <= width else f"{text[: max(1, width - 3)]}..."


def clip_pair(before: str, after: str, start: int, width: int) -> tuple[str, str]:
    """Clip two texts to the same width, both from the same character on."""
    front = "..." if start > 0 else ""
    start = max(start, 0)
    return clip(front + before[start:], width), clip(front + after[start:], width)


def from_outside(text: str, width: int) -> str:
    """Return a text that somebody else wrote as a message may show it: on one line, cut after so many characters."""
    return clip(one_line(text[: width + 4]), width + 3)


def json_lines(data: object) -> str:
    """Return indented JSON, with escapes for characters that a terminal might take for a command."""
    import json

    text = json.dumps(data, indent=2, ensure_ascii=False)
    if not text.replace("\n", "").isprintable():
        text = "".join(each if each.isprintable() or each == "\n" else json.dumps(each)[1:-1] for each in text)
    return f"{text}\n"
