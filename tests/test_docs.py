"""The documents: their example runs are repeated, and what they list is held against the program."""

from __future__ import annotations

import atexit
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pytest
import typer

from envtree.cli.app import app
from envtree.core.layers.parse import TAGS
from envtree.core.model.source import MAX_FILE
from envtree.core.runit.envdir import MAX_ENVIRONMENT, MAX_NAME, MAX_STRING
from envtree.core.settings.process import SIGNALS
from envtree.core.settings.reader import RESERVED
from envtree.core.starter import FILES as STARTER
from envtree.core.yaml.problems import MAX_DEPTH
from envtree.migration.apps.fleet import Attachment, ProcessType
from tests.builders import ROOT
from tests.checkout import publish
from tests.cli.hooking import PERSON
from tests.cli.running import run
from tests.forks import quick
from tests.heroku_api import FakeApp, FakeHeroku
from tests.pages import blocks, own_links, pattern_of, prose, runs

REFERENCE = ROOT / "docs/reference"
PAGES = sorted((ROOT / "docs").rglob("*.md"))
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", ROOT / "SECURITY.md", *PAGES]
SAMPLE = ("envtree.yaml", "configs", "schemas")

# What stands in the folder where a page's example runs begin.
STARTS = {
    "README.md": "a clone, built",
    "docs/tutorial.md": "nothing",
    "docs/howto/add-a-service.md": "starter",
    "docs/howto/add-a-schema.md": "starter without schemas",
    "docs/howto/bring-files.md": "nothing",
    "docs/howto/carry-a-pem-or-json.md": "starter",
    "docs/howto/change-a-value.md": "sample",
    "docs/howto/check-before-commit.md": "nothing",
    "docs/howto/check-in-ci.md": "starter",
    "docs/howto/leave-heroku.md": "nothing, and a fleet on Heroku",
    "docs/howto/load-variables.md": "starter",
    "docs/howto/review-a-change.md": "sample",
    "docs/howto/roll-back.md": "starter",
    "docs/howto/run-a-review-box.md": "nothing",
    "docs/howto/seal-secrets.md": "nothing",
    "docs/howto/set-up-an-editor.md": "nothing",
    "docs/howto/share-an-image.md": "sample",
    "docs/explanation/precedence.md": "sample",
    "docs/reference/envdir.md": "starter",
}
FRONT_DOOR = ("README.md", "docs/tutorial.md")
"""What newcomers type is typed in a shell, all of it."""
SIMPLE = re.compile(r"envtree (?!boot)[^|&;<>$`*?()\n\\~#]*")
"""A command line that needs no shell, and no process of its own."""
ELSEWHERE = {"docs/reference/diagnostics.md"}  # repeated by test_cases.py

# In pieces, so that this file does not name them itself.
FORBIDDEN = re.compile(
    r"py" r"pi\.(org|python)|python" r"hosted|index-" r"url|(?<![\w.$}~-])/(work|root|home|tmp)" r"/"
)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def copy_sample(folder: Path) -> None:
    """This repository's own tree, with modes of its own: a checkout's depend on the umask."""
    for name in SAMPLE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def start(folder: Path, what: str) -> None:
    """Lay out what a page begins with."""
    if what == "a clone, built":
        publish(folder)
        assert output_of("envtree build --out build -q", folder) == ""  # the end of `make build`
        return
    folder.mkdir()
    if what == "sample":
        copy_sample(folder)
    elif what.startswith("starter"):
        for path, text in STARTER.items():
            if path.startswith("schemas/") and what.endswith("without schemas"):
                continue
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).parent.chmod(0o755)
            (folder / path).write_text(text)
            (folder / path).chmod(0o644)


def fleet() -> list[FakeApp]:
    """Two services in two environments."""
    addon = Attachment("DATABASE", "postgresql-clear-1234", "heroku-postgresql:standard-0", ("DATABASE_URL",))
    web = ProcessType("web", "bundle exec puma -p $PORT", 2)
    return [
        FakeApp(
            f"shop-{service}{end}",
            {
                "DATABASE_URL": f"postgres://u:{service}{stage}Secret@db.example.com/{service}",
                "LOG_LEVEL": "debug" if end else "info",
                "LANG": "en_US.UTF-8",
                "MAIL_FROM": "shop@example.com",
            },
            f"shop-{service}",
            stage,
            attachments=[addon],
            formation=[web, ProcessType("worker", "bundle exec sidekiq", 1)],
            buildpacks=["heroku/ruby"],
            domains=[] if end else [f"{service}.example.com"],
            drains=["https://shop:drainSecret@logs.example.net/in"],
        )
        for service in ("accounts", "billing")
        for stage, end in (("production", ""), ("staging", "-staging"))
    ]


