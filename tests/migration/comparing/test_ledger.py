"""The ledger of a small fleet, from the text of its tree: whatever is spoilt, it is never done, and always named."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import pytest

from envtree.commands.tree import Tree
from envtree.core.compile import read_project_of
from envtree.core.model.source import SETTINGS
from envtree.core.settings.heroku import Deployment
from envtree.core.settings.heroku_reader import read_heroku_settings
from envtree.migration.apps.fleet import App, Attachment, Fleet, ProcessType
from envtree.migration.commands.comparing import compare_listing, with_findings
from envtree.migration.commands.read import HerokuQuery, Listing
from envtree.migration.commands.status import not_compared
from envtree.migration.commands.tree_values import read_values
from envtree.migration.comparing.gate import as_text, remaining
from envtree.migration.comparing.progress import percentage, progress_of
from envtree.migration.importing.service_file import UNKNOWN_COMMAND
from envtree.migration.mapping.mapping import assign
from tests.builders import source_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.migration.comparing.gate import GateItem
    from envtree.migration.comparing.progress import AppProgress

SERVICE = """\
environments: [production, staging]
processes:
  web:
    command: exec serve
  worker:
    command: exec work
"""
FINISHED = {
    "envtree.yaml": """\
environments:
  production: {instance: service}
  staging: {instance: together}
