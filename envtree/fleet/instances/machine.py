"""One instance of a fleet, and what is read of an answer of EC2's DescribeInstances."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.render.mask import from_outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

LONGEST = 80
GONE = ("terminated", "shutting-down")
"""States of an instance that doesn't come back."""
SHAPE = "give what `aws ec2 describe-instances --output json` prints"


@dataclass(frozen=True, slots=True)
class Machine:
    """One machine: its id, state, zone, when it was launched, and its tags by key."""

    identity: str
    state: str
    zone: str
    launched: datetime | None
    tags: Mapping[str, str]

    @property
    def name(self) -> str:
        """The tag `Name`, which people go by; empty without one."""
        return self.tags.get("Name", "")


class _Unusable(Exception):
    """Why a text is no answer."""


def parse_answer(text: str, source: str) -> tuple[Machine, ...]:
    """Return the machines in an answer, or in several that follow one another; raises EnvtreeError for another text."""
    try:
        pages = tuple(_pages(text))
        if not pages:
            raise _Unusable("is empty")
        if pages[-1].get("NextToken"):
            raise _Unusable("is a part of an answer: there is a `NextToken`")
        return tuple(each for page in pages for each in instances_of(page))
    except _Unusable as error:
        words = str(error)
    except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
        words = "is no answer of DescribeInstances"
    raise EnvtreeError(Diagnostic("unreadable-tags", f"{source} {words}", help=SHAPE))


def _pages(text: str) -> Iterator[Mapping[str, Any]]:
    """Yield each JSON value of a text: `aws` prints one, a loop over its pages several."""
    decoder, position = json.JSONDecoder(), 0
    while position < len(text):
        if text[position].isspace():
            position += 1
        else:
            page, position = decoder.raw_decode(text, position)
            yield page


def instances_of(page: Mapping[str, Any]) -> Iterator[Machine]:
    """Yield the instances of one page that have not gone; raises KeyError, TypeError or ValueError for another form."""
    for reservation in page["Reservations"]:
        for each in reservation["Instances"]:
            state = each["State"]["Name"]
            if state not in GONE:
                zone = each.get("Placement", {}).get("AvailabilityZone", "")
                yield Machine(
                    _text(each["InstanceId"]), _text(state), _text(zone), _time(each.get("LaunchTime")), _tags(each)
                )


def _tags(instance: Mapping[str, Any]) -> dict[str, str]:
    tags: Iterable[Mapping[str, Any]] = instance.get("Tags") or ()
    return {str(tag["Key"]): str(tag["Value"]) for tag in tags}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return from_outside(value, LONGEST)


def _time(value: Any) -> datetime | None:
    """Return a time: boto3 has it parsed, the answer as text has it in RFC 3339."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.fromisoformat(str(value).replace("Z", "+00:00"))