SHELL = {
    **PERSON,
    "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
    "LC_ALL": "C.UTF-8",
}


def output_of(command: str, folder: Path, *, path: str = SHELL["PATH"]) -> str:
    """What a command prints, data first, as a terminal shows it."""
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={**os.environ, **SHELL, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        umask=0o022,
    )
    return (done.stdout + done.stderr).decode()


@cache
def quick_programs() -> str:
    """A folder for programs with an `envtree` that starts at once."""
    folder = tempfile.mkdtemp(prefix="envtree-bin-")
    atexit.register(shutil.rmtree, folder)
    command = Path(folder, "envtree")
    command.write_text(f'#!/bin/sh\nexec {shlex.join(quick())} "$@"\n')
    command.chmod(0o755)
    return folder


@pytest.mark.parametrize("page", STARTS)
def test_an_example_run_prints_what_the_page_says(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "tree"
    start(folder, STARTS[page])
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))  # a page may make a key
    if STARTS[page].endswith("a fleet on Heroku"):
        monkeypatch.setitem(SHELL, "PATH", f"{heroku_command(tmp_path)}{os.pathsep}{SHELL['PATH']}")
        with FakeHeroku(fleet()) as heroku:
            heroku.is_writable = True
            for name, text in heroku.environ.items():
                monkeypatch.setenv(name, text)
            repeat(page, folder)
    else:
        repeat(page, folder)
    if STARTS[page] == "a clone, built":
        assert output_of("git status --porcelain", folder) == ""  # it goes on in the clone that it began in


def heroku_command(folder: Path) -> Path:
    """Put a stand-in for the `heroku` command into a folder for programs, and return that."""
    programs = folder / "programs"
    programs.mkdir()
    command = programs / "heroku"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {ROOT / "tests/heroku_cli.py"} "$@"\n')
    command.chmod(0o755)
    return programs


def repeat(page: str, folder: Path) -> None:
    for each in runs((ROOT / page).read_text()):
        if page not in FRONT_DOOR and SIMPLE.fullmatch(each.command):
            printed = run(folder, *shlex.split(each.command)[1:], env=SHELL).said
        else:
            is_as_installed = page in FRONT_DOOR or "boot" in each.command
            printed = output_of(
                each.command, folder, path=SHELL["PATH"] if is_as_installed else f"{quick_programs()}:{SHELL['PATH']}"
            )
        if not pattern_of(each.expected).fullmatch(printed):
            assert printed == each.expected, each.command


def test_a_wildcard_stands_for_what_varies_and_for_nothing_else() -> None:
    pattern = pattern_of("built ... now\n...\nend\n")
    assert pattern.fullmatch("built 3f9a now\none\ntwo\nend\n")
    assert pattern.fullmatch("built 3f9a now\nend\n")
    assert not pattern.fullmatch("built 3f9a\nnow\nend\n")
    assert not pattern.fullmatch("built 3f9a now\nend\nmore\n")


def test_all_of_the_guide_is_run_but_what_changes_heroku() -> None:
    unrun = [
        line for block in blocks((ROOT / "docs/howto/leave-heroku.md").read_text(), "sh") for line in block.splitlines()
    ]
    assert [line.split()[0] for line in unrun if not line.startswith(" ")] == ["curl", "heroku", "rm"]


def test_every_page_with_an_example_run_is_repeated() -> None:
    found = {name_of(path) for path in DOCUMENTS if any(runs(path.read_text()))}
    assert found == STARTS.keys() | ELSEWHERE


