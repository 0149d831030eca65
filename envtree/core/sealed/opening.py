"""The values of a sealed file, opened with its data key: all of them, or none."""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.sealed.cipher import KEY_SIZE, Cipher, context_of, mac_of
from envtree.core.sealed.problems import altered, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.sealed.document import SealedFile

    Opened = dict[str, bytes | None]


def open_values(sealed: SealedFile, data_key: bytes) -> tuple[Mapping[str, str], tuple[Diagnostic, ...]]:
    """Return each value by name, in the order of the file; nothing unless every tag and the MAC fit."""
    if len(data_key) != KEY_SIZE:
        message = f"the data key of `{sealed.path}` is not one of {KEY_SIZE} bytes"
        return {}, (altered(message, sealed.metadata.span),)
    try:
        cipher = Cipher(data_key)
    except EnvtreeError as error:
        return {}, error.diagnostics
    opened = {
        each.name: each.text.encode()
        if each.ciphertext is None
        else cipher.open(each.ciphertext, context_of(each.name))
        for each in sealed.values
    }
    if problems := _wrong_tags(sealed, opened) or _wrong_mac(sealed, cipher, opened):
        return {}, problems
    return _texts(sealed, opened)


def _wrong_tags(sealed: SealedFile, opened: Opened) -> tuple[Diagnostic, ...]:
    wrong = [each for each in sealed.values if opened[each.name] is None]
    encrypted = sum(each.ciphertext is not None for each in sealed.values)
    if len(wrong) > 1 and len(wrong) == encrypted:
        message = f"no value of `{sealed.path}` opens with the file's data key"
        return (altered(message, sealed.metadata.span),)
    return tuple(
        altered(f"`{shown(each.name)}` was changed, moved or renamed since it was sealed", sealed.span(each), each.name)
        for each in wrong
    )


def _wrong_mac(sealed: SealedFile, cipher: Cipher, opened: Opened) -> tuple[Diagnostic, ...]:
    metadata = sealed.metadata
    stated = cipher.open(metadata.mac, metadata.last_modified.text)
    if stated is None:
        message = f"the MAC of `{sealed.path}` doesn't fit the file's data key and `lastmodified`"
        return (altered(message, metadata.mac_stamp.span),)
    if compare_digest(stated, mac_of(_covered(sealed, opened), only_encrypted=metadata.mac_only_encrypted)):
        return ()
    message = f"`{sealed.path}` was changed since it was sealed: its MAC is that of other values"
    return (altered(message, metadata.mac_stamp.span),)


def _covered(sealed: SealedFile, opened: Opened) -> Iterator[bytes]:
    """Yield what the MAC covers. With `mac_only_encrypted` it covers no value in clear, but then none was read."""
    for each in sealed.values:
        yield each.covered.encode() if each.ciphertext is None else opened[each.name] or b""


def _texts(sealed: SealedFile, opened: Opened) -> tuple[Mapping[str, str], tuple[Diagnostic, ...]]:
    texts: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for each in sealed.values:
        try:
            texts[each.name] = (opened[each.name] or b"").decode()
        except UnicodeDecodeError:
            advice = "a variable is text: seal the bytes as base64"
            message = f"`{shown(each.name)}` is not UTF-8"
            problems.append(Diagnostic("not-utf8", message, sealed.span(each), help=advice, variable=each.name))
    return ({}, tuple(problems)) if problems else (texts, ())
