"""From one build's envdirs to another's."""

from hypothesis import given
from hypothesis import strategies as st

from envtree.core.output.plan import plan

BUILDS = st.dictionaries(
    st.sampled_from(["common", "production", "production/accounts", "staging"]), st.sampled_from("abcd")
)


@given(BUILDS)
def test_the_plan_from_a_build_to_itself_is_empty(build: dict[str, str]) -> None:
    found = plan(build, build)
    assert (found.added, found.changed, found.removed, found.writes, found.same) == ((), (), (), (), len(build))


@given(BUILDS, BUILDS)
def test_every_node_is_added_changed_removed_or_the_same(before: dict[str, str], after: dict[str, str]) -> None:
    found = plan(before, after)
    assert {*found.added, *found.changed} == {place for place in after if before.get(place) != after[place]}
    assert set(found.removed) == before.keys() - after.keys()
    assert len(found.added) + len(found.changed) + found.same == len(after)
    assert set(found.writes) == set(after.values()) - set(before.values())
