"""Random histories of real commits: `diff` and `explain` agree with `show` of a commit, and with the lines of all."""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envtree.cli.verbs.diff import diff
from envtree.cli.verbs.explain import explain
from envtree.cli.verbs.show import show as show_json
from envtree.commands.show import show
from envtree.core.export.variables import as_json, revealed
from envtree.core.model.diagnostic import EnvtreeError
from tests.builders import SERVICE, SETTINGS
from tests.cli.running import run_verb
from tests.test_histories import Made, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

BOTH = "processes: {web: {command: serve}, worker: {command: work}}\n"
HEAD = "from envtree import Secret, Settings\n\n\nclass Common(Settings):\n"
FIELDS = "".join(f'    {name}: str = ""\n' for name in ("A", "B", "E", "F", "L")) + '    N: int | str = ""\n'
VALUES = {
    "A": ("a", "b", "!unset", '"a"', "a # as before", "c"),
    "B": ("x", "~", '!expand "${A}"', '!expand "<${A}>"', '""'),
    "E": ('!expand "${A}${B}"', '!expand "${B}"', "!json {a: [1]}", "!json {a:  [1]}", '!expand "${L}"'),
    "F": ("!file ../billing/pem", "one\\n", '"one\\n"'),
    "L": ("|\n  L one\n  L two", "|\n  L one", "|\n  L one\n  L two\n  L three", "|-\n  L one\n  L two", "L one"),
    "N": ("1", "2", "four"),
    "S": ("one", "two", "One", '!expand "${A}"'),
}
PLACES = (
    *("common", "production", "staging", "accounts/common", "accounts/production", "accounts/web/common"),
    *("accounts/web/production", "accounts/worker/common", "billing/production", "billing/web/staging"),
)
RAW: dict[str, tuple[str | None, ...]] = {
    "configs/billing/pem": ("one\n", "two\n", "one\ntwo\n"),
    "configs/accounts/service.yaml": (BOTH, f"environments: [production]\n{BOTH}", f"# more\n{BOTH}"),
    "configs/billing/service.yaml": (SERVICE, f"environments: [production, staging]\n{SERVICE}", BOTH),
    "schemas/common.py": (
        HEAD + FIELDS + "    S: Secret | None = None\n",
        HEAD + FIELDS + '    S: str = ""\n',
        HEAD + FIELDS.replace("int | str", "int").replace('""\n    B', '"a"\n    B') + "    S: Secret | None = None\n",
    ),
    "schemas/accounts.py": (None, HEAD + "    A: Secret | None = None\n"),
    "README.md": ("a", "b"),
}
ALWAYS = "F: !file pem\n"
TREE = {"envtree.yaml": SETTINGS, "configs/billing/common.yaml": ALWAYS}


class Layout(NamedTuple):
    """A tree as it is edited: the entries of each layer, and all other files."""

    layers: Mapping[str, Mapping[str, str]]
    raw: Mapping[str, str | None]

    def files(self) -> dict[str, str]:
        """Layers are written in the order of their names: a line that only moved would have a new author."""
        written = {
            f"configs/{place}.yaml": "".join(f"{name}: {value}\n" for name, value in sorted(entries.items()))
            for place, entries in self.layers.items()
            if entries
        }
        return {**TREE, **written, **{path: text for path, text in self.raw.items() if text is not None}}


class Edit(NamedTuple):
    """An entry that is set or taken out, or another file that is written or removed."""

    place: str
    name: str
    choice: int | None


class Step(NamedTuple):
    """A commit: on which others (counted back), the layers that it takes from the second, and what it edits."""

    parents: tuple[int, ...]
    taken: frozenset[str]
    edits: tuple[Edit, ...]


edits = st.one_of(
    st.builds(Edit, st.sampled_from(PLACES), st.sampled_from(sorted(VALUES)), st.one_of(st.none(), st.integers(0, 59))),
    st.builds(Edit, st.sampled_from(PLACES), st.sampled_from("AB"), st.integers(0, 59)),
    st.builds(Edit, st.just(""), st.sampled_from(sorted(RAW)), st.integers(0, 59)),
)
steps = st.builds(
    Step,
    st.lists(st.sampled_from((1, 1, 1, 2, 3)), min_size=1, max_size=2, unique=True).map(tuple),
    st.frozensets(st.sampled_from(PLACES), max_size=5),
    st.lists(edits, min_size=1, max_size=4).map(tuple),
)
firsts = st.lists(edits, min_size=8, max_size=20).map(lambda made: Step((), frozenset(), tuple(made)))
stories = st.tuples(firsts, st.lists(steps, min_size=2, max_size=6)).map(lambda each: [each[0], *each[1]])


