"""An import again: what changed on Heroku is taken, what we changed is kept, and what both did is asked about."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.yaml.update import set_entries
from envtree.migration.importing.decision import Bases, Choices, Conflict, as_diagnostic
from tests.examples import examples
from tests.fleets import Rows, apps_of, imported, rows_of

if TYPE_CHECKING:
    from envtree.migration.commands.imports.import_plan import ImportPlan
    from tests.fleets import Files

CELLS = ("production/a", "staging/a", "production/b", "staging/b")
NAMES = ("HOST", "REGION", "QUEUE", "STRIPE_SECRET_KEY")
VALUES = ("one", "two words", "three words here", "sk_live_" + "aB3" * 8)
values = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(VALUES))
edits = st.dictionaries(st.tuples(st.sampled_from(CELLS), st.sampled_from(NAMES)), st.sampled_from((*VALUES, "", None)))


def first_import(rows: Rows) -> dict[str, bytes]:
    """A tree that is imported, and has no schemas, so that any edit of it is valid."""
    files = imported({}, apps_of(rows)).source.files
    return {path: data for path, data in files.items() if not path.startswith("schemas/")}


def second_import(files: Files, base: Rows, rows: Rows, choices: Choices = Choices()) -> ImportPlan:  # noqa: B008
    before = {app.name: app.values or {} for app in apps_of(base)}
    return imported(files, apps_of(rows, release=2), Bases(before), choices)


def edited(files: Files, changes: dict[tuple[str, str], str | None]) -> dict[str, bytes]:
    """A tree in whose narrowest layers a person set or removed variables."""
    found = dict(files)
    for (cell, name), text in changes.items():
        environment, service = cell.split("/")
        path = f"configs/{service}/{environment}.yaml"
        found[path] = set_entries(path, found.get(path, b""), {name: text})
    return found


def changed(rows: Rows, changes: dict[tuple[str, str], str | None]) -> dict[str, dict[str, str]]:
    found = {cell: dict(values) for cell, values in rows.items()}
    for (cell, name), text in changes.items():
        found[cell].pop(name, None)
        found[cell] |= {} if text is None else {name: text}
    return found


@examples(20)
@given(st.fixed_dictionaries(dict.fromkeys(CELLS, values)), edits, edits, st.sets(st.sampled_from(NAMES)))
def test_nothing_of_either_side_is_lost_and_conflicts_are_named_exactly(
    base: Rows, ours: dict[tuple[str, str], str | None], theirs: dict[tuple[str, str], str | None], for_us: set[str]
) -> None:
    files = edited(first_import(base), ours)
    tree, heroku = changed(base, ours), changed(base, theirs)
    assert rows_of(files) == tree
    expected = {cell: dict(tree[cell]) for cell in CELLS}
    conflicts = set()
    for cell in CELLS:
        for name in NAMES:
            before, mine, other = (rows[cell].get(name) for rows in (base, tree, heroku))
            if other not in (before, mine) and mine != before:
                conflicts.add((cell, name))
    undecided = {cell for cell, _ in conflicts}
    taken = {
        cell: {
            name: heroku[cell].get(name)
            for name in NAMES
            if tree[cell].get(name) == base[cell].get(name) != heroku[cell].get(name)
        }
        for cell in CELLS
    }
    for cell in set(CELLS) - undecided:
        expected[cell] = _with(expected[cell], taken[cell])
    planned = second_import(files, base, heroku)
    assert {(str(each.deployment), each.name) for each in planned.conflicts} == conflicts
    assert rows_of(planned.source.files) == expected
    kept = {(f"{each.target.environment}/{each.target.service}", each.name) for each in planned.kept}
    different = {(cell, name) for cell in CELLS for name in NAMES if tree[cell].get(name) != heroku[cell].get(name)}
    assert {
        (cell, name)
        for cell, name in different
        if rows_of(planned.source.files)[cell].get(name) != heroku[cell].get(name)
    } <= kept

    choices = Choices(frozenset(for_us), frozenset(NAMES) - for_us)
    decided = second_import(planned.source.files, base, heroku, choices)
    for cell in undecided:
        expected[cell] = _with(expected[cell], taken[cell])
        own = {name: heroku[cell].get(name) for each, name in conflicts if each == cell and name not in for_us}
        expected[cell] = _with(expected[cell], own)
    assert decided.conflicts == ()
    assert rows_of(decided.source.files) == expected
    again = second_import(decided.source.files, heroku, heroku)
    assert (again.files, again.deleted, again.conflicts) == ({}, {}, ())


def _with(values: dict[str, str], more: dict[str, str | None]) -> dict[str, str]:
    return {name: text for name, text in {**values, **more}.items() if text is not None}


BASE: Rows = {"production/a": {"X": "one", "Y": "same"}, "staging/a": {"X": "one", "Y": "same"}}


@pytest.mark.parametrize(
    ("ours", "heroku", "reason"),
    [
        ("two", "one", "changed by us in configs/a/production.yaml:1"),
        (None, "one", "removed by us in configs/a/production.yaml:1"),
    ],
)
def test_what_we_changed_is_kept_and_said_to_be_ours(ours: str | None, heroku: str, reason: str) -> None:
    files = edited(first_import(BASE), {("production/a", "X"): ours})
    planned = second_import(files, BASE, changed(BASE, {("production/a", "X"): heroku}))
    assert [(each.name, each.reason) for each in planned.kept] == [("X", reason)]
    assert planned.files == {}


def test_a_variable_removed_on_heroku_is_removed_here() -> None:
    heroku = changed(BASE, {(cell, "Y"): None for cell in BASE})
    planned = second_import(first_import(BASE), BASE, heroku)
    assert rows_of(planned.source.files) == heroku
    assert not any(b"!unset" in data for data in planned.source.files.values())


def test_a_variable_that_is_added_to_four_apps_is_one_entry() -> None:
    rows: Rows = {cell: {"X": cell} for cell in CELLS}
    planned = second_import(first_import(rows), rows, {cell: {"X": cell, "NEW": "the same text"} for cell in CELLS})
    assert [(each.name, each.path, each.action) for each in planned.changed] == [("NEW", "configs/common.yaml", "set")]


def test_an_app_with_a_conflict_stays_as_it_is_until_it_is_decided() -> None:
    files = edited(first_import(BASE), {("production/a", "X"): "ours"})
    heroku = changed(
        BASE, {("production/a", "X"): "theirs", ("production/a", "Y"): "other", ("staging/a", "Y"): "other"}
    )
    planned = second_import(files, BASE, heroku)
    assert [(each.app, each.name, each.place) for each in planned.conflicts] == [
        ("shop-a-production", "X", "configs/a/production.yaml:1")
    ]
    after = rows_of(planned.source.files)
    assert (after["production/a"], after["staging/a"]) == ({"X": "ours", "Y": "same"}, heroku["staging/a"])
    settings_file = planned.source.files["envtree.yaml"].decode()
    assert "production/a: {app: shop-a-production, release: 1, " in settings_file
    assert "staging/a: {app: shop-a-staging, release: 2, " in settings_file


def test_a_base_that_can_not_be_read_makes_each_difference_a_question() -> None:
    files = first_import(BASE)
    apps = apps_of(changed(BASE, {("production/a", "X"): "other"}), release=2)
    planned = imported(files, apps)
    assert [(each.name, each.is_base_known) for each in planned.conflicts] == [("X", False)]
    assert "can't be read any more" in as_diagnostic(planned.conflicts[0]).message


def test_a_conflict_is_shown_with_both_ways_out_and_without_a_value() -> None:
    files = edited(first_import(BASE), {("production/a", "X"): "canary-ours"})
    planned = second_import(files, BASE, changed(BASE, {("production/a", "X"): "canary-theirs"}))
    (conflict,) = planned.conflicts
    assert isinstance(conflict, Conflict)
    diagnostic = as_diagnostic(conflict)
    text = " ".join((diagnostic.message, *diagnostic.notes, diagnostic.help))
    assert "--ours X" in text
    assert "--theirs X" in text
    assert "canary" not in text


def test_a_release_without_a_change_of_config_vars_changes_nothing() -> None:
    planned = second_import(first_import(BASE), BASE, BASE)
    assert (planned.files, planned.changed, planned.kept) == ({}, (), ())


@pytest.mark.parametrize("cell", CELLS[1:])
@pytest.mark.parametrize("place", ["production", "a/common", "a/production"])
def test_a_layer_that_appends_to_what_it_inherits_is_kept(place: str, cell: str) -> None:
    base: Rows = {each: {"HOST": "one"} for each in CELLS}
    files = first_import(base)
    path = f"configs/{place}.yaml"
    files[path] = files.get(path, b"") + b'HOST: !expand "${HOST}!"\n'
    ours = rows_of(
        imported(files, apps_of(base), Bases({app.name: app.values or {} for app in apps_of(base)})).source.files
    )
    theirs = changed(base, {(cell, "HOST"): "two words"})
    plan = second_import(files, base, theirs, Choices(theirs=frozenset({"HOST"})))
    assert b'HOST: !expand "${HOST}!"' in plan.source.files[path]
    after = rows_of(plan.source.files)
    assert after[cell]["HOST"] == "two words"
    assert {each: after[each] for each in CELLS if each != cell} == {each: ours[each] for each in CELLS if each != cell}
