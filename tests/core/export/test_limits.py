"""What a format can't express is found in one look at a text, however long that is."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from envtree.core.export.limits import has_dotenv_reference

PATTERN = re.compile(r"\$\{[^}:]*(?::-[^}]*)?\}")
"""What dotenv readers replace; on a text of `${` alone, its time would be quadratic."""


@given(st.text("${}:-a\n", max_size=30))
@example("${a:-${b:c}")
@example("${a:${b}")
def test_a_dotenv_reference_is_what_the_pattern_of_it_matches(text: str) -> None:
    assert has_dotenv_reference(text) is (PATTERN.search(text) is not None)
