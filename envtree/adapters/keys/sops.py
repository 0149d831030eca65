"""The user's own sops, for what envtree doesn't open itself: PGP, Vault, Google, Azure, plugins and key groups.

sops is asked for no value. A copy of the file is made, and `sops updatekeys` wraps its data key for an age identity
that exists in this process alone. Nothing that sops prints is read, since it quotes clear text in some messages.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from typing import TYPE_CHECKING

from envtree.adapters.keys import age
from envtree.adapters.keys.faults import KeyFault
from envtree.core.model.source import SEALING_RULES
from envtree.core.render.mask import one_line

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROGRAM = "sops"
TIMEOUT = 120.0
"""Seconds: somebody may have to type a PIN."""
MEMORY = "/dev/shm"
NO_SOPS = KeyFault("`sops`, which would open it, is not on `PATH`", "install sops: https://getsops.io")
NAMES = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "TERM", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
FAMILIES = (
    *("SOPS_", "AGE_", "GNUPG", "GPG_", "PINENTRY_", "SSH_AUTH_", "XDG_", "LC_", "SSL_CERT_"),
    *("AWS_", "GOOGLE_", "CLOUDSDK_", "GCLOUD_", "AZURE_", "ARM_", "VAULT_", "HUAWEICLOUD_"),
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"),
)
"""How the variables begin that sops, gpg and the clients of the key services read."""

_ARMORED = re.compile(r"-----BEGIN AGE ENCRYPTED FILE-----[\sA-Za-z0-9+/=]+-----END AGE ENCRYPTED FILE-----")


def open_with_sops(path: str, data: bytes, environ: Mapping[str, str], timeout: float = TIMEOUT) -> bytes | KeyFault:
    """Return the data key of a SOPS file, or why the user's sops doesn't give it."""
    if (program := _find(environ)) is None:
        return NO_SOPS
    if not age.is_installed():
        return age.NOT_INSTALLED
    identity, recipient = age.new_identity()
    folder = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="envtree-", dir=folder) as private:
        copy, rules = f"{private}/copy.yaml", f"{private}/{SEALING_RULES}"
        _write(copy, data)
        _write(rules, f"creation_rules:\n- age: {recipient}\n".encode())
        command = [program, "--config", rules, "updatekeys", "--yes", "--input-type", "yaml", copy]
        if not _succeeds(command, private, environ, timeout):
            advice = f"`sops decrypt {one_line(path)}` says why; keep what it prints to yourself"
            return KeyFault("`sops` doesn't open it", advice)
        with open(copy, "rb") as file:
            text = file.read().decode("utf-8", "replace")
    opened = (age.open_with_age(each, [identity]) for each in _age_files(text))
    return next(
        filter(None, opened), KeyFault("`sops` doesn't give its data key", "try a newer sops: https://getsops.io")
    )


def run_sops(words: Sequence[str], folder: str, environ: Mapping[str, str]) -> int | None:
    """Run the user's sops on his terminal, in a folder, and return its exit code; None where there is no sops.

    What it writes in clear while somebody edits lies in memory, where that can be had, in a folder of the user's own.
    """
    if (program := _find(environ)) is None:
        return None
    memory = MEMORY if os.access(MEMORY, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="envtree-", dir=memory) as private:
        done = subprocess.run([program, *words], cwd=folder, env={**environ, "TMPDIR": private}, check=False)
    return done.returncode


def _find(environ: Mapping[str, str]) -> str | None:
    """Return the file of the program. A relative folder of PATH doesn't count: it may lie in somebody's repository."""
    folders = [folder for folder in environ.get("PATH", "").split(":") if folder.startswith("/")]
    files = (f"{folder}/{PROGRAM}" for folder in folders)
    return next((file for file in files if os.path.isfile(file) and os.access(file, os.X_OK)), None)


def _write(path: str, data: bytes) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _succeeds(command: list[str], folder: str, environ: Mapping[str, str], timeout: float) -> bool:
    """Run a program in a session of its own, so that it asks nothing on the terminal, and is ended as a whole."""
    kept = {name: text for name, text in environ.items() if name in NAMES or name.startswith(FAMILIES)}
    try:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**kept, "TMPDIR": folder},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    with process:
        try:
            return process.wait(timeout) == 0
        except subprocess.TimeoutExpired:
            return False
        finally:
            if process.returncode is None:
                os.killpg(process.pid, signal.SIGKILL)


def _age_files(text: str) -> list[str]:
    """Return the armored age files in a text, without their indent."""
    return ["\n".join(line.strip() for line in found.split("\n")) for found in _ARMORED.findall(text)]
