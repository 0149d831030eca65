"""The judgement on a variable: how sure it is that its value is a secret, and why, in words that never hold the value.

The aim is few false alarms, so a random text counts only if it is the whole value, and what has a plain form is plain.
What is doubtful is hidden where it is shown, and no reason for an alarm.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from envtree.core.secrets.addresses import find_passwords
from envtree.core.secrets.names import name_kind
from envtree.core.secrets.shapes import FOR_ALL, find_shape, has_public_shape
from envtree.core.secrets.values import (
    LICENSE_KEY,
    UUID,
    is_elsewhere,
    is_empty_or_placeholder,
    is_opaque,
    is_plain_value,
    is_random,
    is_short_random,
    is_standard,
    is_wordy,
    words,
)

if TYPE_CHECKING:
    from envtree.core.secrets.names import NameKind

Certainty = Literal["certain", "likely", "doubtful", "plain"]
MIN_NAMED_SECRET = 4
"""The fewest characters of a value that counts as a secret because of its name."""
MAX_SEARCHED = 1 << 20
MIN_KEY = 16
"""The fewest characters of a value that counts as a secret because its name ends in `KEY`."""

_SCHEME = re.compile(r"(?:Basic|Bearer|Digest|Token) ", re.IGNORECASE)
_INSIDE = re.compile(
    r"[\"']?(?:[\w.-]{0,40}[_.-])?(?:api_?key|auth_?token|client_?secret|passw(?:or)?d|private_?key|secret|secret_?key|token)"
    r"[\"']?\s{0,3}[:=]\s{0,3}[\"'](?P<value>[^\"'\\]{4,200})[\"']",
    re.IGNORECASE,
)
"""A name and a value in quotes inside of a text: JSON, or a program's settings."""
_LOGINS = frozenset(
    (
        *(
            "basic",
            "bearer",
            "cram",
            "cram-md5",
            "digest",
            "external",
            "jwt",
            "kerberos",
            "ldap",
            "login",
            "md5",
            "mtls",
        ),
        *(
            "oauth",
            "oauth2",
            "oidc",
            "password",
            "peer",
            "plain",
            "saml",
            "scram",
            "scram-sha-1",
            "scram-sha-256",
            "sso",
        ),
        *("starttls", "tls", "token", "trust", "xoauth2", "iam", "gssapi", "ntlm", "none", "auth0", "cognito", "okta"),
    )
)
"""Ways to log in, which a `*_AUTH` may name."""
_LICENSES = re.compile(
    r"(?:0BSD|A?GPL|Apache|Artistic|BSD|BSL|BUSL|CC|CC0|CDDL|CECILL|ECL|EPL|EUPL|ISC|LGPL|MIT|MPL|MS|PSF|SSPL|Unlicense"
    r"|WTFPL|Zlib|proprietary|commercial|community|enterprise|trial|free|basic|pro)(?:[-. ][\w.+-]{1,30}){0,6}",
    re.IGNORECASE,
)
_PIN = re.compile(r"\d{4,12}")
_PHRASES = ("MNEMONIC", "PASS", "PHRASE", "PASSWORD", "SECRET")
"""What may hold several words."""


class Judgement(NamedTuple):
    """How sure it is that a value is a secret; the reason follows the name in a sentence, and is empty for `plain`."""

    certainty: Certainty
    reason: str = ""

    @property
    def is_alarm(self) -> bool:
        """Return whether it is sure enough to tell a person."""
        return self.certainty in ("certain", "likely")


PLAIN = Judgement("plain")
_NAMED = "is named like a secret"
_RANDOM = "looks random, as keys do"
_ADDRESS = "holds a password in an address"


def judge(name: str, text: str) -> Judgement:
    """Return how sure it is that a variable is a secret. Each reference in its text is a `REFERENCE`."""
    text = text.strip()[:MAX_SEARCHED]
    kind = name_kind(name)
    return _by_shape(kind, text) or _by_address(text) or _by_name(name, kind, text) or _by_chance(kind, text) or PLAIN


