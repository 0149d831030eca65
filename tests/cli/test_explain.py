"""What `envtree explain` says of a variable, of real repositories, to the letter."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.builders import small_tree, write_tree
from tests.cli.running import Done, run
from tests.cli.test_completion import complete
from tests.cli.test_show import on_a_terminal
from tests.repositories import commit, git, init
from tests.sealed_files import sealed_layer

TARGET = "production/accounts/web"
IDENTITY = re.compile(r"\b[0-9a-f]{12}\b")
SCHEMA = """\
from typing import Literal

from pydantic import Field

from envtree import Secret, Settings


class Accounts(Settings):
    LOG_LEVEL: Literal["debug", "info"] = Field("info", description="How much is logged.")
    HOST: str
    ZONE: str = ""
    PASSWORD: Secret | None = None
    URL: Secret[str] | None = None
    PEM: str = ""
    LOOP: str = ""
    BACK: str = ""


class Web(Settings, process="web", environment="production"):
    LOG_LEVEL: str
    \"\"\"Of this process,
    and no other.\"\"\"
"""
BASE = small_tree(
    **{
        "schemas/accounts.py": SCHEMA,
        "configs/common.yaml": 'LOG_LEVEL: info\nHOST: !expand "db.${ZONE}.internal"\nZONE: eu\n',
        "configs/accounts/common.yaml": "# nothing\n",
    }
)
LATER = {
    "GIT_AUTHOR_NAME": "Bob Builder",
    "GIT_AUTHOR_DATE": "2026-04-02T23:30:59+05:30",
    "GIT_COMMITTER_DATE": "2026-04-02T23:30:59+05:30",
}
ANN = "ID  2026-03-01 12:00 +00:00  Ann"
BOB = "ID  2026-04-02 23:30 +05:30  Bob Builder"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with two commits, and one change that is not committed."""
    root = write_tree(init(tmp_path / "tree"), BASE)
    commit(root, message="first")
    files = {
        "configs/accounts/production.yaml": (
            'LOG_LEVEL: debug\nPASSWORD: hunter2\nURL: !expand "db://app:${PASSWORD}@${HOST}/"\nPEM: !file key.pem\n'
            'LOOP: !expand "${BACK}${ABSENT}${GONE}"\nBACK: !expand "${LOOP}"\nGONE: !unset\n'
        ),
        "configs/accounts/key.pem": "one\ntwo\n",
    }
    write_tree(root, files)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "say more at night", **LATER)
    write_tree(root, {"configs/accounts/web/common.yaml": "LOG_LEVEL: info\n"})
    return root


def explained(folder: Path, name: str, *words: str, code: int = 0) -> Done:
    done = run(folder, "explain", TARGET, name, *words)
    assert done.code == code, done.said
    return done


def data(folder: Path, name: str, *words: str) -> Any:
    return json.loads(explained(folder, name, "--format", "json", *words).stdout)


LOG_LEVEL = f"""\
production/accounts/web  LOG_LEVEL = info

  configs/common.yaml:1:12               info
    {ANN}          first
  configs/production.yaml                -
  configs/accounts/common.yaml           -
  configs/accounts/production.yaml:1:12  debug
    {BOB}  say more at night
> configs/accounts/web/common.yaml:1:12  info
    not committed
  configs/accounts/web/production.yaml   -

declared in schemas/accounts.py:9 by Accounts
    LOG_LEVEL: Literal["debug", "info"]
    not required; the default, info, is not written out
    How much is logged.
declared in schemas/accounts.py:20 by Web (of `web` in `production`)
    LOG_LEVEL: str
    required
    Of this process,
    and no other.
"""
URL = f"""\
production/accounts/web  URL = [hidden]

  configs/common.yaml                   -
  configs/production.yaml               -
  configs/accounts/common.yaml          -
> configs/accounts/production.yaml:3:6  !expand [hidden]
    {BOB}  say more at night
  configs/accounts/web/common.yaml      -
  configs/accounts/web/production.yaml  -

made of
    PASSWORD  configs/accounts/production.yaml:2:11  [hidden]
      {BOB}  say more at night
    HOST      configs/common.yaml:2:7                db.eu.internal
      {ANN}          first
      ZONE    configs/common.yaml:3:7                eu
        {ANN}          first

declared in schemas/accounts.py:13 by Accounts
    URL: Secret[str] | None
    not required
"""
PEM = f"""\
production/accounts/web  PEM = one\\ntwo\\n

  configs/common.yaml                   -
  configs/production.yaml               -
  configs/accounts/common.yaml          -
> configs/accounts/production.yaml:4:6  one\\ntwo\\n
    {BOB}  say more at night
    configs/accounts/key.pem: {BOB}  say more at night
  configs/accounts/web/common.yaml      -
  configs/accounts/web/production.yaml  -

declared in schemas/accounts.py:14 by Accounts
    PEM: str
    not required; the default, "", is not written out
"""
LOOP = f"""\
production/accounts/web  LOOP can't be computed

  configs/common.yaml                   -
  configs/production.yaml               -
  configs/accounts/common.yaml          -
> configs/accounts/production.yaml:5:7  !expand [hidden]
    {BOB}  say more at night
  configs/accounts/web/common.yaml      -
  configs/accounts/web/production.yaml  -

made of
    BACK    configs/accounts/production.yaml:6:7  (can't be computed)
      {BOB}  say more at night
      LOOP  configs/accounts/production.yaml:5:7  (refers back to itself)
    ABSENT  -                                     (no value)
    GONE    configs/accounts/production.yaml:7:7  (unset)
      {BOB}  say more at night

declared in schemas/accounts.py:15 by Accounts
    LOOP: str
    not required; the default, "", is not written out
"""
GONE = f"""\
production/accounts/web  GONE is unset

  configs/common.yaml                   -
  configs/production.yaml               -
  configs/accounts/common.yaml          -
> configs/accounts/production.yaml:7:7  !unset
    {BOB}  say more at night
  configs/accounts/web/common.yaml      -
  configs/accounts/web/production.yaml  -

no schema of `accounts` declares it
"""


