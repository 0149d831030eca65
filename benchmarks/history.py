"""Commits on top of a tree, the same at every run: each gives a few layers a new value, every fiftieth edits a schema.

python history.py grow SHAPE ROOT COUNT KIND         commit them in the repository at ROOT
python history.py expect SHAPE TARGET COUNT KIND     print the subjects of those at which a target gets something else

With the kind `spread`, one to three layers of all are edited; with `common`, the widest one, each time.
"""

import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from tree import Entry, Layer, Tree, layer_text, make, parse_shape

NAMES = {
    (0, True): "SUPPORT_EMAIL",
    (0, False): "S3_BUCKET",
    (1, True): "OWNER_TEAM",
    (1, False): "CACHE_TTL",
    (2, True): "PROCESS_NAME",
    (2, False): "START_DELAY",
}
"""What is edited in a layer, by its depth and whether it is for every environment: digits will do for each."""
SCHEMA_EVERY = 50
FIRST = 1_700_000_000
HOUR = 3600


def edits(tree: Tree, count: int, kind: str) -> Iterator[dict[str, Layer]]:
    """The layers that each commit writes anew; none where it edits a schema."""
    paths = sorted(tree.layers) if kind == "spread" else ["common"]
    layers = dict(tree.layers)
    for number in range(1, count + 1):
        chosen = {paths[zlib.crc32(f"{number}/{each}".encode()) % len(paths)] for each in range(1 + number % 3)}
        changed = {} if number % SCHEMA_EVERY == 0 else {path: _edited(layers[path], path, number) for path in chosen}
        layers |= changed
        yield changed


def _edited(layer: Layer, path: str, number: int) -> Layer:
    name = NAMES[path.count("/"), path.endswith("common")]
    return layer | {name: Entry("text", str(7_000_000 + number))}


def grow(root: Path, shape: str, count: int, kind: str) -> None:
    tree, top = make(parse_shape(shape)), _git(root, "rev-parse", "HEAD").strip()
    schemas = sorted(path.name for path in (root / "schemas").glob("*.py"))
    stream = []
    for number, changed in enumerate(edits(tree, count, kind), 1):
        stream += [f"commit refs/heads/grown\nmark :{number}\n"]
        stream += [f"committer bench <bench@example.com> {FIRST + number * HOUR} +0000\n"]
        stream += [_data(f"change {number}"), f"from {f':{number - 1}' if number > 1 else top}\n"]
        for path, layer in changed.items():
            stream += [f"M 100644 inline configs/{path}.yaml\n", _data(layer_text(layer))]
        if not changed:
            file = schemas[number % len(schemas)]
            stream += [f"M 100644 inline schemas/{file}\n"]
            stream += [_data((root / "schemas" / file).read_text() + f"# {number}\n")]
    _git(root, "fast-import", "--quiet", stdin="".join(stream))
    _git(root, "reset", "--quiet", "--hard", "grown")


def expected(shape: str, target: str, count: int, kind: str) -> Iterator[str]:
    """The subjects, the newest first, but for the commit of the tree itself."""
    tree = make(parse_shape(shape))
    before, found = tree.resolve(target), []
    for number, changed in enumerate(edits(tree, count, kind), 1):
        tree = replace(tree, layers=tree.layers | changed)
        after = tree.resolve(target)
        found += [f"change {number}"] if after != before else []
        before = after
    yield from reversed(found)


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"


def _git(root: Path, *arguments: str, stdin: str = "") -> str:
    done = subprocess.run(("git", "-C", str(root), *arguments), input=stdin, capture_output=True, text=True, check=True)
    return done.stdout


def main() -> None:
    verb, shape, what, count, kind = sys.argv[1:]
    if verb == "grow":
        grow(Path(what), shape, int(count), kind)
    else:
        print("\n".join(expected(shape, what, int(count), kind)))


if __name__ == "__main__":
    main()
