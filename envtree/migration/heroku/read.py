"""Fleets read from Heroku: the apps, what each has, and a check that nothing changed meanwhile."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.migration.apps import answers
from envtree.migration.apps.answers import UnexpectedAnswer, short
from envtree.migration.apps.fleet import Fleet
from envtree.migration.apps.json_stream import read_items, read_texts
from envtree.migration.heroku.client import ignored
from envtree.migration.heroku.gather import (
    counter,
    gather,
    named,
    or_unread,
    or_with_fault,
    parse,
    required,
    run,
    silent,
    with_apps,
)
from envtree.migration.heroku.refusal import HerokuRefused, as_error
from envtree.migration.heroku.retry import DEFAULT_LIMITS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from envtree.migration.apps.fleet import App, Attachment
    from envtree.migration.heroku.client import Client, Progress
    from envtree.migration.heroku.login import Login
    from envtree.migration.heroku.retry import RetryLimits

CHANGED = "its config vars changed while they were read"
_TEAM = re.compile(r"[A-Za-z0-9][\w.-]*", re.ASCII)


def list_apps(
    login: Login,
    *,
    team: str = "",
    review_stages: bool = False,
    limits: RetryLimits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> Fleet:
    """Return all apps that the account may see, or a team's, without their values; raises EnvtreeError.

    With `review_stages`, those of their pipelines are among them, as apps.
    """
    if team and not _TEAM.fullmatch(team):
        raise EnvtreeError(Diagnostic("heroku-failed", f"`{short(team)}` is no name of a team"))
    path = f"/teams/{team}/apps" if team else "/apps"
    return run(login, limits, progress, partial(_list_apps, login, path, review_stages=review_stages))


def read_values(
    login: Login,
    fleet: Fleet,
    names: Collection[str],
    bases: Mapping[str, int] | None = None,
    *,
    limits: RetryLimits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> tuple[Fleet, dict[str, Mapping[str, str]]]:
    """Return the fleet with the values and attachments of the named apps, and config vars of older releases.

    `bases` has the older release by app. An app that can't be read gets a fault, an old release that can't be is left
    out. Raises EnvtreeError.
    """
    return run(login, limits, progress, partial(_read_values, login, fleet, named(fleet, names), bases or {}))


def read_details(
    login: Login,
    fleet: Fleet,
    names: Collection[str],
    *,
    limits: RetryLimits = DEFAULT_LIMITS,
    progress: Progress = silent,
) -> Fleet:
    """Return the fleet with the formation and the enabled features of the named apps; raises EnvtreeError."""
    return run(login, limits, progress, partial(_read_details, fleet, named(fleet, names)))


async def _list_apps(login: Login, path: str, client: Client, *, review_stages: bool) -> Fleet:
    await _check_token(login, client)
    paths = {path: answers.NAMED, "/pipelines": answers.NAMED, "/pipeline-couplings": answers.COUPLING}
    listed, pipelines, couplings = await gather(
        required(login, each, client.get_all(each, fields)) for each, fields in paths.items()
    )
    apps = parse(login, path, answers.apps, listed)
    apps = parse(login, "/pipeline-couplings", answers.with_pipelines, apps, pipelines, couplings)
    if review_stages:
        apps += parse(login, "/pipeline-couplings", answers.review_stages, apps, pipelines, couplings)
        apps = tuple(sorted(apps, key=lambda app: app.name))
    return Fleet(apps, login.url.partition("://")[2], datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


async def _check_token(login: Login, client: Client) -> None:
    """Raise EnvtreeError for a wrong token; a right one may still not be allowed to read its account."""
    try:
        await client.get("/account", ignored)
    except HerokuRefused as refusal:
        if refusal.status != 403:
            raise as_error(login, "/account", refusal) from None


async def _read_values(
    login: Login, fleet: Fleet, apps: tuple[App, ...], bases: Mapping[str, int], client: Client
) -> tuple[Fleet, dict[str, Mapping[str, str]]]:
    attachments = await _attachments(login, client)
    unread = {
        app.name: replace(app, values=None, release=None, attachments=attachments.get(app.id, ()), fault="")
        for app in apps
    }
    etags: dict[str, str] = {}
    count = counter(client, len(apps))
    first_reads = await gather(or_with_fault(app, _values(client, app, etags), count) for app in unread.values())
    readable = tuple(app for app in first_reads if not app.fault)
    older = tuple(app.name for app in readable if bases.get(app.name, app.release) != app.release)
    base_values = await gather(_base(client, name, bases[name]) for name in older)
    second_reads = await gather(or_with_fault(unread[app.name], _unchanged(client, app, etags)) for app in readable)
    lost = {name: each for name, each in zip(older, base_values, strict=True) if isinstance(each, tuple)}
    second_reads = [
        replace(app, unread=(*app.unread, lost[app.name])) if app.name in lost else app for app in second_reads
    ]
    old: dict[str, Mapping[str, str]] = {
        name: each for name, each in zip(older, base_values, strict=True) if not isinstance(each, tuple)
    }
    old |= {
        app.name: app.values for app in readable if app.values is not None and bases.get(app.name, -1) == app.release
    }
    return with_apps(fleet, (*first_reads, *second_reads)), old


async def _attachments(login: Login, client: Client) -> dict[str, tuple[Attachment, ...]]:
    path = "/addon-attachments"
    listed = client.get_all(path, answers.ATTACHMENT, Accept_Inclusion="addon:plan,config_vars")
    return parse(login, path, answers.attachments, await required(login, path, listed))


async def _values(client: Client, app: App, etags: dict[str, str]) -> App:
    """Return the app with values and release, read between two readings of the values (see `_unchanged`)."""
    answer = await client.get(_config_vars_path(app), read_texts)
    values = answers.config_vars(answer.data)
    etags[app.name] = answer.echo("ETag")
    if app.is_review_stage:  # it has no releases, and runs nothing
        return replace(app, values=values, formation=(), features=())
    return await or_unread(replace(app, values=values), "the releases", _with_release(client, app, values))


async def _with_release(client: Client, app: App, values: Mapping[str, str]) -> App:
    newest = await client.get(
        f"/apps/{app.name}/releases",
        partial(read_items, fields=answers.RELEASE),
        accept=(200, 206),
        Range="version ..; order=desc,max=1",
    )
    return replace(app, values=values, release=answers.newest_release(newest.data))


def _config_vars_path(app: App) -> str:
    return f"/pipelines/{app.id}/stage/review/config-vars" if app.is_review_stage else f"/apps/{app.name}/config-vars"


async def _unchanged(client: Client, app: App, etags: Mapping[str, str]) -> App:
    path, etag = _config_vars_path(app), etags[app.name]
    asked = (
        client.get(path, read_texts, accept=(200, 304), If_None_Match=etag) if etag else client.get(path, read_texts)
    )
    answer = await asked
    if answer.status == 304 or answers.config_vars(answer.data) == app.values:
        return app
    raise HerokuRefused(CHANGED)


async def _base(client: Client, name: str, version: int) -> dict[str, str] | tuple[str, str]:
    """Return the config vars of an older release, or what can't be read, and why."""
    try:
        answer = await client.get(f"/apps/{name}/releases/{version}/config-vars", read_texts)
        return answers.config_vars(answer.data)
    except (HerokuRefused, UnexpectedAnswer) as error:
        return f"release {version}", str(error)


async def _read_details(fleet: Fleet, apps: tuple[App, ...], client: Client) -> Fleet:
    count = counter(client, len(apps))
    named = [app for app in apps if not app.fault and not app.is_review_stage]
    return with_apps(fleet, await gather(or_with_fault(app, _details(client, app), count) for app in named))


async def _details(client: Client, app: App) -> App:
    app = await or_unread(app, "the formation", _with_formation(client, app))
    return await or_unread(app, "the features", _with_features(client, app))


async def _with_formation(client: Client, app: App) -> App:
    return replace(
        app, formation=answers.formation(await client.get_all(f"/apps/{app.name}/formation", answers.PROCESS))
    )


async def _with_features(client: Client, app: App) -> App:
    found = await client.get_all(f"/apps/{app.name}/features", answers.FEATURE)
    return replace(app, features=answers.enabled_features(found))
