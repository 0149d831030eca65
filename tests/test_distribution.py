"""The sdist and the wheel: built without a network from a commit of this checkout, and read back."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

import envtree
from tests.builders import ROOT
from tests.checkout import ADDRESS, publish
from tests.pages import links, own_links

if TYPE_CHECKING:
    from email.message import Message

FILES = f"{ADDRESS}/blob/main/"
"""Where the files of the repository are shown."""


class Distribution(NamedTuple):
    """What one archive has: its files by path, and what it says of itself."""

    files: dict[str, bytes]
    metadata: Message


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Both archives, made by the script that `make dist` calls."""
    made = tmp_path_factory.mktemp("dist")
    repository = publish(made / "repository")
    subprocess.run([repository / ".ci/dist", sys.executable, made], check=True, stdout=subprocess.PIPE)
    return made


@pytest.fixture(scope="module")
def wheel(folder: Path) -> Distribution:
    with zipfile.ZipFile(folder / f"envtree-{envtree.__version__}-py3-none-any.whl") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    return Distribution(files, message_from_bytes(files[info("METADATA")]))


@pytest.fixture(scope="module")
def sdist(folder: Path) -> Distribution:
    top = f"envtree-{envtree.__version__}"
    with tarfile.open(folder / f"{top}.tar.gz") as archive:
        members = [member for member in archive.getmembers() if member.isfile()]
        files = {member.name.removeprefix(f"{top}/"): read(archive, member) for member in members}
    return Distribution(files, message_from_bytes(files["PKG-INFO"]))


def read(archive: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(member)
    assert file
    return file.read()


def long_description(metadata: Message) -> str:
    content = metadata.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def info(name: str) -> str:
    """A file of the wheel that tells about it."""
    return f"envtree-{envtree.__version__}.dist-info/{name}"


def package() -> set[str]:
    """The files of the package in this checkout."""
    found = (path for path in (ROOT / "envtree").rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(ROOT)) for path in found}


def test_the_wheel_holds_the_package_and_nothing_else(wheel: Distribution) -> None:
    about = {info(name) for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")}
    assert wheel.files.keys() == package() | about
    assert "envtree/py.typed" in wheel.files
    assert wheel.files["envtree/rules.md"] == (ROOT / "docs/reference/diagnostics.md").read_bytes()


def test_the_sdist_holds_the_package_and_what_builds_it(sdist: Distribution) -> None:
    assert sdist.files.keys() == package() | {"LICENSE", "PKG-INFO", "README.md", "pyproject.toml"}


def test_the_wheel_holds_the_licence_and_the_command(wheel: Distribution) -> None:
    assert wheel.files[info("licenses/LICENSE")] == (ROOT / "LICENSE").read_bytes()
    assert wheel.files[info("entry_points.txt")].split() == [b"[console_scripts]", b"envtree=envtree.cli.main:main"]


@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_an_archive_says_what_it_is(kind: str, request: pytest.FixtureRequest) -> None:
    said = request.getfixturevalue(kind).metadata
    assert (said["Name"], said["Version"]) == ("envtree", envtree.__version__)
    assert (said["License-Expression"], said.get_all("License-File")) == ("MIT", ["LICENSE"])
    assert said["Requires-Python"] == ">=3.11"
    assert "Typing :: Typed" in said.get_all("Classifier", [])
    assert {each.partition(", ")[0] for each in said.get_all("Project-URL", [])} == {
        "Homepage",
        "Documentation",
        "Changelog",
        "Issues",
    }


@pytest.mark.parametrize("kind", ["sdist", "wheel"])
def test_the_long_description_is_the_readme_with_links_that_lead_somewhere_from_anywhere(
    kind: str, request: pytest.FixtureRequest
) -> None:
    said = request.getfixturevalue(kind).metadata
    readme = (ROOT / "README.md").read_text()
    text = long_description(said)
    assert said["Description-Content-Type"] == "text/markdown"
    assert own_links(text) == []
    assert [link.removeprefix(FILES) for link in links(text)] == links(readme)
    assert text.replace(FILES, "").strip() == readme.strip()


def test_every_address_of_the_project_is_below_its_homepage_and_leads_to_a_file(wheel: Distribution) -> None:
    addresses = dict(each.split(", ") for each in wheel.metadata.get_all("Project-URL", []))
    assert addresses.pop("Issues") == f"{addresses.pop('Homepage')}/issues" == f"{ADDRESS}/issues"
    assert [each for each in addresses.values() if not (ROOT / each.removeprefix(FILES)).is_file()] == []


@pytest.mark.parametrize("page", ["README.md", "docs/howto/check-before-commit.md", "docs/howto/install.md"])
def test_a_page_says_the_address_that_the_package_says(page: str) -> None:
    said = set(re.findall(r"https://[\w.-]+/\w+/envtree\b", (ROOT / page).read_text()))
    assert said == {ADDRESS}


def test_the_same_commit_gives_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    subprocess.run(
        [folder / "repository/.ci/dist", sys.executable, tmp_path], check=True, stdout=subprocess.PIPE, umask=0o077
    )
    for archive in folder.glob("envtree-*"):
        assert (tmp_path / archive.name).read_bytes() == archive.read_bytes()
