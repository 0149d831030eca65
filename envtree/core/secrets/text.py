"""Secrets in text of any kind: comments, commands, Markdown, programs; each with its line and column.

A line is looked at by itself. Of several secrets on a line, the surest is found. What is armoured (certificates, public
keys, ciphertext) is passed over.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.secrets.addresses import find_passwords
from envtree.core.secrets.judgement import is_invented, judge
from envtree.core.secrets.names import name_kind
from envtree.core.secrets.shapes import find_shape, has_public_shape
from envtree.core.secrets.values import is_empty_or_placeholder, is_plain_value, is_random, is_standard, is_wordy

if TYPE_CHECKING:
    from collections.abc import Iterator

Syntax = Literal["prose", "settings", "program"]
"""Sentences with names in them; lines of `NAME: value`; a program, in which only quoted texts are values."""
MIN_BARE = 32
"""The fewest random characters that count where no name is beside them."""

_ASSIGNED = re.compile(
    r"(?<![\w.$-])-{0,2}[\"'`]?(?P<name>[A-Za-z_][\w.-]{0,80})[\"'`]?\s{0,8}(?P<sign>:=|=>|==|[:=])\s{0,8}"
    r"(?P<value>(?:[rbu]?\"[^\"]{0,400}\"|[rbu]?'[^']{0,400}'|`[^`]{0,400}`|<[^>]{1,100}>"
    r"|(?:\$?\{\{?[^{}\s]{0,100}\}\}?|[^\s\"'`,;)\]}<>|&])[^\s\"'`,;)\]}<>|&]{0,400}))"
)
_FLAG = re.compile(
    r"(?<![\w-])--?(?P<name>[a-z][\w-]{0,40}) {1,3}"
    r"(?P<value>\"[^\"]{1,300}\"|'[^']{1,300}'|\$\{\w{1,100}\}|[^\s\"'-][^\s\"'},)]{2,300})",
    re.IGNORECASE,
)
_LOGIN = (
    re.compile(
        r"\b(?:curl|http|https|wget|xh)\b[^\n]{0,400}?\s(?:-u|--user|-a|--auth)[ =]?[\"']?"
        r"[\w.@+-]{1,100}:(?P<value>[^\s\"':]{3,200})"
    ),
    re.compile(r"\b(?:mysql|mysqladmin|mysqldump|mariadb)\b[^\n]{0,400}?\s-p(?P<value>[^\s\"'=-][^\s\"']{2,200})"),
    re.compile(r"\bredis-cli\b[^\n]{0,200}?\s-a\s{1,8}[\"']?(?P<value>[^\s\"']{3,200})"),
    re.compile(
        r"\bsshpass\s{1,8}-p\s{0,8}[\"']?(?P<value>[^\s\"']{3,200})|(?<!\S)-pass(?:in|out)?\s{1,8}pass:(?P<value2>[^\s\"']{3,200})"
    ),
    re.compile(
        r"\bauthorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?(?:Basic|Bearer|Digest|Token|ApiKey)\s{1,3}(?P<value>[^\s\"',;]{6,800})",
        re.IGNORECASE,
    ),
)
_TOKEN = re.compile(rf"(?<![\w+/=:.@$%&?#-])[A-Za-z0-9+/_-]{{{MIN_BARE},200}}={{0,2}}(?![\w+/=:.@%-])")
_CIPHERTEXT = re.compile(r"ENC\[[^\]]{0,100000}\]")
_ARMOUR = re.compile(r"-----(BEGIN|END) ([A-Z0-9 ]{1,60})-----")
_DATA = re.compile(r"(?:base64,|sha(?:256|384|512)[-:]|h1:)[A-Za-z0-9+/]{20,100000}={0,2}")
_UPPER = re.compile(r"(?=.*[A-Z])[A-Z0-9_.-]{3,}")
_TYPES = frozenset(
    (
        *("any", "boolean", "bytes", "false", "function", "int", "integer", "null", "number", "object", "optional"),
        *(
            "required",
            "sealed",
            "secret",
            "see",
            "set",
            "str",
            "string",
            "text",
            "true",
            "undefined",
            "unset",
            "varchar",
        ),
    )
)
"""What documents say of a name behind a colon, in place of a value."""


class Leak(NamedTuple):
    """A secret in a text: its place, counted from 1, the name beside it, if there is one, and why it is a secret."""

    line: int
    column: int
    length: int
    name: str
    reason: str


def find_leaks(text: str, syntax: Syntax = "settings", first: int = 1) -> Iterator[Leak]:
    """Yield the secrets of a text, at most one a line; `first` is the number of its first line."""
    armour = ""
    for number, line in enumerate(text.split("\n"), first):
        mark = _ARMOUR.search(line)
        if armour and not (mark and mark[1] == "END"):
            continue
        armour = mark[2] if mark and mark[1] == "BEGIN" and not _ARMOUR.search(line, mark.end()) else ""
        if found := find_leak(line, syntax):
            yield found._replace(line=number)


def find_leak(line: str, syntax: Syntax = "settings") -> Leak | None:
    """Return the surest secret of one line."""
    if len(line) < 8:
        return None
    if "ENC[" in line or "base64," in line or "sha" in line or "h1:" in line:
        line = _DATA.sub(_blank, _CIPHERTEXT.sub(_blank, line))
    return _shaped(line) or _in_address(line) or _logged_in(line) or _assigned(line, syntax) or _bare(line)


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _shaped(line: str) -> Leak | None:
    start = 0
    while found := find_shape(line, start):
        shape, begin, start = found
        if not is_invented(line[begin:start]):
            return Leak(1, begin + 1, start - begin, "", f"has the shape of {shape}")
    return None


def _in_address(line: str) -> Leak | None:
    found = next((each for each in find_passwords(line) if not each.is_standard), None)
    return found and Leak(1, found.start + 1, found.end - found.start, "", "is a password in an address")


def _logged_in(line: str) -> Leak | None:
    """Return the password or token that a command or a header gives."""
    if " " not in line:
        return None
    for pattern in _LOGIN:
        for found in pattern.finditer(line):
            group = "value" if found["value"] else "value2"
            value = found[group]
            if not (is_empty_or_placeholder(value) or is_standard(value)):
                return Leak(1, found.start(group) + 1, len(value), "", "is a password or token on a command line")
    return None


def _assigned(line: str, syntax: Syntax) -> Leak | None:
    """Return a value whose name, written before it, says that it is a secret, or that is random."""
    if "=" in line or ":" in line:
        found = _ASSIGNED.search(line)
        while found:
            if (leak := _judged(found, syntax)) is not None:
                return leak
            found = _ASSIGNED.search(line, found.start("value"))  # `command: TOKEN=...` has a name in the value
    if "-" in line and syntax != "program":
        for found in _FLAG.finditer(line):
            if name_kind(found["name"]) == "secret" and (leak := _judged(found, "settings")) is not None:
                return leak
    return None


def _judged(found: re.Match[str], syntax: Syntax) -> Leak | None:
    name, written = found["name"], found["value"]
    value = (
        written.lstrip("rbu").strip("\"'`") if written.endswith(("'", '"', "`")) else re.sub(r"(?<!\.)\.$", "", written)
    )
    is_quoted = value != written and written.endswith(("'", '"', "`"))
    if syntax == "program" and not is_quoted:
        return None
    if not (is_quoted or _is_plainly_assigned(found, syntax)) or value.lower() in _TYPES:
        return None
    judgement = judge(name, value)
    if not judgement.is_alarm or (
        syntax != "settings" and judgement.reason.startswith("looks") and len(value) < MIN_BARE
    ):
        return None
    offset = written.index(value) if value else 0
    return Leak(1, found.start("value") + offset + 1, len(value), name, judgement.reason)


def _is_plainly_assigned(found: re.Match[str], syntax: Syntax) -> bool:
    """Return whether a value without quotes is one, and not the first word of a sentence behind a colon."""
    groups = found.groupdict()
    if groups.get("sign") is None:
        return True
    rest, value = found.string[found.end("value") :].lstrip(), found["value"]
    is_last = rest == "" or rest[0] in "#,;)]}|&<`'\"" or rest.startswith("-->")
    if syntax == "settings" and is_last:
        return True
    if groups["sign"] == "=" or _UPPER.fullmatch(found["name"]):
        return is_last or found.string[found.end("sign") : found.end("sign") + 1] != " "
    return is_last and not is_wordy(value)


def _bare(line: str) -> Leak | None:
    """Return a random text that stands alone, with small letters, capitals and digits: hex digits may be a digest."""
    for found in _TOKEN.finditer(line):
        value = found[0]
        is_hex = not set(value.lower()) - set("0123456789abcdef-")
        if is_hex or has_public_shape(value) or is_plain_value(value) or not is_random(value):
            continue
        return Leak(1, found.start() + 1, len(value), "", "looks random, as keys do")
    return None
