"""What an output gives each process, read back from the envdirs that `current` leads to."""

from __future__ import annotations

import json
import os

from envtree.adapters.store.output import open_output
from envtree.adapters.store.state import CURRENT, ENVDIRS, current
from envtree.adapters.store.verify import manifest_of
from envtree.core.diagnostic import Diagnostic, EnvtreeError
from envtree.core.envdir import decode


def read_values(out: str) -> dict[str, dict[str, str]]:
    """The variables of every target of the current generation; raises EnvtreeError where they can't be read."""
    os.close(open_output(out))
    name = current(out)
    if name is None:
        message = f"`{out}` has no current generation"
        raise EnvtreeError(Diagnostic("no-generation", message, help=f"run `envtree build --out {out}`"))
    manifest = manifest_of(out, name)
    if manifest is None:
        raise _damaged(f"{out}/{CURRENT}")
    envdirs = {digest: _envdir(f"{out}/{ENVDIRS}/{digest}") for digest in set(manifest.envdirs.values())}
    found = {}
    for target in json.loads(manifest.text)["targets"]:
        environment, service, _ = target.split("/")
        values: dict[str, str | None] = {}
        for place in ("common", environment, f"{environment}/{service}", target):
            values |= envdirs[manifest.envdirs[place]]
        found[target] = {each: text for each, text in values.items() if text is not None}
    return found


def _envdir(folder: str) -> dict[str, str | None]:
    try:
        files = {}
        for name in os.listdir(folder):
            with open(os.open(f"{folder}/{name}", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                files[name] = decode(file.read())
    except (OSError, UnicodeDecodeError):
        raise _damaged(folder) from None
    return files


def _damaged(path: str) -> EnvtreeError:
    message = f"`{path}` can't be read back as it was built"
    return EnvtreeError(Diagnostic("damaged-output", message, help="`envtree verify` says what is wrong"))
