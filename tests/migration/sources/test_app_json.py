"""`app.json`: what it declares is read whole, and what is no text is refused at its place, without its value."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.migration.sources.app_json import DeclaredVariable, read_app_json
from envtree.migration.sources.json_places import places

WHOLE = """{
  "name": "shop",
  "env": {
    "LEVEL": "info",
    "BASE": {"description": "Signs cookies", "generator": "secret"},
    "STRIPE": {"description": "From Stripe"},
    "OPTIONAL": {"required": false, "value": null},
    "EMPTY": {"value": ""}
  },
  "formation": {"web": {"quantity": 2, "size": "standard-1x"}, "worker": {"quantity": 0}},
  "addons": ["heroku-postgresql", {"plan": "heroku-redis:mini"}],
  "buildpacks": [{"url": "heroku/ruby"}],
  "stack": "heroku-24",
  "scripts": {"postdeploy": "rake db:seed"},
  "environments": {"review": {"env": {"LEVEL": "canary7f3a"}, "addons": ["x"]}}
}
"""


def test_all_of_a_file_is_read() -> None:
    found, problems = read_app_json("app.json", WHOLE)
    assert problems == ()
    assert found.variables == (
        DeclaredVariable("LEVEL", "", "info", is_required=True, is_generated=False),
        DeclaredVariable("BASE", "Signs cookies", None, is_required=True, is_generated=True),
        DeclaredVariable("STRIPE", "From Stripe", None, is_required=True, is_generated=False),
        DeclaredVariable("OPTIONAL", "", None, is_required=False, is_generated=False),
        DeclaredVariable("EMPTY", "", "", is_required=True, is_generated=False),
    )
    assert found.formation == (("web", "2 of standard-1x"), ("worker", "0"))
    assert found.remarks == (
        "buildpacks: heroku/ruby",
        "addons: heroku-postgresql, heroku-redis:mini",
        "stack: heroku-24",
        "scripts.postdeploy: rake db:seed",
        "environments.review.env: LEVEL",
        "environments.review.addons",
    )


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ('{"env": {\n  "A": 7312\n}}', (2, 3), "`env.A` is a number, and a text"),
        ('{"env": {"A": {"value": true}}}', (1, 16), "`env.A.value` is a truth value, and a text is expected"),
        ('{"env": {"A": {"value": 7312}}}', (1, 16), "`env.A.value` is a number"),
        ('{"env": {"A": {"value": [7312]}}}', (1, 16), "`env.A.value` is a list"),
        ('{"env": {"A": null}}', (1, 10), "`env.A` is nothing, and a text"),
        ('{"env": {"A": {"description": 7312}}}', (1, 16), "`env.A.description` is a number"),
        ('{"env": {"A": {"required": "true"}}}', (1, 16), "`env.A.required`"),
        ('{"env": {"A": {"generator": "uuid"}}}', (1, 16), "`env.A.generator` is not `secret`"),
        ('{"env": {"A": {"valeu": "7312"}}}', (1, 16), "`env.A.valeu` is not known"),
        ('{"env": ["A"]}', (1, 2), "`env` is a list"),
        ('{"formation": {"web": {"quantity": "7312"}}}', (1, 16), "`formation.web`"),
        ("[]", (1, 1), "no JSON object"),
        ('{"env": {"A": "7312", "A": "2"}}', (1, 1), "or says a key twice"),
        ('{"env": {"A": "\\ud800"}}', (1, 1), "or not of Unicode"),
        ('{"env": {"a/b": {"required": true}}}', (1, 10), "`a/b` "),
        ('{"env": {"": {}}}', (1, 10), "`` "),
        ('{"env": {"A": "7312"', (1, 1), "no JSON"),
        ("", (1, 1), "no JSON"),
        ('{"a": NaN}', (1, 1), "no JSON"),
        ("[" * 100_000, (1, 1), "no JSON"),
    ],
)
def test_what_is_no_app_json_is_refused_at_its_place(text: str, place: tuple[int, int], words: str) -> None:
    _, problems = read_app_json("app.json", text)
    assert [each.code for each in problems] == ["unusable-file"]
    assert words in problems[0].message
    assert problems[0].span is not None
    assert (problems[0].span.line, problems[0].span.column) == place
    assert "7312" not in repr(problems)


TREES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


def paths(data: Any, above: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    """Every key and number that leads somewhere."""
    pairs = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    found = [((*above, key), each) for key, each in pairs]
    return {path for path, _ in found}.union(*(paths(each, path) for path, each in found))


@given(TREES, st.sampled_from([None, 2]))
def test_each_part_of_a_json_text_has_its_place(data: Any, indent: int | None) -> None:
    text = json.dumps(data, indent=indent, ensure_ascii=False)
    found = places(text)
    assert found.keys() == paths(data)
    lines = text.split("\n")
    for path, (line, column, length) in found.items():
        if isinstance(path[-1], str):
            assert json.loads(lines[line - 1][column - 1 : column - 1 + length]) == path[-1]
