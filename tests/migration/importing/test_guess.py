"""The types that an import guesses: those that a person would write, and text where digits are no number."""

from __future__ import annotations

import pytest

from envtree.migration.importing.guess import guess


@pytest.mark.parametrize(
    ("name", "text", "annotation"),
    [
        ("WEB_CONCURRENCY", "3", "int"),
        ("REQUEST_TIMEOUT", "25", "int"),
        ("IMAGE_QUALITY", "80", "int"),
        ("MAX_UPLOAD_BYTES", "10737418240", "int"),
        ("SAMPLE_RATE", "0.05", "float"),
        ("VERSION_CHECK", "true", "bool"),
        ("USE_ACCOUNT_ID", "false", "bool"),
        ("API_VERSION", "2.0", "str"),
        ("STRIPE_API_VERSION", "2024", "str"),
        ("RELEASE_CHANNEL", "2", "str"),
        ("AWS_ACCOUNT_ID", "123456789012", "str"),
        ("aws_account", "123456789012", "str"),
        ("KEY_ID", "4711", "str"),
        ("KEY_IDS", "4711", "str"),
        ("VAT_NUMBER", "12345678", "str"),
        ("PHONE_2", "4520555010", "str"),
        ("BUILD", "20241001", "str"),
        ("LEVEL", "007", "str"),
        ("LEVEL", "1e3", "str"),
        ("GREETING", "hello", "str"),
        ("HOOK", "https://example.com/", "HttpUrl"),
        ("RATES", "[1]", "Json"),
    ],
)
def test_a_type_is_one_that_a_person_would_write(name: str, text: str, annotation: str) -> None:
    assert guess(name, [text]).annotation == annotation


def test_a_type_is_that_of_all_values() -> None:
    assert guess("X", ["1", "2"]).annotation == "int"
    assert guess("X", ["1", "two"]).annotation == "str"
    assert guess("X", []).annotation == "str"
