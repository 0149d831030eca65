"""The parts of an import's plan that are no configuration."""

from __future__ import annotations

from envtree.core.settings.heroku import Deployment
from envtree.migration.apps.fleet import App, Attachment
from envtree.migration.importing.carried import ImportedApp
from envtree.migration.importing.report import part_of_the_move

JOBS = Attachment("SCHEDULER", "scheduler-a-1", "scheduler:standard", ())


def test_all_that_is_around_an_app_is_part_of_the_move() -> None:
    around = {
        "buildpacks": ("heroku/ruby", "heroku/metrics"),
        "domains": ("shop.example.com",),
        "drains": ("logs:514",),
    }
    apps = [
        App("shop-a", attachments=(JOBS,), **around),  # type: ignore[arg-type]
        App("shop-b", attachments=(), buildpacks=("heroku/ruby",), domains=(), drains=("logs:514",)),
        App("shop-c"),
        App("shop/review", stage="review"),
    ]
    imported = [ImportedApp(Deployment("production", app.name[-1]), app, {}) for app in apps]
    assert part_of_the_move(imported) == (
        "not configuration, but part of the move:\n"
        "  add-on scheduler:standard: 1 app\n"
        "  jobs that Heroku does not show (shop-a): list them in configs/a/service.yaml\n"
        "  buildpack heroku/metrics: shop-a\n"
        "  buildpack heroku/ruby: shop-a, shop-b; its ruby is the one that Gemfile says\n"
        "  domain shop.example.com: shop-a\n"
        "  log drain to logs:514: shop-a, shop-b\n"
        "  buildpacks of shop-c: not known here, see `heroku buildpacks`\n"
        "  domains of shop-c: not known here, see `heroku domains`\n"
        "  drains of shop-c: not known here, see `heroku drains`\n"
    )
