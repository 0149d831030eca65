"""How each format writes one variable, quoted by its reader's rules, so that the reader gets exactly the value."""

from __future__ import annotations

import re

from envtree.core.runit.shell import single_quoted

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")


def dotenv_quoted(text: str) -> str:
    """Return a value for a dotenv file.

    Single quotes are used where a reader could take a `$` for a reference, or where nothing needs an escape; otherwise
    double quotes.
    """
    if _BARE.fullmatch(text) or not text:
        return text
    if "\r" not in text and ("$" in text or not any(letter in text for letter in "'\\")):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(letter, letter) for letter in text) + '"'


def systemd_quoted(text: str) -> str:
    """Return a value for an `EnvironmentFile=`: single-quoted text is literal without a `'` (systemd.exec(5))."""
    if _BARE.fullmatch(text) or not text:
        return text
    if "'" not in text:
        return f"'{text}'"
    return '"' + re.sub(r'(["\\`$])', r"\\\1", text) + '"'


def dotenv_line(name: str, text: str) -> str:
    """Return a line of a `.env`."""
    return f"{name}={dotenv_quoted(text)}\n"


def shell_line(name: str, text: str | None) -> str:
    """Return a command that sets a variable for every later command, or removes it."""
    return f"unset {name}\n" if text is None else f"export {name}={single_quoted(text)}\n"


def systemd_line(name: str, text: str) -> str:
    """Return one or more lines of an `EnvironmentFile`."""
    return f"{name}={systemd_quoted(text)}\n"


def docker_line(name: str, text: str) -> str:
    """Return a line for `docker run --env-file`, which takes everything after the first `=` literally."""
    return f"{name}={text}\n"


def secret_line(name: str, text: str) -> str:
    """Return a line of a Secret's `data`; without quotes, YAML reads `NO` as false and some base64 as a number."""
    from base64 import b64encode

    return f'  "{name}": "{b64encode(text.encode()).decode()}"\n'
