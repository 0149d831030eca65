"""Data keys of sealed files: by age, then by KMS, then by the user's own sops; each is opened once.

What KMS and sops need is imported by the function that asks them: it takes longer to import than age does to open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING

from envtree.adapters.keys import age
from envtree.adapters.keys.faults import KeyFault
from envtree.adapters.keys.identities import Identities, faults_for, read_identities
from envtree.adapters.keys.problems import cannot_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from envtree.adapters.aws.session import AwsSession
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.sealed.document import SealedFile
    from envtree.core.sealed.keys import WrappedKey

    Outcome = bytes | KeyFault

LENGTH = 32
"""Bytes of a data key: AES-256."""
AT_ONCE = 8
"""Files about whose keys KMS is asked at one time."""
OPENED_HERE = ("age", "kms")
NO_DATA_KEY = KeyFault("what it opens is no data key", "restore the file from git")


@dataclass(frozen=True, slots=True)
class LockedFile:
    """A sealed file whose data key is wanted. `is_grouped`: several keys are needed together (`key_groups`)."""

    path: str
    data: bytes = field(repr=False)
    keys: tuple[WrappedKey, ...] = field(repr=False)
    is_grouped: bool = False

    @classmethod
    def of(cls, sealed: SealedFile, data: bytes) -> LockedFile:
        """Return a sealed file that was read from these bytes."""
        return cls(sealed.path, data, sealed.keys, len(sealed.metadata.groups) > 1)

    def keys_of(self, kind: str) -> tuple[WrappedKey, ...]:
        """Return the copies of the data key of which one is enough, for recipients of a kind."""
        return tuple(key for key in self.keys if key.kind == kind and not self.is_grouped)


class DataKeys:
    """Opens data keys with the identities and credentials of one environment, and keeps them in memory."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._aws: AwsSession | None = None
        self._identities: Identities | None = None
        self._known: dict[object, bytes] = {}

    def open(self, files: Sequence[LockedFile]) -> tuple[dict[str, bytes], tuple[Diagnostic, ...]]:
        """Return the data key of each file by its path, and a diagnostic for each file that nothing opens."""
        known = {file.path: self._known.get(_name(file)) or self._by_age(file) for file in files}
        opened = {path: key for path, key in known.items() if key}
        left = [file for file in files if file.path not in opened]
        problems = []
        for file, by_kms in zip(left, self._side_by_side(left), strict=True):
            data_key, faults = _first(chain(by_kms, self._by_sops(file)))
            if data_key:
                opened[file.path] = data_key
            else:
                problems.append(cannot_open(file.path, file.keys, (*self._age_faults(file), *faults)))
        self._known |= {_name(file): opened[file.path] for file in files if file.path in opened}
        return opened, tuple(problems)

    def aws_session(self) -> AwsSession:
        """Return the one session with AWS, which finds credentials once."""
        from envtree.adapters.aws.session import AwsSession

        self._aws = self._aws or AwsSession(self._environ)
        return self._aws

    def _side_by_side(self, files: Sequence[LockedFile]) -> list[list[Outcome]]:
        """Ask KMS for the data keys of all files at the same time: an answer takes a while."""
        if not any(file.keys_of("kms") for file in files):
            return [[] for _ in files]
        from concurrent.futures import ThreadPoolExecutor

        session = self.aws_session()
        with ThreadPoolExecutor(min(AT_ONCE, len(files))) as pool:
            return list(pool.map(lambda file: _by_kms(file, session), files))

    def _by_age(self, file: LockedFile) -> bytes | None:
        keys = file.keys_of("age")
        identities = self._find_identities().usable if keys else ()
        opened = (age.open_with_age(key.encrypted, identities) for key in keys if identities)
        return next((each for each in opened if each and len(each) == LENGTH), None)

    def _by_sops(self, file: LockedFile) -> Iterator[Outcome]:
        """Ask sops, where it may know a key that envtree can't use."""
        others = any(key.kind not in OPENED_HERE for key in file.keys)
        if file.is_grouped or others or (file.keys_of("age") and self._find_identities().has_others):
            from envtree.adapters.keys.sops import open_with_sops

            yield open_with_sops(file.path, file.data, self._environ)

    def _age_faults(self, file: LockedFile) -> Iterator[KeyFault]:
        if keys := file.keys_of("age"):
            yield from faults_for([key.recipient for key in keys], self._find_identities())

    def _find_identities(self) -> Identities:
        if self._identities is None:
            self._identities = read_identities(self._environ)
        return self._identities


def _by_kms(file: LockedFile, session: AwsSession) -> list[Outcome]:
    """Return what KMS says to one copy of the data key after the other, until it opens one."""
    from envtree.adapters.keys.kms import open_with_kms

    outcomes: list[Outcome] = []
    for key in file.keys_of("kms"):
        outcomes.append(open_with_kms(key, session))
        if isinstance(outcomes[-1], bytes):
            break
    return outcomes


def _first(outcomes: Iterable[Outcome]) -> tuple[bytes | None, list[KeyFault]]:
    """Return the first data key; without one, why there is none."""
    faults = []
    for outcome in outcomes:
        if isinstance(outcome, bytes) and len(outcome) == LENGTH:
            return outcome, []
        faults.append(NO_DATA_KEY if isinstance(outcome, bytes) else outcome)
    return None, faults


def _name(file: LockedFile) -> object:
    """Return what a data key is kept by: all copies of it, so that no file is opened with what another one claims."""
    return (file.is_grouped, *((key.kind, key.recipient, key.encrypted, key.context) for key in file.keys))
