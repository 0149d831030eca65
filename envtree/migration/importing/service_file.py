"""`service.yaml` from the formations of a service's apps: what runs, with which command."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from envtree.core.render.mask import one_line
from envtree.core.settings.process import is_background
from envtree.core.settings.reader import RESERVED
from envtree.core.settings.values import first_control
from envtree.core.yaml.writer import entry_text
from envtree.migration.importing.scale import NO_SCALES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from envtree.migration.apps.fleet import ProcessType
    from envtree.migration.importing.carried import ImportedApp
    from envtree.migration.importing.scale import Scale

RELEASE = "release"
"""What Heroku runs once before a release: a task."""
ONE_OFF = frozenset(("console", "rake", RELEASE))
"""What Heroku runs once, on request or at a release: no process that is kept alive."""
NO_RUNTIMES: Mapping[str, str] = MappingProxyType({})
NONE_THERE: Mapping[str, str] = MappingProxyType({})
UNKNOWN_COMMAND = "echo 'say in service.yaml what this process runs' >&2; sleep 60; exit 1"
MAX_NAME = 63


class Processes(NamedTuple):
    """The processes of a service, by name, with the command of each; and notes for the user."""

    commands: Mapping[str, str]
    notes: tuple[str, ...]
    names: Mapping[str, str] = {}
    """Ours of each process type, by its name on Heroku."""
    release: str = ""
    """What is run once before a new release; empty for nothing."""


def processes_of(
    service: str,
    formations: Sequence[tuple[str, tuple[ProcessType, ...] | None]],
    there: Mapping[str, str] = NONE_THERE,
) -> Processes:
    """Return processes from each app's formation (None: unknown); the first with a command decides it.

    `there` has the commands of a service that a tree has: of its processes, only those without one of their own are
    among the result, and nothing is said.
    """
    commands: dict[str, str] = {}
    names: dict[str, str] = {}
    taken: set[str] = {RELEASE}
    release = ""
    numbers: dict[str, int] = {}
    unknown: list[str] = []
    notes: list[str] = []
    for app, formation in formations:
        for each in sorted(formation or ()):
            command = each.command.removesuffix("\r")  # from a Procfile with the line ends of Windows
            if each.name == RELEASE and not _fault(command):
                release = release or command
                continue
            if each.name in ONE_OFF and there:
                continue
            if each.name in ONE_OFF:
                notes.append(f"`{each.name}` of {app} is no process that keeps running, and is left out")
                continue
            if each.name not in names:
                names[each.name] = _free(name_in(there, each.name, taken), taken, numbers)
                taken.add(names[each.name])
            name = names[each.name]
            if there.get(name, UNKNOWN_COMMAND) != UNKNOWN_COMMAND:
                continue
            if name != each.name and name not in commands:
                notes.append(f"`{one_line(each.name)}` of {app} is called `{name}`")
            if why := _fault(command):
                notes.append(f"the command of `{name}` of {app} {why}: say in service.yaml what it runs")
                unknown.append(name)
            elif commands.setdefault(name, command) != command:
                notes.append(f"`{name}` of {app} is started otherwise than in {formations[0][0]}")
    commands = dict.fromkeys(unknown, UNKNOWN_COMMAND) | commands
    if not commands and not there:
        notes.append(f"nothing is known of the processes of `{service}`: say in its service.yaml what it runs")
        commands["web"] = UNKNOWN_COMMAND
    return Processes(dict(sorted(commands.items())), tuple(dict.fromkeys(notes)), names, release)


def production_first(imported: ImportedApp) -> tuple[bool, str]:
    """Return the key that sorts apps by which of their commands counts."""
    return imported.deployment.environment != "production", imported.deployment.environment


def _fault(command: str) -> str:
    """Return why a service.yaml would not take a command; empty where it would."""
    if first_control(command, "\t\n") is not None or "\0" in command:
        return "holds a control character"
    return "ends in `&`, and would run where runit can't watch it" if is_background(command) else ""


def service_file(
    service: str,
    processes: Processes,
    environments: Iterable[str],
    scales: Mapping[str, Scale] = NO_SCALES,
    runtimes: Mapping[str, str] = NO_RUNTIMES,
) -> str:
    """Return a `service.yaml`, with the environments that the service runs in, and how its processes are scaled.

    `runtimes` has versions by tool, empty where none is told.
    """
    named = "".join(_process(name, text, scales.get(name)) for name, text in processes.commands.items())
    if processes.release:
        named += f"  {RELEASE}:\n{_indented(entry_text('command', processes.release))}    task: release\n"
    return (
        f"# What {service} is; its variables stand in the files beside this one.\n"
        f"environments: [{', '.join(environments)}]\n{_runtimes(runtimes)}processes:\n{named}"
    )


def _runtimes(runtimes: Mapping[str, str]) -> str:
    told = ", ".join(f"{tool}: {version}" for tool, version in runtimes.items() if version)
    untold = " and ".join(tool for tool, version in runtimes.items() if not version)
    text = f"runtimes: {{{told}}}\n" if told else ""
    return text + (f"# built for {untold} on Heroku: say which version under `runtimes:`\n" if untold else "")


def _process(name: str, command: str, scale: Scale | None) -> str:
    capacity = f"    # on Heroku: {scale.capacity}\n" if scale and scale.capacity else ""
    counts = ", ".join(f"{each}: 0" for each in scale.at_none) if scale else ""
    count = f"    count: {{{counts}}}\n" if counts else ""
    return f"  {name}:\n{capacity}{_indented(entry_text('command', command))}{count}"


def _indented(text: str) -> str:
    return "".join(f"    {line}" if line.strip() else line for line in text.splitlines(keepends=True))


def name_in(there: Collection[str], name: str, taken: Collection[str] = ()) -> str:
    """Return what a process type is to be called; where a tree has it with `-` for each `_`, as once, so."""
    valid = _valid(name)
    dashed = valid.replace("_", "-")
    return dashed if valid not in there and dashed in there and dashed not in taken else valid


def _valid(name: str) -> str:
    """Return a name that a process can have: small letters, digits, `-` and `_`, a letter first."""
    letters = re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-_")
    letters = letters if letters[:1].isalpha() else f"process-{letters}".rstrip("-")
    return (f"{letters}-process" if letters in RESERVED else letters)[:MAX_NAME].rstrip("-_")


def _free(name: str, taken: set[str], numbers: dict[str, int]) -> str:
    """Return a name that is not taken yet; `numbers` has the last number that was tried, by what stands before it."""
    start = name[: MAX_NAME - 4]
    while name in taken:
        numbers[start] = numbers.get(start, 1) + 1
        name = f"{start}-{numbers[start]}"
    return name
