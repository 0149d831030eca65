"""Who sets a config var: the team, or an add-on, Heroku itself, a dyno when it starts, or a buildpack.

The attachments name the config vars of add-ons exactly: a guess by `_URL` is wrong both ways. The other names are those
that Heroku's documents and buildpacks list (read 2025).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.settings.heroku import Owner

if TYPE_CHECKING:
    from envtree.migration.apps.fleet import App, Attachment


PLATFORM = "HEROKU_"
"""A protected namespace: dyno metadata, and what review apps get."""
RUN_TIME = frozenset(("PORT", "DYNO", "PS"))
"""What a dyno sets when it starts, whatever the config vars say."""
BUILDPACK = frozenset(
    (
        # Ruby
        "LANG",
        "MALLOC_ARENA_MAX",
        "PUMA_PERSISTENT_TIMEOUT",
        "RACK_ENV",
        "RAILS_ENV",
        "RAILS_LOG_TO_STDOUT",
        "RAILS_SERVE_STATIC_FILES",
        "SECRET_KEY_BASE",
        # Node
        "MEMORY_AVAILABLE",
        "WEB_CONCURRENCY",
        "WEB_MEMORY",
        # JVM
        "JDBC_DATABASE_PASSWORD",
        "JDBC_DATABASE_URL",
        "JDBC_DATABASE_USERNAME",
        "SPRING_DATASOURCE_PASSWORD",
        "SPRING_DATASOURCE_URL",
        "SPRING_DATASOURCE_USERNAME",
    )
)
"""What a buildpack sets when a dyno starts, unless a config var does."""
SHELL = frozenset(
    (
        "_",
        "COLUMNS",
        "HOME",
        "LINES",
        "OLDPWD",
        "PATH",
        "PS1",
        "PWD",
        "SHLVL",
        "TERM",
    )
)
"""What a shell in a dyno sets for itself."""


def owner_of(app: App, name: str) -> Owner:
    """Return who sets a config var of an app; without the app's attachments, `team` may be an add-on."""
    if attachment_of(app, name) is not None:
        return "add-on"
    if name in RUN_TIME:
        return "run-time"
    if name.startswith(PLATFORM):
        return "platform"
    return "buildpack" if name in BUILDPACK else "team"


def attachment_of(app: App, name: str) -> Attachment | None:
    """Return the attachment through which an add-on sets a config var, None where there is none."""
    return app.attachment_of.get(name)
