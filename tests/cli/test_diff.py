"""What `envtree diff` says of real repositories, outputs, files and processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import write_tree
from tests.cli.running import Done, run
from tests.repositories import branches, commit, git, init, state
from tests.sealed_files import sealed_layer
from tests.waiting import child, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

CHPST = "/usr/bin/chpst"
IDENTITY = re.compile(r"\b[0-9a-f]{12}\b")
FINGERPRINT = re.compile(r"#[0-9a-f]{6}\b")
WEB, WORKER = "production/accounts/web", "production/accounts/worker"
SCHEMA = """\
from typing import Literal

from envtree import Port, Secret, Settings


class Common(Settings):
    LOG_LEVEL: Literal["debug", "info"] = "info"
    HOST: str = ""
    ZONE: str = ""
    URL: str = ""
    PEM: str = ""
    PORT: Port | None = None
    PASSWORD: Secret | None = None
"""
COMMON = 'LOG_LEVEL: info\nHOST: !expand "db.${ZONE}.internal"\nZONE: eu\nURL: !expand "https://${HOST}/"\n'
PRODUCTION = "LOG_LEVEL: info\nPASSWORD: hunter2\n"
SERVICE = "processes: {web: {command: serve}, worker: {command: work}}\n"
SETTINGS = "environments:\n  staging: {instance: service}\n  production: {instance: service}\n"
BASE = {
    "envtree.yaml": SETTINGS,
    "configs/accounts/service.yaml": SERVICE,
    "configs/billing/service.yaml": "processes: {web: {command: serve}}\n",
    "schemas/common.py": SCHEMA,
    "configs/common.yaml": COMMON,
    "configs/production.yaml": PRODUCTION,
    "configs/accounts/common.yaml": "PEM: !file key.pem\n",
    "configs/accounts/key.pem": "one\ntwo\n",
    "configs/accounts/web/common.yaml": "PORT: 8000\n",
    "configs/accounts/worker/common.yaml": "PORT: 8001\n",
    "configs/accounts/staging.sops.yaml": sealed_layer(PASSWORD="1"),
}
EDITS: dict[str, dict[str, str | None]] = {
    "nothing": {"README.md": "nothing of the tree"},
    "many": {"configs/common.yaml": COMMON.replace("info", "debug")},
    "chain": {"configs/common.yaml": COMMON.replace("eu", "us")},
    "idle": {
        "configs/production.yaml": "PASSWORD: hunter2\n",
        "configs/accounts/common.yaml": "# more\nPEM: !file key.pem\nZONE: eu\n",
        "configs/billing/common.yaml": "LOG_LEVEL: info\nZONE: mars\n",
        "configs/billing/web/common.yaml": "ZONE: eu\n",
    },
    "removed": {"configs/accounts/worker/common.yaml": None},
    "file": {"configs/accounts/key.pem": "one\n2\n"},
    "file-moved": {
        "configs/accounts/key.pem": None,
        "configs/keys/key.pem": "one\ntwo\n",
        "configs/accounts/common.yaml": "PEM: !file ../keys/key.pem\n",
    },
    "layer-moved": {
        "configs/accounts/worker/common.yaml": None,
        "configs/accounts/worker/staging.yaml": "PORT: 8001\n",
    },
    "layer-copied": {"configs/staging.yaml": PRODUCTION, "configs/production.yaml": None},
    "unset": {"configs/accounts/production.yaml": "ZONE: !unset\nHOST: h\nPASSWORD: !unset\n"},
    "sealed": {"configs/accounts/staging.sops.yaml": sealed_layer(PASSWORD="2")},
    "unsealed": {"configs/accounts/staging.sops.yaml": None},
    "secret": {"configs/production.yaml": PRODUCTION.replace("hunter2", '"hunter2\\n"')},
    "password": {"configs/common.yaml": f"{COMMON}PEM: postgres://u:hunter2@db/\n"},
    "invalid": {"configs/production.yaml": PRODUCTION.replace("info", "loud")},
    "yaml": {"configs/common.yaml": "LOG_LEVEL: [\n"},
    "clash": {"configs/accounts/worker/production.yaml": "PORT: 8000\n"},
    "misplaced": {"configs/accounts/prodction.yaml": "ZONE: 1\n"},
    "settings": {"envtree.yaml": "environments: [\n"},
    "service": {"configs/accounts/service.yaml": "processes: [\n"},
    "schema": {"schemas/common.py": "x = (\n"},
    "secret-now": {
        "schemas/common.py": SCHEMA.replace('ZONE: str = ""', "ZONE: Secret | None = None"),
        "configs/common.yaml": COMMON.replace("eu", "us"),
    },
    "required": {"schemas/common.py": f"{SCHEMA}    NEEDED: str\n"},
    "targets": {
        "configs/accounts/service.yaml": f"environments: [production]\n{SERVICE.replace('worker', 'jobs')}",
        "configs/accounts/worker/common.yaml": None,
        "configs/accounts/jobs/common.yaml": "PORT: 8002\n",
        "configs/accounts/staging.sops.yaml": None,
    },
    "no-tree": {"envtree.yaml": None},
    "hostile": {"configs/staging.yaml": 'ZONE: 東京\nHOST: "\\e[31mred\\u202e"\n'},
}  # fmt: skip
ACCOUNTS = f"{WEB}, {WORKER}, staging/accounts/web, staging/accounts/worker"
LIVE = f"{WEB}, {WORKER}, production/billing/web"
STAGED = "staging/accounts/web, staging/accounts/worker, staging/billing/web"
ALL = f"{LIVE}, {STAGED}"
BY = "  ID 2026-03-01 Ann: "
SAID: dict[str, tuple[int, str, str]] = {
    "nothing": (0, "", "no difference in 6 processes"),
    "many": (
        1,
        f"~ LOG_LEVEL  info -> debug\n    configs/common.yaml:1:12{BY}many\n"
        f"    changes 3 processes (shadowed in 3): {STAGED}\n",
        "different: 1 variable in 3 of 6 processes",
    ),
    "chain": (
        1,
        "~ HOST  db.eu.internal -> db.us.internal\n    configs/common.yaml:2:7 through `ZONE`\n"
        f"    changes 6 processes: {ALL}\n"
        "~ URL  https://db.eu.internal/ -> https://db.us.internal/\n    configs/common.yaml:4:6 through `HOST`\n"
        f"    changes 6 processes: {ALL}\n"
        f"~ ZONE  eu -> us\n    configs/common.yaml:3:7{BY}chain\n    changes 6 processes: {ALL}\n",
        "different: 3 variables in 6 of 6 processes",
    ),
    "idle": (
        0,
        "  ZONE at configs/accounts/common.yaml:3 changes nothing: the value stays the same in 4 processes\n"
        "  LOG_LEVEL at configs/billing/common.yaml:1 changes nothing: the value stays the same in 2 processes\n"
        "  ZONE at configs/billing/common.yaml:2 changes nothing: shadowed in 2 processes\n"
        "  ZONE at configs/billing/web/common.yaml:1 changes nothing: the value stays the same in 2 processes\n"
        "  LOG_LEVEL at configs/production.yaml:1 (removed) changes nothing: the value stays the same in 3 processes\n",
        "no difference in 6 processes",
    ),
    "removed": (
        1,
        f"- PORT  8001\n    configs/accounts/worker/common.yaml:1:7 removed{BY}removed\n"
        f"    gone from 2 processes: {WORKER}, staging/accounts/worker\n",
        "different: 1 variable in 2 of 6 processes",
    ),
    "file": (
        1,
        f"~ PEM  one\\ntwo\\n -> one\\n2\\n\n    configs/accounts/common.yaml:1:6{BY}file\n"
        f"    changes 4 processes: {ACCOUNTS}\n",
        "different: 1 variable in 4 of 6 processes",
    ),
    "file-moved": (0, "", "no difference in 6 processes"),
    "layer-moved": (
        1,
        f"- PORT  8001\n    configs/accounts/worker/common.yaml:1:7 removed{BY}layer-moved\n"
        f"    gone from 1 process: {WORKER}\n\n"
        "  PORT at configs/accounts/worker/staging.yaml:1 changes nothing: the value stays the same in 1 process\n",
        "different: 1 variable in 1 of 6 processes",
    ),
    "layer-copied": (
        1,
        f"- PASSWORD  [hidden #]\n    configs/production.yaml:2:11 removed{BY}layer-copied\n"
        f"    gone from 3 processes: {LIVE}\n"
        f"+ PASSWORD  [hidden #]\n    configs/staging.yaml:2:11{BY}layer-copied\n"
        "    new to 1 process (shadowed in 2): staging/billing/web\n\n"
        "  LOG_LEVEL at configs/production.yaml:1 (removed) changes nothing: the value stays the same in 3 processes\n"
        "  LOG_LEVEL at configs/staging.yaml:1 changes nothing: the value stays the same in 3 processes\n",
        "different: 1 variable in 4 of 6 processes",
    ),
    "unset": (
        1,
        f"~ HOST  db.eu.internal -> h\n    configs/accounts/production.yaml:2:7{BY}unset\n"
        f"    changes 2 processes: {WEB}, {WORKER}\n"
        f"- PASSWORD  [hidden #]\n    configs/accounts/production.yaml:3:11{BY}unset\n"
        f"    gone from 2 processes: {WEB}, {WORKER}\n"
        "~ URL  https://db.eu.internal/ -> https://h/\n    configs/common.yaml:4:6 through `HOST`\n"
        f"    changes 2 processes: {WEB}, {WORKER}\n"
        f"- ZONE  eu\n    configs/accounts/production.yaml:1:7{BY}unset\n    gone from 2 processes: {WEB}, {WORKER}\n",
        "different: 4 variables in 2 of 6 processes",
    ),
    "sealed": (
        1,
        "~ PASSWORD  [sealed] -> [sealed] (encrypted anew)\n"
        f"    configs/accounts/staging.sops.yaml:1:11{BY}sealed\n"
        "    changes 2 processes: staging/accounts/web, staging/accounts/worker\n",
        "different: 1 variable in 2 of 6 processes",
    ),
    "unsealed": (
        1,
        f"- PASSWORD  [sealed]\n    configs/accounts/staging.sops.yaml:1:11 removed{BY}unsealed\n"
        "    gone from 2 processes: staging/accounts/web, staging/accounts/worker\n",
        "different: 1 variable in 2 of 6 processes",
    ),
    "secret": (
        1,
        "~ PASSWORD  [hidden #] -> [hidden #] (differs in a final newline)\n"
        f"    configs/production.yaml:2:11{BY}secret\n    changes 3 processes: {LIVE}\n",
        "different: 1 variable in 3 of 6 processes",
    ),
    "password": (
        1,
        f"+ PEM  postgres://u:[hidden]@db/\n    configs/common.yaml:5:6{BY}password\n"
        "    new to 2 processes (shadowed in 4): production/billing/web, staging/billing/web\n",
        "different: 1 variable in 2 of 6 processes",
    ),
    "invalid": (
        2,
        f"~ LOG_LEVEL  info -> loud\n    configs/production.yaml:1:12{BY}invalid\n    changes 3 processes: {LIVE}\n\n"
        f"! 3 processes become invalid: {LIVE}\n",
        "different: 1 variable in 3 of 6 processes",
    ),
    "yaml": (
        2,
        f"! 6 processes become invalid: {ALL}\n",
        "no difference in 6 processes; 24 values could not be compared",
    ),
    "clash": (
        2,
        f"~ PORT  8001 -> 8000\n    configs/accounts/worker/production.yaml:1:7{BY}clash\n"
        f"    changes 1 process: {WORKER}\n\n! 2 processes become invalid: {WEB}, {WORKER}\n",
        "different: 1 variable in 1 of 6 processes",
    ),
    "misplaced": (2, f"! 4 processes become invalid: {ACCOUNTS}\n", "no difference in 6 processes"),
    "settings": (2, f"! 6 processes become invalid: {ALL}\n", "no difference in 0 processes"),
    "service": (2, f"! 4 processes become invalid: {ACCOUNTS}\n", "no difference in 2 processes"),
    "schema": (2, f"! 6 processes become invalid: {ALL}\n", "no difference in 6 processes"),
    "secret-now": (
        1,
        "~ HOST  [hidden #] -> [hidden #] (differs in its content)\n    configs/common.yaml:2:7 through `ZONE`\n"
        f"    changes 6 processes: {ALL}\n"
        "~ URL  [hidden #] -> [hidden #] (differs in its content)\n    configs/common.yaml:4:6 through `HOST`\n"
        f"    changes 6 processes: {ALL}\n"
        "~ ZONE  [hidden #] -> [hidden #] (differs in its content)\n"
        f"    configs/common.yaml:3:7{BY}secret-now\n    changes 6 processes: {ALL}\n",
        "different: 3 variables in 6 of 6 processes",
    ),
    "required": (2, f"! 6 processes become invalid: {ALL}\n", "no difference in 6 processes"),
    "targets": (
        1,
        "+ production/accounts/jobs  7 variables\n- production/accounts/worker  7 variables\n"
        "- staging/accounts/web  7 variables\n- staging/accounts/worker  7 variables\n",
        "different: 1 process new, 3 processes gone",
    ),
    "hostile": (
        1,
        f"~ HOST  db.eu.internal -> \\x1b[31mred\\u202e\n    configs/staging.yaml:2:7{BY}hostile\n"
        f"    changes 3 processes: {STAGED}\n"
        "~ URL  https://db.eu.internal/ -> https://\\x1b[31mred\\u202e/\n    configs/common.yaml:4:6 through `HOST`\n"
        f"    changes 3 processes: {STAGED}\n"
        f"~ ZONE  eu -> 東京\n    configs/staging.yaml:1:7{BY}hostile\n    changes 3 processes: {STAGED}\n",
        "different: 3 variables in 3 of 6 processes",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`main`, and a branch for each set of edits; none of the tests changes it."""
    return branches(tmp_path_factory.mktemp("story") / "tree", BASE, EDITS)


