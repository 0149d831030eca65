"""Processes that are confirmed by a dyno: which a comparison confirms, and the lines that say so in envtree.yaml."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.model.source import SETTINGS
from envtree.core.yaml.remove import NOT_ALONE, split_mark
from envtree.core.yaml.splice import CannotUpdate, decoded
from envtree.core.yaml.tables import leaves, root_of, set_rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from envtree.core.settings.heroku import Deployment
    from envtree.migration.comparing.comparison import HerokuComparison

_DYNO = re.compile(r"[a-z][\w-]{0,127}\.[0-9]{1,9}", re.ASCII)
ONE_OFF = "run"
"""The process type of a dyno that `heroku run` starts; it gets what every dyno of the app gets."""


def confirmed_by(comparison: HerokuComparison, dyno: Mapping[str, str]) -> tuple[str, ...]:
    """Return the processes of the one app compared that get, but for what is expected, all that a dyno has.

    A dyno of `web` says nothing of other processes; a one-off dyno, and one without a name, speaks for all.
    """
    (app,) = comparison.apps
    kind = dyno.get("DYNO", ONE_OFF).partition(".")[0]
    different = {process for each in comparison.differences if each.section != "expected" for process in each.processes}
    shown = app.processes if kind == ONE_OFF else tuple(each for each in app.processes if each == kind)
    return () if app.fault else tuple(each for each in shown if each not in different)


def with_confirmed(data: bytes, deployment: Deployment, processes: Sequence[str], how: str) -> bytes:
    """Return envtree.yaml with a line for each process; may raise CannotUpdate."""
    mark, before = split_mark(decoded(data))
    table = ("heroku", "confirmed", str(deployment))
    known = _leaves(before)
    rows: dict[str, str] = {name: how for name in processes if known.get((*table, name)) != how}
    if not rows:
        return data
    after = set_rows(SETTINGS, before, table, rows)
    wanted = {path: leaf for path, leaf in known.items() if path != table[: len(path)]}
    wanted.update({(*table, name): how for name in rows})
    if _leaves(after) != wanted:
        raise CannotUpdate(NOT_ALONE, "", f"heroku: {{confirmed: {{{deployment}: {rows}}}}}\n")
    return f"{mark}{after}".encode()


def how_confirmed(release: int | None, dyno: Mapping[str, str]) -> str:
    """Return how a process was confirmed: at which release, in which dyno."""
    name = dyno.get("DYNO", "")
    where = f"in {name}" if _DYNO.fullmatch(name) else "in a dyno"
    return f"v{release} {where}" if release is not None else where


def _leaves(text: str) -> dict[tuple[str, ...], object]:
    return {path: leaf[-1] for path, leaf in leaves(root_of(SETTINGS, text))}
