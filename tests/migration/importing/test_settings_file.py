"""What an import adds to envtree.yaml: all that was asked for, and not a byte of what was there is lost."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.settings.heroku import Deployment
from envtree.core.settings.heroku_reader import read_heroku_settings
from envtree.core.yaml.splice import CannotUpdate
from envtree.migration.importing.settings_file import add_to_settings, new_settings
from tests.builders import source_of

ACCOUNTS = Deployment("production", "accounts")
REVIEW = Deployment("review", "accounts")
LINKS: dict[Deployment, tuple[str, int | None]] = {ACCOUNTS: ("acme-accounts", 41), REVIEW: ("acme-review", None)}
NEW = """\
# The settings of this tree; its presence marks the root.
environments:
  review:     {instance: together}
  production: {instance: service}

heroku:
  apps:                                  # which app is which part of the tree, and the release that was imported last
    production/accounts: {app: acme-accounts, release: 41}
    review/accounts: acme-review
  skip:                                  # apps that stay on Heroku, and why
    acme-old: switched off in May
"""
MINE = """\
# ours
environments:                 # all of them
  staging: {instance: service}    # small

# tags: {environment: Env}
runtimes: mise   # not asdf
"""


def add(
    before: str,
    *environments: str,
    apps: dict[str, tuple[str, int | None]] | None = None,
    skip: dict[str, str] | None = None,
) -> str:
    links = {Deployment(*cell.split("/")): link for cell, link in (apps or {}).items()}
    return add_to_settings(before.encode(), environments, links, skip or {}).decode()


def test_a_new_file_holds_it_all_as_a_person_would_write_it() -> None:
    assert new_settings(("review", "production"), LINKS, {"acme-old": "switched off in May"}) == NEW


def test_a_new_file_is_read_as_it_was_meant() -> None:
    settings, problems = read_heroku_settings(source_of({"envtree.yaml": NEW}))
    assert {cell: (link.app, link.release) for cell, link in settings.apps.items()} == LINKS
    assert (settings.skip, problems) == ({"acme-old": "switched off in May"}, ())


def test_a_new_file_has_no_empty_tables() -> None:
    written = new_settings(("no", "production"), {}, {})
    assert written.endswith("\nenvironments:\n  'no':       {instance: service}\n  production: {instance: service}\n")
    assert "heroku" in new_settings(("production",), {}, {"a": "b"})
    assert "apps:" not in new_settings(("production",), {}, {"a": "b"})


WORDS = {
    "QA": "qa: {instance: service}",
    "LINK": "qa/x: {app: acme, release: 7}",
    "SERVICE": "{instance: service}",
    "APPS": "heroku:\n  apps:\n",
}


def full(text: str) -> str:
    """A file whose longer parts are short in the tables below."""
    for word, meaning in WORDS.items():
        text = text.replace(word, meaning)
    return text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (MINE, MINE.replace("# small\n", "# small\n  QA\n")),
        (MINE.replace("\n", "\r\n"), MINE.replace("# small\n", "# small\n  QA\n").replace("\n", "\r\n")),
        (f"\ufeff{NEW}", f"\ufeff{NEW}".replace("service}\n", "service}\n  qa:         SERVICE\n", 1)),
        ("environments: {}\n", "environments:\n  QA\n"),
        ("environments: {} # none\n", "environments: # none\n  QA\n"),
        ("environments:  # none\na: b", "environments:  # none\n  QA\na: b"),
        ("environments: ~", "environments:\n  QA\n"),
        ("environments: {a: SERVICE} # x", "environments: {a: SERVICE, QA} # x"),
        ("environments: {\n  a: SERVICE, # x\n}\n", "environments: {\n  a: SERVICE, QA, # x\n}\n"),
        (
            "environments:\n    a:\n        instance: service\nb: c\n",
            "environments:\n    a:\n        instance: service\n    QA\nb: c\n",
        ),
        ("environments:\n  a: SERVICE", "environments:\n  a: SERVICE\n  QA\n"),
        ("{environments: {}}", "{environments: {QA}}"),
        ("{}", "{environments: {QA}}"),
        ("", "environments:\n  QA\n"),
        ("# ours", "# ours\n\nenvironments:\n  QA\n"),
        ("runtimes: mise\n", "runtimes: mise\n\nenvironments:\n  QA\n"),
        ("environments: {qa: {instance: together}}", "environments: {qa: {instance: together}}"),
    ],
)
def test_an_environment_comes_behind_the_last(before: str, after: str) -> None:
    assert add(full(before), "qa") == full(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a: b\n", "a: b\n\nAPPS    LINK\n"),
        ("a: b\n\n", "a: b\n\nAPPS    LINK\n"),
        ("heroku:\n  app: x\n", "heroku:\n  app: x\n  apps:\n    LINK\n"),
        ("heroku: # h\na: b\n", "heroku: # h\n  apps:\n    LINK\na: b\n"),
        ("heroku: {}", "APPS    LINK\n"),
        ("heroku:\n  apps: {}\n  app: x\n", "APPS    LINK\n  app: x\n"),
        ("heroku: {app: 'x-{service}'}\n", "heroku: {app: 'x-{service}', apps: {LINK}}\n"),
        ("heroku: {apps: {}}\n", "heroku: {apps: {LINK}}\n"),
        ("heroku: {apps: }\n", "heroku: {apps: {LINK}}\n"),
        ("heroku:\n  apps: {a/b: c}\n", "heroku:\n  apps: {a/b: c, LINK}\n"),
        ("APPS    a/b: c # c\n    # d\n", "APPS    a/b: c # c\n    LINK\n    # d\n"),
        ("APPS    a/b:  c\n    long: d\n", "APPS    a/b:  c\n    long: d\n    LINK\n"),
        ("APPS    qa/x: acme # x\n", "APPS    LINK # x\n"),
        ("APPS    qa/x: old # x", "APPS    LINK # x"),
        ("APPS    qa/x: { app: acme,  release: 6 } # x\n", "APPS    qa/x: { app: acme,  release: 7 } # x\n"),
        ("APPS    qa/x: {release: 6, app: 'old'} # x\n", "APPS    qa/x: {release: 7, app: acme} # x\n"),
        (
            "APPS    qa/x:\n      app: acme # a\n      release: 6 # r\n",
            "APPS    qa/x:\n      app: acme # a\n      release: 7 # r\n",
        ),
        ("APPS    qa/x: {app: acme} # x\n", "APPS    LINK # x\n"),
        ("APPS    LINK # x", "APPS    LINK # x"),
    ],
)
def test_a_link_is_added_or_brought_up_to_date(before: str, after: str) -> None:
    assert add(full(before), apps={"qa/x": ("acme", 7)}) == full(after)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("APPS    qa/x: acme\n", "APPS    qa/x: acme\n"),
        ("APPS    LINK\n", "APPS    LINK\n"),
        ("APPS    qa/x: {app: old, release: 7} # x\n", "APPS    qa/x: acme # x\n"),
    ],
)
def test_a_link_without_a_release_keeps_the_one_of_the_same_app(before: str, after: str) -> None:
    assert add(full(before), apps={"qa/x": ("acme", None)}) == full(after)


def test_apps_that_stay_are_added_with_their_reason_and_a_reason_that_is_there_stays() -> None:
    before = "heroku:\n  skip:\n    a: 'ours'   # why\n"
    assert add(before, skip={"a": "theirs", "b": "it's: so"}) == f'{before}    b: "it\'s: so"\n'
    assert add("heroku: {skip: {a: ours}}", skip={"b": "x, y"}) == "heroku: {skip: {a: ours, b: 'x, y'}}"


@pytest.mark.parametrize(
    "before",
    [
        "environments: [a]\n",
        "environments: text\n",
        "environments: !x {}\n",
        "- a\n",
        "environments: &x {}\n",
        "environments: {a: b\n",
        "a: b\n...\n",
        "a: b\na: c\n",
        "heroku:\n  apps:\n    qa/x:\n      app: acme # a\n",
        "heroku:\n  apps:\n    qa/x: {app: acme, mine: 1}\n",
        "heroku:\n  apps:\n    qa/x: [1]\n",
        "heroku:\n  apps:\n    qa/x: >-\n      acme\n",
    ],
)
def test_what_can_not_be_added_exactly_is_named_line_by_line(before: str) -> None:
    with pytest.raises(CannotUpdate) as caught:
        add(before, "qa", apps={"qa/x": ("acme", 7)}, skip={"old": "idle"})
    assert "\n  apps:                                  # which app is which" in caught.value.lines
    assert "    qa/x: {app: acme, release: 7}\n" in caught.value.lines
    assert "    old: idle\n" in caught.value.lines


kinds = {"review": {"instance": "together"}}
names = st.sampled_from(("review", "staging", "qa", "no", "production"))
cells = st.builds(Deployment, names, st.sampled_from(("accounts", "y", "web")))
links = st.dictionaries(cells, st.tuples(st.sampled_from(("acme", "on", "acme-2")), st.none() | st.integers(1, 999)))
skips = st.dictionaries(
    st.sampled_from(("old", "off", "acme-3")), st.text(st.characters(exclude_characters="\0", codec="utf-8"))
)


def as_text(reason: object) -> object:
    """A reason that is written bare, though YAML calls it an integer or truth value."""
    return str(reason).lower() if isinstance(reason, int) else reason


def read(text: str) -> dict[str, dict[str, object]]:
    """The tables of a file, a link always as an app and its release."""
    found = yaml.safe_load(text)
    heroku = found.get("heroku") or {}
    return {
        "environments": found.get("environments") or {},
        "apps": {
            cell: (link["app"], link.get("release")) if isinstance(link, dict) else (link, None)
            for cell, link in (heroku.get("apps") or {}).items()
        },
        "skip": {app: as_text(reason) for app, reason in (heroku.get("skip") or {}).items()},
    }


@given(st.lists(names, unique=True, min_size=1), links, skips, st.lists(names, unique=True), links, skips)
def test_a_second_import_adds_to_what_the_first_one_wrote(
    environments: list[str],
    old: dict[Deployment, tuple[str, int | None]],
    skip: dict[str, str],
    more: list[str],
    new: dict[Deployment, tuple[str, int | None]],
    again: dict[str, str],
) -> None:
    first = new_settings(environments, old, skip)
    second = add_to_settings(first.encode(), more, new, again).decode()
    kept = {cell: link for cell, link in old.items() if new.get(cell) == (link[0], None)}
    assert read(first)["apps"] == {str(cell): link for cell, link in old.items()}
    assert read(second) == {
        "environments": {each: kinds.get(each, {"instance": "service"}) for each in (*environments, *more)},
        "apps": {str(cell): link for cell, link in {**old, **new, **kept}.items()},
        "skip": {**again, **skip},
    }
    assert add_to_settings(second.encode(), more, new, again).decode() == second
