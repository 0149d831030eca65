"""The words for what pydantic says: its own hold the value, and are never shown."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pydantic
import pytest
from pydantic_core.core_schema import ErrorType

from envtree.core.schema.words.messages import fault_of
from envtree.core.schema.words.words import KINDS

REFUSALS = ("value_error", "assertion_error")
"""What an author's validator raises: its message is the author's."""
CONTEXT = {"expected": "'a' or 'b'", "ge": 1, "min_length": 3, "pattern": "^a", "expected_schemes": "'https'"}
SOURCE = Path(pydantic.__file__).parent


@pytest.mark.parametrize("kind", sorted(frozenset(get_args(ErrorType)).difference(REFUSALS)))
def test_each_kind_of_error_of_pydantic_has_words_of_its_own(kind: str) -> None:
    for secret in (False, True):
        fault = fault_of(kind, CONTEXT, (), secret=secret)
        assert fault.message != "is not valid"
        assert "_" not in fault.message


def test_the_kinds_that_pydantics_own_types_raise_have_words_as_well() -> None:
    """These are written in its Python alone: no list of them is to be had."""
    raised = re.compile(r"PydanticCustomError\(\s*'([a-z_0-9]+)'")
    files = (*SOURCE.glob("*.py"), *(SOURCE / "_internal").glob("*.py"))
    kinds = {kind for file in files for kind in raised.findall(file.read_text())}.difference(REFUSALS)
    assert "byte_size" in kinds
    for kind in sorted(kinds):
        assert kind in KINDS, kind
        assert fault_of(kind, {}, (), secret=False).message != "is not valid", kind


def test_no_word_of_an_authors_own_kind_is_shown() -> None:
    assert fault_of("hunter2", {"expected": "hunter2"}, ("1 or more",), secret=False).message == "is not valid"
