"""`validate --staged` with what was judged good before: never good where all of it, judged anew, is not."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, note
from hypothesis import strategies as st

from envtree.commands.staged import quick_verdict, read_staged, save_verdict
from envtree.commands.validate import validate
from envtree.core.model.diagnostic import EnvtreeError
from envtree.core.model.source import INDEX
from tests.builders import ROOT, envtree, write_tree
from tests.cli.running import ENVTREE, Done, run
from tests.cli.staging import (
    ACCOUNTS,
    BILLING,
    COMMON,
    PROMISING,
    PROMISING_BASE,
    RELATIONS,
    SETTINGS,
    TREE,
    Edits,
    Index,
    Texts,
    applied,
    some_edits,
    stage,
)
from tests.examples import examples
from tests.repositories import attempt, commit, git, init, repository
from tests.sealed_files import KEY, sealed_layer

if TYPE_CHECKING:
    from collections.abc import Callable

EXTENT = "7 processes of 3 services in 2 environments"
BEFORE = f"valid, as it was judged before: {EXTENT}\n"
NOWHERE = "/dev/null/nowhere"

SECRET_PORT: Edits = {"configs/billing/web/review.yaml": "PORT: 5003\nADMIN_PORT: 5009\n"}
NAMES_ANOTHERS: Edits = {"configs/mail/common.yaml": "CERTIFICATE: !file ../accounts/web/common.yaml\n"}


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where what was judged good is kept during a test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def top(tmp_path: Path, cache: Path) -> Path:
    """A repository whose index was judged good."""
    return judged(repository(tmp_path / "repository", TREE))


def judged(top: Path) -> Path:
    done = run(top, "validate", "--staged")
    assert (done.code, done.stdout) == (0, ""), done
    return top


def judge(folder: Path, *words: str | Path, **environment: str) -> Done:
    """What is said with what was judged before, after a look that what is said without it is no other."""
    argv = ("validate", "--staged", *map(str, words))
    quick, anew = (
        run(folder, *argv, env=environment),
        run(folder, *argv, env={**environment, "XDG_CACHE_HOME": NOWHERE}),
    )
    assert (quick.code, quick.stdout) == (anew.code, anew.stdout)
    assert quick.stderr == anew.stderr or (
        quick.code == 0 and quick.stderr.startswith("valid") == anew.stderr.startswith("valid")
    )
    return quick


# What is good, and seen to be so without a look at all of it.

SMALL: dict[str, tuple[Edits, int]] = {
    "a line is changed": ({"configs/accounts/common.yaml": "LEAST: 3\n"}, 4),
    "a line of one process is": ({"configs/mail/web/production.yaml": "LEVEL: low\n"}, 1),
    "layers of two services are": (
        {"configs/accounts/jobs/production.yaml": "QUEUE: fast\n", "configs/mail/common.yaml": ""},
        5,
    ),
    "a layer is removed": ({"configs/billing/common.yaml": None}, 2),
    "a layer is added": ({"configs/accounts/production.yaml": "URL: one\n"}, 4),
    "a layer is moved to another service": (
        {"configs/billing/production.yaml": "LEAST: 2\n", "configs/accounts/common.yaml": None},
        6,
    ),
    "a mode is changed": ({"configs/mail/common.yaml": "#!\nLEVEL: low\n"}, 1),
    "processes of one service swap their ports": (
        {"configs/accounts/web/common.yaml": "PORT: 5001\n", "configs/accounts/jobs/common.yaml": "PORT: 5000\n"},
        4,
    ),
    "a port is changed where machines are not shared": ({"configs/billing/web/production.yaml": "PORT: 5000\n"}, 2),
    "a file of a wider layer is named too": ({"configs/mail/common.yaml": "CERTIFICATE: !file ../ca.pem\n"}, 1),
    "a value is not what a schema of the service promises to differ": (
        {"configs/accounts/web/review.yaml": "ONLY: two\n", "configs/accounts/web/production.yaml": "ONLY: one\n"},
        4,
    ),
    "a dotfile is added": ({"configs/accounts/.hidden.yaml": "A: [\n"}, 4),
    "a file of its own is named": (
        {"configs/mail/common.yaml": "CERTIFICATE: !file ca.pem\n", "configs/mail/ca.pem": "one"},
        1,
    ),
}


@pytest.mark.parametrize("name", SMALL)
def test_what_few_processes_see_is_judged_by_what_they_get(name: str, top: Path) -> None:
    edits, seeing = SMALL[name]
    stage(top, applied(TREE, edits))
    assert judge(top).stderr == f"valid: {seeing} of {EXTENT} can see what differs from what was judged before\n"
    assert judge(top).stderr == BEFORE


def test_a_sealed_layer_that_opens_is_judged_like_any_other(top: Path) -> None:
    stage(top, applied(TREE, {"configs/accounts/web/common.sops.yaml": sealed_layer(TOKEN="x")}))
    assert judge(top, **KEY).stderr == f"valid: 4 of {EXTENT} can see what differs from what was judged before\n"
    stage(top, applied(TREE, {"configs/accounts/web/common.sops.yaml": sealed_layer(TOKEN="x", LEAST="9")}))
    assert "error[inconsistent-values]" in judge(top, **KEY).stdout


def test_a_sealed_layer_that_stays_closed_is_said_each_time(top: Path) -> None:
    stage(top, applied(TREE, {"configs/accounts/web/common.sops.yaml": sealed_layer(TOKEN="x")}))
    for _ in range(2):
        assert judge(top).stderr.endswith("; the values of 1 sealed layer were not checked\n")


def test_what_was_judged_by_a_part_is_gone_on_from(top: Path) -> None:
    files = TREE
    for path, text in (
        ("configs/accounts/common.yaml", "LEAST: 3\nTOKEN: one\n"),
        ("configs/mail/common.yaml", ""),
        ("configs/billing/web/common.yaml", "PORT: 5002\nLEAST: 2\n"),
    ):
        files = applied(files, {path: text})
        stage(top, files)
        assert " can see what differs " in judge(top).stderr
    for path, text, said in (
        ("configs/mail/common.yaml", "LEVEL: none\n", "error[invalid-value]"),
        ("configs/billing/web/review.yaml", "PORT: 5000\n", "error[port-clash]"),
        ("configs/accounts/production.yaml", "URL: !expand x${TOKEN}\n", "warning[undeclared-secret]"),
    ):
        stage(top, applied(files, {path: text}))
        assert said in judge(top).stdout
    stage(top, files)
    assert judge(top).stderr == BEFORE


def test_files_that_others_name_are_in_nobodys_way(tmp_path: Path, cache: Path) -> None:
    files = TREE | {
        "configs/common.yaml": "CERTIFICATE: !file keys/ca.pem\n",
        "configs/keys/ca.pem": "one",
        "configs/mail/common.yaml": "CERTIFICATE: !file ../mail.pem\nURL: !file url.txt\n",
        "configs/mail.pem": "one",
        "configs/mail/url.txt": "one",
    }
    top = judged(repository(tmp_path / "repository", files))
    stage(top, applied(files, {"configs/billing/common.yaml": None}))
    assert judge(top).stderr.startswith("valid: 2 of 7 processes ")
    stage(top, applied(files, {"configs/mail/common.yaml": "URL: !file url.txt\n"}))
    assert "`configs/mail.pem` is no part of the tree" in judge(top).stdout


@pytest.mark.parametrize(
    "edits",
    [
        {"configs/common.yaml": "LEVEL: high\nMOST: 5\n"},
        {"configs/accounts/web/review.yaml": "PORT: 5007\n"},
        {"configs/mail/service.yaml": "processes: {web: {command: send}}\n"},
        {"configs/ca.pem": "two"},
        {"schemas/_words.py": "A = 1\n"},
        {"envtree.yaml": SETTINGS.replace("service}", "together}")},
        {"configs/mail/production.yaml": "-> ../accounts/common.yaml"},
    ],
    ids=lambda edits: ",".join(edits),
)
def test_what_others_could_see_is_judged_anew_and_kept(edits: Edits, top: Path) -> None:
    stage(top, applied(TREE, edits))
    assert judge(top).stderr.endswith("variables\n")
    assert judge(top).stderr.startswith("valid, as it was judged before: ")


# What is not: each names what a careless look would pass over.

FAULTS: dict[str, tuple[Edits, Edits]] = {
    "a value is wrong": ({}, {"configs/accounts/common.yaml": "LEVEL: none\n"}),
    "a value is that of another environment, of another service": (
        {"schemas/common.py": PROMISING, "configs/accounts/production.yaml": "URL: one\n"},
        {"configs/billing/review.yaml": "URL: one\n"},
    ),
    "a value is that of another environment, of a service that inherits": (
        {
            "schemas/accounts.py": f"{ACCOUNTS}\n{PROMISING_BASE}",
            "schemas/billing.py": "from schemas.accounts import Base\n\n\nclass Billing(Base):\n    TOKEN: str = ''\n",
            "configs/accounts/production.yaml": "SHARED: one\n",
        },
        {"configs/billing/review.yaml": "SHARED: one\n"},
    ),
    "a value is that of another environment, of the same service": (
        {"schemas/accounts.py": f"{ACCOUNTS}\n{PROMISING_BASE}", "configs/accounts/production.yaml": "SHARED: one\n"},
        {"configs/accounts/web/review.yaml": "SHARED: one\n"},
    ),
    "a value is missing": ({}, {"configs/accounts/jobs/production.yaml": None}),
    "a line of another service is moved in": (
        {},
        {"configs/mail/common.yaml": "QUEUE: slow\n", "configs/accounts/jobs/production.yaml": None},
    ),
    "two values don't go together": ({}, {"configs/accounts/web/common.yaml": "PORT: 5000\nMOST: 1\n"}),
    "a value goes with the wider one that it replaced no more": (
        {"configs/common.yaml": "MOST: 1\n", "configs/accounts/common.yaml": "LEAST: 2\nMOST: 3\n"},
        {"configs/accounts/common.yaml": "LEAST: 2\n"},
    ),
    "a port is another service's": ({}, {"configs/billing/web/review.yaml": "PORT: 5000\n"}),
    "a port is no more overridden": (
        {"configs/billing/web/common.yaml": "PORT: 5000\n"},
        {"configs/billing/web/review.yaml": None},
    ),
    "a secret port is another service's": (
        SECRET_PORT,
        {"configs/billing/web/review.yaml": "PORT: 5003\nADMIN_PORT: 5000\n"},
    ),
    "what another service calls secret goes into what is shown": (
        {"configs/accounts/common.yaml": "LEAST: 2\nTOKEN: one\n"},
        {"configs/accounts/production.yaml": "URL: !expand x${TOKEN}\n"},
    ),
    "a link of another service leads here": (
        {"configs/billing/production.yaml": "-> ../accounts/production.yaml", "configs/accounts/production.yaml": ""},
        {"configs/accounts/production.yaml": "ONLY: one\n"},
    ),
    "a link of another service leads to what goes": (
        {"configs/billing/production.yaml": "-> ../accounts/production.yaml", "configs/accounts/production.yaml": ""},
        {"configs/accounts/production.yaml": None},
    ),
    "a link leads out": ({}, {"configs/accounts/common.yaml": "-> ../../envtree.yaml"}),
    "a file of another service names this layer": (
        NAMES_ANOTHERS | {"configs/accounts/web/common.yaml": ""},
        {"configs/accounts/web/common.yaml": "LEVEL: high\n"},
    ),
    "a file of another service names this layer, which goes": (
        NAMES_ANOTHERS | {"configs/accounts/web/common.yaml": ""},
        {"configs/accounts/web/common.yaml": None},
    ),
    "a layer that another service names has its part in this one": (
        {"configs/mail/common.yaml": "CERTIFICATE: !file ../accounts/common.yaml\n"},
        {"configs/accounts/web/common.yaml": "PORT: 5000\nMOST: 1\n"},
    ),
    "a named file is changed": ({}, {"configs/ca.pem": "a blank at the end "}),
    "a file of its own is named no more": (
        {"configs/billing/common.yaml": "CERTIFICATE: !file ca.pem\n", "configs/billing/ca.pem": "one"},
        {"configs/billing/common.yaml": ""},
    ),
    "a file of another service is named no more": (
        {"configs/mail/common.yaml": "CERTIFICATE: !file ../accounts/ca.pem\n", "configs/accounts/ca.pem": "one"},
        {"configs/mail/common.yaml": ""},
    ),
    "a file of nobody's folder is named no more": (
        {"configs/mail/common.yaml": "CERTIFICATE: !file ../keys/ca.yaml\n", "configs/keys/ca.yaml": "one"},
        {"configs/mail/common.yaml": ""},
    ),
    "a file beside a service.yaml that is named too is named no more": (
        {
            "configs/mail/common.yaml": "CERTIFICATE: !file ../accounts/ca.pem\n",
            "configs/mail/web/common.yaml": "CERTIFICATE: !file ../../accounts/service.yaml\n",
            "configs/accounts/ca.pem": "one",
            "schemas/common.py": COMMON.replace("max_length=9", "max_length=99"),
        },
        {"configs/mail/common.yaml": ""},
    ),
    "a file is not there": ({}, {"configs/mail/common.yaml": "CERTIFICATE: !file ca.pem\n"}),
    "a layer that nobody sees is no YAML": (
        {
            "configs/idle/service.yaml": "environments: []\nprocesses: {web: {command: x}}\n",
            "configs/idle/common.yaml": "",
        },
        {"configs/idle/common.yaml": "A: [\n", "configs/mail/common.yaml": ""},
    ),
    "a sealed sibling has the line too": ({}, {"configs/accounts/common.sops.yaml": sealed_layer(LEAST="x")}),
    "a conflict is left": ({}, {"configs/accounts/common.yaml": "<<<"}),
    "a submodule stands there": ({}, {"configs/accounts/common.yaml": "@@@"}),
    "a schema is changed": ({}, {"schemas/billing.py": BILLING.replace('TOKEN: Secret = Secret("")', "OTHER: Secret")}),
    "a schema is for nobody": ({}, {"schemas/nobody.py": ""}),
    "a schema is removed": ({}, {"schemas/accounts.py": None}),
    "the widest layer is wrong": ({}, {"configs/common.yaml": "LEVEL: none\n"}),
    "the settings are wrong": ({}, {"envtree.yaml": "environments: {}\n"}),
    "the settings are gone": ({}, {"envtree.yaml": None}),
    "a value is set where its class is not": (
        {},
        {"configs/accounts/jobs/production.yaml": None, "configs/accounts/jobs/review.yaml": "QUEUE: slow\n"},
    ),
    "a service.yaml is removed": ({}, {"configs/mail/service.yaml": None}),
    "a service.yaml is spelt otherwise": (
        {},
        {"configs/mail/service.yaml": None, "configs/mail/Service.yaml": TREE["configs/mail/service.yaml"]},
    ),
    "a service.yaml is changed": ({}, {"configs/accounts/service.yaml": "processes: {web: {command: serve}}\n"}),
    "a service.yaml is wrong": (
        {},
        {"configs/mail/service.yaml": TREE["configs/mail/service.yaml"] + "requires: [nobody]\n"},
    ),
    "a service is there without a service.yaml": ({}, {"configs/nobody/common.yaml": "A: 1\n"}),
    "a service is renamed but for its service.yaml": (
        {},
        {"configs/mail/common.yaml": None, "configs/post/common.yaml": "LEVEL: low\n"},
    ),
    "a file is stray": ({}, {"configs/accounts/notes.txt": ""}),
    "a folder is no process": ({}, {"configs/accounts/cron/common.yaml": ""}),
    "a folder is too deep": ({}, {"configs/accounts/web/more/common.yaml": ""}),
    "a name is no environment": ({}, {"configs/accounts/testing.yaml": ""}),
    "a service runs elsewhere": ({}, {"configs/mail/review.yaml": ""}),
    "a service.yaml is too deep": ({}, {"configs/accounts/web/service.yaml": ""}),
    "a layer is too large": ({}, {"configs/accounts/common.yaml": "#" * (1 << 20) + "\n"}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_it_is_said_that(name: str, tmp_path: Path, cache: Path) -> None:
    before, after = FAULTS[name]
    files = applied(TREE, before)
    top = init(tmp_path / "repository")
    stage(top, files)
    judged(top)
    stage(top, applied(files, after))
    done = judge(top)
    assert done.code or "warning[" in done.stdout
    assert run(top, "validate", "--staged") == done


def test_nothing_can_be_said_of_a_name_that_is_no_text(top: Path) -> None:
    blob = git(top, "hash-object", "-w", "--stdin")
    line = b"100644 %s\tconfigs/accounts/\xff.yaml\0" % blob.encode()
    git(top, "update-index", "-z", "--index-info", stdin=line)
    assert "a file's name is not UTF-8" in judge(top).stdout


def test_what_is_only_announced_is_not_there(top: Path) -> None:
    path = "configs/accounts/jobs/production.yaml"
    git(top, "rm", "-q", "--cached", path)
    git(top, "add", "-N", path)
    assert judge(top).code == 1
    (top / "configs/accounts/testing.yaml").write_text("")
    git(top, "add", path)
    git(top, "add", "-N", "configs/accounts/testing.yaml")
    assert judge(top).stderr == BEFORE
    git(top, "add", ".")
    assert judge(top).code == 1


# Where and how it is asked.


def test_the_answer_can_be_had_in_silence(top: Path) -> None:
    assert run(top, "validate", "--staged", "-q") == Done(0, "", "")
    stage(top, applied(TREE, SMALL["a line is changed"][0]))
    assert run(top, "-q", "validate", "--staged") == Done(0, "", "")
    stage(top, applied(TREE, FAULTS["a value is wrong"][1]))
    assert judge(top, "-q").code == 1


def test_colour_changes_nothing_of_what_is_known(top: Path) -> None:
    assert judge(top, "--color", "never").stderr == BEFORE


def test_any_folder_of_the_tree_will_do(top: Path) -> None:
    assert judge(top / "configs/accounts").stderr == BEFORE
    assert judge(top.parent, "-C", top / "configs").stderr == BEFORE
    assert judge(top, "-C", "nowhere").code == 2


@pytest.mark.parametrize("words", [("mail",), ("production/mail",), ("--format", "json"), ("-v",)])
def test_what_is_asked_otherwise_is_judged_anew(words: tuple[str, ...], top: Path) -> None:
    assert " before" not in judge(top, *words).stderr
    stage(top, applied(TREE, FAULTS["a value is wrong"][1]))
    assert " before" not in judge(top, *words).stderr


def test_what_was_judged_of_some_targets_says_nothing_of_the_others(tmp_path: Path, cache: Path) -> None:
    files = applied(TREE, FAULTS["a value is wrong"][1])
    top = repository(tmp_path / "repository", files)
    assert judge(top, "production/mail").code == 0
    assert not cache.exists()
    assert judge(top).code == 1


@pytest.mark.parametrize("words", [(), ("--ref", "HEAD"), ("--staged", "--format", "json")])
def test_only_the_index_is_kept_and_only_where_it_is_shown_to_be_good(
    words: tuple[str, ...], tmp_path: Path, cache: Path
) -> None:
    top = repository(tmp_path / "repository", TREE)
    assert run(top, "validate", *words).code == 0
    assert not cache.exists()


@pytest.mark.parametrize("schema", [None, "import warnings\nwarnings.warn('old', UserWarning)\n"])
def test_what_there_is_a_warning_about_is_not_kept(schema: str | None, tmp_path: Path, cache: Path) -> None:
    edits: Edits = {path: None for path in TREE if path.startswith("schemas/")} if schema is None else {}
    top = repository(tmp_path / "repository", applied(TREE, edits | ({"schemas/_old.py": schema} if schema else {})))
    assert "warning[" in judge(top).stdout
    assert not cache.exists()


def test_two_trees_of_a_repository_have_nothing_in_common(tmp_path: Path, cache: Path) -> None:
    bad = applied(TREE, FAULTS["a value is wrong"][1])
    both = {f"{folder}/{path}": text for folder, files in (("a", TREE), ("b", bad)) for path, text in files.items()}
    top = repository(tmp_path / "repository", both)
    for _ in range(2):
        assert [judge(top, "-C", folder).code for folder in "ab"] == [0, 1]
    assert judge(top / "a").stderr == BEFORE
    stage(top, {path: both[f"a{path[1:]}"] for path in both})
    for folder in "abab":
        judge(top / folder)
    assert [judge(top / folder).stderr for folder in "ab"] == [BEFORE, BEFORE]
    stage(top, {path: both[f"b{path[1:]}"] for path in both} | {"README": ""})
    assert [judge(top / folder / "configs").code for folder in "ab"] == [1, 1]
    assert judge(top).code == 2


def test_a_tree_that_is_moved_up_is_another(top: Path) -> None:
    stage(top, {f"deploy/{path}": text for path, text in TREE.items()})
    assert judge(top).code == 2
    assert " before" not in judge(top / "deploy").stderr
    assert judge(top / "deploy").stderr == BEFORE


def test_each_working_tree_has_its_own_index(top: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    git(top, "worktree", "add", "-q", "--detach", linked)
    assert " before" not in judge(linked).stderr
    assert judge(linked).stderr == BEFORE
    stage(linked, applied(TREE, FAULTS["a value is wrong"][1]))
    assert (judge(linked).code, judge(top).stderr) == (1, BEFORE)


def test_a_bare_repository_has_an_index_if_somebody_writes_one(top: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    git(top, "clone", "-q", "--bare", top, bare)
    assert judge(bare).code == 2
    git(bare, "read-tree", "HEAD")
    assert " before" not in judge(bare).stderr
    assert judge(bare).stderr == BEFORE


def test_there_may_be_no_repository_no_git_or_no_index(top: Path, tmp_path: Path) -> None:
    write_tree(tmp_path / "plain", TREE)
    assert judge(tmp_path / "plain").code == 2
    assert judge(top, PATH=str(tmp_path)).code == 2
    (top / ".git/index").write_bytes(b"nonsense")
    assert judge(top).code == 2
    (top / ".git/index").unlink()
    assert judge(top).code == 2


def test_a_repository_that_others_can_write_is_said_to_be_so_each_time(top: Path) -> None:
    (top / ".git/objects").chmod(0o777)
    assert "others could have written" in judge(top).stdout
    (top / ".git/objects").chmod(0o755)
    assert judge(top).stderr == BEFORE


def test_another_index_is_judged_where_git_names_one(top: Path) -> None:
    other = {"GIT_INDEX_FILE": str(top / ".git/next-index-1.lock")}
    stage(top, applied(TREE, FAULTS["a value is wrong"][1]))
    (top / ".git/index").rename(other["GIT_INDEX_FILE"])
    stage(top, TREE)
    assert (judge(top, **other).code, judge(top).stderr) == (1, BEFORE)
    stage(top, applied(TREE, SMALL["a line is changed"][0]))
    (top / ".git/index").rename(other["GIT_INDEX_FILE"])
    assert " can see what differs " in judge(top, **other).stderr
    assert judge(top, **other).stderr == BEFORE


def test_a_commit_of_some_files_is_judged_as_git_makes_it(top: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    said = top.parent / "said"
    hook = top / ".git/hooks/pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nexec {' '.join(ENVTREE)} validate --staged >'{said}' 2>&1\n")
    hook.chmod(0o755)
    commit(top, {"configs/accounts/common.yaml": "LEAST: 3\n"})  # by another Python path, so nothing counts yet
    write_tree(top, {"configs/mail/common.yaml": "LEVEL: none\n", "configs/accounts/common.yaml": "LEAST: 4\n"})
    git(top, "commit", "-q", "-m", "one file", "configs/accounts/common.yaml")
    assert said.read_text() == f"valid: 4 of {EXTENT} can see what differs from what was judged before\n"
    assert attempt(top, "commit", "-q", "-a", "-m", "all").returncode
    assert "`LEVEL` is " in said.read_text()
    git(top, "commit", "-q", "--allow-empty", "-m", "nothing")
    assert said.read_text() == BEFORE


# What is kept.


def kept(cache: Path) -> bytes:
    return b"".join(path.read_bytes() for path in cache.rglob("*") if path.is_file())


def test_no_value_is_kept_but_the_ports_of_a_shared_machine(top: Path, cache: Path) -> None:
    edits = {
        "configs/accounts/production.yaml": "TOKEN: canary\nURL: canary\n",
        "configs/mail/common.yaml": "PORT: 9999\n",
    }
    stage(top, applied(TREE, dict(edits)))
    assert " can see what differs " in judge(top).stderr
    assert not any(each in kept(cache) for each in (b"canary", b"slow", b"one", b"9999"))
    assert b"review/accounts 5000,5001" in kept(cache)


def test_a_secret_port_is_kept_nowhere(top: Path, cache: Path) -> None:
    before = kept(cache)
    stage(top, applied(TREE, SECRET_PORT))
    assert judge(top).stderr.endswith("variables\n")
    assert kept(cache) == before
    stage(top, applied(TREE, {"configs/accounts/web/review.yaml": "PORT: 5003\nADMIN_PORT: 5009\n"}))
    assert judge(top).code == 1
    stage(top, applied(TREE, {"configs/accounts/web/common.yaml": "ADMIN_PORT: 5000\n"}))
    assert judge(top).stderr.endswith("variables\n")  # `billing` declares the name a secret, and so it is one
    assert kept(cache) == before


def test_an_index_that_changes_while_it_is_judged_is_not_kept(top: Path, cache: Path) -> None:
    stage(top, applied(TREE, {"configs/common.yaml": "LEVEL: high\n"}))
    staged = read_staged(str(top))
    assert staged
    assert quick_verdict(staged) is None
    compilation = validate(str(top), (), INDEX).compilation
    assert compilation
    before = kept(cache)
    stage(top, applied(TREE, FAULTS["the widest layer is wrong"][1]))
    save_verdict(staged, compilation)
    assert kept(cache) == before
    assert judge(top).code == 1


def test_what_other_programs_judged_is_judged_anew(tmp_path: Path, cache: Path) -> None:
    """A package that schemas use, in a folder that PYTHONPATH names."""
    uses = COMMON.replace("class Common", "from company import LEVELS\n\n\nclass Common").replace(
        'Literal["low", "high"]', "LEVELS"
    )
    top = repository(tmp_path / "repository", applied(TREE, {"schemas/common.py": uses}))
    package = tmp_path / "packages"
    here = str(ROOT)

    def say(*paths: str) -> tuple[int, bool]:
        path = ":".join((here, *paths))
        # a `__pycache__` in a folder of that path would be news
        done = envtree("validate", "--staged", cwd=top, PYTHONPATH=path, PYTHONDONTWRITEBYTECODE="1")
        return done.code, done.err == BEFORE

    write_tree(package, {"company.py": 'from typing import Literal\n\nLEVELS = Literal["low", "high"]\n'})
    assert [say(str(package)) for _ in range(2)] == [(0, False), (0, True)]
    assert say() == (1, False)
    write_tree(package, {"new.py": 'from typing import Literal\n\nLEVELS = Literal["high"]\n'})
    (package / "new.py").replace(package / "company.py")
    assert say(str(package)) == (1, False)


@pytest.mark.parametrize("home", [None, "", "/dev/null/nowhere", "nowhere"])
def test_without_a_place_to_keep_it_all_is_judged_anew(
    home: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = repository(tmp_path / "repository", TREE)
    monkeypatch.delenv("XDG_CACHE_HOME")
    if home is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", home)
    before = sorted(top.rglob("*"))
    for _ in range(2):
        assert run(top, "validate", "--staged").stderr.endswith("variables\n")
    assert sorted(top.rglob("*")) == before


# Random trees and changes.


def is_good(top: Path) -> bool:
    """Whether the index is, judged anew; what was judged before has to agree, and what is good is kept."""
    staged = read_staged(str(top))
    assert staged
    words = quick_verdict(staged)
    try:
        found = validate(str(top), (), INDEX)
    except EnvtreeError:
        assert words is None
        return False
    good = found.compilation is not None and not found.diagnostics
    assert good or words is None, found.diagnostics
    if found.compilation and good and words is None:
        save_verdict(staged, found.compilation)
    return good


def wander(random: Random, set_index: Callable[[Texts], None], top: Path, steps: int) -> None:
    """From a good index to the next one, and back from most that are not."""
    files = dict(TREE)
    for relation in random.sample(RELATIONS, random.randrange(4)):
        files |= relation
    set_index(files)
    good = files if is_good(top) else TREE
    for _ in range(steps):
        for _ in range(random.choice((1, 1, 1, 2))):
            edits = some_edits(random, files)
            note(str(edits))
            files = applied(files, edits)
        set_index(files)
        if is_good(top):
            good = files
        elif random.random() < 0.8:
            note("and back")
            files = good


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    return Index(tmp_path_factory.mktemp("index"))


@examples(5, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_nothing_is_good_that_is_not_when_judged_anew(index: Index, cache: Path, random: Random) -> None:
    shutil.rmtree(cache, ignore_errors=True)
    wander(random, index.set, index.top, 10)


@examples(2, suppress_health_check=list(HealthCheck))
@given(st.randoms(use_true_random=False))
def test_nothing_is_good_that_is_not_when_files_are_staged(tmp_path: Path, cache: Path, random: Random) -> None:
    shutil.rmtree(cache, ignore_errors=True)
    shutil.rmtree(tmp_path / "repository", ignore_errors=True)
    top = init(tmp_path / "repository")
    wander(random, lambda files: stage(top, files), top, 8)


@pytest.mark.soak
def test_nothing_is_good_that_is_not_in_many_trees(index: Index, cache: Path) -> None:
    for seed in range(3000):
        shutil.rmtree(cache, ignore_errors=True)
        wander(Random(seed), index.set, index.top, 12)
