"""The environment of one target as a text for another reader, whole and exact, or not at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

from envtree.core.export import limits as fault
from envtree.core.export import quoting as writer
from envtree.core.model.diagnostic import Diagnostic
from envtree.core.render.mask import json_lines, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envtree.core.model.tree import Span, Target
    from envtree.core.runit.envdir import EncodingFault

Format = Literal["dotenv", "systemd", "docker", "kubernetes", "shell", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)
_FAULTS: dict[Format, Callable[[str, str | None], EncodingFault | None]] = {
    "dotenv": fault.dotenv_fault,
    "systemd": fault.systemd_fault,
    "docker": fault.docker_fault,
    "kubernetes": fault.kubernetes_fault,
    "shell": fault.shell_fault,
    "json": fault.json_fault,
}
_LINES: dict[Format, Callable[[str, str], str]] = {
    "dotenv": writer.dotenv_line,
    "systemd": writer.systemd_line,
    "docker": writer.docker_line,
    "kubernetes": writer.secret_line,
    "shell": writer.shell_line,
}
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def unexportable(
    target: Target, values: Mapping[str, str | None], output_format: Format, places: Mapping[str, Span]
) -> tuple[Diagnostic, ...]:
    """All that a format can't carry; None is a name that is removed, `places` say where a value stands, if known."""
    named = [(name, _FAULTS[output_format](name, values[name])) for name in sorted(values)]
    found = [
        Diagnostic(
            "unexportable-value",
            f"`{one_line(name)}` {each.message}",
            places.get(name),
            help=each.help,
            targets=(target,),
        )
        for name, each in named
        if each
    ]
    if output_format == "kubernetes" and not _SUBDOMAIN.fullmatch(secret_name(target)):
        message = f"`{target}` can't be the name of a Secret: a part of it ends in a dash"
        found.append(Diagnostic("unexportable-value", message, help="rename it, or export `json`"))
    return tuple(found)


def as_text(target: Target, values: Mapping[str, str | None], output_format: Format) -> str:
    """All variables in a format that can carry them, by name."""
    present = {name: text for name, text in sorted(values.items()) if text is not None}
    if output_format == "json":
        return json_lines(present)
    if output_format == "shell":
        return "".join(writer.shell_line(name, text) for name, text in sorted(values.items()))
    lines = "".join(_LINES[output_format](name, text) for name, text in present.items())
    return _secret(target, lines) if output_format == "kubernetes" else lines


def secret_name(target: Target) -> str:
    """What the Secret of a target is called: with dots, since every part may hold a dash."""
    return str(target).replace("/", ".")


def _secret(target: Target, lines: str) -> str:
    head = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {secret_name(target)}\ntype: Opaque\n"
    return f"{head}data:\n{lines}" if lines else f"{head}data: {{}}\n"
