"""References in an `!expand`, and what people write in their place by habit."""

from __future__ import annotations

import pytest

from envtree.core.model.diagnostic import errors
from tests.builders import compiled, small_tree

CANARY = "hunter2"


@pytest.mark.parametrize(
    ("written", "word"),
    [
        ("${HOST:-hunter2}", "no defaults"),
        ("${HOST-hunter2}", "no defaults"),
        ("${HOST:=hunter2}", "no defaults"),
        ("${HOST=hunter2}", "no defaults"),
        ("${HOST:-hunter2 b}", "no defaults"),
        ("${HOST:-${OTHER}}", "no defaults"),
        ("${HOST:-}", "no defaults"),
        ("${HOST:hunter2}", "no defaults"),
        ("${HOST:?hunter2}", "with a message"),
        ("${HOST?hunter2}", "with a message"),
        ("${HOST:+hunter2}", "an alternative"),
        ("${HOST+hunter2}", "an alternative"),
        ("${env:HOST}", "a prefix"),
        ("${env.HOST}", "a prefix"),
        ("${sys:HOST}", "a prefix"),
        ("${var.HOST}", "a prefix"),
        ("${secrets.HOST}", "a prefix"),
        ("${{ env.HOST }}", "CI services"),
        ("${{HOST}}", "CI services"),
        ("$(cat hunter2)", "no command is run"),
        ("${HOST%hunter2}", "cut or rewrite"),
        ("${HOST##*/}", "cut or rewrite"),
        ("${HOST/a/b}", "cut or rewrite"),
        ("${HOST^^}", "cut or rewrite"),
        ("${HOST:0:3}", "cut or rewrite"),
        ("${HOST[0]}", "cut or rewrite"),
        ("${#HOST}", "cut or rewrite"),
        ("${!HOST}", "cut or rewrite"),
        ("$HOST", "without braces"),
        ("hunter2 $HOST/x", "without braces"),
        ("${ HOST }", "blanks inside"),
        ("${HOST", "no `}` ends"),
        ("a $", "starts no reference"),
        ("$1", "starts no reference"),
        ("${HOST}${HOST:-hunter2}", "no defaults"),
        ("{{ HOST }}", "without a reference"),
        ("{{HOST}}/x", "without a reference"),
        ("{{ .Values.host }}", "without a reference"),
        ("%HOST%", "without a reference"),
        ("#{HOST}", "without a reference"),
        ("%{HOST}", "without a reference"),
        ("`cat hunter2`", "backquotes"),
    ],
)
def test_another_languages_reference_is_an_error_with_what_to_write(written: str, word: str) -> None:
    quoted = written.replace("'", "''")
    _, problems = compiled(small_tree(**{"configs/common.yaml": f"URL: !expand '{quoted}'\nHOST: h\nOTHER: o\n"}))
    (problem,) = errors(problems)
    assert problem.code == "invalid-reference"
    assert word in problem.message
    assert problem.help
    assert CANARY not in f"{problem.message}{problem.help}{problem.notes}{problem.label}"
    assert str(problem.span) == "configs/common.yaml:1:6"


@pytest.mark.parametrize(
    "written",
    [
        "${HOST}{{ HOST }}",
        "${HOST}%HOST%",
        "$${HOST:-b}",
        "$$(cat a)",
        "100% %d %s",
        "{{}} #{} `",
        "a{b}",
        "{% if HOST %}",
        "50%HOST",
    ],
)
def test_what_is_text_stays_text(written: str) -> None:
    compilation, problems = compiled(small_tree(**{"configs/common.yaml": f"URL: !expand '{written}'\nHOST: h\n"}))
    assert errors(problems) == ()
    for node in compilation.own.values():
        assert node.values["URL"] == (written if "$$" in written else written.replace("${HOST}", "h")).replace(
            "$$", "$"
        )


def test_a_name_that_a_schema_declares_by_alias_is_no_default() -> None:
    schema = "from pydantic import Field\nfrom envtree import Settings\n\nclass C(Settings):\n    URL: str\n"
    files = {
        "configs/common.yaml": "URL: !expand '${HOST-x}'\nHOST-x: h\n",
        "schemas/common.py": f"{schema}    host: str = Field(alias='HOST-x')\n",
    }
    compilation, problems = compiled(small_tree(**files))
    assert errors(problems) == ()
    assert {node.values["URL"] for node in compilation.own.values()} == {"h"}
