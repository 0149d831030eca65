"""Where inside a value a fault is, as in `UPSTREAMS[1].port`, and the one fault that says all of a value."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from pydantic_core import from_json

from envtree.core.schema.types.csv import items_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from envtree.core.schema.fields import Rule
    from envtree.core.schema.words.messages import ValueFault

MAX_NOTES = 8
MAX_KEY = 40


def place_inside(error: Any, text: str | None, rule: Rule | None, may_show: Callable[[str], bool]) -> str:
    """Return the place of pydantic's error inside a text of JSON or commas, as `[1].port`; empty for the whole.

    An error's location also has names of types in it, which are no keys. A key of a secret is shown only if it is known
    to be none of its content.
    """
    rest = error["loc"][1:]
    if not rest or text is None:
        return ""
    content, place, missing = _content(text, rule), "", None
    for each in rest:
        if isinstance(content, list) and isinstance(each, int) and 0 <= each < len(content):
            place += f"[{each}]"
        elif isinstance(content, dict) and each in content:
            place += _key(str(each), may_show)
        else:
            missing = each
            continue
        content, missing = content[each], None
    is_missing = error["type"] == "missing" and missing is not None  # and so it is none of what the text holds
    return place + _key(str(missing), lambda _: True) if is_missing else place


def _content(text: str, rule: Rule | None) -> Any:
    """Return the lists and mappings that a text is; None where it is of neither form."""
    content = None
    with suppress(ValueError):
        content = from_json(text)
    return items_of(text) if rule and rule.csv and not isinstance(content, (list, dict)) else content


def _key(key: str, may_show: Callable[[str], bool]) -> str:
    if not may_show(key):
        return "[...]"
    return f".{key}" if key.isidentifier() and len(key) <= MAX_KEY else f"[{json.dumps(key[:MAX_KEY])}]"


def combined(name: str, faults: Iterable[tuple[str, ValueFault]]) -> ValueFault:
    """Return one fault for all of a variable: the first, at its place, and notes on those at other places."""
    by_place: dict[str, list[ValueFault]] = {}
    for place, fault in faults:
        by_place.setdefault(place, []).append(fault)
    (place, first), *others = ((place, _alternatives(found)) for place, found in by_place.items())
    notes = tuple(f"`{name}{where}` {fault.message}" for where, fault in others)
    more = (f"and {len(notes) - MAX_NOTES} more faults inside `{name}`",) if len(notes) > MAX_NOTES else ()
    return first._replace(
        place=place,
        notes=(*first.notes, *notes[:MAX_NOTES], *more),
        example="" if place else first.example,
        from_author=first.from_author or any(fault.from_author for _, fault in others),
    )


def _alternatives(faults: list[ValueFault]) -> ValueFault:
    """Return one fault for what all types of a union say of a value."""
    first = faults[0]
    distinct = tuple(dict.fromkeys(fault.expected.removeprefix("expected ") for fault in faults))
    if len(distinct) == 1 or not all(distinct) or any(fault.from_author or fault.crashed for fault in faults):
        return first
    return first._replace(message="fits none of its types", expected=f"expected {', or '.join(distinct)}", example="")
