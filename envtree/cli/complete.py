"""Shell completion of targets: part by part, from the tree that the command line names."""

from __future__ import annotations

from typer import Context


def complete_target(context: Context, incomplete: str) -> list[str]:
    """The names that may follow: environments, then services, then processes."""
    from envtree.commands.complete import target_names

    folder = str(context.params.get("folder") or ".")
    depth = incomplete.count("/") + 1
    heads = ("/".join(name.split("/")[:depth]) for name in target_names(folder))
    return sorted({head for head in heads if head.startswith(incomplete)})
