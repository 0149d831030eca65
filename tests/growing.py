"""Trees that grow in one way: what is large in each, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.source import MAX_FILE
from tests.builders import SERVICE, SETTINGS
from tests.sealed_files import sealed_text

NAME = "V0"
"""The variable that is explained."""

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Files = dict[str, str]
    Growing = Callable[[int], Files]


def a_tree(**more: str) -> Files:
    """Return a tree with one process in two environments, and more files by path."""
    return {"envtree.yaml": SETTINGS, "configs/accounts/service.yaml": SERVICE, **more}


def lines(texts: Iterable[str]) -> str:
    """Return one text a line."""
    return "".join(f"{text}\n" for text in texts)


def schema(fields: Iterable[str], head: str = "class Common(Settings):") -> str:
    """Return a schema file with one class of these fields."""
    return f"from envtree import Port, Secret, Settings\n\n{head}\n{lines(f'    {each}' for each in fields)}    pass\n"


def layer(entries: Iterable[str], fields: Iterable[str] = (), more: Files | None = None) -> Files:
    """Return a tree with one layer, and a schema if it has fields."""
    declared: Files = {"schemas/common.py": schema(fields)} if (fields := tuple(fields)) else {}
    return a_tree(**{"configs/common.yaml": lines(entries), **declared, **(more or {})})


PUNCTUATION = '!${%:#[{-@/&?="'
"""What patterns look for; one after another, each could be the start of what they find."""


def many_variables(size: int) -> Files:
    return layer((f"V{each}: value {each}" for each in range(size)), (f"V{each}: str" for each in range(size)))


def many_invalid_values(size: int) -> Files:
    return layer((f"V{each}: value {each}" for each in range(size)), (f"V{each}: int" for each in range(size)))


def many_refused_values(size: int) -> Files:
    """The validator of a class refuses each value in its own words, some of them at another's secret."""
    refusing = (
        "from pydantic import field_validator\nfrom envtree import Settings\n\nclass Common(Settings):\n"
        + lines(f"    V{each}: str" for each in range(size))
        + '    @field_validator("*")\n    def check(cls, value):\n        raise ValueError(f"no {value}")\n'
    )
    return layer((f"V{each}: value {each}" for each in range(size)), (), {"schemas/common.py": refusing})


def many_values_before_a_crash(size: int) -> Files:
    crashing = (
        "from pydantic import model_validator\nfrom envtree import Settings\n\nclass Common(Settings):\n"
        + lines(f"    V{each}: str" for each in range(size))
        + '    @model_validator(mode="after")\n    def check(self):\n        return 1 / 0\n'
    )
    return layer((f"V{each}: value {each}" for each in range(size)), (), {"schemas/common.py": crashing})


def many_values_compared(size: int) -> Files:
    comparing = (
        "from pydantic import model_validator\nfrom envtree import Settings\n\nclass Common(Settings):\n"
        + lines(f"    V{each}: str" for each in range(size))
        + '    @model_validator(mode="after")\n    def check(self):\n'
        + lines(f"        self.V{each}" for each in range(size))
        + '        raise ValueError("they do not fit")\n'
    )
    return layer((f"V{each}: value {each}" for each in range(size)), (), {"schemas/common.py": comparing})


def many_unknown_names(size: int) -> Files:
    return layer((f"W{each}: a" for each in range(size)), ["V0: str = ''"])


def many_unknown_names_among_many_known(size: int) -> Files:
    return layer((f"VW{each}: value {each}" for each in range(size)), (f"V{each}: str = ''" for each in range(size)))


def many_missing_variables(size: int) -> Files:
    return layer(["X: a"], ("X: str", *(f"V{each}: str" for each in range(size))))


def many_variables_twice(size: int) -> Files:
    return layer(f"V{each}: value {each}" for _ in range(2) for each in range(size))


def many_wrong_values(size: int) -> Files:
    kinds = ("", "[a]", "!unset a", "!jsn a", "!expand $a", "!file none.pem", '"a "', "!json {a: 1, a: 2}")
    return layer(f"V{each}: {kinds[each % len(kinds)]}" for each in range(size))


