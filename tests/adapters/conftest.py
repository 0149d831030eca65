"""Servers that the tests of several adapters ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.aws import FREE, FaultyAws, Moto

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def started_moto() -> Iterator[Moto]:
    with Moto() as moto:
        yield moto


@pytest.fixture
def moto(started_moto: Moto) -> Iterator[Moto]:
    """AWS, where whoever asks may do everything unless a test enforces permissions."""
    yield started_moto
    started_moto.enforce(FREE)


@pytest.fixture
def front(moto: Moto, monkeypatch: pytest.MonkeyPatch) -> Iterator[FaultyAws]:
    monkeypatch.setattr("envtree.adapters.aws.call.FIRST", 0.01)
    with FaultyAws(moto.url) as started:
        yield started
