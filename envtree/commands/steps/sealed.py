"""Opens the sealed layers that the chosen targets see, between reading a tree and compiling it.

Imports are local: most trees have no sealed layer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.layers.layout import sealed_files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from envtree.adapters.keys.opening import DataKeys
    from envtree.core.compile import Parsed
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SealedUse, Source
    from envtree.core.model.tree import Target
    from envtree.core.sealed.document import SealedFile

    Found = tuple[Diagnostic, ...]


def open_sealed(
    source: Source, targets: Iterable[Target], use: SealedUse, data_keys: DataKeys | None = None
) -> tuple[Parsed, tuple[Diagnostic, ...]]:
    """Return the entries of each sealed file that the targets see and that could be opened, and what is wrong.

    What can't be opened for want of a key is an error for each file if `use` is `require`, else one warning for all.
    Who needs the data keys as well gives what finds them, and is not asked twice.
    """
    paths = sealed_files(source, targets) if use != "skip" else ()
    if not paths:
        return {}, ()
    from envtree.core.sealed.document import read_sealed

    read = [read_sealed(path, source.files[path]) for path in paths]
    files = [(sealed, warnings) for sealed, warnings in read if sealed]
    return _open(source, files, use, data_keys or keys_of_user())


def keys_of_user() -> DataKeys:
    """Return what opens data keys, with the identities and credentials of this user."""
    import os

    from envtree.adapters.keys.opening import DataKeys

    return DataKeys(os.environ)


def _open(
    source: Source, files: Sequence[tuple[SealedFile, Found]], use: SealedUse, data_keys: DataKeys
) -> tuple[Parsed, Found]:
    """Return the entries of files with these warnings; those of a file that stays closed are reported by the parser."""
    from envtree.adapters.keys.opening import LockedFile
    from envtree.core.layers.sealed import entries_of
    from envtree.core.model.diagnostic import errors
    from envtree.core.sealed.opening import open_values
    from envtree.core.sealed.problems import not_opened

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
