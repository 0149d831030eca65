"""The plainest forms of the verbs that are waited for most, answered without the command line library.

It takes four times as long to import as Python itself to start. Whatever is not plain is left to it, with every error.
"""

from __future__ import annotations

import sys

from envtree.commands.unchanged import unchanged_words
from envtree.core.model.source import INDEX


def answer(argv: list[str]) -> int | None:
    """The exit code of a plain command line; None where it needs a closer look."""
    if argv == ["--version"]:
        from envtree import __version__

        sys.stdout.write(f"envtree {__version__}\n")
        return 0
    if argv[:1] == ["build"] and (words := _plain(argv[1:])) and words.out and not words.staged:
        return _build(words)
    if argv[:1] == ["validate"] and (words := _plain(argv[1:])) and not words.out:
        return _validate(words)
    if argv[:1] == ["diff"] and (words := _plain(argv[1:])) and words.names_two_sides():
        from envtree.cli.verbs.diff import run as compare

        return compare(words.folder, tuple(words.selectors), quiet=words.quiet)
    if argv[:1] == ["exec"] and "--" in argv:
        return _execute(argv)
    return _on_this_machine(argv[0], argv[1:]) if argv and argv[0] in _OF_A_MACHINE else None


_OF_A_MACHINE = {"boot": ("--out", "--as", "--run"), "down": ("--run",), "status": ("--run",)}
"""Verbs of a machine, with those of their options that take a word and are plain."""


class _Words:
    """What a plain command line says."""

    def __init__(self) -> None:
        self.folder = "."
        self.out = ""
        self.quiet = False
        self.staged = False
        self.selectors: list[str] = []

    def names_two_sides(self) -> bool:
        """Whether they are no more than what `diff` compares."""
        return not self.out and not self.staged and len(self.selectors) in (1, 2)


def _plain(argv: list[str]) -> _Words | None:
    """The words after a verb, if each is a selector or one of the plainest options."""
    words, rest = _Words(), iter(argv)
    for word in rest:
        if word in ("-C", "--directory", "-o", "--out"):
            value = next(rest, "")
            if not value or value.startswith("-"):
                return None
            if word in ("-o", "--out"):
                words.out = value
            else:
                words.folder = value
        elif word in ("-q", "--quiet"):
            words.quiet = True
        elif word == "--staged":
            words.staged = True
        elif word.startswith("-") or not word:
            return None
        else:
            words.selectors.append(word)
    return words


def _execute(argv: list[str]) -> int | None:
    """A command as one target, where it is plain what that is read from."""
    import os

    end = argv.index("--")
    words, command = _plain(argv[1:end]), argv[end + 1 :]
    if not words or len(words.selectors) != 1 or words.staged or not command:
        return None
    of_a_tree = "-C" in argv[:end] or "--directory" in argv[:end]
    if words.out and of_a_tree:
        return None
    from envtree.cli.verbs import OUT_VARIABLE
    from envtree.cli.verbs.execute import run

    out = os.path.normpath(words.out) if words.out else "" if of_a_tree else os.environ.get(OUT_VARIABLE, "")
    return run(words.folder, words.selectors[0], command, out=out, quiet=words.quiet)


def _on_this_machine(verb: str, argv: list[str]) -> int | None:
    """What this machine is for brought up or down, or how it is."""
    import os

    from envtree.cli.verbs import OUT_VARIABLE
    from envtree.core.runit.defaults import RUNTIME, RUNTIME_VARIABLE

    said = {"--out": os.environ.get(OUT_VARIABLE, ""), "--run": os.environ.get(RUNTIME_VARIABLE) or RUNTIME, "--as": ""}
    quiet, rest = False, iter(argv)
    for word in rest:
        option = "--out" if word == "-o" else word
        if option in ("-q", "--quiet"):
            quiet = True
        elif option in _OF_A_MACHINE[verb] and (value := next(rest, "")) and not value.startswith("-"):
            said[option] = value
        else:
            return None
    if verb == "boot":
        from envtree.cli.verbs.boot import run

        out = said["--out"]
        return run(os.path.normpath(out), said["--run"], said["--as"], quiet=quiet) if out else None
    from envtree.cli.verbs.machine import bring_down, look

    return (bring_down if verb == "down" else look)(said["--run"], quiet=quiet)


def _validate(words: _Words) -> int:
    """All that is wrong, or the word that an index is as it was judged before."""
    if not words.staged:
        from envtree.cli.verbs.validate import run

        return run(words.folder, tuple(words.selectors), quiet=words.quiet)
    from envtree.commands.staged import look, verdict

    staged = None if words.selectors else look(words.folder)
    if staged and (good := verdict(staged)):
        sys.stderr.write("" if words.quiet else f"{good}\n")
        return 0
    from envtree.cli.verbs.validate import run

    return run(words.folder, tuple(words.selectors), revision=INDEX, quiet=words.quiet, staged=staged)


def _build(words: _Words) -> int:
    """A build, or the word that there is nothing to do."""
    import os

    from envtree.commands.unchanged import unchanged

    out, selectors = os.path.normpath(words.out), tuple(words.selectors)
    if generation := unchanged(words.folder, out, selectors):
        sys.stderr.write("" if words.quiet else unchanged_words(out, generation) + "\n")
        return 0
    from envtree.cli.verbs.build import run

    return run(words.folder, out, selectors, quiet=words.quiet, read_back=True)
