"""The form of a sealed file, checked without any key: each fault at its line, and no value in any message."""

from __future__ import annotations

import re

import pytest

from envtree.core.sealed.document import read_sealed
from envtree.core.sealed.keys import WrappedKey
from tests.sealed_files import PATH, RECIPIENT, VALUES, opened, read, sealed_text

TEXT = sealed_text()
LINES = TEXT.splitlines()
SECOND = LINES[1].partition(": ")[2]
FIRST = LINES[0].partition(": ")[2]
AGE = TEXT[TEXT.index("    age:") : TEXT.index("    lastmodified")]
KMS = """\
    kms:
        - arn: arn:aws:kms:eu-west-1:1:key/k
          role: arn:aws:iam::1:role/r
          context:
              environment: production
              Team: a b
          created_at: "2026-01-31T12:00:00Z"
          enc: AQIC
          aws_profile: ""
"""
OTHERS = """\
    pgp:
        - created_at: "2026-01-31T12:00:00Z"
          enc: |-
            -----BEGIN PGP MESSAGE-----
            x
            -----END PGP MESSAGE-----
          fp: ABCDEF
    gcp_kms:
        - resource_id: projects/p/locations/l/keyRings/r/cryptoKeys/k
          created_at: "2026-01-31T12:00:00Z"
          enc: AQIC
    azure_kv:
        - vault_url: https://v.vault.azure.net
          name: k
          version: "1"
          created_at: "2026-01-31T12:00:00Z"
          enc: AQIC
    hc_vault:
        - vault_address: https://vault.example.com
          engine_path: transit
          key_name: k
          created_at: "2026-01-31T12:00:00Z"
          enc: vault:v1:x
    hckms:
        - key_id: eu:1
          created_at: "2026-01-31T12:00:00Z"
          enc: AQIC
"""


def faults(text: str | bytes) -> list[tuple[str, int]]:
    """The code and line of all that is wrong; no message holds a part of an encrypted text."""
    data = text.encode() if isinstance(text, str) else text
    sealed, problems = read_sealed(PATH, data)
    assert (sealed is None) == any(each.severity == "error" for each in problems)
    for each in problems:
        said = f"{each.message} {each.label} {each.help} {each.notes}"
        assert each.span is not None
        assert not re.search(r"ENC\[AES|[A-Za-z0-9+/]{20}|in-clear", said.replace(PATH, "")), said
    return [(each.code, each.span.line) for each in problems if each.span]


