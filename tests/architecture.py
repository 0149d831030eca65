"""The picture of the package: drawn from the contracts that import-linter keeps."""

from __future__ import annotations

import textwrap
import tomllib

from tests.builders import ROOT

INNER = 97
"""Columns inside the frame: three wings of 33 fit side by side, less the frame of the last."""


def picture() -> str:
    """Draw each floor, top down; the rooms of a floor are in lines, and import only from lines below their own."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = {name: each["layers"] for each in contracts if each["type"] == "layers" for name in each["containers"]}
    return "".join(_floor(floor.split(" | "), layers) for floor in layers["envtree"]) + f"+{'-' * INNER}+\n"


def _floor(wings: list[str], layers: dict[str, list[str]]) -> str:
    width = (INNER + 1) // len(wings) - 1
    columns = [_rooms(wing, width - 4, layers) for wing in wings]
    columns = [[*column, *[""] * (max(map(len, columns)) - len(column))] for column in columns]
    widths = [width] * (len(wings) - 1) + [INNER - (width + 1) * (len(wings) - 1)]
    names = "".join(f"+- {wing} ".ljust(each + 1, "-") for wing, each in zip(wings, widths, strict=True))
    lines = [
        "".join(f"|  {room}".ljust(each + 1) for room, each in zip(rooms, widths, strict=True))
        for rooms in zip(*columns, strict=True)
    ]
    return f"{names}+\n" + "".join(f"{line}|\n" for line in lines)


def _rooms(package: str, width: int, layers: dict[str, list[str]]) -> list[str]:
    """List a package's rooms, a line for each layer of its contract; without one, all that it holds in one."""
    held = sorted(path.stem for path in (ROOT / "envtree" / package).iterdir() if path.stem[:2] != "__")
    lines = layers.get(f"envtree.{package}", [" | ".join(held)])
    return [part for line in lines for part in textwrap.wrap(line.replace(" | ", ", "), width)]
