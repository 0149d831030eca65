"""No sealed secret leaves an envdir once it is opened: marked ones, under every verb, whatever is wrong with them."""

from __future__ import annotations

import os
import random
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from envtree.core.layers.parse import WRONG, parse
from envtree.core.model.source import Source
from envtree.core.yaml.remove import remove_entries
from tests.builders import write_tree
from tests.cli.running import ENVTREE, run
from tests.repositories import commit, init
from tests.sealed_files import IDENTITY, KEY, sealed_layer
from tests.test_canaries import (
    BEHIND,
    BROKEN,
    HEAD,
    RUNS,
    SERVICE,
    SETTINGS,
    VALID,
    change_secrets,
    in_the_output,
    leaks,
    run_once,  # noqa: F401 - a fixture
    secret,
)

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builders import Files

MORE = (
    ("secret", "status"),
    ("secret", "status", "--format", "json"),
    ("secret", "seal", "--dry-run"),
    ("explain", BEHIND, "PASSWORD", "--no-blame"),
    ("explain", BEHIND, "OPEN", "--format", "json", "--no-blame"),
    ("schema", "--check", "../schemas.json"),
    ("validate", "--sealed", "require"),
    ("validate", "--sealed", "skip"),
)


def bytes_of(files: Files) -> dict[str, bytes]:
    return {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}


def sealed(files: Files) -> dict[str, bytes]:
    """The same tree with each secret of its layers sealed beside the layer, as far as it stands on lines of its own."""
    found = bytes_of(files)
    source = Source(found)
    for path in [each for each in found if re.fullmatch(r"configs/(?!.*service\.yaml).*(?<!\.sops)\.yaml", each)]:
        entries, _, _ = parse(path, source)
        texts = {each.name: each.text for each in entries.values() if each.parts is None and each.text is not WRONG}
        marked = {name: text for name, text in texts.items() if text and leaks(text)}
        beside = f"{path.removesuffix('.yaml')}.sops.yaml"
        try:
            shorter, left = remove_entries(path, found[path], tuple(marked))
        except ValueError:
            continue
        values = {name: text for name, text in marked.items() if name not in left}
        if values and beside not in found:
            found |= {path: shorter, beside: sealed_layer(**values).encode()}
    return found


SEALED_VALID = {name: found for name, files in VALID.items() if (found := sealed(files)) != bytes_of(files)}
SEALED_BROKEN = {name: found for name, files in BROKEN.items() if (found := sealed(files)) != bytes_of(files)}


@pytest.fixture(autouse=True)
def with_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOPS_AGE_KEY", str(IDENTITY))
    monkeypatch.setenv("CI", "")


def given_away(data: str | bytes) -> list[str]:
    """The secrets in a text, and the key that opens them."""
    text = data if isinstance(data, str) else data.decode("latin-1")
    return [*leaks(data), *(["the key"] if str(IDENTITY) in text else [])]


def said_by_all(folder: Path) -> list[str]:
    found = []
    for words in (*RUNS, *MORE):
        done = run(folder, *words)
        assert done.code in (0, 1, 2), (words, done.said)
        found += [f"{' '.join(words)}: {leak}" for leak in given_away(done.said)]
    return found


def test_most_trees_have_something_to_seal() -> None:
    assert len(SEALED_VALID) > 8
    assert len(SEALED_BROKEN) > 30


