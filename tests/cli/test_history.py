"""What `envtree log` lists of real repositories: each commit that changed what a process gets, and no other."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.builders import SERVICE, small_tree
from tests.cli.running import Done, run
from tests.cli.test_show import on_a_terminal
from tests.repositories import commit, git, repository, state
from tests.sealed_files import sealed_layer

if TYPE_CHECKING:
    from pathlib import Path

TARGET = "production/accounts/web"
WIDE = "configs/common.yaml"
OWN = "configs/accounts/web/production.yaml"
SCHEMA = """\
from envtree import Secret, Settings


class Accounts(Settings):
    LOG_LEVEL: str = ""
    WORKERS: int = 1
    HOST: str = ""
    URL: str = ""
    PEM: str = ""
    TOKEN: Secret | None = None
"""
TREE = small_tree(**{WIDE: "LOG_LEVEL: info\n", "schemas/accounts.py": SCHEMA})
SEALED = "configs/accounts/production.sops.yaml"
RUN_OLD = "--run-old-schemas"
SECRET_HOST = SCHEMA.replace("HOST: str", "HOST: Secret")
Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A repository with a tree and nothing else."""
    return repository(tmp_path / "tree", TREE)


def remove(folder: Path, *paths: str, message: str = "removed") -> None:
    git(folder, "rm", "-rq", *paths)
    commit(folder, message=message)


def data_of(folder: Path, *words: str) -> dict[str, Any]:
    done = run(folder, "history", TARGET, *words, "--format", "json")
    assert done.code == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)
    return data


def told(folder: Path, *words: str) -> Told:
    """Each listed commit's subject, with what it changed: values by name, and what became invalid or valid."""
    found = []
    for each in data_of(folder, *words)["commits"]:
        values: dict[str, Any] = {change["name"]: (change["before"], change["after"]) for change in each["changes"]}
        values |= {f"! {fault['name'] or ''}": fault["code"] for fault in each["invalid"]}
        values |= {f"= {name or ''}": None for name in each["valid"]}
        found.append((each["subject"], values))
    return found


def subjects(folder: Path, *words: str) -> list[str]:
    return [subject for subject, _ in told(folder, *words)]


def test_commits_that_changed_a_value_are_listed_the_newest_first(folder: Path) -> None:
    commit(folder, {WIDE: "LOG_LEVEL: warning\n"}, "quieter")
    commit(folder, {OWN: "LOG_LEVEL: debug\n"}, "this process says more")
    commit(folder, {WIDE: "LOG_LEVEL: error\n"}, "shadowed")
    commit(folder, {"README.md": "x\n", "configs/staging.yaml": "LOG_LEVEL: x\n"}, "elsewhere")
    remove(folder, OWN)
    expected: Told = [
        ("removed", {"LOG_LEVEL": ("debug", "error")}),
        ("this process says more", {"LOG_LEVEL": ("warning", "debug")}),
        ("quieter", {"LOG_LEVEL": ("info", "warning")}),
        ("first", {"LOG_LEVEL": (None, "info")}),
    ]
    assert told(folder) == expected
    assert told(folder, "LOG_LEVEL") == expected


def test_the_text_tells_what_changed_and_in_which_line(folder: Path) -> None:
    commit(folder, {WIDE: "LOG_LEVEL: warning\n", OWN: 'URL: !expand "http://${HOST}"\nHOST: a\n'}, "both")
    commit(folder, {OWN: 'URL: !expand "http://${HOST}"\nHOST: b\n'}, "host")
    commit(folder, {OWN: "WORKERS: 2\nTOKEN: hunter2\n"}, "other things")
    commit(folder, {OWN: 'WORKERS: four\nTOKEN: "HUNTER2"\n'}, "not a number")
    commit(folder, {OWN: "WORKERS: 4\n"}, "a number")
    done = run(folder, "history", TARGET)
    text = re.sub(r"^[0-9a-f]{12}\b", "ID", done.stdout, flags=re.MULTILINE)
    text = re.sub(r"#[0-9a-f]{6}", "#DIGITS", text)
    assert text == (
        """\
ID 2026-03-01 Ann  a number
  - TOKEN    [hidden #DIGITS]  configs/accounts/web/production.yaml:2
  ~ WORKERS  four -> 4  configs/accounts/web/production.yaml:1
  = WORKERS is valid again
ID 2026-03-01 Ann  not a number
  ~ TOKEN    [hidden #DIGITS] -> [hidden #DIGITS] (differs in letter case)  configs/accounts/web/production.yaml:2
  ~ WORKERS  2 -> four  configs/accounts/web/production.yaml:1
  ! invalid: `WORKERS` is not an integer  configs/accounts/web/production.yaml:1
ID 2026-03-01 Ann  other things
  - HOST     b  configs/accounts/web/production.yaml:2
  + TOKEN    [hidden #DIGITS]  configs/accounts/web/production.yaml:2
  - URL      http://b  configs/accounts/web/production.yaml:1
  + WORKERS  2  configs/accounts/web/production.yaml:1
ID 2026-03-01 Ann  host
  ~ HOST  a -> b  configs/accounts/web/production.yaml:2
  ~ URL   http://a -> http://b  configs/accounts/web/production.yaml:1 through HOST
ID 2026-03-01 Ann  both
  + HOST       a  configs/accounts/web/production.yaml:2
  ~ LOG_LEVEL  info -> warning  configs/common.yaml:1
  + URL        http://a  configs/accounts/web/production.yaml:1
ID 2026-03-01 Ann  first
  + production/accounts/web  1 variable
  + LOG_LEVEL  info  configs/common.yaml:1
"""
    )
    assert done.stderr == "3 of 14 changes are hidden; `--reveal` shows them\n"


