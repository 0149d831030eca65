"""Which app is which part of a tree: the table, a pattern, pipelines, names; and those that fit nowhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span
from envtree.core.settings.heroku import AppPattern, Deployment, HerokuSettings, Link
from envtree.migration.apps.fleet import App, Fleet
from envtree.migration.mapping.assignment import Assignment
from envtree.migration.mapping.mapping import as_table, assign
from envtree.migration.mapping.naming import shared_prefix

TREE = ("staging", "production")
HERE = Span("envtree.yaml", 4, 1, 6)


def fleet(*words: str) -> Fleet:
    """Apps by `name`, or `name pipeline/stage`."""
    apps = []
    for word in words:
        name, _, coupling = word.partition(" ")
        pipeline, _, stage = coupling.partition("/")
        apps.append(App(name, pipeline=pipeline, stage=stage))
    return Fleet(tuple(apps))


def table(**apps: str) -> dict[Deployment, Link]:
    """Cells by app."""
    return {Deployment(*cell.split("/")): Link(app.replace("_", "-"), HERE) for app, cell in apps.items()}


def cells(assignment: Assignment) -> dict[str, str]:
    return {each.app.name: str(each.deployment) for each in assignment.assigned}


def notes(assignment: Assignment) -> list[str]:
    return [note for problem in assignment.problems for note in problem.notes]


def only(assignment: Assignment) -> Diagnostic:
    (problem,) = assignment.problems
    return problem


@pytest.mark.parametrize(
    ("apps", "expected"),
    [
        (["acme-accounts-staging", "acme-billing-staging"], ["staging/accounts", "staging/billing"]),
        (["acme-accounts-stg", "acme-billing-stage"], ["staging/accounts", "staging/billing"]),
        (["acme-accounts-prod", "acme-billing-production"], ["production/accounts", "production/billing"]),
        (["acme-accounts-dev", "acme-billing-development"], ["development/accounts", "development/billing"]),
        (["a-x-qa", "a-y-uat", "a-z-demo", "a-w-test"], ["qa/x", "uat/y", "demo/z", "test/w"]),
        (["acme-accounts", "acme-accounts-staging"], ["production/accounts", "staging/accounts"]),
        (["acme-accounts-prod", "acme-accounts-staging"], ["production/accounts", "staging/accounts"]),
        (["accounts", "billing-staging"], ["production/accounts", "staging/billing"]),
        (["acme-accounts"], ["production/acme-accounts"]),
        (["acme-accounts-staging"], ["staging/acme-accounts"]),
        (["acme-api", "acme-api-eu"], ["production/api", "production/api-eu"]),
        (["acme-web-api", "acme-web-admin"], ["production/api", "production/admin"]),
        (["acme", "acme-api-staging"], ["production/acme", "staging/acme-api"]),
        (["acme-production", "acme-staging"], ["production/acme", "staging/acme"]),
        (["acme-pre-staging", "acme-x-qa"], ["staging/pre", "qa/x"]),
    ],
)
def test_without_a_word_in_the_settings_an_app_goes_by_its_name(apps: list[str], expected: list[str]) -> None:
    found = assign(fleet(*apps), HerokuSettings(), TREE)
    assert cells(found) == dict(zip(apps, expected, strict=True))
    assert {each.rule for each in found.assigned} == {"name"}
    assert found.problems == ()


def test_an_environment_of_the_tree_is_known_by_its_name_and_wins_where_it_is_longer() -> None:
    apps = fleet("acme-web-pre-staging", "acme-api-sandbox", "acme-jobs-staging", "acme-db-production")
    found = assign(apps, HerokuSettings(), ("prod", "staging", "pre-staging", "sandbox"))
    assert sorted(cells(found).values()) == ["pre-staging/web", "prod/db", "sandbox/api", "staging/jobs"]


@pytest.mark.parametrize(
    ("apps", "reason"),
    [
        (["acme-x", "acme-x-production"], "`acme-x`: its name says no environment, and `acme-x-production` says"),
        (["staging", "api-staging"], "`staging`: its name says no service"),
        (["acme-common", "acme-x"], "`acme-common`: `common` can't name a service"),
        (["acme-2fa-staging", "acme-x"], "`acme-2fa-staging`: `2fa` can't name a service"),
        (["acme-x accounts/", "acme-y"], "`acme-x`: its stage in the pipeline `accounts` is not known"),
        (["acme-x Big Accounts/staging", "acme-y"], "`acme-x`: `Big Accounts` can't name a service"),
    ],
)
def test_an_app_that_fits_nowhere_is_listed_with_the_reason(apps: list[str], reason: str) -> None:
    found = assign(fleet(*apps), HerokuSettings(), TREE)
    problem = only(found)
    assert (problem.code, problem.severity, len(found.assigned)) == ("unmapped-app", "error", 1)
    assert problem.notes[0].startswith(reason)


def test_all_that_fit_nowhere_are_one_diagnostic_with_the_lines_to_write() -> None:
    settings = HerokuSettings(apps=table(acme_api="production/api"), span=HERE)
    problem = only(assign(fleet("acme-api", "acme-api-stg", "acme-web-prod", "acme-x"), settings, TREE))
    assert problem.message == "3 apps have no place in the tree: `acme-api-stg`, `acme-web-prod`, `acme-x`"
    assert problem.notes == tuple(
        f"`{app}`: it is not in the table" for app in ("acme-api-stg", "acme-web-prod", "acme-x")
    )
    assert problem.span == HERE
    assert "`staging/api: acme-api-stg`, `production/web: acme-web-prod`, `ENVIRONMENT/SERVICE: acme-x`" in problem.help


def test_apps_in_pipelines_go_by_them_and_the_others_by_name() -> None:
    apps = fleet(
        "acme-a1 acme-accounts/production",
        "acme-a2 acme-accounts/staging",
        "acme-b1 acme-billing/development",
        "acme-b2 acme-billing/test",
        "acme-search-staging",
    )
    found = assign(apps, HerokuSettings(), TREE)
    assert {(each.app.name, str(each.deployment), each.rule) for each in found.assigned} == {
        ("acme-a1", "production/accounts", "pipeline"),
        ("acme-a2", "staging/accounts", "pipeline"),
        ("acme-b1", "development/billing", "pipeline"),
        ("acme-b2", "test/billing", "pipeline"),
        ("acme-search-staging", "staging/search", "name"),
    }
    assert [each.deployment for each in found.assigned] == sorted(each.deployment for each in found.assigned)


def test_one_pipeline_keeps_its_whole_name() -> None:
    found = assign(fleet("x acme-accounts/staging", "y acme-accounts/production"), HerokuSettings(), TREE)
    assert {each.deployment.service for each in found.assigned} == {"acme-accounts"}


def test_where_pipelines_are_asked_for_an_app_in_none_fits_nowhere() -> None:
    found = assign(fleet("x accounts/staging", "y-staging"), HerokuSettings(pipelines=True), TREE)
    assert (cells(found), notes(found)) == ({"x": "staging/accounts"}, ["`y-staging`: it is in no pipeline"])


def test_where_pipelines_are_not_wanted_names_decide() -> None:
    found = assign(fleet("a-x-staging b/production", "a-y-staging"), HerokuSettings(pipelines=False), TREE)
    assert cells(found) == {"a-x-staging": "staging/x", "a-y-staging": "staging/y"}


@pytest.mark.parametrize(
    ("pattern", "app", "expected"),
    [
        ("acme-{service}-{environment}", "acme-accounts-staging", "staging/accounts"),
        ("acme-{service}-{environment}", "acme-user-accounts-stg", "staging/user-accounts"),
        ("{environment}-{service}", "prod-accounts", "production/accounts"),
        ("{environment}-{service}", "dev-qa", "development/qa"),
        ("{environment}{service}", "productionapi", "production/api"),
        ("{environment}{service}", "stagingapi", "staging/api"),
        ("{service}{environment}", "latest-qa", "qa/latest-"),
        ("acme-{environment}-{service}-app", "acme-staging-web-app", "staging/web"),
        ("acme-{service}-{environment}", "acme-accounts-canary", "canary/accounts"),
        ("acme-{service}-{environment}", "acme-accounts-blue-canary", "blue-canary/accounts"),
        ("acme-{service}-{environment}", "acme-blue-canary", "canary/blue"),
        ("{service}-x{environment}", "a-xtest-xtest", "test/a-xtest"),
    ],
)
def test_a_pattern_names_both(pattern: str, app: str, expected: str) -> None:
    environments = (*TREE, "canary", "blue-canary")
    found = assign(fleet(app, "other"), HerokuSettings(app=(AppPattern(pattern),)), environments)
    assert cells(found) == {app: expected}
    assert notes(found) == [f"`other`: its name doesn't fit `{pattern}`"]


def test_of_several_patterns_the_first_that_fits_decides() -> None:
    patterns = (AppPattern("acme-{service}-{environment}"), AppPattern("acme-{service}", "production"))
    found = assign(fleet("acme-a", "acme-a-staging", "acme-b-c", "other"), HerokuSettings(app=patterns), TREE)
    assert cells(found) == {
        "acme-a": "production/a",
        "acme-a-staging": "staging/a",
        "acme-b-c": "production/b-c",
    }
    assert {each.rule for each in found.assigned} == {"pattern"}
    assert notes(found) == ["`other`: its name doesn't fit `acme-{service}-{environment}`, `acme-{service}`"]


def test_a_pattern_without_a_suffix_is_of_what_the_tree_calls_its_environment() -> None:
    settings = HerokuSettings(app=(AppPattern("{service}", "production"),))
    assert cells(assign(fleet("a"), settings, ("prod", "staging"))) == {"a": "prod/a"}


def test_what_does_not_fit_the_pattern_goes_by_its_pipeline_where_that_is_asked_for() -> None:
    settings = HerokuSettings(app=(AppPattern("acme-{service}-{environment}"),), pipelines=True)
    found = assign(fleet("acme-a-qa b/staging", "other b/staging", "third"), settings, TREE)
    assert cells(found) == {"acme-a-qa": "qa/a", "other": "staging/b"}
    assert notes(found) == ["`third`: its name doesn't fit `acme-{service}-{environment}`, and it is in no pipeline"]


def test_the_table_wins_over_pattern_and_pipeline() -> None:
    settings = HerokuSettings(True, (AppPattern("acme-{service}-{environment}"),), table(acme_x_staging="production/y"))
    found = assign(fleet("acme-x-staging x/staging"), settings, TREE)
    assert [(str(each.deployment), each.rule) for each in found.assigned] == [("production/y", "table")]


def test_an_app_that_falls_into_a_cell_of_the_table_has_none() -> None:
    settings = HerokuSettings(True, apps=table(acme_accounts="production/accounts"))
    found = assign(fleet("acme-accounts", "acme-accounts-eu accounts/production"), settings, TREE)
    assert cells(found) == {"acme-accounts": "production/accounts"}
    assert notes(found) == ["`acme-accounts-eu`: production/accounts is `acme-accounts` in the table"]


def test_two_apps_in_one_cell_are_an_error_that_names_both_and_how_they_came_there() -> None:
    found = assign(
        fleet("acme-api api/production", "acme-api-eu api/production", "acme-api-qa api/staging"),
        HerokuSettings(),
        TREE,
    )
    problem = only(found)
    assert (problem.code, problem.message) == ("clashing-apps", "`acme-api` and `acme-api-eu` are both production/api")
    assert problem.notes == tuple(
        f"`{app}` is by its pipeline `api`, in the stage production" for app in ("acme-api", "acme-api-eu")
    )
    assert cells(found) == {"acme-api-qa": "staging/api"}
    assert [each.app.name for each in found.clashing] == ["acme-api", "acme-api-eu"]
    assert as_table(found).splitlines()[1:] == [
        "acme-api     production/api (clash)  pipeline  api, production",
        "acme-api-eu  production/api (clash)  pipeline  api, production",
        "acme-api-qa  staging/api             pipeline  api, staging",
    ]


def test_a_clash_is_solved_by_skipping_one() -> None:
    settings = HerokuSettings(skip={"acme-api-eu": "stays"})
    found = assign(fleet("acme-api api/production", "acme-api-eu api/production"), settings, TREE)
    assert (cells(found), found.problems) == ({"acme-api": "production/api"}, ())


def test_review_apps_are_passed_over_unless_the_table_names_them() -> None:
    apps = fleet("acme-x-pr-12 x/review", "acme-x-pr-13", "acme-fancy-name-1234 x/review", "acme-x-qa x/staging")
    found = assign(apps, HerokuSettings(), TREE)
    assert found.skipped == tuple(
        (app, "a review app") for app in ("acme-fancy-name-1234", "acme-x-pr-12", "acme-x-pr-13")
    )
    assert cells(found) == {"acme-x-qa": "staging/x"}
    named = assign(apps, HerokuSettings(True, apps=table(acme_x_pr_12="review/x")), TREE)
    assert cells(named) == {"acme-x-pr-12": "review/x", "acme-x-qa": "staging/x"}


def test_skipped_apps_keep_their_reason_and_count_for_no_prefix() -> None:
    settings = HerokuSettings(skip={"johns-playground": "his own"})
    found = assign(fleet("acme-a-qa", "acme-b-qa", "johns-playground", "zoo"), settings, TREE, ("zoo",))
    assert cells(found) == {"acme-a-qa": "qa/a", "acme-b-qa": "qa/b"}
    assert found.skipped == (("johns-playground", "his own"), ("zoo", "named by `--skip`"))
    assert found.problems == ()


def test_an_app_that_only_the_settings_know_is_an_error_in_the_table_and_a_warning_elsewhere() -> None:
    settings = HerokuSettings(apps=table(acme_acounts="production/accounts"), skip={"gone": "why"}, span=HERE)
    found = assign(fleet("acme-accounts"), settings, TREE, ("left",))
    assert [(each.severity, each.message) for each in found.problems if "Heroku shows" in each.message] == [
        ("error", "`acme-acounts` is no app that Heroku shows; did you mean `acme-accounts`?"),
        ("warning", "`gone` is to be skipped, and is no app that Heroku shows"),
        ("warning", "`left` is to be skipped, and is no app that Heroku shows"),
    ]
    assert assign(fleet(), settings, TREE, ("acme-acounts", "gone")).problems[0].severity == "warning"


def test_an_app_that_cannot_be_read_is_assigned_all_the_same() -> None:
    found = assign(Fleet((App("acme-x-qa", fault="forbidden"),)), HerokuSettings(), TREE)
    assert cells(found) == {"acme-x-qa": "qa/acme-x"}


def test_the_plan_is_a_table_on_which_nothing_runs_over_its_line() -> None:
    apps = fleet("acme-a-qa", "acme-b1 acme-b/staging", "acme-\x1b[31m")
    settings = HerokuSettings(skip={"acme-\x1b[31m": "two\nlines"})
    assert as_table(assign(apps, settings, TREE)) == (
        "APP        DEPLOYMENT      BY        PIPELINE\n"
        "acme-a-qa  qa/a            name\n"
        "acme-b1    staging/acme-b  pipeline  acme-b, staging\n"
        "\n"
        "SKIPPED        REASON\n"
        "acme-\\x1b[31m  two\\nlines\n"
    )


@pytest.mark.parametrize(
    ("names", "prefix"),
    [
        ([], ""),
        (["a-b"], ""),
        (["a-b", "a-c"], "a-"),
        (["ab", "ac"], ""),
        (["a-b-c", "a-b-d", "a-b"], "a-"),
        (["a", "a-b"], ""),
    ],
)
def test_a_prefix_goes_up_to_a_dash_that_all_have(names: list[str], prefix: str) -> None:
    assert shared_prefix(names) == prefix


NAMES = st.from_regex(r"[a-c](?:-?[a-c]){0,3}(?:-(?:prod|staging|qa|pr-1))?", fullmatch=True)


@given(
    st.lists(
        st.tuples(NAMES, st.sampled_from(["", "p-a", "p-b"]), st.sampled_from(["", "review", "staging"])),
        unique_by=lambda each: each[0],
    ),
    st.sampled_from([None, True, False]),
    st.sampled_from(["", "{service}-{environment}"]),
    st.lists(NAMES, max_size=2),
)
def test_every_app_has_one_cell_or_a_reason_in_any_order(
    apps: list[tuple[str, str, str]], pipelines: bool | None, pattern: str, skip: list[str]
) -> None:
    all_of_them = tuple(App(name, pipeline=pipeline, stage=stage) for name, pipeline, stage in apps)
    settings = HerokuSettings(pipelines, (AppPattern(pattern),) if pattern else ())
    found = assign(Fleet(all_of_them), settings, TREE, tuple(skip))
    assert len({each.deployment for each in found.assigned}) == len(found.assigned)
    words = " ".join(notes(found))
    for name in {app.name for app in all_of_them} - cells(found).keys() - dict(found.skipped).keys():
        assert f"`{name}`" in words
    again = assign(Fleet(all_of_them[::-1]), settings, TREE, tuple(skip))
    assert (again.assigned, again.skipped) == (found.assigned, found.skipped)
