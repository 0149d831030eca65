import pytest

from envtree.core.model.selector import did_you_mean_name, did_you_mean_selector, selects
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
