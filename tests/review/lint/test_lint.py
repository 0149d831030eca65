"""What is found of a tree: the line, the code, and what is not said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from envtree.review.lint.lint import lint
from tests.builders import Files, compiled, source_of
from tests.sealed_files import sealed_layer

if TYPE_CHECKING:
    from envtree.review.lint.occurrences import Lint

TREE: Files = {
    "envtree.yaml": "environments:\n  staging: {instance: service}\n  production: {instance: service}\n",
    "configs/accounts/service.yaml": "processes: {web: {command: serve}, worker: {command: work}}\n",
    "configs/reports/service.yaml": "processes: {web: {command: serve}, cron: {command: run}}\n",
}
SEALED = sealed_layer(A="x")


def found(files: Files, *selectors: str) -> tuple[Lint, ...]:
    """The findings of a tree without schemas, unless it has some."""
    written = {path if "." in path else f"configs/{path}.yaml": text for path, text in files.items()}
    compilation, _ = compiled({**TREE, **written})
    chosen = [each for each in compilation.own if not selectors or str(each).startswith(selectors)]
    return lint(compilation, chosen, source_of({**TREE, **written}))[0]


def places(files: Files, *selectors: str) -> list[str]:
    """`code file:line` of each finding, without what all paths have."""

    def short(path: str) -> str:
        return path.removeprefix("configs/").removesuffix(".yaml")

    lints = found(files, *selectors)
    return [f"{each.diagnostic.code} {short(each.entry.file)}:{each.entry.name_line}" for each in lints]


@pytest.mark.parametrize(
    "files",
    [
        {},
        {"common": "A: 1\n", "production": "A: 2\n"},
        {"common": "A: 1\n", "production": "A: 2\n", "accounts/common": "A: 1\n"},  # in production it differs
        {"common": "A: 1\n", "accounts/web/common": 'A: !expand "1"\n'},  # the same text, made otherwise
        {"common": "A: ''\n", "accounts/web/common": "A: !unset\n"},
        {"common": "A: 1\n", "accounts/web/common": "A: !unset\n"},
        {"staging": "A: 1\n", "accounts/common": "A: !unset\n"},  # of use in staging, if not in production
        {"accounts/production": "A: 1\n", "reports/production": "A: 2\n"},
        {"accounts/production": "A: 1\n", "accounts/staging": "A: 2\n"},
        {"accounts/web/production": "A: 1\n", "accounts/web/staging": "B: 1\n"},
        {"common": "A: [\n", "accounts/common": "A: 1\n"},
        {"common": "A: 1\n", "production": "A: !expand ${A}1\n", "accounts/production": "A: !expand ${A}1\n"},
        {"common": "A: 1\n", "production": "A: !expand ${A}1\n", "staging": "A: !expand ${A}1\n"},
    ],
)
def test_a_line_that_does_something_is_quiet(files: Files) -> None:
    assert places(files) == []


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"common": "A: 1\n", "production": "A: 1\n"}, ["redundant-override production:1"]),
        ({"common": "A: 1\n", "accounts/web/common": "B: 1\nA: '1'\n"}, ["redundant-override accounts/web/common:2"]),
        (
            {"common": "A: !unset\nB: 1\n", "production": "A: ~\n"},
            ["pointless-unset common:1", "redundant-override production:1"],
        ),
        (
            {"common": 'B: 1\nA: !expand "${B}"\n', "accounts/common": 'A: !expand "${B}"\n'},
            ["redundant-override accounts/common:1"],
        ),
        (
            {"production": "A: 1\n", "staging": "A: 1\n", "accounts/common": "A: 1\n", "common": "A: 2\n"},
            ["redundant-override accounts/common:1", "shadowed-entry common:1"],
        ),
        (
            {"common": "A: 1\n", "production": "A: 1\n", "accounts/common": "A: 1\n", "accounts/production": "A: 1\n"},
            [f"redundant-override {place}:1" for place in ("accounts/common", "accounts/production", "production")],
        ),
    ],
)
def test_an_override_equal_to_what_it_inherits_is_redundant(files: Files, expected: list[str]) -> None:
    assert places(files) == expected


def test_a_redundant_line_names_each_line_that_it_repeats() -> None:
    files: Files = {"common": "A: 1\n", "production": "A: 2\n", "staging": "A: 2\n", "accounts/common": "A: 2\n"}
    (one,) = [each for each in found(files) if each.repeats]
    assert [str(each.span) for each in one.repeats] == ["configs/production.yaml:1:4", "configs/staging.yaml:1:4"]
    assert one.diagnostic.label == "the same as configs/production.yaml:1, configs/staging.yaml:1"


TWICE = 'B: {}\nA: !expand "${{B}}"\n'


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"production": "A: 1\n", "staging": "A: 1\n"}, "configs/common.yaml"),
        ({"accounts/production": "A: 1\n", "accounts/staging": "A: 1\n"}, "configs/accounts/common.yaml"),
        ({"accounts/web/production": "A: 1\n", "accounts/web/staging": "A: 1\n"}, "configs/accounts/web/common.yaml"),
        ({"accounts/common": "A: 1\n", "reports/common": "A: 1\n"}, "configs/common.yaml"),
        ({"accounts/production": "A: 1\n", "reports/production": "A: 1\n"}, "configs/production.yaml"),
        ({"accounts/web/common": "A: 1\n", "accounts/worker/common": "A: 1\n"}, "configs/accounts/common.yaml"),
        ({"accounts/web/staging": "A: 1\n", "accounts/worker/staging": "A: 1\n"}, "configs/accounts/staging.yaml"),
        ({"production": TWICE.format(1), "staging": TWICE.format(2)}, "configs/common.yaml"),
    ],
)
def test_a_value_that_all_siblings_repeat_has_a_wider_place(files: Files, expected: str) -> None:
    helps = [each.diagnostic.help for each in found(files) if each.diagnostic.code == "repeated-value"]
    assert helps == [f"write it once, in {expected}, and remove it from these files"]


@pytest.mark.parametrize(
    "files",
    [
        {"production": "A: 1\n"},  # staging lacks it
        {"common": "A: 0\n", "production": "A: 1\n", "staging": "A: 1\n"},  # the wider place says something itself
        {"production": "A: 2\n", "accounts/common": "A: 1\n", "reports/common": "A: 1\n"},  # and here what is between
        {"production": "A: 1\n", "staging": "A: 2\n", "accounts/common": "A: ~\n", "reports/common": "A: ~\n"},
        {"accounts/common": "A: 2\n", "reports/web/staging": "A: 1\n"},
        {"accounts/common": "A: 1\n", "reports/common": 'A: !expand "1"\n'},
    ],
)
def test_a_value_that_could_not_move_without_a_change_is_not_asked_to(files: Files) -> None:
    assert not any("repeated" in place for place in places(files))


def test_a_value_is_asked_to_move_once_though_it_fits_in_two_families() -> None:
    four = {f"{service}/{name}": "A: 1\n" for service in ("accounts", "reports") for name in ("production", "staging")}
    assert places({**four}) == ["repeated-value accounts/production:1", "repeated-value reports/production:1"]


@pytest.mark.parametrize("schema", ["A: Secret", "A: str\n\n\nclass Web(Settings, process='web'):\n    A: Secret"])
def test_a_secret_is_not_asked_to_leave_the_file_of_its_environment(schema: str) -> None:
    head = "from envtree import Secret, Settings\n\n\nclass Common(Settings):\n    "
    files: Files = {"schemas/common.py": head + schema + "\n", "production": "A: 1\n", "staging": "A: 1\n"}
    assert not any("repeated" in place for place in places(files))


def test_nor_is_what_looks_like_one() -> None:
    token: Files = {"production": "API_TOKEN: tulip\n", "staging": "API_TOKEN: tulip\n"}
    assert places(token) == ["clear-secret production:1", "clear-secret staging:1"]


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"common": "A: 1\n", "production": "A: 2\n", "staging": "A: 3\n"}, ["shadowed-entry common:1"]),
        (
            {"accounts/common": "A: 1\n", "accounts/web/common": "A: 2\n", "accounts/worker/common": "A: 3\n"},
            ["shadowed-entry accounts/common:1"],
        ),
        (
            {"accounts/production": "A: 1\n", "accounts/web/production": "A: 2\n", "accounts/worker/common": "A: 3\n"},
            ["shadowed-entry accounts/production:1"],
        ),
        (  # What only repeats a line doesn't hide it: without the repetition, the line is seen.
            {"common": "A: 1\n", "production": "A: 1\n", "staging": "A: 1\n"},
            ["redundant-override production:1", "redundant-override staging:1"],
        ),
    ],
)
def test_an_entry_that_all_override_is_shadowed(files: Files, expected: list[str]) -> None:
    assert places(files) == expected


def test_a_reference_does_not_see_what_is_shadowed() -> None:
    files: Files = {"common": 'A: 1\nB: !expand "${A}"\n', "production": "A: 2\n", "staging": "A: 3\n"}
    assert places(files) == ["shadowed-entry common:1"]


def test_an_unset_of_nothing_is_pointless_where_no_target_has_anything() -> None:
    unset: Files = {"accounts/common": "A: !unset\n"}
    assert places(unset) == ["pointless-unset accounts/common:1"]
    assert places({**unset, "accounts/web/common": "A: 1\n"}) == ["pointless-unset accounts/common:1"]


def test_a_sealed_or_wrong_value_is_judged_by_nothing() -> None:
    assert places({"configs/common.sops.yaml": SEALED, "configs/accounts/common.sops.yaml": SEALED}) == []
    assert places({"common": "PASSWORD:\n", "production": "PASSWORD:\n"}) == []


def test_a_sealed_value_still_overrides() -> None:
    sealed = {f"configs/{name}.sops.yaml": SEALED for name in ("production", "staging")}
    assert places({"common": "A: 1\n", **sealed}) == ["shadowed-entry common:1"]


def test_the_name_of_a_sealed_value_tells_that_it_loads_code() -> None:
    sealed = sealed_layer(LD_PRELOAD="x")
    assert places({"configs/common.sops.yaml": sealed}) == ["loader-variable common.sops:1"]


def test_an_unset_of_a_loader_variable_is_quiet() -> None:
    files: Files = {"common": "LD_PRELOAD: x\n", "accounts/common": "LD_PRELOAD: !unset\n"}
    assert places(files) == ["loader-variable common:1"]


def test_options_are_judged_by_what_a_process_gets() -> None:
    files: Files = {"common": 'NODE_OPTIONS: !expand "${MORE}"\nMORE: --title=x\n', "production": "MORE: --title=y\n"}
    assert places(files) == []
    assert places({**files, "production": "MORE: --require ./x.js\n"}) == ["loader-variable common:1"]


def test_a_secret_is_declared_where_a_class_governs_it_and_not_elsewhere() -> None:
    schema = "from envtree import Secret, Settings\n\n\nclass Web(Settings, process='web'):\n    TOKEN: Secret\n"
    schemas: Files = {"schemas/accounts.py": schema}
    assert places({**schemas, "accounts/staging": "TOKEN: tulip\n"}) == ["unsealed-secret accounts/staging:1"]
    assert places({**schemas, "reports/common": "TOKEN: tulip\n"}) == ["clear-secret reports/common:1"]


def test_a_value_is_shown_only_where_all_who_see_it_may() -> None:
    schema = "from envtree import Settings\n\n\nclass Accounts(Settings):\n    A: str\n"
    layers: Files = {"common": "A: 1\n", "production": "A: 1\n", "accounts/common": "A: 1\n"}
    shown = {each.entry.file: each.diagnostic.shown for each in found({"schemas/accounts.py": schema, **layers})}
    assert shown == {"configs/production.yaml": False, "configs/accounts/common.yaml": True}


def test_what_looks_like_a_secret_is_shown_by_no_other_finding() -> None:
    schema = "from envtree import Settings\n\n\nclass Common(Settings):\n    PASSWORD: str\n"
    layers: Files = {"common": "PASSWORD: tulip\n", "production": "PASSWORD: tulip\n"}
    assert [each.diagnostic.shown for each in found({"schemas/common.py": schema, **layers})] == [False] * 3


def test_a_selector_chooses_lines_and_not_what_they_are_judged_by() -> None:
    layers: Files = {"common": "A: 1\n", "staging": "A: 2\n", "accounts/common": "A: 1\n", "reports/common": "B: ~\n"}
    assert places(layers) == ["pointless-unset reports/common:1"]  # accounts/common matters in staging
    assert places(layers, "production/accounts") == []
    assert places(layers, "staging/reports") == ["pointless-unset reports/common:1"]


SHARED = (
    "from typing import *\nfrom pydantic import *\nfrom envtree import *\nclass Common(Settings):\n    A: {} = ''\n"
)


@pytest.mark.parametrize(
    ("kind", "layers", "expected"),
    [
        ("Secret", {"staging": "A: hunter2\n", "production": "A: hunter2\n"}, ["production:1"]),
        ("Secret", {"common": "A: hunter2\n"}, ["common:1"]),
        ("Secret", {"accounts/staging": "A: hunter2\n", "reports/production": "A: hunter2\n"}, ["accounts/staging:1"]),
        ("Secret", {"staging": "A: hunter2\n", "production": "A: hunter3\n"}, []),
        ("Secret", {"staging": "A: ''\n", "production": "A: ''\n"}, []),
        ("Secret", {"staging": "A: changeme\n", "production": "A: changeme\n"}, []),
        ("Secret", {"staging": "A: hunter2\n"}, []),
        ("str", {"common": "A: hunter2\n"}, []),
        ("Annotated[Secret, Same('environment')]", {"common": "A: hunter2\n"}, []),
        ("Annotated[Secret, Differs('environment')]", {"common": "A: hunter2\n"}, []),
        ("Annotated[Secret, Differs('service')]", {"common": "A: hunter2\n"}, ["common:1"]),
        ("Secret", {"configs/common.sops.yaml": SEALED}, ["common.sops:1"]),
        ("Secret", {"configs/staging.sops.yaml": SEALED, "configs/production.sops.yaml": SEALED}, []),
    ],
)
def test_a_secret_of_several_environments_is_to_be_promised_or_not(
    kind: str, layers: dict[str, str], expected: list[str]
) -> None:
    files: Files = {**layers, "schemas/common.py": SHARED.format(kind)}
    shared = [each for each in places(files) if each.startswith("shared-secret")]
    assert shared == [f"shared-secret {each}" for each in expected]
    assert "hunter" not in str([each.diagnostic for each in found(files)])