def test_what_a_value_inherits_is_shown_step_by_step(tmp_path: Path) -> None:
    files = {
        "configs/common.yaml": 'LOG_LEVEL: info\nHOST: !expand "db.${ZONE}"\nZONE: eu\n',
        "configs/production.yaml": 'HOST: !expand "${HOST}.prod"\n',
        "configs/accounts/production.yaml": 'HOST: !expand "a.${HOST}"\n',
    }
    write_tree(tmp_path, {**BASE, **files})
    done = run(tmp_path, "explain", TARGET, "HOST", "--no-blame")
    assert done.stdout.startswith("production/accounts/web  HOST = a.db.eu.prod\n")
    _, _, made_of = done.stdout.partition("made of\n")
    assert made_of.split("\n\n")[0].splitlines() == [
        "    HOST (inherited)    configs/production.yaml:1:7  db.eu.prod",
        "      HOST (inherited)  configs/common.yaml:2:7      db.eu",
        "        ZONE            configs/common.yaml:3:7      eu",
    ]
    parts = json.loads(run(tmp_path, "explain", TARGET, "HOST", "--no-blame", "--format", "json").stdout)["parts"]
    assert [(each["name"], each["depth"], each["inherited"]) for each in parts] == [
        ("HOST", 1, True),
        ("HOST", 2, True),
        ("ZONE", 3, False),
    ]


