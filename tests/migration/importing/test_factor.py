"""Config vars become the fewest layer entries that the guards allow, and every app still gets exactly its own."""

from __future__ import annotations

import random
from collections import Counter
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envtree.core.layers.resolve import resolve
from envtree.core.model.tree import Entry, Layer, Target
from envtree.core.settings.heroku import Deployment
from envtree.migration.importing.factor import (
    SharedSecret,
    count_entries,
    differing,
    factor,
    place_below,
    shared_secrets,
)
from tests.effort import assert_in_proportion, calls_of
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Wanted = dict[Deployment, str | None]
    Layers = Mapping[str, Mapping[str, str | None]]

NAME = "NAME"
TEXTS = ("1", "info", "postgres://one", "postgres://two", "postgres://three")
NOTHING = object()
"""No entry, as against None, an entry that unsets."""


def grid(table: str) -> Wanted:
    """A line a service, a column an environment (p, q, r ...); `-`: not set, `.`: no app. Capitals are long texts."""
    return {
        Deployment("pqrstuvw"[column], f"s{number}"): None if mark == "-" else mark * 8 if mark.isupper() else mark
        for number, line in enumerate(table.split("/"))
        for column, mark in enumerate(line.strip())
        if mark != "."
    }


def values_of(wanted: Wanted) -> dict[Deployment, dict[str, str]]:
    return {cell: {} if text is None else {NAME: text} for cell, text in wanted.items()}


def factored(wanted: Wanted, *, secret: bool = False) -> dict[str, str | None]:
    """The entry of each layer that has one."""
    layers = factor(values_of(wanted), (NAME,) if secret else ())
    return {place: row[NAME] for place, row in layers.items()}


def shown(table: str, *, secret: bool = False) -> str:
    """The layers on one line: `common=A p=-`."""
    placed = factored(grid(table), secret=secret)
    return " ".join(f"{place}={'-' if text is None else text[0]}" for place, text in placed.items())


def given_to(cell: Deployment, layers: Layers, name: str) -> str | None:
    """What a process of a cell gets: the last entry of four layers."""
    text = None
    for place in ("common", cell.environment, f"{cell.service}/common", f"{cell.service}/{cell.environment}"):
        if name in layers.get(place, {}):
            text = layers[place][name]
    return text


# What is placed where


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("AAA", "s0/common=A"),
        ("AAB", "s0/common=A s0/r=B"),
        ("ABC", "s0/p=A s0/q=B s0/r=C"),
        ("AB/AB/AB", "p=A q=B"),
        ("AA/AA/AA", "common=A"),
        ("AA/AA/BB", "common=A s2/common=B"),
        ("AA/AB/AA", "common=A s1/q=B"),
        ("A-/A-/A-", "p=A"),
        ("A./.A", "common=A"),
        ("", ""),
    ],
)
def test_a_value_stands_in_the_widest_layer_that_saves_entries(table: str, expected: str) -> None:
    assert shown(table) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("AAB/AA.", "s0/common=A s0/r=B s1/common=A"),
        ("AB/AB/CA", "p=A q=B s2/p=C s2/q=A"),
        ("AB/BA", "common=A s0/q=B s1/p=B"),
        ("A/A/B/B", "p=A s2/p=B s3/p=B"),
    ],
)
def test_of_equally_many_entries_the_lower_layers_get_them_then_the_first_text(table: str, expected: str) -> None:
    assert shown(table) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("AA/AA/AA", "p=A q=A"),
        ("AA", "s0/p=A s0/q=A"),
        ("AB/AB/BB", "p=A q=B s2/p=B"),
    ],
)
def test_a_secret_is_never_shared_by_environments(table: str, expected: str) -> None:
    assert shown(table, secret=True) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("11/11", "common=1"),
        ("1./.1", "s0/p=1 s1/q=1"),
        ("1/1", "s0/p=1 s1/p=1"),
        ("1/1/1", "p=1"),
        ("11", "s0/common=1"),
    ],
)
def test_a_short_value_is_shared_by_services_only_where_three_cells_have_it(table: str, expected: str) -> None:
    assert shown(table) == expected


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("A-/AA", "s0/p=A s1/common=A"),
        ("AAA-", "s0/p=A s0/q=A s0/r=A"),
        ("AAAA-", "s0/common=A s0/t=-"),
        ("AA/AA/AA/AA/--", "common=A s4/common=-"),
        ("AA/AA/A-", "s0/common=A s1/common=A s2/p=A"),
    ],
)
def test_an_unset_stands_only_where_it_saves_two_entries(table: str, expected: str) -> None:
    assert shown(table) == expected


