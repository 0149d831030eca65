"""Which values contain a text is the same by an index of very many texts as by looking for each of them."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from envtree.review.diff import holding

TEXTS = st.text("ab", min_size=1, max_size=12)


@given(st.lists(st.text("ab", max_size=20), max_size=8), st.sets(TEXTS, max_size=8))
def test_values_that_hold_one_of_very_many_texts_are_found(values: list[str], texts: set[str]) -> None:
    by_name = {str(number): value for number, value in enumerate(values)}
    one_by_one = holding.names_holding(by_name, texts)
    with patch.object(holding, "FEW", 0):
        assert holding.names_holding(by_name, texts) == one_by_one
