"""Comments that quiet a finding: which line, which code, and what is said of the comments themselves."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from envtree.core.model.diagnostic import Code
from envtree.review.lint.quieting import QUIETABLE, disclosure_of, unused_comments, wrong_comments
from tests.builders import Files, small_tree, write_tree
from tests.cli.running import run
from tests.cli.test_rule import PAGES

if TYPE_CHECKING:
    from pathlib import Path

COMMON = "A: 1\nB: changeme\n"
OF_COMMENTS = ("missing-reason", "unknown-suppression", "unused-suppression", "unused-declaration")


def said(tmp_path: Path, *words: str, **layers: str) -> list[str]:
    """`code file:line` of each finding."""
    files: Files = {f"configs/{path}.yaml": text for path, text in layers.items()}
    write_tree(tmp_path, small_tree(**files))
    data = json.loads(run(tmp_path, "lint", *words, "--format", "json").stdout)
    return [
        f"{each['code']} {re.sub('configs/|.yaml', '', each['file'])}:{each['line']}" for each in data["diagnostics"]
    ]


def test_every_finding_of_lint_can_be_quieted_but_those_of_comments() -> None:
    found: list[Code] = [code for code, page in PAGES.items() if page.group == "Lint" and code not in OF_COMMENTS]  # type: ignore[misc]  # the keys are codes
    assert sorted(found) == sorted(QUIETABLE)


@pytest.mark.parametrize(
    "layer",
    [
        "A: 1  # envtree: allow redundant-override, it is to stay\n",
        "# envtree: allow redundant-override, it is to stay\nA: 1\n",
        "A: 1  #envtree: allow redundant-override: it is to stay\n",
        "A: 1  # it stays # envtree: allow redundant-override (the next release)\n",
    ],
)
def test_a_line_is_quieted_with_a_reason(layer: str, tmp_path: Path) -> None:
    assert said(tmp_path, common="A: 1\n", production=layer) == []
    assert said(tmp_path, "production", common="A: 1\n", production=layer) == []
    assert run(tmp_path, "lint", "--fix", "-q").code == 0
    assert (tmp_path / "configs/production.yaml").read_text() == layer


def test_one_comment_may_name_several_codes_and_each_must_quiet_something(tmp_path: Path) -> None:
    line = "B: changeme  # envtree: allow placeholder-value {}, a demo\n"
    assert said(tmp_path, common=line.format("repeated-value")) == ["unused-suppression common:1"]
    both = {"production": line.format("repeated-value"), "staging": line.format("")}
    assert said(tmp_path, common="", **both) == []


def test_a_finding_about_several_lines_is_quieted_at_any_of_them(tmp_path: Path) -> None:
    assert said(tmp_path, production="A: 1\n", staging="A: 1\n") == ["repeated-value production:1"]
    quiet = "A: 1  # envtree: allow repeated-value, they differ soon\n"
    assert said(tmp_path, production="A: 1\n", staging=quiet) == []


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("allow redundant-override", ["missing-reason production:1"]),
        ("allow redundant-override,", ["missing-reason production:1"]),
        ("allow redundant-overide, why", ["redundant-override production:1", "unknown-suppression production:1"]),
        ("allow no-tree, why", ["redundant-override production:1", "unknown-suppression production:1"]),
        ("allow, why", ["redundant-override production:1", "unknown-suppression production:1"]),
        ("allow the line", ["redundant-override production:1", "unknown-suppression production:1"]),
        ("allow pointless-unset, why", ["redundant-override production:1", "unused-suppression production:1"]),
        ("not-secret, why", ["redundant-override production:1", "unused-suppression production:1"]),
        ("not-secret", ["redundant-override production:1", "unused-suppression production:1"]),
        ("allowed, why", ["redundant-override production:1"]),
    ],
)
def test_what_a_comment_lacks_is_found(comment: str, expected: list[str], tmp_path: Path) -> None:
    found = said(tmp_path, common="A: 1\n", production=f"A: 1  # envtree: {comment}\n")
    assert sorted(found) == expected


def test_a_comment_that_quiets_nothing_is_found_only_where_all_was_looked_at(tmp_path: Path) -> None:
    unused = "A: 2  # envtree: allow redundant-override, why\n"
    assert said(tmp_path, common="A: 1\n", production=unused) == ["unused-suppression production:1"]
    assert said(tmp_path, "production", common="A: 1\n", production=unused) == []
    assert said(tmp_path, "--leaks", common="A: 1\n", production=unused) == []
    assert said(tmp_path, "--no-schemas", common="A: 1\n", production=unused) == []
    assert said(tmp_path, common="A: 1\nC: [c]\n", production=unused) == []


def test_a_comment_of_a_sealed_file_is_not_called_unused() -> None:
    text = "A: ENC[x]  # envtree: not-secret, why\n"
    for file, expected in (("configs/common.sops.yaml", []), ("configs/common.yaml", ["unused-suppression"])):
        disclosure = disclosure_of({file: text}, seals=False)
        assert [each.code for each in unused_comments(disclosure, frozenset())] == expected
        assert [*wrong_comments(disclosure, {file})] == []


CANARY = "DB_PASSWORD=hunter2tulip"


@pytest.mark.parametrize(
    ("path", "is_seen"),
    [
        ("configs/common.yaml", True),
        ("configs/production.yaml", True),
        ("configs/staging.yaml", False),
        ("configs/accounts/common.yaml", True),
        ("configs/accounts/service.yaml", True),
        ("configs/accounts/web/staging.yaml", False),
        ("configs/accounts/README.md", True),
        ("configs/README.md", True),
        ("configs/billing/README.md", False),
        ("configs/billing/common.yaml", False),
        ("configs/billing/service.yaml", False),
        ("schemas/common.py", True),
        ("schemas/accounts.py", True),
        ("schemas/billing.py", False),
        ("envtree.yaml", True),
    ],
)
def test_text_that_has_to_do_with_the_selected_targets_is_searched(path: str, is_seen: bool, tmp_path: Path) -> None:
    billing = {"configs/billing/service.yaml": "processes: {web: {command: serve}}\n"}
    files = {name: str(text) for name, text in small_tree(**billing).items()}
    files[path] = f"{files.get(path, '')}# {CANARY}\n"
    write_tree(tmp_path, files)
    assert "clear-secret" in run(tmp_path, "lint").stdout
    assert ("clear-secret" in run(tmp_path, "lint", "production/accounts").stdout) == is_seen


def test_a_file_that_is_named_without_its_line_end_is_judged_by_its_entry_alone(tmp_path: Path) -> None:
    write_tree(tmp_path, {"configs/api_token.txt": "hunter2tulip\n"})
    found = said(tmp_path, common="API_TOKEN: !file {path: api_token.txt, strip: true}\n")
    assert found == ["clear-secret common:1"]
