"""Reads outputs back and holds them against the tree: nothing is timed before every target is right.

python check.py nested SHAPE OUT      envdirs one below the other, as envtree and the floor write them
python check.py flat SHAPE OUT        one envdir a target, as the peers write them
python check.py honcho SHAPE OUT      the same for a sample of targets and the variables that honcho can carry
python check.py same OUT OUT          two nested outputs, byte for byte
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from peers import with_honcho
from tree import Shape, Tree, make, parse_shape

Values = dict[str, str]


def check(wanted: dict[str, Values], found: dict[str, Values]) -> None:
    if wanted.keys() != found.keys():
        raise SystemExit(f"{len(found)} targets of {len(wanted)} are there")
    for target, values in found.items():
        if values != wanted[target]:
            raise SystemExit(f"{target} differs in {_difference(wanted[target], values)}")


def wanted_by(tree: Tree) -> dict[str, Values]:
    return {target: tree.resolve(target) for target in tree.shape.targets}


def wanted_of_honcho(tree: Tree) -> dict[str, Values]:
    names = with_honcho.carried(tree)
    return {
        target: {name: value for name, value in tree.resolve(target).items() if name in names}
        for target in with_honcho.sampled(tree)
    }


def read_nested(out: Path, shape: Shape) -> dict[str, Values]:
    read = _cached(_read_envdir)
    return {target: _decode(read, out, target) for target in shape.targets}


def read_flat(out: Path, inner: str = ".") -> dict[str, Values]:
    return {
        folder.relative_to(out).as_posix(): _texts(_read_envdir(folder / inner))
        for folder in out.glob("*/*/*")
        if folder.is_dir()
    }


def read_honcho(out: Path) -> dict[str, Values]:
    found = read_flat(out, "app-app-1/env")
    for values in found.values():
        del values["HONCHO_PROCESS_NAME"]
    return found


def read_envdirs(out: Path) -> dict[str, dict[str, bytes]]:
    """Every envdir by its node."""
    return {str(folder.parent.relative_to(out)): _read_envdir(folder) for folder in _envdirs(out)}


def check_same(ours: Path, theirs: Path) -> None:
    left, right = read_envdirs(ours), read_envdirs(theirs)
    for node in sorted(left.keys() | right):
        if left.get(node) != right.get(node):
            raise SystemExit(f"the envdirs of {node} differ: {_difference(left.get(node, {}), right.get(node, {}))}")


def _texts(envdir: dict[str, bytes]) -> Values:
    return {name: content.decode() for name, content in envdir.items()}


def _decode(read: Callable[[Path], dict[str, bytes]], out: Path, target: str) -> Values:
    environment, service, process = target.split("/")
    values: Values = {}
    for node in ("common", environment, f"{environment}/{service}", f"{environment}/{service}/{process}"):
        for name, content in read(out / node / "env").items():
            if content:
                values[name] = content.removesuffix(b"\n").replace(b"\0", b"\n").decode()
            else:
                values.pop(name, None)
    return values


def _read_envdir(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()} if folder.is_dir() else {}


def _cached(read: Callable[[Path], dict[str, bytes]]) -> Callable[[Path], dict[str, bytes]]:
    kept: dict[Path, dict[str, bytes]] = {}

    def cached(folder: Path) -> dict[str, bytes]:
        if folder not in kept:
            kept[folder] = read(folder)
        return kept[folder]

    return cached


def _envdirs(out: Path) -> Iterator[Path]:
    for depth in range(1, 4):
        yield from (folder for folder in out.glob("/".join(("*",) * depth + ("env",))) if any(folder.iterdir()))


def _difference(left: Mapping[str, object], right: Mapping[str, object]) -> str:
    return ", ".join(sorted(name for name in left.keys() | right if left.get(name) != right.get(name)))


def main() -> None:
    kind, first, second = sys.argv[1:]
    out = Path(second)
    if kind == "same":
        return check_same(Path(first), out)
    tree = make(parse_shape(first))
    if kind == "nested":
        check(wanted_by(tree), read_nested(out, tree.shape))
    elif kind == "flat":
        check(wanted_by(tree), read_flat(out))
    else:
        check(wanted_of_honcho(tree), read_honcho(out))
    return None


if __name__ == "__main__":
    main()
