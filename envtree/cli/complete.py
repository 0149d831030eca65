"""Shell completion of targets, part by part, and of variables, from the tree that the command line names."""

from __future__ import annotations

from typer import Context


def complete_target(context: Context, incomplete: str) -> list[str]:
    """The names that may follow: environments, then services, then processes."""
    from envtree.commands.complete import target_names

    folder = str(context.params.get("folder") or ".")
    depth = incomplete.count("/") + 1
    heads = ("/".join(name.split("/")[:depth]) for name in target_names(folder))
    return sorted({head for head in heads if head.startswith(incomplete)})


def complete_name(context: Context, incomplete: str) -> list[str]:
    """The variables that some layer of the target on the command line sets."""
    from envtree.commands.complete import variable_names

    folder = str(context.params.get("folder") or ".")
    names = variable_names(folder, str(context.params.get("target") or ""))
    return sorted(name for name in names if name.startswith(incomplete))
