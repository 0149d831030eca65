"""honcho: one `honcho export runit` a target, from its six .env files and a seventh with what honcho can't compute.

A .env file has no lines within a value and no way to unset: names that have either anywhere are left out.
References are computed beforehand, off the clock.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from tree import Entry, Tree

SAMPLE = 40


def prepare(tree: Tree, root: Path) -> None:
    from tree import chain

    names, sample = carried(tree), sampled(tree)
    for path in {path for target in sample for path in chain(target)}:
        texts = {name: entry.text for name, entry in tree.layers[path].items() if entry.kind == "text"}
        _put(root / f"{path}.env", {name: text for name, text in texts.items() if name in names})
    for target in sample:
        values = tree.resolve(target)
        _put(root / "computed" / f"{target}.env", {name: values[name] for name in computed(tree, target) & names})
    commands = ((target, ",".join((*chain(target), f"computed/{target}"))) for target in sample)
    (root / "targets").write_text("".join(f"{target} {files}\n" for target, files in commands))
    (root / "Procfile").write_text("app: sleep 1\n")


def run(root: str, out: str) -> None:
    honcho = os.path.join(os.path.dirname(sys.executable), "honcho")
    os.chdir(root)
    with open("targets", encoding="utf-8") as file:
        lines = file.read().split("\n")[:-1]
    for target, paths in (line.split(" ") for line in lines):
        environment = ",".join(f"{path}.env" for path in paths.split(","))
        argv = [honcho, "export", "-e", environment, "-a", "app", "runit", f"{out}/{target}"]
        process = os.posix_spawn(honcho, argv, os.environ)
        if os.waitpid(process, 0)[1]:
            raise SystemExit(f"honcho failed for {target}")


def sampled(tree: Tree) -> tuple[str, ...]:
    """Spread evenly over the targets; all of them where there are few."""
    targets = tree.shape.targets
    count = min(SAMPLE, len(targets))
    return tuple(targets[index * len(targets) // count] for index in range(count))


def carried(tree: Tree) -> set[str]:
    names = {name for layer in tree.layers.values() for name in layer}
    return names - {name for layer in tree.layers.values() for name, entry in layer.items() if _uncarried(entry)}


def computed(tree: Tree, target: str) -> set[str]:
    from tree import chain

    return {name for path in chain(target) for name, entry in tree.layers[path].items() if entry.kind == "expand"}


def _uncarried(entry: Entry) -> bool:
    return entry.kind == "unset" or "\n" in entry.text


def _put(path: Path, values: dict[str, str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f'{name}="{value}"\n' for name, value in sorted(values.items())), encoding="utf-8")