def many_missing_files(size: int) -> Files:
    files: Files = {f"configs/file{each}.pem": "a" for each in range(size)}
    return layer((f"V{each}: !file fle{each}.pem" for each in range(size)), (), files)


def many_files(size: int) -> Files:
    files: Files = {f"configs/file{each}.pem": "a" for each in range(size)}
    return layer((f"V{each}: !file file{each}.pem" for each in range(size)), (), files)


def one_long_line(size: int) -> Files:
    entries = ", ".join(f"V{each}: value {each}" for each in range(size))
    return layer([f"{{{entries}}}"], (f"V{each}: str" for each in range(size)))


def many_errors_on_one_line(size: int) -> Files:
    entries = ", ".join(f"V{each}: value {each}" for each in range(size))
    return layer([f"{{{entries}}}"], (f"V{each}: int" for each in range(size)))


def many_hidden_errors_on_one_line(size: int) -> Files:
    entries = ", ".join(f"V{each}: [{each}]" for each in range(size))
    return layer([f"{{{entries}}}"], ["V0: str = ''"])


def many_errors_on_one_line_of_a_schema(size: int) -> Files:
    fields = "; ".join(f"V{each}: str" for each in range(size))
    return layer(["X: a"], ["X: str", fields])


def a_long_chain(size: int) -> Files:
    links = (f'V{each}: !expand "${{V{each + 1}}}"' for each in range(size))
    return layer([*links, f"V{size}: value"], (f"V{each}: str" for each in range(size + 1)))


def a_long_chain_to_a_secret(size: int) -> Files:
    links = (f'V{each}: !expand "${{V{each + 1}}}"' for each in range(size))
    return layer([*links, f"V{size}: value"], (*(f"V{each}: str" for each in range(size)), f"V{size}: Secret"))


def a_long_chain_to_nothing(size: int) -> Files:
    links = (f'V{each}: !expand "${{V{each + 1}}}"' for each in range(size))
    return layer(links, (f"V{each}: str = ''" for each in range(size + 1)))


def a_long_chain_of_invalid_values(size: int) -> Files:
    links = (f'V{each}: !expand "${{V{each + 1}}}"' for each in range(size))
    return layer([*links, f"V{size}: value"], (*(f"V{each}: int" for each in range(size)), f"V{size}: Secret"))


def a_long_cycle(size: int) -> Files:
    return layer(f'V{each}: !expand "${{V{(each + 1) % size}}}"' for each in range(size))


