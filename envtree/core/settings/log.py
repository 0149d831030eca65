"""`log:` in envtree.yaml for all services, in service.yaml for one: where output goes, and how much is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.tree import LogSettings

if TYPE_CHECKING:
    from envtree.core.settings.reader import Field
    from envtree.core.settings.values import ValueReader

KEYS = ("directory", "size", "count", "mode", "owner")


def read_log(reader: ValueReader, root: dict[str, Field], inherited: LogSettings) -> LogSettings:
    """Return the settings of `log:`; each key that is left out is inherited."""
    fields = reader.mapping(root["log"][1], KEYS, "`log`") if "log" in root else {}
    return LogSettings(
        reader.optional(fields, "directory", reader.absolute_path) or inherited.directory,
        reader.optional(fields, "size", reader.size) or inherited.size,
        reader.optional(fields, "count", reader.count) or inherited.count,
        reader.optional(fields, "mode", reader.folder_mode) or inherited.mode,
        reader.optional(fields, "owner", reader.owner) or inherited.owner,
    )
