"""What a program is started with: the target's own, and what is kept."""

from __future__ import annotations

import pytest

from envtree.core.export.environment import with_kept, with_runtimes
from envtree.core.runit.scripts import PATH

VALUES = {"A": "a", "GONE": None}
CALLER = {"A": "mine", "GONE": "mine", "TERM": "xterm"}


@pytest.mark.parametrize(
    ("keep", "kept", "remarks"),
    [
        ((), {}, ()),
        (("TERM",), {"TERM": "xterm"}, ()),
        (("TERM", "TERM"), {"TERM": "xterm"}, ()),
        (("A",), {}, ("`A` is not kept: the target sets it itself",)),
        (("GONE",), {}, ("`GONE` is not kept: the target removes it itself",)),
        (("NOPE", "TERM"), {"TERM": "xterm"}, ("`NOPE` is not kept: it is not set here",)),
    ],
)
def test_what_the_target_says_holds_and_the_rest_can_be_kept(
    keep: tuple[str, ...], kept: dict[str, str], remarks: tuple[str, ...]
) -> None:
    assert with_kept(VALUES, CALLER, keep) == ({"A": "a", **kept}, remarks)


@pytest.mark.parametrize(
    ("values", "folders", "path"),
    [
        ({}, (), None),
        ({"PATH": "/bin"}, (), "/bin"),
        ({"PATH": "/bin"}, ("/r/ruby", "/r/node"), "/r/ruby:/r/node:/bin"),
        ({}, ("/r/ruby",), f"/r/ruby:{PATH}"),
        ({"PATH": None}, ("/r/ruby",), "/r/ruby"),
    ],
)
def test_runtimes_come_in_front_of_the_path(
    values: dict[str, str | None], folders: tuple[str, ...], path: str | None
) -> None:
    environment, _ = with_kept(values, {}, ())
    assert with_runtimes(environment, folders, values).get("PATH") == path
