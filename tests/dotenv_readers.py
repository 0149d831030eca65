"""What the usual readers make of a `.env` file, by the rules of each, as far as a file means something to it.

python-dotenv is asked itself. The rules of the others are what their sources do (dotenv for Ruby 3, dotenv for Node 16,
foreman 0.87): what they replace and unescape, where they begin a comment, and which blanks they drop.
"""

from __future__ import annotations

import io
import re

import dotenv

Read = dict[str, str]
ASCII_BLANKS = " \t\n\v\f\r\0"


def by_python(text: str) -> Read:
    """The library itself, as it is used by default: it replaces `${NAME}`."""
    read = dotenv.dotenv_values(stream=io.StringIO(text.replace("\r\n", "\n")))
    assert None not in read.values()
    return {name: value or "" for name, value in read.items()}


def by_foreman_rules(text: str) -> Read:
    """Whole lines of `NAME=value`; one pair of quotes is taken off, and all else stays."""
    read = {}
    for line in text.replace("\r\n", "\n").split("\n"):
        name, sign, value = line.partition("=")
        if not sign or not re.fullmatch(r"[A-Za-z_0-9]+", name):
            continue
        if len(value) > 1 and value[0] == value[-1] == "'":
            value = value[1:-1]
        elif len(value) > 1 and value[0] == value[-1] == '"':
            value = re.sub(r"\\(.)", r"\1", value[1:-1].replace("\\n", "\n"))
        read[name] = value
    return read


def by_ruby_rules(text: str) -> Read:
    """Comments begin at any `#` outside of quotes; what isn't in single quotes is unescaped, then replaced."""
    read = {}
    for name, quote, value in _pairs(text):
        if quote != "'":
            value = re.sub(r"\\([^$])", r"\1", value)
            value = re.sub(r"\$\(.*?\)", "", value)
            value = re.sub(r"\$\{?[A-Za-z0-9_]+\}?", "", value)
        read[name] = value if quote else value.strip(ASCII_BLANKS)
    return read


def by_node_rules(text: str) -> Read:
    """Comments begin at any `#` outside of quotes, of which there are three; `\\n` in double quotes is an escape."""
    read = {}
    for name, quote, value in _pairs(text, quotes="'\"`"):
        text = value.replace("\\n", "\n").replace("\\r", "\r") if quote == '"' else value
        read[name] = text if quote else text.strip().strip("\ufeff")
    return read


def _pairs(text: str, quotes: str = "'\"") -> list[tuple[str, str, str]]:
    """Each name, the quote of its value (or none), and the text up to the closing quote, or to a comment."""
    found, rest = [], re.sub(r"\r\n?", "\n", text)
    while rest:
        match = re.match(r"[ \t\n]*(?:export[ \t]+)?([\w.]+)[ \t]*=[ \t]*", rest)
        if match is None:
            rest = rest.partition("\n")[2]
            continue
        rest = rest[match.end() :]
        quote = rest[:1] if rest[:1] in tuple(quotes) else ""
        end = rest.find(quote, 1) if quote else -1
        if quote and end > 0:
            value, rest = rest[1:end], rest[end + 1 :].partition("\n")[2]
        else:
            value, _, rest = rest.partition("\n")
            value, quote = value.partition("#")[0], ""
        found.append((match[1], quote, value))
    return found
