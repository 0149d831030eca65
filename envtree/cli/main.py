"""The way in: answers at once what needs no command line library, hands the rest to it, and catches what nobody did.

Importing typer takes longer than a build that changes nothing, so that build, and `--version`, are answered before it.
"""

from __future__ import annotations

import sys

INTERRUPTED = 130
BUG = 70


def main() -> int:
    """Run the command line; the result is the exit code."""
    try:
        return _run(with_options_behind_the_verb(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.stderr.write("\ninterrupted\n")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the one catch-all: a traceback shown to a user is a bug
        return _report_bug(error)


def _run(argv: list[str]) -> int:
    import gc
    import os

    gc.disable()  # a compiler's values live until it ends; looking for garbage among them costs a tenth
    completing = "_ENVTREE_COMPLETE" in os.environ
    if argv == ["--version"] and not completing:
        from envtree import __version__

        print(f"envtree {__version__}")
        return 0
    if argv[:1] == ["build"] and not completing:
        from envtree.cli.hot import settled

        message = settled(argv[1:])
        if message is not None:
            sys.stderr.write(message)
            return 0
    from envtree.cli.app import run

    return run(argv)


def with_options_behind_the_verb(argv: list[str]) -> list[str]:
    """`-C DIR build` to `build -C DIR`: what holds for every verb may stand before it, as with git."""
    leading: list[str] = []
    rest = list(argv)
    while rest and rest[0] in ("-C", "-q", "-v", "--quiet", "--verbose", "--color", "--directory"):
        takes_value = rest[0] in ("-C", "--color", "--directory")
        leading += rest[: 1 + takes_value]
        rest = rest[1 + takes_value :]
    return [rest[0], *leading, *rest[1:]] if leading and rest and not rest[0].startswith("-") else list(argv)


def _report_bug(error: Exception) -> int:
    """Say what failed and where, never with what value: an exception's text may hold a secret."""
    import os
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = f" at {last.filename.rpartition('/')[2]}:{last.lineno}, in {last.name}" if last else ""
    sys.stderr.write(f"error: a bug in envtree: {type(error).__name__}{where}\n")
    if os.environ.get("ENVTREE_TRACEBACK"):
        sys.stderr.writelines(f"  {frame.filename}:{frame.lineno} in {frame.name}\n" for frame in frames)
    else:
        sys.stderr.write("  = help: please report it, with the lines that `ENVTREE_TRACEBACK=1` adds\n")
    return BUG


if __name__ == "__main__":
    sys.exit(main())
