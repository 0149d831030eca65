"""A data key wrapped for recipients: age and SSH keys, and keys of KMS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.keys import age
from envtree.adapters.keys.faults import KeyFault
from envtree.adapters.keys.problems import cannot_wrap
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.sealed.keys import WrappedKey

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envtree.adapters.keys.opening import DataKeys
    from envtree.core.sealed.creation.recipient import Recipient

NO_RECIPIENT = KeyFault("it is no age recipient", "expected `age1...`, `ssh-ed25519 ...` or `ssh-rsa ...`")
BY_SOPS = KeyFault("envtree encrypts for age and KMS alone", "make the file with `sops`; envtree edits it then")


def wrap_data_key(data_key: bytes, recipients: Sequence[Recipient], user: DataKeys) -> tuple[WrappedKey, ...]:
    """Return a copy of the data key for each recipient. Raises EnvtreeError that names all for which there is none."""
    by_kms = iter(_by_kms(data_key, [each for each in recipients if each.kind == "kms"], user))
    outcomes = [(each, next(by_kms) if each.kind == "kms" else _wrap(data_key, each)) for each in recipients]
    problems = [cannot_wrap(each, fault) for each, fault in outcomes if isinstance(fault, KeyFault)]
    if problems:
        raise EnvtreeError(*problems)
    return tuple(wrapped for _, wrapped in outcomes if isinstance(wrapped, WrappedKey))


def _wrap(data_key: bytes, recipient: Recipient) -> WrappedKey | KeyFault:
    if recipient.kind != "age":
        return BY_SOPS
    if not age.is_installed():
        return age.NOT_INSTALLED
    encrypted = age.wrap_with_age(data_key, recipient.name)
    return NO_RECIPIENT if encrypted is None else WrappedKey("age", recipient.name, encrypted)


def _by_kms(data_key: bytes, recipients: Sequence[Recipient], user: DataKeys) -> list[WrappedKey | KeyFault]:
    """Ask KMS for a copy for each recipient, with the user's one session."""
    if not recipients:
        return []
    from envtree.adapters.keys.kms import wrap_with_kms

    session = user.aws_session()
    return [wrap_with_kms(data_key, recipient, session) for recipient in recipients]
