"""From the tags of a machine, or a selector, to the processes it runs."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as some

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.tree import Target
from envtree.machine.role.role import Role, role_of_selector, role_of_tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.model.tree import Instance

KEYS = {"environment": "Environment", "service": "Service", "process": "Process"}
ENVIRONMENTS: dict[str, Instance] = {
    "review": "together",
    "staging": "service",
    "production": "service",
    "demo": "service",
}
TARGETS = tuple(
    Target(*text.split("/"))
    for text in (
        "staging/accounts/web",
        "review/postgres/server",
        "review/accounts/worker",
        "review/accounts/web",
        "production/billing/web",
        "production/accounts/worker",
        "production/accounts/web",
    )
)


def by_tags(*values: str, **more: str | None) -> Role:
    """By the three tags in order; others by name."""
    return role_of_tags({**dict(zip(KEYS.values(), values, strict=False)), **more}, KEYS, ENVIRONMENTS, TARGETS)


def by_selector(selector: str) -> Role:
    return role_of_selector(selector, ENVIRONMENTS, TARGETS)


def refused(tags: Mapping[str, str | None]) -> tuple[Diagnostic, ...]:
    """What is said of tags that give no role."""
    with pytest.raises(EnvtreeError) as caught:
        role_of_tags(tags, KEYS, ENVIRONMENTS, TARGETS)
    return caught.value.diagnostics


@pytest.mark.parametrize(
    ("selector", "targets"),
    [
        ("review", "accounts/web accounts/worker postgres/server"),
        ("review/accounts", "accounts/web accounts/worker"),
        ("review/postgres/server", "postgres/server"),
        ("production/accounts", "accounts/web accounts/worker"),
        ("production/accounts/worker", "accounts/worker"),
    ],
)
def test_tags_and_a_selector_give_the_same_role(selector: str, targets: str) -> None:
    names = selector.split("/")
    role = by_selector(selector)
    assert str(role) == selector
    assert [f"{each.service}/{each.process}" for each in role.targets] == targets.split()
    assert {each.environment for each in role.targets} == {names[0]}
    assert by_selector(f"{selector}/") == role
    assert by_tags(*names) == role
    assert by_tags(*(*names, "", "")[:3], Name="app-1", process=None if len(names) > 2 else "") == role


def test_the_keys_of_the_tags_are_those_that_are_set() -> None:
    keys = {"environment": "env", "service": "Env", "process": "acme:process"}
    assert str(role_of_tags({"env": "review"}, keys, ENVIRONMENTS, TARGETS)) == "review"
    assert str(role_of_tags({"env": "review", "Env": "accounts"}, keys, ENVIRONMENTS, TARGETS)) == "review/accounts"


SEEN = "the machine has the tags `Environment` (`{}`)"
# The tags, then the code, the message, the note and the help.
ROLES: dict[str, tuple[dict[str, str | None], str, str, str, str]] = {
    "none": (
        {},
        "unclear-role",
        "the tag `Environment` is missing",
        "the machine has no tags",
        "set it to one of `demo`, `production`, `review`, `staging`",
    ),
    "others": (
        {"Name": None, "Enviroment": "review", "aws:x": "y", "Service": "api"},
        "unclear-role",
        "the tag `Environment` is missing; did you mean `Enviroment`?",
        "the machine has the tags `Service` (`api`), `Enviroment`, `Name`, `aws:x`",
        "set it to one of `demo`, `production`, `review`, `staging`",
    ),
    "empty": (
        {"Environment": ""},
        "unclear-role",
        "the tag `Environment` is empty",
        "the machine has the tags `Environment` (empty)",
        "set it to one of `demo`, `production`, `review`, `staging`",
    ),
    "case": (
        {"environment": None},
        "unclear-role",
        "there is a tag `environment`, and `Environment` is the one that is read",
        "the machine has the tags `environment`",
        "name it `Environment`",
    ),
    "case of an optional tag": (
        {"Environment": "review", "SERVICE": "accounts"},
        "unclear-role",
        "there is a tag `SERVICE`, and `Service` is the one that is read",
        f"{SEEN.format('review')}, `SERVICE`",
        "name it `Service`",
    ),
    "a key with a blank": (
        {"Environment": "production", "Service": "accounts", "Process ": "web"},
        "unclear-role",
        "there is a tag `Process `, and `Process` is the one that is read",
        f"{SEEN.format('production')}, `Service` (`accounts`), `Process `",
        "name it `Process`",
    ),
    "blanks": (
        {"Environment": "review\n"},
        "unclear-role",
        "the tag `Environment` has a blank round its value: `review\\n`",
        SEEN.format("review\\n"),
        "set it to `review`",
    ),
    "nothing but blanks": (
        {"Environment": "review", "Service": "  "},
        "unclear-role",
        "the tag `Service` has a blank round its value: `  `",
        f"{SEEN.format('review')}, `Service` (`  `)",
        "remove it",
    ),
    "a process of nothing": (
        {"Environment": "review", "Process": "web"},
        "unclear-role",
        "the tag `Process` names a process, and no tag `Service` its service",
        f"{SEEN.format('review')}, `Process` (`web`)",
        "set the tag `Service` too",
    ),
    "everything": (
        {"Environment": "production"},
        "unclear-role",
        "`production` runs one service a machine, and the tag `Service` names none",
        SEEN.format("production"),
        "set the tag `Service` to one of `accounts`, `billing`",
    ),
    "one service": (
        {"Environment": "staging"},
        "unclear-role",
        "`staging` runs one service a machine, and the tag `Service` names none",
        SEEN.format("staging"),
        "set the tag `Service` to `accounts`",
    ),
    "an environment": (
        {"Environment": "Productoin"},
        "unknown-role",
        "the tag `Environment` asks for `Productoin`, which is no environment; did you mean `production`?",
        SEEN.format("Productoin"),
        "set the tag `Environment` to one of `demo`, `production`, `review`, `staging`",
    ),
    "hostile": (
        {"Environment": "\x1b[31m" + "x" * 300},
        "unknown-role",
        "the tag `Environment` asks for `\\x1b[31m" + "x" * 72 + "...`, which is no environment",
        SEEN.format("\\x1b[31m" + "x" * 72 + "..."),
        "set the tag `Environment` to one of `demo`, `production`, `review`, `staging`",
    ),
    "nothing built": (
        {"Environment": "demo"},
        "unknown-role",
        "the tag `Environment` asks for `demo`, of which nothing was built into this output",
        SEEN.format("demo"),
        "`envtree build demo --out OUT`",
    ),
    "a service": (
        {"Environment": "production", "Service": "Acounts"},
        "unknown-role",
        "the tag `Service` asks for `Acounts`, which is no service of `production`; did you mean `accounts`?",
        f"{SEEN.format('production')}, `Service` (`Acounts`)",
        "set the tag `Service` to one of `accounts`, `billing`",
    ),
    "a service of another environment": (
        {"Environment": "production", "Service": "postgres", "Process": "x"},
        "unknown-role",
        "the tag `Service` asks for `postgres`, which doesn't run in `production`, but in `review`",
        f"{SEEN.format('production')}, `Service` (`postgres`), `Process` (`x`)",
        "set the tag `Service` to one of `accounts`, `billing`",
    ),
    "a process": (
        {"Environment": "production", "Service": "accounts", "Process": "workers"},
        "unknown-role",
        "the tag `Process` asks for `workers`, which is no process of production/accounts; did you mean `worker`?",
        f"{SEEN.format('production')}, `Service` (`accounts`), `Process` (`workers`)",
        "set the tag `Process` to one of `web`, `worker`",
    ),
}


@pytest.mark.parametrize(("tags", "code", "message", "note", "advice"), ROLES.values(), ids=ROLES)
def test_tags_that_name_no_role_are_refused(
    tags: dict[str, str | None], code: str, message: str, note: str, advice: str
) -> None:
    (said,) = refused(tags)
    assert (said.code, said.message, said.notes[0], said.help) == (code, message, note, advice)


def test_what_is_in_the_output_is_said_of_an_environment_that_is_not() -> None:
    assert refused({"Environment": "demo"})[0].notes[1] == "it holds `production`, `review`, `staging`"


def test_all_that_is_wrong_with_the_tags_is_said_at_once() -> None:
    said = refused({"Environment": "", "service": "accounts", "Process": " web"})
    assert [each.message for each in said] == [
        "the tag `Environment` is empty",
        "there is a tag `service`, and `Service` is the one that is read",
        "the tag `Process` has a blank round its value: ` web`",
    ]


@pytest.mark.parametrize(
    ("selector", "code", "message", "advice"),
    [
        ("", "unclear-role", "`--as ` is no `ENVIRONMENT[/SERVICE[/PROCESS]]`", "write names"),
        ("*", "unclear-role", "`--as *` is no `ENVIRONMENT[/SERVICE[/PROCESS]]`", "write names"),
        ("review//web", "unclear-role", "`--as review//web` is no `ENVIRON", "write names"),
        ("a/b/c/d", "unclear-role", "`--as a/b/c/d` is no `ENVIRON", "write names"),
        (
            "production",
            "unclear-role",
            "`production` runs one service a machine, and `--as production` names none",
            "write `--as production/SERVICE`, with SERVICE as one of `accounts`, `billing`",
        ),
        (
            "prod",
            "unknown-role",
            "`--as prod` asks for `prod`, which is no environment",
            "write `--as ENVIRONMENT`, with ENVIRONMENT as one of `demo`, `production`, `review`, `staging`",
        ),
        (
            "production/postgres",
            "unknown-role",
            "`--as production/postgres` asks for `postgres`, which doesn't run in `production`, but in `review`",
            "write `--as production/SERVICE`, with SERVICE as one of `accounts`, `billing`",
        ),
        (
            "production/billing/wep",
            "unknown-role",
            "`--as production/billing/wep` asks for `wep`, which is no process of production/billing; "
            "did you mean `web`?",
            "write `--as production/billing/PROCESS`, with PROCESS as `web`",
        ),
    ],
)
def test_a_selector_that_names_no_role_is_refused(selector: str, code: str, message: str, advice: str) -> None:
    with pytest.raises(EnvtreeError) as caught:
        by_selector(selector)
    (said,) = caught.value.diagnostics
    assert said.code == code
    assert said.message.startswith(message)
    assert said.help.startswith(advice)


_NAMES = some.sampled_from(["a", "b", "web", "accounts"])
_TARGETS = some.lists(some.builds(Target, _NAMES, _NAMES, _NAMES), min_size=1, max_size=12, unique=True)


@given(_TARGETS, some.sampled_from(["together", "service"]))
def test_every_target_is_reached_by_exactly_its_own_tags(targets: list[Target], instance: Instance) -> None:
    environments = dict.fromkeys(["ab", "web", "accounts"], instance) | {each.environment: instance for each in targets}
    for target in targets:
        tags = {"Environment": target.environment, "Service": target.service, "Process": target.process}
        assert role_of_tags(tags, KEYS, environments, targets).targets == (target,)
        role = role_of_tags({**tags, "Process": ""}, KEYS, environments, targets)
        wanted = [each for each in targets if (each.environment, each.service) == (target.environment, target.service)]
        assert role.targets == tuple(sorted(wanted))
        assert role_of_selector(str(role), environments, tuple(reversed(targets))) == role


@given(_TARGETS)
def test_an_environment_together_is_all_of_it(targets: list[Target]) -> None:
    environments: dict[str, Instance] = {each.environment: "together" for each in targets}
    roles = [role_of_tags({"Environment": name}, KEYS, environments, targets) for name in environments]
    assert sorted(each for role in roles for each in role.targets) == sorted(targets)


_ODD = some.sampled_from(["production", "review", "accounts", "web", "", " web", "Web", "\x1b", "a/b"]) | some.text()


@given(some.dictionaries(some.sampled_from([*KEYS.values(), "service", "Name"]) | some.text(), some.none() | _ODD))
def test_any_tags_give_a_role_or_diagnostics_that_can_be_shown(tags: dict[str, str | None]) -> None:
    try:
        assert role_of_tags(tags, KEYS, ENVIRONMENTS, TARGETS).targets
    except EnvtreeError as error:
        texts = [text for each in error.diagnostics for text in (each.message, each.help, *each.notes)]
        assert all(text.isprintable() for text in texts)


@given(some.text() | some.lists(_ODD, max_size=4).map("/".join))
def test_any_selector_gives_its_role_or_a_diagnostic(selector: str) -> None:
    assume(selector)
    with suppress(EnvtreeError):
        assert str(by_selector(selector)) == selector.removesuffix("/")