def test_a_text_of_six_characters_is_long() -> None:
    cells = [Deployment("p", service) for service in ("a", "b")]
    assert factored(dict.fromkeys(cells, "abcde")) == {"a/p": "abcde", "b/p": "abcde"}
    assert factored(dict.fromkeys(cells, "abcdef")) == {"p": "abcdef"}


def test_an_empty_text_is_a_value_and_nothing_is_no_layer() -> None:
    assert factored(grid("A") | {Deployment("q", "s0"): ""}) == {"s0/p": "AAAAAAAA", "s0/q": ""}
    assert factor({}, ()) == factor({Deployment("p", "a"): {}}, ()) == {}


# Against all placements there are. The guards are said anew here, of texts.


def guards_allow(entry: str | None, place: str, wanted: Wanted, *, secret: bool) -> bool:
    """Whether a wider layer may have an entry."""
    same = [cell for cell, text in wanted.items() if text == entry]
    enough = 3 if entry is not None and len(entry) <= 5 else 2
    if place == "common":
        environments = {cell.environment for cell in wanted}
        spread = len({cell.service for cell in same}) > 1 and {cell.environment for cell in same} == environments
        return entry is not None and not secret and spread and len(same) >= enough
    if place.endswith("/common"):
        return not secret and sum(f"{cell.service}/common" == place for cell in same) > 1
    return len({cell.service for cell in same if cell.environment == place}) >= enough


def placements(wanted: Wanted, *, secret: bool) -> Iterator[tuple[tuple[object, ...], dict[str, str | None]]]:
    """Every placement that the guards allow, with what is to be small about it; a cell's own entry follows."""
    environments, services = (sorted(set(each)) for each in zip(*wanted, strict=True))
    wide = ["common", *environments, *(f"{service}/common" for service in services)]
    choices = [
        [NOTHING, *(each for each in in_order(wanted.values()) if guards_allow(each, place, wanted, secret=secret))]
        for place in wide
    ]
    for chosen in product(*(range(len(each)) for each in choices)):
        picked = {place: each[index] for place, each, index in zip(wide, choices, chosen, strict=True)}
        layers = {place: text for place, text in picked.items() if text is None or isinstance(text, str)}
        for cell, text in wanted.items():
            if given_to(cell, {place: {NAME: entry} for place, entry in layers.items()}, NAME) != text:
                layers[f"{cell.service}/{cell.environment}"] = text
        kinds = Counter("common" if each == "common" else each.partition("/")[2] == "common" for each in layers)
        in_environments = sum(each in layers for each in environments)
        unsets = sum(text is None for text in layers.values())
        yield (len(layers), unsets, kinds["common"], in_environments, kinds[True], chosen), layers


def in_order(texts: Iterable[str | None]) -> list[str | None]:
    return sorted(set(texts), key=lambda text: (text is not None, text or ""))


def best_of_all(wanted: Wanted, *, secret: bool) -> dict[str, str | None]:
    found = list(placements(wanted, secret=secret))
    plain = min((each for each in found if each[0][1] == 0), key=lambda each: each[0])
    saving = [each for each in found if len(each[1]) <= len(plain[1]) - 2]
    return min(saving or [plain], key=lambda each: each[0])[1]


def grids(environments: int, services: int, texts: int) -> st.SearchStrategy[Wanted]:
    cells = [Deployment("pqrst"[column], f"s{row}") for row in range(services) for column in range(environments)]
    pools = st.lists(st.sampled_from(TEXTS), min_size=1, max_size=texts, unique=True)
    return pools.flatmap(
        lambda pool: st.fixed_dictionaries({}, optional={cell: st.sampled_from([*pool, *pool, None]) for cell in cells})
    ).filter(bool)


