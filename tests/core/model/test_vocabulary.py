"""Many wrong words get the suggestions that each would get alone, until too many have been compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.model import vocabulary
from envtree.core.model.diagnostic import did_you_mean
from envtree.core.model.selector import did_you_mean_name
from envtree.core.model.vocabulary import Vocabulary

WORDS = st.text("abcd_", max_size=12)


@given(st.lists(WORDS, max_size=30), st.lists(WORDS, max_size=10))
def test_a_vocabulary_suggests_what_is_most_like_each_word(known: list[str], wrong: list[str]) -> None:
    found = Vocabulary(known)
    assert [*map(found.did_you_mean, wrong)] == [did_you_mean(each, known) for each in wrong]


@given(st.lists(WORDS, max_size=30), st.lists(WORDS, max_size=10))
def test_a_vocabulary_suggests_the_name_that_is_meant(known: list[str], wrong: list[str]) -> None:
    found = Vocabulary(known)
    assert [*map(found.did_you_mean_name, wrong)] == [did_you_mean_name(each, known) for each in wrong]


def test_only_the_first_of_very_many_wrong_words_get_a_suggestion(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vocabulary, "MAX_COMPARED", 3)
    found = Vocabulary(["production", "staging"])
    assert [found.did_you_mean_name(each) for each in ("prodution", "stagin", "stging", "prodution")] == [
        "; did you mean `production`?",
        "; did you mean `staging`?",
        "",
        "; did you mean `production`?",
    ]


@pytest.mark.parametrize(("size", "listed"), [(2, "a0, a1"), (102, "a98, a99 and 2 more")])
def test_a_list_of_very_many_words_ends_with_how_many_more_there_are(size: int, listed: str) -> None:
    assert Vocabulary(f"a{each}" for each in range(size)).listed.endswith(listed)
