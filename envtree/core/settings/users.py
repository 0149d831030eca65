"""Users and groups in the form that chpst(8) takes: `USER[:GROUP...]`, all of them names or all of them numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = re.compile(r"[a-z_](?:[a-z0-9_-]{0,31}|[a-z0-9_-]{0,30}\$)")
_NUMBER = re.compile(r"0|[1-9][0-9]{0,9}")
MAX_NUMBER = (1 << 32) - 2
"""The next number belongs to nobody, and chpst takes the one after it for root."""
MAX_GROUPS = 60
"""chpst refuses more groups."""
EXPECTED = "expected a user such as `accounts`, `accounts:www-data` or `1000:1000`"


class UserFault(NamedTuple):
    """What is wrong with a user: the message, label and help of a diagnostic."""

    message: str
    label: str = EXPECTED
    help: str = ""


def user_fault(text: str, groups: int) -> UserFault | None:
    """Return what is wrong with a user, which may have at most this many groups; None if nothing is."""
    parts = text.split(":")
    numbers = [bool(_NUMBER.fullmatch(part)) and int(part) <= MAX_NUMBER for part in parts]
    if not all(number or _NAME.fullmatch(part) for part, number in zip(parts, numbers, strict=True)):
        return UserFault(f"`{text}` is no user")
    if len(parts) > groups + 1:
        return UserFault(f"`{text}` has {len(parts) - 1} groups", f"expected at most {groups}")
    if any(numbers) and not all(numbers):
        return UserFault(f"`{text}` mixes names and numbers", "expected all of one kind")
    if all(numbers) and len(parts) == 1:
        message = f"the user `{text}` is a number without a group"
        return UserFault(message, "expected a group after it", f"write `{text}:{text}`, or the user's name")
    return None
