"""Every format is read back by those it is for, and refuses what they would read otherwise."""

from __future__ import annotations

import base64
import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import dotenv
import jsonschema
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from envtree.core.export.formats import Format, as_text, secret_name, unexportable
from envtree.core.export.limits import MAX_DOCKER_LINE, SHELLS_OWN
from envtree.core.model.tree import Span, Target
from envtree.core.runit.envdir import MAX_ENVIRONMENT
from tests import readers
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TARGET = Target("production", "accounts", "web")
FORMATS: tuple[Format, ...] = get_args(Format)
PIECES = (
    *("'", '"', "\\", "$", "`", "#", " #", "=", "\n", "\r", "\r\n", "\t", " ", "  ", "${A}", "$A", "$(id)", "${:-x}"),
    *("\\n", "\\'", '\\"', "é", "日本", "\U0001f600", "\u2028", "\x85", "\u00a0", "\ufeff", "\ufdd0", "\uffff", "\x01"),
    *(
        "\x1b",
        "\x7f",
        "%s",
        "!x",
        "~",
        "*",
        "export ",
        ";",
        "&&",
        "null",
        "NO",
        "0755",
        "-",
        "---",
        ": ",
        "{",
        "a",
        "0",
    ),
)
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
VALUES = st.lists(st.one_of(st.sampled_from(PIECES), st.text(LETTERS, max_size=5)), max_size=8).map("".join)
NAMES = st.sampled_from(
    ["A", "B_2", "_x", "NO", "null", "Y", "e", "TEXT", "X.bkp", "a-b", "GRÜSSE", "UID", "_", "a b", "#c"]
)
ENVIRONMENTS = st.dictionaries(NAMES, VALUES, max_size=8)
KINDLY = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
NASTY = {f"V{number}": "".join(pair) for number, pair in enumerate(zip(PIECES, reversed(PIECES), strict=True))} | {
    f"W{number}": piece for number, piece in enumerate(PIECES)
}


def carried(values: Mapping[str, str], output_format: Format) -> dict[str, str]:
    """Those that a format doesn't refuse."""
    return {name: text for name, text in values.items() if not unexportable(TARGET, {name: text}, output_format, {})}


def file_of(folder: Path, values: Mapping[str, str], output_format: Format) -> Path:
    path = folder / output_format
    path.write_bytes(as_text(TARGET, values, output_format).encode())
    return path


@KINDLY
@given(ENVIRONMENTS)
def test_python_dotenv_reads_it_back(tmp_path: Path, values: dict[str, str]) -> None:
    wanted = carried(values, "dotenv")
    path = file_of(tmp_path, wanted, "dotenv")
    assert dotenv.dotenv_values(path) == wanted
    assert dotenv.dotenv_values(path, interpolate=False) == wanted


@pytest.mark.parametrize("shell", ["bash", "dash"])
@examples(20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=ENVIRONMENTS)
def test_a_shell_reads_it_back(tmp_path: Path, shell: str, values: dict[str, str]) -> None:
    wanted = carried(values, "shell")
    path = tmp_path / "script"
    path.write_bytes(as_text(TARGET, {**wanted, "GONE": None}, "shell").encode())
    assert readers.in_shell(shell, path) == wanted


@KINDLY
@given(ENVIRONMENTS)
def test_systemd_reads_it_back(tmp_path: Path, values: dict[str, str]) -> None:
    wanted = carried(values, "systemd")
    assert readers.by_systemd(file_of(tmp_path, wanted, "systemd")) == wanted


@given(ENVIRONMENTS)
def test_the_rules_of_systemd_read_it_back(values: dict[str, str]) -> None:
    wanted = carried(values, "systemd")
    assert readers.by_systemd_rules(as_text(TARGET, wanted, "systemd")) == wanted


@given(ENVIRONMENTS)
def test_the_rules_of_docker_read_it_back(values: dict[str, str]) -> None:
    wanted = carried(values, "docker")
    assert readers.by_docker_rules(as_text(TARGET, wanted, "docker").encode()) == wanted


@pytest.fixture(scope="module")
def docker() -> Iterator[readers.Engine]:
    with readers.docker_client() as client:
        yield client


@pytest.mark.soak
@settings(KINDLY, max_examples=5)
@given(st.dictionaries(NAMES, VALUES, min_size=5))
def test_docker_reads_it_back(docker: readers.Engine, tmp_path: Path, values: dict[str, str]) -> None:
    wanted = carried({**NASTY, "LONG": "x" * (MAX_DOCKER_LINE - len("LONG=")), **values}, "docker")
    assert "LONG" in wanted
    assert docker.read(file_of(tmp_path, wanted, "docker")) == wanted


@examples(25)
@given(ENVIRONMENTS)
def test_a_secret_is_one_by_the_schema_of_kubernetes(values: dict[str, str]) -> None:
    wanted = carried(values, "kubernetes")
    secret = yaml.safe_load(as_text(TARGET, wanted, "kubernetes"))
    jsonschema.validate(secret, readers.SECRET_SCHEMA)
    assert {name: base64.b64decode(text, validate=True).decode() for name, text in secret["data"].items()} == wanted


