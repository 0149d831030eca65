"""Opens the sealed layers that the chosen targets see, between reading a tree and compiling it.

Imports are local: most trees have no sealed layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.layout import sealed_files

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.adapters.keys.opening import DataKeys
    from envtree.core.compile import Parsed
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SealedUse, Source
    from envtree.core.model.tree import Target

    Found = tuple[Diagnostic, ...]


def open_sealed(
    source: Source,
    targets: Iterable[Target],
    use: SealedUse,
    data_keys: DataKeys | None = None,
    beside: tuple[Target, ...] = (),
) -> tuple[Parsed, tuple[Diagnostic, ...]]:
    """Return the entries of each sealed file that the targets see and that could be opened, and what is wrong.

    What can't be opened for want of a key is an error for each file if `use` is `require`, else one warning for all.
    Who needs the data keys as well gives what finds them, and is not asked twice. Files that only targets `beside` see
    are opened where that can be done, and nothing is said of the rest.
    """
    paths = sealed_files(source, targets) if use != "skip" else ()
    others = tuple(path for path in sealed_files(source, beside) if path not in paths) if use != "skip" else ()
    if not paths and not others:
        return {}, ()
    data_keys = data_keys or keys_of_user()
    parsed, problems = _open(source, paths, use, data_keys) if paths else ({}, ())
    return parsed | (_open(source, others, "open", data_keys)[0] if others else {}), problems


def keys_of_user() -> DataKeys:
    """Return what opens data keys, with the identities and credentials of this user."""
    import os

    from envtree.adapters.keys.opening import DataKeys

    return DataKeys(os.environ)


def _open(source: Source, paths: Iterable[str], use: SealedUse, data_keys: DataKeys) -> tuple[Parsed, Found]:
    """Return the entries of files; those of a file that stays closed are reported by the parser."""
    from envtree.adapters.keys.opening import LockedFile
    from envtree.core.layers.sealed import entries_of
    from envtree.core.model.diagnostic import errors
    from envtree.core.sealed.document import read_sealed
    from envtree.core.sealed.opening import open_values
    from envtree.core.sealed.problems import not_opened

    read = [read_sealed(path, source.files[path]) for path in paths]
    files = [(sealed, warnings) for sealed, warnings in read if sealed]
    opened_keys, closed = data_keys.open([LockedFile.of(each, source.files[each.path]) for each, _ in files])
    parsed: Parsed = {}
    problems: list[Diagnostic] = []
    for each, warnings in files:
        if each.path not in opened_keys:
            continue
        opened, faults = open_values(each, opened_keys[each.path])
        closed += tuple(fault for fault in faults if fault.code == "sealed-layer")
        problems += (fault for fault in faults if fault.code != "sealed-layer")
        if not errors(faults):
            parsed[each.path, source.files[each.path]], faults = entries_of(each, opened)
            problems += (*warnings, *faults)
    return parsed, (*(dict.fromkeys(closed) if use == "require" else not_opened(closed)), *problems)
