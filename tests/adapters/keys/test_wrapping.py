"""A data key that is wrapped is opened again, also by age itself; a recipient that is none is named."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from envtree.adapters.keys.new_key import make_key
from envtree.adapters.keys.opening import DataKeys
from envtree.adapters.keys.wrapping import wrap_data_key
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.tree import Span
from envtree.core.sealed.creation.recipient import Recipient
from tests.adapters.keys.user import DATA_KEY, locked
from tests.aws import FaultyAws

if TYPE_CHECKING:
    from tests.adapters.keys.user import User
    from tests.aws import Moto

SPAN = Span(".sops.yaml", 3, 10, 5)


@pytest.mark.parametrize("kind", ["age", "ed25519", "rsa"])
def test_the_program_age_opens_what_is_wrapped(user: User, kind: str) -> None:
    path, recipient = user.age_key() if kind == "age" else user.ssh_key(kind, "key")
    (wrapped,) = wrap_data_key(DATA_KEY, [Recipient("age", recipient)], DataKeys(user.environ))
    command = ["age", "--decrypt", "--identity", str(path)]
    done = subprocess.run(command, input=wrapped.encrypted.encode(), env=user.environ, capture_output=True, check=True)
    assert done.stdout == DATA_KEY
    assert (wrapped.kind, wrapped.recipient, wrapped.created) == ("age", recipient, "")


def test_each_recipient_gets_a_copy_in_their_order(user: User, moto: Moto) -> None:
    path, age = user.age_key()
    _, ssh = user.ssh_key("ed25519", ".ssh/id_ed25519")
    context = (("environment", "production"), ("a:b", "c"))
    role = "arn:aws:iam::123456789012:role/x"
    recipients = [
        Recipient("kms", moto.key(), role, context),
        Recipient("age", age),
        Recipient("kms", moto.key()),
        Recipient("age", ssh),
    ]
    environ = {**user.environ, **moto.environ}
    wrapped = wrap_data_key(DATA_KEY, recipients, DataKeys(environ))
    assert [each.recipient for each in wrapped] == [each.name for each in recipients]
    assert (wrapped[0].role, wrapped[0].context) == (role, context)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", wrapped[0].created)
    environ["SOPS_AGE_KEY_FILE"] = str(path)
    for each in wrapped:
        assert DataKeys(environ).open([locked(each)]) == ({locked().path: DATA_KEY}, ())


def test_a_role_is_assumed_once_for_all_files(user: User, moto: Moto) -> None:
    recipient = Recipient("kms", moto.key(), "arn:aws:iam::123456789012:role/x")
    with FaultyAws(moto.url) as front:
        keys = DataKeys({**user.environ, **front.environ})
        for _ in range(2):
            wrap_data_key(DATA_KEY, [recipient], keys)
        assert (front.calls.count("AssumeRole"), front.calls.count("TrentService.Encrypt")) == (1, 2)


def test_every_recipient_that_is_none_is_named_where_it_is(user: User) -> None:
    _, good = user.age_key()
    bad = [
        Recipient("age", "age1canary", span=SPAN),
        Recipient("age", "ssh-ed25519 AAAA", span=SPAN),
        Recipient("age", "ecdsa-sha2-nistp256 AAAA", span=SPAN),
        Recipient("kms", "alias/x", span=SPAN),
        Recipient("kms", "arn:aws:kms:eu-central-1:123456789012:key/x", span=SPAN),
        Recipient("pgp", "FINGERPRINT", span=SPAN),
        Recipient("hc_vault", "https://vault/v1/transit/keys/x", span=SPAN),
    ]
    with pytest.raises(EnvtreeError) as caught:
        wrap_data_key(DATA_KEY, [Recipient("age", good), *bad], DataKeys(user.environ))
    problems = caught.value.diagnostics
    assert len(problems) == len(bad)
    assert all(problem.help and problem.span == SPAN for problem in problems)
    words = [problem.notes[0] for problem in problems]
    assert words[:3] == ["it is no age recipient"] * 3
    assert words[3] == "KMS can't be asked: this is no ARN of a key"
    assert words[4] == "KMS can't be asked: this process has no AWS credentials"
    assert words[5:] == ["envtree encrypts for age and KMS alone"] * 2


def test_a_new_key_is_in_sops_own_file_for_its_user_alone(user: User) -> None:
    made = make_key(user.environ)
    assert made.path == str(user.own_file)
    assert user.own_file.stat().st_mode & 0o777 == 0o600
    assert user.own_file.parent.stat().st_mode & 0o777 == 0o700
    assert user.run("age-keygen", "-y", user.own_file).strip() == made.recipient
    assert f"# public key: {made.recipient}\n" in user.own_file.read_text()


@pytest.mark.parametrize("cut", [0, 1], ids=["whole", "without a last line end"])
def test_a_new_key_is_added_to_those_that_are_there(user: User, cut: int) -> None:
    path, first = user.age_key(str(user.own_file))
    text = path.read_text()
    path.write_text(text[: len(text) - cut])
    made = make_key(user.environ)
    assert user.run("age-keygen", "-y", user.own_file).split() == [first, made.recipient]
    assert path.read_text().startswith(text)
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_key_is_not_added_where_others_could_read_it_or_through_a_link(user: User) -> None:
    path, _ = user.age_key(str(user.own_file))
    text = path.read_text()
    path.chmod(0o644)
    assert "others" not in text
    with pytest.raises(EnvtreeError, match="other users can read it"):
        make_key(user.environ)
    assert path.read_text() == text
    path.rename(user.home / "moved")
    path.symlink_to(user.home / "moved")
    with pytest.raises(EnvtreeError, match="can't be written: too many levels of symbolic links"):
        make_key(user.environ)
    path.unlink()
    path.mkdir()
    with pytest.raises(EnvtreeError, match="can't be written: is a directory"):
        make_key(user.environ)


def test_without_a_home_no_key_is_made() -> None:
    with pytest.raises(EnvtreeError, match="there is no place for a key"):
        make_key({})


def test_a_place_where_nothing_can_be_written_is_named(user: User) -> None:
    with pytest.raises(EnvtreeError, match="can't be written"):
        make_key({**user.environ, "XDG_CONFIG_HOME": "/proc"})
