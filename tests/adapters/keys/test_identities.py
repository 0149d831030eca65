"""Identities are read from where sops looks; what can't be used says why, and never with a part of a key."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.keys import age
from envtree.adapters.keys.identities import Identities, faults_for, read_identities
from envtree.adapters.keys.places import own_key_file

if TYPE_CHECKING:
    from tests.adapters.keys.user import User


def opens(identities: Identities, encrypted: str) -> bool:
    return bool(identities.usable) and age.open_with_age(encrypted, identities.usable) is not None


def fault(identities: Identities) -> tuple[str, str]:
    """The one thing that is said to be wrong where a file is for an age and an SSH key, and none opens it."""
    counted = bool(identities.usable)
    found = [*faults_for(["age1", "ssh-rsa AAAA"], identities)][counted:]
    assert len(found) == 1
    assert "AGE-SECRET-KEY" not in found[0].words.replace("`AGE-SECRET-KEY-1...`", "")
    return found[0]


PLACES = ["SOPS_AGE_KEY", "SOPS_AGE_KEY_FILE", "XDG_CONFIG_HOME", ".config/sops/age/keys.txt"]


@pytest.mark.parametrize("place", PLACES)
def test_an_age_identity_is_found_where_sops_looks(user: User, place: str) -> None:
    name = {"XDG_CONFIG_HOME": "xdg/sops/age/keys.txt", PLACES[-1]: PLACES[-1]}.get(place, "key.txt")
    path, recipient = user.age_key(name)
    text = {"SOPS_AGE_KEY": path.read_text(), "SOPS_AGE_KEY_FILE": str(path), "XDG_CONFIG_HOME": f"{user.home}/xdg"}
    environ = {**user.environ, **({place: text[place]} if place in text else {})}
    identities = read_identities(environ)
    assert opens(identities, user.age(recipient))
    assert (identities.faults, identities.ssh_faults) == ((), ())
    sealed = user.sops("encrypt", "--age", recipient, "--input-type", "yaml", _plain(user))
    (user.home / "sealed.yaml").write_text(sealed)
    assert user.sops("decrypt", "sealed.yaml", environ=environ) == "A: b\n"


def _plain(user: User) -> Path:
    path = user.home / "plain.yaml"
    path.write_text("A: b\n")
    return path


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
@pytest.mark.parametrize("named", [False, True])
def test_an_ssh_key_is_found_where_sops_looks(user: User, kind: str, named: bool) -> None:
    path, recipient = user.ssh_key(kind, "elsewhere" if named else f".ssh/id_{kind}")
    environ = {**user.environ, **({"SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(path)} if named else {})}
    assert opens(read_identities(environ), user.age(recipient))


def test_a_named_ssh_key_is_used_alone(user: User) -> None:
    _, first = user.ssh_key("ed25519", ".ssh/id_ed25519")
    named, second = user.ssh_key("ed25519", "named")
    identities = read_identities({**user.environ, "SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(named)})
    assert not opens(identities, user.age(first))
    assert opens(identities, user.age(second))


def test_a_key_file_has_comments_empty_lines_and_several_identities(user: User) -> None:
    (one, first), (two, second) = user.age_key("one"), user.age_key("two")
    user.own_file.parent.mkdir(parents=True)
    user.own_file.write_text(f"# mine\r\n\r\n{one.read_text()}\n\n  {two.read_text().splitlines()[-1]}  \n# end")
    user.own_file.chmod(0o600)
    identities = read_identities(user.environ)
    assert opens(identities, user.age(first))
    assert opens(identities, user.age(second))
    assert (identities.faults, identities.ssh_faults) == ((), ())


def test_no_identity_at_all_says_how_to_make_one(user: User) -> None:
    words, advice = fault(read_identities(user.environ))
    assert words == "no age identity was found"
    assert "envtree init --secrets --new-key" in advice
    assert read_identities({}).usable == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o777])
@pytest.mark.parametrize("is_ssh", [False, True])
def test_a_key_file_that_others_can_read_is_not_used(user: User, mode: int, is_ssh: bool) -> None:
    path, _ = user.ssh_key("ed25519", ".ssh/id_ed25519") if is_ssh else user.age_key(str(user.own_file))
    path.chmod(mode)
    identities = read_identities(user.environ)
    assert identities.usable == ()
    assert fault(identities) == (f"`{path}` is not used: other users can read it", f"`chmod 600 {path}`")
    path.chmod(0o400)
    assert len(read_identities(user.environ).usable) == 1


@pytest.mark.root
def test_a_key_file_of_root_may_be_readable_for_a_group(user: User) -> None:
    path, _ = user.age_key(str(user.own_file))
    for owner, mode, count in ((1, 0o640, 1), (1, 0o644, 0), (0, 0o640, 0)):
        os.chown(path, owner, 0)
        path.chmod(mode)
        assert len(read_identities(user.environ).usable) == count


MALFORMED = {
    "a word": ("canary\n", 1, "is no age identity"),
    "a cut identity": ("# a\nAGE-SECRET-KEY-1CANARY\n", 2, "is no age identity"),
    "a recipient": ("\n\nage1canary\n", 3, "is no age identity"),
    "no text": (b"\xff\xfe\n", 1, "is no age identity"),
}


@pytest.mark.parametrize(("text", "line", "words"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_line_is_named_by_its_number(user: User, text: str | bytes, line: int, words: str) -> None:
    path, recipient = user.age_key()
    data = (text if isinstance(text, bytes) else text.encode()) + path.read_bytes()
    path.write_bytes(data)
    identities = read_identities({**user.environ, "SOPS_AGE_KEY_FILE": str(path)})
    said, advice = fault(identities)
    assert said == f"line {line} of `{path}` {words}"
    assert "canary" not in f"{said}{advice}".lower()
    assert opens(identities, user.age(recipient))


def test_a_malformed_variable_is_named(user: User) -> None:
    words, _ = fault(read_identities({**user.environ, "SOPS_AGE_KEY": "canary"}))
    assert words == "line 1 of `SOPS_AGE_KEY` is no age identity"


def test_keys_with_a_passphrase_are_not_asked_for_it(user: User) -> None:
    path, _ = user.ssh_key("ed25519", "ssh", "passphrase")
    words, advice = fault(read_identities({**user.environ, "SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(path)}))
    assert words == f"`{path}` is protected by a passphrase"
    assert "without one" in advice
    old, _ = user.ssh_key("rsa", "pem", "passphrase", "-m", "PEM")
    words, _ = fault(read_identities({**user.environ, "SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(old)}))
    assert words == f"`{old}` is protected by a passphrase"
    path.write_text("-----BEGIN AGE ENCRYPTED FILE-----\nx\n")
    words, _ = fault(read_identities({**user.environ, "SOPS_AGE_KEY_FILE": str(path)}))
    assert words == f"`{path}` is encrypted with a passphrase"


def test_ssh_keys_are_not_spoken_of_where_a_file_is_for_none(user: User) -> None:
    user.ssh_key("ed25519", ".ssh/id_ed25519", "passphrase")
    identities = read_identities(user.environ)
    assert [each.words for each in faults_for(["age1"], identities)] == ["no age identity was found"]
    assert [each.words for each in faults_for(["age1", "ssh-ed25519 A"], identities)] == [
        f"`{user.home}/.ssh/id_ed25519` is protected by a passphrase"
    ]


def test_an_ssh_key_that_age_does_not_take_is_said_to_be_one(user: User) -> None:
    path, _ = user.ssh_key("ecdsa", "ec")
    words, _ = fault(read_identities({**user.environ, "SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(path)}))
    assert words == f"`{path}` is an SSH key of a kind that age doesn't take"
    path.write_text("canary")
    words, _ = fault(read_identities({**user.environ, "SOPS_AGE_SSH_PRIVATE_KEY_FILE": str(path)}))
    assert words == f"`{path}` is no private key of SSH"


@pytest.mark.parametrize("text", ["AGE-PLUGIN-YUBIKEY-1QQ", "AGE-SECRET-KEY-PQ-1QQ"])
def test_identities_of_a_plugin_are_left_to_sops(user: User, text: str) -> None:
    identities = read_identities({**user.environ, "SOPS_AGE_KEY": text})
    assert identities.usable == ()
    assert identities.has_others
    assert read_identities({**user.environ, "SOPS_AGE_KEY_CMD": "touch /canary"}).has_others
    assert not Path("/canary").exists()


SPECIAL = {
    "a pipe": lambda path: os.mkfifo(path, 0o600),
    "a folder": lambda path: path.mkdir(),
    "endless": lambda path: path.symlink_to("/dev/zero"),
    "a device": lambda path: path.symlink_to("/dev/tty"),
    "too large": lambda path: path.write_bytes(b"#" * (2 << 20)),
    "nothing": lambda path: None,
    "a link to itself": lambda path: path.symlink_to(path),
}


@pytest.mark.parametrize("variable", ["SOPS_AGE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_FILE"])
@pytest.mark.parametrize("make", SPECIAL.values(), ids=SPECIAL)
def test_what_is_no_plain_file_is_never_waited_for(user: User, make: object, variable: str) -> None:
    path = user.home / "special"
    assert callable(make)
    make(path)
    words, advice = fault(read_identities({**user.environ, variable: str(path)}))
    assert re.fullmatch(f"`{path}` (can't be read: .*|is larger than 1 MiB, .*)", words)
    assert variable in advice or "larger" in words


def test_a_name_that_is_none_is_said_to_be_one(user: User) -> None:
    words, _ = fault(read_identities({**user.environ, "SOPS_AGE_KEY_FILE": "a\nb"}))
    assert words == "`a\\nb` can't be read: no such file or directory"


def test_without_a_home_there_is_no_own_file() -> None:
    assert own_key_file({}) is None
    assert own_key_file({"HOME": "relative", "XDG_CONFIG_HOME": "relative"}) is None
    assert own_key_file({"HOME": "/h", "XDG_CONFIG_HOME": "relative"}) == "/h/.config/sops/age/keys.txt"
