"""`heroku:` in envtree.yaml: what it says of apps and cells, and what is wrong with it."""

from __future__ import annotations

import pytest

from envtree.core.model.diagnostic import Diagnostic, errors
from envtree.core.model.source import Source
from envtree.core.model.tree import Span
from envtree.core.settings.heroku import AppPattern, Deployment, Expectation, HerokuSettings, Link
from envtree.core.settings.heroku_reader import read_heroku_settings
from envtree.core.settings.project import read_project
from tests.builders import SETTINGS, small_tree, source_of

WHOLE = """\
heroku:
  pipelines: true
  app: "acme-{service}-{environment}"
  apps:
    production/accounts: acme-accounts
    staging/accounts: {app: acme-accounts-stg, release: 41}
  skip:
    acme-old: switched off in May
  expect:
    DATABASE_URL: our own Postgres since June
    RAILS_MAX_THREADS: {in: production/accounts, reason: bigger machines}
    MALLOC_ARENA_MAX: {in: [staging, "*/jobs"], reason: jemalloc}
  expect_owners:
    add-on: replaced one by one
"""


def read(text: str) -> tuple[HerokuSettings, tuple[Diagnostic, ...]]:
    return read_heroku_settings(source_of({"envtree.yaml": text}))


def at(line: int, column: int, length: int) -> Span:
    return Span("envtree.yaml", line, column, length)


def test_all_that_it_says_is_read() -> None:
    settings, problems = read(WHOLE)
    assert problems == ()
    assert (settings.pipelines, settings.app, settings.span) == (
        True,
        (AppPattern("acme-{service}-{environment}"),),
        at(1, 1, 6),
    )
    assert settings.apps == {
        Deployment("production", "accounts"): Link("acme-accounts", at(5, 26, 13)),
        Deployment("staging", "accounts"): Link("acme-accounts-stg", at(6, 29, 17), 41),
    }
    assert settings.skip == {"acme-old": "switched off in May"}
    assert settings.expect == (
        Expectation("DATABASE_URL", "", "", "our own Postgres since June", at(10, 5, 12)),
        Expectation("RAILS_MAX_THREADS", "", "production/accounts", "bigger machines", at(11, 29, 19)),
        Expectation("MALLOC_ARENA_MAX", "", "staging", "jemalloc", at(12, 29, 7)),
        Expectation("MALLOC_ARENA_MAX", "", "*/jobs", "jemalloc", at(12, 38, 8)),
        Expectation("", "add-on", "", "replaced one by one", at(14, 5, 6)),
    )


def test_an_expectation_says_what_may_be_so_and_a_list_says_it_for_each_place() -> None:
    text = (
        "heroku:\n  expect:\n    A:\n"
        "      - {in: production, reason: b}\n"
        "      - {in: qa/accounts/web, reason: c, unset: true, shared: false}\n"
        "      - {reason: d, new: true, shared: true}\n"
        "  expect_owners: {platform: {reason: e, unset: true}}\n"
        "  expect_clear: {B: {in: qa, reason: f}}\n"
        "  confirmed: {production/accounts: {web: v41 in web.1}}\n"
        "  app: ['{service}-{environment}', {name: '{service}', environment: production}]\n"
    )
    settings, problems = read(text)
    assert problems == ()
    assert [
        (each.name, each.owner, each.selector, each.reason, each.what, each.shared) for each in settings.expect
    ] == [
        ("A", "", "production", "b", "different", False),
        ("A", "", "qa/accounts/web", "c", "unset", False),
        ("A", "", "", "d", "new", True),
        ("", "platform", "", "e", "unset", False),
    ]
    assert [(each.name, each.selector, each.reason) for each in settings.expect_clear] == [("B", "qa", "f")]
    assert settings.confirmed == {Deployment("production", "accounts"): {"web": at(9, 37, 3)}}
    assert settings.app == (AppPattern("{service}-{environment}"), AppPattern("{service}", "production"))


