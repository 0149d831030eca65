"""Sealed files written so that SOPS reads them: a new one, or an old one with few lines changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import errors
from envtree.core.sealed.cipher import Cipher, context_of, mac_of
from envtree.core.sealed.document import SealedFile, read_sealed
from envtree.core.sealed.metadata import METADATA
from envtree.core.sealed.opening import open_values
from envtree.core.sealed.rule import DEFAULT_RULE
from envtree.core.yaml.remove import NOT_ALONE, remove_entries, split_mark
from envtree.core.yaml.splice import CannotUpdate, Splice, decoded, line_end, splice, whole_lines
from envtree.core.yaml.update import BRACES
from envtree.core.yaml.writer import inline, key_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.sealed.cipher import Random
    from envtree.core.sealed.document import SealedValue
    from envtree.core.sealed.keys import WrappedKey
    from envtree.core.sealed.metadata import Stamp
    from envtree.core.sealed.rule import EncryptionRule

VERSION = "3.11.0"
"""The version of SOPS whose format is written."""

EMPTY = 'it is empty, and SOPS doesn\'t seal what is empty; write `""` into the clear file'
NOT_TEXT = "it holds half of a surrogate pair, which is no text"
RESERVED = "SOPS keeps its metadata under this name"
TOO_LONG = "its name is longer than YAML allows"
REWRITTEN = "it is not written on one line; let `sops edit` write the file anew"


@dataclass(frozen=True, slots=True)
class Sealer:
    """What sealing takes from outside: the file's data key, the time, and a source of random bytes."""

    data_key: bytes = field(repr=False)
    now: datetime
    random: Random


def seal_values(
    values: Mapping[str, str],
    keys: Iterable[WrappedKey],
    sealer: Sealer,
    rule: EncryptionRule = DEFAULT_RULE,
    *,
    mac_only_encrypted: bool = True,
) -> str:
    """Return a new sealed file with these values, in this order, for these recipients, and with this rule on names.

    Raises CannotUpdate for what SOPS can't seal, EnvtreeError without the library, and ValueError for a recipient that
    is neither age nor KMS.
    """
    for name, text in values.items():
        _check(name, text, rule)
    cipher = Cipher(sealer.data_key)
    texts = {name: text.encode() for name, text in values.items()}
    lines = [f"{key_text(name)}: {_sealed(cipher, name, text, sealer)}\n" for name, text in texts.items()]
    time, mac = _stamps(cipher, texts.values(), sealer, only_encrypted=mac_only_encrypted)
    head = f"{METADATA}:\n{''.join(_recipients(tuple(keys)))}"
    stamps = f'    lastmodified: "{time}"\n    mac: {mac}\n    {rule.kind}: {inline(rule.pattern)}\n'
    only = "    mac_only_encrypted: true\n" if mac_only_encrypted else ""
    return f"{''.join(lines)}{head}{stamps}{only}    version: {VERSION}\n"


def set_values(
    sealed: SealedFile, data: bytes, changes: Mapping[str, str | None], sealer: Sealer
) -> tuple[bytes | None, tuple[Diagnostic, ...]]:
    """Return the bytes of a sealed file with these values set, or removed for None; all other lines stay, but two.

    The file is opened first: what somebody changed without the key is not sealed again. Raises CannotUpdate.
    """
    values, problems = open_values(sealed, sealer.data_key)
    if errors(problems):
        return None, problems
    changes = {name: text for name, text in changes.items() if values.get(name) != text}
    if not changes:
        return data, ()
    if sealed.is_flow:
        raise CannotUpdate(BRACES)
    for name, text in changes.items():
        _check(name, text, sealed.metadata.rule)
    changed = _without(sealed, data, tuple(name for name, text in changes.items() if text is None))
    wanted = {name: changes.get(name, text) for name, text in {**values, **changes}.items()}
    kept = {name: text for name, text in wanted.items() if text is not None}
    changed = _rewritten(sealed.path, changed, {name: kept[name] for name in changes if name in kept}, kept, sealer)
    _prove(sealed, changed, kept, changes, sealer)
    return changed, ()


def _check(name: str, text: str | None, rule: EncryptionRule) -> None:
    """Raise CannotUpdate for a name or value that SOPS would not seal, or that envtree would not read back."""
    if name == METADATA:
        raise CannotUpdate(RESERVED, name)
    if text == "":
        raise CannotUpdate(EMPTY, name)
    if not rule.encrypts(name):
        raise CannotUpdate(f"the file's own rule, `{rule}`, leaves it in clear", name)
    try:
        f"{name}{text}".encode()
    except UnicodeEncodeError:
        raise CannotUpdate(NOT_TEXT, name) from None
    try:
        key_text(name)
    except ValueError:
        raise CannotUpdate(TOO_LONG, name) from None


def _sealed(cipher: Cipher, name: str, text: bytes, sealer: Sealer) -> str:
    return str(cipher.seal(text, context_of(name), sealer.random))


