"""Tags in the shapes in which AWS's command line prints them."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from envtree.core.model.diagnostic import EnvtreeError
from envtree.machine.role.tags import parse_tags

TAGS = {"Environment": "review", "Service": ""}


def described(tags: dict[str, str], resource: str = "i-1", kind: str = "instance") -> list[dict[str, str]]:
    """As DescribeTags lists them."""
    more = {"ResourceId": resource, "ResourceType": kind}
    return [{"Key": key, "Value": value, **more} for key, value in tags.items()]


def plain(tags: dict[str, str]) -> list[dict[str, str]]:
    """As DescribeInstances lists them."""
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def instances(*tags: Any) -> dict[str, Any]:
    """An answer of DescribeInstances."""
    return {"Reservations": [{"Instances": [{"InstanceId": "i-1", "Tags": each}]} for each in tags]}


def lines(tags: dict[str, str], resource: str = "i-1") -> str:
    """An answer as text."""
    return "".join(f"TAGS\t{key}\t{resource}\tinstance\t{value}\n" for key, value in tags.items())


@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"Tags": described(TAGS)}),
        json.dumps({"Tags": described(TAGS), "NextToken": None, "ResponseMetadata": {"HTTPStatusCode": 200}}),
        json.dumps({"Tags": [*described(TAGS), *described(TAGS)]}),
        json.dumps(described(TAGS)),
        json.dumps(instances(plain(TAGS)), indent=4),
        json.dumps({"Reservations": [{"Instances": []}, *instances(plain(TAGS))["Reservations"]]}),
        f"\n {json.dumps(TAGS)}",
        lines(TAGS),
        lines(TAGS).replace("\n", "\r\n"),
        f"\n{lines(TAGS)}".rstrip("\n"),
    ],
)
def test_each_shape_gives_the_same_tags(text: str) -> None:
    assert parse_tags(text, "stdin") == TAGS


@pytest.mark.parametrize(
    "text", ["{}", "[]", '{"Tags": []}', '{"Reservations": [{"Instances": [{"InstanceId": "i-1"}]}]}']
)
def test_a_machine_may_have_no_tags(text: str) -> None:
    assert parse_tags(text, "stdin") == {}


def test_what_is_no_text_is_no_resource() -> None:
    tags = [{"Key": "A", "Value": "b", "ResourceId": "i-1", "ResourceType": []}]
    assert parse_tags(json.dumps(tags), "stdin") == {"A": "b"}


def test_a_tag_may_be_called_tags() -> None:
    assert parse_tags('{"Tags": "a", "Reservations": "b"}', "stdin") == {"Tags": "a", "Reservations": "b"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n", "is empty"),
        ("review", "is no JSON, and its line 1 no line of DescribeTags"),
        (f"{lines(TAGS)}TAGS\tProcess\tweb", "is no JSON, and its line 3 no line of DescribeTags"),
        ("{", "is no JSON, though it starts like it"),
        ("[" * 100_000, "is no JSON, though it starts like it"),
        ('{"a": ' * 100_000, "is no JSON, though it starts like it"),
        (f"[{'9' * 5000}]", "is no JSON, though it starts like it"),
        ('{"Environment": 1}', "is no object of texts, nor an answer of DescribeTags"),
        ('{"Tags": {"Environment": "canary"}}', "is no object of texts, nor an answer of DescribeTags"),
        ('{"Tags": ["canary"]}', "has a tag without a `Key` and a `Value`"),
        ('{"Tags": [{"Key": "Environment", "Value": null}]}', "has a tag without a `Key` and a `Value`"),
        ('{"Tags": [], "NextToken": "canary"}', "is a part of an answer: there is a `NextToken`"),
        ('{"Reservations": []}', "describes 0 instances, and this machine is one"),
        (json.dumps(instances([], [])), "describes 2 instances, and this machine is one"),
        (json.dumps(instances("canary")), "has `Tags` that are no list"),
        ('{"Reservations": [7, {"Instances": [8]}, {"Instances": {}}]}', "describes 0 instances, and this machine is"),
        (
            json.dumps([*described({"A": ""}, "i-1"), *described({"B": ""}, "i-2\n")]),
            "has the tags of 2 resources: i-1, i-2\\n",
        ),
        (lines(TAGS) + lines(TAGS, "i-2"), "has the tags of 2 resources: i-1, i-2"),
        (
            json.dumps(described(TAGS, "vol-1", "volume")),
            "has the tags of `vol-1`, which is no instance: `volume`",
        ),
        ('{"A": "canary", "A": "b"}', "has `A` twice, with different values"),
        (lines({"A": "canary"}) + lines({"A": "b"}), "has `A` twice, with different values"),
        (
            json.dumps([*plain({"A\x1b": "canary"}), *plain({"A\x1b": "b"})]),
            "has `A\\x1b` twice, with different values",
        ),
        ('{"Tags": [{"Key": "A", "Key": "B", "Value": ""}]}', "has `Key` twice, with different values"),
    ],
)
def test_what_says_no_tags_of_one_machine_is_refused(text: str, words: str) -> None:
    with pytest.raises(EnvtreeError) as caught:
        parse_tags(text, "`tags.json`")
    (said,) = caught.value.diagnostics
    assert said.code == "unreadable-tags"
    assert said.message.startswith(f"`tags.json` {words}")
    assert said.help
    assert "canary" not in repr(said)


_TEXTS = some.text(some.characters(exclude_characters="\t\r\n", exclude_categories=["Cs"]), max_size=8)
_VALUES = some.recursive(
    some.none() | some.integers() | _TEXTS,
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(
            some.sampled_from(["Tags", "Key", "Value", "ResourceId", "ResourceType", "Reservations", "Instances", "A"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)


@given(some.dictionaries(_TEXTS, _TEXTS, max_size=4))
def test_every_tag_comes_back(tags: dict[str, str]) -> None:
    assert parse_tags(json.dumps({"Tags": described(tags)}), "stdin") == tags
    assert parse_tags(json.dumps(instances(plain(tags))), "stdin") == tags
    if tags:
        assert parse_tags(lines(tags), "stdin") == tags


@given(some.text() | _VALUES.map(json.dumps))
def test_any_text_gives_tags_or_a_diagnostic(text: str) -> None:
    with suppress(EnvtreeError):
        found = parse_tags(text, "stdin")
        assert all(isinstance(each, str) for pair in found.items() for each in pair)
