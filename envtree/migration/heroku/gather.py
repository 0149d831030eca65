"""What all readings of a fleet share: one connection, many questions at once, and a word on what can't be read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from envtree.migration.apps.answers import UnexpectedAnswer
from envtree.migration.heroku.client import connect
from envtree.migration.heroku.loop import PromptLoop
from envtree.migration.heroku.refusal import HerokuRefused, as_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Coroutine, Iterable

    from envtree.migration.apps.fleet import App, Fleet
    from envtree.migration.heroku.client import Client, Progress
    from envtree.migration.heroku.login import Login
    from envtree.migration.heroku.retry import RetryLimits

Result = TypeVar("Result")


def silent(_: str) -> None:
    pass


def run(
    login: Login, limits: RetryLimits, progress: Progress, work: Callable[[Client], Coroutine[Any, Any, Result]]
) -> Result:
    async def connected() -> Result:
        async with connect(login, limits, progress) as client:
            return await work(client)

    with asyncio.Runner(loop_factory=PromptLoop) as runner:
        return runner.run(connected())


def named(fleet: Fleet, names: Collection[str]) -> tuple[App, ...]:
    """Return the named apps, sorted; raises KeyError for one that isn't in the fleet."""
    known = {app.name: app for app in fleet.apps}
    return tuple(known[name] for name in sorted(set(names)))


def with_apps(fleet: Fleet, apps: Iterable[App]) -> Fleet:
    read = {app.name: app for app in apps}
    return replace(fleet, apps=tuple(read.get(app.name, app) for app in fleet.apps))


def counter(client: Client, total: int) -> Callable[[], None]:
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        client.progress(f"read {done} of {total} apps")

    return count


async def required(login: Login, path: str, work: Awaitable[Result]) -> Result:
    try:
        return await work
    except HerokuRefused as refusal:
        raise as_error(login, path, refusal) from None


def parse(login: Login, path: str, read: Callable[..., Result], *found: Any) -> Result:
    try:
        return read(*found)
    except UnexpectedAnswer as error:
        raise as_error(login, path, HerokuRefused(str(error))) from None


async def or_with_fault(app: App, work: Awaitable[App], count: Callable[[], None] = lambda: None) -> App:
    """Return what the work makes of an app, or the app with a fault: one is no reason to leave the others out."""
    try:
        found = await work
    except (HerokuRefused, UnexpectedAnswer) as error:
        found = replace(app, fault=str(error))
    count()
    return found


async def or_unread(app: App, what: str, work: Awaitable[App]) -> App:
    """Return what the work makes of an app, or the app with a word on what could not be read: the rest is known."""
    try:
        return await work
    except (HerokuRefused, UnexpectedAnswer) as error:
        return replace(app, unread=(*app.unread, (what, str(error))))


async def gather(works: Iterable[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Return the results of all works, run at once, in order; the first error ends the others."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(work) for work in works]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
