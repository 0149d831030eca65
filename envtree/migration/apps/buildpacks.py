"""What buildpacks say of the runtimes of an app: which ones it has, and where their versions stand.

The files are those that Heroku's own buildpacks read (their READMEs, 2025). No answer of the API holds a version; only
the buildpack of Go takes one from a config var.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from envtree.migration.apps.fleet import App


class Runtime(NamedTuple):
    """A runtime as `runtimes:` in a service.yaml names it, and what says its version in the app's repository."""

    tool: str
    source: str


_RUNTIMES = {
    "clojure": Runtime("java", "system.properties"),
    "go": Runtime("golang", "go.mod"),
    "gradle": Runtime("java", "system.properties"),
    "java": Runtime("java", "system.properties"),
    "jvm": Runtime("java", "system.properties"),
    "nodejs": Runtime("nodejs", "package.json"),
    "php": Runtime("php", "composer.json"),
    "python": Runtime("python", ".python-version"),
    "ruby": Runtime("ruby", "Gemfile"),
    "scala": Runtime("java", "system.properties"),
}
"""By the last word of a buildpack's name."""
_NAME = re.compile(r"(?:.*/)?(?:heroku-)?(?:buildpack-)?(?P<word>[a-z]+)(?:\.git)?(?:#.*)?")
_GO = re.compile(r"(?:go)?(?P<version>[0-9]+\.[0-9]+(?:\.[0-9]+)?)")
GO_VERSION = "GOVERSION"


def runtime_of(buildpack: str) -> Runtime | None:
    """Return the runtime that a buildpack brings, by its name or its address; None for one that isn't known."""
    found = _NAME.fullmatch(buildpack)
    return _RUNTIMES.get(found["word"]) if found else None


def runtimes_of(apps: Iterable[App]) -> dict[str, str]:
    """Return the runtimes of some apps, each with its version where a config var of all of them says it, else empty."""
    found: dict[str, set[str]] = {}
    for app in apps:
        for runtime in filter(None, map(runtime_of, app.buildpacks or ())):
            told = _GO.fullmatch((app.values or {}).get(GO_VERSION, "")) if runtime.tool == "golang" else None
            found.setdefault(runtime.tool, set()).add(told["version"] if told else "")
    return {tool: versions.pop() if len(versions) == 1 else "" for tool, versions in sorted(found.items())}
