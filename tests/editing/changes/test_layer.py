"""Layer files with entries set and removed: in random files, no other byte changes, as the parser's marks prove."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from envtree.core.model.diagnostic import EnvtreeError
from envtree.editing.changes.layer import with_entries, without_entries
from tests.core.yaml.yaml_writer import json_value, layer, scalar

if TYPE_CHECKING:
    from collections.abc import Callable

PATH = "configs/common.yaml"
NAMES = "ABCDEFGH"
WORDS = (
    *("info", "0.05", "007", "yes", "null", "~", "", "a b", "it's", 'say "so"', "a: b", "a #b", "# a", "- x", "!unset"),
    *("${HOME}/bin", "{a: 1}", "[1]", "*x", "&x", "@x", "%x", "é\U0001f600", "l1\nl2", "l1\nl2\n", "\n", " lead"),
    *("-----BEGIN KEY-----\nMIIE\n-----END KEY-----\n", "x" * 300, "\x1b[31m", "\u2028", "a\\nb", "tab\tin"),
    *("'", '"', "|", ">-", "?", ":"),
)
LETTERS = "ab01 :#'\"\\-{}[],&*!|>%@`\n\té$"


class Place(NamedTuple):
    """Where a value is, by bytes."""

    start: int
    end: int
    text: object


def random_text(random: Random) -> str:
    if random.random() < 0.7:
        return random.choice(WORDS)
    return "".join(random.choice("ab01 :#'\"\\-{}[],&*!|>%@`\n\té$") for _ in range(random.randint(1, 12))).rstrip(
        " \t"
    )


def random_layer(random: Random) -> bytes:
    """A layer with all kinds of values, comments, gaps and line ends."""
    kinds = (
        lambda: scalar(random_text(random), random),
        lambda: scalar(random_text(random), random),
        lambda: scalar(random_text(random), random),
        lambda: random.choice(("!unset", "~", "null", "!unset ''")),
        lambda: f"!expand {random.choice(('${X}/bin', chr(34) + '${X}' + chr(34), chr(39) + '$$' + chr(39)))}",
        lambda: f"!json {json_value(random)[0]}",
    )
    names = random.sample(NAMES, random.randint(0, len(NAMES)))
    return layer([(name, random.choice(kinds)()) for name in names], random)


def places(data: bytes) -> dict[str, Place]:
    """The values of a layer, each with the bytes that it takes, as libyaml marks them."""
    text = data.decode()
    root = yaml.compose(text.removeprefix("\ufeff"), Loader=yaml.CSafeLoader)
    found: dict[str, Place] = {}
    for key, node in root.value if root and isinstance(root, yaml.MappingNode) else ():
        start, end = node.start_mark.index, node.end_mark.index
        shift = text.startswith("\ufeff")
        content = node.value if isinstance(node, yaml.ScalarNode) else yaml.serialize(node)
        value = (node.tag, content)
        found[key.value] = Place(len(text[: start + shift].encode()), len(text[: end + shift].encode()), value)
    return found


def alike(one: bytes, other: bytes) -> tuple[int, int]:
    """How many bytes two texts have in common at the start, and at the end."""
    size = min(len(one), len(other))
    front = next((at for at in range(size) if one[at] != other[at]), size)
    back = next((at for at in range(size) if one[-1 - at] != other[-1 - at]), size)
    return front, back


def check_set(random: Random, write: Callable[[str, bytes, dict[str, str]], bytes] = with_entries) -> bool:
    """Set one entry of a random layer; whether it could be done."""
    before = random_layer(random)
    name, text = random.choice(NAMES + "XY"), random_text(random)
    try:
        after = write(PATH, before, {name: text})
    except EnvtreeError:
        return False
    was, now = places(before), places(after)
    assert {**{each: place.text for each, place in was.items()}, name: None} == {
        each: None if each == name else place.text for each, place in now.items()
    }
    assert list(now) == list({**was, name: None})
    assert now[name].text[1] == text  # type: ignore[index]
    assert with_entries(PATH, after, {name: text}) == after
    front, back = alike(before, after)
    if before == after:
        return True
    if name in was:
        assert front >= was[name].start
        end = was[name].end
        if "\n" in text:  # a block begins below the comment on the line
            end = before.find(b"\n", end) + 1 or len(before)
        assert back >= len(before) - end
    else:
        assert front + back >= len(before)
    return True


def check_unset(random: Random) -> bool:
    """Remove one entry of a random layer; whether it could be done."""
    before = random_layer(random)
    was = places(before)
    if not was:
        return True
    name = random.choice(list(was))
    try:
        after = without_entries(PATH, before, (name,))
    except EnvtreeError:
        return False
    now = places(after)
    assert {each: place.text for each, place in now.items()} == {
        each: place.text for each, place in was.items() if each != name
    }
    front, back = alike(before, after)
    assert front + back >= len(after.removesuffix(b"\n"))
    return True


def run_many(number: int) -> None:
    for check in (check_set, check_unset):
        refused = [seed for seed in range(number) if not check(Random(seed))]
        assert len(refused) < number / 20, f"{len(refused)} of {number} refused, such as {refused[:5]}"


def test_every_other_byte_of_a_random_layer_stays() -> None:
    run_many(400)


def naive(path: str, data: bytes, entries: dict[str, str]) -> bytes:
    """What a script would do: drop the line of the name, and write one below."""
    name = next(iter(entries))
    lines = (line for line in data.splitlines(keepends=True) if not line.startswith(f"{name}:".encode()))
    return b"".join((*lines, yaml.safe_dump(entries).encode()))


def test_a_naive_writer_is_caught() -> None:
    caught = 0
    for seed in range(100):
        try:
            check_set(Random(seed), naive)
        except (AssertionError, yaml.YAMLError, EnvtreeError):
            caught += 1
    assert caught > 20


@pytest.mark.soak
def test_every_other_byte_of_ten_thousand_random_layers_stays() -> None:
    run_many(10_000)


@pytest.mark.parametrize(
    ("before", "text", "after"),
    [
        ("A: 0.01 # c\n", "0.05", "A: 0.05 # c\n"),
        ("A: '1'\n", "it's", "A: 'it''s'\n"),
        ('A: "1" # c\n', "x", 'A: "x" # c\n'),
        ("A: true\r\nB: 2\r\n", "false", "A: false\r\nB: 2\r\n"),
        ("A: x\n", "null", "A: 'null'\n"),
        ("A: x\n", "a # b", "A: 'a # b'\n"),
        ("A: x\n", "", 'A: ""\n'),
        ("A: !expand ${B}\nB: 1\n", "0.5", "A: 0.5\nB: 1\n"),
        ("A: |\n  x\n  y\n# c\n", "z", "A: z\n# c\n"),
        ("A: ~\n", "1", "A: 1\n"),
    ],
)
def test_the_quoting_of_a_value_is_kept_where_it_can_be(before: str, text: str, after: str) -> None:
    assert with_entries(PATH, before.encode(), {"A": text}).decode() == after


@pytest.mark.parametrize(
    "before", ["", "# only a comment\n", "\ufeff", "---\n", "# no line end", "\r\n", "--- # begins\n"]
)
def test_a_file_without_entries_takes_the_first_below_what_is_there(before: str) -> None:
    after = with_entries(PATH, before.encode(), {"A": "1"})
    assert after.startswith(before.encode())
    assert list(places(after)) == ["A"]


def test_a_new_file_holds_the_entries_in_the_order_given() -> None:
    assert with_entries(PATH, None, {"B": "yes", "A": None, "C": "l1\nl2\n"}) == (
        b"B: 'yes'\nA: !unset\nC: |\n  l1\n  l2\n"
    )


@pytest.mark.parametrize(
    ("before", "said", "advice"),
    [
        ("{A: 1}\n", "`configs/common.yaml` can't be changed: its entries stand between braces", "without braces"),
        ("A: 'x\n", "can't be read as YAML", "`envtree validate` shows why"),
        ("A: 1\n---\nB: 2\n", "can't be read as YAML", "`envtree validate` shows why"),
        ("- A\n", "is not a mapping", "by hand"),
        ("A: 1\nA: 2\n", "`A` in configs/common.yaml can't be changed: it is set twice", "by hand"),
        ("A: !file key.pem\n", "`A` in configs/common.yaml can't be changed: it names a file", "write into that file"),
    ],
)
def test_what_can_not_be_set_exactly_is_refused_with_the_reason(before: str, said: str, advice: str) -> None:
    with pytest.raises(EnvtreeError) as caught:
        with_entries(PATH, before.encode(), {"A": "new"})
    assert said in caught.value.diagnostics[0].message
    assert advice in caught.value.diagnostics[0].help


@pytest.mark.parametrize("before", [b"{A: 1}\n", b"- A\n", b"A: \xff\n", b"A: !file key.pem\n"])
def test_what_can_not_be_removed_exactly_is_refused(before: bytes) -> None:
    with pytest.raises(EnvtreeError, match="can't be changed"):
        without_entries(PATH, before, ("A",))