def many_short_cycles(size: int) -> Files:
    return layer(f'V{each}: !expand "${{V{each ^ 1}}}"' for each in range(size // 2 * 2))


def a_wide_fan(size: int) -> Files:
    users = (f'V{each}: !expand "a ${{BASE}} {each}"' for each in range(size))
    return layer(["BASE: value", *users], ("BASE: Secret", *(f"V{each}: str" for each in range(size))))


def many_references_in_a_value(size: int) -> Files:
    parts = "".join(f"${{V{each}}}" for each in range(1, size))
    entries = (f"V{each}: {each % 10}" for each in range(1, size))
    return layer([f'V0: !expand "{parts}"', *entries], (f"V{each}: str" for each in range(size)))


def many_references_to_nothing(size: int) -> Files:
    return layer(f'V{each}: !expand "${{W{each}}}"' for each in range(size))


def many_references_that_fail(size: int) -> Files:
    parts = "".join(f"${{V{each}}}" for each in range(1, size))
    entries = (f'V{each}: !expand "${{V0}}"' for each in range(1, size))
    return layer([f'V0: !expand "{parts}"', *entries])


def many_secrets(size: int) -> Files:
    return layer(
        (f"V{each}: sk_live_51H8xkqL{each:08}aB3dE5" for each in range(size)),
        (f"V{each}: Secret" for each in range(size)),
    )


def many_sealed_values(size: int) -> Files:
    sealed = sealed_text({f"V{each}": f"value {each}" for each in range(size)})
    return layer((), (f"V{each}: Secret" for each in range(size)), {"configs/common.sops.yaml": sealed})


def many_values_of_others_in_a_sealed_file(size: int) -> Files:
    """Each value of the one file has the name of another, to which its text does not belong."""
    sealed = sealed_text({f"V{each}": f"value {each}" for each in range(size)}).replace("\nV", "\nVV")
    return layer((), ["V0: Secret"], {"configs/common.sops.yaml": sealed})


def many_secrets_in_clear(size: int) -> Files:
    return layer(
        (f"V{each}: sk_live_51H8xkqL{each:08}aB3dE5" for each in range(size)),
        (f"V{each}: str" for each in range(size)),
    )


def many_secret_addresses(size: int) -> Files:
    return layer(
        (f"V{each}: postgres://app:secret{each}@db/app?password=a" for each in range(size)),
        (f"V{each}: str" for each in range(size)),
    )


def many_ports(size: int) -> Files:
    return layer((f"V{each}: 8000" for each in range(size)), (f"V{each}: Port" for each in range(size)))


def many_loaders(size: int) -> Files:
    return layer((f"BASH_FUNC_V{each}: a" for each in range(size)), (f"BASH_FUNC_V{each}: str" for each in range(size)))


def many_repeats(size: int) -> Files:
    texts = lines(f"V{each}: value {each}" for each in range(size))
    more: Files = {"configs/production.yaml": texts, "configs/accounts/web/production.yaml": texts}
    return layer((f"V{each}: value {each}" for each in range(size)), (f"V{each}: str" for each in range(size)), more)


def many_removals(size: int) -> Files:
    return layer((f"V{each}: !unset" for each in range(size)), (f"V{each}: str = ''" for each in range(size)))


def deep_nesting(size: int) -> Files:
    deep = "[" * 60 + "1" + "]" * 60
    return layer((f"V{each}: !json {deep}" for each in range(size)), (f"V{each}: str" for each in range(size)))


def nesting_that_is_too_deep(size: int) -> Files:
    return layer([f"V0: !json {'[' * size}1{']' * size}"])


def large_json(size: int) -> Files:
    rows = ", ".join(f"{{name: a{each}, value: [{each}, true, null]}}" for each in range(size))
    return layer([f"V0: !json [{rows}]"], ["V0: str"])


def large_block(size: int) -> Files:
    return layer(["V0: |", *(f"  line {each}" for each in range(size))], ["V0: str"])


def large_environment(size: int) -> Files:
    return layer((f"V{each}: {'a' * 2000}" for each in range(size)), (f"V{each}: str" for each in range(size)))


def many_comments(size: int) -> Files:
    return layer((f"# {each}" for each in range(size)), ["V0: str = ''"])


def a_long_line_of_punctuation(size: int) -> Files:
    return layer([f"V0: '{size * PUNCTUATION}'", f"# {size * PUNCTUATION}"], ["V0: str = ''"])


def many_services(size: int) -> Files:
    files: Files = {}
    for each in range(size):
        files[f"configs/service{each}/service.yaml"] = SERVICE
        files[f"configs/service{each}/common.yaml"] = f"V{each}: value\n"
        files[f"configs/service{each}/production.yaml"] = f"W{each}: value\n"
        files[f"schemas/service{each}.py"] = schema([f"V{each}: str", f"W{each}: str = ''"])
    return a_tree(**files)


def many_services_with_errors(size: int) -> Files:
    files: Files = {}
    for each in range(size):
        files[f"configs/service{each}/service.yaml"] = SERVICE
        files[f"configs/service{each}/common.yaml"] = f"V{each}: value\nWX{each}: a\n"
        files[f"schemas/service{each}.py"] = schema([f"V{each}: int", f"W{each}: str"])
    return a_tree(**files)


def many_services_in_a_ring(size: int) -> Files:
    files: Files = {
        f"configs/service{each}/service.yaml": f"requires: [service{(each + 1) % size}]\n{SERVICE}"
        for each in range(size)
    }
    return a_tree(**files)


def many_services_in_a_row(size: int) -> Files:
    files: Files = {
        f"configs/service{each}/service.yaml": f"requires: [service{each + 1}]\n{SERVICE}" for each in range(size)
    }
    return a_tree(**files, **{f"configs/service{size}/service.yaml": SERVICE})


def many_services_that_require_none(size: int) -> Files:
    files: Files = {
        f"configs/service{each}/service.yaml": f"requires: [servce{each}]\n{SERVICE}" for each in range(size)
    }
    return a_tree(**files)


def many_requirements_of_a_service(size: int) -> Files:
    names = ", ".join(f"service{each}" for each in range(size))
    files: Files = {f"configs/service{each}/service.yaml": SERVICE for each in range(size)}
    return a_tree(**files) | {"configs/accounts/service.yaml": f"requires: [{names}]\n{SERVICE}"}


def many_processes(size: int) -> Files:
    commands = lines(f"  p{each}: {{command: serve}}" for each in range(size))
    files: Files = {"configs/accounts/service.yaml": f"processes:\n  web: {{command: serve}}\n{commands}"}
    files |= {f"configs/accounts/p{each}/common.yaml": f"V{each}: value\n" for each in range(size)}
    return a_tree(**files)


def many_unknown_processes(size: int) -> Files:
    commands = lines(f"  p{each}: {{command: serve}}" for each in range(size))
    files: Files = {"configs/accounts/service.yaml": f"processes:\n  web: {{command: serve}}\n{commands}"}
    files |= {f"configs/accounts/pp{each}/common.yaml": f"V{each}: value\n" for each in range(size)}
    return a_tree(**files)


def many_environments(size: int) -> Files:
    environments = lines(f"  e{each}: {{instance: service}}" for each in range(size))
    files: Files = {"envtree.yaml": f"{SETTINGS}{environments}"}
    files |= {f"configs/accounts/e{each}.yaml": f"V0: value {each}\n" for each in range(size)}
    listed = ", ".join(("production", "staging", *(f"e{each}" for each in range(size))))
    return a_tree(**files, **{"configs/accounts/service.yaml": f"environments: [{listed}]\n{SERVICE}"})


def many_unknown_environments(size: int) -> Files:
    environments = lines(f"  e{each}: {{instance: service}}" for each in range(size))
    files: Files = {"envtree.yaml": f"{SETTINGS}{environments}"}
    files |= {f"configs/accounts/ee{each}.yaml": f"V0: value {each}\n" for each in range(size)}
    return a_tree(**files)


def many_strays(size: int) -> Files:
    files: Files = {f"configs/servce{each}/common.yaml": "V0: a\n" for each in range(size)}
    files |= {f"configs/service{each}/service.yaml": SERVICE for each in range(size)}
    files |= {f"configs/service{each}/common.yml": "V0: a\n" for each in range(size)}
    return a_tree(**files)


def a_large_service_file(size: int) -> Files:
    more = "ready: up, stop: {signal: TERM, timeout: 30s}, before_stop: drain, after_stop: clean"
    commands = lines(f"  p{each}: {{command: serve, {more}}}" for each in range(size))
    return a_tree(**{"configs/accounts/service.yaml": f"processes:\n  web: {{command: serve}}\n{commands}"})


def a_wrong_service_file(size: int) -> Files:
    commands = lines(f"  P{each}: {{comand: serve, stop: {{signal: TRM, timeout: 30}}}}" for each in range(size))
    return a_tree(**{"configs/accounts/service.yaml": f"processes:\n  web: {{command: serve}}\n{commands}"})


def a_wrong_service_file_on_one_line(size: int) -> Files:
    commands = ", ".join(f"P{each}: {{comand: serve}}" for each in range(size))
    return a_tree(**{"configs/accounts/service.yaml": f"processes: {{web: {{command: serve}}, {commands}}}\n"})


def a_large_schema(size: int) -> Files:
    values = ", ".join(f'"value{each}"' for each in range(size))
    text = (
        "from typing import Literal\nfrom envtree import Settings\n\n"
        f"class Common(Settings):\n    V0: Literal[{values}]\n\nclass Web(Settings, process='web'):\n"
        f"    V0: Literal[{values}]\n" + lines(f'    V{each}: str = ""\n    """Text."""' for each in range(1, size))
    )
    return layer(["V0: value0"], (), {"schemas/common.py": text})


def a_schema_on_one_line(size: int) -> Files:
    return layer(["V0: a"], ["; ".join(f"V{each}: str = ''" for each in range(size))])


def many_classes(size: int) -> Files:
    classes = (f"class C{each}(Settings):\n    V{each}: str\n\n" for each in range(size))
    text = f"from envtree import Settings\n\n{''.join(classes)}"
    return layer((f"V{each}: value" for each in range(size)), (), {"schemas/accounts.py": text})


def many_classes_without_values(size: int) -> Files:
    classes = (f"class C{each}(Settings):\n    V{each}: int\n    W{each}: str\n\n" for each in range(size))
    text = f"from envtree import Settings\n\n{''.join(classes)}"
    return layer((f"V{each}: value" for each in range(size)), (), {"schemas/accounts.py": text})


def many_classes_of_processes(size: int) -> Files:
    classes = (f"class C{each}(Settings, process='p{each}'):\n    V{each}: str\n\n" for each in range(size))
    text = f"from envtree import Settings\n\n{''.join(classes)}"
    return many_processes(size) | {"schemas/accounts.py": text}


def many_classes_of_nobody(size: int) -> Files:
    classes = (f"class C{each}(Settings, process='pp{each}'):\n    V{each}: str\n\n" for each in range(size))
    text = f"from envtree import Settings\n\n{''.join(classes)}"
    return many_processes(size) | {"schemas/accounts.py": text, "schemas/common.py": text}


def many_misnamed_schemas(size: int) -> Files:
    files: Files = {f"schemas/servce{each}.py": schema(["V0: str = ''"]) for each in range(size)}
    files |= {f"configs/service{each}/service.yaml": SERVICE for each in range(size)}
    return a_tree(**files)


def many_warnings_of_schemas(size: int) -> Files:
    files: Files = {f"configs/service{each}/service.yaml": SERVICE for each in range(size)}
    files |= {
        f"schemas/service{each}.py": f"import warnings\nwarnings.warn('text {each}', DeprecationWarning)\n"
        for each in range(size)
    }
    return a_tree(**files)


def many_expectations(size: int) -> Files:
    rows = lines(f"    V{each}: it may differ" for each in range(size))
    return a_tree(**{"envtree.yaml": f"{SETTINGS}heroku:\n  expect:\n{rows}"})


KINDS: dict[str, tuple[Growing, int]] = {
    each.__name__.replace("_", " "): (each, size)
    for each, size in (
        (many_variables, 300),
        (many_invalid_values, 300),
        (many_refused_values, 300),
        (many_values_before_a_crash, 200),
        (many_values_compared, 300),
        (many_unknown_names, 300),
        (many_unknown_names_among_many_known, 300),
        (many_missing_variables, 300),
        (many_variables_twice, 300),
        (many_wrong_values, 320),
        (many_missing_files, 150),
        (many_files, 200),
        (one_long_line, 300),
        (many_errors_on_one_line, 300),
        (many_hidden_errors_on_one_line, 300),
        (many_errors_on_one_line_of_a_schema, 300),
        (a_long_chain, 300),
        (a_long_chain_to_a_secret, 300),
        (a_long_chain_to_nothing, 300),
        (a_long_chain_of_invalid_values, 300),
        (a_long_cycle, 300),
        (many_short_cycles, 300),
        (a_wide_fan, 300),
        (many_references_in_a_value, 300),
        (many_references_to_nothing, 300),
        (many_references_that_fail, 300),
        (many_secrets, 300),
        (many_sealed_values, 100),
        (many_values_of_others_in_a_sealed_file, 100),
        (many_secrets_in_clear, 300),
        (many_secret_addresses, 300),
        (many_ports, 300),
        (many_loaders, 300),
        (many_repeats, 200),
        (many_removals, 300),
        (deep_nesting, 50),
        (nesting_that_is_too_deep, 1000),
        (large_json, 200),
        (large_block, 1000),
        (large_environment, 600),
        (many_comments, 1000),
        (a_long_line_of_punctuation, 2000),
        (many_services, 60),
        (many_services_with_errors, 60),
        (many_services_in_a_ring, 60),
        (many_services_in_a_row, 60),
        (many_services_that_require_none, 100),
        (many_requirements_of_a_service, 60),
        (many_processes, 120),
        (many_unknown_processes, 100),
        (many_environments, 120),
        (many_unknown_environments, 100),
        (many_strays, 80),
        (a_large_service_file, 120),
        (a_wrong_service_file, 200),
        (a_wrong_service_file_on_one_line, 200),
        (a_large_schema, 300),
        (a_schema_on_one_line, 300),
        (many_classes, 120),
        (many_classes_without_values, 120),
        (many_classes_of_processes, 80),
        (many_classes_of_nobody, 80),
        (many_misnamed_schemas, 80),
        (many_warnings_of_schemas, 80),
        (many_expectations, 300),
    )
}
"""What grows, and a size at which most of the work is about it."""


def changed(growing: Growing) -> Callable[[int], list[Files]]:
    """Return a history in which all of a tree comes, and is changed."""

    def commits(size: int) -> list[Files]:
        files = growing(size)
        return [a_tree(), files, {path: text.replace("value", "other") for path, text in files.items()}]

    return commits


def many_commits(size: int) -> list[Files]:
    return [many_variables(1), *(layer([f"V0: value {each}"]) for each in range(size))]


def many_commits_of_other_lines(size: int) -> list[Files]:
    return [many_variables(1), *(layer(["V0: value", f"V{each + 1}: value"]) for each in range(size))]


def many_lines_that_move(size: int) -> list[Files]:
    entries = [f"V{each}: value {each}" for each in range(size)]
    return [layer(entries), layer(reversed(entries))]


def many_lines_that_go(size: int) -> list[Files]:
    return [many_variables(size), many_variables(size) | layer(["V0: value"])]


def many_types_that_change(size: int) -> list[Files]:
    return [many_variables(size), many_invalid_values(size)]


def many_lines_joined(size: int) -> list[Files]:
    return [many_variables(size), one_long_line(size)]


HISTORIES: dict[str, tuple[Callable[[int], list[Files]], int]] = {
    "many changed lines": (changed(many_variables), 150),
    "many changes on one line": (changed(one_long_line), 200),
    "many changed services": (changed(many_services), 30),
    "many changed processes": (changed(many_processes), 60),
    "many changed environments": (changed(many_environments), 60),
    "many changed secrets": (changed(many_secret_addresses), 200),
    "a changed end of a long chain": (changed(a_long_chain), 200),
    "a changed end of a long chain to a secret": (changed(a_long_chain_to_a_secret), 200),
    "a changed base of a wide fan": (changed(a_wide_fan), 200),
    "many repeats changed": (changed(many_repeats), 200),
    **{
        each.__name__.replace("_", " "): (each, size)
        for each, size in (
            (many_commits, 40),
            (many_commits_of_other_lines, 40),
            (many_lines_that_move, 200),
            (many_lines_that_go, 200),
            (many_types_that_change, 200),
            (many_lines_joined, 200),
        )
    },
}
"""What changes, commit by commit, and a size at which most of the work is about it."""

LARGEST = 100_000
MOST_FILES = 6_000


def largest(growing: Growing) -> int:
    """Return the size of the largest tree of a kind: as much as a file can hold, or as a disk holds without effort."""
    size = LARGEST
    while len(files := growing(size)) > MOST_FILES or max(map(len, files.values())) > MAX_FILE:
        size = size * 4 // 5
    return size
