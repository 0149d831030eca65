"""README.md and docs/howto/install.md, word by word, on a Debian with nothing but what they name, and no network.

Settings of git, pip and uv stand in for the network: the repository and the wheels are in folders.
"""

from __future__ import annotations

import re
import shutil
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
import yaml

from tests.builders import ROOT
from tests.checkout import ADDRESS, publish
from tests.debian import checked, debian, requirements, tools
from tests.pages import Run, blocks, pattern_of, runs, steps
from tests.repositories import commit, git

if TYPE_CHECKING:
    from collections.abc import Iterator

README, INSTALL = ROOT / "README.md", ROOT / "docs/howto/install.md"
AS_ROOT = "# as root"
TOOLS = ("pip", "setuptools", "wheel", "uv")  # the first three are what pipx keeps up to date for itself
INSIDE = ("unshare", "--mount", "--pid", "--net", "--fork", "--kill-child")
TYPE = """\
mount -t proc proc "$1/proc"
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" su --login "$2" --command 'exec bash /srv/typed'
"""
"""A login, and what is typed then; settings come from /etc/environment."""
ENVIRONMENT = """\
PIP_NO_INDEX=1
PIP_FIND_LINKS=/srv/wheels
"""
UV = "no-index = true\n" + "find-" + 'links = ["/srv/wheels"]\n'  # in pieces, as the repository names none
GIT = f"""\
[url "/srv/envtree"]
    insteadOf = {ADDRESS}
[safe]
    directory = *
"""

pytestmark = [pytest.mark.soak, pytest.mark.root]


class Stage(NamedTuple):
    """One stage of a Dockerfile: its name, what it installs, and its instructions."""

    name: str
    packages: tuple[str, ...]
    instructions: list[tuple[str, str]]


class Said(NamedTuple):
    """What a command printed, data first, and how it ended."""

    command: str
    text: str
    code: int


def recorded(number: int, command: str) -> str:
    """A line for a shell that goes on after it, with the command's output in files."""
    file = f"/srv/said/{number}"
    return f"{{ {command}\n}} </dev/null >{file}.out 2>{file}.err; echo $? >{file}.code\n"


class System:
    """A Debian that a page is tried on."""

    def __init__(self, folder: Path, packages: tuple[str, ...]) -> None:
        folder.mkdir()
        self.root = debian(folder, packages)
        self.repository = publish(self.root / "srv/envtree")
        wheels = shutil.copytree(requirements(), self.root / "srv/wheels")
        shutil.copytree(tools(*TOOLS), wheels, dirs_exist_ok=True)
        (self.root / "etc/environment").write_text(ENVIRONMENT)
        (self.root / "etc/gitconfig").write_text(GIT)
        (self.root / "etc/uv").mkdir()
        (self.root / "etc/uv/uv.toml").write_text(UV)

    def add_user(self, name: str) -> str:
        checked("chroot", self.root, "useradd", "--create-home", "--shell", "/bin/bash", name)
        return name

    def type(self, user: str, commands: list[str]) -> list[Said]:
        """Log in, and type them one after the other, however they end."""
        said = self.root / "srv/said"
        shutil.rmtree(said, ignore_errors=True)
        said.mkdir()
        said.chmod(0o1777)
        (self.root / "srv/typed").write_text("".join(map(recorded, count(), commands)))
        checked(*INSIDE, "sh", "-ec", TYPE, "sh", self.root, user)
        return [
            Said(
                command,
                (said / f"{number}.out").read_text() + (said / f"{number}.err").read_text(),
                int((said / f"{number}.code").read_text()),
            )
            for number, command in enumerate(commands)
        ]

    def must(self, user: str, *commands: str) -> str:
        """The same, if each does what it should; what the last one says."""
        said = self.type(user, [*commands])
        failed = [f"$ {each.command}\n{each.text}exit code {each.code}" for each in said if each.code]
        assert not failed, "\n".join(failed)
        return said[-1].text


