"""Measures envtree against floors and peers, and prints one table of ratios. The README says what each row means."""

import argparse
import os
import platform
import tempfile
from pathlib import Path

from jobs import ROOT, Bench, compile_floor, note
from measures import MEASURES
from table import Row, markdown_table, plain_table
from tree import Shape, make, parse_shape

MEDIUM = "100x3x3"


def describe(shape: Shape) -> str:
    tree = make(shape)
    return f"{len(tree.layers)} layers, {tree.entries} entries, {len(shape.targets)} targets"


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", choices=tuple(MEASURES), help="may be given more than once")
    parser.add_argument("--quick", action="store_true", help="a small tree and few rounds; no large tree")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--rounds", type=int, help="default: 9, or 3 with --quick")
    parser.add_argument("--shape", help="SxExP; default: 100x3x3, or 10x3x3 with --quick")
    parser.add_argument("--large", default="1000x4x4", help="default: 1000x4x4")
    parser.add_argument("--envtree", type=Path, default=ROOT / ".venv/bin/envtree", help="default: that of .venv")
    parser.add_argument("--scratch", type=Path, default=Path("/dev/shm"), help="a tmpfs; default: /dev/shm")
    return parser.parse_args()


def chosen(arguments: argparse.Namespace) -> tuple[str, ...]:
    return tuple(arguments.only or (name for name in MEASURES if name != "large" or not arguments.quick))


def main() -> None:
    arguments = read_arguments()
    if not arguments.envtree.exists():
        raise SystemExit(f"{arguments.envtree} is not there: make build")
    os.umask(0o022)
    with tempfile.TemporaryDirectory(prefix="envtree-bench-", dir=arguments.scratch) as scratch:
        shape = arguments.shape or ("10x3x3" if arguments.quick else MEDIUM)
        rounds = arguments.rounds or (3 if arguments.quick else 9)
        bench = Bench(arguments.envtree.absolute(), Path(scratch), shape, arguments.large, rounds)
        compile_floor(bench)
        rows: list[Row] = []
        for name in chosen(arguments):
            note(f"measuring {name}")
            rows += MEASURES[name](bench)
    if shape != MEDIUM:
        note(f"the goals are meant for {MEDIUM}")
    print(f"{shape}: {describe(parse_shape(shape))}; {platform.python_implementation()} {platform.python_version()}\n")
    print((markdown_table if arguments.markdown else plain_table)(rows))


if __name__ == "__main__":
    main()
