"""What a person should know of a fleet before it moves: secrets that are shared, copies, and what can't be seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import some
from envtree.core.render.mask import one_line
from envtree.migration.apps.ownership import attachment_of
from envtree.migration.importing.factor import shared_secrets

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from envtree.migration.importing.carried import ImportedApp

METADATA = "runtime-dyno-metadata"
MIN_COPY = 12
"""Characters of the shortest value that is taken for a copy, and no coincidence."""


def findings(parts: Sequence[ImportedApp], secrets: Collection[str]) -> Iterator[str]:
    """In words, a line each; none holds a value."""
    for shared in shared_secrets({part.cell: part.values for part in parts}, secrets):
        yield f"`{one_line(shared.name)}` is the same secret in {some(shared.cells, 6)}"
    yield from _copies(parts)
    for part in parts:
        if METADATA in (part.app.features or ()):
            yield f"{part.app.name} has `{METADATA}`: its dynos also get HEROKU_APP_NAME and others like it"
    unknown = [part.app.name for part in parts if part.app.attachments is None]
    if unknown:
        yield f"what add-ons set can't be told from the team's own in {some(unknown, 6)}: the snapshot doesn't say"
    yield (
        "config vars are not all that a dyno has: PORT, and what buildpacks set, are not among them; "
        "`envtree diff heroku --runtime` looks at a dyno"
    )


def _copies(parts: Sequence[ImportedApp]) -> Iterator[str]:
    """Values that an add-on sets, pasted elsewhere under a name of its own: they don't follow the add-on."""
    owned: dict[str, tuple[str, str, str]] = {}
    for part in parts:
        for name, text in part.values.items():
            attachment = attachment_of(part.app, name)
            if attachment is not None and len(text) >= MIN_COPY:
                owned.setdefault(text, (name, part.app.name, attachment.addon))
    for part in parts:
        for name, text in part.values.items():
            if text in owned and attachment_of(part.app, name) is None:
                origin, app, addon = owned[text]
                yield (
                    f"`{one_line(name)}` of {part.app.name} is a copy of `{one_line(origin)}` of {app}, which {addon} "
                    "sets and may change"
                )
