"""Instance tags from the output of `aws ec2 describe-tags` or `describe-instances`, or from a plain JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, some
from envtree.core.render.mask import from_outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

OTHERWISE = "give the tags by `--tags FILE`, or what they would say by `--as SELECTOR`"
ASKING = "`aws ec2 describe-tags --filters Name=resource-id,Values=INSTANCE`"
SHAPES = f'write `{{"Environment": "production"}}`, or what {ASKING} prints, as JSON or as text'
LONGEST = 80
"""Characters that a message shows of a text from outside."""
_COLUMNS = 5


class _InvalidTags(Exception):
    """The reason why a text gives no tags, and what may help."""

    def __init__(self, words: str, advice: str = SHAPES) -> None:
        super().__init__(words)
        self.words = words
        self.advice = advice


def parse_tags(text: str, source: str) -> dict[str, str]:
    """Return a machine's tags by key; raises EnvtreeError, which names `source` but never shows a value."""
    try:
        if not text.strip():
            raise _InvalidTags("is empty")
        return _from_json(text) if text.lstrip()[0] in "{[" else _from_lines(text)
    except _InvalidTags as error:
        raise EnvtreeError(Diagnostic("unreadable-tags", f"{source} {error.words}", help=error.advice)) from None


def _from_json(text: str) -> dict[str, str]:
    try:
        found = json.loads(text, object_pairs_hook=_collected)
    except (ValueError, RecursionError):
        raise _InvalidTags("is no JSON, though it starts like it") from None
    if not isinstance(found, dict):
        return _listed(found)
    if found.get("NextToken"):
        raise _InvalidTags("is a part of an answer: there is a `NextToken`", f"ask for one machine alone: {ASKING}")
    if isinstance(found.get("Reservations"), list):
        return _listed(_of_one_instance(found["Reservations"]))
    if isinstance(found.get("Tags"), list):
        return _listed(found["Tags"])
    if not all(isinstance(value, str) for value in found.values()):
        raise _InvalidTags("is no object of texts, nor an answer of DescribeTags")
    return found


def _collected(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a dict; a key may repeat only with the same value."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if found.setdefault(key, value) != value:
            raise _InvalidTags(f"has `{clipped(key)}` twice, with different values", "leave one of them")
    return found


def _of_one_instance(reservations: list[Any]) -> list[Any]:
    """Return the tags in an answer of DescribeInstances."""
    groups = [each.get("Instances") if isinstance(each, dict) else None for each in reservations]
    instances = [each for group in groups if isinstance(group, list) for each in group if isinstance(each, dict)]
    if len(instances) != 1:
        advice = "ask for one: `aws ec2 describe-instances --instance-ids INSTANCE`"
        raise _InvalidTags(f"describes {len(instances)} instances, and this machine is one", advice)
    tags = instances[0].get("Tags", [])
    if not isinstance(tags, list):
        raise _InvalidTags("has `Tags` that are no list")
    return tags


def _listed(tags: list[Any]) -> dict[str, str]:
    """Read tags from objects with `Key` and `Value`, all of one resource."""
    for tag in tags:
        if not isinstance(tag, dict) or not isinstance(tag.get("Key"), str) or not isinstance(tag.get("Value"), str):
            raise _InvalidTags("has a tag without a `Key` and a `Value`")
    _refuse_several((tag.get("ResourceId"), tag.get("ResourceType")) for tag in tags)
    return _collected((tag["Key"], tag["Value"]) for tag in tags)


def _from_lines(text: str) -> dict[str, str]:
    """Read tags from `--output text`: TAGS, key, resource, type of the resource and value, separated by tabs."""
    rows = list(_rows(text))
    _refuse_several((row[2], row[3]) for row in rows)
    return _collected((row[1], row[4]) for row in rows)


def _rows(text: str) -> Iterator[list[str]]:
    for number, line in enumerate(text.split("\n"), 1):
        row = line.removesuffix("\r").split("\t")
        if row == [""]:
            continue
        if len(row) != _COLUMNS or row[0] != "TAGS":
            raise _InvalidTags(f"is no JSON, and its line {number} no line of DescribeTags")
        yield row


def _refuse_several(resources: Iterable[tuple[object, object]]) -> None:
    """Raise for tags of several resources, or of no instance: they say nothing about this machine."""
    pairs = [(name, kind) for name, kind in resources if isinstance(name, str)]
    names = sorted({name for name, _ in pairs})
    if len(names) > 1:
        ids = some(map(clipped, names))
        raise _InvalidTags(f"has the tags of {len(names)} resources: {ids}", f"ask for one machine alone: {ASKING}")
    kind = next((kind for _, kind in pairs if isinstance(kind, str) and kind != "instance"), None)
    if kind is not None:
        words = f"has the tags of `{clipped(names[0])}`, which is no instance: `{clipped(kind)}`"
        raise _InvalidTags(words, f"ask for an instance: {ASKING}")


def clipped(text: str) -> str:
    """Return a text from outside on one line, cut to a fixed length."""
    return from_outside(text, LONGEST)