@pytest.mark.parametrize(
    ("wider", "shown"),
    [
        ("HOST: !unset\n", "(unset)"),
        ("HOST: !expand ${NOWHERE}\n", "(can't be computed)"),
        ("HOST: [a]\n", "(wrong)"),
        ("", "-  (no value)"),
    ],
)
def test_an_inherited_value_that_is_none_says_why(wider: str, shown: str, tmp_path: Path) -> None:
    files = {
        "configs/common.yaml": f"LOG_LEVEL: info\n{wider}",
        "configs/production.yaml": 'HOST: !expand "${HOST}!"\n',
    }
    write_tree(tmp_path, {**BASE, **files})
    done = run(tmp_path, "explain", TARGET, "HOST", "--no-blame")
    assert re.search(rf"^    HOST \(inherited\)  .*{re.escape(shown)}$", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.parametrize(
    ("name", "expected"),
    [("LOG_LEVEL", LOG_LEVEL), ("URL", URL), ("PEM", PEM), ("LOOP", LOOP), ("GONE", GONE)],
    ids=["layers", "parts", "file", "circle", "unset"],
)
def test_a_variable_is_explained_layer_by_layer(name: str, expected: str, folder: Path) -> None:
    assert IDENTITY.sub("ID", explained(folder, name).stdout) == expected


def test_the_commit_is_the_one_that_git_knows(folder: Path) -> None:
    head = git(folder, "rev-parse", "HEAD")
    commits = [line["commit"] for line in data(folder, "LOG_LEVEL")["layers"] if line["line"]]
    assert commits[0]["id"] == git(folder, "rev-parse", "HEAD~1")
    assert commits[1] == {
        "id": head,
        "author": "Bob Builder",
        "date": "2026-04-02T23:30:59+05:30",
        "subject": "say more at night",
        "or_before": False,
    }
    assert commits[2] is None


def test_of_a_commit_and_of_the_index_only_what_is_there_is_told(folder: Path) -> None:
    for words in (["--ref", "HEAD"], ["--staged"]):
        told = data(folder, "LOG_LEVEL", *words)
        assert told["value"] == "debug"
        assert [line["file"] for line in told["layers"] if line["commit"]] == [
            "configs/common.yaml",
            "configs/accounts/production.yaml",
        ]
    assert data(folder, "LOG_LEVEL", "--ref", "HEAD~1")["value"] == "info"


def test_json_holds_all_of_it(folder: Path) -> None:
    told = data(folder, "URL")
    assert {name: told[name] for name in ("target", "name", "state", "value", "hidden", "certain", "rule")} == {
        "target": TARGET,
        "name": "URL",
        "state": "set",
        "value": None,
        "hidden": True,
        "certain": True,
        "rule": "declared",
    }
    (line,) = (each for each in told["layers"] if each["line"])
    assert (line["layer"], line["expand"], line["wins"], line["value"]) == ("accounts/production", True, True, None)
    assert [(each["name"], each["of"], each["depth"], each["value"]) for each in told["parts"]] == [
        ("PASSWORD", "URL", 1, None),
        ("HOST", "URL", 1, "db.eu.internal"),
        ("ZONE", "HOST", 2, "eu"),
    ]
    assert told["declarations"][0]["type"] == "Secret[str] | None"
    assert data(folder, "URL", "--reveal")["value"] == "db://app:hunter2@db.eu.internal/"


def test_a_hidden_value_is_in_no_format_and_revealed_when_asked_for(folder: Path) -> None:
    for name in ("PASSWORD", "URL"):
        for words in ([], ["--format", "json"]):
            assert "hunter2" not in explained(folder, name, *words).said
            assert "hunter2" in explained(folder, name, "--reveal", *words).stdout
    assert "`--reveal` shows what is hidden" in explained(folder, "PASSWORD").stderr
    assert explained(folder, "PASSWORD", "-q").stderr.count("reveal") == 0
    assert "reveal" not in explained(folder, "HOST").stderr


def test_the_problems_of_the_variable_are_told_and_others_counted(folder: Path) -> None:
    said = explained(folder, "LOOP").stderr
    assert re.findall(r"error\[([a-z-]+)\]: (.*)", said) == [
        ("reference-cycle", "`BACK` refers to itself, through `LOOP`")
    ]
    assert re.search(r"^\d other problems?: `envtree validate` shows (it|them)$", said, re.MULTILINE)
    assert "error" not in explained(folder, "HOST").stderr


WRONG = {
    "invalid value": ("configs/production.yaml", "LOG_LEVEL: loud\n", "invalid-value"),
    "set twice": ("configs/production.yaml", "LOG_LEVEL: info\nZONE: us\nLOG_LEVEL: info\n", "duplicate-variable"),
    "list": ("configs/accounts/web/production.yaml", "LOG_LEVEL: [a]\n", "nested-value"),
    "nothing": ("configs/accounts/web/production.yaml", "LOG_LEVEL:\n", "missing-value"),
    "removed": ("configs/accounts/web/production.yaml", "LOG_LEVEL: !unset\n", "missing-variable"),
    "broken layer": ("configs/accounts/web/production.yaml", 'LOG_LEVEL: "a\n', "invalid-yaml"),
    "broken sealed layer": ("configs/accounts/web/production.sops.yaml", "- a\n", "invalid-metadata"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_variable_that_is_wrong_is_explained_with_what_is_wrong(name: str, folder: Path) -> None:
    path, text, code = WRONG[name]
    shutil.rmtree(folder / "configs/accounts/web")
    write_tree(folder, {path: text})
    if name == "invalid value":
        (folder / "configs/accounts/production.yaml").unlink()
    done = explained(folder, "LOG_LEVEL")
    assert re.findall(r"^error\[([a-z-]+)\]", done.stderr, re.MULTILINE) == [code]
    assert ("may say otherwise" in done.stdout) == ("broken" in name)
    assert data(folder, "LOG_LEVEL")["certain"] is ("broken" not in name)


def test_a_tree_that_is_invalid_elsewhere_is_explained(folder: Path) -> None:
    write_tree(folder, {"configs/staging.yaml": "A: [\n", "configs/accounts/web/nonsense.txt": "a"})
    write_tree(folder, {"configs/billing/service.yaml": "processes: {web: {comand: a}}\n"})
    assert IDENTITY.sub("ID", explained(folder, "LOG_LEVEL").stdout) == LOG_LEVEL


def test_a_schema_of_another_service_that_is_broken_hides_values_and_no_rules(folder: Path) -> None:
    write_tree(folder, {"configs/billing/service.yaml": "processes: {web: {command: a}}\n"})
    write_tree(folder, {"schemas/billing.py": "import nowhere_to_be_found\n"})
    told = data(folder, "LOG_LEVEL")
    assert (told["value"], told["hidden"], told["judged"], told["rule"]) == (None, True, False, "declared")
    assert told["declarations"][0]["type"] == "Literal[..., ...]"
    assert told["declarations"][0]["default"] is None
    assert "the schemas have errors: every value is hidden" in explained(folder, "LOG_LEVEL").stdout
    (folder / "schemas").chmod(0o777)
    told = data(folder, "LOG_LEVEL")
    assert (told["judged"], told["rule"], told["declarations"]) == (False, "unknown", [])


def test_settings_that_hide_the_target_are_what_is_told(folder: Path) -> None:
    write_tree(folder, {"envtree.yaml": "environments: [\n"})
    done = explained(folder, "LOG_LEVEL", code=2)
    assert done.stdout == ""
    assert "error[invalid-yaml]: `envtree.yaml`" in done.stderr
    assert "unknown-target" not in done.stderr


def test_a_name_in_a_layer_that_cannot_be_read_is_not_called_unknown(folder: Path) -> None:
    assert "error[unknown-name]" in explained(folder, "NOWHERE", code=2).stderr
    write_tree(folder, {"configs/production.yaml": "NOWHERE: [\n"})
    done = explained(folder, "NOWHERE")
    assert done.stdout.startswith(f"{TARGET}  NOWHERE has no value\na layer that can't be read may say otherwise\n")


def test_a_name_that_is_only_declared_is_explained(folder: Path) -> None:
    write_tree(folder, {"configs/accounts/production.yaml": ""})
    done = explained(folder, "PEM")
    assert done.stdout.startswith(f"{TARGET}  PEM has no value\n")
    assert "declared in schemas/accounts.py:14" in done.stdout


def test_without_schemas_every_value_is_hidden_and_the_rule_says_why(folder: Path) -> None:
    shutil.rmtree(folder / "schemas")
    done = explained(folder, "LOG_LEVEL")
    assert "LOG_LEVEL = [hidden]" in done.stdout
    assert "no schema governs this process" in done.stdout


def test_a_sealed_sibling_is_in_line(folder: Path) -> None:
    write_tree(folder, {"configs/accounts/web/common.sops.yaml": sealed_layer(PASSWORD="x")})
    told = data(folder, "PASSWORD", "--reveal")
    assert (told["state"], told["value"], told["hidden"]) == ("sealed", None, True)
    assert [line["file"] for line in told["layers"]][4:6] == [
        "configs/accounts/web/common.yaml",
        "configs/accounts/web/common.sops.yaml",
    ]
    assert "PASSWORD = [sealed]" in explained(folder, "PASSWORD").stdout


def test_a_password_in_an_address_is_hidden_in_the_parts_too(folder: Path) -> None:
    layer = 'ZONE: "https://app:"\nHOST: !expand "${ZONE}hunter2@host"\nPEM: !expand "https://app:hunter2@${ZONE}"\n'
    write_tree(folder, {"configs/accounts/web/common.yaml": layer})
    for name in ("HOST", "PEM", "ZONE"):
        for words in ([], ["--format", "json"]):
            assert "hunter2" not in explained(folder, name, *words).said


def test_parts_without_end_are_cut(folder: Path) -> None:
    ladder = "".join(f'V{n}: !expand "${{V{n + 1}}}${{V{n + 1}}}${{V{n + 2}}}"\n' for n in range(1000))
    wide = "".join(f"W{n}: a\n" for n in range(1000))
    layer = f"{ladder}V1000: a\nV1001: b\n{wide}WIDE: !expand {''.join(f'${{W{n}}}' for n in range(1000))}\n"
    write_tree(folder, {"configs/production.yaml": layer})
    told = data(folder, "V0", "--no-blame")
    assert max(each["depth"] for each in told["parts"]) == 20
    assert {each["parts"] for each in told["parts"]} == {"follow", "elsewhere", "left out"}
    told = data(folder, "WIDE", "--no-blame")
    assert (len(told["parts"]), told["parts_left_out"]) == (200, True)
    assert "    and more\n" in explained(folder, "WIDE", "--no-blame").stdout


def test_control_characters_of_the_repository_reach_no_terminal(folder: Path) -> None:
    evil = {"GIT_AUTHOR_NAME": "E\x1b[31mv\x07e", "GIT_AUTHOR_DATE": LATER["GIT_AUTHOR_DATE"]}
    write_tree(folder, {"configs/accounts/web/common.yaml": "LOG_LEVEL: debug\n"})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "sub\x1b]0;ject\u202e", **evil)
    done = explained(folder, "LOG_LEVEL")
    assert all(line.isprintable() for line in done.stdout.splitlines())
    assert "E\\x1b[31mv\\x07e  sub\\x1b]0;ject\\u202e" in done.stdout


NO_COMMITS = {
    "no repository": "no commits are shown: the tree lies in no git repository",
    "no commit": "no commits are shown: there is none yet",
    "no git": "git is not installed",
    "broken": "the repository lacks 1 of the files",
}


@pytest.mark.parametrize("name", NO_COMMITS)
def test_where_git_has_no_answer_the_rest_is_told(
    name: str, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name == "no repository":
        shutil.rmtree(folder / ".git")
    elif name == "no commit":
        git(folder, "update-ref", "-d", "HEAD")
    elif name == "no git":
        monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    else:
        blob = git(folder, "rev-parse", "HEAD~1:configs/common.yaml")
        (folder / ".git/objects" / blob[:2] / blob[2:]).unlink()
    done = explained(folder, "LOG_LEVEL")
    assert done.stdout == re.sub(r"^    (?:ID  .*|not committed)\n", "", LOG_LEVEL, flags=re.MULTILINE)
    assert done.stderr.count(NO_COMMITS[name]) == 1
    assert data(folder, "LOG_LEVEL")["blamed"] is False
    assert explained(folder, "LOG_LEVEL", "--no-blame", "-q").stderr == ""


def test_without_blame_git_is_not_asked(folder: Path) -> None:
    stdout = explained(folder, "LOG_LEVEL", "--no-blame").stdout
    assert stdout == re.sub(r"^    (?:ID  .*|not committed)\n", "", LOG_LEVEL, flags=re.MULTILINE)


def test_in_a_shallow_clone_the_oldest_commit_is_or_before(folder: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{folder}", tmp_path / "clone")
    stdout = explained(tmp_path / "clone", "LOG_LEVEL").stdout
    assert stdout.count("2026-04-02 23:30 +05:30 or before  Bob Builder  say more at night") == 2


def test_a_bare_repository_is_explained(folder: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", folder, tmp_path / "bare")
    assert "say more at night" in explained(tmp_path / "bare", "LOG_LEVEL", "--ref", "HEAD").stdout


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_text_fits_its_terminal(columns: int, folder: Path) -> None:
    write_tree(folder, {"configs/accounts/web/common.yaml": f"LOG_LEVEL: {'x' * 500}\n"})
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "y" * 500, GIT_AUTHOR_NAME="z" * 500)
    text = re.sub(r"\x1b\[[0-9;]*m", "", on_a_terminal(folder, columns, "explain", TARGET, "LOG_LEVEL"))
    tables = text.split("\n\n")[1].splitlines()
    assert "xxx..." in text
    if columns > 40:
        assert max(map(len, tables)) <= columns
        assert "zzz...  yyy" in text


def test_only_a_terminal_is_painted(folder: Path) -> None:
    assert "\x1b[1;32m> configs/accounts/web/common.yaml" in explained(folder, "LOG_LEVEL", "--color", "always").stdout
    assert "\x1b" not in explained(folder, "LOG_LEVEL").said


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (f"envtree explain {TARGET} L", ["LOG_LEVEL", "LOOP"]),
        (f"envtree explain {TARGET} --ref HEAD PA", ["PASSWORD"]),
        ("envtree explain staging/accounts/web P", []),
        ("envtree explain pro", ["production"]),
        ("envtree explain nowhere L", []),
    ],
)
def test_names_are_completed(line: str, expected: list[str], folder: Path) -> None:
    assert complete(folder, line) == expected


def test_one_target_is_explained_at_a_time(folder: Path) -> None:
    done = run(folder, "explain", "production", "LOG_LEVEL")
    assert (done.code, done.stdout.splitlines()[0]) == (0, f"{TARGET}  LOG_LEVEL = info")
    assert run(folder, "explain", "*", "LOG_LEVEL").code == 2
