"""`build`: a tree compiled into envdirs."""

from __future__ import annotations

import os
import sys

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import OK, exit_code
from envtree.core.model.source import WORKTREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.adapters.store.publish import Published
    from envtree.cli.groups import TreeOptions, VerboseDisplay
    from envtree.cli.options import AnswerFormat, DryRun, Keep, Mode, NewOut, Owner, Repair, Selectors
    from envtree.commands.build import BuildResult
    from envtree.core.model.commit import Origin
    from envtree.core.output.plan import Plan

DEFAULT_KEEP = 3
DEFAULT_MODE = "0600"


def build(
    out: NewOut,
    *,
    selectors: Selectors = None,
    tree: TreeOptions,
    keep: Keep = DEFAULT_KEEP,
    mode: Mode = DEFAULT_MODE,
    owner: Owner = "",
    dry_run: DryRun = False,
    repair: Repair = False,
    output_format: AnswerFormat = "text",
    display: VerboseDisplay,
) -> int:
    """Compile a tree into envdirs.

    OUT gets one generation, made current in one rename. Nothing is written while the tree has an error,
    and a build that is killed leaves OUT as it was.

    \b
    Examples:
      envtree build --out /etc/envtree
      envtree build --out /etc/envtree --dry-run
      envtree build --out /etc/envtree --ref v1.4
      envtree build production --out /etc/envtree --owner root:app --mode 0640
    """
    from envtree.commands.unchanged import unchanged
    from envtree.core.output.record import access_text

    tree.require_run("build")
    out, chosen, bits = os.path.normpath(out), tuple(selectors or ()), _bits(mode)
    _check_group(owner, bits)
    is_plain = not (repair or dry_run) and tree.revision == WORKTREE and output_format == "text"
    if is_plain and (generation := unchanged(tree.folder, out, chosen, access_text(bits, owner), keep)):
        display.say(_unchanged(out, generation))
        return OK

    from functools import partial

    from envtree.adapters.process import core_dumps
    from envtree.cli.terminal import Progress, tell
    from envtree.commands import build as command
    from envtree.core.output.manifest import Access

    core_dumps.forbid()
    access = Access(bits, owner)
    if dry_run:
        plan, source, diagnostics = command.plan_build(tree.folder, out, chosen, access, tree.revision)
        display.show(diagnostics, source)
        sys.stdout.write(_plan_text(plan, output_format) if plan else "")
        return exit_code(diagnostics)
    progress, waits = Progress(sys.stderr), partial(tell, f"waiting for another build of {out}")
    inputs = (tree.folder, out, chosen, access, keep)
    built, source, diagnostics = command.build(*inputs, waits, progress, tree.revision)
    progress.clear()
    display.show(diagnostics, source)
    if built:
        _report(out, built, output_format, display)
    return exit_code(diagnostics)


def _report(out: str, built: BuildResult, output_format: str, display: VerboseDisplay) -> None:
    if display.verbose:
        _say_files(built.files)
    if output_format == "json":
        sys.stdout.write(_json(built))
    else:
        display.say(_built(out, built.published, built.origin))


def _bits(text: str) -> int:
    """Return a mode that lets the owner read, and nobody else write; raises WrongUsage for any other."""
    try:
        mode = int(text, 8)
    except ValueError:
        mode = -1
    if mode & ~0o644 or not mode & 0o400:
        message = f"`{text}` is no mode like 0600, 0640 or 0400: the owner reads, and no other writes"
        raise WrongUsage(message)
    return mode


def _check_group(owner: str, mode: int) -> None:
    """Raise WrongUsage for a group that may read nothing."""
    if owner.partition(":")[2] and not mode & 0o040:
        needed = f"{mode | 0o040:04o}"
        message = f"`--owner {owner}` names a group, and mode {mode:04o} lets it read nothing"
        raise WrongUsage(f"{message}; add `--mode {needed}`, or leave out the group")


def _unchanged(out: str, generation: str) -> str:
    return f"unchanged: {out}/current -> {generation[:12]}"


def _built(out: str, published: Published, origin: Origin) -> str:
    from envtree.core.render.diagnostics import counted

    if published.is_unchanged:
        return _unchanged(out, published.generation)
    repaired = f", {published.repaired:,} repaired" if published.repaired else ""
    pruned = f", {counted(published.pruned, 'old generation')} removed" if published.pruned else ""
    written = f"{counted(published.written, 'envdir')} written ({counted(published.files, 'file')})"
    return (
        f"built {out}/current -> {published.generation[:12]} from {_origin_text(origin)}: "
        f"{written}, {published.shared:,} shared{repaired}{pruned}"
    )


def _origin_text(origin: Origin) -> str:
    if origin.commit is None:
        return "no commit" if origin.is_dirty else "a folder that git doesn't know"
    return f"commit {origin.commit[:12]}{' with changes' if origin.is_dirty else ''}"


def _json(built: BuildResult) -> str:
    from envtree.core.render.mask import json_lines

    published = built.published._asdict()
    return json_lines({**published, "commit": built.origin.commit, "is_dirty": built.origin.is_dirty})


def _say_files(files: Mapping[str, int]) -> None:
    from envtree.cli.terminal import tell
    from envtree.core.render.diagnostics import counted

    for node_path, number in files.items():
        tell(f"{node_path}: {counted(number, 'file')}")


def _plan_text(plan: Plan, output_format: str) -> str:
    from envtree.core.render.diagnostics import counted
    from envtree.core.render.mask import json_lines

    if output_format == "json":
        data = {"added": plan.added, "changed": plan.changed, "removed": plan.removed, "same": plan.same}
        return json_lines({**data, "envdirs_to_write": len(plan.writes)})
    marks = (("+", plan.added), ("~", plan.changed), ("-", plan.removed))
    lines = "".join(f"{mark} {node_path}\n" for mark, node_paths in marks for node_path in node_paths)
    nodes = plan.same + len(plan.added) + len(plan.changed)
    writes = counted(len(plan.writes), "envdir")
    return f"{lines}{writes} to write, {plan.same:,} of {nodes:,} nodes stay as they are\n"