def _stamps(cipher: Cipher, covered: Iterable[bytes], sealer: Sealer, *, only_encrypted: bool) -> tuple[str, str]:
    """Return the time as SOPS writes it, and the MAC, which is bound to it."""
    from datetime import UTC

    time = sealer.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return time, str(cipher.seal(mac_of(covered, only_encrypted=only_encrypted), time, sealer.random))


def _recipients(keys: tuple[WrappedKey, ...]) -> Iterator[str]:
    """Yield the lines of the recipients, as SOPS writes them."""
    for kind, write in (("kms", _kms), ("age", _age)):
        found = [each for each in keys if each.kind == kind]
        if found:
            yield f"    {kind}:\n"
        for each in found:
            yield from write(each)
    if others := {each.kind for each in keys} - {"age", "kms"}:
        raise ValueError(f"recipients of another kind are written by sops: {sorted(others)}")


def _kms(key: WrappedKey) -> Iterator[str]:
    yield f"        - arn: {key_text(key.recipient)}\n"
    if key.role:
        yield f"          role: {key_text(key.role)}\n"
    if key.context:
        yield "          context:\n"
        yield from (f"              {key_text(name)}: {key_text(text)}\n" for name, text in key.context)
    yield f'          created_at: "{key.created}"\n'
    yield f"          enc: {key.encrypted}\n"
    yield f"          aws_profile: {key_text(key.profile or '')}\n"


def _age(key: WrappedKey) -> Iterator[str]:
    yield f"        - recipient: {inline(key.recipient)}\n"
    yield "          enc: |\n"
    yield from (f"            {line}\n" for line in key.encrypted.splitlines())


def _without(sealed: SealedFile, data: bytes, names: tuple[str, ...]) -> bytes:
    if not names:
        return data
    changed, left = remove_entries(sealed.path, data, names)
    for name, reason in left.items():
        raise CannotUpdate(reason, name)
    return changed


def _rewritten(path: str, data: bytes, changes: Mapping[str, str], wanted: Mapping[str, str], sealer: Sealer) -> bytes:
    """Return the bytes with new ciphertexts for the changed values, and with a new MAC of all of them."""
    mark, text = split_mark(decoded(data))
    text = whole_lines(text)
    sealed, _ = read_sealed(path, data)
    if sealed is None:
        raise CannotUpdate(NOT_ALONE)
    cipher = Cipher(sealer.data_key)
    written = {name: _sealed(cipher, name, each.encode(), sealer) for name, each in changes.items()}
    splices = [_in_place(text, each, written.pop(each.name)) for each in sealed.values if each.name in written]
    if written:
        splices.append(_after_last(text, sealed, written))
    clear = {each.name: each.covered for each in sealed.values if each.ciphertext is None}
    covered = (clear.get(name, each).encode() for name, each in wanted.items())
    metadata = sealed.metadata
    time, mac = _stamps(cipher, covered, sealer, only_encrypted=metadata.mac_only_encrypted)
    splices += [_in_place(text, metadata.last_modified, time), _in_place(text, metadata.mac_stamp, mac)]
    return f"{mark}{splice(text, splices)}".encode()


def _in_place(text: str, old: SealedValue | Stamp, new: str) -> Splice:
    """Return the splice for a text on one line that keeps its quotes, if it has some."""
    start, end = old.start, old.end
    quotes = text[start:end].startswith(("'", '"'))
    start, end = start + quotes, end - quotes
    if text[start:end] != old.text:
        raise CannotUpdate(REWRITTEN, getattr(old, "name", METADATA))
    return Splice(start, end, new)


def _after_last(text: str, sealed: SealedFile, written: Mapping[str, str]) -> Splice:
    """Return the splice that adds entries: after the last value, or at the top where there is none."""
    end = line_end(text)
    last = sealed.values[-1] if sealed.values else None
    offset = text.index("\n", last.end) + 1 if last else 0
    line = text.split("\n")[(last.name_line if last else sealed.metadata.span.line) - 1]
    indent = line[: len(line) - len(line.lstrip(" "))]
    lines = "".join(f"{indent}{key_text(name)}: {each}{end}" for name, each in written.items())
    return Splice(offset, offset, lines)


def _prove(
    before: SealedFile, data: bytes, wanted: Mapping[str, str], changes: Mapping[str, str | None], sealer: Sealer
) -> None:
    """Raise CannotUpdate unless the new file opens to just the values wanted, and keeps all other ciphertexts."""
    after, _ = read_sealed(before.path, data)
    opened, problems = open_values(after, sealer.data_key) if after else ({}, ())
    kept = [(each.name, each.text) for each in before.values if each.name not in changes]
    still = [(each.name, each.text) for each in after.values if each.name not in changes] if after else []
    if problems or kept != still or list(opened.items()) != list(wanted.items()):
        raise CannotUpdate(NOT_ALONE, *(changes if len(changes) == 1 else ()))
