"""What a shell finds wrong with the commands of services, before anything is delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.tree import Span
from envtree.core.runit.shell import is_surely_valid

if TYPE_CHECKING:
    from envtree.adapters.process.shell_syntax import SyntaxFault
    from envtree.core.compile import Compilation
    from envtree.core.model.tree import Command


def check_commands(compilation: Compilation | None) -> tuple[Diagnostic, ...]:
    """Return a diagnostic for each command of the compiled services that no shell can parse.

    A shell is asked only about commands that are more than a program and its words.
    """
    if compilation is None:
        return ()
    services = {target.service for target in compilation.own}
    commands = [
        command
        for service in compilation.project.services
        if service.name in services
        for command in service.commands
        if not is_surely_valid(command.text)
    ]
    if not commands:
        return ()
    from envtree.adapters.process.shell_syntax import syntax_faults

    faults = syntax_faults(tuple(dict.fromkeys(command.text for command in commands)))
    return tuple(_diagnostic(command, faults[command.text]) for command in commands if command.text in faults)


def _diagnostic(command: Command, fault: SyntaxFault) -> Diagnostic:
    lines = command.text.count("\n") + (not command.text.endswith("\n"))
    span = command.span
    if command.is_block and 1 <= fault.line <= lines:
        span = Span(span.file, span.line + fault.line, 1)
    return Diagnostic(
        "invalid-setting",
        f"`{command.key}` is no shell command that `/bin/sh` can parse",
        span,
        fault.reason,
        help="mend it; `sh -n` on a file with it says the same",
    )
