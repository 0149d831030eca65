"""The way in: plain command lines at once, the rest through the command line library; catches what nobody else did."""

import sys

from envtree.cli.importpath import leave_out_current_folder

leave_out_current_folder()  # before anything else is imported

from envtree.cli.exitcode import BUG, INTERRUPTED, NO_ANSWER  # noqa: E402


def main() -> int:
    """Run the command line; the result is the exit code."""
    from envtree.cli.argv import with_the_verb_first

    try:
        return _run(with_the_verb_first(sys.argv[1:]))
    except KeyboardInterrupt:
        return _report_interrupt()
    except OSError as error:
        return _report_system_error(error)
    except Exception as error:  # noqa: BLE001 - the one catch-all: a traceback shown to a user is a bug
        return _report_problems(error) or _report_bug(error)


def _run(argv: list[str]) -> int:
    import gc
    import os

    from envtree.adapters.process import core_dumps
    from envtree.cli import fastpath

    core_dumps.leave_memory_out()
    _prepare_streams()
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = "__all__"  # one would see every value, and looking for them takes a while
    gc.disable()  # a compiler's values live until it ends; looking for garbage among them costs a tenth
    code = None if "_ENVTREE_COMPLETE" in os.environ else fastpath.run(argv)
    if code is None:
        from envtree.cli.app import run

        core_dumps.forbid()
        code = run(argv)
    sys.stdout.flush()
    return _report_interrupt() if code is None else code


def _prepare_streams() -> None:
    """Print UTF-8 in any locale, so that a value has the bytes of its file; a closed stream takes all."""
    import os

    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115, PTH123 - so that no other file gets its number
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - for as long as we run
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="surrogateescape")


def _report_interrupt() -> int:
    sys.stderr.write("\ninterrupted\n")
    return INTERRUPTED


def _report_system_error(error: OSError) -> int:
    """Say what the machine refused: most often, nobody can take the output. Whoever closed a pipe knows already."""
    import os

    from envtree.core.model.diagnostic import system_reason

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        what = f"`{error.filename}`" if error.filename else "the output can't be written"
        sys.stderr.write(f"error: {what}: {system_reason(error)}\n")
    return NO_ANSWER


def _report_problems(error: Exception) -> int:
    """Print an error that says what is wrong with the input or the machine; 0 for one that doesn't."""
    from envtree.core.model.diagnostic import EnvtreeError

    if not isinstance(error, EnvtreeError):
        return 0
    from envtree.cli.terminal import show_diagnostics

    show_diagnostics(error.diagnostics, None, "auto", 0)
    return NO_ANSWER


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