def edited(layout: Layout, edit: Edit) -> Layout:
    if not edit.place:
        choices = RAW[edit.name]
        return layout._replace(raw={**layout.raw, edit.name: choices[(edit.choice or 0) % len(choices)]})
    entries = dict(layout.layers.get(edit.place, {}))
    entries.pop(edit.name, None)
    if edit.choice is not None:
        entries[edit.name] = VALUES[edit.name][edit.choice % len(VALUES[edit.name])]
    return layout._replace(layers={**layout.layers, edit.place: entries})


def made(story: Sequence[Step]) -> list[Made]:
    """The commits of a story."""
    layouts: list[Layout] = []
    found: list[Made] = []
    for step in story:
        parents = tuple(dict.fromkeys(max(0, len(found) - back) for back in step.parents))
        layout = layouts[parents[0]] if parents else Layout({}, {path: choices[0] for path, choices in RAW.items()})
        if len(parents) > 1:
            taken = {place: layouts[parents[1]].layers.get(place, {}) for place in step.taken}
            layout = layout._replace(layers={**layout.layers, **taken})
        for edit in step.edits:
            layout = edited(layout, edit)
        layouts.append(layout)
        found.append(Made(parents, layout.files(), ""))
    return found


class Shown(NamedTuple):
    """What `show` says of a target of a commit: each variable that is set, and which it hides."""

    values: dict[str, str]
    hidden: frozenset[str]


TARGETS = tuple(
    f"{environment}/{service}"
    for environment in ("production", "staging")
    for service in ("accounts/web", "accounts/worker", "billing/web", "billing/worker")
)


def shown(folder: Path, commit: str) -> dict[str, Shown | None]:
    """Every target of a commit; None for one that is invalid."""
    found: dict[str, Shown | None] = {}
    for target in TARGETS:
        try:
            said, _, _ = show(str(folder), target, commit)
        except EnvtreeError:  # there is no such target
            continue
        found[target] = None
        if said is not None:
            data = json.loads(as_json(said[0], revealed(said[1])))["variables"]
            values = {name: each["value"] for name, each in data.items() if not each["unset"]}
            found[target] = Shown(values, frozenset(each.name for each in said[1] if each.hidden or each.masked))
    return found


def agree(told: Any, one: Mapping[str, Shown | None], other: Mapping[str, Shown | None]) -> None:
    """A comparison names just the pairs that differ between what is shown of two commits, with the same values."""
    assert told["added"] == sorted(other.keys() - one.keys())
    assert told["removed"] == sorted(one.keys() - other.keys())
    found: dict[str, dict[str, tuple[Any, ...]]] = {target: {} for target in one}
    for change in told["changes"]:
        for value in change["values"]:
            for target in value["targets"]:
                assert change["name"] not in found[target]
                found[target][change["name"]] = (change["hidden"], value["before"], value["after"])
    for target in one.keys() & other.keys():
        before, after = one[target], other[target]
        if before is None or after is None:
            continue
        names = before.values.keys() | after.values.keys()
        differing = {name for name in names if before.values.get(name) != after.values.get(name)}
        assert found[target].keys() == differing
        for name, (hidden, was, now) in found[target].items():
            assert hidden or name not in before.hidden | after.hidden
            if not hidden:
                assert (was, now) == (before.values.get(name), after.values.get(name))
    invalid = [{target for target, each in side.items() if each is None} for side in (one, other)]
    assert set(told["becomes_invalid"]) == invalid[1] - invalid[0]
    assert set(told["becomes_valid"]) == (invalid[0] - invalid[1]) & other.keys()
    assert set(told["invalid"]) <= invalid[0] & invalid[1]


def compared(folder: Path, before: str, after: str) -> tuple[int, Any]:
    done = run_verb(diff, f"{before}..{after}", folder=str(folder), output_format="json")
    return done.code, json.loads(done.stdout)


def check_comparison(story: Sequence[Step], pair: tuple[int, int]) -> None:
    commits = made(story)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ids = write(folder, commits)
        before, after = (ids[number % len(ids)] for number in pair)
        code, told = compared(folder, before, after)
        agree(told, shown(folder, before), shown(folder, after))
        with patch("envtree.review.commands.diff_sides.affected_layers", lambda *_: None):
            whole_code, whole = compared(folder, before, after)
        assert {**told, "invalid": 0, "not_compared": 0} == {**whole, "invalid": 0, "not_compared": 0}
        assert code == whole_code or (whole_code == 2 and whole["invalid"])


