"""What every test stands on: the user's own files, settings and network are out of reach."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

NOWHERE = "/dev/null/nowhere"  # below a file, so that not even root can create it
REFUSED = "http://127.0.0.1:9"  # the discard port, where nobody listens

# What a user, a git hook or a CI runner may have set, and a test must not see.
OWN_PREFIXES = ("AWS_", "ENVTREE_", "GIT_", "HEROKU_", "SOPS_", "XDG_")
OWN_NAMES = ("CLICOLOR", "CLICOLOR_FORCE", "COLUMNS", "FORCE_COLOR", "GITHUB_ACTIONS", "NO_COLOR", "PY_COLORS")

settings.register_profile("envtree", deadline=None)  # a busy machine is not a failure
settings.load_profile("envtree")


@pytest.fixture(scope="session", autouse=True)
def nothing_of_the_user() -> Iterator[None]:
    """For the whole session, so that the fixtures of modules stand on it too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in tuple(os.environ):
            if name.startswith(OWN_PREFIXES) or name in OWN_NAMES:
                patch.delenv(name)
        for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
            patch.setenv(name, NOWHERE)
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_TERMINAL_PROMPT", "0")
        for name in ("all_proxy", "http_proxy", "https_proxy"):
            patch.setenv(name, REFUSED)
            patch.setenv(name.upper(), REFUSED)
        patch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", REFUSED)
        for name in ("no_proxy", "NO_PROXY"):
            patch.setenv(name, "127.0.0.1,localhost")  # the servers that tests start
        yield