def is_best(wanted: Wanted, *, secret: bool) -> None:
    placed = factored(wanted, secret=secret)
    assert {
        cell: given_to(cell, {place: {NAME: text} for place, text in placed.items()}, NAME) for cell in wanted
    } == wanted
    assert placed == best_of_all(wanted, secret=secret)


@examples(50)
@given(grids(3, 3, 3), st.booleans())
def test_no_placement_that_the_guards_allow_is_better(wanted: Wanted, secret: bool) -> None:
    is_best(wanted, secret=secret)


@pytest.mark.soak
@settings(max_examples=10_000)
@given(st.one_of(grids(3, 3, 3), grids(4, 3, 2), grids(2, 6, 3), grids(5, 2, 3)), st.booleans())
def test_no_placement_is_better_in_larger_grids(wanted: Wanted, secret: bool) -> None:
    is_best(wanted, secret=secret)


# Whole fleets


def fleets() -> st.SearchStrategy[dict[Deployment, dict[str, str]]]:
    cells = st.builds(Deployment, st.sampled_from("pqr"), st.sampled_from(("a", "b", "c")))
    rows = st.dictionaries(st.sampled_from(("KEY", "LOG", "URL")), st.sampled_from(("", *TEXTS)))
    return st.dictionaries(cells, rows, min_size=1)


@examples(25)
@given(fleets(), st.sets(st.sampled_from(("KEY", "LOG"))))
def test_every_process_gets_exactly_the_config_vars_of_its_app(
    values: dict[Deployment, dict[str, str]], secrets: set[str]
) -> None:
    found = factor(values, secrets)
    layers = {
        place: Layer(place, {name: entry(name, text) for name, text in row.items()}) for place, row in found.items()
    }
    targets = [Target(*cell, "web") for cell in values]
    _, own = resolve(targets, layers)
    for target, row in zip(targets, values.values(), strict=True):
        assert {name: text for name, text in own[target].values.items() if text is not None} == row


@given(fleets(), st.randoms(use_true_random=False))
def test_neither_the_order_of_apps_nor_that_of_variables_matters(
    values: dict[Deployment, dict[str, str]], source: random.Random
) -> None:
    def shuffled(items: Iterable[tuple[Deployment, dict[str, str]]]) -> dict[Deployment, dict[str, str]]:
        return dict(source.sample(list(items), len(values)))

    other = {
        cell: dict(sorted(row.items(), key=lambda _: source.random())) for cell, row in shuffled(values.items()).items()
    }
    found = factor(values, ())
    assert as_written(factor(other, ())) == as_written(found)
    assert list(found) == sorted(found)
    assert all(row and list(row) == sorted(row) for row in found.values())
    assert count_entries(found) == sum(len(row) for row in found.values())


def as_written(layers: Layers) -> list[tuple[str, list[tuple[str, str | None]]]]:
    return [(place, list(row.items())) for place, row in layers.items()]


def entry(name: str, text: str | None) -> Entry:
    return Entry(name, text, "configs/common.yaml", 1, 1, 1, 1, 1)


# A merge into layers that are there


@pytest.mark.parametrize(
    ("row", "inherited", "secret", "expected"),
    [
        ("AAA", "AAA", False, ""),
        ("AAA", "BBB", False, "common=A"),
        ("AAB", "AAA", False, "r=B"),
        ("AAB", "BBB", False, "p=A q=A"),
        ("AAC", "BBB", False, "common=A r=C"),
        ("AAA", "BBB", True, "p=A q=A r=A"),
        ("A-", "AA", False, "q=-"),
        ("---", "AAA", False, "common=-"),
        ("---", "AAA", True, "p=- q=- r=-"),
        ("AA-", "---", False, "p=A q=A"),
        ("AAA-", "----", False, "p=A q=A r=A"),
        ("AAAA-", "-----", False, "common=A t=-"),
        ("A", "B", False, "p=A"),
        ("", "", False, ""),
    ],
)
def test_one_services_values_are_placed_below_what_wider_layers_give(
    row: str, inherited: str, secret: bool, expected: str
) -> None:
    placed = place_below(line(row), line(inherited), secret=secret)
    assert " ".join(f"{layer}={text or '-'}" for layer, text in placed.items()) == expected


