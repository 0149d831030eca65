"""Fixtures of all tests that edit a tree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.editing.keeper import Keeper

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Keeper:
    return Keeper(tmp_path, monkeypatch)
