"""What a variable's name says of its value: that it is a secret, that it may be one, or that all may see it."""

from __future__ import annotations

import re
from typing import Literal

NameKind = Literal["secret", "login", "pin", "license", "key", "about", "public", "id", "plain"]
"""A word for a secret; `*_AUTH`; a number to type in; a licence; some key; about a secret; for all; an id or digest."""

_PARTS = re.compile(r"[^A-Za-z0-9]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SECRET = re.compile(
    r"BEARER|CREDENTIALS?|CREDS|MNEMONIC|PASS|PASSCODE|PEPPER|PWD|SALT"
    r"|[A-Z0-9]{0,40}(?:APIKEYS?|PASSPHRASE|PASSWD|PASSWORDS?|PASSWRD|SECRETS?|TOKENS?)"
    r"|[A-Z0-9]{0,40}(?:ACCESS|AUTH|ENCRYPTION|LICENSE|MASTER|PRIVATE|SECRET|SIGNING)KEYS?"
)
_BEFORE_KEY = re.compile(
    r"ACCESS|ACCOUNT|ADMIN|AES|API|AUTH|COOKIE|CRYPT|CSRF|DEPLOY|ENCRYPT(?:ION)?|FERNET|HMAC|JWT|MASTER|OAUTH|PRIVATE"
    r"|RSA|SECRET|SERVICE|SESSION|SHARED|SIGN(?:ATURE|ING)?|SSH|STORAGE|WEBHOOK"
)
_BEFORE_PHRASE = re.compile(r"BACKUP|RECOVERY|SECRET|SEED|WALLET")
_BEFORE_COOKIE = re.compile(r"DIST|ERL|ERLANG|RABBITMQ|RELEASE")
_PLAIN_KEYS = re.compile(
    r"CACHE|CONFIG|COLUMN|DEDUPE|FEATURE|FLAG|FOREIGN|GROUP|GROUPING|HASH|HEADER|HOT|INDEX|ISSUE|OBJECT|PARTITION|PRIMARY"
    r"|PROJECT|PUBLIC|RANGE|ROUTING|SHARD|SHORTCUT|SITE|SORT|TENANT|TRANSLATION|UNIQUE"
)
_VARIANTS = re.compile(
    r"V?\d+|AP|B64|BACKUP|BASE|BASE64|BKP|CURRENT|DEFAULT|DEV|EU|JSON|LIVE|NEW|NEXT|OLD|PRD|PREV|PREVIOUS|PRIMARY|PROD"
    r"|PRODUCTION|QA|RAW|RO|RW|SANDBOX|SECONDARY|STAGING|STG|STRING|TEST|TEXT|UAT|UK|US|VALUE"
)
_PUBLIC = re.compile(r"ANON|PUB|PUBLIC|PUBLISHABLE|VITE")
"""Parts of names whose values everybody may see: a front end is built with them."""
_FRONT_ENDS = re.compile(r"(?:EXPO|GATSBY|REACT_APP|STORYBOOK|VUE_APP)_", re.IGNORECASE)
_IDS = re.compile(
    r"ARN|BUILD|CERT|CERTIFICATE|CHECKSUM|COMMIT|DIGEST|ETAG|FINGERPRINT|GUID|HASH|HASHES|IDS?|IMAGE|INTEGRITY|MD5|PEM"
    r"|RELEASE|REVISION|SHA\d*|SID|SITE|SLUG|TAG|THUMBPRINT|UUID|VERSION"
)
"""Parts of names whose values look random without being secret."""
_ABOUT = re.compile(r"AUTH|CREDENTIALS?|KEY|KEYS|PASS|PASSPHRASE|PASSWORDS?|PRIVATE|SECRETS?|TOKENS?")


_BUNDLER = re.compile(r"BUNDLE_(?!(?:BUILD|LOCAL|MIRROR|PLUGINS)__)\w{1,80}__[A-Z]{2,10}", re.IGNORECASE)
"""Bundler's own form of a host, `BUNDLE_GEMS__EXAMPLE__COM`, whose value is a login, or a token, for its gems."""


def name_kind(name: str) -> NameKind:
    """Return what the name of a variable, or of an option, says of its value."""
    if _BUNDLER.fullmatch(name):
        return "login"
    parts = [part for part in _PARTS.split(_CAMEL.sub("_", name[:200]).upper()) if part]
    if any(map(_PUBLIC.fullmatch, parts)) or _FRONT_ENDS.match(name):
        return "public"
    end = len(parts)
    while end > 1 and _VARIANTS.fullmatch(parts[end - 1]):
        end -= 1
    last, before = (parts[end - 1] if end else ""), (parts[end - 2] if end > 1 else "")
    if found := _by_last_words(last, before):
        return found
    if any(map(_IDS.fullmatch, parts)):
        return "id"
    return "about" if any(map(_ABOUT.fullmatch, parts[:end])) else "plain"


def _by_last_words(last: str, before: str) -> NameKind | None:
    """Return what the last two words of a name say: `API_TOKEN` is a secret, and `TOKEN_TTL` only about one."""
    if last == "PWD":  # alone, and after OLD, the shell's working directory
        return "secret" if before not in ("", "OLD") else "plain"
    if last in ("KEY", "KEYS"):
        kind: NameKind = "license" if before in ("LICENCE", "LICENSE", "PRODUCT", "SERIAL") else "key"
        kind = "plain" if _PLAIN_KEYS.fullmatch(before) or not before else kind
        return "secret" if _BEFORE_KEY.fullmatch(before) else kind
    if _SECRET.fullmatch(last) or (last == "PHRASE" and _BEFORE_PHRASE.fullmatch(before)):
        return "secret"
    if last == "COOKIE":
        return "secret" if _BEFORE_COOKIE.fullmatch(before) else "about"
    kinds: dict[str, NameKind] = {"AUTH": "login", "PIN": "pin", "LICENCE": "license", "LICENSE": "license"}
    return kinds.get(last)
