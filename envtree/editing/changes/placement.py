"""Where an entry goes: into the clear file of a layer, or into the sealed one beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from envtree.core.model.tree import Entry

SecretsGo = Literal["sealed", "clear"]
"""Where secrets are written: sealed, as they should be, or in clear, where a person asks for that knowingly."""


class LayerEdit(NamedTuple):
    """What changes in the two files of a layer: entries to set, and names whose lines go."""

    clear: Mapping[str, str | None]
    sealed: Mapping[str, str]
    gone_from_clear: tuple[str, ...] = ()
    gone_from_sealed: tuple[str, ...] = ()


def place(
    entries: Mapping[str, str],
    own: Mapping[str, Entry],
    sealed_names: Collection[str],
    secret: Collection[str],
    secrets_go: SecretsGo,
) -> LayerEdit:
    """Return the edit that sets these entries in a layer that has its `own` ones, and these names in its sealed file.

    A secret is sealed, unless it is to be in clear; no line of the same name stays in the other file.
    """
    sealed = {name: text for name, text in entries.items() if secrets_go == "sealed" and name in secret}
    clear = {name: text for name, text in entries.items() if name not in sealed}
    return LayerEdit(
        clear,
        sealed,
        tuple(name for name in sealed if name in own and not own[name].sealed),
        tuple(name for name in clear if name in sealed_names),
    )