def test_an_override_that_goes_is_told_by_its_line(folder: Path) -> None:
    commit(folder, {OWN: "HOST: a\nLOG_LEVEL: debug\n"}, "more")
    commit(folder, {OWN: "HOST: a\n"}, "less")
    (change,) = data_of(folder, "-n", "1")["commits"][0]["changes"]
    assert (change["before"], change["after"], change["removed"]) == ("debug", "info", True)
    assert (change["file"], change["line"]) == (OWN, 2)
    assert "debug -> info  configs/accounts/web/production.yaml:2 removed\n" in run(folder, "history", TARGET).stdout


def test_a_line_that_moves_to_a_wider_layer_changes_nothing(folder: Path) -> None:
    commit(folder, {OWN: "HOST: a\n"}, "narrow")
    git(folder, "mv", OWN, "configs/accounts/common.yaml")
    commit(folder, message="wider")
    commit(folder, {"configs/accounts/common.yaml": "# why\nHOST: a\n"}, "explained")
    assert subjects(folder) == ["narrow", "first"]


def test_a_value_that_stays_away_after_all_was_never_listed(folder: Path) -> None:
    commit(folder, {OWN: "HOST: !unset\n"}, "nothing to remove")
    assert subjects(folder) == ["first"]
    commit(folder, {OWN: "LOG_LEVEL: !unset\n"}, "something to remove")
    assert told(folder, "-n", "1") == [("something to remove", {"LOG_LEVEL": ("info", None)})]


def test_a_schema_that_makes_a_value_invalid_is_listed_and_the_one_that_makes_it_valid(folder: Path) -> None:
    commit(folder, {OWN: "WORKERS: 3\n"}, "workers")
    commit(folder, {"schemas/accounts.py": SCHEMA.replace("WORKERS: int", "WORKERS: bool")}, "narrowed")
    commit(folder, {"schemas/accounts.py": SCHEMA + "    MORE: str = ''\n"}, "widened")
    commit(folder, {"schemas/accounts.py": SCHEMA + "    MORE: str\n"}, "required")
    commit(folder, {OWN: "WORKERS: 3\nMORE: a\n"}, "given")
    assert told(folder, "WORKERS", RUN_OLD) == [
        ("widened", {"= WORKERS": None}),
        ("narrowed", {"! WORKERS": "invalid-value"}),
        ("workers", {"WORKERS": (None, "3")}),
    ]
    assert told(folder, "MORE", RUN_OLD) == [
        ("given", {"MORE": (None, "a"), "= MORE": None}),
        ("required", {"! MORE": "missing-variable"}),
    ]
    assert subjects(folder, RUN_OLD) == ["given", "required", "widened", "narrowed", "workers", "first"]


