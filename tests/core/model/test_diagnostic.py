"""Which variables a diagnostic is about: a field of it, so that no reader has to guess it from the message."""

from __future__ import annotations

import pytest

from tests.builders import compiled, small_tree

SCHEMA = """\
from typing import Literal
from pydantic import Field, model_validator
from envtree import Port, Secret, Settings
class Common(Settings):
    A: str = ""
    B: str = ""
    C: str = ""
    D: str = ""
    E: str = ""
    F: str = ""
    G: str = ""
    H: str = ""
    I: str = ""
    PORT: Port = 1
    ADMIN: Port = 2
    KEY: Secret[str] = ""
    LEVEL: Literal["low", "high"] = "low"
    {more}
    @model_validator(mode="after")
    def pair(self):
        if self.A == self.B == "x":
            raise ValueError("both are x")
        return self
"""


@pytest.mark.parametrize(
    ("code", "layer", "variable", "involved"),
    [
        ("duplicate-variable", "A: 1\nA: 2", "A", ()),
        ("missing-value", "A:", "A", ()),
        ("nested-value", "A: [1]", "A", ()),
        ("invalid-unset", "A: !unset x", "A", ()),
        ("unknown-tag", "A: !jsom 1", "A", ()),
        ("invalid-json", "A: !json {a: 1, a: 2}", "A", ()),
        ("file-not-found", "A: !file none", "A", ()),
        ("file-outside", "A: !file ../../none", "A", ()),
        ("invalid-reference", "A: !expand $B", "A", ()),
        ("unencodable-value", 'A: "x "', "A", ()),
        ("unencodable-value", 'A: !expand "x${LEVEL} "\nLEVEL: low\nB: !expand "${A}"', "A", ("B",)),
        ("unset-reference", "A: !expand ${NONE}", "A", ("NONE",)),
        ("unset-reference", "A: !expand ${NONE}\nB: !expand ${A}", "A", ("NONE", "B")),
        ("reference-cycle", "A: !expand ${B}\nB: !expand ${A}", "A", ("B",)),
        (
            "environment-too-large",
            "\n".join(f"{name}: {'x' * 130_000}" for name in "ABCDEFGHI"),
            "",
            ("I", "H", "G"),
        ),
        ("unknown-variable", "NONE: 1", "NONE", ()),
        ("invalid-value", "LEVEL: middle", "LEVEL", ()),
        ("invalid-value", "PORT: none", "PORT", ()),
        ("missing-variable", "A: 1", "NEEDED", ()),
        ("inconsistent-values", "A: x\nB: x", "", ("A", "B")),
        ("port-clash", "PORT: 5000\nADMIN: 5000", "", ("PORT", "ADMIN")),
        ("undeclared-secret", "KEY: x\nA: !expand ${KEY}", "A", ()),
    ],
)
def test_a_diagnostic_names_its_variable_and_those_that_have_a_part(
    code: str, layer: str, variable: str, involved: tuple[str, ...]
) -> None:
    more = "NEEDED: str" if variable == "NEEDED" else ""
    files = {"configs/accounts/common.yaml": f"{layer}\n", "schemas/common.py": SCHEMA.replace("{more}", more)}

    _, problems = compiled(small_tree(**files))

    found = [(each.variable, each.involved) for each in problems if each.code == code]
    assert found == [(variable, involved)], problems