@pytest.mark.usefixtures("run_once")
@pytest.mark.parametrize("name", SEALED_VALID)
def test_an_opened_secret_is_in_the_envdirs_and_nowhere_else(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree, cache = write_tree(tmp_path / "tree", SEALED_VALID[name]), tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    commit(init(tree))
    for _ in range(2):
        assert given_away(run(tree, "validate", "--staged").said) == []
    assert said_by_all(tree) == []
    assert in_the_output(tree / "out") == []
    assert any(leaks(path.read_bytes()) for path in (tree / "out/envdirs").glob("*/*"))
    assert [leak for path in cache.rglob("*") if path.is_file() for leak in given_away(path.read_bytes())] == []
    assert leaks(run(tree, "show", BEHIND, "--reveal", "--format", "json").stdout)


@pytest.mark.usefixtures("run_once")
@pytest.mark.parametrize("name", SEALED_BROKEN)
def test_a_mistake_does_not_give_an_opened_secret_away(name: str, tmp_path: Path) -> None:
    write_tree(tmp_path, SEALED_BROKEN[name])
    assert said_by_all(tmp_path) == []
    assert run(tmp_path, "validate").code == (0 if name == "twice" else 1)  # one of two lines is enough when sealed


@pytest.mark.parametrize(
    "name", [*SEALED_VALID, *(pytest.param(name, marks=pytest.mark.soak) for name in SEALED_BROKEN)]
)
def test_no_comparison_gives_an_opened_secret_away(name: str, tmp_path: Path) -> None:
    """Against the same tree in clear, with other secrets, in both directions."""
    clear = change_secrets(VALID.get(name) or BROKEN[name])
    init(tmp_path)
    for files in (SEALED_VALID.get(name) or SEALED_BROKEN[name], clear, sealed(change_secrets(clear))):
        for path in tmp_path.rglob("*.sops.yaml"):
            path.unlink()
        commit(write_tree(tmp_path, files))
    for words in (
        *(("diff", "HEAD~2..HEAD~1", "--format", each) for each in ("text", "json", "markdown")),
        ("diff", "HEAD~1..HEAD"),
        ("diff", "HEAD~2..HEAD"),
        ("history", BEHIND),
        ("history", BEHIND, "--format", "json"),
        ("explain", BEHIND, "PASSWORD", "--ref", "HEAD~1"),
    ):
        done = run(tmp_path, *words)
        assert done.code in (0, 1, 2), (words, done.said)
        assert given_away(done.said) == [], words


# A thousand secrets, and every system call.

NAMES = [f"SECRET_{number}" for number in range(20)]
SERVICES = [f"s{number}" for number in range(10)]
ALLOWED = re.compile(r"^\d+ +(?:write|writev|pwrite64)\(\d+<[^>]*/out/")
"""A write into the output, which is looked at when it is done."""
TRACED = ",".join(
    (
        *("execve", "write", "writev", "pwrite64", "sendto", "sendmsg", "?open", "openat", "?mkdir", "mkdirat"),
        *("?rename", "renameat", "renameat2", "?link", "linkat", "?symlink", "symlinkat", "setxattr", "fsetxattr"),
    )
)


def thousand() -> Files:
    """Ten services in two environments with 1,060 sealed secrets: in wide layers, narrow ones, and overridden ones."""
    fields = "".join(f"    {name}: Secret | None = None\n" for name in NAMES)
    schema = f"class All(Settings):\n{fields}    OPEN: str = ''\n"
    files: Files = {"envtree.yaml": SETTINGS, "schemas/common.py": HEAD + schema}
    places = ["common", "production", "staging"]
    for each in SERVICES:
        files[f"configs/{each}/service.yaml"] = SERVICE
        places += [f"{each}/{stem}" for stem in ("common", "production", "staging", "web/common", "web/production")]
    for place in places:
        files[f"configs/{place}.sops.yaml"] = sealed_layer(**{name: secret() for name in NAMES})
        files[f"configs/{place}.yaml"] = f'OPEN: !expand "x-${{{NAMES[0]}}}"\n' if "/" in place else "OPEN: a\n"
    return files


def traced(folder: Path, log: Path, *words: str) -> list[str]:
    """What a run of its own gives away to its terminal, to a file, or to a program: every string of its calls."""
    strace = ["strace", "-f", "-qq", "-y", "-v", "-xx", "-s", "4000000", "-e", f"trace={TRACED}", "-o", str(log)]
    done = subprocess.run([*strace, *ENVTREE, *words], cwd=folder, capture_output=True, check=False)
    assert done.returncode in (0, 1), (words, done.stdout, done.stderr)
    found = given_away(done.stdout + done.stderr)
    with log.open("rb") as lines:
        first = next(lines)
        assert b"execve" in first  # envtree itself, which has the key in its environment
        for line in lines:
            text = re.sub(rb"\\x([0-9a-f]{2})", lambda byte: bytes((int(byte[1], 16),)), line)
            if not ALLOWED.match(text.decode("latin-1")):
                found += [f"{' '.join(words)}: {line[:60]!r}: {leak}" for leak in given_away(text)]
    return found


@pytest.mark.soak
def test_a_thousand_opened_secrets_reach_no_file_no_program_and_no_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = write_tree(tmp_path / "tree", thousand())
    new, log = tmp_path / "new", tmp_path / "strace.log"
    new.write_text(secret())
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    commit(init(tree))
    behind = "production/s1/web"
    runs = (
        *(("validate", "--format", each) for each in ("text", "json", "sarif", "github", "short")),
        *((("validate", "--staged"),) * 2),
        *((("build", "--out", "out"),) * 2),
        ("verify", "out"),
        *(("show", behind, "--format", each) for each in ("table", "json", "dotenv", "shell")),
        ("explain", behind, NAMES[0]),
        ("secret", "status"),
        ("set", "production/s1", NAMES[1], "--file", str(new)),
        *(("diff", "HEAD:", "--format", each) for each in ("text", "json", "markdown")),
        ("diff", "dir:out"),
        ("unset", "production/s2", NAMES[2], "--inherit"),
        ("unset", "production/s3", NAMES[2], "--remove"),
        ("build", "--out", "out"),
        ("history", behind),
        ("lint",),
        ("lint", "--fix"),
        ("secret", "seal", "--also", "OPEN"),
        ("build", "--out", "out"),
        ("rollback", "out"),
    )
    assert [leak for words in runs for leak in traced(tree, log, *words)] == []
    assert in_the_output(tree / "out") == []
    texts = [path.read_text() for path in (tree / "out/envdirs").glob("*/*")]
    held = {found for text in texts for found in re.findall(r"(?:CaN4rY\d+)+", text)}
    assert len(held) > 800  # of the others, a narrower layer has another value
    assert traced(tree, log, "show", behind, "--reveal")


def broken(text: str, chance: random.Random) -> str:
    """A sealed file as it is after somebody's hand, a merge or a disk had their way with it."""
    lines = text.splitlines(keepends=True)
    at, other = (chance.randrange(len(lines)) for _ in range(2))
    before, line, after = "".join(lines[:at]), lines[at], "".join(lines[at + 1 :])
    place = chance.randrange(len(text))
    return chance.choice(
        (
            before,
            before + after,
            before + lines[other] + line + after,
            f"{before}<<<<<<< a\n{line}=======\n{lines[other]}>>>>>>> b\n{after}",
            before + chance.choice("#&*!|>'\"%@`{[") + line + after,
            text.replace("type:str", f"type:{chance.choice(('int', 'bool', 'bytes', 'x'))}", 1),
            text[:place] + chance.choice("A=:\n \t,}\0é") + text[place + 1 :],
            text.replace("SECRET_1:", "SECRET_999:"),
            text.replace("\n", "\r\n"),
            text + text,
        )
    )


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100))
def test_a_sealed_file_that_is_broken_in_any_way_gives_nothing_away(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    files = thousand()
    for path in chance.sample([each for each in files if each.endswith(".sops.yaml")], 3):
        files[path] = broken(str(files[path]), chance)
    write_tree(tmp_path, files)
    for words in (
        ("validate", "--max", "0"),
        ("validate", "--format", "json"),
        ("build", "--out", "out"),
        ("show", "production/s1/web"),
        ("secret", "status"),
        ("secret", "seal"),
        ("lint",),
        ("set", "production/s1", "OPEN=1", "--dry-run"),
        ("unset", "production/s1", NAMES[1], "--inherit", "--dry-run"),
    ):
        done = run(tmp_path, *words)
        assert done.code in (0, 1, 2), (words, done.said)
        assert given_away(done.said) == [], words


def test_the_key_and_the_environment_are_looked_for_too() -> None:
    assert given_away(f"x {KEY['SOPS_AGE_KEY']}") == ["the key"]
    assert os.environ["SOPS_AGE_KEY"] == str(IDENTITY)
