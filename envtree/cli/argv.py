"""The words of a command line: what may come before a verb, and how plain options are spelt.

Imports nothing that takes time: plain command lines are parsed with this alone.
"""

from __future__ import annotations

from envtree.core.runit.defaults import RUNTIME_VARIABLE

ANY_VERB = {"-C": 2, "--directory": 2, "--color": 2, "-q": 1, "--quiet": 1, "-v": 1, "--verbose": 1}
"""Options that may stand before the verb, with the words they take."""
PAIRS = (
    *("diff heroku", "heroku snapshot", "heroku status"),
    *("import heroku", "import procfile", "import dotenv", "import app-json"),
    *("secret seal", "secret status", "secret edit", "secret rotate"),
)
"""Verbs of two words."""
RENAMED = {"log": "history"}
"""Verbs that had another name."""
OUT_VARIABLE = "ENVTREE_OUT"
"""The environment variable that names the output of a machine."""
ROLE_VARIABLE = "ENVTREE_AS"
"""The environment variable that says what a machine is for, without tags."""
NO_SCHEMAS_VARIABLE = "ENVTREE_NO_SCHEMAS"
"""The environment variable that stands for `--no-schemas`, unless it is empty or 0."""
DEFAULT_MAX = 20
"""Problems that are shown where nobody asks for another number."""

PLAIN = {
    "Folder": ("-C", "--directory"),
    "TreeFolder": ("-C", "--directory"),
    "NewOut": ("-o", "--out"),
    "BuiltOut": ("-o", "--out"),
    "MachineOut": ("-o", "--out"),
    "Runtime": ("--run",),
    "RoleSelector": ("--as",),
    "Quiet": ("-q", "--quiet"),
    "Staged": ("--staged",),
    "NoSchemas": ("--no-schemas",),
    "Leaks": ("--leaks",),
    "KeepGoing": ("--keep-going",),
    "Foreground": ("--foreground",),
    "Watch": ("--watch",),
}
"""How the plainest options are spelt, by the name of their annotation in options.py."""
SWITCHES = ("Quiet", "Staged", "NoSchemas", "Leaks", "KeepGoing", "Foreground", "Watch")
"""Those of them that take no word."""
VARIABLES = {"MachineOut": OUT_VARIABLE, "Runtime": RUNTIME_VARIABLE, "RoleSelector": ROLE_VARIABLE}
"""The environment variable that stands in for an option, likewise."""


def is_ci() -> bool:
    """Return whether a CI service runs this: they set `CI` to something that is true."""
    import os

    return os.environ.get("CI", "").lower() not in ("", "0", "false", "no")


class WrongUsage(Exception):
    """Words that don't go together. A verb raises it before it does anything."""


def with_the_verb_first(argv: list[str]) -> list[str]:
    """Return `build -C DIR` for `-C DIR build` (as git allows), with a verb of two words as one word."""
    count = 0
    while count < len(argv) and argv[count] in ANY_VERB:
        count += ANY_VERB[argv[count]]
    if count >= len(argv):
        return argv if count == 0 else []  # no verb: the help says which there are
    pair = " ".join(argv[count : count + 2])
    verb, rest = (pair, argv[count + 2 :]) if pair in PAIRS else (argv[count], argv[count + 1 :])
    return argv if verb.startswith("-") else [verb, *argv[:count], *rest]
