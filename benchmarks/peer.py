"""A peer's two steps, by its name.

python peer.py prepare NAME SHAPE INPUT     off the clock
python peer.py run NAME INPUT OUT           what is timed
"""

import sys
from importlib import import_module


def prepare(name: str, shape: str, root: str) -> None:
    from pathlib import Path

    from tree import make, parse_shape

    import_module(f"peers.with_{name}").prepare(make(parse_shape(shape)), Path(root))


def run(name: str, root: str, out: str) -> None:
    import_module(f"peers.with_{name}").run(root, out)


if __name__ == "__main__":
    {"prepare": prepare, "run": run}[sys.argv[1]](*sys.argv[2:])
