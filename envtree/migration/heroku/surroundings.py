"""What is around an app and moves with it, though it is no configuration: buildpacks, domains, log drains."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from envtree.migration.apps import answers
from envtree.migration.apps.json_stream import read_items
from envtree.migration.heroku.gather import counter, gather, named, or_unread, or_with_fault, run, silent, with_apps
from envtree.migration.heroku.retry import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Collection

    from envtree.migration.apps.fleet import App, Fleet
    from envtree.migration.heroku.client import Client, Progress
    from envtree.migration.heroku.login import Login
    from envtree.migration.heroku.retry import RetryLimits


def read_surroundings(
    login: Login,
    fleet: Fleet,
    names: Collection[str],
    *,
    limits: RetryLimits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> Fleet:
    """Return the fleet with the buildpacks, domains and log drains of the named apps; raises EnvtreeError."""
    return run(login, limits, progress, partial(_read_surroundings, fleet, named(fleet, names)))


async def _read_surroundings(fleet: Fleet, apps: tuple[App, ...], client: Client) -> Fleet:
    count = counter(client, len(apps))
    known = [app for app in apps if not app.fault and not app.is_review_stage]
    return with_apps(fleet, await gather(or_with_fault(app, _surroundings(client, app), count) for app in known))


async def _surroundings(client: Client, app: App) -> App:
    app = await or_unread(app, "the buildpacks", _with_buildpacks(client, app))
    app = await or_unread(app, "the domains", _with_domains(client, app))
    return await or_unread(app, "the drains", _with_drains(client, app))


async def _with_buildpacks(client: Client, app: App) -> App:
    """Read the one list of the API whose parts have no `id`, and that comes whole."""
    found = await client.get(f"/apps/{app.name}/buildpack-installations", partial(read_items, fields=answers.BUILDPACK))
    return replace(app, buildpacks=answers.buildpacks(found.data))


async def _with_domains(client: Client, app: App) -> App:
    return replace(app, domains=answers.domains(await client.get_all(f"/apps/{app.name}/domains", answers.DOMAIN)))


async def _with_drains(client: Client, app: App) -> App:
    return replace(app, drains=answers.drains(await client.get_all(f"/apps/{app.name}/log-drains", answers.DRAIN)))
