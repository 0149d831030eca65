"""AES-256-GCM as SOPS uses it; the library is imported only where a value is opened or sealed."""

from __future__ import annotations

from hashlib import sha256, sha512
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.sealed.ciphertext import IV_SIZE, TAG_SIZE, Ciphertext
from envtree.core.sealed.problems import missing_library

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    Random = Callable[[int], bytes]
    """Returns so many random bytes, as `os.urandom` does."""

KEY_SIZE = 32
_MAC_ONLY_ENCRYPTED = sha256(b"sops").digest()
"""What the MAC starts with where it covers the encrypted values alone."""


class Cipher:
    """A data key that opens and seals; raises EnvtreeError without the library."""

    __slots__ = ("_aead", "_invalid")

    def __init__(self, data_key: bytes) -> None:
        try:
            from cryptography.exceptions import InvalidTag
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError:
            raise EnvtreeError(missing_library()) from None
        self._aead = AESGCM(data_key)
        self._invalid = InvalidTag

    def open(self, ciphertext: Ciphertext, context: str) -> bytes | None:
        """Return the bytes of a text; None if it was not sealed by this key in this context."""
        data, iv, tag, _ = ciphertext
        try:
            return self._aead.decrypt(iv, data + tag, context.encode())
        except self._invalid:
            return None

    def seal(self, text: bytes, context: str, random: Random) -> Ciphertext:
        """Return a text sealed in a context: the name of the value or, for the MAC, the time."""
        iv = random(IV_SIZE)
        sealed = self._aead.encrypt(iv, text, context.encode())
        return Ciphertext(sealed[:-TAG_SIZE], iv, sealed[-TAG_SIZE:])


def context_of(name: str) -> str:
    """Return the context in which the value of a name is sealed, so that it opens nowhere else."""
    return f"{name}:"


def mac_of(values: Iterable[bytes], *, only_encrypted: bool) -> bytes:
    """Return the MAC of a file's values, in the order of the file; it is sealed in its turn."""
    total = sha512(_MAC_ONLY_ENCRYPTED if only_encrypted else b"")
    for value in values:
        total.update(value)
    return total.hexdigest().upper().encode()