@pytest.mark.parametrize(("text", "pipelines"), [("{pipelines: false}", False), ("{}", None)])
def test_pipelines_that_are_not_to_be_used_are_not_the_same_as_no_word_of_them(text: str, pipelines: bool) -> None:
    assert read(f"heroku: {text}\n")[0].pipelines is pipelines


@pytest.mark.parametrize(
    "source", [source_of({}), source_of({"envtree.yaml": ""}), source_of({"envtree.yaml": SETTINGS})]
)
def test_a_tree_that_says_nothing_of_it_has_the_defaults(source: Source) -> None:
    assert read_heroku_settings(source) == (HerokuSettings(), ())


def test_a_tree_that_is_yet_without_environments_can_say_it() -> None:
    assert read(WHOLE)[1] == ()
    assert [each.code for each in read_project(source_of({"envtree.yaml": WHOLE}))[1]] == ["missing-setting"]


def test_a_file_that_is_none_is_reported() -> None:
    source = Source({}, {"envtree.yaml": ("special-file", "`envtree.yaml` is no plain file")})
    assert [each.code for each in read_heroku_settings(source)[1]] == ["special-file"]


WRONG = [
    ("x: 1", "unknown-key", "`heroku` has no key `x`"),
    ("pipeline: true", "unknown-key", "did you mean `pipelines`"),
    ("pipelines: yes", "invalid-setting", "`yes`"),
    ("pipelines: true, pipelines: true", "duplicate-key", "`pipelines` is set twice"),
    ("app: acme", "invalid-setting", "`acme` is no pattern"),
    ("app: '{service}'", "invalid-setting", "no pattern"),
    ("app: '{service}-{service}-{environment}'", "invalid-setting", "no pattern"),
    ("app: '{service}-{environment}-{stage}'", "invalid-setting", "no pattern"),
    ("app: '{service}_{environment}'", "invalid-setting", "no pattern"),
    ("app: [a]", "invalid-setting", "`a` is no pattern"),
    ("app: [['{service}']]", "invalid-setting", "not text"),
    ("app: {name: '{service}'}", "missing-setting", "no `environment`"),
    ("app: {environment: production}", "missing-setting", "no `name`"),
    ("app: {name: acme, environment: production}", "invalid-setting", "`acme` is no pattern"),
    ("app: {name: '{service}-{environment}', environment: production}", "invalid-setting", "no pattern"),
    ("app: {name: '{service}', environment: Production}", "invalid-name", "`Production`"),
    ("expect: {A: {reason: b, unset: true, new: true}}", "invalid-setting", "both unset and new"),
    ("expect: {A: {reason: b, unset: maybe}}", "invalid-setting", "`maybe` is no answer"),
    ("expect: {A: []}", "invalid-setting", "`A` is not text"),
    ("expect: {A: [{reason: b}, {in: qa}]}", "missing-setting", "no `reason`"),
    ("expect_owners: {add-on: {new: true, reason: b}}", "unknown-key", "new"),
    ("expect_clear: {A: {unset: true, reason: b}}", "unknown-key", "unset"),
    ("expect_clear: {A: }", "invalid-setting", "nothing after it"),
    ("confirmed: [production]", "invalid-setting", "not a mapping"),
    ("confirmed: {production: {web: a}}", "invalid-setting", "no `environment/service`"),
    ("confirmed: {production/accounts: web}", "invalid-setting", "not a mapping"),
    ("confirmed: {production/accounts: {web: }}", "invalid-setting", "nothing after it"),
    ("apps: [a]", "invalid-setting", "not a mapping"),
    ("apps: {production: a}", "invalid-setting", "`production` is no `environment/service`"),
    ("apps: {production/accounts/web: a}", "invalid-setting", "no `environment/service`"),
    ("apps: {Production/accounts: a}", "invalid-name", "`Production` can't name an environment"),
    ("apps: {production/common: a}", "invalid-name", "`common` is reserved, and can't name a service"),
    ("apps: {production/: a}", "invalid-name", "`` can't name a service"),
    ("apps: {production/accounts: }", "invalid-setting", "nothing after it"),
    ("apps: {production/accounts: a, production/accounts: b}", "duplicate-key", "set twice"),
    ("apps: {production/accounts: a, staging/accounts: a}", "invalid-setting", "`a` is named twice"),
    ("apps: {production/accounts: {release: 1}}", "missing-setting", "no `app`"),
    ("apps: {production/accounts: {app: a, version: 1}}", "unknown-key", "version"),
    ("apps: {production/accounts: {app: a, release: 0}}", "invalid-setting", "`0` is no number"),
    ("apps: {production/accounts: {app: a, release: v41}}", "invalid-setting", "`v41` is no number"),
    ("apps: {production/accounts: {app: a, release: 4.1}}", "invalid-setting", "`4.1` is no number"),
    ("apps: {production/accounts: {app: a, release: ٣}}", "invalid-setting", "is no number"),
    ("skip: [a]", "invalid-setting", "not a mapping"),
    ("skip: {a: }", "invalid-setting", "`a` has nothing after it"),
    ("skip: {a: ' '}", "invalid-setting", "`a` is empty"),
    ("skip: {a: gone}, apps: {production/accounts: a}", "invalid-setting", "the table gives it production/accounts"),
    ("expect: {A: }", "invalid-setting", "nothing after it"),
    ("expect: {A: {}}", "missing-setting", "no `reason`"),
    ("expect: {A: {in: production}}", "missing-setting", "no `reason`"),
    ("expect: {A: {reason: ''}}", "invalid-setting", "`reason` is empty"),
    ("expect: {A: {on: production, reason: b}}", "unknown-key", "on"),
    ("expect: {A: {in: [], reason: b}}", "invalid-setting", "`in` is empty"),
    ("expect: {A: {in: production/accounts/web/one, reason: b}}", "invalid-setting", "selects no process"),
    ("expect: {A: {in: production/, reason: b}}", "invalid-setting", "selects no process"),
    ("expect_owners: {addon: b}", "invalid-setting", "did you mean `add-on`"),
    ("expect_owners: {team: b}", "invalid-setting", "`team`"),
    ("expect_owners: {add-on: }", "invalid-setting", "nothing after it"),
]


