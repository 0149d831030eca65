"""The launcher: the `run` script that boot writes into a service folder, and that starts the script that was built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.runit.shell import quoted

if TYPE_CHECKING:
    from envtree.core.model.tree import Target

KEPT = "kept"
"""The folder in a service folder with the generation that its process was started with."""
BEFORE = "before"
"""The file with the generation that the process had before the last restart, which is kept as well."""
BACK = "back"
"""The file with the generation that the process is brought back on, whatever is current."""


def launcher(out: str, target: Target, seconds: int) -> str:
    """Return a script that keeps a copy of the current generation when the process starts, until it starts again.

    So a build that moves `current` between two `chpst` calls can't mix two generations, and the scripts that started a
    process also stop it, whatever has become of OUT. `seconds` is how long a process that survived an earlier start may
    take to stop.
    """
    environment, service, _ = str(target).split("/")
    nodes = ("common", environment, f"{environment}/{service}", str(target))
    envdirs = " ".join(f"{node}/env" for node in nodes)
    return f"""\
#!/bin/sh
# {target} starts, with the generation that is current now, until it starts again
# made by `envtree boot`
exec 2>&1

keep() # GENERATION: a copy of what the process needs of it, since OUT may be replaced; never of another user's
{{
  kept={KEPT}/${{1##*/}}
  if [ ! -d "$kept" ]; then
    case $(stat -L -c %u "$1/{target}/env") in 0 | "$(id -u)") ;; *) return 1 ;; esac
    rm -rf {KEPT}/new && mkdir -p {KEPT}/new && new=$PWD/{KEPT}/new || return
    (
      cd "$1" && set -- || exit
      for each in run finish check control log/run; do
        [ ! -e {target}/$each ] || set -- "$@" {target}/$each
      done
      cp -LRp --parents -t "$new" supervision.sh {envdirs} "$@"
    ) && mv {KEPT}/new "$kept" || return
  fi
  ln -sfn "$kept" tree || return
  before=
  {{ read -r before <{BEFORE}; }} 2>/dev/null
  for each in {KEPT}/*; do
    [ "$each" = "$kept" ] || [ "$each" = "{KEPT}/$before" ] || rm -rf "$each"
  done
}}

if [ -e tree/supervision.sh ]; then
  . tree/supervision.sh
  end_survivor {seconds}
fi
if {{ read -r back <{BACK}; }} 2>/dev/null; then # `envtree restart --rollback`, until the next restart or boot
  now=$(readlink -e {KEPT}/"$back" || readlink -e {quoted(out)}/generations/"$back")
else
  now=$(readlink -e {quoted(out)}/current)
fi
if [ -x "$now/{target}/run" ] && ! keep "$now"; then
  echo "envtree: no copy of its scripts can be kept: what changes or removes $now takes away what stops it"
  ln -sfn "$now" tree || exit 111
  rm -rf {KEPT}
fi
exec tree/{target}/run
"""