@pytest.mark.soak
@pytest.mark.parametrize("values", [{}, {**NASTY, "NO": "no", "null": "", "Y": "\x9e\xe9e"}], ids=["none", "nasty"])
def test_kubectl_reads_it_back(values: dict[str, str], tmp_path: Path) -> None:
    secret = readers.by_kubectl(file_of(tmp_path, values, "kubernetes"))
    assert secret["metadata"]["name"] == "production.accounts.web"
    assert {name: base64.b64decode(text).decode() for name, text in secret.get("data", {}).items()} == values


def test_a_secret_is_never_too_large() -> None:
    assert MAX_ENVIRONMENT <= 1 << 20  # bytes of all values, names aside, that Kubernetes takes


@given(st.dictionaries(st.text(LETTERS, min_size=1, max_size=3), VALUES))
def test_json_carries_everything(values: dict[str, str]) -> None:
    assert carried(values, "json") == values
    assert json.loads(as_text(TARGET, values, "json")) == values


@pytest.mark.parametrize("output_format", FORMATS)
def test_most_values_are_carried(output_format: Format) -> None:
    assert len(carried(NASTY, output_format)) > len(NASTY) * 3 // 4


@pytest.mark.parametrize("output_format", FORMATS)
def test_a_removed_variable_is_no_value(output_format: Format) -> None:
    removed: dict[str, str | None] = {"GONE": None}
    assert not unexportable(TARGET, removed, output_format, {})
    assert as_text(TARGET, removed, output_format) == (
        "unset GONE\n" if output_format == "shell" else as_text(TARGET, {}, output_format)
    )


REFUSED: list[tuple[Format, str, str]] = [
    ("dotenv", "A", "x ${B} y"),
    ("dotenv", "A", "${}"),
    ("dotenv", "A", "${B:-c}"),
    ("dotenv", "a b", "x"),
    ("dotenv", "A#", "x"),
    ("systemd", "X.bkp", "x"),
    ("systemd", "A", "a\ufdd0"),
    ("systemd", "A", "\U0010ffff"),
    ("docker", "A", "one\ntwo"),
    ("docker", "A", "x\r"),
    ("docker", "A", "x" * MAX_DOCKER_LINE),
    ("docker", "A", "é" * (MAX_DOCKER_LINE // 2)),
    ("docker", "a b", "x"),
    ("docker", "#a", "x"),
    ("kubernetes", "X.bkp", "x"),
    ("kubernetes", "GRÜSSE", "x"),
    ("shell", "X.bkp", "x"),
    ("shell", "1A", "x"),
    ("shell", "UID", "x"),
]


@pytest.mark.parametrize(("output_format", "name", "text"), REFUSED)
def test_what_a_format_cannot_carry_is_refused_by_name(output_format: Format, name: str, text: str) -> None:
    span = Span("configs/common.yaml", 3, 4)
    (found,) = unexportable(TARGET, {"FINE": "x", name: text}, output_format, {name: span})
    assert (found.code, found.span, found.targets) == ("unexportable-value", span, (TARGET,))
    assert f"`{name}`" in found.message
    assert text == "x" or text not in f"{found.message} {found.help}"


def test_all_that_is_refused_is_named_at_once() -> None:
    found = unexportable(TARGET, {"B": "1\n2", "A": "\n", "C": "c"}, "docker", {})
    assert [each.message.split()[0] for each in found] == ["`A`", "`B`"]


def test_a_name_of_control_characters_is_shown_on_one_line() -> None:
    (found,) = unexportable(TARGET, {"A\n\x1b": "x"}, "shell", {})
    assert found.message.startswith("`A\\n\\x1b` ")


@pytest.mark.parametrize(
    ("target", "good"),
    [("production/accounts/web", True), ("a/b-c/d-1", True), ("a-/b/c", False), ("a/b/c-", False)],
)
def test_a_target_must_make_a_name_for_a_secret(target: str, good: bool) -> None:
    named = Target(*target.split("/"))
    assert (not unexportable(named, {}, "kubernetes", {})) == good
    assert secret_name(named) == target.replace("/", ".")
    assert not unexportable(named, {}, "json", {})


@pytest.mark.parametrize("name", sorted(SHELLS_OWN))
def test_a_refused_name_is_one_that_a_shell_really_keeps(name: str, tmp_path: Path) -> None:
    path = tmp_path / "script"
    path.write_text(f"export {name}='a b'\n")
    answers = []
    for shell in ("bash", "dash"):
        try:
            answers.append(readers.in_shell(shell, path) == {name: "a b", "GONE": "here"})
        except (AssertionError, subprocess.CalledProcessError):
            answers.append(False)
    assert not all(answers)
