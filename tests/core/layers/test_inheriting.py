"""An `!expand` that refers to its own name is made of the value that it inherits."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.layers.expand import inherited_texts, sources
from envtree.core.schema.governance import hidden_names
from tests.builders import WEB, compiled, small_tree
from tests.core.layers.test_resolve import PLACES, resolved, values
from tests.sealed_files import sealed_layer

LINES = st.sampled_from(
    ("", "", "A: plain\n", 'A: ""\n', "A: !unset\n", 'A: !expand "${A}+"\n', 'A: !expand "${B}<${A}>${A}"\n')
)


def fold(lines: list[str], other: str) -> str | None:
    """The value of A by the lines of six layers, widest first; an absent one is the empty text. None: no such value."""
    value: str | None = None
    for line in lines:
        text = line.removeprefix("A: ").rstrip("\n")
        if text.startswith("!expand"):
            if value is None:
                return None
            value = text.removeprefix("!expand ").strip('"').replace("${A}", value).replace("${B}", other)
        elif line:
            value = None if text == "!unset" else text.strip('"')
    return value


def used(lines: list[str]) -> list[str]:
    """The lines from the last that doesn't name itself on."""
    starts = [number for number, line in enumerate(lines) if line and "${A}" not in line]
    return lines[starts[-1] if starts else 0 :]


@given(st.lists(LINES, min_size=6, max_size=6), st.integers(0, 5))
def test_each_layer_appends_to_what_the_wider_ones_give(lines: list[str], place: int) -> None:
    layers = [f"{line}{'B: b' if place == number else ''}\n" for number, line in enumerate(lines)]
    compilation, problems = resolved(*layers)
    (node,) = compilation.own.values()
    if any("${A}" in line for line in used(lines)) and fold(used(lines), "b") is None:
        assert [each.code for each in problems] == ["unset-reference"]
        assert "A" in node.failed
        return
    assert problems == ()
    assert node.values.get("A") == fold(used(lines), "b")
    if "A" in node.expands:
        assert inherited_texts(node.expands["A"], node.values)[-1] == node.values["A"]


def test_what_is_inherited_is_computed_on_the_targets_final_variables() -> None:
    layers = ('PATH: !expand "${HOME}/bin"\n', "HOME: /early\n", 'PATH: !expand "${PATH}:/opt"\n', "", "HOME: /late\n")
    assert values(*layers)["PATH"] == "/late/bin:/opt"


def test_it_stands_in_each_node_whose_layers_append_or_change_what_it_is_made_of() -> None:
    append = 'PATH: !expand "${PATH}:${ROOT}"\n'
    compilation, _ = resolved("PATH: /bin\n", append, "ROOT: /srv\n", "", "", "ROOT: /new\n")
    assert [node.changes.get("PATH") for node in compilation.nodes.values()] == [
        *("/bin", None, "/bin:/srv", "/bin:/new")
    ]


@pytest.mark.parametrize(
    ("layers", "place", "word"),
    [
        (("A: !expand ${A}x\n",), 0, "no wider layer sets it"),
        (("A: a\n", "A: ~\n", "A: !expand ${A}x\n"), 2, "a wider layer removes it"),
        (("", "A: !expand ${A}x\n", "A: !expand ${A}y\n"), 1, "no wider layer sets it"),
    ],
)
def test_where_nothing_is_inherited_the_line_that_needs_it_is_an_error(
    layers: tuple[str, ...], place: int, word: str
) -> None:
    _, (problem,) = resolved(*layers)
    assert problem.code == "unset-reference"
    assert problem.span
    assert problem.span.file == f"configs/{PLACES[place]}.yaml"
    assert word in problem.message
    assert ("unset at configs/production.yaml:1:4" in problem.notes) == ("removes" in word)


def test_a_circle_through_another_variable_is_shown_at_the_line_that_closes_it() -> None:
    _, (problem,) = resolved('A: !expand "${B}"\nB: !expand "${A}"\n', 'A: !expand "${A}!"\n')
    assert (problem.code, problem.label) == ("reference-cycle", "A -> B -> A")
    assert str(problem.span) == "configs/common.yaml:1:4"


def test_a_fault_in_what_is_inherited_is_reported_there_alone() -> None:
    _, (problem,) = resolved("A: !expand ${NOWHERE}\n", 'A: !expand "${A}!"\n')
    assert str(problem.span) == "configs/common.yaml:1:4"
    assert any("configs/production.yaml:1:4" in note for note in problem.notes)
    _, (problem,) = resolved("A: [a]\n", 'A: !expand "${A}!"\n')
    assert problem.code == "nested-value"


@pytest.mark.parametrize(
    ("layers", "hidden"),
    [
        (("A: a\n", 'A: !expand "${A}${S}"\n'), True),
        (('A: !expand "${S}"\n', 'A: !expand "${A}!"\n'), True),
        (('A: !expand "${S}"\n', "A: a\n", 'A: !expand "${A}!"\n'), False),
    ],
)
def test_a_value_with_a_secret_in_any_of_its_lines_is_hidden(layers: tuple[str, ...], hidden: bool) -> None:
    schema = "from envtree import Secret, Settings\n\nclass C(Settings):\n    A: str\n    S: Secret\n"
    compilation, problems = compiled(
        small_tree(
            **{f"configs/{place}.yaml": text for place, text in zip(PLACES, layers, strict=False)},
            **{"schemas/common.py": schema, "configs/accounts/web/common.yaml": "S: hunter2\n"},
        ),
        (WEB,),
    )
    (target,) = compilation.own
    assert ("A" in hidden_names(compilation.own[target], compilation.governed[target])) == hidden
    assert [each.code for each in problems] == ["undeclared-secret"] * hidden


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("9f8a7b6c5d4e3f2a1b0c9d8e7f6a5b4c", "${A}/some/path/is/here"),  # a piece that may be a secret
        ("hunter2", "postgres://u:${A}@db/d"),  # and one that is a part of a password
    ],
)
def test_a_value_with_a_piece_of_its_own_that_may_be_a_secret_is_hidden(first: str, then: str) -> None:
    layers = {"configs/common.yaml": f"A: {first}\n", "configs/production.yaml": f'A: !expand "{then}"\n'}
    schema = "from envtree import Settings\n\nclass C(Settings):\n    A: str\n"
    compilation, _ = compiled(small_tree(**layers, **{"schemas/common.py": schema}), (WEB,))
    (target,) = compilation.own
    assert "A" in hidden_names(compilation.own[target], compilation.governed[target])


def test_what_appends_to_a_sealed_value_is_sealed_as_well() -> None:
    compilation, problems = resolved(
        "",
        **{"configs/common.sops.yaml": sealed_layer(A="x")},
        **{
            "configs/production.yaml": 'A: !expand "${A}!"\n',
            "schemas/common.py": "from envtree import Settings\n\nclass C(Settings):\n    A: str\n",
        },
    )
    assert problems == ()
    (target,) = compilation.own
    assert compilation.own[target].failed.keys() == {"A"}
    assert "A" in hidden_names(compilation.own[target], compilation.governed[target])


@given(st.lists(LINES.filter(bool), min_size=1, max_size=6))
def test_the_lines_of_a_value_are_those_from_the_last_that_does_not_name_itself(lines: list[str]) -> None:
    compilation, _ = resolved(*lines)
    (node,) = compilation.own.values()
    found = sources(node.provenance["A"])
    assert found == node.provenance["A"][len(lines) - len(used(lines)) :]
    assert all("A" in after.references for _, after in pairwise(found))
