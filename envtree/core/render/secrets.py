"""What a secret looks like: the published shapes of keys, passwords in URLs, names for secrets, and random text.

The aim is few false alarms, so only a whole text counts: a random word in a sentence, a path or a URL is no secret.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import pairwise

REFERENCE = "\0"
"""The character that replaces a `${NAME}` in the text of an `!expand`; no value can hold it."""

MIN_NAMED_SECRET = 4
"""The fewest characters of a value that counts as a secret because of its name."""

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

_SHAPES = {
    "a private key": r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d",
    "a secret key of age": r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}",
    "an access key of AWS": r"(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}(?<!EXAMPLE)\b",
    "an account key of Azure": r"(?:AccountKey|SharedAccessKey)=[A-Za-z0-9+/]{40,}",
    "a Databricks token": r"dapi[0-9a-f]{32}\b",
    "a DigitalOcean token": r"do[opr]_v1_[0-9a-f]{64}\b",
    "a Docker token": r"dckr_(?:pat|oat)_[\w-]{27,}",
    "a GitHub token": r"gh[opsru]_[A-Za-z0-9]{36,}|github_pat_\w{82}",
    "a GitLab token": r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[\w-]{20,}",
    "a Google API key": r"AIza[\w-]{35}",
    "a Google client secret": r"GOCSPX-[\w-]{28}",
    "a Grafana token": r"gl(?:sa_[A-Za-z0-9]{32}_[0-9a-f]{8}|c_[A-Za-z0-9+/]{32,})",
    "a Heroku API key": r"HRKU-[\w-]{36,}",
    "a JSON Web Token": r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "a Linear key": r"lin_(?:api|oauth)_[A-Za-z0-9]{40,}",
    "a Mailchimp key": r"[0-9a-f]{32}-us\d{1,2}\b",
    "a Mailgun key": r"key-[0-9a-f]{32}\b",
    "a New Relic key": r"NRAK-[A-Z0-9]{27}\b|[0-9a-f]{36}NRAL\b",
    "an npm token": r"npm_[A-Za-z0-9]{36}\b",
    "a Postman key": r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}\b",
    "a PlanetScale secret": r"pscale_(?:tkn|pw|oauth)_[\w.=-]{32,}",
    "a RubyGems key": r"rubygems_[0-9a-f]{48}\b",
    "a SendGrid key": r"SG\.[\w-]{22}\.[\w-]{43}",
    "a Sentry token": r"sntry[su]_[\w+/=-]{40,}",
    "a Shopify token": r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b",
    "a Slack token": r"xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]+",
    "a Slack webhook": r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[\w/]{20,}",
    "a Square secret": r"sq0csp-[\w-]{43}",
    "a secret key of Stripe": r"(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{16,}|whsec_[A-Za-z0-9+/=]{32,}",
    "a Telegram token": r"\d{8,10}:AA[\w-]{33}\b",
    "a Vault token": r"hv[sbr]\.[\w-]{24,}",
}
"""The kinds of keys and how each is recognised: by the prefixes that their makers publish."""
_KNOWN = re.compile(rf"(?<![\w-])(?=[\w-])(?:{'|'.join(f'({shape})' for shape in _SHAPES.values())})")
_SHAPE_NAMES = tuple(_SHAPES)

_PASSWORD = re.compile(r"://[^\s/?#:@]*:([^\s/@]*)@")
_PARAMETER = re.compile(
    r"[?&;](?:password|passwd|pwd|secret|(?:access_|auth_)?token|api_?key|sig|signature)=([^\s&;#]+)", re.IGNORECASE
)
_PLACEHOLDER = re.compile(
    rf".*{REFERENCE}.*|\$\w+|\$?\{{.*\}}|<.*>|\[.*\]|%[\w()]+%?|(.)\1*|none|null|nil|n/a|disabled",
    re.IGNORECASE | re.DOTALL,
)
"""Text that is written in place of a secret."""

_SECRET_WORDS = re.compile(r"APIKEY|CREDENTIALS?|PASS|PASSPHRASE|PASSWD|PASSWORDS?|PWD|SECRETS?|TOKENS?")
_BEFORE_KEY = re.compile(r"ACCESS|API|AUTH|ENCRYPTION|HMAC|JWT|MASTER|PRIVATE|SECRET|SESSION|SIGNING")
_VARIANTS = re.compile(
    r"V?\d+|BACKUP|BASE|BKP|CURRENT|DEV|LIVE|NEW|NEXT|OLD|PREVIOUS|PRIMARY|PROD|PRODUCTION|SANDBOX|SECONDARY|STAGING|TEST"
)
_PUBLIC = re.compile(r"PUBLIC|PUBLISHABLE|VITE")
"""Parts of names whose values everybody may see: a front end is built with them."""
_NO_SECRET = re.compile(
    rf"{_PUBLIC.pattern}|BUILD|CERT|CERTIFICATE|CHECKSUM|COMMIT|DIGEST|ETAG|FINGERPRINT|GUID|HASH|IDS?|INTEGRITY|MD5"
    r"|REVISION|SHA\d*|SID|SITE|THUMBPRINT|UUID|VERSION"
)
"""Parts of names whose values look random without being secret."""
_PLAIN_VALUE = re.compile(
    r"true|false|yes|no|on|off"
    r"|[-+]?\d[\d._,]*\s?[a-z%]{0,3}"  # a number, with its unit
    r"|(?:/|\.\.?/|~).*|[\w.-]+(?:/[\w.-]+)+\.\w{1,5}"  # a path
    r"|(?:arn|env|file|op|ref\+\w+|secretsmanager|ssm|vault|[a-z][a-z0-9+.-]*(?=://)):\S*"  # where the secret is kept
    r"|projects/[^\s/]+/secrets/\S+",
    re.IGNORECASE,
)
"""Values that are no secret whatever their name: booleans, numbers, paths, URLs, where a secret is kept."""
_PARTS = re.compile(r"[^A-Za-z0-9]+")
_HEX = re.compile(rf"(?=.*[a-fA-F])(?=.*\d)(?:[0-9a-f]{{{MIN_HEX},}}|[0-9A-F]{{{MIN_HEX},}})")
_LETTERS = re.compile(rf"(?=.*[a-zA-Z])(?=.*\d)(?:[0-9a-z]{{{MIN_LETTERS},}}|[0-9A-Z]{{{MIN_LETTERS},}})")
_MIXED = re.compile(rf"(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?!/|sha(?:256|384|512)-)[A-Za-z0-9+/_-]{{{MIN_MIXED},}}={{0,2}}")
_SCHEME = re.compile(r"(?:Basic|Bearer|Token) ", re.IGNORECASE)


def secret_evidence(name: str, text: str) -> str | None:
    """Return why a value looks like a secret, in words that follow its name; None if it doesn't.

    Each reference in the text is a `REFERENCE`. The words never hold any part of the value.
    """
    if found := _KNOWN.search(text):
        return f"has the shape of {_SHAPE_NAMES[(found.lastindex or 1) - 1]}"
    if "://" in text and any(map(_is_real_value, (*_PASSWORD.findall(text), *_PARAMETER.findall(text)))):
        return "holds a password in an address"
    parts = _parts(name)
    is_named = _ends_in_secret_word(parts) and len(text) >= MIN_NAMED_SECRET
    if is_named and _is_real_value(text) and not _PLAIN_VALUE.fullmatch(text):
        return "is named like a secret"
    if not any(map(_NO_SECRET.fullmatch, parts)) and is_random(_SCHEME.sub("", text, count=1)):
        return "looks random, as keys do"
    return None


def is_secret_name(name: str) -> bool:
    """Return whether a name says that its value is a secret, whatever the value looks like."""
    return _ends_in_secret_word(_parts(name))


def _ends_in_secret_word(parts: list[str]) -> bool:
    """Return whether a name ends in a word for a secret: `API_TOKEN` and `SECRET_KEY_BASE` do, `TOKEN_TTL` doesn't."""
    if any(map(_PUBLIC.fullmatch, parts)):
        return False
    end = len(parts)
    while end and _VARIANTS.fullmatch(parts[end - 1]):
        end -= 1
    last, before = (parts[end - 1] if end else ""), (parts[end - 2] if end > 1 else "")
    if last == "PWD":  # alone, and after OLD, the shell's working directory
        return before not in ("", "OLD")
    return bool(_SECRET_WORDS.fullmatch(last)) or (last in ("KEY", "KEYS") and bool(_BEFORE_KEY.fullmatch(before)))


