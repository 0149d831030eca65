"""How each format writes one variable: quoted by the rules of its reader, so that it reads the value back exactly."""

from __future__ import annotations

import re

_BARE = re.compile(r"[A-Za-z0-9_./:@%+,=-]+")


def dotenv_quoted(text: str) -> str:
    """Single quotes where a reader could take a `$` for a reference, or nothing needs an escape; else double."""
    if _BARE.fullmatch(text) or not text:
        return text
    if "\r" not in text and ("$" in text or not any(letter in text for letter in "'\\")):
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    return '"' + "".join(escapes.get(letter, letter) for letter in text) + '"'


def shell_quoted(text: str) -> str:
    """One word of a POSIX shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def systemd_quoted(text: str) -> str:
    """By systemd.exec(5), `EnvironmentFile=`: in single quotes all is literal, and there is no `'`."""
    if _BARE.fullmatch(text) or not text:
        return text
    if "'" not in text:
        return f"'{text}'"
    return '"' + re.sub(r'(["\\`$])', r"\\\1", text) + '"'


def dotenv_line(name: str, text: str) -> str:
    """A line of a `.env`."""
    return f"{name}={dotenv_quoted(text)}\n"


def shell_line(name: str, text: str | None) -> str:
    """A command that sets the variable for every command after it, or removes it."""
    return f"unset {name}\n" if text is None else f"export {name}={shell_quoted(text)}\n"


def systemd_line(name: str, text: str) -> str:
    """A line, or several, of an `EnvironmentFile`."""
    return f"{name}={systemd_quoted(text)}\n"


def docker_line(name: str, text: str) -> str:
    """A line for `docker run --env-file`, which takes what is behind the first `=` as it stands."""
    return f"{name}={text}\n"


def secret_line(name: str, text: str) -> str:
    """A line of a Kubernetes Secret's `data`; without quotes, `NO` would be no text, and some base64 a number."""
    from base64 import b64encode

    return f'  "{name}": "{b64encode(text.encode()).decode()}"\n'