def test_older_schemas_are_not_run_and_what_they_would_find_is_as_before(folder: Path) -> None:
    commit(folder, {OWN: "WORKERS: four\n"}, "wrong")
    commit(folder, {"schemas/accounts.py": SCHEMA.replace("WORKERS: int = 1", "WORKERS: str = ''")}, "any text")
    commit(folder, {"schemas/accounts.py": SCHEMA, WIDE: "LOG_LEVEL: debug\n"}, "a number again")
    commit(folder, {OWN: "WORKERS: 4\n"}, "mended")
    with_old = told(folder, "WORKERS", RUN_OLD)
    assert [subject for subject, _ in with_old] == ["mended", "a number again", "any text", "wrong"]
    assert told(folder, "WORKERS") == [
        ("mended", {"WORKERS": ("four", "4"), "= WORKERS": None}),
        ("wrong", {"WORKERS": (None, "four"), "! WORKERS": "invalid-value"}),
    ]
    assert subjects(folder) == ["mended", "a number again", "wrong", "first"]
    assert "`--run-old-schemas` runs them" in run(folder, "history", TARGET).stderr
    assert "run-old" not in run(folder, "history", TARGET, RUN_OLD).stderr


def test_an_older_secret_is_hidden_by_the_text_of_its_schema(folder: Path) -> None:
    commit(
        folder, {"schemas/accounts.py": SCHEMA.replace("HOST: str", "HOST: Secret"), OWN: "HOST: hunter2\n"}, "secret"
    )
    commit(folder, {OWN: "HOST: hunter3\n"}, "changed")
    commit(folder, {"schemas/accounts.py": SCHEMA, OWN: "HOST: plain\n"}, "no secret")
    commit(folder, {OWN: "HOST: other\n"}, "after")
    for words in ((), (RUN_OLD,)):
        assert told(folder, "HOST", *words) == [
            ("after", {"HOST": ("plain", "other")}),
            ("no secret", {"HOST": (None, None)}),
            ("changed", {"HOST": (None, None)}),
            ("secret", {"HOST": (None, None)}),
        ]


def test_an_older_secret_of_another_service_is_hidden_too(folder: Path) -> None:
    commit(
        folder, {"schemas/billing.py": SCHEMA.replace("HOST: str", "HOST: Secret"), OWN: "HOST: hunter2\n"}, "secret"
    )
    commit(folder, {"schemas/billing.py": SCHEMA, OWN: "HOST: plain\n"}, "no secret")
    for words in ((), (RUN_OLD,)):
        assert told(folder, "HOST", *words) == [
            ("no secret", {"HOST": (None, None)}),
            ("secret", {"HOST": (None, None)}),
        ]


def test_without_schemas_every_commit_is_read_by_its_text(folder: Path) -> None:
    commit(folder, {OWN: "WORKERS: four\nTOKEN: hunter2\nLOST: a\n"}, "wrong")
    assert told(folder, "--no-schemas") == [
        ("wrong", {"WORKERS": (None, "four"), "TOKEN": (None, None), "LOST": (None, None)}),
        ("first", {"LOG_LEVEL": (None, "info")}),
    ]
    assert run(folder, "history", TARGET, "--no-schemas", RUN_OLD).code == 2


def test_a_schema_that_cannot_be_run_makes_all_invalid_and_says_nothing_of_values(folder: Path) -> None:
    commit(folder, {"schemas/accounts.py": SCHEMA + "x = 1 / 0\n", OWN: "WORKERS: 2\n"}, "broken")
    commit(folder, {"schemas/accounts.py": SCHEMA}, "mended")
    assert told(folder, RUN_OLD) == [
        ("mended", {"= ": None}),
        ("broken", {"WORKERS": (None, None), "! ": "schema-failed"}),
        ("first", {"LOG_LEVEL": (None, "info")}),
    ]


