"""What a person must know about a fleet before it moves: shared secrets, copies, and what can't be seen."""

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
"""Characters of the shortest value that counts as a copy, and not as a coincidence."""


def findings(apps: Sequence[ImportedApp], secrets: Collection[str]) -> Iterator[str]:
    """Yield each finding in words, on one line; none holds a value."""
    for shared in shared_secrets({each.deployment: each.values for each in apps}, secrets):
        yield f"`{one_line(shared.name)}` is the same secret in {some(shared.deployments, 6)}"
    yield from _copies(apps)
    for each in apps:
        if METADATA in (each.app.features or ()):
            yield f"{each.app.name} has `{METADATA}`: its dynos also get HEROKU_APP_NAME and others like it"
    unknown = [each.app.name for each in apps if each.app.attachments is None]
    if unknown:
        yield f"what add-ons set can't be told from the team's own in {some(unknown, 6)}: the snapshot doesn't say"
    yield (
        "config vars are not all that a dyno has: PORT, and what buildpacks set, are not among them; "
        "`envtree diff heroku --runtime` looks at a dyno"
    )


def _copies(apps: Sequence[ImportedApp]) -> Iterator[str]:
    """Yield a finding for each add-on's value pasted into another config var, which doesn't follow the add-on."""
    owned: dict[str, tuple[str, str, str]] = {}
    for each in apps:
        for name, text in each.values.items():
            attachment = attachment_of(each.app, name)
            if attachment is not None and len(text) >= MIN_COPY:
                owned.setdefault(text, (name, each.app.name, attachment.addon))
    for each in apps:
        for name, text in each.values.items():
            if text in owned and attachment_of(each.app, name) is None:
                origin, app, addon = owned[text]
                yield (
                    f"`{one_line(name)}` of {each.app.name} is a copy of `{one_line(origin)}` of {app}, which {addon} "
                    "sets and may change"
                )
