"""What differs between two sides, by cause, on trees in memory."""

from __future__ import annotations

import pytest

from envtree.review.diff.comparison import Change, Comparison
from tests.builders import Files
from tests.comparisons import SCHEMA, SERVICE, a_tree, across, against, compared
from tests.sealed_files import sealed_layer

WEB, WORKER = "production/accounts/web", "production/accounts/worker"
ALL = 4


def only(comparison: Comparison) -> Change:
    (change,) = comparison.changes
    return change


def values(change: Change) -> dict[tuple[str | None, str | None], list[str]]:
    return {(each.before, each.after): [str(pair) for pair in each.pairs] for each in change.transitions}


def named(comparison: Comparison) -> dict[str, str]:
    """The line that each change comes from, as it is now or was."""
    return {each.name: str(each.cause.entry and each.cause.entry.span) for each in comparison.changes}


def test_nothing_differs_between_equal_trees() -> None:
    files = a_tree(common='A: 1\nB: !expand "${A}"\n')
    comparison = compared(files, files)
    assert comparison.is_empty
    assert (len(comparison.compared), comparison.unknown, comparison.without_effect) == (ALL, 0, ())


def test_one_line_is_one_change_of_many_targets() -> None:
    change = only(compared(a_tree(common="A: 1\n"), a_tree(common="# more\nA: 2\n")))
    assert (change.kind, len(change.pairs), change.cause.through) == ("changed", ALL, ())
    assert [str(entry and entry.span) for entry in change.cause[:2]] == [
        "configs/common.yaml:1:4",
        "configs/common.yaml:2:4",
    ]


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("A: 1\n", "A: 2\n", "configs/common.yaml:1:4"),
        ('A: !expand "${B}"\nB: 1\n', 'A: !expand "${B}!"\nB: 1\n', "configs/common.yaml:1:4"),
    ],
)
def test_the_line_that_another_appends_to_is_the_cause(before: str, after: str, place: str) -> None:
    more = {"production": 'A: !expand "${A}+"\n', "accounts_production": 'A: !expand "${A}-"\n'}
    comparison = compared(a_tree(common=before, **more), a_tree(common=after, **more))
    assert named(comparison) == {"A": place}
    assert len(only(comparison).pairs) == ALL
    assert only(comparison).shadowed == ()


def test_what_a_line_inherits_changes_through_what_that_is_made_of() -> None:
    files = {"common": 'A: !expand "${B}"\n', "production": 'A: !expand "${A}+"\n'}
    comparison = compared(
        a_tree(**files, staging="B: 1\n", accounts_production="B: 1\n"),
        a_tree(**files, staging="B: 1\n", accounts_production="B: 2\n"),
    )
    assert named(comparison) == {"A": "configs/production.yaml:1:4", "B": "configs/accounts/production.yaml:1:4"}
    assert [each.cause.through for each in comparison.changes if each.name == "A"] == [("B",)]


def test_who_has_a_narrower_line_is_shadowed() -> None:
    layers = {"production": "A: 9\n", "accounts_worker_staging": "A: 8\n"}
    change = only(compared(a_tree(common="A: 1\n", **layers), a_tree(common="A: 2\n", **layers)))
    assert list(map(str, change.pairs)) == ["staging/accounts/web"]
    assert list(map(str, change.shadowed)) == [WEB, WORKER, "staging/accounts/worker"]


def test_one_line_that_goes_gives_each_what_lies_below() -> None:
    before = a_tree(accounts_common="A: x\n", staging="A: 1\n", accounts_worker_production="A: w\n")
    after = a_tree(staging="A: 1\n", accounts_worker_production="A: w\n")
    change = only(compared(before, after))
    assert change.kind == "changed"
    assert {each.kind for each in change.transitions} == {"changed", "removed"}
    assert values(change) == {("x", "1"): ["staging/accounts/web", "staging/accounts/worker"], ("x", None): [WEB]}
    assert change.cause.after is None
    assert str(change.cause.entry and change.cause.entry.span) == "configs/accounts/common.yaml:1:4"
    assert list(map(str, change.shadowed)) == [WORKER]


