"""What a person has to decide to move thirty apps: counted from the plan, the gates and the comments of one import."""

from __future__ import annotations

import json
from collections import Counter
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.running import run
from tests.growing_fleets import app
from tests.sealed_files import KEY, RECIPIENT

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENTS = ("production", "staging", "qa")
SERVICES = ("accounts", "billing", "catalog", "cart", "mailer", "reports", "search", "stock", "tax", "users")
DATABASE = {
    "name": "DATABASE",
    "addon": "postgresql",
    "plan": "heroku-postgresql:standard-0",
    "names": ["DATABASE_URL"],
}
CACHE = {"name": "REDIS", "addon": "redis", "plan": "heroku-redis:premium-0", "names": ["REDIS_URL"]}
JOBS = {"name": "SCHEDULER", "addon": "scheduler", "plan": "scheduler:standard", "names": []}


def fleet() -> list[dict[str, Any]]:
    """Ten services in three environments, each with a database; with the oddities that such a fleet has."""
    chance, apps = Random(30), []
    for service in SERVICES:
        with_cache, own = service in SERVICES[:5], f"{chance.getrandbits(128):032x}"
        for environment in ENVIRONMENTS:
            values = {
                "DATABASE_URL": f"postgres://u:{chance.getrandbits(96):024x}@{service}-{environment}.example.com/d",
                "LANG": "en_US.UTF-8",
                "RAILS_ENV": "production",
                "LOG_LEVEL": "info" if environment == "production" else "debug",
                "HOST": f"{service}.{environment}.example.com",
                "SECRET_KEY_BASE": f"{chance.getrandbits(512):0128x}",
                "MAIL_API_KEY": own if environment != "production" else f"{chance.getrandbits(128):032x}",
                "SENTRY_DSN": f"https://{chance.getrandbits(128):032x}@o1.ingest.sentry.io/{chance.randrange(10**6)}",
                **{f"{service.upper()}_OPTION_{number}": f"{number} of {service}" for number in range(20)},
            }
            values |= (
                {"REDIS_URL": f"redis://:{chance.getrandbits(96):024x}@{service}.example.com"} if with_cache else {}
            )
            values |= {"NOTE": "ends in a blank "} if (service, environment) == ("tax", "qa") else {}
            formation = [
                {"name": "web", "command": "bundle exec puma -p $PORT", "quantity": 2, "size": "standard-1x"},
                {
                    "name": "worker",
                    "command": "bundle exec sidekiq",
                    "quantity": int(environment != "qa"),
                    "size": "basic",
                },
                {"name": "release", "command": "rake db:migrate", "quantity": 0, "size": "basic"},
            ]
            attachments = [DATABASE, *([CACHE] if with_cache else []), *([JOBS] if service == "mailer" else [])]
            around = {"buildpacks": ["heroku/ruby"], "domains": [], "drains": []}
            place = {"pipeline": f"acme-{service}", "stage": environment}
            name = f"acme-{service}-{environment}"
            apps.append(app(name, values, formation=formation, attachments=attachments, **place, **around))
    return [*apps, app("old-thing", {"A": "1"}, buildpacks=None, domains=None, drains=None)]


@pytest.mark.soak
def test_the_decisions_of_thirty_apps_are_few_of_each_kind(tmp_path: Path) -> None:
    snapshot, tree = tmp_path / "fleet.json", tmp_path / "tree"
    data = {"format": "envtree heroku snapshot 1", "host": "", "taken": "", "apps": fleet()}
    snapshot.write_text(json.dumps(data))
    snapshot.chmod(0o600)
    tree.mkdir()
    assert run(tree, "init", "--secrets", "--recipient", RECIPIENT).code == 0
    at = ("--snapshot", str(snapshot), "--skip", "old-thing")
    done = run(tree, "import", "heroku", *at, "--format", "json", env=KEY)
    answer = json.loads(done.stdout)
    shared = sum("is the same secret in" in line for line in done.stderr.splitlines())
    left: Counter[tuple[str, str]] = Counter()
    for service in SERVICES:
        for environment in ENVIRONMENTS:
            gate = run(tree, "heroku", "status", *at, "--gate", f"{environment}/{service}", "--format", "json", env=KEY)
            left.update((each["kind"], each["name"]) for each in json.loads(gate.stdout)["left"])
    kinds: Counter[str] = Counter()
    for (kind, _), number in left.items():
        kinds[kind] += number
    untold = sum("say which version" in path.read_text() for path in tree.glob("configs/*/service.yaml"))
    assert answer["not_carried"] == ["`NOTE` of acme-tax-qa (qa/tax) ends in a blank, which chpst would drop"]
    # Where each database and cache is to be, and what the value that can't be carried. Thirty dynos confirm the rest.
    assert kinds == {"add-on": 30 + 15, "uncarried": 1, "unconfirmed": 90}
    # And for each service: whether a secret may be shared, and which version it runs on.
    assert (shared, untold) == (len(SERVICES), len(SERVICES))
