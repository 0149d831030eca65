"""The environment of one target in the format of another program: complete and exact, or not at all."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, get_args

from envtree.core.export import limits, quoting
from envtree.core.model.diagnostic import Diagnostic
from envtree.core.render.mask import json_lines, one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from envtree.core.model.tree import Span, Target
    from envtree.core.runit.envdir import EncodingFault

Format = Literal["dotenv", "systemd", "docker", "kubernetes", "shell", "json"]
FORMATS: tuple[Format, ...] = get_args(Format)
_FAULTS: dict[Format, Callable[[str, str | None], EncodingFault | None]] = {
    "dotenv": limits.dotenv_fault,
    "systemd": limits.systemd_fault,
    "docker": limits.docker_fault,
    "kubernetes": limits.kubernetes_fault,
    "shell": limits.shell_fault,
    "json": limits.json_fault,
}
_LINES: dict[Format, Callable[[str, str], str]] = {
    "dotenv": quoting.dotenv_line,
    "systemd": quoting.systemd_line,
    "docker": quoting.docker_line,
    "kubernetes": quoting.secret_line,
    "shell": quoting.shell_line,
}
_SUBDOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def unexportable(
    target: Target, values: Mapping[str, str | None], output_format: Format, spans: Mapping[str, Span]
) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each variable (None: removed) that a format can't express; `spans` locates values."""
    named = [(name, _FAULTS[output_format](name, values[name])) for name in sorted(values)]
    found = [
        Diagnostic(
            "unexportable-value",
            f"`{one_line(name)}` {each.message}",
            spans.get(name),
            help=each.help,
            targets=(target,),
            variable=name,
        )
        for name, each in named
        if each
    ]
    if output_format == "kubernetes" and not _SUBDOMAIN.fullmatch(secret_name(target)):
        message = f"`{target}` can't be the name of a Secret: a part of it holds a `_`, or ends in a dash"
        found.append(Diagnostic("unexportable-value", message, help="rename it, or export `json`"))
    return tuple(found)


def as_text(target: Target, values: Mapping[str, str | None], output_format: Format) -> str:
    """Return all variables, sorted by name, in a format that can express them."""
    present = {name: text for name, text in sorted(values.items()) if text is not None}
    if output_format == "json":
        return json_lines(present)
    if output_format == "shell":
        return "".join(quoting.shell_line(name, text) for name, text in sorted(values.items()))
    lines = "".join(_LINES[output_format](name, text) for name, text in present.items())
    return _secret(target, lines) if output_format == "kubernetes" else lines


def secret_name(target: Target) -> str:
    """Return the name of a target's Secret, with dots as separators, since each part may contain a dash."""
    return str(target).replace("/", ".")


def _secret(target: Target, lines: str) -> str:
    head = f"apiVersion: v1\nkind: Secret\nmetadata:\n  name: {secret_name(target)}\ntype: Opaque\n"
    return f"{head}data:\n{lines}" if lines else f"{head}data: {{}}\n"