def _parts(name: str) -> list[str]:
    return [part for part in _PARTS.split(name.upper()) if part]


def is_random(text: str) -> bool:
    """Return whether a whole text looks like random hex digits, letters and digits, or base64."""
    if _HEX.fullmatch(text):
        return entropy(text) >= HEX_ENTROPY
    if _LETTERS.fullmatch(text):
        return entropy(text) >= LETTERS_ENTROPY and kind_changes(text) >= LETTERS_CHANGES
    return bool(_MIXED.fullmatch(text)) and entropy(text) >= MIXED_ENTROPY and kind_changes(text) >= MIXED_CHANGES


def entropy(text: str) -> float:
    """Return Shannon's entropy, in bits a character."""
    return -sum(count / len(text) * math.log2(count / len(text)) for count in Counter(text).values())


def kind_changes(text: str) -> float:
    """Return the share of neighbours that differ in kind: small letter, capital, digit; others don't count."""
    pairs = [(a, b) for a, b in pairwise(text) if a.isalnum() and b.isalnum()]
    return sum(_kind(a) != _kind(b) for a, b in pairs) / max(1, len(pairs))


def _kind(letter: str) -> int:
    return 0 if letter.isdigit() else 1 if letter.islower() else 2


def _is_real_value(text: str) -> bool:
    """Return whether a text is a value, and neither empty nor a placeholder."""
    return text != "" and not _PLACEHOLDER.fullmatch(text)