def test_what_was_wrong_before_all_was_is_no_news_when_all_is_mended(folder: Path) -> None:
    commit(folder, {OWN: "WORKERS: four\n"}, "wrong")
    commit(folder, {"schemas/accounts.py": "x = 1 / 0\n"}, "broken")
    commit(folder, {"schemas/accounts.py": SCHEMA}, "mended")
    assert told(folder, "WORKERS", RUN_OLD) == [
        ("mended", {"= ": None}),
        ("broken", {"! ": "schema-failed"}),
        ("wrong", {"WORKERS": (None, "four"), "! WORKERS": "invalid-value"}),
    ]


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({WIDE: "LOG_LEVEL: [info\n"}, "invalid-yaml"),
        ({WIDE: "<<<<<<< a\nA: 1\n=======\nA: 2\n>>>>>>> b\n"}, "merge-conflict"),
        ({WIDE: "- LOG_LEVEL\n"}, "not-a-mapping"),
        ({WIDE: 'LOG_LEVEL: info\n"A=B": b\n'}, "invalid-name"),
        ({"envtree.yaml": "environments: [\n"}, "invalid-yaml"),
        ({"envtree.yaml": "environments: {production: {}}\n"}, "missing-setting"),
        ({"configs/accounts/service.yaml": "processes: [\n"}, "invalid-yaml"),
        ({"configs/accounts/service.yaml": "processes: {}\n"}, "missing-setting"),
        ({"configs/accounts/service.yaml": "requires: [accounts]\n" + SERVICE}, "invalid-setting"),
    ],
)
def test_what_can_t_be_read_for_a_while_is_invalid_and_no_value_is_gone(
    files: dict[str, str], code: str, folder: Path
) -> None:
    before = {path: TREE[path] for path in files}
    commit(folder, {OWN: "HOST: a\n"}, "before")
    commit(folder, dict(files), "broken")
    commit(folder, {OWN: "HOST: b\n"}, "meanwhile")
    commit(folder, before, "mended")
    last: Told = [("mended", {"HOST": ("a", "b"), "= ": None})]
    if code == "invalid-setting":  # what each value is can be told
        last = [("mended", {"= ": None}), ("meanwhile", {"HOST": ("a", "b")})]
    expected = [*last, ("broken", {"! ": code}), ("before", {"HOST": (None, "a")})]
    assert told(folder)[:-1] == expected
    assert told(folder, "HOST") == expected


def test_what_is_wrong_elsewhere_is_not_listed(folder: Path) -> None:
    commit(folder, {"configs/billing/service.yaml": SERVICE, "configs/billing/common.yaml": "A: [\n"}, "other layer")
    commit(folder, {"configs/billing/service.yaml": "processes: [\n"}, "other settings")
    commit(folder, {"configs/accounts/service.yaml": f"requires: [billing]\n{SERVICE}"}, "requires it")
    commit(folder, {"configs/prod.yaml": "A: 1\n", "configs/notes": "x\n"}, "stray")
    commit(folder, {"schemas/billing.py": "x = 1 / 0\n"}, "other schema")
    commit(folder, {"configs/accounts/web/staging.yaml": "HOST: [\n"}, "other environment")
    assert subjects(folder) == ["first"]


def test_a_name_that_is_wrong_in_a_wider_layer_is_told_of_the_name_alone(folder: Path) -> None:
    commit(folder, {WIDE: "LOG_LEVEL: info\nHOST:\n", OWN: "HOST: a\n"}, "nothing after it")
    assert told(folder, "-n", "1") == [("nothing after it", {"HOST": (None, "a"), "! HOST": "missing-value"})]
    assert subjects(folder, "LOG_LEVEL") == ["first"]


def test_a_service_that_is_renamed_comes_and_one_that_is_removed_goes(folder: Path) -> None:
    git(folder, "mv", "configs/accounts", "configs/users")
    git(folder, "mv", "schemas/accounts.py", "schemas/users.py")
    commit(folder, message="renamed")
    commit(folder, TREE, "back again")
    assert [(each["subject"], each["target"]) for each in data_of(folder)["commits"]] == [
        ("back again", "new"),
        ("renamed", "gone"),
        ("first", "new"),
    ]
    assert "  - production/accounts/web  1 variable\n" in run(folder, "history", TARGET).stdout
    assert told(folder, "LOG_LEVEL")[1] == ("renamed", {"LOG_LEVEL": ("info", None)})
    assert run(folder, "history", "production/users/web").code == 0


def test_the_content_of_a_file_that_is_named_counts(folder: Path) -> None:
    commit(folder, {"configs/accounts/common.yaml": "PEM: !file ../keys/ca.pem\n", "configs/keys/ca.pem": "one"}, "pem")
    commit(folder, {"configs/keys/ca.pem": "two"}, "new pem")
    commit(folder, {"configs/keys/other.pem": "x"}, "other pem")
    commit(folder, {"configs/keys/ca.pem": b"\xff"}, "no text")
    commit(folder, {"configs/keys/ca.pem": "three"}, "text")
    remove(folder, "configs/keys/ca.pem", message="gone")
    assert told(folder, "PEM") == [
        ("gone", {"! PEM": "file-not-found"}),
        ("text", {"PEM": ("two", "three"), "= PEM": None}),
        ("no text", {"! PEM": "not-utf8"}),
        ("new pem", {"PEM": ("one", "two")}),
        ("pem", {"PEM": (None, "one")}),
    ]


