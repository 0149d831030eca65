"""gojsonnet: a file of one object for each layer, added up for each target; late binding is its !expand."""

from __future__ import annotations

import json
import re

from peers import flat

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path

    from tree import Entry, Tree

REFERENCE = re.compile(r"\$\{(\w+)\}")


def prepare(tree: Tree, root: Path) -> None:
    from tree import chain

    for path, layer in tree.layers.items():
        file = root / f"{path}.libsonnet"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("{\n" + "".join(f"  {name}: {_term(entry)},\n" for name, entry in layer.items()) + "}\n")
    sums = (
        f"  {json.dumps(target)}: " + " + ".join(f"(import '{path}.libsonnet')" for path in chain(target))
        for target in tree.shape.targets
    )
    (root / "main.jsonnet").write_text("{\n" + ",\n".join(sums) + "\n}\n")


def run(root: str, out: str) -> None:
    import _gojsonnet  # type: ignore[import-not-found]

    for target, values in json.loads(_gojsonnet.evaluate_file(f"{root}/main.jsonnet")).items():
        flat.write(out, target, values)


def _term(entry: Entry) -> str:
    if entry.kind == "unset":
        return "null"
    if entry.kind == "text":
        return json.dumps(entry.text)
    parts = REFERENCE.split(entry.text)
    return " + ".join(f"self.{part}" if index % 2 else json.dumps(part) for index, part in enumerate(parts) if part)