def replaced(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


def test_names_places_and_metadata_are_read() -> None:
    sealed = read(TEXT)
    assert [(each.name, each.name_line, each.name_column, each.line, each.column) for each in sealed.values] == [
        ("API_KEY", 1, 1, 1, 10),
        ("PEM", 2, 1, 2, 6),
        ("TOKEN", 3, 1, 3, 8),
    ]
    assert [TEXT[each.start : each.end] for each in sealed.values] == [each.text for each in sealed.values]
    assert [(key.kind, key.recipient, key.span and key.span.line) for key in sealed.keys] == [("age", RECIPIENT, 6)]
    assert sealed.metadata.last_modified.text == "2026-01-31T12:00:00Z"
    assert (str(sealed.metadata.rule), sealed.metadata.mac_only_encrypted) == ("unencrypted_suffix: _unencrypted", True)


def test_each_kind_of_recipient_is_read() -> None:
    keys = read(replaced(AGE, KMS + OTHERS + AGE)).keys
    assert [(key.kind, key.recipient) for key in keys] == [
        ("age", RECIPIENT),
        ("kms", "arn:aws:kms:eu-west-1:1:key/k"),
        ("pgp", "ABCDEF"),
        ("gcp_kms", "projects/p/locations/l/keyRings/r/cryptoKeys/k"),
        ("azure_kv", "https://v.vault.azure.net/keys/k/1"),
        ("hc_vault", "https://vault.example.com/v1/transit/keys/k"),
        ("hckms", "eu:1"),
    ]
    kms = keys[1]
    assert (kms.encrypted, kms.role, kms.profile) == ("AQIC", "arn:aws:iam::1:role/r", None)
    assert kms.context == (("environment", "production"), ("Team", "a b"))
    assert kms.created == "2026-01-31T12:00:00Z"


def test_key_groups_are_read() -> None:
    groups = f"    shamir_threshold: 2\n    key_groups:\n        - age:\n{_deeper(AGE)}        - age:\n{_deeper(AGE)}"
    sealed = read(replaced(AGE, groups))
    assert sealed.metadata.threshold == 2
    assert [[type(key) for key in group] for group in sealed.metadata.groups] == [[WrappedKey], [WrappedKey]]
    assert len(sealed.keys) == 2


def _deeper(block: str) -> str:
    return "".join(f"        {line}\n" for line in block.splitlines()[1:])


@pytest.mark.parametrize(
    "text",
    [
        "# a comment\n\n" + TEXT,
        TEXT.replace("\n", "  # a comment\n", 2),
        replaced(AGE, f"    kms: []\n    gcp_kms: []\n    azure_kv: null\n    hc_vault: []\n{AGE}    pgp: []\n"),
        replaced(f"API_KEY: {FIRST}", f"'API_KEY': \"{FIRST}\""),
        replaced(f"API_KEY: {FIRST}", f"API_KEY:\n  {FIRST}"),
        "\ufeff" + TEXT,
        "---\n" + TEXT,
        "".join(TEXT.partition("sops:")[i] for i in (1, 2, 0)),
        TEXT.replace("    version: 3.11.0\n", ""),
        TEXT.replace("    unencrypted_suffix: _unencrypted\n", ""),
    ],
)
def test_what_makes_no_difference_is_taken(text: str) -> None:
    assert faults(text) == []
    assert opened(text) == VALUES


def test_line_ends_of_windows_are_taken_with_a_warning() -> None:
    assert faults(TEXT.replace("\n", "\r\n")) == [("carriage-return", 1)]
    assert read_sealed(PATH, TEXT.replace("\n", "\r\n").encode())[0] is not None


TIME, MAC, RULE, ONLY, VERSION = range(len(LINES) - 4, len(LINES) + 1)
END = len(LINES) + 1
SEALED_INT = FIRST.replace("type:str", "type:int")

REFUSED: tuple[tuple[str | bytes, str, int], ...] = (
    # the values
    (replaced(FIRST, "in-clear"), "clear-value", 1),
    (replaced(FIRST, '"in-clear"'), "clear-value", 1),
    (replaced(FIRST, '""'), "clear-value", 1),
    (replaced(f" {FIRST}", ""), "clear-value", 1),
    (replaced(FIRST, "null"), "clear-value", 1),
    (replaced(FIRST, "~"), "clear-value", 1),
    (replaced(FIRST, "!unset"), "clear-value", 1),
    (replaced(FIRST, f"['{FIRST}']"), "clear-value", 1),
    (replaced(FIRST, f"\n    B: {FIRST}"), "clear-value", 2),
    (replaced(FIRST, f"!!str {FIRST}"), "clear-value", 1),
    (replaced(FIRST, f"!expand {FIRST}"), "clear-value", 1),
    (replaced(FIRST, f"{FIRST} in-clear"), "invalid-ciphertext", 1),
    (replaced(FIRST, f"{FIRST}]"), "invalid-ciphertext", 1),
    (replaced(FIRST, f'" {FIRST}"'), "invalid-ciphertext", 1),
    (replaced(FIRST, f'"{FIRST}\\n"'), "invalid-ciphertext", 1),
    (replaced(FIRST, f"|\n  {FIRST}"), "invalid-ciphertext", 1),
    (replaced(FIRST, "ENC[]"), "invalid-ciphertext", 1),
    (replaced(FIRST, SEALED_INT), "invalid-ciphertext", 1),
    (replaced(FIRST, FIRST.replace("type:str", "type:comment")), "invalid-ciphertext", 1),
    (replaced(FIRST, FIRST.replace("type:str", "type:")), "invalid-ciphertext", 1),
    ("A: ''\n" + TEXT, "clear-value", 1),
    ("A: null\n" + TEXT, "clear-value", 1),
    ("EVIL_unencrypted: in-clear\n" + TEXT, "clear-value", 1),
    (f"EVIL_unencrypted: {FIRST}\n" + TEXT, "invalid-ciphertext", 1),
    # the names
    (replaced("API_KEY:", "TOKEN:"), "duplicate-variable", 3),
    (TEXT + TEXT[TEXT.index("sops:") :], "duplicate-variable", END),
    (replaced("API_KEY:", "!!str API_KEY:"), "invalid-name", 1),
    (replaced("API_KEY:", "? [API_KEY]\n:"), "invalid-name", 1),
    # the text
    (replaced("API_KEY:", "<<<<<<< a\n=======\n>>>>>>> b\nAPI_KEY:"), "merge-conflict", 1),
    (replaced(FIRST, f"&a {FIRST}"), "anchor", 1),
    (replaced(FIRST, "*a"), "anchor", 1),
    (f"{TEXT}---\nA: x\n", "several-documents", END),
    (TEXT.encode() + b"# \xff\n", "not-utf8", END),
    (replaced(FIRST, f"{FIRST}\0"), "control-character", 1),
    (replaced("API_KEY: ", "API_KEY "), "invalid-yaml", 2),
    ("[" * 100, "too-deep", 1),
    # no metadata
    ("", "invalid-metadata", 1),
    ("A: in-clear\n", "invalid-metadata", 1),
    ("[]\n", "invalid-metadata", 1),
    ("text\n", "invalid-metadata", 1),
    (TEXT[: TEXT.index("sops:")], "invalid-metadata", 1),
    (replaced("sops:", "SOPS:"), "invalid-metadata", 1),
    # metadata that says something else
    (TEXT[: TEXT.index("sops:")] + "sops: x\n", "invalid-metadata", 4),
    (TEXT[: TEXT.index("sops:")] + "sops: {}\n", "invalid-metadata", 4),
    (replaced("    version:", "    versions:"), "invalid-metadata", VERSION),
    (replaced("    version:", "    later: x\n    version:"), "invalid-metadata", VERSION),
    (replaced("    version:", "    mac: x\n    version:"), "invalid-metadata", VERSION),
    (replaced("    version: 3.11.0", "    version: [3]"), "invalid-metadata", VERSION),
    (re.sub("    mac:.*\n", "", TEXT), "invalid-metadata", 4),
    (re.sub("    mac:.*\n", "    mac: x\n", TEXT), "invalid-metadata", MAC),
    (re.sub("    mac:.*\n", '    mac: ""\n', TEXT), "invalid-metadata", MAC),
    (re.sub("(    mac:.*)\n", r"\1]" + "\n", TEXT), "invalid-metadata", MAC),
    (re.sub("(    mac:.*)type:str", r"\1type:int", TEXT), "invalid-metadata", MAC),
    (re.sub("    lastmodified:.*\n", "", TEXT), "invalid-metadata", 4),
    (replaced("2026-01-31T12:00:00Z", "2026-01-31"), "invalid-metadata", TIME),
    (replaced("2026-01-31T12:00:00Z", "2026-01-31T12:00:00.5Z"), "invalid-metadata", TIME),
    (replaced("_encrypted: true", "_encrypted: 'true'"), "invalid-metadata", ONLY),
    (replaced("_encrypted: true", "_encrypted: yes"), "invalid-metadata", ONLY),
    # two rules, or one that can't be judged
    (replaced("    version:", "    encrypted_suffix: _x\n    version:"), "invalid-metadata", VERSION),
    (replaced("unencrypted_suffix: _unencrypted", "encrypted_comment_regex: x"), "invalid-metadata", RULE),
    (replaced("unencrypted_suffix: _unencrypted", "unencrypted_regex: '(?=x)'"), "invalid-metadata", RULE),
    (replaced("unencrypted_suffix: _unencrypted", "unencrypted_regex: '('"), "invalid-metadata", RULE),
    (replaced("unencrypted_suffix: _unencrypted", r"unencrypted_regex: '\pL'"), "invalid-metadata", RULE),
    (replaced("unencrypted_suffix: _unencrypted", "unencrypted_regex: 'a++'"), "invalid-metadata", RULE),
    # recipients
    (replaced(AGE, ""), "invalid-metadata", 4),
    (replaced(AGE, "    age: []\n"), "invalid-metadata", 4),
    (replaced(AGE, "    age: {}\n"), "invalid-metadata", 5),
    (replaced(AGE, "    age: [x]\n"), "invalid-metadata", 5),
    (replaced(AGE, "    key_groups: []\n"), "invalid-metadata", 4),
    (replaced(AGE, "    key_groups: [{age: []}]\n"), "invalid-metadata", 4),
    (replaced(AGE, f"    key_groups: [{{age: [{{recipient: a, enc: b}}]}}]\n{AGE}"), "invalid-metadata", 5),
    (replaced(AGE, f"    key_groups: [{{x: []}}]\n{AGE}"), "invalid-metadata", 5),
    (replaced(AGE, f"    shamir_threshold: two\n{AGE}"), "invalid-metadata", 5),
    (replaced("- recipient:", "- recipients:"), "invalid-metadata", 6),
    (replaced(f"- recipient: {RECIPIENT}", "- x: y"), "invalid-metadata", 6),
    (replaced(f"- recipient: {RECIPIENT}", "- recipient: [y]"), "invalid-metadata", 6),
    (replaced(f"- recipient: {RECIPIENT}", '- recipient: ""'), "invalid-metadata", 6),
    (replaced(AGE, KMS.replace("context:", "context: x #").replace("  environment:", "#").replace("  Team:", "#")),
     "invalid-metadata", 8),
    (replaced(AGE, KMS.replace("Team: a b", "Team: [a]")), "invalid-metadata", 10),
    (replaced(AGE, KMS.replace("Team:", "environment:")), "invalid-metadata", 10),
)  # fmt: skip


@pytest.mark.parametrize(("text", "code", "line"), REFUSED, ids=[f"{n}-{REFUSED[n][1]}" for n in range(len(REFUSED))])
def test_what_sops_does_not_write_or_nobody_can_trust_is_refused(text: str | bytes, code: str, line: int) -> None:
    found = faults(text)
    assert (code, line) in found
    assert {each for each, _ in found} <= {code, "clear-value", "invalid-metadata"}


def test_all_faults_of_a_file_are_reported_at_once() -> None:
    text = TEXT.replace("type:str", "type:int", 2).replace("    version:", "    x: y\n    version:")
    assert faults(text) == [("invalid-metadata", VERSION), ("invalid-ciphertext", 1), ("invalid-ciphertext", 2)]


def test_a_clear_value_is_refused_where_the_mac_covers_only_encrypted_ones() -> None:
    clear = "LOG_unencrypted: info\n" + TEXT
    assert faults(clear) == [("clear-value", 1)]
    assert faults(clear.replace("    mac_only_encrypted: true\n", "")) == []
