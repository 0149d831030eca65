"""Texts and layers to YAML by the YAML specification alone, in one of many equivalent ways: what a parser must undo."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

# What may stand in YAML text as it is; the rest takes an escape in double quotes.
UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")
NAMED = {
    "\0": "0", "\a": "a", "\b": "b", "\t": "t", "\n": "n", "\v": "v", "\f": "f", "\r": "r", "\x1b": "e", '"': '"',
    "\\": "\\", "/": "/", " ": " ", "\x85": "N", "\xa0": "_", "\u2028": "L", "\u2029": "P",
}  # fmt: skip
NOT_FIRST = tuple("!&*-?:|>@`\"'%#,[]{} \t=<")
SPECIAL_WORDS = ("", "~", "null")


def is_plain_safe(text: str) -> bool:
    """Whether a text means itself without quotes, in block context, on one line."""
    if text in SPECIAL_WORDS or UNPRINTABLE.search(text) or "\n" in text or text != text.strip(" \t"):
        return False
    first = text[0]
    if first in "-?:":  # an indicator only before a blank
        if len(text) == 1 or text[1] in " \t":
            return False
    elif first in NOT_FIRST and first not in "=<":
        return False
    return not re.search(r":(?:[ \t]|$)|[ \t]#", text)


def as_double(text: str, random: Random) -> str:
    """`"..."`, each character raw where it can be, or by one of its escapes."""
    lavish = random.choice((0.0, 0.0, 0.05, 0.5))
    pieces: list[str] = []
    for index, letter in enumerate(text):
        must = letter in '"\\\n' or bool(UNPRINTABLE.match(letter))
        if must or (lavish and random.random() < lavish):
            pieces.append(_escape(letter, random))
        else:
            pieces.append(letter)
        # An escaped line end joins two lines; a blank at the start of the next one would be lost.
        if lavish and random.random() < 0.02 and text[index + 1 : index + 2] not in (" ", "\t"):
            pieces.append("\\\n" + " " * random.randint(1, 4))
    return '"' + "".join(pieces) + '"'


def _escape(letter: str, random: Random) -> str:
    code = ord(letter)
    ways = [f"\\U{code:08x}"]
    if code <= 0xFFFF:
        ways.append(f"\\u{code:04X}")
    if code <= 0xFF:
        ways.append(f"\\x{code:02x}")
    if letter in NAMED:
        ways += [f"\\{NAMED[letter]}"] * 3
    return random.choice(ways)


def as_single(text: str, random: Random) -> str | None:
    """`'...'`, a line end as an empty line; None where it can't be."""
    if UNPRINTABLE.search(text) or re.search(r"[ \t]\n|\n[ \t]|\n\Z|\A\n", text):
        return None
    indent = " " * random.randint(1, 5)
    folded = re.sub(r"\n+", lambda found: "\n" * (len(found[0]) + 1) + indent, text.replace("'", "''"))
    return f"'{folded}'"


def as_plain(text: str, random: Random) -> str | None:
    """The bare text; now and then a blank in it as a folded line end."""
    if not is_plain_safe(text):
        return None
    blanks = [found.start() for found in re.finditer(r"(?<=[^ \t]) (?=[^ \t#:?\-])", text)]
    if blanks and random.random() < 0.1:
        at = random.choice(blanks)
        return text[:at] + "\n" + " " * random.randint(1, 5) + text[at + 1 :]
    return text


def as_literal(text: str, random: Random) -> str | None:
    """`|`, with the indicators it takes."""
    if not text or UNPRINTABLE.search(text):
        return None
    body, chomping = _chomp(text, random)
    indent = random.randint(1, 9)
    must = body[:1] in (" ", "\t", "\n", "") or random.random() < 0.2
    lines = [_line(line, indent, random, clean=not must) for line in body.split("\n")]
    return "|" + _header(indent if must else None, chomping, random) + "\n" + "\n".join(lines) + "\n"


def as_folded(text: str, random: Random) -> str | None:
    """`>`: a line end as an empty line."""
    if not text or UNPRINTABLE.search(text) or re.search(r"(?:\A|\n)[ \t]|\n\n(?!\n*\Z)|\A\n", text):
        return None
    body, chomping = _chomp(text, random)
    indent = random.randint(1, 9)
    core = body.rstrip("\n")
    lines = [" " * indent + line for line in core.split("\n")]
    rest = "\n" * (len(body) - len(core))
    return ">" + _header(None, chomping, random) + "\n" + "\n\n".join(lines) + rest + "\n"


def _chomp(text: str, random: Random) -> tuple[str, str]:
    """What to write so that a last line end more makes up the text, and the indicator."""
    if not text.endswith("\n"):
        return text, "-"
    if text.endswith("\n\n") or text == "\n":
        return text[:-1], "+"
    return text[:-1], random.choice(("", "", "+"))


def _header(indent: int | None, chomping: str, random: Random) -> str:
    both = ["" if indent is None else str(indent), chomping]
    random.shuffle(both)
    return "".join(both) + random.choice(("", "", " # a comment"))


def _line(line: str, indent: int, random: Random, *, clean: bool) -> str:
    if line:
        return " " * indent + line
    return "" if clean else " " * random.choice((0, 0, random.randint(0, indent)))


