"""The apps that a fake of Heroku's API has, and how they and all that belongs to them look in its answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from envtree.migration.apps.fleet import App, Attachment, Fleet, ProcessType

TIME = "2026-01-02T03:04:05Z"
Json = dict[str, Any]


@dataclass
class FakeApp:
    """An app of the account; a change of `values` makes a release."""

    name: str
    values: dict[str, str] = field(default_factory=dict)
    pipeline: str = ""
    stage: str = ""
    team: str = ""
    attachments: list[Attachment] = field(default_factory=list)
    formation: list[ProcessType] = field(default_factory=list)
    features: dict[str, bool] = field(default_factory=dict)
    buildpacks: list[str] = field(default_factory=list)
    domains: list[str] = field(default_factory=list)
    drains: list[str] = field(default_factory=list)
    """Their addresses."""
    history: list[dict[str, str]] = field(default_factory=list)
    """The config vars of each release, from version 1 on."""

    @property
    def id(self) -> str:
        """What the API calls it when its name has changed."""
        return identity("app", self.name)

    def settle(self) -> list[dict[str, str]]:
        """The releases, with one for what changed since anybody asked."""
        if not self.history or self.history[-1] != self.values:
            self.history.append(dict(self.values))
        return self.history


def identity(kind: str, name: str) -> str:
    """An id that is the same in every run."""
    return str(uuid5(NAMESPACE_URL, f"{kind}/{name}"))


def as_fake(app: App) -> FakeApp:
    """An app of a fleet, as the service would have it."""
    features = dict.fromkeys(app.features or (), True)
    made = FakeApp(app.name, dict(app.values or {}), app.pipeline, app.stage, "", list(app.attachments or ()))
    made.formation, made.features = list(app.formation or ()), features
    made.buildpacks, made.domains = list(app.buildpacks or ()), list(app.domains or ())
    made.drains = [f"syslog+tls://{each}" for each in app.drains or ()]
    made.history = [*({} for _ in range((app.release or 1) - 1)), dict(made.values)]
    return made


def reference(kind: str, name: str) -> Json:
    return {"id": identity(kind, name), "name": name}


def app_object(app: FakeApp) -> Json:
    return {
        **reference("app", app.name),
        "team": reference("team", app.team) if app.team else None,
        "owner": {
            "id": identity("account", "me"),
            "email": f"{app.team}@herokumanager.com" if app.team else "me@example.com",
        },
        "region": reference("region", "us"),
        "stack": reference("stack", "heroku-24"),
        "build_stack": reference("stack", "heroku-24"),
        "generation": "cedar",
        "space": None,
        "locked": False,
        "joined": True,
        "maintenance": False,
        "updated_at": TIME,
        "created_at": TIME,
        "web_url": f"https://{app.name}.herokuapp.com/",
        "git_url": f"https://git.heroku.com/{app.name}.git",
    }


def pipeline_object(name: str) -> Json:
    owner = {"id": identity("account", "me"), "type": "user"}
    return {**reference("pipeline", name), "owner": owner, "created_at": TIME, "updated_at": TIME}


def coupling_object(app: FakeApp) -> Json:
    own, pipeline = identity("coupling", app.name), identity("pipeline", app.pipeline)
    return {"id": own, "app": {"id": app.id}, "pipeline": {"id": pipeline}, "stage": app.stage}


def process_object(app: FakeApp, each: ProcessType) -> Json:
    own = identity("process", f"{app.name}/{each.name}")
    size = {"size": "Standard-1X", "dyno_size": reference("size", "Standard-1X"), "app": reference("app", app.name)}
    return {"id": own, "type": each.name, "command": each.command, "quantity": each.quantity, **size}


def buildpack_object(number: int, name: str) -> Json:
    return {"ordinal": number, "buildpack": {"name": name, "url": f"urn:buildpack:{name}"}}


def domain_object(app: FakeApp, host: str) -> Json:
    kind = "heroku" if host.endswith(".herokuapp.com") else "custom"
    own = identity("domain", f"{app.name}/{host}")
    return {"id": own, "hostname": host, "kind": kind, "cname": None, "app": reference("app", app.name)}


def drain_object(app: FakeApp, address: str) -> Json:
    own = identity("drain", f"{app.name}/{address}")
    return {"id": own, "url": address, "token": f"d.{own}", "addon": None, "created_at": TIME, "updated_at": TIME}


def addon_object(app: FakeApp, each: Attachment) -> Json:
    plan = {**reference("plan", each.plan), "price": {"cents": 0, "contract": False, "unit": "month"}}
    return {
        **reference("addon", each.addon),
        "app": reference("app", app.name),
        "addon_service": reference("service", each.plan.partition(":")[0]),
        "plan": plan,
        "billed_price": plan["price"],
        "state": "provisioned",
        "config_vars": list(each.names),
        "created_at": TIME,
        "updated_at": TIME,
    }


def attachment_object(app: FakeApp, each: Attachment, included: str) -> Json:
    """Without the right header, neither a plan nor the config vars, as on the real service."""
    addon = {**reference("addon", each.addon), "app": reference("app", app.name)}
    if "addon:plan" in included:
        addon["plan"] = reference("plan", each.plan)
    own = {"id": identity("attachment", f"{app.name}/{each.name}"), "name": each.name, "namespace": None}
    more = {"config_vars": list(each.names)} if "config_vars" in included else {}
    return {**own, "app": reference("app", app.name), "addon": addon, "created_at": TIME, **more}


def release_object(app: FakeApp, version: int) -> Json:
    return {
        "id": identity("release", f"{app.name}/{version}"),
        "version": version,
        "description": f"Set {', '.join(app.history[version - 1])[:40]} config vars",
        "current": version == len(app.history),
        "status": "succeeded",
        "app": reference("app", app.name),
        "user": {"id": identity("account", "me"), "email": "me@example.com"},
        "addon_plan_names": [],
        "slug": None,
        "created_at": TIME,
        "updated_at": TIME,
    }


def named(fleet: Fleet, name: str) -> App:
    """The one app of a name."""
    (app,) = (app for app in fleet.apps if app.name == name)
    return app
