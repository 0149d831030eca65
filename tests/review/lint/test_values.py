"""Values that are valid, and hardly meant: what is found, what is not, and that no secret is shown."""

from __future__ import annotations

import pytest

from envtree.review.lint.lint import lint
from tests.builders import Files, compiled, small_tree, source_of
from tests.sealed_files import sealed_layer

CANARY = "hunter2tulip"
SCHEMA = """\
from envtree import Secret, Settings


class Common(Settings):
    KEY: Secret | None = None
    URL: str = ""
    HOST: str = ""
    PEM: str = ""
    NOTE: str = ""
    API_TOKEN: str = ""
"""
NEW = frozenset(("unexpanded-reference", "placeholder-value", "trailing-newline", "folded-pem", "cut-value"))
BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


def found(layer: str, **more: str | bytes) -> list[str]:
    """The codes that are found of the values of one layer, of those that look at values."""
    files: Files = small_tree(**{"schemas/common.py": SCHEMA, "configs/common.yaml": layer, **more})
    compilation, _ = compiled(files)
    lints, _ = lint(compilation, [*compilation.own], source_of(files))
    said = [each.diagnostic for each in lints if each.diagnostic.code in NEW]
    assert CANARY not in repr(said)
    assert not any(each.shown for each in said if "KEY" in each.message)
    return [each.code for each in said]


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("URL: http://${HOST}/\nHOST: h\n", True),
        ("URL: 'http://${HOST}/'\n", True),  # declared, if not set
        ("URL: |\n  http://${HOST}/\n", True),
        ("URL: ${URL}:x\n", True),
        ("KEY: hunter2tulip${HOST}\n", True),
        ("URL: http://${NOBODY}/\nHOST: h\n", False),
        ("URL: http://$HOST/ ${HOST:-b} $${HOST}\n", True),
        ("URL: http://$HOST/\n", False),
        ("URL: !expand http://${HOST}/\nHOST: h\n", False),
        ("URL: !expand http://${HOST}/{{ HOST }}\nHOST: h\n", True),
        ("URL: !expand http://${HOST}/%HOST%\nHOST: h\n", True),
        ("URL: !expand http://${HOST}/#{HOST}\nHOST: h\n", True),
        ("URL: !expand http://${HOST}/{{ NOBODY }}\nHOST: h\n", False),
        ("NOTE: !json ['${HOST}']\nHOST: h\n", False),
        ("NOTE: '{{ HOST }}'\nHOST: h\n", False),
    ],
)
def test_a_reference_to_a_known_variable_that_nothing_replaces(layer: str, expected: bool) -> None:
    assert found(layer) == ["unexpanded-reference"] * expected


def test_a_reference_to_what_only_other_processes_have_is_text() -> None:
    other = {"configs/other/service.yaml": "processes: {web: {command: a}}\n", "configs/other/common.yaml": "ELSE: b\n"}
    assert found("NOTE: ${ELSE}\n", **other) == ["unexpanded-reference"]
    assert found("HOST: h\n", **{"configs/accounts/common.yaml": "NOTE: ${ELSE}\n", **other}) == []


@pytest.mark.parametrize(
    "text",
    [
        *("changeme", "CHANGE_ME", "change-this", "TODO", "xxx", "xxxxxxxx", "***", "...", "abc...", "<token>"),
        *("<your token here>", "your-token", "replace-with-real-one", "REDACTED", "tbd", "insert-key-here"),
        *("postgres://app:changeme@db.internal/app", "https://user:<password>@host/"),
    ],
)
def test_a_placeholder_for_a_secret(text: str) -> None:
    assert found(f"KEY: '{text}'\n") == ["placeholder-value"]
    assert found(f"API_TOKEN: '{text}'\n") == ["placeholder-value"]


@pytest.mark.parametrize("text", ["changeme", "TODO", "xxx", "<your host>", "your-host-here", "FIXME", "replace_me"])
def test_a_placeholder_for_anything(text: str) -> None:
    assert found(f"HOST: '{text}'\n") == ["placeholder-value"]


@pytest.mark.parametrize(
    "layer",
    [
        "HOST: <b>\n",
        "HOST: example.com\n",
        "HOST: change\n",
        "HOST: x\n",
        "HOST: '...'\n",
        "NOTE: your invoice\n",
        "KEY: hunter2tulip\n",
        "KEY: test\n",
        "KEY: example-key\n",
        "KEY: ''\n",
        "KEY: 'null'\n",
        "KEY: postgres://app:hunter2tulip@change.example.com/todo\n",
        "KEY: https://your.example.com/\n",
        "KEY: !expand ${HOST}\nHOST: h\n",
        "KEY: !unset\n",
    ],
)
def test_a_value_that_may_be_meant_is_no_placeholder(layer: str) -> None:
    assert found(layer) == []


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("KEY: |\n  hunter2tulip\n", True),
        ("KEY: >\n  hunter2tulip\n", True),
        ('KEY: "hunter2tulip\\n"\n', True),
        ("KEY: !file key.txt\n", True),
        ("API_TOKEN: |\n  hunter2tulip\n", True),
        ("KEY: |-\n  hunter2tulip\n", False),
        ("KEY: !file {path: key.txt, strip: true}\n", False),
        ("KEY: |\n  two\n  lines\n", False),
        ("NOTE: |\n  one line\n", False),
        ("KEY: hunter2tulip\n", False),
    ],
)
def test_a_secret_of_one_line_with_a_line_end(layer: str, expected: bool) -> None:
    more = {"configs/key.txt": "hunter2tulip\n"} if "key.txt" in layer else {}
    assert found(layer, **more) == ["trailing-newline"] * expected


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (f"PEM: >\n  {BEGIN}\n  MIIB\n  {END}\n", True),
        (f"PEM: >-\n  {BEGIN}\n  MIIB\n  {END}\n", True),
        (f"PEM: {BEGIN}\n  MIIB\n  {END}\n", True),
        (f'PEM: "{BEGIN}\n  MIIB\n  {END}"\n', True),
        (f"PEM: !expand >\n  {BEGIN}\n  ${{NOTE}}\n  {END}\nNOTE: MIIB\n", True),
        (f"PEM: |\n  {BEGIN}\n  MIIB\n  {END}\n", False),
        (f'PEM: "{BEGIN}\\nMIIB\\n{END}\\n"\n', False),
        (f"PEM: '{BEGIN}\\nMIIB\\n{END}\\n'\n", False),  # programs that take `\\n` in text, and many do
        (f"NOTE: it begins with {BEGIN}\n", False),
    ],
)
def test_a_pem_whose_lines_are_one(layer: str, expected: bool) -> None:
    assert found(layer) == ["folded-pem"] * expected


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        ("KEY: hunter #2tulip\n", True),
        ("KEY: hunter\t#2tulip\n", True),
        ("KEY: hunter # by hand\n", False),
        ("KEY: hunter #\n", False),
        ("KEY: hunter#2tulip\n", False),
        ("KEY: 'hunter' #2tulip\n", False),
        ('KEY: "hunter" #2tulip\n', False),
        ("KEY: !file key.txt #2tulip\n", False),
        ("HOST: h #2\n", False),
    ],
)
def test_a_secret_that_a_comment_cuts(layer: str, expected: bool) -> None:
    more = {"configs/key.txt": "hunter2tulip"} if "key.txt" in layer else {}
    assert found(layer, **more) == ["cut-value"] * expected


def test_a_value_that_is_closed_is_not_judged() -> None:
    assert found("HOST: h\n", **{"configs/production.sops.yaml": sealed_layer(KEY="changeme")}) == []