def test_the_content_of_a_file_counts_whatever_the_tag_is_called_that_names_it(folder: Path) -> None:
    layer = "%TAG !e! !fi\n---\nPEM: !e!le ../keys/ca.pem\n"
    commit(folder, {"configs/accounts/common.yaml": layer, "configs/keys/ca.pem": "one"}, "pem")
    commit(folder, {"configs/keys/ca.pem": "two"}, "new pem")
    assert told(folder, "PEM") == [("new pem", {"PEM": ("one", "two")}), ("pem", {"PEM": (None, "one")})]


def test_a_file_that_no_longer_counts_is_wrong_for_the_whole_process(folder: Path) -> None:
    commit(folder, {WIDE: "PEM: !file ca.pem\n", "configs/ca.pem": b"\xff", OWN: "PEM: here\n"}, "overridden")
    assert told(folder, "-n", "1") == [
        ("overridden", {"LOG_LEVEL": ("info", None), "PEM": (None, "here"), "! ": "not-utf8"}),
    ]


def test_a_link_counts_for_what_it_leads_to(folder: Path) -> None:
    (folder / OWN).parent.mkdir(parents=True)
    (folder / "configs/shared.yaml").write_text("HOST: a\n")
    (folder / OWN).symlink_to("../../shared.yaml")
    commit(folder, message="linked")
    commit(folder, {"configs/shared.yaml": "HOST: b\n"}, "behind the link")
    (folder / OWN).unlink()
    (folder / OWN).write_text("HOST: b\n")
    commit(folder, message="a file again")
    (folder / OWN).unlink()
    (folder / OWN).symlink_to("nowhere")
    commit(folder, message="leads nowhere")
    assert told(folder)[:-1] == [
        ("leads nowhere", {"! ": "bad-link"}),
        ("behind the link", {"HOST": ("a", "b")}),
        ("linked", {"HOST": (None, "a")}),
    ]


def test_an_expand_that_changes_through_others_names_those_it_refers_to(folder: Path) -> None:
    commit(folder, {WIDE: 'URL: !expand "http://${HOST}/"\nHOST: !expand "${LOG_LEVEL}.x"\nLOG_LEVEL: a\n'}, "made")
    commit(folder, {OWN: "LOG_LEVEL: b\n"}, "deep below")
    (change,) = data_of(folder, "URL", "-n", "1")["commits"][0]["changes"]
    assert (change["before"], change["after"], change["through"]) == ("http://a.x/", "http://b.x/", ["HOST"])
    assert (change["file"], change["line"]) == (WIDE, 1)


def test_a_sealed_value_is_listed_when_it_is_encrypted_anew_and_never_shown(folder: Path) -> None:
    commit(folder, {SEALED: sealed_layer(TOKEN="one")}, "sealed")
    commit(folder, {SEALED: sealed_layer("b", TOKEN="one")}, "the same")
    commit(folder, {SEALED: sealed_layer(TOKEN="two")}, "anew")
    commit(folder, {OWN: "TOKEN: hunter2\n"}, "in the clear")
    remove(folder, OWN, SEALED)
    done = run(folder, "history", TARGET, "TOKEN", "--reveal")
    assert subjects(folder, "TOKEN") == ["removed", "in the clear", "anew", "sealed"]
    anew = "[sealed] -> hunter2 (no longer sealed, maybe with the same value)"
    assert f"  ~ TOKEN  {anew}  configs/accounts/web/production.yaml:1\n" in done.stdout
    assert "  ~ TOKEN  [sealed] -> [sealed] (encrypted anew)  configs/accounts/production.sops.yaml:1\n" in done.stdout
    assert "ENC" not in done.stdout + run(folder, "history", TARGET, "--reveal", "--format", "json").stdout


def test_the_commit_that_sealed_a_value_says_that_it_may_be_the_same(folder: Path) -> None:
    commit(folder, {OWN: "TOKEN: hunter2\n"}, "in the clear")
    (folder / OWN).unlink()
    commit(folder, {SEALED: sealed_layer(TOKEN="hunter2")}, "sealed")
    for words in (("history", TARGET, "TOKEN", "-n", "1"), ("diff", "HEAD~..HEAD", TARGET)):
        said = re.sub("#[0-9a-f]+", "#", run(folder, *words).stdout)
        assert "~ TOKEN  [hidden #] -> [sealed] (now sealed, maybe with the same value)" in said


