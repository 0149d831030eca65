"""Plain command lines of the verbs that people wait for, run without the command line library.

The library takes four times as long to import as Python itself to start. It gets what is not plain, and every error.
"""

from __future__ import annotations

import os
import sys

from envtree.cli.argv import PLAIN, SWITCHES, VARIABLES, WrongUsage
from envtree.cli.groups import GROUPS, grouped, options_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Verb = Callable[..., int]

VERBS = {
    "validate": "validate",
    "lint": "lint",
    "build": "build",
    "diff": "diff",
    "exec": "execute",
    "boot": "boot",
    "status": "status",
    "down": "down",
}
"""The functions that they are, each in the file of its name in verbs/."""
QUICK = ("validate", "build", "exec")
"""Those that may answer before a tree is compiled. They forbid core dumps themselves, where they go on."""
ONE = ("OneTarget", "Before", "After")
"""Arguments that are one word."""


def run(argv: list[str]) -> int | None:
    """Return the exit code of a plain command line; None where the library has to look at it."""
    if argv == ["--version"]:
        from envtree import __version__

        sys.stdout.write(f"envtree {__version__}\n")
        return 0
    if not argv or argv[0] not in VERBS:
        return None
    verb = _verb(VERBS[argv[0]])
    values = _plain(argv[1:], _parameters(verb))
    if values is None or not _required(verb) <= values.keys():
        return None
    if argv[0] not in QUICK:
        from envtree.adapters.process import core_dumps

        core_dumps.forbid()
    try:
        return verb(**grouped(verb, values))
    except WrongUsage:
        return None


def _verb(name: str) -> Verb:
    verb: Verb = getattr(__import__(f"envtree.cli.verbs.{name}", fromlist=[name]), name)
    return verb


def _parameters(verb: Verb) -> dict[str, str]:
    """Return the names and kinds of what a verb takes, its groups taken apart."""
    found: dict[str, str] = {}
    for name, kind in verb.__annotations__.items():
        found |= options_of(kind) if kind in GROUPS else {name: kind}
    return found


def _required(verb: Verb) -> set[str]:
    """Return the parameters that have to be given: those before the star."""
    return {*verb.__code__.co_varnames[: verb.__code__.co_argcount]}


def _plain(argv: list[str], parameters: Mapping[str, str]) -> dict[str, object] | None:
    """Return the values of a verb's parameters, if each word is a target or one of the plainest options."""
    kinds = {kind: name for name, kind in parameters.items()}
    values: dict[str, object] = {
        kinds[kind]: os.environ[variable]
        for kind, variable in VARIABLES.items()
        if kind in kinds and os.environ.get(variable)
    }
    if "Command" in kinds:
        end = argv.index("--") if "--" in argv else len(argv)
        argv, values[kinds["Command"]] = argv[:end], argv[end + 1 :]
        if not values[kinds["Command"]]:
            return None
    arguments = _take_options(argv, kinds, values)
    return None if arguments is None else _take_arguments(arguments, kinds, values)


def _take_options(argv: list[str], kinds: Mapping[str, str], values: dict[str, object]) -> list[str] | None:
    """Put the options among some words into values, and return the other words; None where one is not plain."""
    options = {flag: kind for kind in kinds if kind in PLAIN for flag in PLAIN[kind]}
    others = []
    words = iter(argv)
    for word in words:
        kind = options.get(word)
        argument = word if kind is None else "" if kind in SWITCHES else next(words, "-")
        if argument.startswith("-") or (not argument and kind not in SWITCHES):
            return None
        if kind is None:
            others.append(word)
        else:
            values[kinds[kind]] = argument or True
    return others


def _take_arguments(
    arguments: list[str], kinds: Mapping[str, str], values: dict[str, object]
) -> dict[str, object] | None:
    """Return the values with those of the arguments; None where there are too many."""
    if "Selectors" in kinds:
        return {**values, kinds["Selectors"]: arguments}
    names = [kinds[kind] for kind in ONE if kind in kinds]
    return None if len(arguments) > len(names) else {**values, **dict(zip(names, arguments, strict=False))}
