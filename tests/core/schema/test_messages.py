"""The words for what pydantic says: its own hold the value, and are never shown."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import pydantic
import pytest
from pydantic_core._pydantic_core import list_all_errors
from pydantic_core.core_schema import ErrorType

from envtree.core.schema.words.messages import fault_of
from envtree.core.schema.words.words import KINDS
from tests.builders import compiled, small_tree

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


SECRET = "hunter2"
RAISES_EVERY_KIND = """\
from typing import *
from pydantic import *
from pydantic_core import PydanticCustomError, PydanticKnownError
from envtree import Csv, Secret, Settings

def raising(error):
    def check(value):
        raise error
    return BeforeValidator(check)

KINDS = CONTEXTS
KNOWN = [raising(PydanticKnownError(kind, context)) for kind, context in KINDS]
MORE = {'x': 'SECRET'}
CUSTOM = [raising(PydanticCustomError(kind, 'it is {x}', MORE | (context or {}))) for kind, context in KINDS]

class Common(Settings):
"""
TEMPLATES = {
    "outside": "Annotated[Secret, {}]",
    "inside": "Secret[Annotated[str, {}]]",
    "of pydantic": "Annotated[SecretStr | None, {}]",
    "an item": "Secret[Csv[Annotated[str, {}]]]",
    "of JSON": "Secret[Json[dict[str, Annotated[Any, {}]]]]",
}


def contexts() -> list[tuple[str, dict[str, object] | None]]:
    """Each kind of error with a context in which every text is the secret; the schemes of a URL are its type's."""
    found: list[tuple[str, dict[str, object] | None]] = []
    for each in list_all_errors():
        context = each.get("example_context")
        hidden: dict[str, object] = {
            name: SECRET if isinstance(value, str) else value for name, value in (context or {}).items()
        }
        if each["type"] == "url_scheme":
            hidden = dict(context or {})
        found.append((each["type"], None if context is None else hidden))
    return found


@pytest.mark.parametrize("error", ["KNOWN", "CUSTOM"])
@pytest.mark.parametrize("template", TEMPLATES)
def test_no_kind_of_error_shows_a_secret(template: str, error: str) -> None:
    kinds = contexts()
    assert {kind for kind, _ in kinds} >= frozenset(get_args(ErrorType))
    head = RAISES_EVERY_KIND.replace("CONTEXTS", repr(kinds)).replace("SECRET", SECRET)
    fields = (f"    A{number}: {TEMPLATES[template].format(f'{error}[{number}]')}\n" for number in range(len(kinds)))
    text = json.dumps({SECRET: SECRET}) if template == "of JSON" else f"{SECRET},{SECRET}"
    layer = "".join(f"A{number}: '{text}'\n" for number in range(len(kinds)))
    files = small_tree(**{"configs/common.yaml": layer, "schemas/common.py": head + "".join(fields)})
    problems = compiled(files)[1]
    assert len(problems) == len(kinds)
    for each in problems:
        assert SECRET not in str(each), each
        assert not each.shown
        assert each.code in ("invalid-value", "validator-failed")
