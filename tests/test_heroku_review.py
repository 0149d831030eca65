"""The config vars that a pipeline gives its review apps: read, imported and compared like an app's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import run
from tests.heroku_api import FakeApp, FakeHeroku, identity

if TYPE_CHECKING:
    from pathlib import Path

CANARY = "canary-7f3a-value"


def fleet() -> FakeHeroku:
    """Two pipelines, of which one gives its review apps something; and a review app, which nobody moves."""
    apps = [
        FakeApp("shop-accounts", {"LEVEL": "info", "TOKEN": f"{CANARY}-1"}, "shop-accounts", "production"),
        FakeApp("shop-accounts-staging", {"LEVEL": "debug"}, "shop-accounts", "staging"),
        FakeApp("shop-accounts-pr-7", {"LEVEL": "pr"}, "shop-accounts", "review"),
        FakeApp("shop-billing", {"LEVEL": "info"}, "shop-billing", "production"),
    ]
    heroku = FakeHeroku(apps)
    heroku.review_config["shop-accounts"] = {"LEVEL": "trace", "TOKEN": f"{CANARY}-2", "MULTI": "a\nb"}
    return heroku


def test_the_review_stage_is_imported_and_compared_from_then_on(tmp_path: Path) -> None:
    with fleet() as heroku:
        done = run(tmp_path, "import", "heroku", "--clear", "--review-config", env=heroku.environ)
        assert done.code == 0, done.stderr
        assert "shop-accounts/review   review/accounts      pipeline  shop-accounts, review\n" in done.stdout
        assert "`shop-billing/review` has no config vars, and is left out" in done.stderr
        settings = (tmp_path / "envtree.yaml").read_text()
        assert "review/accounts: shop-accounts/review\n" in settings
        assert "review:     {instance: together}\n" in settings
        shown = run(tmp_path, "export", "review/accounts", "--format", "heroku", "-q").stdout
        assert json.loads(shown) == heroku.review_config["shop-accounts"]
        same = run(tmp_path, "diff", "heroku", env=heroku.environ)  # the table names it
        assert (same.code, "review/accounts  shop-accounts/review: 3 the same" in same.stdout) == (0, True), same.stderr
        heroku.review_config["shop-accounts"]["LEVEL"] = "warn"
        other = run(tmp_path, "diff", "heroku", "--format", "json", env=heroku.environ)
        (found,) = json.loads(other.stdout)["differences"]
        assert (other.code, found["app"], found["name"]) == (1, "shop-accounts/review", "LEVEL")
        status = run(tmp_path, "heroku", "status", env=heroku.environ)
        assert "review/accounts" in status.stdout
        assert {request.method for request in heroku.requests} == {"GET"}
        assert CANARY not in done.said + same.said + other.said + status.said


def test_without_the_option_no_review_stage_is_asked_for(tmp_path: Path) -> None:
    with fleet() as heroku:
        assert run(tmp_path, "import", "heroku", "--clear", env=heroku.environ).code == 0
        assert not [request for request in heroku.requests if "/stage/" in request.path]
        assert not (tmp_path / "configs/accounts/review.yaml").exists()


def test_a_snapshot_holds_the_review_stage(tmp_path: Path) -> None:
    tree, path = tmp_path / "tree", str(tmp_path / "fleet.json")
    tree.mkdir()
    with fleet() as heroku:
        assert run(tree, "heroku", "snapshot", path, "--review-config", env=heroku.environ).code == 0
    assert run(tree, "import", "heroku", "--clear", "--snapshot", path).code == 0
    assert "trace" in (tree / "configs/accounts/review.yaml").read_text()
    assert run(tree, "diff", "heroku", "--snapshot", path).code == 0
    done = run(tree, "diff", "heroku", "--snapshot", path, "--review-config")
    assert (done.code, "leave out `--review-config`" in " ".join(done.stderr.split())) == (2, True)


def test_a_review_stage_follows_the_service_of_its_pipelines_apps(tmp_path: Path) -> None:
    (tmp_path / "envtree.yaml").write_text(
        "environments: {production: {instance: service}, staging: {instance: service}, review: {instance: together}}\n"
        "heroku:\n  apps: {production/users: shop-accounts, staging/users: shop-accounts-staging}\n"
        "  skip: {shop-billing: it stays}\n"
    )
    with fleet() as heroku:
        done = run(tmp_path, "import", "heroku", "--clear", "--review-config", "--plan", env=heroku.environ)
    assert "shop-accounts/review   review/users" in done.stdout, done.stderr


def test_a_review_stage_can_be_skipped(tmp_path: Path) -> None:
    with fleet() as heroku:
        words = ("import", "heroku", "--clear", "--review-config", "--skip", "shop-accounts/review")
        assert run(tmp_path, *words, env=heroku.environ).code == 0
        assert "shop-accounts/review: left out of the import" in (tmp_path / "envtree.yaml").read_text()
        assert run(tmp_path, "diff", "heroku", env=heroku.environ).code == 0


@pytest.mark.parametrize("status", [403, 404])
def test_a_review_stage_that_may_not_be_read_is_no_answer(status: int, tmp_path: Path) -> None:
    with fleet() as heroku:
        path = f"/pipelines/{identity('pipeline', 'shop-accounts')}/stage/review/config-vars"
        heroku.plant(path, status=status)
        done = run(tmp_path, "import", "heroku", "--clear", "--review-config", env=heroku.environ)
    assert done.code == 2
    assert "the config vars of shop-accounts/review can't be read" in done.stderr
    assert not (tmp_path / "envtree.yaml").exists()
