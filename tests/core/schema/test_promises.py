"""What schemas promise about a tree: kept or broken, with every place, by all the processes that are compared."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.commands.tree import tree_of_files
from envtree.core.compile import read_project_of
from envtree.core.model.tree import Target
from envtree.core.promises import compared_targets
from envtree.core.schema.governance import hidden_names
from envtree.core.schema.json_schema import editor_schemas
from envtree.core.schema.promises.marks import Differs, Same, SetIn, kind_of
from tests.builders import Files, compiled, source_of, write_tree
from tests.cli.running import run
from tests.effort import calls_of
from tests.examples import examples
from tests.sealed_files import KEY, sealed_layer

if TYPE_CHECKING:
    from envtree.core.layers.resolve import Node
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.schema.governance import Governance

HEAD = """\
from typing import *
from pydantic import *
from envtree import Differs, Same, Secret, SetIn, Settings

"""
TREE = {
    "envtree.yaml": "environments:\n"
    "  review: {instance: service}\n  staging: {instance: service}\n  production: {instance: service}\n",
    "configs/accounts/service.yaml": "processes: {web: {command: x}, worker: {command: x}}\n",
    "configs/billing/service.yaml": "processes: {web: {command: x}}\n",
}
CLASS = "class Common(Settings):\n    A: "
DIFFERS = f"{CLASS}Annotated[Secret, Differs('environment')] = ''\n"
SAME = f"{CLASS}Annotated[str | None, Same('environment')] = None\n"


def tree(schema: str, layers: dict[str, str]) -> Files:
    return {
        **TREE,
        **{f"configs/{place}.yaml": text for place, text in layers.items()},
        "schemas/common.py": HEAD + schema,
    }


def broken(schema: str, layers: dict[str, str], *selectors: str) -> list[Diagnostic]:
    return list(compiled(tree(schema, layers), selectors)[1])


def places(schema: str, layers: dict[str, str], *selectors: str) -> list[str]:
    """Where each broken promise is, as layer and line."""
    found = broken(schema, layers, *selectors)
    assert {each.code for each in found} <= {"broken-promise"}, found
    return [f"{each.span.file[8:-5]}:{each.span.line}" for each in found if each.span]


# Differs.


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ({"review": "A: r\n", "staging": "A: s\n", "production": "A: p\n"}, []),
        ({"review": "A: r\n", "staging": "A: s\n", "production": "A: s\n"}, ["staging:1"]),
        ({"common": "A: s\n"}, ["common:1"]),
        ({"common": "A: s\n", "staging": "A: !unset\n", "production": "A: p\n"}, []),
        ({"accounts/staging": "A: s\n", "billing/production": "A: s\n"}, ["billing/production:1"]),
        ({"accounts/web/staging": "A: s\n", "accounts/worker/staging": "A: s\n"}, []),
        ({"common": "A: !expand ${E}\nE: ''\n", "staging": "E: s\n", "production": "E: p\n", "review": "E: p\n"}, None),
        ({"common": "A: one\nB: two\n"}, ["common:1"]),
        ({}, []),
    ],
)
def test_no_two_environments_share_a_value(layers: dict[str, str], expected: list[str] | None) -> None:
    fields = f"{DIFFERS}    E: str = ''\n    B: str = ''\n"
    found = [each for each in broken(fields, layers) if each.code != "undeclared-secret"]
    if expected is None:
        assert [each.code for each in found] == ["broken-promise"]
        return
    assert [f"{each.span.file[8:-5]}:{each.span.line}" for each in found if each.span] == expected


@pytest.mark.parametrize(
    ("part", "layers", "expected"),
    [
        ("service", {"accounts/common": "A: a\n", "billing/common": "A: b\n"}, []),
        ("service", {"common": "A: a\n"}, ["common:1"]),
        ("service", {"accounts/staging": "A: a\n", "billing/review": "A: a\n"}, ["billing/review:1"]),
        ("process", {"accounts/web/common": "A: a\n", "accounts/worker/common": "A: b\n"}, []),
        ("process", {"accounts/common": "A: a\n"}, ["accounts/common:1"]),
    ],
)
def test_nor_do_services_and_processes(part: str, layers: dict[str, str], expected: list[str]) -> None:
    assert places(DIFFERS.replace("environment", part), layers) == expected


# Same.


@pytest.mark.parametrize(
    ("part", "layers", "expected"),
    [
        ("environment", {"common": "A: x\n"}, []),
        ("environment", {"common": "A: x\n", "production": "A: y\n"}, ["production:1"]),
        ("environment", {"common": "A: x\n", "production": "A: x\n"}, []),
        ("environment", {"common": "A: x\n", "production": "A: !unset\n"}, ["production:1"]),
        ("environment", {"accounts/common": "A: x\n", "billing/common": "A: y\n"}, []),
        ("environment", {"accounts/web/common": "A: x\n"}, []),
        ("environment", {"accounts/web/staging": "A: x\n"}, ["accounts/web/staging:1"]),
        ("service", {"staging": "A: x\n", "production": "A: y\n", "review": "A: z\n"}, []),
        ("service", {"common": "A: x\n", "billing/common": "A: y\n"}, ["billing/common:1"]),
        ("process", {"accounts/common": "A: x\n", "billing/common": "A: y\n"}, []),
        ("process", {"common": "A: x\n", "accounts/web/review": "A: y\n"}, ["accounts/web/review:1"]),
    ],
)
def test_what_is_to_be_the_same_is(part: str, layers: dict[str, str], expected: list[str]) -> None:
    assert places(SAME.replace("environment", part), layers) == expected


# SetIn.


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ({"accounts/staging": "A: x\n", "billing/production": "A: x\n"}, []),
        ({"common": "A: x\n"}, ["common:1"]),
        ({"production": "A: x\n", "accounts/production": "A: y\n"}, ["production:1"]),
        ({"accounts/web/production": "A: !unset\n"}, ["accounts/web/production:1"]),
        ({"accounts/common": "A: x\n"}, ["accounts/common:1"]),
        ({"accounts/web/common": "A: x\n"}, ["accounts/web/common:1"]),
    ],
)
def test_only_some_layers_set_it(layers: dict[str, str], expected: list[str]) -> None:
    assert places(f"{CLASS}Annotated[str | None, SetIn('environment/service')] = None\n", layers) == expected


def test_each_kind_of_layer_has_a_name() -> None:
    for file, kind in {
        "common": "common",
        "staging": "environment",
        "a/common": "service",
        "a/staging": "environment/service",
        "a/web/common": "service/process",
        "a/web/staging.sops": "environment/service/process",
    }.items():
        assert kind_of(f"configs/{file}.yaml") == kind
        assert kind in SetIn(kind, "common").layers


@pytest.mark.parametrize("wrong", ["Differs('enviroment')", "Same(5)", "SetIn()", "SetIn('process')", "Differs()"])
def test_a_promise_that_there_is_not_is_an_error_at_its_line(wrong: str) -> None:
    (found,) = broken(f"{CLASS}Annotated[str, {wrong}] = ''\n", {})
    assert found.code == "schema-failed"
    assert found.span
    assert found.span.line == HEAD.count("\n") + 2


# What they are about.


def test_the_places_of_a_secret_are_named_and_its_value_is_not() -> None:
    (found,) = broken(DIFFERS, {"staging": "A: hunter2\n", "production": "A: hunter2\n"})
    assert "also at configs/production.yaml:1:4" in found.notes
    assert "hunter2" not in str(found)
    assert not found.shown
    (found,) = broken(SAME.replace("str", "Secret"), {"staging": "A: hunter2\n", "production": "A: hunter3\n"})
    assert "hunter" not in str(found)


def test_a_promise_in_a_base_class_is_one_of_all_who_inherit_it() -> None:
    files = tree("class Empty(Settings):\n    pass\n", {"accounts/staging": "A: s\n", "billing/production": "A: s\n"})
    files["schemas/_base.py"] = f"{HEAD}class Base(Settings):\n    A: Annotated[Secret, Differs('environment')] = ''\n"
    for service in ("accounts", "billing"):
        head = f"from schemas._base import Base\nclass {service.title()}(Base):\n    pass\n"
        text = f"{head}class More({service.title()}, process='web'):\n    pass\n"
        files[f"schemas/{service}.py"] = text
    (found,) = compiled(files)[1]
    assert [str(each) for each in found.targets] == [
        "production/billing/web",
        "staging/accounts/web",
        "staging/accounts/worker",
    ]


def test_two_classes_of_different_services_promise_apart() -> None:
    files = tree("class Empty(Settings):\n    pass\n", {"accounts/staging": "A: s\n", "billing/production": "A: s\n"})
    for service in ("accounts", "billing"):
        files[f"schemas/{service}.py"] = f"{HEAD}{DIFFERS}"
    assert compiled(files)[1] == ()


def test_one_line_that_breaks_a_promise_of_many_processes_is_one_error() -> None:
    (found,) = broken(SAME, {"common": "A: x\n", "accounts/production": "A: y\n"})
    assert len(found.targets) == 6  # both processes, in three environments


@pytest.mark.parametrize("selector", ["production", "production/billing", "staging/accounts/web", "*/accounts/web"])
def test_a_selection_is_compared_with_what_it_leaves_out(selector: str) -> None:
    layers = {"review": "A: r\n", "staging": "A: s\n", "production": "A: s\n"}
    assert places(DIFFERS, layers, selector) == ["staging:1"]
    assert places(DIFFERS, layers, "review") == []
    assert places(DIFFERS, {**layers, "production": "A: p\n"}, selector) == []


@examples(12)
@given(st.data())
def test_whatever_is_selected_has_the_errors_that_the_whole_tree_has_there(data: st.DataObject) -> None:
    marks = [*(f"{kind}('{part}')" for kind in ("Differs", "Same") for part in ("environment", "service", "process"))]
    schema = f"{CLASS}Annotated[str | None, {data.draw(st.sampled_from(marks))}] = None\n"
    names = ["common", "staging", "production", "accounts/common", "accounts/staging", "accounts/web/common"]
    names += ["accounts/web/production", "billing/staging", "billing/common", "accounts/worker/review"]
    values = st.sampled_from(["A: x\n", "A: y\n", "A: !unset\n", ""])
    layers = {name: data.draw(values) for name in names}
    everything = broken(schema, layers)
    selector = data.draw(st.sampled_from(["production", "*/accounts", "staging/billing", "review/accounts/worker"]))
    targets = {*compiled(tree(schema, layers), (selector,))[0].own}
    expected = {each.span for each in everything if targets.intersection(each.targets)}
    assert {each.span for each in broken(schema, layers, selector)} == expected


# Sealed values.


def test_a_line_that_is_sealed_for_all_environments_is_shared_without_a_key() -> None:
    assert places(DIFFERS, {"common.sops": sealed_layer(A="x")}) == ["common.sops:1"]
    assert places(DIFFERS, {"staging.sops": sealed_layer(A="x"), "production.sops": sealed_layer(A="x")}) == []
    assert places(SAME, {"common.sops": sealed_layer(A="x")}) == []
    assert places(SAME, {"staging.sops": sealed_layer(A="x")}) == ["staging.sops:1"]


def test_what_is_not_known_of_the_others_is_said() -> None:
    layers = {"common": "A: x\n", "review": "A: y\n", "staging.sops": sealed_layer(A="x")}
    (found,) = broken(DIFFERS, layers, "production")
    assert (found.code, found.severity) == ("unproved-promise", "warning")
    assert "staging/accounts/web" in found.notes[0]
    layers["staging"] = "A: [\n"
    del layers["staging.sops"]
    assert [each.code for each in broken(DIFFERS, layers, "production")] == ["unproved-promise"]


@pytest.mark.parametrize(
    ("words", "codes"),
    [
        (["validate"], "broken-promise"),
        (["validate", "production"], "broken-promise"),
        (["validate", "--sealed", "skip", "production"], ""),
        (["build", "production", "--out", "../out"], "broken-promise"),
        (["show", "production/billing/web"], ""),
        (["explain", "production/billing/web", "A"], ""),
    ],
)
def test_sealed_values_are_compared_where_there_is_a_key(words: list[str], codes: str, tmp_path: Path) -> None:
    layers = {"staging.sops": sealed_layer(A="hunter2"), "production.sops": sealed_layer(A="hunter2")}
    root = write_tree(tmp_path / "tree", tree(DIFFERS, layers))
    done = run(root, *words, env=KEY)
    assert ("error[broken-promise]" in done.said) == bool(codes), done.said
    assert "hunter2" not in done.said


def test_an_edit_that_would_break_a_promise_is_refused(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "tree", tree(SAME, {"common": "A: x\n"}))
    done = run(root, "set", "production", "A=y")
    assert done.code != 0
    assert "broken-promise" in done.said
    assert run(root, "set", "common", "A=y").code == 0


# What others say of them.


def test_an_editor_is_told_in_words() -> None:
    schema = f"{CLASS}Annotated[Secret, Differs('environment'), SetIn('environment')] = ''\n"
    compilation, _ = compiled(tree(schema, {}))
    (model,) = next(iter(compilation.governed.values())).schemas
    written = editor_schemas(compilation.project, (model,))["common.json"]
    assert "No two environments share its value." in written
    assert "Only `configs/ENVIRONMENT.yaml` sets it." in written


def test_an_explanation_has_what_is_promised_and_whether_it_is_broken(tmp_path: Path) -> None:
    root = write_tree(tmp_path / "tree", tree(DIFFERS, {"staging": "A: s\n", "production": "A: s\n"}))
    said = run(root, "explain", "production/billing/web", "A").said
    assert "no two environments share its value" in said
    assert "error[broken-promise]" in said
    said = run(root, "explain", "production/billing/web", "A", "--format", "json").stdout
    assert '"promises": [' in said


# What they cost.


def grown(services: int) -> Files:
    layers = {"common": "B: 1\n"}
    for number in range(services):
        layers |= {f"s{number}/staging": f"A: s{number}\n", f"s{number}/production": f"A: p{number}\nC: 1\n"}
    files = tree(
        f"{DIFFERS}    B: Annotated[str, Same('service')]\n    C: Annotated[str, SetIn('environment/service')] = ''\n",
        layers,
    )
    return files | {f"configs/s{number}/service.yaml": "processes: {web: {command: x}}\n" for number in range(services)}


def test_the_cost_grows_with_the_tree_and_no_faster() -> None:
    small, large = (calls_of(partial(compiled, grown(number))) for number in (5, 20))
    assert large < small * 4


def test_a_tree_without_promises_compares_nothing() -> None:
    files = source_of(tree("class Common(Settings):\n    A: str = ''\n", {}))
    project, _ = read_project_of(files)
    assert compared_targets(project, (), project.targets[:1]) == ()


def test_what_is_compared_is_what_a_promise_looks_at(tmp_path: Path) -> None:
    from envtree.commands.tree import load_schemas

    root = write_tree(tmp_path / "tree", tree(SAME, {}))
    opened = tree_of_files(str(root))
    project, _ = read_project_of(opened.source)
    schemas, _ = load_schemas(opened, project)
    web = Target("production", "accounts", "web")
    found = compared_targets(project, schemas, (web,))
    assert [str(each) for each in found] == ["review/accounts/web", "staging/accounts/web"]
    assert compared_targets(project, schemas, (web,), "B") == ()
    assert {Differs("environment"), Same("environment")} == {Same("environment"), Differs("environment")}


def test_what_is_hidden_is_asked_once_of_a_process_however_much_is_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Node] = []

    def noted(node: Node, governance: Governance) -> frozenset[str]:
        asked.append(node)
        return hidden_names(node, governance)

    monkeypatch.setattr("envtree.core.schema.promises.problems.hidden_names", noted)
    names = [f"A{number}" for number in range(9)]
    schema = "class Common(Settings):\n" + "".join(
        f"    {name}: Annotated[str, Differs('service')]\n" for name in names
    )
    found = broken(schema, {"common": "".join(f"{name}: x{name}\n" for name in names)})
    assert len(found) == len(names)
    assert len(asked) == len({id(node) for node in asked}) > 1
