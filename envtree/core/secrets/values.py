"""What a text says of itself: a placeholder, a plain value, words, or letters that only chance puts together."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

REFERENCE = "\0"
"""The character that replaces a `${NAME}` in the text of an `!expand`; no value can hold it."""

# Shannon's entropy, in bits a character. Of 20,000 random texts of the shortest length that is checked, 999 of 1,000
# have more than 3.1 (32 hex digits), 3.4 (24 small letters and digits), 3.5 (20 letters and digits, or base64).
MIN_HEX, HEX_ENTROPY = 32, 3.0
MIN_LETTERS, LETTERS_ENTROPY = 24, 3.3
MIN_MIXED, MIXED_ENTROPY = 20, 3.5
# Names have as much entropy (`GoogleCloudMlV1TrialJob`: 3.9), but change less often from small letters to capitals or
# digits. Of 100 neighbours, 62 differ in kind in random letters and digits, 40 where there are no capitals, and 30 in
# base32. With the shares below, some 300 names pass for random, of 205,000 words in the programs and documents of one
# machine. Of 100 random texts, 91 of 20 characters are found, 97 of 32 (80 in base32), 98 of 43; all of 32 hex digits.
MIXED_CHANGES, LETTERS_CHANGES = 0.45, 0.2

_ELSEWHERE = re.compile(
    rf"[^{REFERENCE}]*{REFERENCE}.*|\$\w+|\$?\{{\{{?[^\"{{}}]*\}}?\}}|\$\(.*\)|<.*>|\[[^\"{{}}]*\]|%[\w()]+%?|ENC\[.*\]"
    r"|(?i:none|null|nil|n/a|disabled|empty)",
    re.DOTALL,
)
"""What stands for a value that is somewhere else, or for none."""
_NO_VALUE = re.compile(
    r"[x*.#_-]{3,}|(.)\1*|omitted|masked|hidden|.*(?:\.\.\.|\u2026)|[a-z]{2,6}[-_](?:123\w{0,3}|abc\w{0,3}|key|live|test)",
    re.IGNORECASE | re.DOTALL,
)
_PLACEHOLDER_WORDS = frozenset(
    (
        *("changeit", "changeme", "change", "dummy", "example", "examples", "fake", "fictional", "fixme", "foobar"),
        *(
            "fill",
            "generate",
            "insert",
            "invalid",
            "placeholder",
            "redacted",
            "replace",
            "replaceme",
            "sample",
            "todo",
            "unused",
            "your",
        ),
        *("yourkey", "yourpassword", "yoursecret", "yourtoken", "no", "not", "mock", "stub", "xxx", "xxxx", "tbd"),
    )
)
"""Words that say that a text is written in place of a secret."""
_STANDARD = frozenset(
    (
        *("admin", "administrator", "development", "guest", "homestead", "laravel", "local", "localhost", "mailhog"),
        *("minio", "minioadmin", "mongo", "mysql", "pass", "password", "postgres", "postgresql", "rabbitmq", "redis"),
        *("root", "secret", "symfony", "test", "testing", "user", "app", "api", "token", "key", "dev"),
        *("123", "1234", "12345", "123456", "12345678", "123456789", "qwerty", "letmein", "passw0rd", "password1"),
    )
)
"""What programs come with, or what a developer's own machine has."""
_PLAIN_VALUE = re.compile(
    r"true|false|yes|no|on|off|enabled?|disabled|required|optional|always|never|auto|default"
    r"|[-+]?\d[\d._,]*\s?[a-z%]{0,3}"  # a number, with its unit
    r"|(?:/|\.\.?/|~).*|[\w.-]{1,100}(?:/[\w.-]{1,100}){1,30}\.\w{1,5}|[\w-]{1,100}\.(?:crt|jks|json|key|p12|pem|pfx|txt|ya?ml)"
    r"|(?:arn|awskms|env|file|gcpkms|op|ref\+\w+|secretsmanager|ssm|vault|[a-z][a-z0-9+.-]*(?=://)):\S*"
    r"|projects/[^\s/]+/secrets/\S+|[\w.+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,5}",
    re.IGNORECASE,
)
"""Values that are no secret whatever their name: booleans, numbers, paths, URLs, where a secret is kept, mail."""
_NUMBER = re.compile(r"\d{6,40}")
_HEX = re.compile(rf"(?=.*[a-fA-F])(?=.*\d)(?:[0-9a-f]{{{MIN_HEX},}}|[0-9A-F]{{{MIN_HEX},}})")
_LETTERS = re.compile(rf"(?=.*[a-zA-Z])(?=.*\d)(?:[0-9a-z]{{{MIN_LETTERS},}}|[0-9A-Z]{{{MIN_LETTERS},}})")
_MIXED = re.compile(rf"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?!/|sha(?:256|384|512)-)[A-Za-z0-9+/_-]{{{MIN_MIXED},}}={{0,2}}")
_SHORT_MIXED = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+_-]{12,}={0,2}")
UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
LICENSE_KEY = re.compile(r"(?=.*\d)[A-Z0-9]{4,10}(?:-[A-Z0-9]{4,10}){2,8}", re.IGNORECASE)
_PIECES = re.compile(r"[A-Z]{2,}(?![a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+|[^A-Za-z0-9\s]+")
_WORDY = re.compile(r"[A-Za-z]{2,}(?:\d{1,3}[A-Za-z]{2,}){0,6}\d{0,3}|v?\d{1,4}|[a-z]")
_BETWEEN = re.compile(r"[-_.,:;/+@\s]+")