# Who wrote a line.


def own_lines(text: str, name: str) -> str:
    """The lines of an entry: down to where the next one begins."""
    return "".join(re.findall(rf"^{name}:.*\n(?: .*\n)*", text, re.MULTILINE))


def writers(commits: Sequence[Made], number: int, file: str, name: str) -> Iterator[int]:
    """The commits that may be named for an entry: down from one, as long as a parent has the same lines of it."""
    lines = own_lines(commits[number].files[file], name)
    ahead, seen = [number], set()
    while ahead:
        each = ahead.pop()
        same = [
            parent for parent in commits[each].parents if own_lines(commits[parent].files.get(file, ""), name) == lines
        ]
        if not same:
            yield each
        ahead += [parent for parent in same if parent not in seen]
        seen.update(same)


def came_by_rename(commits: Sequence[Made], number: int, file: str) -> bool:
    """Whether git may take a file for another one that went in the same commit."""
    parents = [commits[parent].files for parent in commits[number].parents]
    return any(file not in before and before.keys() - commits[number].files.keys() for before in parents)


def check_explanations(story: Sequence[Step], number: int, target: str) -> None:
    """Every variable of a target of a commit."""
    commits = made(story)
    number %= len(commits)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ids = write(folder, commits)
        done = run_verb(show_json, target, folder=str(folder), output_format="json", ref=ids[number], reveal=True)
        values = json.loads(done.stdout)["variables"] if done.code == 0 else None
        for each in VALUES:
            if said := explained(folder, target, each, ids[number]):
                check_explanation(said, commits, ids, number, values)


def explained(folder: Path, target: str, name: str, commit: str) -> Any:
    done = run_verb(explain, target, name, folder=str(folder), output_format="json", ref=commit, reveal=True)
    if done.code == 2:
        assert re.search("unknown-(target|name)", done.stderr)
        return None
    assert done.code == 0
    return json.loads(done.stdout)


def check_explanation(
    said: Any, commits: Sequence[Made], ids: Sequence[str], number: int, values: Mapping[str, Any] | None
) -> None:
    """One explanation against what is shown of its commit, and against the files of those before."""
    name = said["name"]
    lines = [line for line in said["layers"] if line["line"]]
    for line in lines:
        assert own_lines(commits[number].files[line["file"]], name)
        ends = list(writers(commits, number, line["file"], name))
        if not any(came_by_rename(commits, end, line["file"]) for end in ends):
            assert line["commit"]["id"] in {ids[end] for end in ends}
    assert [line["wins"] for line in lines] == [*[False] * (len(lines) - 1), *[True] * bool(lines)]
    if values is None:
        return
    each = values.get(name)
    assert (each is None) == (said["state"] == "unset") == (not lines)
    if each:
        assert (said["value"], said["state"]) == (each["value"], "removed" if each["unset"] else "set")
        assert [lines[-1][part] for part in ("file", "line", "column")] == [
            each[part] for part in ("file", "line", "column")
        ]
    assert all(part["value"] == values[part["name"]]["value"] for part in said["parts"])


FEW = settings(deadline=None, max_examples=8, suppress_health_check=list(HealthCheck))
pairs = st.tuples(st.integers(0, 30), st.integers(0, 30))
targets = st.sampled_from(TARGETS[:6])


@FEW
@given(stories, pairs)
def test_a_comparison_names_what_is_shown_otherwise(story: list[Step], pair: tuple[int, int]) -> None:
    check_comparison(story, pair)


@FEW
@given(stories, st.integers(0, 30), targets)
def test_an_explanation_agrees_with_what_is_shown_and_with_the_lines_of_each_commit(
    story: list[Step], number: int, target: str
) -> None:
    check_explanations(story, number, target)


@pytest.mark.soak
@settings(FEW, max_examples=1000)
@given(stories, pairs)
def test_comparisons_name_what_is_shown_otherwise_in_many_histories(story: list[Step], pair: tuple[int, int]) -> None:
    check_comparison(story, pair)


@pytest.mark.soak
@settings(FEW, max_examples=1000)
@given(stories, st.integers(0, 30), targets)
def test_explanations_agree_in_many_histories(story: list[Step], number: int, target: str) -> None:
    check_explanations(story, number, target)