CAUSES: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str]]] = {
    "an override is added": (
        {"common": "A: 1\n"},
        {"common": "A: 1\n", "production": "A: 2\n"},
        {"A": "configs/production.yaml:1:4"},
    ),
    "an override is removed": (
        {"common": "A: 1\n", "production": "A: 2\n"},
        {"common": "A: 1\n"},
        {"A": "configs/production.yaml:1:4"},
    ),
    "an override is added, and what it overrides changes": (
        {"common": "A: 1\n"},
        {"common": "A: 3\n", "production": "A: 2\n", "staging": "A: 1\n"},
        {"A": "configs/production.yaml:1:4"},
    ),
    "an override is removed, and what it overrides changes": (
        {"common": "A: 1\n", "production": "A: 2\n", "staging": "A: 9\n"},
        {"common": "A: 3\n", "staging": "A: 9\n"},
        {"A": "configs/common.yaml:1:4"},
    ),
    "an unset is added": (
        {"common": "A: 1\n"},
        {"common": "A: 1\n", "production": "A: !unset\n"},
        {"A": "configs/production.yaml:1:4"},
    ),
    "an unset is removed": (
        {"common": "A: 1\n", "production": "B: 1\nA: !unset\n"},
        {"common": "A: 1\n", "production": "B: 1\n"},
        {"A": "configs/production.yaml:2:4"},
    ),
    "an expand follows what it refers to": (
        {"common": 'A: 1\nB: !expand "${A}"\nC: !expand "${B}"\n'},
        {"common": 'A: 2\nB: !expand "${A}"\nC: !expand "${B}"\n'},
        {"A": "configs/common.yaml:1:4", "B": "configs/common.yaml:2:4", "C": "configs/common.yaml:3:4"},
    ),
    "an expand is written anew": (
        {"common": 'A: 1\nB: !expand "${A}"\n'},
        {"common": 'A: 1\nB: !expand "x${A}"\n'},
        {"B": "configs/common.yaml:2:4"},
    ),
    "an expand becomes a text": (
        {"common": 'A: 1\nB: !expand "${A}"\n'},
        {"common": "A: 1\nB: 2\n"},
        {"B": "configs/common.yaml:2:4"},
    ),
    "a line moves to a wider layer and changes": (
        {"production": "A: 1\n"},
        {"common": "A: 2\n"},
        {"A": "configs/common.yaml:1:4"},
    ),
}


@pytest.mark.parametrize("name", CAUSES)
def test_each_change_has_the_line_that_made_it(name: str) -> None:
    before, after, expected = CAUSES[name]
    assert named(compared(a_tree(**before), a_tree(**after))) == expected


def test_an_expand_says_through_which_variables_it_changed() -> None:
    line = 'B: !expand "${A}${C}"\nURL: !expand "${B}"\n'
    comparison = compared(a_tree(common=f"A: 1\nC: x\n{line}"), a_tree(common=f"A: 2\nC: y\n{line}"))
    assert {each.name: each.cause.through for each in comparison.changes} == {
        "A": (),
        "B": ("A", "C"),
        "C": (),
        "URL": ("B",),
    }


def test_an_expand_that_changes_through_others_for_some_is_a_change_of_its_own_for_each_way() -> None:
    line = 'B: !expand "${A}${C}"\n'
    before = a_tree(common=f"A: 1\nC: x\n{line}", production="C: z\n")
    after = a_tree(common=f"A: 2\nC: y\n{line}", production="C: z\n")
    ways = [(each.cause.through, len(each.pairs)) for each in compared(before, after).changes if each.name == "B"]
    assert sorted(ways) == [(("A",), 2), (("A", "C"), 2)]