def test_below_a_fixed_service_layer_each_environment_that_differs_has_an_entry() -> None:
    assert differing(line("AB-A"), line("AAA-")) == {"q": "B", "r": None, "s": "A"}
    assert differing({"p": None, "q": "A"}, {}) == {"q": "A"}


@given(st.lists(st.tuples(*[st.sampled_from((None, *TEXTS[:3]))] * 2), min_size=1, max_size=5), st.booleans())
def test_nothing_shorter_stands_below_wider_layers(cells: list[tuple[str | None, str | None]], secret: bool) -> None:
    row, inherited = ({name: pair[side] for name, pair in zip("pqrst", cells, strict=False)} for side in (0, 1))
    counts = Counter(row.values())
    shared = [] if secret else [text for text in in_order(row.values()) if counts[text] > 1]
    found = [differing(row, inherited)]
    found += ({"common": text, **differing(row, dict.fromkeys(row, text))} for text in shared)
    plain = [each for each in found if None not in each.values()]
    least = min(map(len, plain), default=99)
    saving = [each for each in found if len(each) <= least - 2]
    best = min(saving or plain, key=lambda each: (len(each), list(each.values()).count(None), "common" in each))
    assert place_below(row, inherited, secret=secret) == best


def line(marks: str) -> dict[str, str | None]:
    return {"pqrst"[column]: None if mark == "-" else mark for column, mark in enumerate(marks)}


# Secrets that environments share


def test_a_secret_that_environments_share_is_found_with_its_cells() -> None:
    values = {
        Deployment("staging", "a"): {"KEY": "x", "URL": "y", "EMPTY": ""},
        Deployment("production", "a"): {"KEY": "x", "URL": "y", "EMPTY": ""},
        Deployment("production", "b"): {"KEY": "x", "PIN": "z"},
        Deployment("production", "c"): {"PIN": "z"},
    }
    cells = (Deployment("production", "a"), Deployment("production", "b"), Deployment("staging", "a"))
    assert shared_secrets(values, {"KEY", "PIN", "EMPTY", "OTHER"}) == (SharedSecret("KEY", cells),)


# What it costs.


def fleet(names: int, services: int) -> dict[Deployment, dict[str, str]]:
    """Names of five kinds: some are alike everywhere, some nowhere."""
    source = random.Random(4)
    cells = [Deployment(environment, f"s{number}") for environment in "pqrs" for number in range(services)]
    values: dict[Deployment, dict[str, str]] = {cell: {} for cell in cells}
    kinds: list[Callable[[Deployment], str]] = [
        lambda cell: "one",
        lambda cell: cell.environment,
        lambda cell: cell.service,
        str,
        lambda cell: source.choice(TEXTS),
    ]
    for number in range(names):
        for cell in cells:
            if source.random() > 0.1:
                values[cell][f"N{number}"] = f"{number}-{kinds[number % 5](cell)}"
    return values


def test_a_fleet_is_factored_while_one_waits() -> None:
    assert_in_proportion(lambda names: factor(fleet(names, 8), ()), 100)
    assert_in_proportion(lambda services: factor(fleet(25, services), ()), 32)


@pytest.mark.parametrize("texts", [3, 12])
def test_columns_with_many_pairs_of_values_do_not_take_for_ever(texts: int) -> None:
    source = random.Random(4)
    rows = [[number % texts for number in range(25)] for _ in "pqrs"]
    for row in rows:
        source.shuffle(row)
    wanted = {
        Deployment(environment, f"s{number:02}"): None if source.random() < 0.1 else f"value-{text}"
        for environment, row in zip("pqrs", rows, strict=True)
        for number, text in enumerate(row)
    }
    assert calls_of(lambda: factored(wanted)) < 1_000_000  # ten times what it takes
