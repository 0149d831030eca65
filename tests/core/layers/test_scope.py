"""A scope names one layer; what is written in another way is told how, and what names none is refused."""

from __future__ import annotations

import pytest

from envtree.core.layers.scope import read_scope, scopes
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.settings.project import read_project
from tests.builders import small_tree, source_of

PROJECT, _ = read_project(
    source_of(
        small_tree(
            **{
                "configs/billing/service.yaml": "environments: [production]\n"
                "processes: {web: {command: a}, worker: {command: b}}\n"
            }
        )
    )
)


@pytest.mark.parametrize(
    ("selector", "layer_id", "targets"),
    [
        ("common", "common", 4),
        ("production", "production", 3),
        ("staging/", "staging", 1),
        ("*/accounts", "accounts/common", 2),
        ("production/accounts", "accounts/production", 1),
        ("*/billing", "billing/common", 2),
        ("*/billing/web", "billing/web/common", 1),
        ("production/billing/worker", "billing/worker/production", 1),
    ],
)
def test_a_scope_is_one_layer(selector: str, layer_id: str, targets: int) -> None:
    scope = read_scope(PROJECT, selector)
    assert (scope.layer_id, len(scope.targets)) == (layer_id, targets)


def test_every_layer_has_one_scope_and_some_target_sees_it() -> None:
    known = scopes(PROJECT)
    assert len({*known.values()}) == len(known)
    assert all(read_scope(PROJECT, each).targets for each in known)


@pytest.mark.parametrize(
    ("selector", "said"),
    [
        ("accounts", "; did you mean `'*/accounts'`?"),
        ("billing/web", "; did you mean `'*/billing/web'`?"),
        ("configs/accounts", "; did you mean `'*/accounts'`?"),
        ("configs/accounts/production.yaml", "; did you mean `production/accounts`?"),
        ("./configs/common.yaml", "; did you mean `common`?"),
        ("accounts/web/production.sops.yaml", "; did you mean `production/accounts/web`?"),
        ("accounts/production", "; did you mean `production/accounts`?"),
        ("common/accounts/web", "; did you mean `'*/accounts/web'`?"),
        ("*", "; did you mean `common`?"),
        ("*/*/*", "; did you mean `common`?"),
        ("production/*", "; did you mean `production`?"),
        ("production/accounts/*", "; did you mean `production/accounts`?"),
        ("production/acounts", "; did you mean `production/accounts`?"),
        ("prod", "; did you mean `production`?"),
        ("*/acounts/web", "; did you mean `*/accounts/web`?"),
        ("prod*/accounts", "`prod*/accounts` is no scope of this tree"),
        ("staging/billing", "`billing` doesn't run in `staging`"),
        ("", "`` is no scope"),
        ("/", "`/` is no scope"),
        ("production//web", "`production//web` is no scope"),
        ("production/accounts/web/more", "is no scope"),
        ("A=1", "`A=1` is no scope"),
        ("\x1b[2J", "is no scope"),
    ],
)
def test_what_is_no_scope_is_refused_and_what_is_meant_is_named(selector: str, said: str) -> None:
    with pytest.raises(EnvtreeError) as caught:
        read_scope(PROJECT, selector)
    assert said in caught.value.diagnostics[0].message
    assert caught.value.diagnostics[0].help
