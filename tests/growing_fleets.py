"""Fleets on Heroku that grow in one way, as snapshots: what is large in each, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

Json = dict[str, Any]


def app(name: str, values: dict[str, str], **more: Any) -> Json:
    """Return an app as a snapshot has it."""
    known = {"id": name, "pipeline": "", "stage": "", "release": 1, "formation": [], "features": [], "fault": ""}
    return {"name": name, "values": values, **known, "attachments": [], **more}


def many_apps(size: int) -> list[Json]:
    return [
        app(f"app{each}-{environment}", {"SHARED": "shared value", f"V{each}": f"value {each}"})
        for each in range(size)
        for environment in ("production", "staging")
    ]


def many_apps_that_share(size: int) -> list[Json]:
    """Two neighbours share each variable."""
    values = [{f"V{each}": f"value {each}", f"V{each + 1}": f"value {each + 1}"} for each in range(size)]
    return [app(f"app{each}-production", values[each]) for each in range(size)]


def many_apps_with_equal_values(size: int) -> list[Json]:
    values = ({"V0": "value one" if each % 2 else "value two"} for each in range(size))
    return [app(f"app{each}-production", each_value) for each, each_value in enumerate(values)]


def many_config_vars(size: int) -> list[Json]:
    values = {f"V{each}": f"value {each}" for each in range(size)}
    return [app("accounts-production", values), app("accounts-staging", values)]


def many_odd_config_vars(size: int) -> list[Json]:
    """Names that no field can have, all of them alike."""
    return [app("accounts-production", {f"a{'.' * each}1": "value" for each in range(size)})]


def many_config_vars_that_stay(size: int) -> list[Json]:
    return [app("accounts-production", {f"V{each}": "value " for each in range(size)})]


def many_attachments(size: int) -> list[Json]:
    values = {f"V{each}_URL": f"postgres://a:secret{each}@host/base" for each in range(size)}
    attached = [
        {"name": f"V{each}", "addon": f"addon-{each}", "plan": "plan:one", "names": [f"V{each}_URL"]}
        for each in range(size)
    ]
    values |= {f"W{each}": text for each, text in enumerate(values.values())}
    return [app("accounts-production", values, attachments=attached)]


def many_process_types(size: int) -> list[Json]:
    formation = [{"name": f"p_{each}", "command": f"serve {each}", "quantity": 1} for each in range(size)]
    return [app("accounts-production", {"V0": "value"}, formation=formation)]


def many_process_types_alike(size: int) -> list[Json]:
    formation = [{"name": f"a{'_' * each}", "command": f"serve {each}", "quantity": 1} for each in range(1, size)]
    return [app("accounts-production", {"V0": "value"}, formation=formation)]


def many_apps_of_one_service(size: int) -> list[Json]:
    return [app(f"accounts{each}", {"V0": "value"}, pipeline="accounts", stage="production") for each in range(size)]


def many_apps_without_a_place(size: int) -> list[Json]:
    return [app(f"app{each}", {"V0": "value"}, pipeline="accounts", stage="") for each in range(size)]


FLEETS: dict[str, tuple[Callable[[int], list[Json]], int]] = {
    each.__name__.replace("_", " "): (each, size)
    for each, size in (
        (many_apps, 40),
        (many_apps_that_share, 40),
        (many_apps_with_equal_values, 60),
        (many_config_vars, 150),
        (many_odd_config_vars, 60),
        (many_config_vars_that_stay, 150),
        (many_attachments, 100),
        (many_process_types, 100),
        (many_process_types_alike, 25),
        (many_apps_of_one_service, 100),
        (many_apps_without_a_place, 100),
    )
}