def judge_all(name: str, texts: tuple[str, ...]) -> Judgement:
    """Return the surest judgement on the values that a variable has in several places."""
    order: tuple[Certainty, ...] = ("certain", "likely", "doubtful", "plain")
    return min((judge(name, text) for text in texts), key=lambda each: order.index(each.certainty), default=PLAIN)


def _by_shape(kind: NameKind, text: str) -> Judgement | None:
    found = find_shape(text)
    if found is None:
        return None
    shape, start, end = found
    if kind == "public" and shape in FOR_ALL:
        return Judgement("doubtful", f"has the shape of {shape}, and a name that says that all may see it")
    if is_invented(text[start:end]):
        return Judgement("doubtful", f"has the shape of {shape}, and the look of an example")
    return Judgement("certain", f"has the shape of {shape}")


def is_invented(text: str) -> bool:
    """Return whether a key was made up for an example: one letter many times, or a word for it."""
    tail = text[-20:].lower()
    return len(set(tail)) <= 2 or "example" in text.lower()[-30:] or "xxxxxx" in tail


def _by_address(text: str) -> Judgement | None:
    found = tuple(find_passwords(text))
    if any(not each.is_standard for each in found):
        return Judgement("likely", _ADDRESS)
    return Judgement("doubtful", f"{_ADDRESS}, one that programs come with") if found else None


def _by_name(name: str, kind: NameKind, text: str) -> Judgement | None:
    if kind not in ("secret", "login", "pin", "license", "key", "about") or is_plain_name_value(kind, text):
        return None
    if is_empty_or_placeholder(text):
        is_word = kind == "secret" and text and not is_elsewhere(text)
        return Judgement("doubtful", f"{_NAMED}, though its value is no real one") if is_word else None
    if kind == "secret":
        return _named(name, text)
    if kind == "login":
        return Judgement("likely", _NAMED)
    if kind in ("pin", "license"):
        return Judgement("likely", _NAMED)
    if kind == "key" and (is_opaque(text) or UUID.fullmatch(text)) and not has_public_shape(text):
        return Judgement("likely" if len(text) >= MIN_KEY else "doubtful", "is named like a key")
    if kind == "about" and is_opaque(text) and not (UUID.fullmatch(text) or has_public_shape(text)):
        return Judgement("doubtful", "has the word for a secret in its name")
    return None


def is_plain_name_value(kind: NameKind, text: str) -> bool:
    """Return whether a text is what a name of a kind has that holds no secret."""
    if kind == "pin":
        return not _PIN.fullmatch(text)
    if kind == "license":
        return bool(_LICENSES.fullmatch(text)) or not (LICENSE_KEY.fullmatch(text) or is_opaque(text))
    if kind == "login" and (_LOGINS.issuperset(words(text)) or text.lower() in _LOGINS):
        return True
    return len(text) < MIN_NAMED_SECRET or is_plain_value(text)


def _named(name: str, text: str) -> Judgement:
    if is_standard(text):
        return Judgement("doubtful", f"{_NAMED}, though its value is one that programs come with")
    is_sentence = any(each.isspace() for each in _SCHEME.sub("", text, count=1))
    if (is_sentence and not any(each in name.upper() for each in _PHRASES)) or has_public_shape(text):
        return Judgement("doubtful", _NAMED)
    return Judgement("likely", _NAMED)


def _by_chance(kind: NameKind, text: str) -> Judgement | None:
    for found in _INSIDE.finditer(text) if '"' in text or "'" in text else ():
        if not (is_empty_or_placeholder(found["value"]) or is_plain_value(found["value"]) or is_wordy(found["value"])):
            return Judgement("likely", "holds what is named like a secret")
    bare = _SCHEME.sub("", text, count=1)
    if kind in ("id", "public") or has_public_shape(bare):
        return None
    if is_random(bare):
        return Judgement("likely", _RANDOM)
    return Judgement("doubtful", _RANDOM) if is_short_random(bare) else None