def is_empty_or_placeholder(text: str) -> bool:
    """Return whether a text is empty, or written in place of a secret: by its form, or by a word in it."""
    if text == "" or is_elsewhere(text) or _NO_VALUE.fullmatch(text):
        return True
    return is_wordy(text) and not _PLACEHOLDER_WORDS.isdisjoint(words(text))


def is_elsewhere(text: str) -> bool:
    """Return whether a text refers to a value, and holds none: `${NAME}`, `{{ name }}`, `<your password>`."""
    return _ELSEWHERE.fullmatch(text) is not None


def is_standard(text: str) -> bool:
    """Return whether a text is a password that programs come with, alone or put together with others."""
    return text.lower() in _STANDARD or _STANDARD.issuperset(words(text))


def words(text: str) -> list[str]:
    """Return the words of a text in small letters, those put together by capitals too."""
    return [piece.lower() for piece in _PIECES.findall(text[:400]) if piece.isalnum()]


def is_wordy(text: str) -> bool:
    """Return whether a text is made of words with a number behind one or the other, as names and sentences are."""
    pieces = [piece for piece in _BETWEEN.split(text) if piece]
    return bool(pieces) and all(
        _WORDY.fullmatch(piece) is not None and kind_changes(piece) < MIXED_CHANGES for piece in pieces
    )


def is_plain_value(text: str) -> bool:
    """Return whether a text is no secret whatever its name."""
    return _PLAIN_VALUE.fullmatch(text) is not None and not (_NUMBER.fullmatch(text) and len(set(text)) > 1)


def is_random(text: str) -> bool:
    """Return whether a whole text looks like random hex digits, letters and digits, or base64."""
    if _HEX.fullmatch(text):
        return entropy(text) >= HEX_ENTROPY
    if _LETTERS.fullmatch(text):
        return entropy(text) >= LETTERS_ENTROPY and kind_changes(text) >= LETTERS_CHANGES
    return bool(_MIXED.fullmatch(text)) and entropy(text) >= MIXED_ENTROPY and kind_changes(text) >= MIXED_CHANGES


def is_opaque(text: str) -> bool:
    """Return whether a text of some length is no word, name or list: letters and digits that say nothing."""
    if not 8 <= len(text) <= 4096 or any(each.isspace() for each in text) or is_wordy(text):
        return False
    return any(each.isdigit() for each in text) and any(each.isalpha() for each in text)


def is_short_random(text: str) -> bool:
    """Return whether a text that is too short for certainty mixes small letters, capitals and digits as chance does."""
    return bool(_SHORT_MIXED.fullmatch(text)) and entropy(text) >= 3.2 and kind_changes(text) >= MIXED_CHANGES


def entropy(text: str) -> float:
    """Return Shannon's entropy, in bits a character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def kind_changes(text: str) -> float:
    """Return the share of neighbours that differ in kind: small letter, capital, digit; others don't count."""
    pairs = [(a, b) for a, b in pairwise(text) if a.isalnum() and b.isalnum()]
    return sum(_kind(a) != _kind(b) for a, b in pairs) / max(1, len(pairs))


def _kind(letter: str) -> int:
    return 0 if letter.isdigit() else 1 if letter.islower() else 2
