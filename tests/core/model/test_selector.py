import pytest

from envtree.core.model.selector import selects
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
