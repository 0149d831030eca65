"""Which file is which layer; what is none of them is an error, never passed over."""

from __future__ import annotations

import pytest

from envtree.core.layers.layout import layer_ids
from envtree.core.model.diagnostic import errors
from envtree.core.model.tree import Target
from tests.builders import compiled, small_tree
from tests.sealed_files import sealed_layer


def test_the_six_layers_of_a_target_are_named_widest_first() -> None:
    assert layer_ids(Target("production", "accounts", "web")) == (
        "common",
        "production",
        "accounts/common",
        "accounts/production",
        "accounts/web/common",
        "accounts/web/production",
    )


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("configs/comon.yaml", "unknown-environment", "did you mean `common`"),
        ("configs/prod.yaml", "unknown-environment", ""),
        ("configs/common.yml", "stray-file", "did you mean `common.yaml`"),
        ("configs/common.yaml.orig", "stray-file", ""),
        ("configs/common", "stray-file", ""),
        ("configs/COMMON.yaml", "unknown-environment", ""),
        ("configs/service.yaml", "stray-file", ""),
        ("configs/accounts/production.yml", "stray-file", "did you mean `production.yaml`"),
        ("configs/accounts/prodution.yaml", "unknown-environment", "did you mean `production`"),
        ("configs/acounts/common.yaml", "missing-service-file", "did you mean `accounts`"),
        ("configs/accounts/wbe/common.yaml", "unknown-process", "did you mean `web`"),
        ("configs/accounts/web/service.yaml", "stray-file", ""),
        ("configs/accounts/web/deep/common.yaml", "stray-file", ""),
        ("configs/accounts/certs/ca.pem", "unknown-process", ""),
        ("configs/accounts/service.sops.yaml", "unknown-environment", ""),
        ("configs/accounts/web/review.yaml", "unknown-environment", ""),
        ("configs/common.sops.yml", "stray-file", ""),
    ],
)
def test_a_file_that_is_no_layer_is_an_error(path: str, code: str, words: str) -> None:
    _, problems = compiled(small_tree(**{path: "processes: {web: {command: x}}\n" if "service" in path else "A: a\n"}))
    (problem,) = errors(problems)
    assert problem.code == code
    assert words in problem.message


def test_a_layer_that_no_process_sees_is_an_error() -> None:
    service = "environments: [staging]\nprocesses: {web: {command: x}}\n"
    for path in ("configs/accounts/production.yaml", "configs/accounts/web/production.yaml"):
        _, problems = compiled(small_tree(**{"configs/accounts/service.yaml": service, path: "A: a\n"}))
        assert [each.code for each in errors(problems)] == ["unused-layer"]


def test_a_file_that_a_layer_names_is_no_stray() -> None:
    files = {
        "configs/common.yaml": "A: !file certs/ca.pem\n",
        "configs/certs/ca.pem": "a",
        "configs/accounts/web/x/y": "b",
    }
    files |= {"configs/accounts/web/common.yaml": "B: !file x/y\n"}
    _, problems = compiled(small_tree(**files))
    assert errors(problems) == ()


def test_a_layer_and_its_sealed_sibling_are_one_layer() -> None:
    files = {"configs/common.yaml": "A: a\nB: b\n", "configs/common.sops.yaml": sealed_layer(B="b", C="c")}
    _, problems = compiled(small_tree(**files))
    (problem,) = errors(problems)
    assert (problem.code, str(problem.span)) == ("duplicate-variable", "configs/common.sops.yaml:1:1")
    assert problem.notes == ("first set at configs/common.yaml:2:1",)