def sections(page: str) -> dict[str, str]:
    """The second-level sections of a reference page, by heading."""
    parts = re.split(r"^## (.*)\n", (REFERENCE / page).read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def first_cells(text: str) -> list[str]:
    """The first cell of each table row, but for headings."""
    return re.findall(r"^\| (`.*?) \|", text, flags=re.MULTILINE)


def commands() -> dict[str, typer.core.TyperCommand]:
    """Every command of the command line, the one without a verb under the empty name."""
    group = typer.main.get_command(app)
    return {"": group, **group.commands}  # type: ignore[attr-defined,dict-item]  # typer has no public name for a group


def test_the_reference_lists_every_command() -> None:
    documented = {heading for heading in sections("cli.md") if heading.startswith("`envtree")}
    assert documented == {f"`envtree {name}`".replace(" `", "`") for name in commands()}


@pytest.mark.parametrize("name", commands())
def test_the_reference_lists_every_option_of_a_command(name: str) -> None:
    section = sections("cli.md")[f"`envtree {name}`".replace(" `", "`")]
    cells = " ".join(first_cells(section))
    wanted: set[str] = set()
    for parameter in commands()[name].params:
        if parameter.param_type_name == "option":
            wanted |= {*parameter.opts, *parameter.secondary_opts}
        else:
            assert str(parameter.metavar) in cells
        for choice in getattr(parameter.type, "choices", ()):
            assert f"`{choice}`" in section
    assert set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*|(?<![\w-])-[A-Z]\b", cells)) == wanted


def keys_that(folder: Path, files: dict[str, str]) -> set[str]:
    """The keys that the program names, level by level, when it is given one it doesn't know."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    helps = re.findall(r"= help: the keys are (.*)", output_of("envtree validate --max 0", folder))
    assert len(helps) == sum(text.count("nonsense") for text in files.values())
    return {key for line in helps for key in re.findall(r"`(.*?)`", line)}


SETTINGS = """\
environments: {production: {instance: service, nonsense: 1}}
runtimes: {nonsense: x}
tags: {nonsense: x}
log: {nonsense: x}
heroku:
  app: {name: "acme-{service}", environment: production, nonsense: 1}
  apps: {production/app: {app: acme-app, nonsense: 1}}
  expect: {RACK_ENV: {reason: a, nonsense: 1}}
  nonsense: 1
nonsense: 1
"""
SERVICE = """\
log: {nonsense: 1}
processes:
  web:
    command: x
    nonsense: 1
    ready: {command: x, nonsense: 1}
    stop: {nonsense: 1}
    on_failure: {command: x, nonsense: 1}
nonsense: 1
"""
PLAIN = "environments: {production: {instance: service}}\n"


@pytest.mark.parametrize(
    ("heading", "files"),
    [
        ("`envtree.yaml`", {"envtree.yaml": SETTINGS}),
        ("`service.yaml`", {"envtree.yaml": PLAIN, "configs/app/service.yaml": SERVICE}),
    ],
)
def test_the_reference_lists_every_key(heading: str, files: dict[str, str], tmp_path: Path) -> None:
    cells = first_cells(sections("tree.md")[heading])
    listed = {part for cell in cells for part in re.findall(r"[a-z_]+", cell)}
    assert listed == keys_that(tmp_path, files)


@pytest.mark.parametrize("word", [*SIGNALS, *RESERVED])
def test_the_reference_lists_signals_and_reserved_names(word: str) -> None:
    assert f"`{word}`" in (REFERENCE / "tree.md").read_text()


@pytest.mark.parametrize("word", [*TAGS, f"{MAX_STRING:,} bytes", f"{MAX_NAME} bytes", f"{MAX_DEPTH} levels"])
def test_the_reference_lists_tags_and_limits(word: str) -> None:
    assert word in (REFERENCE / "values.md").read_text()


def test_a_file_and_an_environment_may_have_a_mebibyte() -> None:
    assert MAX_FILE == MAX_ENVIRONMENT == 1 << 20  # as values.md says


def anchors(path: Path) -> set[str]:
    """The anchors that GitHub gives to a page's headings."""
    headings = re.findall(r"^#+ (.*)$", prose(path.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_link_leads_somewhere(path: Path) -> None:
    for link in own_links(path.read_text()):
        file, _, anchor = link.partition("#")
        goal = (path.parent / file).resolve() if file else path
        assert goal.exists(), link
        assert not anchor or anchor in anchors(goal), link


@pytest.mark.parametrize("path", [path for path in PAGES if path.name != "index.md"], ids=name_of)
def test_the_index_leads_to_every_page(path: Path) -> None:
    assert f"({path.relative_to(ROOT / 'docs')})" in (ROOT / "docs/index.md").read_text()


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_document_names_no_registry_and_no_path_of_one_machine(path: Path) -> None:
    lines = path.read_text().splitlines()
    assert [line for line in lines if FORBIDDEN.search(line)] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=name_of)
def test_a_make_target_that_a_document_names_is_there(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"`make ([a-z]+)", path.read_text())) <= targets


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 150