IDLE: dict[str, tuple[dict[str, str], dict[str, str], tuple[str, int, int]]] = {
    "shadowed for all": (
        {"common": "A: 1\n", "staging": "A: 3\n", "production": "A: 3\n"},
        {"common": "A: 2\n", "staging": "A: 3\n", "production": "A: 3\n"},
        ("configs/common.yaml:1", 4, 4),
    ),
    "the same as it inherits": (
        {"common": "A: 1\n"},
        {"common": "A: 1\n", "production": "A: 1\n"},
        ("configs/production.yaml:1", 2, 0),
    ),
    "the same as it inherits, removed": (
        {"common": "A: 1\n", "production": "A: 1\n", "accounts_web_production": "A: 4\n"},
        {"common": "A: 1\n", "accounts_web_production": "A: 4\n"},
        ("configs/production.yaml:1", 2, 1),
    ),
    "an unset of nothing": ({}, {"production": "A: !unset\n"}, ("configs/production.yaml:1", 2, 0)),
    "an expand of the same": (
        {"common": 'B: 1\nA: !expand "${B}"\n'},
        {"common": "B: 1\nA: 1\n"},
        ("configs/common.yaml:2", 4, 0),
    ),
}


@pytest.mark.parametrize("name", IDLE)
def test_an_edit_without_effect_is_told_with_who_sees_it(name: str) -> None:
    before, after, (place, seeing, shadowed) = IDLE[name]
    comparison = compared(a_tree(**before), a_tree(**after))
    assert comparison.is_empty
    (no_effect,) = comparison.without_effect
    assert f"{no_effect.edit.entry.file}:{no_effect.edit.entry.line}" == place
    assert (len(no_effect.seen_by), len(no_effect.shadowed)) == (seeing, shadowed)


WITHOUT_A_WORD: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "comments, quotes and order": (
        {"common": "A: 1\nB: two\n"},
        {"common": '# more\nB: "two" # as before\nA: 1\n'},
    ),
    "the same JSON": ({"common": "A: !json {a: 1}\n"}, {"common": 'A: !json {"a":   1}\n'}),
    "an expand with other braces": ({"common": "A: !expand $$\n"}, {"common": 'A: !expand "$$"\n'}),
    "an empty file": ({}, {"common": ""}),
}


@pytest.mark.parametrize("name", WITHOUT_A_WORD)
def test_lines_that_say_the_same_are_no_edit(name: str) -> None:
    before, after = WITHOUT_A_WORD[name]
    comparison = compared(a_tree(**before), a_tree(**after))
    assert (comparison.is_empty, comparison.without_effect) == (True, ())


def test_an_edit_that_another_one_overtakes_is_not_called_idle() -> None:
    before = a_tree(common="A: 1\n", production="A: 2\n", accounts_production="A: 3\n", staging="A: 1\n")
    after = a_tree(common="A: 1\n", staging="A: 1\n")
    comparison = compared(before, after)
    assert named(comparison) == {"A": "configs/accounts/production.yaml:1:4"}
    assert comparison.without_effect == ()


def test_a_file_that_is_named_changes_the_value_of_the_line() -> None:
    before, after = (
        a_tree(common="PEM: !file key.pem\n") | {"configs/key.pem": f"{each}\n"} for each in ("one", "two")
    )
    change = only(compared(before, after))
    assert values(change).keys() == {("one\n", "two\n")}
    assert str(change.cause.entry and change.cause.entry.span) == "configs/common.yaml:1:6"


def test_targets_that_come_and_go_are_told_with_their_variables() -> None:
    before = a_tree(common="A: 1\nB: 2\nC: !unset\n")
    after = before | {"configs/accounts/service.yaml": SERVICE.replace("worker", "jobs")}
    comparison = compared(before, after)
    assert [(str(each), count) for each, count in comparison.added] == [
        ("production/accounts/jobs", 2),
        ("staging/accounts/jobs", 2),
    ]
    assert [(str(each), count) for each, count in comparison.removed] == [(WORKER, 2), ("staging/accounts/worker", 2)]
    assert not comparison.is_empty
    assert comparison.changes == ()


