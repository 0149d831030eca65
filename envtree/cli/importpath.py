"""Where Python looks for modules: never in the folder that envtree happens to be started in.

Imports nothing that Python doesn't import before it runs a line of ours: whatever else is looked for would be found in
that folder.
"""

import os
import sys


def leave_out_current_folder() -> None:
    """Remove the current folder from `sys.path`, where an empty part of `PYTHONPATH` has put it.

    It stays where another part names it, and where envtree itself is in it.
    """
    if sys.flags.ignore_environment:
        return
    parts = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if len(parts) == 1 or "" not in parts:
        return
    try:
        here = os.getcwd()  # noqa: PTH109 - pathlib would be looked for there
    except OSError:  # it was removed: nothing is found in it
        return
    ours = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    named = {os.path.abspath(part) for part in parts if part}  # noqa: PTH100
    if here not in {ours, *named}:
        sys.path[:] = [each for each in sys.path if each not in ("", here)]


def leave_out_folder_of_module() -> None:
    """Remove the first entry of `sys.path`: `python -m` puts the current folder there, unless it gets `-P` or `-I`."""
    if not sys.flags.safe_path:
        del sys.path[0]
