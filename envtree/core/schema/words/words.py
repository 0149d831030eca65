"""The words for the kinds of errors that pydantic and its types raise."""

from __future__ import annotations

from typing import get_args

from pydantic_core.core_schema import ErrorType

TYPES = {
    "int": "an integer",
    "float": "a number",
    "finite_number": "a number",
    "bool": "a boolean",
    "decimal": "a decimal number",
    "fraction": "a fraction",
    "complex": "a complex number",
    "date": "a date",
    "time": "a time",
    "datetime": "a date and time",
    "time_delta": "a duration",
    "uuid": "a UUID",
    "url": "a URL",
    "json": "JSON",
    "string": "a text",
    "bytes": "bytes",
    "ip_v4_address": "an IPv4 address",
    "ip_v6_address": "an IPv6 address",
    "ip_any_address": "an IP address",
    "ip_v4_network": "an IPv4 network",
    "ip_v6_network": "an IPv6 network",
    "ip_any_network": "an IP network",
    "ip_v4_interface": "an IPv4 interface",
    "ip_v6_interface": "an IPv6 interface",
    "ip_any_interface": "an IP interface",
    "byte_size": "a size in bytes",
    "byte_size_unit": "a size in bytes",
    "zoneinfo_str": "a time zone",
    "color_error": "a color",
    **dict.fromkeys(("pattern_regex", "pattern", "pattern_str", "pattern_bytes"), "a regular expression"),
    "import_error": "the name of an object that can be imported",
    "base64_decode": "base64",
    "path": "a path",
    "envtree_duration": "a duration",
}
COLLECTIONS = {
    **dict.fromkeys(("list", "iterable", "deque", "sequence_str"), ("a list", "list[...]")),
    **dict.fromkeys(("set", "frozen_set"), ("a set", "set[...]")),
    **dict.fromkeys(("tuple", "named_tuple"), ("a tuple", "tuple[...]")),
    **dict.fromkeys(("dict", "mapping", "frozen_dict", "ordered_dict", "counter"), ("a mapping", "dict[...]")),
    **dict.fromkeys(("model", "model_attributes", "dataclass", "dataclass_exact"), ("a mapping", "NAME")),
}
"""What a text is not, and what to write in `Json[...]`."""
EXPECTED = {
    "bool": "`true` or `false`",
    "json": "valid JSON",
    "finite_number": "a number that is finite",
    "byte_size": "digits, and a unit as in `10MiB`",
    "byte_size_unit": "a unit such as `KB`, `MiB` or `GB`",
    "zoneinfo_str": "a name of the IANA list, as `Europe/Paris`",
    "fraction": "a fraction, as `1/3`",
    "pattern_regex": "a regular expression of Python's",
    "envtree_duration": "numbers and units, the largest first: `30s`, `1m30s`, `2h`",
}
WORDS = {
    "missing": ("is missing", ""),
    "extra_forbidden": ("is a key that its type doesn't have", ""),
    "invalid_key": ("has a key that is no text", ""),
    "no_such_attribute": ("names an attribute that there is not", ""),
    "get_attribute_error": ("can't be read", ""),
    "frozen_field": ("belongs to a field that can't be assigned", ""),
    "frozen_instance": ("belongs to a class that can't be assigned to", ""),
    "default_factory_not_called": ("has no default, since another value is not valid", ""),
    "recursion_loop": ("contains itself", ""),
    "recursion_depth_exceeded": ("is nested too deep", ""),
    "needs_python_object": ("is of a type that no text can be", "expected a type that is read from text"),
    "is_instance_of": ("is of a type that no text can be", "expected a type that is read from text"),
    "is_subclass_of": ("is of a type that no text can be", "expected a type that is read from text"),
    "callable_type": ("is of a type that no text can be", "expected a type that is read from text"),
    "datetime_object_invalid": ("is of a type that no text can be", "expected a type that is read from text"),
    "ellipsis_error": ("is of a type that no text can be", "expected a type that is read from text"),
    "missing_sentinel_error": ("is of a type that no text can be", "expected a type that is read from text"),
    "none_required": ("is there, and its type is None", "expected `!unset`, or no line"),
    "iteration_error": ("can't be read as a list", ""),
    "string_unicode": ("is no text in UTF-8", ""),
    "string_sub_type": ("is of a type that no text can be", "expected a type that is read from text"),
    "string_not_ascii": ("has letters beyond ASCII", "expected ASCII"),
    "bytes_invalid_encoding": ("is not in the encoding of its type", ""),
    "set_item_not_hashable": ("has an item that a set can't hold", "expected texts and numbers in it"),
    "int_parsing_size": ("has too many digits", ""),
    "int_from_float": ("is not an integer", "expected an integer"),
    "date_from_datetime_inexact": ("has a time besides the date", "expected a date"),
    "date_past": ("is not in the past", "expected a date before today"),
    "date_future": ("is not in the future", "expected a date after today"),
    "datetime_past": ("is not in the past", "expected a time before now"),
    "datetime_future": ("is not in the future", "expected a time after now"),
    "timezone_naive": ("has a time zone", "expected a time without one"),
    "timezone_aware": ("has no time zone", "expected one, as in `2026-01-31T12:00:00Z`"),
    "timezone_offset": ("has the wrong time zone", ""),
    "union_tag_invalid": ("names a kind that there is not", ""),
    "union_tag_not_found": ("doesn't say of which kind it is", ""),
    "arguments_type": ("is no list of arguments", ""),
    "missing_argument": ("lacks an argument", ""),
    "missing_keyword_only_argument": ("lacks an argument", ""),
    "missing_positional_only_argument": ("lacks an argument", ""),
    "unexpected_keyword_argument": ("has an argument too many", ""),
    "unexpected_positional_argument": ("has an argument too many", ""),
    "multiple_argument_values": ("has an argument twice", ""),
    "uuid_version": ("is a UUID of the wrong version", ""),
    "decimal_max_digits": ("has too many digits", ""),
    "decimal_max_places": ("has too many decimal places", ""),
    "decimal_whole_digits": ("has too many digits before the point", ""),
    "path_not_file": ("names no file on the machine that builds", ""),
    "path_not_directory": ("names no folder on the machine that builds", ""),
    "path_not_socket": ("names no socket on the machine that builds", ""),
    "path_exists": ("exists on the machine that builds", ""),
    "parent_does_not_exist": ("is in no folder of the machine that builds", ""),
    "payment_card_number_digits": ("is no number of a card", ""),
    "payment_card_number_luhn": ("is no number of a card", ""),
    "payment_card_number_brand": ("is no number of a card", ""),
    "predicate_failed": ("is refused by the predicate of its type", ""),
    "not_operation_failed": ("is refused by the predicate of its type", ""),
    "envtree_duration_size": ("is too long a duration", ""),
    "envtree_no_items": (
        "has no items",
        'expected items with commas between; `| Literal[""]` in the schema allows none',
    ),
    "envtree_empty_item": ("is empty", "expected an item at each side of a comma"),
    "envtree_item_blank": ("starts or ends with a blank", "expected no blank beside a comma"),
}
"""The message, and what was expected, of the kinds that have no rule below."""
FORMS = {
    "envtree_url": ("holds a blank or a line end, and a URL has none", "", ""),
    "envtree_integer": ("is not written as a plain integer", "expected digits alone, no zero in front", "4"),
    "envtree_number": ("is not written as a plain number", "expected digits, and at most one point", "1.5"),
}
"""The message, what was expected and an example, of texts that pydantic reads and other programs may not."""

EXAMPLES = {
    **{"int": "4", "float": "1.5", "bool": "true", "url": "https://example.com/", "zoneinfo_str": "Europe/Paris"},
    **{"byte_size": "10MiB", "byte_size_unit": "10MiB", "time_delta": "PT30S", "date": "2026-01-31"},
    "envtree_duration": "30s",
}
KINDS: frozenset[str] = frozenset(
    (
        *get_args(ErrorType),
        *WORDS,
        *TYPES,
        *COLLECTIONS,
        *FORMS,
        "path_type",
        *(f"pattern_{each}type" for each in ("", "str_", "bytes_")),
    )
)
"""The kinds of errors of pydantic and of envtree's types; an author's kind of error can be any text."""
