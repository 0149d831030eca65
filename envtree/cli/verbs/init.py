"""`init`: a new tree, or what boots a machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from envtree.cli.argv import WrongUsage
from envtree.cli.exitcode import OK
from envtree.cli.terminal import tell
from envtree.core.runit.defaults import OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envtree.cli.options import Boot, BootOut, NewKey, NewTree, Quiet, Recipients, SecretsRules


def init(
    *,
    directory: NewTree = ".",
    secrets: SecretsRules = False,
    new_key: NewKey = False,
    recipients: Recipients = None,
    boot: Boot = False,
    out: BootOut = None,
    quiet: Quiet = False,
) -> int:
    """Start a new tree, say for whom its secrets are sealed, or write what boots a machine.

    Writes settings, one service, a schema and the pre-commit hook; overwrites nothing. With --secrets, it writes
    `.sops.yaml` for a tree that is there: a rule for each environment, and one for what they share. With --boot, it
    writes what runs `envtree boot` when a machine starts, and `envtree down` when it stops.

    \b
    Examples:
      envtree init            # here
      envtree init config     # in a folder of its own
      envtree init --secrets --new-key
      envtree init --boot     # boot/systemd and boot/runit
    """
    if secrets:
        if boot or out is not None:
            raise WrongUsage("`--secrets` and `--boot` write different things; choose one")
        return _write_rules(directory, recipients or (), new_key=new_key, quiet=quiet)
    if new_key or recipients:
        raise WrongUsage("`--new-key` and `--recipient` go with `--secrets`")
    if boot:
        return _write_boot(directory, os.path.normpath(OUT if out is None else out), quiet=quiet)
    if out is not None:
        raise WrongUsage("a tree has no output yet; leave out `--out`, or add `--boot`")
    return _start_tree(directory, quiet=quiet)


def _write_rules(folder: str, recipients: Sequence[str], *, new_key: bool, quiet: bool) -> int:
    """Write for whom the secrets of a tree are sealed."""
    from envtree.editing.commands.init_secrets import init_secrets

    done = init_secrets(folder, recipients, new_key=new_key)
    if quiet:
        return OK
    tell(f"wrote {done.path}")
    for environment, found in done.recipients.items():
        tell(f"  {environment}: {', '.join(found)}")
    if done.key:
        tell(f"your key is in {done.key.path}: keep a copy where you keep passwords; without it, nothing opens again")
    tell("next: envtree secret seal")
    return OK


def _start_tree(folder: str, *, quiet: bool) -> int:
    """Start a tree in a folder, and tell editors of its files."""
    from envtree.cli.groups import ProblemDisplay, TreeOptions
    from envtree.cli.verbs.schema import schema
    from envtree.commands import init as command
    from envtree.core.starter import FILES, OPTIONAL

    started = command.init(folder)
    if not quiet:
        for path in started.written:
            tell(f"wrote {_named(folder, path)}")
        for path in started.kept:
            tell(f"kept {_named(folder, path)}: it was there")
    for path in OPTIONAL:
        if path in started.kept:
            tell(f"for your editor to know the tags, add this to {_named(folder, path)}:")
            tell(FILES[path].rstrip())
    if started.hook:
        tell(f"to validate before each commit, add this to `repos:` in {_named(folder, started.hooks)}:")
        tell(started.hook.rstrip())
    code = schema(tree=TreeOptions(folder=folder), display=ProblemDisplay(quiet=quiet))
    if not quiet:
        tell(f"try: envtree validate{'' if folder == '.' else f' -C {folder}'}")
    return code


def _write_boot(folder: str, out: str, *, quiet: bool) -> int:
    """Write what starts and stops the processes of a machine with it."""
    from envtree.commands import init as command

    if not out.startswith("/") or not out.isprintable():
        raise WrongUsage("`--out` must be the whole path on the machines, such as /etc/envtree")
    for path in command.init_boot(folder, out):
        if not quiet:
            tell(f"wrote {_named(folder, path)}")
    return OK


def _named(folder: str, path: str) -> str:
    """Return a path as the shell would name it; what is not below the folder, from here."""
    if os.path.isabs(path) and not os.path.isabs(folder):  # noqa: PTH117
        return os.path.relpath(path)
    return os.path.normpath(os.path.join(folder, path))  # noqa: PTH118
