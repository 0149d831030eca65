"""Repositories that try to have their own programs run: by configuration, attributes, references, objects and files.

Each payload touches a file. A control runs git as a user would, and shows that the payload works.
"""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from tests.adapters import hostile_objects as objects
from tests.adapters import hostile_settings as settings
from tests.builders import small_tree
from tests.repositories import AUTHOR, attempt, commit, git, init
from tests.waiting import LONG

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COMMON = "configs/common.yaml"
SCHEMA = "from envtree import Secret, Settings\n\n\nclass Common(Settings):\n    A: int\n    B: Secret[str]\n"
TREE = small_tree(**{COMMON: "A: 1\nB: hidden\n", "schemas/common.py": SCHEMA})


class Place(NamedTuple):
    """Where a hostile repository lies, and what is to happen."""

    top: Path
    payload: Path
    """A program that leaves a mark."""
    mark: Path

    def config(self, *settings: tuple[str, str]) -> None:
        """Settings of the repository's own."""
        for name, value in settings:
            git(self.top, "config", "--add", name, value)

    def write(self, path: str, text: str) -> Path:
        """A file, anywhere below the repository."""
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


class Scenario(NamedTuple):
    """One way to be hostile."""

    make: Callable[[Place], object]
    control: tuple[tuple[str, ...], ...] = ()
    """Git command lines that run the payload; none where git itself never would."""
    is_same: bool = True
    """What is read is what a friendly repository holds, so that all is answered in the same words."""


def place(folder: Path) -> Place:
    """A friendly repository of three commits, and a payload that nothing names yet."""
    top = init(folder / "repository")
    for number in (1, 2, 3):
        commit(top, {**TREE, COMMON: f"A: {number}\nB: hidden\n"}, f"version {number}")
    payload, mark = folder / "payload", folder / "mark"
    payload.write_text(f'#!/bin/sh\necho "$0 $*" >> {mark}\n')
    payload.chmod(0o755)
    return Place(top, payload, mark)


def copied(template: Path, folder: Path) -> Place:
    """The friendly repository once more, with a payload of its own."""
    shutil.copytree(template, folder, symlinks=True)
    here = Place(folder / "repository", folder / "payload", folder / "mark")
    here.payload.write_text(here.payload.read_text().replace(str(template), str(folder)))
    return here


def on_terminal(folder: Path, *words: str) -> None:
    """Run git on a terminal of its own, so that it starts its pager."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, **AUTHOR, "TERM": "xterm"}
    child = subprocess.Popen(["git", *words], cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment)
    os.close(theirs)
    try:
        while os.read(ours, 4096):
            pass
    except OSError:  # the other end is closed
        pass
    child.wait()
    os.close(ours)


def run_control(scenario: Scenario, here: Place) -> None:
    """Do what a user would do, without a fence."""
    for words in scenario.control:
        if words[0] == "terminal":
            on_terminal(here.top, *words[1:])
        elif words[0] == "sh":
            subprocess.run(["sh", "-c", words[1]], cwd=here.top, capture_output=True, check=False, timeout=LONG)
        else:
            attempt(here.top, *words)


STATUS, LOG = (("status",),), (("log", "-p", "--ext-diff"), ("blame", COMMON))
MISSING = (("cat-file", "-p", f"HEAD~1:{COMMON}"),)
SCENARIOS = {
    "fsmonitor": Scenario(lambda here: here.config(("core.fsmonitor", str(here.payload))), STATUS),
    "filters": Scenario(settings.filters, STATUS),
    "a filter that goes on": Scenario(settings.filter_process, STATUS),
    "attributes in the tree": Scenario(settings.committed_attributes, STATUS, is_same=False),
    "textconv": Scenario(settings.textconv, LOG),
    "an external diff": Scenario(settings.external_diff, LOG),
    "hooks": Scenario(settings.hooks, (("commit", "--allow-empty", "-m", "x"),)),
    "aliases": Scenario(settings.aliases, (("zz",),)),
    "signatures": Scenario(settings.signatures, (("log",), ("tag", "-v", "signed")), is_same=False),
    "a promise by ext": Scenario(settings.promising("ext::{payload}"), MISSING, is_same=False),
    "a promise by ssh": Scenario(
        settings.promising("ssh://127.0.0.1:9/x", ("core.sshCommand", "{payload}")), MISSING, is_same=False
    ),
    "a promise by a proxy": Scenario(
        settings.promising("git://127.0.0.1:9/x", ("core.gitProxy", "{payload}")), MISSING, is_same=False
    ),
    "a promise by uploadpack": Scenario(settings.by_uploadpack, MISSING, is_same=False),
    "network": Scenario(settings.network, (("fetch", "origin"), ("credential", "fill"))),
    "alternate references": Scenario(settings.alternate_references, (("fetch", "-q", "../lender.git"),)),
    "included": Scenario(settings.included, STATUS),
    "configuration of the worktree": Scenario(settings.worktree_configuration, STATUS),
    "a repository elsewhere": Scenario(settings.repository_elsewhere, STATUS),
    "editors": Scenario(settings.editors, (("commit", "--amend"),)),
    "viewers of help": Scenario(settings.viewers, (("rev-list", "--help"),)),
    "pagers": Scenario(settings.pagers, (("terminal", "log"),)),
    "replaced objects": Scenario(settings.replaced, (("sh", "git log | grep -o '[^ ]*/mark' | xargs touch"),)),
    "grafts": Scenario(settings.grafted, (("sh", "git rev-parse HEAD~1 || touch ../mark"),)),
    "submodules": Scenario(settings.submodules, (("submodule", "update", "--force"),), is_same=False),
    "a git in the tree": Scenario(settings.shim, (("sh", "PATH=.:$PATH; git status"),)),
    "references": Scenario(
        settings.many_references,
        (("sh", "git symbolic-ref HEAD | grep -o 'mark' | xargs -I@ touch ../@"),),
        is_same=False,
    ),
    "traces": Scenario(settings.traces),
    "a working tree elsewhere": Scenario(settings.elsewhere, is_same=False),
    "files of others": Scenario(settings.files_of_others),
    "merge drivers": Scenario(settings.merge_drivers, (("merge", "theirs"),)),
    "large files": Scenario(settings.big_files),
    "odd formats": Scenario(settings.odd_formats),
    "all at once": Scenario(settings.all_at_once, STATUS),
    "settings without end": Scenario(lambda here: here.config(("include.path", "config")), is_same=False),
    "a bare one with files": Scenario(lambda here: here.config(("core.bare", "true")), is_same=False),
    "objects borrowed in a circle": Scenario(
        lambda here: here.write(".git/objects/info/alternates", f"{here.top}/.git/objects\n../objects\n/dev\n/proc\n")
    ),
    **{
        each.__name__.replace("_", " "): Scenario(each, is_same=False)
        for each in (
            objects.odd_authors,
            objects.mailmap,
            objects.odd_names,
            objects.odd_modes,
            objects.not_what_it_says,
            objects.nowhere_to_be_found,
            objects.twice_the_same,
            objects.names_that_lead_away,
            objects.no_name,
            objects.no_mode,
            objects.very_deep,
            objects.settings_elsewhere,
        )
    },
}
