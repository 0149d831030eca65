"""Scopes: the selectors that name one layer each, such as `common`, `production/accounts` or `*/accounts/web`."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.core.layers.layout import SUFFIX, targets_seeing
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.selector import did_you_mean_selector
from envtree.core.model.source import CONFIGS
from envtree.core.model.tree import COMMON

if TYPE_CHECKING:
    from envtree.core.model.tree import Project, Target

ANY = "*"
HELP = (
    "a scope is `common`, `ENVIRONMENT`, `'*/SERVICE'`, `ENVIRONMENT/SERVICE`, `'*/SERVICE/PROCESS'` or "
    "`ENVIRONMENT/SERVICE/PROCESS`"
)


class Scope(NamedTuple):
    """A scope as it is written, its layer, and the targets that see the layer."""

    selector: str
    layer_id: str
    targets: tuple[Target, ...]


def scopes(project: Project) -> dict[str, str]:
    """Return the id of the layer of each scope of a tree, widest first."""
    found = {COMMON: COMMON, **{each.name: each.name for each in project.environments}}
    for service in project.services:
        parts = ("", *(f"/{process.name}" for process in service.processes))
        for folder in (f"{service.name}{part}" for part in parts):
            found[f"{ANY}/{folder}"] = f"{folder}/{COMMON}"
            found |= {f"{each}/{folder}": f"{folder}/{each}" for each in service.environments}
    return found


def read_scope(project: Project, selector: str) -> Scope:
    """Return the scope that a selector is; raises EnvtreeError where it is none."""
    known = scopes(project)
    written = selector.rstrip("/")
    if written not in known:
        raise EnvtreeError(_no_scope(selector, known))
    layer_id = known[written]
    return Scope(written, layer_id, targets_seeing(layer_id, project.targets))


def _no_scope(selector: str, known: dict[str, str]) -> Diagnostic:
    environment, _, folder = selector.rstrip("/").partition("/")
    if environment in known and f"{ANY}/{folder}" in known and environment != COMMON:
        service = folder.partition("/")[0]
        message = f"`{service}` doesn't run in `{environment}`, so `{selector}` is no scope"
        advice = f"add `{environment}` to `environments` in {CONFIGS}{service}/service.yaml, or name another scope"
        return Diagnostic("unknown-target", message, help=advice)
    meant = _meant(selector, known)
    quoted = f"`'{meant}'`" if ANY in meant else f"`{meant}`"
    known_as = f"; did you mean {quoted}?" if meant else _did_you_mean(selector, known)
    return Diagnostic("unknown-target", f"`{selector}` is no scope of this tree{known_as}", help=HELP)


def _meant(selector: str, known: dict[str, str]) -> str:
    """Return the scope that is written in another way: as its file, as a glob, or without its first part.

    An unquoted `*/accounts` comes from the shell as `configs/accounts`.
    """
    text = selector.removeprefix("./").removeprefix(CONFIGS).rstrip("/")
    stem = text.removesuffix(SUFFIX).removesuffix(".sops")
    while text.endswith(f"/{ANY}"):
        text = text.removesuffix(f"/{ANY}")
    by_layer = {layer_id: scope for scope, layer_id in known.items()}
    tries = (by_layer.get(stem), COMMON if text == ANY else text, f"{ANY}/{text.removeprefix(f'{COMMON}/')}")
    return next((each for each in tries if each in known), "") or ""


def _did_you_mean(selector: str, known: dict[str, str]) -> str:
    """Return `; did you mean X?` for a scope with a misspelt part; empty if none is surely meant."""
    found = did_you_mean_selector(selector, [each.split("/") for each in known])
    return found if found.partition("`")[2].partition("`")[0] in known else ""