def test_a_merge_that_brings_in_one_side_is_not_listed_and_one_that_mixes_both_is(folder: Path) -> None:
    commit(folder, {"configs/accounts/common.yaml": "HOST: a\nPEM: a\n"}, "base")
    git(folder, "checkout", "-q", "-b", "side")
    commit(folder, {"configs/accounts/common.yaml": "HOST: b\nPEM: a\n"}, "side")
    git(folder, "checkout", "-q", "main")
    commit(folder, {"configs/staging.yaml": "HOST: x\n"}, "nothing of ours")
    git(folder, "merge", "-q", "--no-edit", "-m", "one side", "side")
    assert subjects(folder) == ["side", "base", "first"]
    git(folder, "checkout", "-q", "-b", "other")
    commit(folder, {WIDE: "LOG_LEVEL: debug\n"}, "other")
    git(folder, "checkout", "-q", "main")
    commit(folder, {OWN: "WORKERS: 2\n"}, "ours")
    git(folder, "merge", "-q", "--no-edit", "-m", "both sides", "other")
    assert sorted(subjects(folder)[:3]) == ["both sides", "other", "ours"]
    assert told(folder)[0] == ("both sides", {"LOG_LEVEL": ("info", "debug")})
    assert subjects(folder, "WORKERS") == ["ours"]
    assert subjects(folder, "LOG_LEVEL") == ["other", "first"]


def test_the_tree_may_have_moved_in_its_repository(tmp_path: Path) -> None:
    folder = repository(tmp_path, {"README.md": "x\n"})
    commit(folder, TREE, "tree")
    commit(folder, {WIDE: "LOG_LEVEL: debug\n"}, "at the top")
    (folder / "deploy").mkdir()
    git(folder, "mv", "envtree.yaml", "configs", "schemas", "deploy")
    commit(folder, message="moved")
    commit(folder, {f"deploy/{WIDE}": "LOG_LEVEL: error\n"}, "in a folder")
    (folder / "deploy/live").mkdir()
    git(folder, "mv", *(f"deploy/{name}" for name in ("envtree.yaml", "configs", "schemas")), "deploy/live")
    commit(folder, {"deploy/live/envtree.yaml": f"# moved\n{TREE['envtree.yaml']!s}"}, "moved again")
    commit(folder, {"other/envtree.yaml": "x\n"}, "another tree")
    assert subjects(folder / "deploy/live") == ["in a folder", "at the top", "tree"]


def test_a_tree_that_went_and_came_again(folder: Path) -> None:
    remove(folder, "configs", "schemas", "envtree.yaml")
    commit(folder, TREE, "again")
    assert [(each["subject"], each["target"]) for each in data_of(folder)["commits"]] == [
        ("again", "new"),
        ("removed", "gone"),
        ("first", "new"),
    ]


def test_the_history_of_a_shallow_clone_ends_and_that_is_said(folder: Path, tmp_path: Path) -> None:
    for number in range(4):
        commit(folder, {OWN: f"WORKERS: {number}\n"}, f"now {number}")
    git(tmp_path, "clone", "-q", "--depth", "2", folder.as_uri(), "clone")
    done = run(tmp_path / "clone", "history", TARGET)
    assert subjects(tmp_path / "clone") == ["now 3"]
    assert done.stderr == "the clone is shallow: older changes aren't known\n"
    assert run(tmp_path / "clone", "history", TARGET, "-n", "1").stderr == ""
    assert data_of(tmp_path / "clone")["shallow"] is True
    assert told(tmp_path / "clone", "LOG_LEVEL") == []


def test_n_and_since_choose_what_is_shown_and_not_what_it_is_compared_with(folder: Path) -> None:
    for day in range(1, 6):
        date = {"GIT_COMMITTER_DATE": f"2026-04-0{day}T12:00:00Z"}
        (folder / OWN).parent.mkdir(exist_ok=True)
        (folder / OWN).write_text(f"WORKERS: {day}\n")
        git(folder, "add", "-A")
        git(folder, "commit", "-qm", f"day {day}", **date)
    assert told(folder, "-n", "1") == [("day 5", {"WORKERS": ("4", "5")})]
    assert subjects(folder, "-n", "2") == ["day 5", "day 4"]
    assert len(subjects(folder, "-n", "0")) == 6
    since = ("--since", "2026-04-04T00:00:00Z")
    assert told(folder, "WORKERS", *since) == [
        ("day 5", {"WORKERS": ("4", "5")}),
        ("day 4", {"WORKERS": ("3", "4")}),
    ]
    assert told(folder, "LOG_LEVEL", *since) == []
    assert run(folder, "history", TARGET, "LOG_LEVEL", *since).stderr == "nothing has changed in these commits\n"
    assert run(folder, "history", TARGET, "NOTHING", *since).code == 2


