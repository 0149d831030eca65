"""Shell completion of targets, part by part, and of variables, from the tree that the command line names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer import Context

if TYPE_CHECKING:
    from collections.abc import Iterable


def complete_target(context: Context, incomplete: str) -> list[str]:
    """The names that may follow: environments, then services, then processes."""
    from envtree.commands.complete import target_names

    folder = str(context.params.get("folder") or ".")
    return _next_parts(target_names(folder), incomplete)


def complete_service(context: Context, incomplete: str) -> list[str]:
    """The services that begin so."""
    from envtree.commands.complete import target_names

    names = target_names(str(context.params.get("folder") or "."))
    return sorted({each for name in names if (each := name.split("/")[1]).startswith(incomplete)})


def complete_name(context: Context, incomplete: str) -> list[str]:
    """The variables that some layer of the target on the command line sets."""
    from envtree.commands.complete import variable_names

    folder = str(context.params.get("folder") or ".")
    names = variable_names(folder, str(context.params.get("target") or ""))
    return sorted(name for name in names if name.startswith(incomplete))


def complete_code(incomplete: str) -> list[str]:
    """The codes of diagnostics that begin so."""
    from envtree.commands.rule import rules

    return [code for code in rules() if code.startswith(incomplete)]


def complete_scope(context: Context, incomplete: str) -> list[str]:
    """The scopes that begin so, part by part: a shell that completes words takes no more at once."""
    from envtree.commands.complete import scope_names

    folder = str(context.params.get("folder") or ".")
    return _next_parts(scope_names(folder), incomplete)


def _next_parts(names: Iterable[str], incomplete: str) -> list[str]:
    """Return the names that begin so, up to the part that is being typed."""
    depth = incomplete.count("/") + 1
    heads = {"/".join(name.split("/")[:depth]) for name in names}
    return sorted(head for head in heads if head.startswith(incomplete))


def complete_name_of_scope(context: Context, incomplete: str) -> list[str]:
    """The variables that some layer of the scope on the command line sets."""
    from envtree.commands.complete import scope_variables

    folder = str(context.params.get("folder") or ".")
    names = scope_variables(folder, str(context.params.get("scope") or ""))
    return sorted(name for name in names if name.startswith(incomplete))