heroku:
  app: ["acme-{service}-{environment}", {name: "acme-{service}", environment: production}]
  expect:
    DATABASE_URL: our own Postgres
    REPLICA_URL:
      - {in: "*/accounts/worker", new: true, reason: reports read from the copy}
    HEROKU_SLUG: {unset: true, reason: a word of Heroku's}
    LOG_LEVEL: {in: production, reason: less noise}
    STORE: {in: "*/billing", reason: our own store}
    TZ: {in: production/accounts/worker, reason: as its command said}
    MAILER: {in: "*/billing", reason: the new relay for all, shared: true}
  confirmed:
    production/accounts: {web: v4 in run.1, worker: v4 in run.1}
    production/billing: {web: v4 in run.1, worker: v4 in run.1}
    staging/accounts: {web: v4 in run.1, worker: v4 in run.1}
    staging/billing: {web: by hand, worker: by hand}
""",
    "configs/common.yaml": "LANG: en_US.UTF-8\nTZ: UTC\n",
    "configs/production.yaml": "LOG_LEVEL: warning\nHOST: acme.example\n",
    "configs/staging.yaml": "LOG_LEVEL: debug\nHOST: staging.acme.example\n",
    "configs/accounts/service.yaml": SERVICE,
    "configs/accounts/common.yaml": "POOL: '5'\n",
    "configs/accounts/production.yaml": "DATABASE_URL: postgres://db.internal/accounts\nMAILER: relay:25\n",
    "configs/accounts/staging.yaml": "DATABASE_URL: postgres://db.staging/accounts\nMAILER: relay:26\n",
    "configs/accounts/worker/production.yaml": "REPLICA_URL: postgres://copy.internal/accounts\nTZ: Europe/Paris\n",
    "configs/accounts/worker/staging.yaml": "REPLICA_URL: postgres://copy.staging/accounts\n",
    "configs/billing/service.yaml": SERVICE,
    "configs/billing/common.yaml": "POOL: '9'\nEMPTY: ''\n",
    "configs/billing/production.yaml": "DATABASE_URL: postgres://db.prod/billing\nMAILER: relay:99\nSTORE: new-prod\n",
    "configs/billing/staging.yaml": "DATABASE_URL: postgres://db.staging/billing\nMAILER: relay:99\nSTORE: new-stag\n",
}
ENVIRONMENTS = ("production", "staging")
PLACES = [Deployment(environment, service) for environment in ENVIRONMENTS for service in ("accounts", "billing")]
ENTRY = re.compile(r"(?P<name>[A-Z_]+): (?P<value>.*)")


SHARED = ("billing", "MAILER")
"""What may be another's, since the settings say so."""


def app_of(place: Deployment) -> App:
    """What Heroku has of a service; the worker's time zone was set by its command there."""
    suffix = "" if place.environment == "production" else "-staging"
    name = f"acme-{place.service}{suffix}"
    values = {
        "LANG": "en_US.UTF-8",
        "TZ": "UTC",
        "LOG_LEVEL": "info" if place.environment == "production" else "debug",
        "HOST": "acme.example" if place.environment == "production" else "staging.acme.example",
        "POOL": "5" if place.service == "accounts" else "9",
        "DATABASE_URL": f"postgres://u:p@{name}.compute.example:5432/d1a2b3c4",
        "HEROKU_SLUG": "abc",
        "MAILER": {"accounts": "relay:25" if place.environment == "production" else "relay:26"}.get(
            place.service, f"old-{place.environment}:25"
        ),
    }
    if place.service == "billing":
        values |= {"EMPTY": "", "STORE": f"old-{place.environment}"}
    attachment = Attachment("DATABASE", f"postgresql-{place}", "heroku-postgresql:standard-0", ("DATABASE_URL",))
    formation = (ProcessType("web", "serve", 1), ProcessType("worker", "work", 1))
    return App(name, values=values, release=4, formation=formation, attachments=(attachment,))


APPS = tuple(app_of(place) for place in PLACES)


class Ledger(NamedTuple):
    """What the ledger says of a fleet, and what the gate of each deployment says is left."""

    apps: tuple[AppProgress, ...]
    percent: int
    left: Mapping[Deployment, tuple[GateItem, ...]]

    @property
    def names(self) -> set[str]:
        return {each.name for found in self.left.values() for each in found}

    @property
    def kinds(self) -> set[str]:
        return {each.kind for found in self.left.values() for each in found}


def ledger(files: Mapping[str, str], apps: tuple[App, ...] = APPS) -> Ledger:
    source = source_of({path: text for path, text in files.items() if text})
    settings, problems = read_heroku_settings(source)
    assert not problems
    assert not read_project_of(source)[1]
    fleet = Fleet(tuple(sorted(apps, key=lambda app: app.name)))
    assignment = assign(fleet, settings, ENVIRONMENTS)
    listing = Listing(HerokuQuery(), fleet, None, settings, assignment)
    ours = read_values(Tree("", source, lambda: ()))
    comparison = with_findings(compare_listing(listing, {}, {}, ours), listing, ours)
    comparison = replace(comparison, problems=(*assignment.problems, *ours.problems))
    standings = progress_of(comparison, tuple(not_compared(assignment)))
    places = [each.deployment for each in assignment.assigned]
    return Ledger(standings, percentage(standings), {each: remaining(comparison, each) for each in places})


def spoilt(path: str, number: int, line: str | None) -> dict[str, str]:
    """Return the finished tree with one line of a file replaced, or without it."""
    lines = FINISHED[path].splitlines()
    lines[number : number + 1] = [] if line is None else [line]
    return {**FINISHED, path: "".join(f"{each}\n" for each in lines)}


def entries() -> Iterator[tuple[str, int, str, str]]:
    """Yield the file, the number of the line, the name and the value of each entry."""
    for path, text in FINISHED.items():
        if path != SETTINGS and not path.endswith("/service.yaml"):
            for number, line in enumerate(text.splitlines()):
                found = ENTRY.fullmatch(line)
                assert found is not None
                yield path, number, found["name"], found["value"].strip("'")


def other_values(name: str, value: str) -> set[str]:
    """Return all other values that the name has anywhere, here or on Heroku."""
    here = {text for _, _, other, text in entries() if other == name}
    return (here | {(app.values or {}).get(name, value) for app in APPS}) - {value}


MUTATIONS = [
    *((path, number, name, None) for path, number, name, _ in entries()),
    *((path, number, name, f"{name}: !unset") for path, number, name, _ in entries()),
    *((path, number, name, f"{name}: ''") for path, number, name, value in entries() if value),
    *((path, number, name, f"{name}: ' '") for path, number, name, _ in entries()),
    *(
        (path, number, name, f"{name}: '{other}'")
        for path, number, name, value in entries()
        for other in sorted(other_values(name, value))
        if (path.split("/")[1], name) != SHARED
    ),
]
ON_PURPOSE = {"DATABASE_URL", "REPLICA_URL", "LOG_LEVEL", "MAILER", "STORE", "TZ"}
"""What differs from Heroku: any value that is nobody else's may be the one that is meant."""


def test_the_finished_fleet_is_done() -> None:
    found = ledger(FINISHED)
    assert found.names == set()
    assert found.percent == 100
    assert [each.counts.on_purpose for each in found.apps] == [5, 5, 3, 4]
    assert as_text(PLACES[0], found.left[PLACES[0]]) == "production/accounts can be switched: nothing is left\n"


@pytest.mark.parametrize(("path", "number", "name", "line"), MUTATIONS)
def test_one_variable_deleted_blanked_or_retargeted_is_named_and_the_fleet_is_not_done(
    path: str, number: int, name: str, line: str | None
) -> None:
    found = ledger(spoilt(path, number, line))
    assert name in found.names
    assert found.percent < 100
    assert any(not each.is_done and percentage([each]) < 100 for each in found.apps)


@pytest.mark.parametrize(("path", "number", "name"), [each[:3] for each in entries() if each[2] not in ON_PURPOSE])
def test_any_other_value_of_what_is_to_be_the_same_is_named(path: str, number: int, name: str) -> None:
    found = ledger(spoilt(path, number, f"{name}: quite-another"))
    assert name in found.names
    assert found.percent < 100


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("process", ["web", "worker"])
def test_a_variable_more_for_one_process_is_named(place: Deployment, process: str) -> None:
    path = f"configs/{place.service}/{process}/{place.environment}.yaml"
    found = ledger({**FINISHED, path: f"{FINISHED.get(path, '')}QUITE_NEW: '1'\n"})
    assert found.percent < 100
    assert {at: [each.name for each in left] for at, left in found.left.items() if left} == {place: ["QUITE_NEW"]}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", ["HOST", "POOL", "DATABASE_URL", "HEROKU_SLUG", "QUITE_NEW"])
def test_what_changes_on_heroku_is_named_where_it_matters(place: Deployment, name: str) -> None:
    changed = replace(app_of(place), values={**(app_of(place).values or {}), name: "changed"})
    found = ledger(FINISHED, tuple(changed if app.name == changed.name else app for app in APPS))
    is_on_purpose = name in ("DATABASE_URL", "HEROKU_SLUG")
    assert (name in found.names, found.percent < 100) == (not is_on_purpose, not is_on_purpose)


SPOILT_FLEETS = {
    "an app that can't be read": (replace(APPS[0], fault="Heroku answers 403 forbidden"), "fault", "403"),
    "add-ons that are not known": (replace(APPS[0], attachments=None), "add-ons unknown", "it isn't known"),
    "a formation that is not known": (replace(APPS[0], formation=None), "processes unknown", "it isn't known"),
    "a process that runs on Heroku alone": (
        replace(APPS[0], formation=(ProcessType("clock", "tick", 1),)),
        "process",
        "is no process of production/accounts",
    ),
    "a value that can't be carried": (
        replace(APPS[0], values={**(APPS[0].values or {}), "MOTD": "hi "}),
        "uncarried",
        "can't be carried",
    ),
}


@pytest.mark.parametrize("what", SPOILT_FLEETS)
def test_what_is_not_known_of_an_app_keeps_it_from_being_done(what: str) -> None:
    app, kind, words = SPOILT_FLEETS[what]
    found = ledger(FINISHED, (app, *APPS[1:]))
    assert found.percent < 100
    (left,) = found.left[PLACES[0]]
    assert (left.kind, bool(left.command)) == (kind, True)
    assert words in left.message


def test_an_app_that_is_skipped_has_no_place_or_clashes_is_in_the_totals() -> None:
    others = (App("acme-old", values={}), App("other", values={}), App("acme-billing-prod", values={}))
    skip = FINISHED[SETTINGS] + "  skip: {acme-old: switched off in May}\n"
    found = ledger({**FINISHED, SETTINGS: skip}, (*APPS, *others))
    said = {each.app: each.fault or each.skipped for each in found.apps if each.fault or each.skipped}
    assert said.keys() == {"acme-old", "other", "acme-billing", "acme-billing-prod"}
    assert said["acme-old"] == "switched off in May"
    assert found.percent < 100


def test_a_process_that_nobody_confirmed_or_that_has_no_command_keeps_its_service_from_being_done() -> None:
    unsure = FINISHED[SETTINGS].replace("{web: by hand, worker: by hand}", "{web: by hand}")
    found = ledger({**FINISHED, SETTINGS: unsure})
    (left,) = found.left[PLACES[3]]
    assert (left.kind, left.name, found.percent < 100) == ("unconfirmed", "worker", True)
    assert left.command.endswith("envtree diff heroku staging/billing --runtime dyno --confirm")
    path = "configs/billing/service.yaml"
    unwritten = FINISHED[path].replace("exec work", f'"{UNKNOWN_COMMAND}"')
    assert ledger({**FINISHED, path: unwritten}).kinds == {"command"}


def test_a_process_that_runs_on_heroku_and_starts_nowhere_here_keeps_its_service_from_being_done() -> None:
    path = "configs/accounts/service.yaml"
    stopped = FINISHED[path].replace("    command: exec work\n", "    command: exec work\n    count: {production: 0}\n")
    found = ledger({**FINISHED, path: stopped})
    assert (found.kinds, found.names, found.percent < 100) == ({"stopped"}, {"worker"}, True)
    at_none = replace(APPS[0], formation=(ProcessType("web", "serve", 1), ProcessType("worker", "work", 0)))
    assert ledger({**FINISHED, path: stopped}, (at_none, *APPS[1:])).percent == 100


SECRETS = {
    "a key in clear": ("STRIPE_KEY: sk_live_4eC39HqLyjWDarjtT1zdp7dc\n", "", {"clear"}),
    "a key in clear, with a comment": (
        "STRIPE_KEY: sk_live_4eC39HqLyjWDarjtT1zdp7dc # envtree: not-secret, a test's\n",
        "",
        set(),
    ),
    "a key in clear, as expected": (
        "STRIPE_KEY: sk_live_4eC39HqLyjWDarjtT1zdp7dc\n",
        "  expect_clear: {STRIPE_KEY: {in: production/accounts, reason: a test's}}\n",
        set(),
    ),
    "a key in clear, expected elsewhere": (
        "STRIPE_KEY: sk_live_4eC39HqLyjWDarjtT1zdp7dc\n",
        "  expect_clear: {STRIPE_KEY: {in: staging, reason: a test's}}\n",
        {"clear"},
    ),
}


@pytest.mark.parametrize("what", SECRETS)
def test_a_secret_in_clear_keeps_a_service_from_being_done_unless_there_is_a_reason(what: str) -> None:
    line, said, kinds = SECRETS[what]
    key = line.split()[1]
    path = "configs/accounts/production.yaml"
    app = replace(APPS[0], values={**(APPS[0].values or {}), "STRIPE_KEY": key})
    files = {**FINISHED, path: FINISHED[path] + line, SETTINGS: FINISHED[SETTINGS] + said}
    found = ledger(files, (app, *APPS[1:]))
    assert found.kinds == kinds
    assert (found.percent == 100) == (not kinds)
    assert key not in repr(found) + as_text(PLACES[0], found.left[PLACES[0]])


def test_an_error_about_one_variable_hides_its_line_and_no_app() -> None:
    path = "configs/accounts/production.yaml"
    found = ledger({**FINISHED, path: FINISHED[path] + "BROKEN: !expand '${NOWHERE}'\n"})
    kinds = {each.name: each.kind for each in found.left[PLACES[0]]}
    assert kinds["BROKEN"] == "invalid"
    assert kinds.keys() <= {"", "BROKEN", "NOWHERE"}
    assert not any(each.fault for each in found.apps)
    assert found.percent < 100


def test_an_add_on_s_value_is_found_under_any_name_and_inside_of_another() -> None:
    url = (APPS[1].values or {})["DATABASE_URL"]
    for text in (url, f"{url}?sslmode=require"):
        path = "configs/accounts/production.yaml"
        found = ledger({**FINISHED, path: f"{FINISHED[path]}BILLING_URL: {text}\n"})
        assert ("BILLING_URL", "add-on") in {(each.name, each.kind) for each in found.left[PLACES[0]]}
