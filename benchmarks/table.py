"""One row a measure, and the table of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from meter import MEBIBYTE, Cost
from tree import make, parse_shape

HEADINGS = ("measure", "ours", "theirs", "ratio", "goal", "met?")


@dataclass(frozen=True, slots=True)
class Row:
    measure: str
    ours: str
    theirs: str
    ratio: float
    goal: float | None = None


def cpu_row(title: str, ours: Cost, theirs: Cost, goal: float | None = None) -> Row:
    return Row(title, seconds(ours.cpu), seconds(theirs.cpu), ours.cpu / theirs.cpu, goal)


def wall_row(title: str, ours: Cost, theirs: Cost, goal: float | None = None) -> Row:
    return Row(title, seconds(ours.wall), seconds(theirs.wall), ours.wall / theirs.wall, goal)


def entries_row(title: str, shapes: Sequence[str], costs: Sequence[Cost], goal: float | None = None) -> Row:
    small, big = (cost.cpu / make(parse_shape(shape)).entries for shape, cost in zip(shapes, costs, strict=True))
    return Row(title, f"{big * 1e6:.1f} us", f"{small * 1e6:.1f} us", big / small, goal)


def limit_row(title: str, ours: Cost, limit: float) -> Row:
    return Row(title, seconds(ours.wall), seconds(limit), ours.wall / limit, 1.0)


def memory_row(title: str, ours: Cost, limit: int) -> Row:
    return Row(title, mebibytes(ours.memory), mebibytes(limit), ours.memory / limit, 1.0)


def seconds(value: float) -> str:
    return f"{value * 1000:.1f} ms" if value < 1 else f"{value:.2f} s"


def mebibytes(value: int) -> str:
    return f"{value / MEBIBYTE:.0f} MiB"


def cells(row: Row) -> tuple[str, ...]:
    goal = "" if row.goal is None else f"<= {row.goal:g}"
    met = "" if row.goal is None else "yes" if row.ratio <= row.goal else "NO"
    return (row.measure, row.ours, row.theirs, f"{row.ratio:.3f}", goal, met)


def plain_table(rows: Sequence[Row]) -> str:
    table = [HEADINGS, *(cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]
    return "\n".join(_aligned(line, widths) for line in table)


def markdown_table(rows: Sequence[Row]) -> str:
    table = [HEADINGS, ("---", "---:", "---:", "---:", "---", "---"), *(cells(row) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in table)


def _aligned(line: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(line, widths, strict=True)
    return "  ".join((first[0].ljust(first[1]), *(text.rjust(width) for text, width in rest))).rstrip()
