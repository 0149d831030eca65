"""What every process gets of its layers, and what an `!expand` makes of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.compile import Compilation
from envtree.core.model.diagnostic import Diagnostic, errors
from tests.builders import WEB, compiled, small_tree, values_of, write_tree
from tests.effort import assert_in_proportion

PLACES = (
    "common",
    "production",
    "accounts/common",
    "accounts/production",
    "accounts/web/common",
    "accounts/web/production",
)


def resolved(*layers: str, **more: str | bytes) -> tuple[Compilation, tuple[Diagnostic, ...]]:
    """The compilation of up to six layers, widest first, and its errors; production alone is looked at."""
    files = small_tree(**{f"configs/{place}.yaml": text for place, text in zip(PLACES, layers, strict=False)}, **more)
    compilation, problems = compiled(files, (WEB,))
    return compilation, errors(problems)


def values(*layers: str) -> dict[str, str | None]:
    compilation, problems = resolved(*layers)
    assert problems == ()
    return values_of(compilation)


@given(st.sets(st.integers(0, 5), min_size=1))
def test_the_narrowest_layer_that_says_something_wins(chosen: set[int]) -> None:
    layers = [f"A: from {index}\n" if index in chosen else "" for index in range(6)]
    assert values(*layers) == {"A": f"from {max(chosen)}"}


def test_provenance_is_every_entry_in_line_widest_first() -> None:
    compilation, _ = resolved(*(f"A: {index}\n" for index in range(6)))
    (node,) = compilation.own.values()
    assert [entry.file for entry in node.provenance["A"]] == [f"configs/{place}.yaml" for place in PLACES]


@pytest.mark.parametrize("place", range(6))
def test_an_unset_removes_and_a_narrower_layer_brings_back(place: int) -> None:
    layers = ["A: a\n", *[""] * 5]
    layers[place] = "A: !unset\n"
    assert values(*layers) == {"A": None}
    if place < 5:
        layers[5] = 'A: ""\n'
        assert values(*layers) == {"A": ""}


def test_an_expand_is_computed_on_the_targets_final_variables() -> None:
    found = values('URL: !expand "${USER}@${HOST}/$${NAME}"\nHOST: wide\n', "HOST: narrow\n", "", "", "USER: u\n")
    assert found["URL"] == "u@narrow/${NAME}"


def test_a_dollar_that_a_reference_brings_in_is_not_read_again() -> None:
    assert values("A: ${B}$$$\nB: b\nC: !expand ${A}\n")["C"] == "${B}$$$"


def test_an_expand_may_refer_to_an_empty_text_and_to_itself_in_name_only() -> None:
    assert values('A: ""\nB: !expand x${A}${A}y\n')["B"] == "xy"


def test_an_expand_that_a_narrower_layer_replaces_is_not_computed() -> None:
    assert values("A: !expand ${NOWHERE}\nB: !expand ${A}\n", "", "", "", "", "A: a\n") == {"A": "a", "B": "a"}


def test_a_reference_through_another_name_is_a_circle_even_where_a_wider_layer_has_a_value() -> None:
    _, problems = resolved("A: a\nB: !expand ${A}\n", "A: !expand ${B}\n")
    assert [each.code for each in problems] == ["reference-cycle"]


def test_a_circle_is_reported_once_and_shows_every_place() -> None:
    _, (problem,) = resolved("A: !expand ${B}\n", "B: !expand ${C}\n", "C: !expand x${A}\nD: !expand ${A}\n")
    assert problem.code == "reference-cycle"
    assert problem.label == "A -> B -> C -> A"
    shown = f"{problem.span} {' '.join(problem.notes)}"
    assert all(f"configs/{place}.yaml:1:4" in shown for place in PLACES[:3])


def test_two_circles_are_two_errors() -> None:
    _, problems = resolved("A: !expand ${E}\nE: !expand ${A}\nB: !expand ${C}\nC: !expand ${B}\nD: !expand ${A}${C}\n")
    assert [each.code for each in problems] == ["reference-cycle"] * 2


@pytest.mark.parametrize(
    "layers",
    [
        ("A: !expand ${HOTS}\nHOST: h\n",),
        ("A: !expand ${HOTS}\nHOTS: ~\nHOST: h\n",),
        ("A: !expand ${HOTS}\nHOTS: x\nHOST: h\n", "", "", "", "HOTS: !unset\n"),
    ],
)
def test_a_reference_to_what_is_not_set_is_an_error_where_it_stands(layers: tuple[str, ...]) -> None:
    _, (problem,) = resolved(*layers)
    assert problem.code == "unset-reference"
    assert str(problem.span) == "configs/common.yaml:1:4"
    assert ("did you mean `HOST`" in problem.message) == ("HOTS:" not in "".join(layers))
    assert ("configs/accounts/web/common.yaml:1:7" in " ".join(problem.notes)) == (len(layers) > 1)


def test_what_builds_on_a_failed_expand_is_named_with_it_and_not_reported_again() -> None:
    _, (problem,) = resolved("A: !expand ${NOWHERE}\nB: !expand ${A}\nC: !expand ${B}\n")
    assert problem.message.startswith("`A` refers to `NOWHERE`")
    assert any("`C`" in note for note in problem.notes)


def test_one_wrong_line_is_one_error_with_all_its_targets() -> None:
    _, problems = compiled(small_tree(**{"configs/common.yaml": "A: !expand ${B}\n"}))
    (problem,) = errors(problems)
    assert [str(target) for target in problem.targets] == ["production/accounts/web", "staging/accounts/web"]


@pytest.mark.parametrize(
    "wrong",
    [
        "A: [a]\n",
        "A: 'a '\n",
        "A: !nope a\n",
        "A:\n",
        "A: !expand $\n",
        "A: !file nowhere\n",
        "A: !json {a: 1, a: 2}\n",
    ],
)
def test_a_value_that_is_reported_as_wrong_is_reported_once(wrong: str) -> None:
    _, problems = resolved(f"{wrong}B: !expand ${{A}}\nC: !expand ${{B}}x\n")
    assert len(problems) == 1


@pytest.mark.parametrize(
    ("text", "faulty"),
    [("x\n  y", False), ("'x '", True), ("x${EMPTY}", False), ('" ${EMPTY}"', True), ("${LONG}${LONG}", True)],
)
def test_what_an_expand_makes_is_judged_as_a_value_is(text: str, faulty: bool) -> None:
    _, problems = resolved(f"A: !expand {text}\nEMPTY: ''\nLONG: {'x' * 70_000}\n")
    assert [each.code for each in problems] == (["unencodable-value"] if faulty else [])


def test_an_environment_over_a_mebibyte_is_an_error_at_its_largest_variable() -> None:
    layer = "".join(f"V{index}: !file big\n" for index in range(10)) + "W: !file bigger\n"
    _, (problem,) = resolved(layer, **{"configs/big": b"x" * 100_000, "configs/bigger": b"x" * 110_000})
    assert problem.code == "environment-too-large"
    assert str(problem.span) == "configs/common.yaml:11:1"


def chain_of(length: int) -> str:
    return "A0: x\n" + "".join(f"A{index}: !expand ${{A{index - 1}}}\n" for index in range(1, length))


@pytest.mark.parametrize("backwards", [False, True])
def test_expands_five_thousand_deep_are_computed(backwards: bool) -> None:
    def found(length: int) -> str | None:
        lines = chain_of(length).splitlines(keepends=True)
        return values("".join(reversed(lines) if backwards else lines))[f"A{length - 1}"]

    assert found(5_000) == "x"
    assert_in_proportion(found, 2_000)


def test_a_long_circle_is_one_error_and_found_quickly() -> None:
    def found(length: int) -> list[str]:
        _, problems = resolved(chain_of(length).replace("A0: x", f"A0: !expand ${{A{length - 1}}}"))
        return [each.code for each in problems]

    assert found(5_000) == ["reference-cycle"]
    assert_in_proportion(found, 2_000)


def test_a_reference_to_what_is_not_set_five_thousand_deep_is_one_error_and_found_quickly() -> None:
    def found(length: int) -> list[str]:
        _, problems = resolved(chain_of(length).replace("A0: x", "A0: ~"))
        return [each.code for each in problems]

    assert found(5_000) == ["unset-reference"]
    assert_in_proportion(found, 2_000)


def test_an_expand_that_doubles_at_each_step_is_refused_before_it_can_hurt(tmp_path: Path) -> None:
    lines = [f"A{index}: !expand ${{A{index - 1}}}${{A{index - 1}}}\n" for index in range(1, 60)]
    write_tree(tmp_path, small_tree(**{"configs/common.yaml": "A0: x\n" + "".join(lines)}))
    command = f"ulimit -v 2000000; exec {sys.executable} -m envtree validate"
    done = subprocess.run(["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr.decode()[-300:]


def test_a_node_above_keeps_the_older_value_where_its_expand_cannot_be_computed_yet() -> None:
    compilation, _ = resolved("A: old\n", "A: !expand ${B}\n", "B: old\n", "", "B: new\n")
    changes = {place: dict(node.changes) for place, node in compilation.nodes.items()}
    assert changes == {
        "common": {"A": "old"},
        "production": {},
        "production/accounts": {"B": "old"},
        "production/accounts/web": {"A": "new", "B": "new"},
    }
