"""`python -m envtree`, for where the console script is not on PATH."""

import sys

from envtree.cli.importpath import leave_out_folder_of_module


def _run() -> int:
    leave_out_folder_of_module()
    from envtree.cli.main import main  # not before: this imports modules that the current folder may have, too

    return main()


sys.exit(_run())