@pytest.mark.parametrize(("text", "code", "words"), WRONG)
def test_what_is_wrong_with_it_is_reported_at_its_place(text: str, code: str, words: str) -> None:
    whole = f"{SETTINGS}heroku: {{{text}}}\n"
    (problem,) = read(whole)[1]
    assert (problem.code, problem.severity) == (code, "error")
    assert words in problem.message
    assert problem.span is not None
    assert problem.span.line == whole.count("\n")


@pytest.mark.parametrize(("text", "code", "words"), WRONG[::7])
def test_validate_reports_the_same(text: str, code: str, words: str) -> None:
    whole = f"{SETTINGS}heroku: {{{text}}}\n"
    assert errors(read_project(source_of(small_tree(**{"envtree.yaml": whole})))[1]) == read(whole)[1]


def test_all_that_is_wrong_is_reported_at_once() -> None:
    text = "heroku:\n  x: 1\n  app: acme\n  apps: {production: a}\n  skip: {b: }\n  expect_owners: {us: c}\n"
    assert [each.span.line for each in read(text)[1] if each.span] == [2, 4, 5, 3, 6]


def test_a_cell_that_the_tree_lacks_is_a_matter_of_form_alone() -> None:
    text = f"{SETTINGS}heroku: {{apps: {{demo/billing: acme-billing-demo}}}}\n"
    assert errors(read_project(source_of(small_tree(**{"envtree.yaml": text})))[1]) == ()
