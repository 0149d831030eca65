"""The judgement that an import hides variables by, on a table by another hand: both ways, as a share."""

from __future__ import annotations

from envtree.core.secrets.judgement import judge
from envtree.migration.importing.guess import is_secret
from tests.core.secrets.ordinary import PLAIN, SECRETS

MOST_HIDDEN, MOST_MISSED = 0.05, 0.02


def test_at_most_five_of_a_hundred_plain_variables_of_ordinary_fleets_become_secret() -> None:
    hidden = [row.name for row in PLAIN if is_secret(row.name, [row.text])]
    assert len(PLAIN) >= 200
    assert len({row.name for row in PLAIN}) == len(PLAIN)
    assert len(hidden) / len(PLAIN) <= MOST_HIDDEN, hidden


def test_hardly_a_secret_of_ordinary_fleets_is_taken_for_plain() -> None:
    missed = [row.name for row in SECRETS if not is_secret(row.name, [row.text])]
    assert len(SECRETS) >= 90
    assert len(missed) / len(SECRETS) <= MOST_MISSED, missed


def test_few_secrets_are_hidden_without_an_alarm() -> None:
    quiet = [row.name for row in SECRETS if not judge(*row).is_alarm]
    assert len(quiet) / len(SECRETS) <= MOST_HIDDEN, quiet
