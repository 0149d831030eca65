"""What every test stands on: one state, however it is started; nothing of the user in reach; what root alone does."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence

import pytest

from tests.examples import register_profiles
from tests.surroundings import leave_terminal, settle

IS_ROOT = os.geteuid() == 0
LEFT_OUT = "only root can do what it is about"

register_profiles()


def is_worker(config: pytest.Config) -> bool:
    """Whether this process runs a share of the tests for another one."""
    return hasattr(config, "workerinput")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose a folder for temporary files: pytest's own has a fixed name, which another user may have taken."""
    if sys.flags.optimize:
        raise pytest.UsageError("the tests are assertions, which this Python leaves out: unset PYTHONOPTIMIZE")
    if sys.getfilesystemencoding() != "utf-8":
        raise pytest.UsageError("the tests need UTF-8 for the names of files: unset PYTHONUTF8, or set LC_ALL=C.UTF-8")
    sys.dont_write_bytecode = False  # the assertions of all files, as pytest has them, are made once and not each time
    if not is_worker(config) and config.option.basetemp is None:
        config.option.basetemp = tempfile.mkdtemp(prefix="envtree-tests-")
        config.stash[OWN_FOLDER] = config.option.basetemp


OWN_FOLDER = pytest.StashKey[str]()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: many tests wait for other processes, or for a disk."""
    return len(os.sched_getaffinity(0)) + 1


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Leave out what only root can do: this is the one place that decides it, and the end of the run counts it."""
    for item in items if not IS_ROOT else ():
        if item.get_closest_marker("root"):
            item.add_marker(pytest.mark.skip(reason=LEFT_OUT))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test that skips itself: a program or a right that it lacks is missed without a word."""
    report = yield
    if report.skipped and (IS_ROOT or item.get_closest_marker("root") is None):
        report.outcome, report.longrepr = "failed", f"a test is not skipped: {report.longrepr}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config) -> None:
    """Say how much was left out, and where the files of a failed run are; those of another go."""
    if left_out := len(terminalreporter.getreports("skipped")):
        terminalreporter.write_line(f"not run: {left_out} tests, of what only root can do")
    folder = config.stash.get(OWN_FOLDER, "")
    if folder and exitstatus == pytest.ExitCode.OK:
        for command in (("chmod", "-R", "u+rwX"), ("rm", "-rf")):  # tests leave folders that nobody may enter
            subprocess.run([*command, folder], check=False)
    elif folder:
        terminalreporter.write_line(f"the files of the tests are left in {folder}")


@pytest.fixture(scope="session", autouse=True)
def settled(request: pytest.FixtureRequest) -> Iterator[None]:
    """For the whole session, so that the fixtures of modules stand on it too."""
    if is_worker(request.config):
        leave_terminal()
    with pytest.MonkeyPatch.context() as patch:
        settle(patch)
        yield
