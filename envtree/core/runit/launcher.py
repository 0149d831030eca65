"""The launcher: the `run` script that boot writes into a service folder, and that starts the script that was built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.runit.shell import quoted

if TYPE_CHECKING:
    from envtree.core.model.tree import Target


def launcher(out: str, target: Target, seconds: int) -> str:
    """Return a script that pins the current generation when the process starts, and keeps it until the next start.

    So a build that moves `current` between two `chpst` calls can't mix two generations, and the scripts that started a
    process also stop it. `seconds` is how long a process that survived an earlier start may take to stop.
    """
    return f"""\
#!/bin/sh
# {target} starts, with the generation that is current now, until it starts again
# made by `envtree boot`
exec 2>&1
if [ -e tree/supervision.sh ]; then
  . tree/supervision.sh
  end_survivor {seconds}
fi
now=$(readlink -e {quoted(out)}/current)
if [ -x "$now/{target}/run" ]; then
  ln -sfn "$now" tree || exit 111
fi
exec tree/{target}/run
"""