def as_emitted(text: str, random: Random) -> str | None:
    """As PyYAML would write it."""
    if UNPRINTABLE.search(text) or len(text) > 2000:
        return None
    style = random.choice((None, '"', "'", "|", ">"))
    written = yaml.dump(
        {"A": text}, default_style=style, allow_unicode=random.random() < 0.5, width=random.choice((20, 80, 10_000))
    )
    if written.endswith("\n...\n"):
        return None  # the end of a document, and here another entry would follow
    if style == ">" and text[:1].isspace():
        return None  # it folds lines that, so begun, keep their line end
    found = re.match(r"(?:A|\"A\"|'A'): (.*)\n\Z", written, re.DOTALL)
    return (found[1] + "\n" if found[1][0] in "|>" else found[1]) if found else None


Writer = "Callable[[str, Random], str | None]"
WRITERS: tuple[Callable[[str, Random], str | None], ...] = (
    as_plain, as_plain, as_plain, as_single, as_double, as_double, as_literal, as_literal, as_folded,
)  # fmt: skip


def scalar(text: str, random: Random) -> str:
    """The text as a value, in any way that fits; it ends in a line end where it is a block."""
    for _ in range(4):
        writer = as_emitted if random.random() < 0.02 else random.choice(WRITERS)
        written = writer(text, random)
        if written is not None:
            return written
    return as_double(text, random)


def entry(name: str, written: str, random: Random) -> str:
    """A line (or more) of a layer."""
    key = random.choice((name, name, name, name, f'"{name}"', f"'{name}'"))
    if written.endswith("\n"):
        return f"{key}:{' ' * random.randint(1, 3)}{written}"
    if random.random() < 0.02:
        return f"? {key}\n: {written}\n"
    gap = random.choice((" ", " ", "  ", "\t", "\n  "))
    if gap == "\n  " and written[:1] in "!|>":
        gap = " "
    end = random.choice(("", "", "", "  # a comment: with 'things' in it", " ", "\t#"))
    return f"{key}:{gap}{written}{end}\n"


def layer(entries: Sequence[tuple[str, str]], random: Random) -> bytes:
    """A layer file: entries already written, with what may stand round them."""
    pieces: list[str] = [random.choice(("", "", "# a comment\n", "---\n", "\n\n"))]
    after_block = False
    for name, written in entries:
        if not after_block and random.random() < 0.2:
            pieces.append(random.choice(("\n", "# a comment\n", "  # an indented one\n", "\n\n")))
        pieces.append(entry(name, written, random))
        after_block = written.endswith("\n")
    text = "".join(pieces)
    if not after_block and random.random() < 0.2:
        text = text.removesuffix("\n")
    if random.random() < 0.05:
        text = text.replace("\n", "\r\n")
    if random.random() < 0.05:
        text = "\ufeff" + text
    return text.encode()


def flow_layer(entries: Sequence[tuple[str, str]], random: Random) -> bytes:
    """A layer of plain texts in braces."""
    inside = ", ".join(f"{json.dumps(name)}: {as_double(text, random)}" for name, text in entries)
    return f"{{{inside}}}\n".encode()


def json_value(random: Random, depth: int = 0) -> tuple[str, str]:
    """Something in YAML's flow style, and the compact JSON that it stands for."""
    kind = random.random()
    if depth < 3 and kind < 0.2:
        items = [json_value(random, depth + 1) for _ in range(random.randint(0, 4))]
        return "[" + ", ".join(each for each, _ in items) + "]", "[" + ",".join(each for _, each in items) + "]"
    if depth < 3 and kind < 0.45:
        keys = random.sample(("a", "b c", "NO", "1", "true", "ø", 'q"', "null"), random.randint(0, 4))
        values = [json_value(random, depth + 1) for _ in keys]
        written = ", ".join(f"{json.dumps(key)}: {each}" for key, (each, _) in zip(keys, values, strict=True))
        meant = ",".join(f"{_json(key)}:{each}" for key, (_, each) in zip(keys, values, strict=True))
        return f"{{{written}}}", f"{{{meant}}}"
    if kind < 0.7:
        return random.choice(JSON_SCALARS)
    text = "".join(random.choice("ab é\U0001f600\"'\\\n\t\r/\u2028\x07{[:,#") for _ in range(random.randint(0, 8)))
    return as_double(text, random), _json(text)


JSON_SCALARS = (
    ("1", "1"), ("-7", "-7"), ("+12", "12"), ("007", "7"), ("0x1F", "31"), ("0o17", "15"), ("1.10", "1.10"),
    ("1e3", "1e3"), (".5", "0.5"), ("-.5", "-0.5"), ("true", "true"), ("True", "true"), ("FALSE", "false"),
    ("null", "null"), ("~", "null"), ("yes", '"yes"'), ("NO", '"NO"'), ("0755x", '"0755x"'), ("12:30", '"12:30"'),
    ("1_000", '"1_000"'), ("hello world", '"hello world"'), ("2024-10-01", '"2024-10-01"'), ("'1'", '"1"'),
    ("0b11", '"0b11"'), ("12345678901234567890123", "12345678901234567890123"),
)  # fmt: skip


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