def packages_of(text: str) -> tuple[str, ...]:
    """What a page has its reader install as root."""
    lines = re.findall(rf"^apt-get install --no-install-recommends (.*?) *{AS_ROOT}$", text, flags=re.MULTILINE)
    return tuple(sorted({name for line in lines for name in line.split()}))


def sections(text: str) -> dict[str, str]:
    """The second-level sections of a page, by heading."""
    parts = re.split(r"^## (.*)\n", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """For the systems, which are large."""
    made = tmp_path_factory.mktemp("debian")
    yield made
    checked("rm", "-r", made)


def test_the_readme_can_be_typed_from_top_to_bottom_and_leaves_the_clone_as_it_was(folder: Path) -> None:
    text = README.read_text()
    system = System(folder / "readme", packages_of(text))
    typed = [*steps(text)]
    as_root = [step for step in typed if isinstance(step, str) and step.endswith(AS_ROOT)]
    others = [step for step in typed if step not in as_root]
    assert typed == [*as_root, *others]
    system.must("root", *as_root)

    status = "git status --porcelain --untracked-files=all"
    commands = [step.command if isinstance(step, Run) else step for step in others]
    *said, last = system.type(system.add_user("ann"), [*commands, status])
    for step, each in zip(others, said, strict=True):
        if isinstance(step, Run):
            assert pattern_of(step.expected).fullmatch(each.text) or each.text == step.expected, each.command
        else:
            assert each.code == 0, each.text
    assert last == Said(status, "", 0)


@pytest.fixture(scope="module")
def system(folder: Path) -> System:
    """With all that the page on installing names for one way or another."""
    return System(folder / "install", packages_of(INSTALL.read_text()))


def follow(system: System, user: str, heading: str) -> str:
    """Type what a section of the page says, each block after another login; what the last line says."""
    section = sections(INSTALL.read_text())[heading]
    said = ""
    for block in blocks(section, "sh"):
        lines = block.splitlines()
        as_root = [line for line in lines if line.endswith(AS_ROOT)]
        if as_root:
            system.must("root", *as_root)
        said = system.must(user, *(line for line in lines if line not in as_root))
    return said


def upgrading() -> dict[str, tuple[str, str]]:
    """What upgrades and what removes envtree, by what has installed it."""
    section = sections(INSTALL.read_text())["Upgrade and remove"]
    rows = re.findall(r"^\| (\w+) \| `(.*)` \| `(.*)` \|$", section, flags=re.MULTILINE)
    return {way: (upgrade, remove) for way, upgrade, remove in rows}


def publish_a_change(system: System, version: str) -> str:
    """Another commit, of this version, and what is asked of an envtree to tell its commit."""
    file = system.repository / "envtree/__init__.py"
    name = f"COMMIT_{len(git(system.repository, 'rev-list', 'HEAD').splitlines())}"
    text = re.sub(r'(?<=__version__ = ").*(?=")', version, file.read_text())
    commit(system.repository, {"envtree/__init__.py": f"{text}{name} = True\n"}, version)
    return f"-c 'import envtree; envtree.{name}'"


def complete(system: System, user: str) -> None:
    """Install the completion of bash, which takes effect in the next shell."""
    row = re.search(r"^\| bash \| `(.*?)` \| `(.*?) > ", INSTALL.read_text(), flags=re.MULTILINE)
    assert row
    _, shown = system.type(user, [*row.groups()])
    read = "complete -o default -F _envtree_completion envtree"
    assert shown.text.rstrip().endswith(read)
    assert system.must(user, "bash -ic 'complete -p envtree'").startswith(read)


PYTHONS = {
    "pipx": ".local/pipx/venvs/envtree/bin/python",
    "uv": ".local/share/uv/tools/envtree/bin/python",
    "pip": ".venv/bin/python",
}
"""Where each way keeps envtree."""


@pytest.mark.parametrize("way", PYTHONS)
def test_each_way_installs_upgrades_and_removes(way: str, system: System) -> None:
    user = system.add_user(f"ann-{way}")
    command = ".venv/bin/envtree" if way == "pip" else "envtree"
    if way == "uv":
        assert "`pipx install uv`" in INSTALL.read_text()
        system.must(user, "pipx install uv", "pipx ensurepath")
    assert follow(system, user, f"With {way}").startswith("envtree ")

    if way != "pip":
        complete(system, user)
    upgrade, remove = upgrading()[way]
    for version in ("7.8.9", "7.8.9", "7.8.10"):  # most commits change none
        asked = publish_a_change(system, version)
        system.must(user, upgrade)
        system.must(user, f"{PYTHONS[way]} {asked}")
        assert system.must(user, f"{command} --version") == f"envtree {version}\n"

    system.must(user, remove)
    assert [each.code for each in system.type(user, [f"{command} --version"])] == [127]


def at_a_commit(system: System, text: str) -> str:
    """What a page says, with a commit where it has a word for one."""
    return text.replace("@COMMIT", f"@{git(system.repository, 'rev-parse', 'HEAD')}")


BREAK = "echo nonsense: 1 >> envtree.yaml"


def check_out(system: System, user: str) -> str:
    """A job's own clone, which others can write as well; the step that goes there."""
    system.must(user, f"git clone -q {ADDRESS}", "chmod -R a+w envtree")
    return "cd envtree"


def test_a_job_of_github_checks_a_tree(system: System) -> None:
    user = system.add_user("ann-github")
    to_the_tree = check_out(system, user)
    system.must(user, "chmod -R go-w envtree")  # as its runner leaves it
    job = yaml.load(blocks(sections(INSTALL.read_text())["In CI"], "yaml")[0], yaml.BaseLoader)["jobs"]["envtree"]
    for step in (each["run"] for each in job["steps"] if "run" in each):
        system.must(user, to_the_tree, at_a_commit(system, step))
    *_, refused = system.type(user, [to_the_tree, BREAK, step])
    assert (refused.code, refused.text.startswith("::error file=envtree.yaml,")) == (1, True), refused


def test_a_job_of_gitlab_checks_a_tree(system: System) -> None:
    user = system.add_user("ann-gitlab")
    to_the_tree = check_out(system, user)
    image = "python3 -m venv ~/image && PATH=~/image/bin:$PATH"  # one with a Python of its own
    script = yaml.load(blocks(sections(INSTALL.read_text())["In CI"], "yaml")[1], yaml.BaseLoader)["envtree"]["script"]
    system.must(user, image, to_the_tree, *(at_a_commit(system, step) for step in script))
    *_, refused = system.type(user, [image, to_the_tree, BREAK, script[-1]])
    assert (refused.code, refused.text.startswith("envtree.yaml:")) == (1, True), refused


def stages() -> Iterator[Stage]:
    """The Dockerfile of the page."""
    for each in blocks(sections(INSTALL.read_text())["In an image"], "dockerfile")[0].split("FROM ")[1:]:
        first, *lines = each.splitlines()
        packages = re.findall(r"apt-get install -y --no-install-recommends ([\w -]+)", each)
        words = [line.partition(" ") for line in lines if line]
        yield Stage(
            first.partition(" AS ")[2],
            tuple(sorted(name for names in packages for name in names.split())),
            [(instruction, rest) for instruction, _, rest in words],
        )


def copy(words: str, system: System, built: dict[str, System]) -> None:
    """What COPY does: from where the tree is, or from another stage."""
    *stage, source, goal = words.split()
    origin = built[stage[0].removeprefix("--from=")].root if stage else system.repository
    checked("cp", "--archive", origin / source.lstrip("/"), system.root / goal.lstrip("/"))


def test_an_image_gives_a_process_its_environment(folder: Path) -> None:
    built: dict[str, System] = {}
    for name, packages, instructions in stages():
        system = built[name] = System(folder / f"stage-{name}", packages)
        for instruction, words in instructions:
            if instruction == "COPY":
                copy(words, system, built)
            else:
                assert instruction == "RUN"
                system.must("root", at_a_commit(system, words))
    read = next(run for run in runs(README.read_text()) if "chpst" in run.command)
    assert system.must("root", read.command.replace("build/current", "/etc/envtree/current")) == read.expected