# What is hidden.

HIDDEN: dict[str, tuple[Files, Files]] = {
    "declared secret": (a_tree(common="PASSWORD: a\n"), a_tree(common="PASSWORD: b\n")),
    "declared nowhere": (a_tree(common="X: a\n"), a_tree(common="X: b\n")),
    "declared nowhere, and gone": (a_tree(common="X: a\n"), a_tree()),
    "without a schema": tuple(  # type: ignore[dict-item]  # of two
        {path: text for path, text in a_tree(common=f"A: {each}\n").items() if "schemas" not in path} for each in "ab"
    ),
    "secret in one of them": (
        a_tree(common="A: a\n"),
        a_tree(common="A: b\n") | {"schemas/common.py": SCHEMA.replace("A: str", "A: Secret | str")},
    ),
    "secret for another service": (
        a_tree(common="A: a\n"),
        a_tree(common="A: b\n")
        | {
            "configs/billing/service.yaml": "processes: {web: {command: serve}}\n",
            "schemas/billing.py": SCHEMA.replace("A: str", "A: Secret | str"),
        },
    ),
    "made of a secret before": (
        a_tree(common='PASSWORD: hunter2\nA: !expand "${PASSWORD}"\n'),
        a_tree(common="PASSWORD: hunter2\nA: open\n"),
    ),
    "made of what is a secret now": (
        a_tree(common='B: hunter2\nA: !expand "x${B}"\n'),
        a_tree(common="B: hunter2\nA: open\n") | {"schemas/common.py": SCHEMA.replace("B: str", "B: Secret | str")},
    ),
    "schemas broken in one": (a_tree(common="A: a\n"), a_tree(common="A: b\n") | {"schemas/common.py": "x = (\n"}),
    "sealed": (
        a_tree() | {"configs/common.sops.yaml": sealed_layer(A="1")},
        a_tree() | {"configs/common.sops.yaml": sealed_layer(A="2")},
    ),
    "sealed now": (a_tree(common="A: a\n"), a_tree() | {"configs/common.sops.yaml": sealed_layer(A="2")}),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_what_one_side_hides_is_hidden(name: str) -> None:
    before, after = HIDDEN[name]
    changes = [each for each in compared(before, after).changes if each.name in ("A", "X", "PASSWORD")]
    assert [each.hidden for each in changes] == [True]


def test_what_is_declared_and_no_secret_is_shown() -> None:
    assert not only(compared(a_tree(common="A: 1\n"), a_tree(common="A: 2\n"))).hidden
    assert not only(compared(a_tree(common="A: 1\n"), a_tree())).hidden


def test_values_from_nowhere_are_shown_where_the_tree_declares_them() -> None:
    found = against(a_tree(common="A: 1\nPASSWORD: a\n"), WEB, {"A": "2", "PASSWORD": "b", "X": "c"})
    assert {each.name: each.hidden for each in found.changes} == {"A": False, "PASSWORD": True, "X": True}


def test_values_from_nowhere_that_hold_a_hidden_one_are_hidden() -> None:
    outside = {
        "A": "is hunter2",
        "B": "older-than-all",
        "C": "false",
        "PASSWORD": "hunter2",
        "X": "older",
        "Y": "false",
    }
    found = against(a_tree(common="A: 1\nB: 1\nC: 1\nPASSWORD: hunter2\n"), WEB, {**outside, "Z": "older-than"})
    assert {each.name: each.hidden for each in found.changes} == {
        **{"A": True, "B": True, "C": False},
        **dict.fromkeys("XYZ", True),
    }


# What can't be told.


def test_a_sealed_value_that_is_the_same_is_no_difference() -> None:
    sealed: Files = {"configs/common.sops.yaml": sealed_layer(A="1")}
    comparison = compared(a_tree() | sealed, a_tree(production="B: 1\n") | sealed)
    assert ({each.name for each in comparison.changes}, comparison.unknown, comparison.without_effect) == ({"B"}, 0, ())


def test_a_sealed_value_that_comes_is_a_change_at_its_line_and_one_in_front_of_it_shadows() -> None:
    before, sealed = a_tree(accounts_web_production="A: 1\n"), {"configs/common.sops.yaml": sealed_layer(A="1")}
    change = only(compared(before, {**before, **sealed}))
    assert (change.kind, change.hidden, len(change.pairs)) == ("added", True, 3)
    assert list(map(str, change.shadowed)) == [WEB]
    assert str(change.cause.entry and change.cause.entry.span) == "configs/common.sops.yaml:1:4"


def test_what_is_made_of_a_sealed_value_can_not_be_compared() -> None:
    sealed: Files = {"configs/common.sops.yaml": sealed_layer(B="1")}
    line = 'A: !expand "${B}"\n'
    comparison = compared(a_tree(common=line) | sealed, a_tree(common=line + "C: 1\n") | sealed)
    assert ({each.name for each in comparison.changes}, comparison.unknown) == ({"C"}, ALL)


def test_an_edit_of_what_can_not_be_told_is_not_called_idle() -> None:
    sealed: Files = {"configs/common.sops.yaml": sealed_layer(B="1")}
    before, after = a_tree(common='A: !expand "${B}"\n') | sealed, a_tree(common='A: !expand "x${B}"\n') | sealed
    comparison = compared(before, after)
    assert (comparison.changes, comparison.without_effect, comparison.unknown) == ((), (), ALL)


@pytest.mark.parametrize("text", ["A: [\n", "- A\n", "A: 1\n--- x\n", b"\xff"])
def test_what_stood_in_a_file_that_can_not_be_read_is_not_called_gone(text: str | bytes) -> None:
    before = a_tree(common="A: 1\nB: 2\n", production="A: 3\nC: 4\n")
    after = a_tree(common=text, production="A: 3\nC: 5\n")
    for one, other in ((before, after), (after, before)):
        comparison = compared(one, other)
        assert {each.name for each in comparison.changes} == {"C"}
        assert comparison.without_effect == ()
        assert comparison.unknown == 2 * ALL


def test_a_value_that_is_wrong_can_not_be_compared() -> None:
    comparison = compared(a_tree(common="A: 1\nB: 1\n"), a_tree(common="A: [1]\nB: 2\n"))
    assert {each.name for each in comparison.changes} == {"B"}
    assert comparison.unknown == ALL


# Targets against one another.


def test_two_targets_differ_by_the_lines_that_win() -> None:
    files = a_tree(common='A: 1\nB: !expand "${A}"\nC: x\n', production="A: 2\n", staging="URL: u\n")
    comparison = across(files, "staging/accounts/web", WEB)
    assert [str(pair) for pair in comparison.compared] == [f"staging/accounts/web -> {WEB}"]
    assert {each.name: values(each).popitem()[0] for each in comparison.changes} == {
        "A": ("1", "2"),
        "B": ("1", "2"),
        "URL": ("u", None),
    }
    assert {each.name: each.cause.through for each in comparison.changes if each.cause.through} == {"B": ("A",)}


def test_a_sealed_value_can_not_be_compared_across_targets() -> None:
    files = a_tree() | {
        "configs/production.sops.yaml": sealed_layer(A="1"),
        "configs/staging.sops.yaml": sealed_layer(A="2"),
    }
    comparison = across(files, "staging/accounts/web", WEB)
    assert (comparison.changes, comparison.unknown) == ((), 1)


def test_changes_come_in_the_order_of_their_names_and_places() -> None:
    before, after = a_tree(), a_tree(staging="B: 1\nA: 1\n", production="A: 2\n")
    found = [(each.name, each.cause.entry.file) for each in compared(before, after).changes if each.cause.entry]
    assert found == [
        ("A", "configs/production.yaml"),
        ("A", "configs/staging.yaml"),
        ("B", "configs/staging.yaml"),
    ]
