"""age through `pyrage`: texts to identities and recipients, and data keys opened and wrapped.

`pyrage` is imported by the first function that needs it. `str()` of an identity is the secret key: an identity is
never formatted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.keys.faults import KeyFault

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_INSTALLED = KeyFault("`pyrage`, which opens age keys, isn't installed", "`pip install 'envtree[secrets]'`")
NO_PASSPHRASE = "envtree asks for no passphrase: use a key without one, such as one of `age-keygen`"
OF_SOPS = ("AGE-PLUGIN-", "AGE-SECRET-KEY-PQ-")
"""How the identities begin that only a plugin, or a newer age, can use."""
ENCRYPTED = (b"age-encryption.org/v1", b"-----BEGIN AGE ENCRYPTED FILE-----")


class ParsedIdentities(NamedTuple):
    """The identities of one text, what is wrong with it, and whether some of them are for sops alone."""

    usable: tuple[object, ...] = ()
    faults: tuple[KeyFault, ...] = ()
    has_others: bool = False


def is_installed() -> bool:
    """Return whether `pyrage` can be imported."""
    try:
        import pyrage  # noqa: F401
    except ImportError:
        return False
    return True


def parse_identities(data: bytes, origin: str) -> ParsedIdentities:
    """Parse a key file: an identity a line, and comments after `#`."""
    from pyrage import IdentityError, x25519

    if data.startswith(ENCRYPTED):
        return ParsedIdentities(faults=(KeyFault(f"{origin} is encrypted with a passphrase", NO_PASSPHRASE),))
    usable: list[object] = []
    faults: list[KeyFault] = []
    has_others = False
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        text = line.strip()
        if text.startswith(OF_SOPS):
            has_others = True
        elif text and not text.startswith("#"):
            try:
                usable.append(x25519.Identity.from_str(text))
            except IdentityError:
                advice = "a line is `AGE-SECRET-KEY-1...`, a comment after `#`, or empty"
                faults.append(KeyFault(f"line {number} of {origin} is no age identity", advice))
    return ParsedIdentities(tuple(usable), tuple(faults), has_others)


def parse_ssh_identity(data: bytes, origin: str) -> ParsedIdentities:
    """Parse a private key of SSH."""
    from pyrage import IdentityError, ssh

    try:
        return ParsedIdentities((ssh.Identity.from_buffer(data),))
    except IdentityError as error:
        return ParsedIdentities(faults=(_ssh_fault(str(error), data, origin),))


def _ssh_fault(words: str, data: bytes, origin: str) -> KeyFault:
    if "decrypted" in words or b"ENCRYPTED" in data:
        return KeyFault(f"{origin} is protected by a passphrase", NO_PASSPHRASE)
    if "unsupported" in words:
        return KeyFault(f"{origin} is an SSH key of a kind that age doesn't take", "use `ssh-ed25519` or `ssh-rsa`")
    return KeyFault(f"{origin} is no private key of SSH", "name the private key, not its `.pub`")


def open_with_age(encrypted: str, identities: Sequence[object]) -> bytes | None:
    """Return a data key that one of the identities opens; None if none does, or the age file is damaged."""
    from pyrage import DecryptError, decrypt

    try:
        opened: bytes = decrypt(encrypted.encode(), identities)
    except DecryptError:
        return None
    return opened


def wrap_with_age(data_key: bytes, recipient: str) -> str | None:
    """Return an armored age file for an X25519 or SSH recipient; None if the recipient is none."""
    from pyrage import EncryptError, RecipientError, encrypt, ssh, x25519

    kind = x25519.Recipient if recipient.startswith("age1") else ssh.Recipient
    try:
        wrapped: bytes = encrypt(data_key, [kind.from_str(recipient)], armored=True)
    except (RecipientError, EncryptError, UnicodeEncodeError):  # the last for an argument that is not UTF-8
        return None
    return wrapped.decode()


def new_identity() -> tuple[object, str]:
    """Make an identity, and return it with its recipient."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    return identity, str(identity.to_public())


def recipient_of(identity: object) -> str | None:
    """Return the recipient of an X25519 identity; None for an SSH key, which doesn't say it."""
    public = getattr(identity, "to_public", None)
    return None if public is None else str(public())


def is_recipient(text: str) -> bool:
    """Return whether a text is an age or SSH recipient that files can be encrypted for."""
    return wrap_with_age(bytes(32), text) is not None
