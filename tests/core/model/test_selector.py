import pytest
from hypothesis import given
from hypothesis import strategies as st

from envtree.core.model.selector import did_you_mean_name, did_you_mean_selector, fold, selects
from envtree.core.model.tree import Target

TARGET = Target("production", "accounts", "web")


@pytest.mark.parametrize(
    ("selector", "named"),
    [
        ("production", True),
        ("production/accounts", True),
        ("production/accounts/web", True),
        ("production/", True),
        ("production/accounts/web/", True),
        ("*/accounts", True),
        ("prod*/*/[vw]eb", True),
        ("*", True),
        ("", False),
        ("/", False),
        ("accounts", False),
        ("prod", False),
        ("Production", False),
        ("production//web", False),
        ("production/accounts/web/more", False),
    ],
)
def test_a_selector_names_a_target_by_the_first_of_its_names(selector: str, named: bool) -> None:
    assert selects(selector, TARGET) is named


def test_a_selector_names_no_less_than_it_says() -> None:
    assert selects("production/accounts", ("production", "accounts"))
    assert not selects("production/accounts/web", ("production", "accounts"))


ENVIRONMENTS = ("preview", "production", "review", "staging")


@pytest.mark.parametrize(
    ("wrong", "meant"),
    [
        ("prod", "production"),
        ("prd", "production"),
        ("produ", "production"),
        ("stg", "staging"),
        ("stage", None),  # `staging` is near, and means something else to who has both
        ("rev", "review"),
        ("produciton", "production"),
        ("prodution", "production"),
        ("productions", "production"),
        ("produktion", "production"),
        ("staging-eu", "staging"),
        ("pre", "preview"),
        ("pr", None),  # two begin with it
        ("p", None),
        ("view", None),
        ("dev", None),
        ("test", None),
        ("live", None),
        ("qa", None),
        ("", None),
    ],
)
def test_a_name_is_proposed_for_its_start_an_abbreviation_or_one_slip_and_never_for_being_near(
    wrong: str, meant: str | None
) -> None:
    assert did_you_mean_name(wrong, ENVIRONMENTS) == (f"; did you mean `{meant}`?" if meant else "")


@pytest.mark.parametrize(
    ("selector", "meant"),
    [
        ("prod", "production"),
        ("prod/acounts", "production/accounts"),
        ("prod/accounts/wbe", "production/accounts/web"),
        ("*/acounts", "*/accounts"),
        ("rev*/accounts/web", None),
        ("preview/accounts/web", None),
        ("production/users", None),
        ("production/accounts/web/more", None),
        ("", None),
    ],
)
def test_a_selector_is_corrected_name_by_name(selector: str, meant: str | None) -> None:
    targets = (TARGET, TARGET.__class__("staging", "accounts", "worker"))
    assert did_you_mean_selector(selector, targets) == (f"; did you mean `{meant}`?" if meant else "")


KNOWN = [
    Target(environment, service, process)
    for environment in ("production", "staging")
    for service, processes in (("accounts", ("web", "worker")), ("reports", ("web",)))
    for process in processes
]


@pytest.mark.parametrize(
    ("named", "folded"),
    [
        ("", ()),
        ("*", ("*",)),
        ("production/*", ("production/*",)),
        ("*/accounts/*", ("*/accounts/*",)),
        ("*/accounts/web", ("*/accounts/web",)),
        ("production/accounts/*", ("production/accounts/*",)),
        ("production/accounts/web", ("production/accounts/web",)),
        ("production/reports/*", ("production/reports/web",)),
        ("production/* */reports", ("production/*", "staging/reports/web")),
        ("*/*/web production/accounts", ("production/*", "staging/accounts/web", "staging/reports/web")),
    ],
)
def test_targets_fold_into_selectors_that_match_just_them(named: str, folded: tuple[str, ...]) -> None:
    chosen = [each for each in KNOWN if any(selects(selector, each) for selector in named.split())]
    assert fold(chosen, KNOWN) == folded


@given(st.sets(st.sampled_from(KNOWN)))
def test_what_is_folded_unfolds_to_the_same(chosen: set[Target]) -> None:
    folded = fold(chosen, KNOWN)
    assert {each for each in KNOWN if any(selects(selector, each) for selector in folded)} == chosen
    assert len(folded) <= len(chosen)


def test_names_of_different_depths_are_corrected_without_a_fault() -> None:
    named = [("production",), ("production", "accounts"), ("production", "accounts", "web")]
    assert did_you_mean_selector("production/acounts", named) == "; did you mean `production/accounts`?"
    assert did_you_mean_selector("production/accounts/webb", named) == "; did you mean `production/accounts/web`?"
