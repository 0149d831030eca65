"""What the tests of keys start from."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.adapters.keys.user import User

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def user() -> Iterator[User]:
    """A user whose home has a short path: the sockets of gpg's agent are in it."""
    home = Path(tempfile.mkdtemp(prefix="user-"))
    made = User(home)
    yield made
    if (home / ".gnupg").exists():
        made.run("gpgconf", "--kill", "all")
    shutil.rmtree(home)