def test_the_log_starts_where_it_is_told_to(folder: Path) -> None:
    commit(folder, {WIDE: "LOG_LEVEL: debug\n"}, "second")
    commit(folder, {WIDE: "LOG_LEVEL: error\n"}, "third")
    assert subjects(folder, "--ref", "HEAD~1") == ["second", "first"]
    (folder / WIDE).write_text("LOG_LEVEL: panic\n")
    assert run(folder, "history", TARGET, "--ref", "HEAD").stderr == ""


def test_what_is_not_committed_is_said(folder: Path) -> None:
    assert run(folder, "history", TARGET).stderr == ""
    (folder / "configs/staging.yaml").write_text("LOG_LEVEL: panic\n")
    (folder / "configs/stray").write_text("x\n")
    assert run(folder, "history", TARGET).stderr == ""
    (folder / WIDE).write_text("LOG_LEVEL: panic\nHOST: a\n")
    assert run(folder, "history", TARGET).stderr == "not committed: HOST, LOG_LEVEL\n"
    assert run(folder, "history", TARGET, "LOG_LEVEL").stderr == "not committed: LOG_LEVEL\n"
    assert run(folder, "history", TARGET, "-q").stderr == ""
    (folder / WIDE).write_text("LOG_LEVEL: [\n")
    assert run(folder, "history", TARGET).stderr == "not committed: the process itself\n"
    shutil.rmtree(folder / "configs/accounts")
    assert run(folder, "history", TARGET).stderr == "not committed: the process itself\n"
    assert data_of(folder)["not_committed"] == [None]


def refused(folder: Path, *words: str) -> Done:
    done = run(folder, "history", *words)
    assert (done.code, done.stdout) == (2, "")
    return done


def test_what_there_is_no_log_of_is_an_error(folder: Path, tmp_path: Path) -> None:
    assert "did you mean `production/accounts/web`?" in refused(folder, "production/acounts/web").stderr
    assert "names 2 processes" in refused(folder, "*/accounts/web").stderr
    assert "did you mean `LOG_LEVEL`?" in refused(folder, TARGET, "LOGLEVEL").stderr
    assert "error[unknown-revision]" in refused(folder, TARGET, "--ref", "nothing").stderr
    (tmp_path / "plain").mkdir()
    assert "error[no-repository]" in refused(tmp_path / "plain", TARGET).stderr
    assert run(folder, "history", "production").code == 0
    commit(folder, {OWN: "HOST: a\n"}, "given")
    remove(folder, OWN)
    assert subjects(folder, "HOST") == ["removed", "given"]


def test_a_log_can_start_where_the_settings_are_broken(folder: Path) -> None:
    commit(folder, {"envtree.yaml": "environments: [\n"}, "broken")
    assert subjects(folder) == ["broken", "first"]
    assert "unknown-target" in refused(folder, "production/accounts").stderr


def test_what_is_secret_today_is_hidden_in_every_commit(folder: Path) -> None:
    commit(folder, {OWN: "HOST: hunter2\n"}, "before it was secret")
    commit(folder, {OWN: "HOST: hunter3\n"}, "another")
    assert "hunter2" in run(folder, "history", TARGET).stdout
    commit(folder, {"schemas/billing.py": SCHEMA.replace("HOST: str", "HOST: Secret | str")}, "secret for another")
    done = run(folder, "history", TARGET)
    assert "hunter" not in done.stdout
    assert "differs in one character" in done.stdout
    assert "hunter2 -> hunter3" in run(folder, "history", TARGET, "--reveal").stdout


def test_what_was_secret_is_hidden_in_the_commits_where_it_was(folder: Path) -> None:
    secret = {"schemas/billing.py": SCHEMA.replace("HOST: str", "HOST: Secret | str")}
    commit(folder, {**secret, OWN: "HOST: hunter2\n"}, "secret")
    commit(folder, {OWN: "HOST: hunter3\n", "schemas/billing.py": SCHEMA}, "no secret any more")
    commit(folder, {OWN: "HOST: shown\n"}, "open")
    assert [each[1] for each in told(folder, "HOST")] == [
        {"HOST": ("hunter3", "shown")},
        {"HOST": (None, None)},
        {"HOST": (None, None)},
    ]


