"""Config vars of a made-up fleet as layers: as envtree places them, and as the least script could.

python fleet.py make APPSxVARIABLES FILE     write the values that the generator's own layers give, with their number
python fleet.py envtree FILE                 place them
python fleet.py floor FILE                   the same, hoisting only what all agree on
python fleet.py decode FILE                  read them, and no more
python fleet.py prove FILE                   hold both against the values, and print the entries of each
"""

import gc
import json
import sys
from pathlib import Path

ENVIRONMENTS = ("production", "review", "sandbox", "staging")
SHARED = (("common",), ("environment",), ("service",), ("service", "cell"), ("common", "cell"), ("cell",))
"""The layers that give variables their values; where there are two, an eighth of the cells has the second one's."""

Values = dict[str, dict[str, str]]
Layers = dict[str, dict[str, str | None]]


def make(shape: str) -> tuple[int, Values]:
    """Values by `environment/service`, and how many entries they were made of; a tenth of the variables are missing."""
    import random  # here, since the floor has no use for it

    source = random.Random(shape)
    apps, variables = map(int, shape.split("x"))
    cells = [(each, f"service-{number:02}") for number in range(apps // len(ENVIRONMENTS)) for each in ENVIRONMENTS]
    values: Values = {"/".join(cell): {} for cell in cells}
    entries = set()
    for number in range(variables):
        layers = SHARED[number % len(SHARED)]
        lacking = {service for _, service in cells if source.random() < 0.1} if layers[0] in ("service", "cell") else ()
        for environment, service in cells:
            if service in lacking:
                continue
            layer = layers[-1] if len(layers) == 1 or source.random() < 0.125 else layers[0]
            place = {"common": "", "environment": environment, "service": service}.get(
                layer, f"{environment}/{service}"
            )
            entries.add((number, layer, place))
            values[f"{environment}/{service}"][f"NAME_{number:03}"] = f"value-{number}-{layer}-{place}"
    return len(entries), values


def place_by_envtree(values: Values) -> Layers:
    from envtree.core.settings.heroku import Deployment
    from envtree.migration.importing.factor import factor

    return factor({Deployment(*cell.split("/")): row for cell, row in values.items()}, ())


def place_by_floor(values: Values) -> Layers:
    """What all cells have goes to `common`, of an environment or of a service to its layer, all else to the cell's."""
    layers: Layers = {}
    groups: dict[str, list[str]] = {}
    for cell in values:
        environment, service = cell.split("/")
        for place in ("common", environment, f"{service}/common", f"{service}/{environment}"):
            groups.setdefault(place, []).append(cell)
    given: dict[str, set[str]] = {cell: set() for cell in values}
    for place in sorted(groups, key=lambda place: -len(groups[place])):
        first, *others = (values[cell] for cell in groups[place])
        for name, text in first.items():
            if name not in given[groups[place][0]] and all(row.get(name) == text for row in others):
                layers.setdefault(place, {})[name] = text
                for cell in groups[place]:
                    given[cell].add(name)
    return layers


def given_by(layers: Layers, cell: str) -> dict[str, str]:
    environment, service = cell.split("/")
    merged: dict[str, str | None] = {}
    for place in ("common", environment, f"{service}/common", f"{service}/{environment}"):
        merged |= layers.get(place, {})
    return {name: text for name, text in merged.items() if text is not None}


def prove(made_of: int, values: Values) -> None:
    counts = {"made of": made_of}
    for title, layers in (("envtree", place_by_envtree(values)), ("floor", place_by_floor(values))):
        if any(given_by(layers, cell) != row for cell, row in values.items()):
            raise SystemExit(f"the layers of {title} give other values")
        counts[title] = sum(map(len, layers.values()))
    print(json.dumps(counts))


def main() -> None:
    kind, *words, file = sys.argv[1:]
    if kind == "make":
        Path(file).write_text(json.dumps(make(*words)))
        return
    gc.disable()  # as the command line does
    made_of, values = json.loads(Path(file).read_bytes())
    if kind == "prove":
        prove(made_of, values)
    elif kind != "decode":
        {"envtree": place_by_envtree, "floor": place_by_floor}[kind](values)


if __name__ == "__main__":
    main()
