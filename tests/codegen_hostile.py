"""Names, descriptions and choices that try to break out of the code that they stand in."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from tests.codegen_cases import tree

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.builders import Files

TEXTS = (
    *(
        '"',
        "'",
        "`",
        "\\",
        '"""',
        "'''",
        '\\"',
        '\\"""',
        '""""',
        'a"',
        "a\\",
        "*/",
        "*\\/",
        "/*",
        "//",
        "#",
        "# ",
        "--",
    ),
    *("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x00", "\t", "\x7f", "\ufeff", "\u202e"),
    *("#{exit 3}", "${process.exit(3)}", "%{a}", "{0}", "%s", "$1", "#$0", "#@a", "\\u0022", "\\x22", "\\N{BULLET}"),
    *("=begin", "=end", "__END__", "<<~A", "*/ throw 1 /*", "*/\nthrow 1", "\nraise SystemExit(3)\n", "\nexit 3\n"),
    *(
        '"""\nraise SystemExit(3)\n"""',
        "\u2028throw 1",
        "\u2029throw 1",
        "@ts-ignore",
        "@ts-expect-error",
        "@deprecated",
    ),
    *(
        "//go:build ignore",
        "go:embed /etc/passwd",
        "+build ignore",
        "-*- coding: rot13 -*-",
        "frozen_string_literal: false",
    ),
    *(
        "type: ignore",
        "noqa",
        "eslint-disable",
        "\npanic(3)\n",
        "\nfunc init() { panic(3) }",
        "é",
        "😀",
        "\ud83d\ude00",
    ),
    *("json. os. fmt. io. readText readJson _json _url asText Secret", "</script>", "<!--", "]]>", "a" * 300, "  ", ""),
)
NAMES = (
    *("class", "def", "None", "self", "str", "__init__", "_x", "__proto__", "constructor", "1A", "A-B", "A.B", "A B"),
    *(
        "é",
        "load",
        "send",
        "inspect",
        "initialize",
        "freeze",
        "hash",
        "type",
        "func",
        "Secret",
        "Error",
        "Settings",
        "x",
    ),
    *("X", 'a"b', "a#{1}", "a'b", "a\\b", "a*b", "int", "end", "values", "get", "key", "environ", "faults", "toString"),
    *(
        "hasOwnProperty",
        "Load",
        "then",
        "Path",
        "Any",
        "A_B",
        "A__B",
        "var_1A",
        "a\tb",
        "\x7f",
        "\u2028",
        "${x}",
        "`x`",
    ),
)


def hostile_tree(texts: Iterable[str] = TEXTS, names: Iterable[str] = NAMES) -> Files:
    """A tree whose schema has each name, and each text as description, choice, default, key and deprecation."""
    lines = ["from typing import *", "from pydantic import *", "from envtree import *", "class Part(BaseModel):"]
    lines += [f"    p{number}: str = Field(default='x', alias={name!r})" for number, name in enumerate(names)]
    lines += ["class Accounts(Settings):", "    PARTS: Json[list[Part]] | None = None"]
    lines += [f"    n{number}: str = Field(alias={name!r}, description={name!r})" for number, name in enumerate(names)]
    for number, text in enumerate(texts):
        choice = text if _is_utf8(text) else "y"
        lines.append(f"    C{number}: Literal[{choice!r}, 'x'] = Field(default={choice!r}, description={text!r})")
        lines.append(
            f"    D{number}: Annotated[str | None, Deprecated({text!r})] = Field(default=None, title={text!r})"
        )
    return tree("\n".join(lines) + "\n")


def hostile_environment(texts: Iterable[str] = TEXTS, names: Iterable[str] = NAMES) -> dict[str, str]:
    """An environment that this schema takes."""
    chosen = {f"C{number}": text for number, text in enumerate(texts) if text and "\0" not in text and _is_utf8(text)}
    return {**dict.fromkeys(names, "y"), **chosen, "PARTS": '[{"__proto__": "z", "class": "z"}]'}


def _is_utf8(text: str) -> bool:
    return not any("\ud800" <= letter < "\ue000" for letter in text)


def random_texts(number: int, seed: int = 1) -> tuple[str, ...]:
    """So many texts of what has a meaning in one of the languages, and of pieces of the texts above."""
    chance = random.Random(seed)
    pieces = [
        *"\"'`\\#{}$%*/\n\r\u2028\u2029\x85\x0b<>()[]=!@;:, ",
        "exit 3",
        "*/",
        '"""',
        *(each for each in TEXTS if len(each) < 20),
    ]
    return tuple("".join(chance.choices(pieces, k=chance.randint(1, 6))) for _ in range(number))
