"""reclass-rs: a class for each layer, a node for each target, references for !expand, null for !unset."""

from __future__ import annotations

import json
import os

from peers import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from tree import Entry, Tree


def prepare(tree: Tree, root: Path) -> None:
    from tree import chain

    for path, layer in tree.layers.items():
        _put(root / "classes" / f"{path}.yml", _parameters(layer))
    for target in tree.shape.targets:
        classes = "".join(f"  - {path.replace('/', '.')}\n" for path in chain(target))
        _put(root / "nodes" / f"{target.replace('/', '_')}.yml", f"classes:\n{classes}")


def run(root: str, out: str) -> None:
    from reclass_rs import Config, Reclass

    settings = {"nodes_uri": "nodes", "classes_uri": "classes"}
    reclass = Reclass.from_config(Config.from_dict(root, settings))
    for node, answer in reclass.inventory().nodes.items():
        values = answer.parameters
        values.pop("_reclass_", None)
        flat.write(out, node.replace("_", os.sep), values)


def _parameters(layer: dict[str, Entry]) -> str:
    return "parameters:\n" + "".join(f"  {name}: {_scalar(entry)}\n" for name, entry in layer.items())


def _scalar(entry: Entry) -> str:
    return "null" if entry.kind == "unset" else json.dumps(entry.text)


def _put(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