def compared(folder: Path, *words: str, code: int = 1) -> Done:
    done = run(folder, "diff", *words)
    assert done.code == code, done.said
    return done


def data(folder: Path, *words: str, code: int = 1) -> Any:
    return json.loads(compared(folder, *words, "--format", "json", code=code).stdout)


def changed(folder: Path, *words: str, code: int = 1) -> dict[str, set[tuple[str | None, str | None]]]:
    """Each variable that differs, with its values."""
    return {
        each["name"]: {(value["before"], value["after"]) for value in each["values"]}
        for each in data(folder, *words, code=code)["changes"]
    }


def cleaned(text: str) -> str:
    return FINGERPRINT.sub("#", IDENTITY.sub("ID", text))


@pytest.mark.parametrize("name", SAID)
def test_a_commit_is_told_by_what_processes_get(name: str, story: Path) -> None:
    code, text, sentence = SAID[name]
    done = compared(story, f"main..{name}", code=code)
    assert cleaned(done.stdout) == text
    assert done.stderr.splitlines()[-1] == sentence
    assert (done.stderr.count("\n") == 1) == (code != 2)


@pytest.mark.parametrize("name", SAID)
def test_where_every_process_is_looked_at_the_same_is_told(
    name: str, story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What can't differ is left out, and nothing else."""
    monkeypatch.setattr("envtree.review.commands.diff_sides.affected_layers", lambda *_: None)
    code, text, sentence = SAID[name]
    done = compared(story, f"main..{name}", code=code)
    assert cleaned(done.stdout) == text
    assert done.stderr.splitlines()[-1] == sentence


@pytest.mark.parametrize("words", [("--format", "json"), ("--format", "markdown"), ("--stat",), ("--name-only",)])
def test_where_every_process_is_looked_at_each_format_says_the_same(
    words: tuple[str, ...], story: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = cleaned(compared(story, "main..clash", *words, code=2).said)
    monkeypatch.setattr("envtree.review.commands.diff_sides.affected_layers", lambda *_: None)
    assert cleaned(compared(story, "main..clash", *words, code=2).said) == near


def test_quietly_only_what_is_wrong_is_told_beside_the_data(story: Path) -> None:
    assert compared(story, "main..many", "-q").stderr == ""
    said = compared(story, "main..invalid", "-q", code=2).stderr
    assert said.endswith("\n1 error in 1 file\n")
    assert said.startswith("error[invalid-value]")


@pytest.mark.parametrize("name", [name for name in SAID if name not in ("settings", "service", "yaml")])
def test_the_other_way_round_what_was_new_is_gone(name: str, story: Path) -> None:
    there, back = (data(story, words, code=SAID[name][0]) for words in (f"main..{name}", f"{name}..main"))
    for each in back["changes"]:
        for value in each["values"]:
            value["before"], value["after"] = value["after"], value["before"]

    def pairs(told: Any) -> set[tuple[str, ...]]:
        return {
            (each["name"], str(value["before"]), str(value["after"]), target)
            for each in told["changes"]
            for value in each["values"]
            for target in value["targets"]
        }

    assert pairs(there) == pairs(back)
    assert (there["added"], there["removed"]) == (back["removed"], back["added"])
    assert set(there["becomes_invalid"]) - set(there["added"]) == set(back["becomes_valid"])
    assert {each["commit"] for each in back["changes"]} <= {None}


def test_what_is_mended_or_stays_broken_is_told(tmp_path: Path) -> None:
    bad = {"configs/production.yaml": PRODUCTION.replace("info", "loud"), "configs/staging.yaml": "X: 1\n"}
    good = {"configs/production.yaml": PRODUCTION, "configs/staging.yaml": "X: 2\n"}
    folder = branches(tmp_path / "tree", {**BASE, **bad}, {"good": good})
    told = data(folder, "main..good", code=2)
    assert told["becomes_valid"] == LIVE.split(", ")
    assert told["invalid"] == STAGED.split(", ")
    done = compared(folder, "main..good", code=2)
    assert f"! 3 processes are invalid: {STAGED}\n! 3 processes become valid: {LIVE}\n" in done.stdout
    assert done.stderr.count("error[unknown-variable]") == 1
    assert done.stderr.count("error[invalid-value]") == 1


def test_a_target_that_is_gone_does_not_become_valid(tmp_path: Path) -> None:
    folder = branches(
        tmp_path / "tree",
        {**BASE, "configs/billing/production.yaml": "LOG_LEVEL: loud\n"},
        {"gone": {"configs/billing/service.yaml": None, "configs/billing/production.yaml": None}},
    )
    told = data(folder, "main..gone", code=2)
    assert (told["becomes_valid"], told["removed"]) == ([], ["production/billing/web", "staging/billing/web"])


# Operands.


def test_three_dots_compare_with_what_both_have_in_common(story: Path) -> None:
    assert changed(story, "many..chain").keys() == {"LOG_LEVEL", "HOST", "URL", "ZONE"}
    assert changed(story, "many...chain").keys() == {"HOST", "URL", "ZONE"}
    base = git(story, "rev-parse", "main")
    told = data(story, "many...chain")
    assert (told["before"], told["after"]) == (f"{base[:12]}:", "chain:")
    assert all(each["commit"] == git(story, "rev-parse", "chain") for each in told["changes"] if not each["through"])


def test_of_branches_that_parted_only_what_the_second_did_has_a_commit(story: Path) -> None:
    told = {each["name"]: each["commit"] for each in data(story, "many..chain")["changes"]}
    assert told["ZONE"] == git(story, "rev-parse", "chain")
    assert told["LOG_LEVEL"] is None


def test_branches_that_have_nothing_in_common_are_compared_with_two_dots(story: Path, tmp_path: Path) -> None:
    folder = tmp_path / "clone"
    git(tmp_path, "clone", "-q", story, folder)
    git(folder, "checkout", "-q", "--orphan", "other")
    commit(folder, {"configs/common.yaml": COMMON.replace("eu", "us")})
    assert "error[unknown-revision]" in compared(folder, "main...other", code=2).stderr
    assert "ZONE" in changed(folder, "origin/main..other")


@pytest.fixture
def folder(story: Path, tmp_path: Path) -> Path:
    """A repository of its own: one commit, one change that is staged, one that is not, to the same line."""
    root = shutil.copytree(story, tmp_path / "tree")
    write_tree(root, {"configs/common.yaml": COMMON.replace("eu", "us")})
    git(root, "add", "-A")
    write_tree(root, {"configs/common.yaml": COMMON.replace("eu", "asia")})
    return root


SIDES = [
    (("main:",), ("eu", "asia"), "the working tree"),
    (("main:", ":"), ("eu", "us"), ":"),
    ((":",), ("us", "asia"), "the working tree"),
    (("main:", "--staged"), ("eu", "us"), ":"),
    ((":", "main:"), ("us", "eu"), "main:"),
    (("", "main:"), ("asia", "eu"), "main:"),
    ((":..many",), ("us", "eu"), "many:"),
    (("many:", "--ref", "main"), None, "main:"),
]


@pytest.mark.parametrize(("words", "expected", "after"), SIDES, ids=[" ".join(words) for words, _, _ in SIDES])
def test_commits_index_and_files_are_sides(
    words: tuple[str, ...], expected: tuple[str, str] | None, after: str, folder: Path
) -> None:
    before = state(folder)
    told = data(folder, *words)
    zone = next((each for each in told["changes"] if each["name"] == "ZONE"), None)
    assert (zone and tuple(zone["values"][0][side] for side in ("before", "after"))) == expected
    assert told["after"] == after
    assert state(folder) == before


def test_what_is_not_committed_is_told(folder: Path) -> None:
    assert "    configs/common.yaml:3:7  not committed\n" in compared(folder, "main:").stdout
    assert "    configs/common.yaml:3:7  not committed\n" in compared(folder, "main:", ":").stdout
    git(folder, "commit", "-qm", "staged")
    assert cleaned(compared(folder, "HEAD~1:", ":").stdout).count(f"{BY}staged\n") == 1
    write_tree(folder, {"configs/accounts/key.pem": "three\n"})
    assert "    configs/accounts/common.yaml:1:6  not committed\n" in compared(folder, "HEAD:").stdout
    (folder / "configs/accounts/worker/common.yaml").unlink()
    assert "    configs/accounts/worker/common.yaml:1:7 removed\n" in compared(folder, "HEAD:").stdout


def test_a_selector_holds_for_both_sides(story: Path) -> None:
    for words in (
        ("main..many", "staging/accounts"),
        ("main..many:staging/accounts",),
        ("main:", "many:staging/accounts"),
    ):
        told = data(story, *words)
        assert told["compared"] == 2
        assert told["changes"][0]["values"][0]["targets"] == ["staging/accounts/web", "staging/accounts/worker"]
    assert data(story, "main..many", "*/billing/*", code=1)["compared"] == 2
    assert compared(story, "main..many", "production", code=0).stderr == "no difference in 3 processes\n"


def test_a_selector_of_one_revision_alone_is_enough(story: Path) -> None:
    assert data(story, "main..targets", "production/accounts/jobs")["added"] == ["production/accounts/jobs"]
    assert data(story, "main..targets", WORKER)["removed"] == [WORKER]
    assert "error[unknown-target]" in compared(story, "main..targets", "production/nothing", code=2).stderr


ACROSS = {
    ("staging", "production"): {
        "staging/accounts/web -> production/accounts/web",
        "staging/accounts/worker -> production/accounts/worker",
        "staging/billing/web -> production/billing/web",
    },
    ("staging/accounts", "production/accounts"): {
        "staging/accounts/web -> production/accounts/web",
        "staging/accounts/worker -> production/accounts/worker",
    },
    ("*/accounts/web", "*/billing/web"): {
        "production/accounts/web -> production/billing/web",
        "staging/accounts/web -> staging/billing/web",
    },
    (WEB, WORKER): {f"{WEB} -> {WORKER}"},
    ("main:staging/billing", "many:production/billing"): {"staging/billing/web -> production/billing/web"},
}


@pytest.mark.parametrize("words", ACROSS, ids=" ".join)
def test_environments_services_and_processes_are_held_against_one_another(words: tuple[str, str], story: Path) -> None:
    told = json.loads(run(story, "diff", *words, "--format", "json").stdout)
    assert {target for each in told["changes"] for value in each["values"] for target in value["targets"]} <= ACROSS[
        words
    ]
    assert told["compared"] == len(ACROSS[words])
    assert (told["added"], told["removed"], told["becomes_invalid"]) == ([], [], [])


def test_two_processes_differ_by_lines_that_have_their_authors(story: Path) -> None:
    assert cleaned(compared(story, WEB, WORKER).stdout) == (
        f"~ PORT  8000 -> 8001\n    configs/accounts/worker/common.yaml:1:7{BY}main\n"
    )
    text = cleaned(compared(story, "staging/billing", "production/billing").stdout)
    assert text == f"+ PASSWORD  [hidden #]\n    configs/production.yaml:2:11{BY}main\n"
    assert compared(story, "staging/accounts/web", WEB, code=0).stderr == (
        "no difference in 1 process; 1 value could not be compared\n"
    )


def test_what_only_one_side_has_stands_alone(story: Path) -> None:
    told = data(story, "production/accounts", "production/billing")
    assert (told["removed"], told["added"], told["compared"]) == ([WORKER], [], 1)


def test_an_environment_that_is_invalid_has_no_answer(story: Path) -> None:
    told = data(story, "invalid:staging", "invalid:production", code=2)
    assert (told["invalid"], told["becomes_invalid"]) == (LIVE.split(", "), [])


# Outputs, files and processes.


def without_sealed(folder: Path) -> Path:
    (folder / "configs/accounts/staging.sops.yaml").unlink()
    return folder


def test_an_output_is_held_against_what_a_build_would_make(folder: Path, tmp_path: Path) -> None:
    without_sealed(folder)
    assert run(folder, "build", "--out", str(tmp_path / "out")).code == 0
    out = f"dir:{tmp_path / 'out'}"
    assert compared(folder, out, code=0).stderr == "no difference in 6 processes\n"
    write_tree(folder, {"configs/production.yaml": "LOG_LEVEL: debug\nPASSWORD: other\n"})
    assert changed(folder, out) == {"LOG_LEVEL": {("info", "debug")}, "PASSWORD": {(None, None)}}
    assert changed(folder, "", out) == {"LOG_LEVEL": {("debug", "info")}, "PASSWORD": {(None, None)}}
    assert compared(folder, out, "staging", code=0).stderr == "no difference in 3 processes\n"
    assert changed(folder, out, "main:production/billing") == {
        "ZONE": {("asia", "eu")},
        "HOST": {("db.asia.internal", "db.eu.internal")},
        "URL": {("https://db.asia.internal/", "https://db.eu.internal/")},
    }
    assert run(folder, "build", "production/billing", "--out", str(tmp_path / "part")).code == 0
    part = f"dir:{tmp_path / 'part'}"
    assert data(folder, part)["added"] == [each for each in ALL.split(", ") if each != "production/billing/web"]
    assert data(folder, part, "production/accounts")["added"] == [WEB, WORKER]
    assert compared(folder, part, "production/billing", code=0).stderr == "no difference in 1 process\n"
    told = data(folder, out, part)
    assert (told["compared"], len(told["removed"]), {each["hidden"] for each in told["changes"]}) == (1, 5, {True})


def test_a_process_that_the_tree_has_no_more_is_gone_from_an_output(folder: Path, tmp_path: Path) -> None:
    without_sealed(folder)
    assert run(folder, "build", "--out", str(tmp_path / "out")).code == 0
    write_tree(folder, {"configs/accounts/service.yaml": "processes: {web: {command: serve}}\n"})
    shutil.rmtree(folder / "configs/accounts/worker")
    assert data(folder, f"dir:{tmp_path / 'out'}", "production")["removed"] == [WORKER]


def test_the_values_of_an_output_that_a_secret_went_into_are_hidden(folder: Path, tmp_path: Path) -> None:
    without_sealed(folder)
    write_tree(folder, {"configs/billing/common.yaml": 'PASSWORD: hunter2\nURL: !expand "${PASSWORD}@${HOST}"\n'})
    assert run(folder, "build", "--out", str(tmp_path / "out")).code == 0
    write_tree(folder, {"configs/billing/common.yaml": "PASSWORD: other\nURL: open\n"})
    for words in ((), ("--format", "json"), ("--format", "markdown")):
        done = compared(folder, f"dir:{tmp_path / 'out'}", "*/billing", *words)
        assert "URL" in done.stdout
        assert "hunter2" not in done.said


DAMAGED = {
    "no output": "unusable-output",
    "no generation": "no-generation",
    "no envdir": "damaged-output",
    "a link for a file": "damaged-output",
    "bytes that are no text": "damaged-output",
    "another manifest": "damaged-output",
}


@pytest.mark.parametrize("name", DAMAGED)
def test_an_output_that_is_damaged_has_no_answer(name: str, folder: Path, tmp_path: Path) -> None:
    without_sealed(folder)
    out = tmp_path / "out"
    if name != "no output":
        assert run(folder, "build", "--out", str(out)).code == 0
        envdir = next((out / "envdirs").iterdir())
        if name == "no generation":
            (out / "current").unlink()
        elif name == "no envdir":
            shutil.rmtree(envdir)
        elif name == "a link for a file":
            (envdir / "LINK").symlink_to("/etc/hostname")
        elif name == "bytes that are no text":
            (envdir / "BYTES").write_bytes(b"\xff\n")
        else:
            manifest = out / "current/manifest.json"
            manifest.write_text(manifest.read_text().replace("production", "staging", 1))
    assert f"error[{DAMAGED[name]}]" in compared(folder, f"dir:{out}", code=2).stderr


def test_a_file_of_values_is_held_against_a_target(story: Path, tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    shown = run(story, "show", WEB, "--ref", "many", "--reveal", "--format", "json").stdout
    values = {name: each["value"] for name, each in json.loads(shown)["variables"].items()}
    for text in (shown, json.dumps(values)):
        file.write_text(text)
        assert compared(story, f"file:{file}", WEB, code=0).stderr == "no difference in 1 process\n"
        assert changed(story, f"file:{file}", "chain:" + WEB).keys() == {"ZONE", "HOST", "URL"}
    file.write_text(json.dumps({**values, "PASSWORD": "other", "NEW": "x", "PEM": "one\ntwo"}))
    found = cleaned(compared(story, WEB, f"file:{file}").stdout)
    assert found.count("differs in a final newline") == 1
    assert "+ NEW  [hidden #]\n    in no layer\n" in found
    assert "hunter2" not in found
    assert "other" not in found


def test_a_value_that_a_file_hides_is_not_compared(story: Path, tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    file.write_text(run(story, "show", WEB, "--format", "json").stdout)
    assert compared(story, f"file:{file}", WEB, code=0).stderr == (
        "no difference in 1 process; 1 value could not be compared\n"
    )


NO_VALUES = {
    "no file": (None, "can't be read: no such file or directory"),
    "no JSON": ("A=b", "is not JSON"),
    "no text": (b"\xff", "is not JSON"),
    "too deep": ("[" * 100_000, "is not JSON"),
    "a list": ('["A"]', "is no object of names and texts"),
    "numbers": ('{"A": 1}', "is no object of names and texts"),
    "an object inside": ('{"A": {"value": "a"}}', "is no object of names and texts"),
    "shown, without a value": ('{"target": "a/b/c", "variables": {"A": {}}}', "says no value of `A`"),
    "shown, with a number": ('{"target": "a/b/c", "variables": {"A": {"value": 1}}}', "says no value of `A`"),
    "too large": (" " * ((16 << 20) + 1), "is larger than 16 MiB"),
}


@pytest.mark.parametrize("name", NO_VALUES)
def test_a_file_that_holds_no_values_is_an_error(name: str, story: Path, tmp_path: Path) -> None:
    text, expected = NO_VALUES[name]
    file = tmp_path / "values.json"
    if text is not None:
        file.write_bytes(text.encode() if isinstance(text, str) else text)
    done = compared(story, f"file:{file}", WEB, code=2)
    assert done.stdout == ""
    assert "error[unreadable-environment]" in done.stderr
    assert expected in done.stderr


def test_a_folder_is_no_file_of_values(story: Path) -> None:
    assert "can't be read: is a directory" in compared(story, f"file:{story}", WEB, code=2).stderr


@pytest.fixture
def out(folder: Path, tmp_path: Path) -> Path:
    without_sealed(folder)
    assert run(folder, "build", "--out", str(tmp_path / "out")).code == 0
    return tmp_path / "out"


@pytest.fixture
def live(out: Path) -> Iterator[str]:
    """The number of a process that the real chpst started with what was built for production/accounts/web."""
    nested = [
        word
        for place in ("common", "production", "production/accounts", WEB)
        for word in (CHPST, "-e", str(out / "current" / place / "env"))
    ]
    foreign = {"PATH": "/usr/bin:/bin", "EVIL\x1b[31m": "x", "NOT_TEXT": os.fsdecode(b"\xff")}
    with child([*nested, "sleep", "1000"], env=foreign) as process:
        environment = Path(f"/proc/{process.pid}/environ")
        wait_for(lambda: b"PORT=" in environment.read_bytes())  # the last chpst is done
        yield str(process.pid)


def test_a_running_process_is_held_against_its_target(live: str, folder: Path) -> None:
    done = compared(folder, f"live:{live}", WEB, code=0)
    assert done.stderr == (
        "not compared: 3 that the tree doesn't know: EVIL\\x1b[31m, NOT_TEXT, PATH\nno difference in 1 process\n"
    )
    write_tree(folder, {"configs/production.yaml": "LOG_LEVEL: debug\nPASSWORD: Hunter2\n"})
    found = cleaned(compared(folder, f"live:{live}", WEB).stdout)
    assert "~ LOG_LEVEL  info -> debug\n    configs/production.yaml:1:12  not committed\n" in found
    assert "~ PASSWORD  [hidden #] -> [hidden #] (differs in letter case)\n" in found
    assert changed(folder, WEB, f"live:{live}")["LOG_LEVEL"] == {("debug", "info")}
    write_tree(folder, {"configs/accounts/web/common.yaml": "PORT: !unset\nPATH: /bin\n"})
    assert changed(folder, f"live:{live}", WEB, code=2).keys() == {"LOG_LEVEL", "PASSWORD", "PORT", "PATH"}


def test_a_running_process_is_held_against_a_file_and_nothing_of_it_is_shown(live: str, tmp_path: Path) -> None:
    (tmp_path / "values.json").write_text('{"URL": "x"}')
    done = run(tmp_path, "diff", f"live:{live}", f"file:{tmp_path / 'values.json'}")
    assert (done.code, "error[unclear-comparison]" in done.stderr) == (2, True)


def test_one_process_is_held_against_one_target(live: str, folder: Path, out: Path) -> None:
    for words in ((f"live:{live}",), (f"live:{live}", "production/accounts"), (f"dir:{out}", f"live:{live}")):
        done = compared(folder, *words, code=2)
        assert "error[unclear-comparison]" in done.stderr
        assert WEB in done.stderr


def test_values_that_are_no_text_are_told_as_escapes(folder: Path) -> None:
    environment = {"HOST": os.fsdecode(b"\xff\xfe"), "ZONE": "\x1b[31m", "URL": "é漢"}
    with child(["sleep", "1000"], env=environment) as process:
        done = [run(folder, "diff", WEB, f"live:{process.pid}", *words) for words in ([], ["--format", "markdown"])]
        assert all("\\udcff\\udcfe" in each.stdout for each in done)
        assert all("\\x1b[31m" in each.stdout for each in done)
        told = changed(folder, WEB, f"live:{process.pid}")
        assert told["HOST"] == {("db.asia.internal", "\udcff\udcfe")}


@pytest.mark.parametrize("number", ["99999999", "9" * 400])
def test_a_process_that_is_not_there_is_an_error(number: str, story: Path) -> None:
    done = compared(story, f"live:{number}", WEB, code=2)
    assert "error[unreadable-environment]" in done.stderr
    assert done.stdout == ""


@pytest.mark.root
def test_a_process_of_another_user_is_an_error_with_advice(story: Path) -> None:
    code = f"""
import os, sys
from envtree.adapters.process.environment import read_process
from envtree.core.model.diagnostic import EnvtreeError
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    read_process("{os.getpid()}")
except EnvtreeError as error:
    print(error.diagnostics[0].message, error.diagnostics[0].help)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert b"permission denied ask as the user it runs as, or as root" in done.stdout


# Repositories of all kinds.


def test_a_side_without_a_tree_has_no_answer(story: Path) -> None:
    for words in (("main..no-tree",), ("no-tree..main",), ("no-tree:",)):
        done = compared(story, *words, code=2)
        assert "error[no-tree]" in done.stderr
        assert done.stdout == ""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("main..nowhere",), "unknown-revision"),
        (("nowhere...main",), "unknown-revision"),
        (("--", "--output=x:"), "unknown-revision"),
        (("main..many", "nowhere"), "unknown-target"),
        (("staging", "nowhere"), "unknown-target"),
        (("nowhere", "nothing"), "unknown-target"),
        (("staging",), "unclear-comparison"),
        (("main..many", "chain:"), "unknown-target"),
        (("main..many:staging", "production"), "unclear-comparison"),
    ],
)
def test_what_can_not_be_compared_has_no_answer(words: tuple[str, ...], code: str, story: Path) -> None:
    done = compared(story, *words, code=2)
    assert re.findall(r"^error\[([a-z-]+)\]", done.stderr, re.MULTILINE) == [code]
    assert done.stdout == ""


def test_two_kinds_of_lists_are_two_answers(story: Path) -> None:
    assert "two answers" in compared(story, "main..many", "--stat", "--name-only", code=2).stderr


def test_a_tree_in_a_subfolder_is_compared(story: Path, tmp_path: Path) -> None:
    root = init(tmp_path / "tree")
    commit(root, {f"deploy/{path}": text for path, text in BASE.items()})
    (root / "deploy/configs/production.yaml").unlink()
    commit(root, {"deploy/configs/common.yaml": COMMON.replace("eu", "us")})
    commit(root, {"other": "x"}, "another")
    text = cleaned(compared(root / "deploy", "HEAD~2..").stdout)
    assert f"~ ZONE  eu -> us\n    configs/common.yaml:3:7{BY}a change\n" in text
    assert f"- PASSWORD  [hidden #]\n    configs/production.yaml:2:11 removed{BY}a change\n" in text
    assert "error[no-tree]" in compared(root, "HEAD~2..", code=2).stderr


def test_a_bare_repository_is_compared_by_its_revisions(story: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", story, tmp_path / "bare")
    assert cleaned(compared(tmp_path / "bare", "main..many").stdout) == SAID["many"][1]
    assert compared(tmp_path / "bare", "main:", code=2).stdout == ""


def test_in_a_shallow_clone_what_it_holds_is_compared(folder: Path, tmp_path: Path) -> None:
    git(folder, "commit", "-qam", "one")
    write_tree(folder, {"configs/common.yaml": COMMON.replace("eu", "africa")})
    git(folder, "commit", "-qam", "two")
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{folder}", tmp_path / "clone")
    assert f"    configs/common.yaml:3:7{BY}two\n" in cleaned(compared(tmp_path / "clone", "HEAD~1..").stdout)
    assert "error[unknown-revision]" in compared(tmp_path / "clone", "HEAD~2..", code=2).stderr


def test_without_a_repository_only_what_lies_there_is_compared(tmp_path: Path) -> None:
    write_tree(tmp_path, BASE)
    assert compared(tmp_path, WEB, WORKER).stdout == (
        "~ PORT  8000 -> 8001\n    configs/accounts/worker/common.yaml:1:7\n"
    )
    assert "error[no-repository]" in compared(tmp_path, "HEAD:", code=2).stderr


def test_a_file_that_was_a_folder_for_a_while_is_no_obstacle(folder: Path) -> None:
    file = folder / "configs/accounts/worker/common.yaml"
    file.unlink()
    for number in range(40):  # whose ids hold all kinds of bytes
        write_tree(folder, {f"configs/accounts/worker/common.yaml/{number}": f"{number}\n"})
    commit(folder, message="a folder")
    shutil.rmtree(file)
    write_tree(folder, {"configs/accounts/worker/common.yaml": "ZONE: x\n"})
    commit(folder, message="a file")
    text = cleaned(compared(folder, "HEAD~2..HEAD", WORKER).stdout)
    assert f"- PORT  8001\n    configs/accounts/worker/common.yaml:1:7 removed{BY}a folder\n" in text
    assert f"    configs/accounts/worker/common.yaml:1:7{BY}a file\n" in text


def test_a_commit_that_git_has_lost_leaves_lines_without_authors(folder: Path) -> None:
    git(folder, "repack", "-adfq")
    for path in (folder / ".git/objects/pack").glob("*.pack"):
        path.chmod(0o644)
        shutil.move(path, folder / "objects")
    for path in (folder / ".git/objects/pack").iterdir():
        path.unlink()
    with (folder / "objects").open("rb") as pack:
        subprocess.run(["git", "unpack-objects", "-q"], cwd=folder, stdin=pack, check=True)
    (folder / "objects").unlink()
    head = commit(folder, {"configs/common.yaml": COMMON.replace("eu", "africa")}, "one")
    commit(folder, {"configs/common.yaml": COMMON.replace("eu", "asia")}, "two")
    commit(folder, {"configs/staging.yaml": "ZONE: x\n"}, "three")
    blob = git(folder, "rev-parse", f"{head}:configs/common.yaml")
    (folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    assert "    configs/common.yaml:3:7\n" in compared(folder, "main~3..main").stdout


def test_what_a_repository_says_reaches_no_terminal_as_it_is(folder: Path) -> None:
    evil = {"GIT_AUTHOR_NAME": "E\x1b[31mv\x07e", "GIT_AUTHOR_DATE": "2026-04-02T23:30:59+05:30"}
    git(folder, "commit", "-qm", "sub\x1b]0;ject\u202e漢", **evil)
    done = compared(folder, "HEAD~1..HEAD")
    assert all(line.isprintable() for line in done.said.splitlines())
    assert "2026-04-02 E\\x1b[31mv\\x07e: sub\\x1b]0;ject\\u202e漢\n" in done.stdout


def test_a_terminal_is_painted_and_nothing_else(story: Path) -> None:
    for name in ("removed", "targets", "invalid", "layer-copied", "many"):
        plain = compared(story, f"main..{name}", code=SAID[name][0]).stdout
        painted = compared(story, f"main..{name}", "--color", "always", code=SAID[name][0]).stdout
        assert "\x1b" not in plain
        assert cleaned(re.sub(r"\x1b\[[0-9;]*m", "", painted)) == cleaned(plain)
        assert "\x1b[" in painted
    text = run(story, "diff", "main..many", terminal=True, env={"TERM": "xterm"}).stdout
    assert "\x1b[33m~ LOG_LEVEL\x1b[0m  info -> debug" in text
    for words in (["--format", "json"], ["--format", "markdown"], ["--stat"], ["--name-only"]):
        assert "\x1b" not in compared(story, "main..hostile", *words, "--color", "always").stdout


def test_a_comment_and_counts_of_a_commit(story: Path) -> None:
    said = cleaned(compared(story, "main..unset", "--format", "markdown").stdout)
    assert said.splitlines()[:7] == [
        "**envtree**: different: 4 variables in 2 of 6 processes (`main:` to `unset:`)",
        "",
        "| | variable | before | after | processes | line |",
        "|---|---|---|---|---|---|",
        "| ~ | `HOST` | `db.eu.internal` | `h` | 2 | `configs/accounts/production.yaml:2` |",
        "| - | `PASSWORD` | `[hidden #]` |  | 2 | `configs/accounts/production.yaml:3` |",
        "| ~ | `URL` | `https://db.eu.internal/` | `https://h/` | 2 | `configs/common.yaml:4` through `HOST` |",
    ]
    assert compared(story, "main..unset", "--stat").stdout == (
        "production/accounts/web     +0 ~2 -2\nproduction/accounts/worker  +0 ~2 -2\n"
    )
    assert compared(story, "main..unset", WEB, "--name-only").stdout == (
        f"{WEB}\tHOST\n{WEB}\tPASSWORD\n{WEB}\tURL\n{WEB}\tZONE\n"
    )


def test_nine_hundred_processes_are_compared(tmp_path: Path) -> None:
    services = {
        f"configs/service-{number}/service.yaml": "processes: {a: {command: a}, b: {command: b}, c: {command: c}}\n"
        for number in range(150)
    }
    overrides: dict[str, str] = {f"configs/service-{number}/common.yaml": "LOG_LEVEL: debug\n" for number in range(30)}
    base = {
        **services,
        **overrides,
        "envtree.yaml": SETTINGS,
        "schemas/common.py": SCHEMA,
        "configs/common.yaml": COMMON,
    }
    folder = branches(
        tmp_path / "tree",
        base,
        {
            "wide": {"configs/common.yaml": COMMON.replace("info", "debug")},
            "narrow": {"configs/service-7/b/staging.yaml": "LOG_LEVEL: info\n"},
        },
    )
    done = compared(folder, "main..wide")
    assert done.stderr == "different: 1 variable in 720 of 900 processes\n"
    assert "    changes 720 processes (shadowed in 180): production/service-100/a, " in done.stdout
    assert len(done.stdout.splitlines()) == 3
    assert len(compared(folder, "main..wide", "--stat").stdout.splitlines()) == 720
    assert cleaned(compared(folder, "main..narrow").stdout) == (
        f"~ LOG_LEVEL  debug -> info\n    configs/service-7/b/staging.yaml:1:12{BY}narrow\n"
        "    changes 1 process: staging/service-7/b\n"
    )
    assert len(compared(folder, "main..wide", "--format", "markdown").stdout) < 65_536
