"""Files as teams keep them beside their programs: no alarm, and few plain variables that an import would hide."""

from __future__ import annotations

import pytest

from envtree.core.secrets.judgement import judge
from envtree.core.secrets.names import name_kind
from envtree.core.secrets.text import find_leaks
from tests.core.secrets.env_trees import TREES
from tests.core.secrets.table import PLAIN

VARIABLES = [
    (name, text.strip('"'))
    for tree in TREES.values()
    for name, sign, text in (line.partition("=") for line in tree.splitlines())
    if sign and not name.startswith("#")
]


@pytest.mark.parametrize("name", TREES)
def test_an_example_gives_no_alarm(name: str) -> None:
    assert [(leak.name, leak.reason) for leak in find_leaks(TREES[name])] == []


def test_no_value_of_an_example_is_an_alarm() -> None:
    assert [(name, judge(name, text).reason) for name, text in VARIABLES if judge(name, text).is_alarm] == []


def test_few_plain_variables_are_hidden_for_doubt() -> None:
    """At most 5 of 100, counting those whose name is no word for a secret and whose address holds no password."""
    plain = [
        (name, text)
        for name, text in (*VARIABLES, *PLAIN)
        if name_kind(name) not in ("secret", "login", "public") and "@" not in text and "sk_test" not in text
    ]
    hidden = [name for name, text in plain if judge(name, text).certainty != "plain"]
    assert len(plain) >= 100
    assert len(hidden) / len(plain) <= 0.05, hidden