def test_nothing_is_shown_while_a_schema_of_another_service_can_t_be_run(folder: Path) -> None:
    commit(folder, {OWN: "HOST: hunter2\n", "schemas/billing.py": "x = 1 / 0\n"}, "broken")
    commit(folder, {OWN: "HOST: shown\n", "schemas/billing.py": SCHEMA}, "mended")
    commit(folder, {OWN: "HOST: on\n"}, "after")
    assert [each[1] for each in told(folder, "HOST", RUN_OLD)] == [
        {"HOST": ("shown", "on")},
        {"HOST": (None, None)},
        {"HOST": (None, None)},
    ]


@pytest.mark.parametrize("broken", ["x = (\n", "x = 1\0\n"])
def test_a_schema_of_another_service_may_be_no_python_where_a_validator_says_no(folder: Path, broken: str) -> None:
    refusing = SCHEMA.replace("from envtree", "from pydantic import field_validator\nfrom envtree") + (
        '    @field_validator("HOST")\n    @classmethod\n    def refuse(cls, host: str) -> str:\n'
        '        raise ValueError("not " + "today")\n'
    )
    commit(folder, {OWN: "HOST: a\n", "schemas/accounts.py": refusing, "schemas/billing.py": broken}, "refused")
    assert told(folder)[0] == ("refused", {"HOST": (None, None), "! HOST": None})  # hidden while a schema is broken


def test_a_line_fits_its_terminal(folder: Path) -> None:
    long = "https://example.com/" + "x" * 200
    commit(folder, {OWN: f"HOST: {long}\n"}, "long " * 40)
    commit(folder, {OWN: f"HOST: {long}y\n"}, "longer")
    lines = on_a_terminal(folder, 80, "history", TARGET, "HOST", "--color", "never").splitlines()
    assert max(map(len, lines)) <= 80
    assert re.fullmatch(r"  ~ HOST  \.\.\.x+ -> \.\.\.x+y", lines[1])
    assert lines[2] == "          configs/accounts/web/production.yaml:1"
    assert any(f"{long} -> {long}y" in line for line in run(folder, "history", TARGET).stdout.splitlines())


def test_everything_of_the_repository_is_told_in_one_line(folder: Path) -> None:
    git(folder, "commit", "-q", "--allow-empty", "-m", "x")
    (folder / WIDE).write_text('LOG_LEVEL: "a\\e[31m\\nb"\n')
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "\x1b[31mred", GIT_AUTHOR_NAME="Ann\x1b[0m\u202e")
    done = run(folder, "history", TARGET, "--color", "never")
    assert all(line.isprintable() for line in done.stdout.splitlines())
    assert "info -> a\\x1b[31m\\nb" in done.stdout


def test_colours_are_there_when_asked_for(folder: Path) -> None:
    assert "\x1b[" in run(folder, "history", TARGET, "--color", "always").stdout
    assert "\x1b[" not in run(folder, "history", TARGET, "--color", "never").stdout


def test_a_bare_repository_and_a_linked_worktree_have_a_log(folder: Path, tmp_path: Path) -> None:
    commit(folder, {OWN: "HOST: a\n"}, "second")
    git(tmp_path, "clone", "-q", "--bare", folder.as_uri(), "bare")
    git(folder, "worktree", "add", "-q", "-b", "other", tmp_path / "linked", "HEAD~1")
    assert subjects(tmp_path / "bare") == ["second", "first"]
    assert subjects(tmp_path / "linked") == ["first"]


def test_a_repository_of_sha_256_has_a_log(tmp_path: Path) -> None:
    folder = repository(tmp_path, TREE, "--object-format=sha256")
    commit(folder, {OWN: "HOST: a\n"}, "second")
    assert subjects(folder) == ["second", "first"]


def test_a_clone_that_lacks_files_is_no_answer(folder: Path, tmp_path: Path) -> None:
    commit(folder, {OWN: "HOST: a\n"}, "second")
    commit(folder, {OWN: "HOST: b\n"}, "third")
    git(folder, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", folder.as_uri(), "clone")
    assert "git-failed" in refused(tmp_path / "clone", TARGET).stderr


def test_more_commits_than_are_looked_at_together(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envtree.review.commands.history_files.CHUNK", 2)
    for number in range(5):
        commit(folder, {OWN: f"WORKERS: {number}\n"}, f"now {number}")
    assert subjects(folder) == [*(f"now {number}" for number in reversed(range(5))), "first"]


def test_the_working_tree_and_the_index_are_left_alone(folder: Path) -> None:
    (folder / WIDE).write_text("LOG_LEVEL: changed\n")
    before = state(folder)
    run(folder, "history", TARGET)
    assert state(folder) == before
