"""OmegaConf: each layer loaded once, six merged for each target, interpolation for !expand, None for !unset."""

from __future__ import annotations

import json
from typing import Any

from peers import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from tree import Entry, Tree


def prepare(tree: Tree, root: Path) -> None:
    from tree import chain

    for path, layer in tree.layers.items():
        file = root / f"{path}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{name}: {_scalar(entry)}\n" for name, entry in layer.items()), encoding="utf-8")
    chains = {target: chain(target) for target in tree.shape.targets}
    (root / "targets.json").write_text(json.dumps(chains))


def run(root: str, out: str) -> None:
    from omegaconf import OmegaConf

    with open(f"{root}/targets.json", encoding="utf-8") as file:
        chains = json.load(file)
    layers = {path: OmegaConf.load(f"{root}/{path}.yaml") for path in {path for six in chains.values() for path in six}}
    for target, six in chains.items():
        values: Any = OmegaConf.to_container(OmegaConf.merge(*(layers[path] for path in six)), resolve=True)
        flat.write(out, target, values)


def _scalar(entry: Entry) -> str:
    return "null" if entry.kind == "unset" else json.dumps(entry.text)
