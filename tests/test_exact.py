"""The promise: what `chpst -e` reads back is, byte for byte, what the layers say.

The resolution is written here a second time, as simply as it can be, without any part of envtree's own: random trees
are made as values first, then written as YAML, built, and read back by the real chpst.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from tests.builders import Files, envtree, envtree_here, small_tree, write_tree
from tests.core.yaml import yaml_writer
from tests.examples import examples

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from random import Random

CHPST = "/usr/bin/chpst"
ENV = "/usr/bin/env"
LARGE = 100_000


# A tree as values: what each layer says, before any of it is text.


@dataclass(frozen=True)
class Text:
    """A value to be taken as it stands."""

    text: str


@dataclass(frozen=True)
class Unset:
    """A variable removed."""


@dataclass(frozen=True)
class Expand:
    """Literal text and references."""

    parts: tuple[tuple[str, str], ...]
    """`("text", ...)` or `("name", ...)`."""


@dataclass(frozen=True)
class Written:
    """A value whose YAML is at hand: `!json`, with the text that it stands for."""

    yaml: str
    text: str


@dataclass(frozen=True)
class File:
    """The content of a file, named from the layer's folder."""

    path: str
    text: str


Value = Text | Unset | Expand | Written | File
Where = tuple[str, str, str]


@dataclass
class Tree:
    """Environments, services with the environments they run in and their processes, and the layers by place."""

    environments: list[str]
    services: dict[str, tuple[list[str], list[str]]]
    layers: dict[str, dict[str, Value]] = field(default_factory=dict)

    def targets(self) -> Iterator[Where]:
        for service, (environments, processes) in self.services.items():
            for environment in environments:
                for process in processes:
                    yield environment, service, process


# The oracle.


def six_layers(where: Where) -> tuple[str, ...]:
    environment, service, process = where
    return (
        "common",
        environment,
        f"{service}/common",
        f"{service}/{environment}",
        f"{service}/{process}/common",
        f"{service}/{process}/{environment}",
    )


def merged(tree: Tree, places: tuple[str, ...]) -> dict[str, Value]:
    final: dict[str, Value] = {}
    for place in places:
        final.update(tree.layers.get(place, {}))
    return final


class NoValue(Exception):
    """A reference to what has no value."""


def text_of(name: str, final: Mapping[str, Value]) -> str | None:
    value = final.get(name)
    if value is None or isinstance(value, Unset):
        return None
    if not isinstance(value, Expand):
        return value.text
    pieces = [text if kind == "text" else text_of(text, final) for kind, text in value.parts]
    if None in pieces:
        raise NoValue(next(text for (_, text), piece in zip(value.parts, pieces, strict=True) if piece is None))
    return "".join(piece for piece in pieces if piece is not None)


def resolution(tree: Tree, where: Where) -> dict[str, str | None]:
    final = merged(tree, six_layers(where))
    return {name: text_of(name, final) for name in final}


def chain(where: Where) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The four nodes, each with all layers down to it."""
    environment, service, process = where
    layers = six_layers(where)
    return (
        ("common", layers[:1]),
        (environment, layers[:2]),
        (f"{environment}/{service}", layers[:4]),
        (f"{environment}/{service}/{process}", layers),
    )


def envdirs(tree: Tree, where: Where) -> dict[str, dict[str, bytes]]:
    """What each envdir of a chain must hold: what differs from what the chain above gives, and nothing else."""
    given: dict[str, str | None] = {}
    found: dict[str, dict[str, bytes]] = {}
    for place, layers in chain(where):
        final = merged(tree, layers)
        files: dict[str, bytes] = {}
        for name in final:
            try:
                text = text_of(name, final)
            except NoValue:
                continue  # it can't be computed yet: a narrower node will
            if name not in given or given[name] != text:
                files[name] = b"" if text is None else text.encode().replace(b"\n", b"\0") + b"\n"
                given[name] = text
        found[place] = files
    return found


# Random trees.

LETTERS = (
    "abcXYZ019_ \t\n\r#$'\"\\:;,{}[]()&*!|>%@`~=-?./^<\x01\x07\x1b\x7f\x85\xa0\xadéøß漢字\u200d\u2028\ufeff\ufffd\uffff"
    "\U0001f600\U0001d11e\U0010ffff"
)
ALIKE = (
    "NO",
    "no",
    "yes",
    "on",
    "0755",
    "0o17",
    "1.10",
    "12:30",
    "true",
    "True",
    "1_000",
    "1e3",
    ".5",
    "null",
    "Null",
    "~",
    "",
    "0x1F",
    "2024-10-01",
    "=",
    "<<",
    "-",
    "- a",
    "? a",
    ": a",
    "a: b",
    "a:",
    "a #b",
    "#a",
    "!unset",
    "!expand x",
    "&a",
    "*a",
    "{a: 1}",
    "[1, 2]",
    "'a'",
    '"a"',
    "a'b",
    'a"b',
    "%YAML 1.2",
    "---",
    "...",
    "--- a",
    "@a",
    "`a`",
    "|",
    ">",
    "$",
    "$$",
    "${A}",
    "$(ls)",
    "`ls`",
    "\\",
    "\\n",
    "a\\",
    " a",
    "  a\n b",
    "\ta",
    "\n",
    "\n\n",
    "a\n",
    "a\n\n",
    "\na",
    "a\nb",
    "a\n\n\nb\n",
    "a\r\nb\r\n",
    "\r",
    "a\r",
    " \n",
    "\n \na",
    "a \nb",
    "-----BEGIN X-----\nAbC+/=\n-----END X-----\n",
    "<<<<<<< HEAD\na\n>>>>>>> b",  # with a line of `=` between them it is a merge conflict, and refused
    "\u200b",
    "\ufeffa",
    "\x85",
    "e\u0301",
    "ﷺ",
    "a\tb",
    "A=B",
    "=",
    "x" * 500,
)


def text(random: Random) -> str:
    kind = random.random()
    if kind < 0.4:
        made = random.choice(ALIKE)
    elif kind < 0.6:
        made = "".join(random.choice("abcdef 0123.:/-_@") for _ in range(random.randint(0, 40)))
    else:
        made = "".join(random.choice(LETTERS) for _ in range(random.choice((1, 2, 3, 5, 8, 20, 60))))
    return made.rstrip(" \t")  # what chpst would drop, envtree refuses


def large_text(random: Random) -> str:
    piece = "".join(random.choice(LETTERS) for _ in range(random.randint(1, 200)))
    return (piece * (LARGE // len(piece.encode()) + 1)).encode()[:LARGE].decode(errors="ignore").rstrip(" \t") + "."


def a_tree(random: Random, *, names: int) -> Tree:
    """A tree with no mistake in it: a name refers only to earlier names, and what has no value somewhere gets one."""
    environments = ["staging", "production", "review"][: random.randint(1, 3)]
    services: dict[str, tuple[list[str], list[str]]] = {}
    for service in ("accounts", "reports-api")[: random.randint(1, 2)]:
        some = [each for each in environments if random.random() < 0.8] or environments[:1]
        services[service] = (some, ["web", "worker"][: random.randint(1, 2)])
    tree = Tree(environments, services)
    words = [f"V{index}" if index % 3 else f"_lower_{index}" for index in range(names)]
    places = sorted({place for where in tree.targets() for place in six_layers(where)})
    density = random.choice((0.2, 0.4, 0.7))
    for place in places:
        if place != "common" and random.random() < 0.15:
            continue
        chosen = [name for name in words if random.random() < density]
        random.shuffle(chosen)
        tree.layers[place] = {name: a_value(name, words, place, random) for name in chosen}
    if random.random() < 0.1:
        tree.layers[random.choice(sorted(tree.layers))]["BIG"] = Text(large_text(random))
    give_all_references_a_value(tree, random)
    return tree


def a_value(name: str, words: list[str], place: str, random: Random) -> Value:
    kind = random.random()
    if kind < 0.1:
        return Unset()
    if kind < 0.4:
        return an_expand(words[: words.index(name)], random)
    if kind < 0.5:
        return Written(*yaml_writer.json_value(random))
    if kind < 0.55:
        folder = random.choice(("certs/", "", "../") if "/" in place else ("files/", ""))
        return File(f"{folder}{name}-{place.replace('/', '-')}.pem", text(random))
    return Text(text(random))


def an_expand(earlier: list[str], random: Random) -> Expand:
    """Deep along one reference, so that texts grow but slowly."""
    parts: list[tuple[str, str]] = []
    for _ in range(random.randint(0, 2)):
        parts.append(
            ("text", random.choice(("$", "://", "a", "${", "$$", "\n", "{}", "x}", "ø", "'", '"', "#", text(random))))
        )
        if earlier and random.random() < 0.8:
            parts.append(("name", random.choice(earlier[-3:] if random.random() < 0.7 else earlier)))
    return Expand(tuple(parts))


def give_all_references_a_value(tree: Tree, random: Random) -> None:
    for where in tree.targets():
        while name := missing(tree, where):
            place = random.choice(six_layers(where)[4:])
            tree.layers.setdefault(place, {})[name] = Text(text(random))
            if isinstance(merged(tree, six_layers(where))[name], Unset):
                tree.layers.setdefault(six_layers(where)[5], {})[name] = Text(text(random))


def missing(tree: Tree, where: Where) -> str | None:
    try:
        resolution(tree, where)
    except NoValue as error:
        return str(error)
    return None


def files_of(tree: Tree, random: Random) -> Files:
    """The tree as its authors might have written it."""
    lines = "".join(f"  {name}: {{instance: service}}\n" for name in tree.environments)
    files: Files = {"envtree.yaml": f"environments:\n{lines}"}
    for service, (environments, processes) in tree.services.items():
        commands = "".join(f"  {process}: {{command: serve}}\n" for process in processes)
        files[f"configs/{service}/service.yaml"] = f"environments: [{', '.join(environments)}]\nprocesses:\n{commands}"
    for place, values in tree.layers.items():
        texts = [(name, value.text) for name, value in values.items() if isinstance(value, Text)]
        if len(texts) == len(values) and texts and random.random() < 0.3:
            files[f"configs/{place}.yaml"] = yaml_writer.flow_layer(texts, random)
        else:
            entries = [(name, written(value, random)) for name, value in values.items()]
            files[f"configs/{place}.yaml"] = yaml_writer.layer(entries, random)
        for value in values.values():
            if isinstance(value, File):
                path = os.path.normpath(f"configs/{place}/../{value.path}")  # noqa: PTH
                files[path] = value.text.encode()
    return files


def written(value: Value, random: Random) -> str:
    if isinstance(value, Text):
        return yaml_writer.scalar(value.text, random)
    if isinstance(value, Unset):
        return random.choice(("!unset", "null", "~"))
    if isinstance(value, Written):
        return f"!json {value.yaml}"
    if isinstance(value, File):
        return f"!file {yaml_writer.scalar(value.path, random)}"
    plain = "".join(each if kind == "text" else "$" for kind, each in value.parts)
    if "$" not in plain and any(each in plain for each in "`{%"):  # refused, as what another language replaces
        return yaml_writer.scalar(plain, random)
    whole = "".join(each.replace("$", "$$") if kind == "text" else f"${{{each}}}" for kind, each in value.parts)
    return f"!expand {yaml_writer.scalar(whole, random)}"


def ends_in_blank(tree: Tree) -> bool:
    """A text that only became one by what it refers to; envtree refuses it, rightly."""
    values = (each for where in tree.targets() for each in resolution(tree, where).values())
    return any(each is not None and (each.endswith((" ", "\t")) or len(each.encode()) > LARGE * 1.2) for each in values)


# Building, and reading back.


def built(root: Path, out: Path) -> None:
    ran = envtree_here("build", "-C", root, "--out", out, "--max", "0")
    assert ran.code == 0, ran.err


def read_back(out: Path, where: Where, environment: Mapping[str, str]) -> dict[str, str]:
    """What the innermost program of the four nested chpst gets; it starts with just this environment."""
    nested = [word for place, _ in chain(where) for word in (CHPST, "-e", f"{out}/current/{place}/env")]
    done = subprocess.run([*nested, ENV, "-0"], env=dict(environment), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    pairs = [line.split(b"=", 1) for line in done.stdout.split(b"\0")[:-1]]
    assert len({name for name, _ in pairs}) == len(pairs)
    return {name.decode(): value.decode() for name, value in pairs}


def compare(tree: Tree, out: Path, random: Random) -> int:
    """Every target against the oracle; the number of values that were compared."""
    compared = 0
    for where in tree.targets():
        wanted = resolution(tree, where)
        set_ = {name: value for name, value in wanted.items() if value is not None}
        assert read_back(out, where, {}) == set_
        foreign = {name: "foreign" for name in wanted if random.random() < 0.5} | {"FOREIGN": "kept"}
        kept = {name: value for name, value in foreign.items() if name not in wanted}
        assert read_back(out, where, foreign) == set_ | kept
        for place, files in envdirs(tree, where).items():
            folder = out / "current" / place / "env"
            assert {each.name: each.read_bytes() for each in folder.iterdir()} == files
        compared += len(wanted)
    return compared


def build_and_compare(random: Random, folder: Path, *, names: int) -> int:
    tree = a_tree(random, names=names)
    if ends_in_blank(tree):
        return 0
    root, out = write_tree(folder / "tree", files_of(tree, random)), folder / "out"
    built(root, out)
    return compare(tree, out, random)


def run_until(wanted: int, first_seed: int, folder: Path) -> int:
    compared, seed = 0, first_seed
    while compared < wanted:
        place = folder / str(seed)
        try:
            compared += build_and_compare(random.Random(seed), place, names=80)
        except AssertionError as error:
            error.add_note(f"seed {seed}: kept in {place}")
            raise
        shutil.rmtree(place, ignore_errors=True)
        seed += 1
    return compared


def test_two_thousand_values_of_random_trees_reach_the_process_byte_for_byte(tmp_path: Path) -> None:
    assert run_until(2_000, 0, tmp_path) >= 2_000


@pytest.mark.soak
def test_a_hundred_thousand_values_of_random_trees_reach_the_process_byte_for_byte(tmp_path: Path) -> None:
    assert run_until(100_000, random.SystemRandom().randrange(1 << 40), tmp_path) >= 100_000


@given(st.randoms(use_true_random=False))
@examples(12, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_any_tree_reaches_the_process_byte_for_byte(random: Random) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build_and_compare(random, Path(folder), names=5)


# The comparison itself, and what random trees don't hold.


def test_one_changed_byte_in_the_output_is_noticed(tmp_path: Path) -> None:
    tree = Tree(["staging"], {"accounts": (["staging"], ["web"])}, {"common": {"A": Text("one"), "B": Unset()}})
    root, out = write_tree(tmp_path / "tree", files_of(tree, random.Random(1))), tmp_path / "out"
    built(root, out)
    assert compare(tree, out, random.Random(1)) == 2
    (out / "current/common/env/A").write_bytes(b"two\n")
    with pytest.raises(AssertionError):
        compare(tree, out, random.Random(1))


def test_names_that_only_a_schema_allows_reach_the_process(tmp_path: Path) -> None:
    names = ("X.bkp", "a-b", "1st", "ØL", "X~", "#X#", "*", "%", "\U0001f600", "A" * 255)
    fields = "".join(f"    f{index}: str = Field(alias={name!r})\n" for index, name in enumerate(names))
    schema = f"from pydantic import Field\nfrom envtree import Settings\n\n\nclass Common(Settings):\n{fields}"
    layer = "".join(f'"{name}": "value of {index}"\n' for index, name in enumerate(names))
    root, out = tmp_path / "tree", tmp_path / "out"
    write_tree(root, small_tree(**{"configs/common.yaml": layer, "schemas/common.py": schema}))
    built(root, out)
    values = read_back(out, ("production", "accounts", "web"), {})
    assert values == {name: f"value of {index}" for index, name in enumerate(names)}


def test_the_longest_value_runs_whatever_its_letters(tmp_path: Path) -> None:
    tree = Tree(["staging"], {"accounts": (["staging"], ["web"])})
    tree.layers["common"] = {"A": Text("x" * (131_071 - 2)), "B": Text("\U0001f600" * 32_767 + "x")}
    root, out = write_tree(tmp_path / "tree", files_of(tree, random.Random(0))), tmp_path / "out"
    built(root, out)
    assert compare(tree, out, random.Random(0)) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("A", "x" * 131_070), ("AAA", "\U0001f600" * 32_767), ("A" * 255, "\U0001f600" * 32_767)],
    ids=["ascii", "astral", "astral-long-name"],
)
def test_a_value_one_byte_too_long_for_chpst_is_refused(name: str, value: str, tmp_path: Path) -> None:
    assert len(name.encode()) + 1 + len(value.encode()) > 131_071
    write_tree(tmp_path / "tree", small_tree(**{"configs/common.yaml": f"{name}: {value}\n"}))
    ran = envtree_here("build", "-C", tmp_path / "tree", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "is too long" in ran.err


def test_a_text_that_is_too_long_for_a_wider_node_alone_is_refused_or_runs(tmp_path: Path) -> None:
    """Each chpst of the chain must be able to start the next: an `!expand` that is only short further in is no help."""
    long = "x" * 100_000
    files = small_tree(**{"configs/common.yaml": f'B: {long}\nA: !expand "${{B}}${{B}}"\n'})
    files |= {"configs/staging.yaml": "B: short\n", "configs/production.yaml": "B: short\n"}
    write_tree(tmp_path / "tree", files)
    if envtree_here("build", "-C", tmp_path / "tree", "--out", tmp_path / "out").code == 0:
        values = read_back(tmp_path / "out", ("production", "accounts", "web"), {})
        assert values == {"A": "shortshort", "B": "short"}


def test_an_environment_that_is_too_large_for_a_wider_node_alone_is_refused_or_runs(tmp_path: Path) -> None:
    names = [f"V{index}" for index in range(30)]
    files = small_tree(**{"configs/common.yaml": "".join(f"{name}: !file files/long\n" for name in names)})
    files |= {"configs/files/long": "x" * 100_000}
    files |= {f"configs/{each}.yaml": "".join(f"{name}: ~\n" for name in names) for each in ("staging", "production")}
    write_tree(tmp_path / "tree", files)
    if envtree_here("build", "-C", tmp_path / "tree", "--out", tmp_path / "out").code == 0:
        assert read_back(tmp_path / "out", ("production", "accounts", "web"), {}) == {}


@pytest.mark.parametrize(
    "files",
    [
        {"configs/common.yaml": 'A: "\\0"\n'},
        {"configs/common.yaml": 'A: "a\\0b"\n'},
        {"configs/common.yaml": 'A: !expand "\\0"\n'},
        {"configs/common.yaml": "A: !file nul\n", "configs/nul": b"\0"},
    ],
    ids=["alone", "inside", "expanded", "file"],
)
def test_a_nul_is_refused_and_not_dropped(files: Files, tmp_path: Path) -> None:
    write_tree(tmp_path / "tree", small_tree() | files)
    ran = envtree_here("build", "-C", tmp_path / "tree", "--out", tmp_path / "out")
    assert ran.code == 1
    assert "NUL" in ran.err


# Deltas.


def node_files(out: Path, place: str) -> dict[str, bytes]:
    return {each.name: each.read_bytes() for each in (out / "current" / place / "env").iterdir()}


def test_a_file_stands_only_where_a_node_changes_the_value_above_it(tmp_path: Path) -> None:
    files = small_tree(
        **{
            "configs/common.yaml": (
                "SAME: a\nGONE: a\nBACK: a\nLATE: !expand $$${NAME}\nWIDE: !expand x${SAME}\nFOREIGN: ~\nMORE: m\n"
            ),
            "configs/production.yaml": "SAME: a\nGONE: !unset\nBACK: ~\nFOREIGN: !unset\n",
            "configs/accounts/common.yaml": "NAME: n\nBACK: b\nSAME: b\nMORE: !expand ${MORE}-${NAME}\n",
            "configs/accounts/production.yaml": "SAME: a\nBACK: a\nMORE: !expand ${MORE}!\n",
            "configs/accounts/web/common.yaml": "NAME: n\nGONE: ~\nWIDE: xa\n",
            "configs/accounts/web/production.yaml": "NAME: m\n",
        }
    )
    write_tree(tmp_path / "tree", files)
    built(tmp_path / "tree", tmp_path / "out")
    places = ("common", "production", "production/accounts", "production/accounts/web")
    assert [node_files(tmp_path / "out", place) for place in places] == [
        {"SAME": b"a\n", "GONE": b"a\n", "BACK": b"a\n", "WIDE": b"xa\n", "FOREIGN": b"", "MORE": b"m\n"},
        {"GONE": b"", "BACK": b""},
        {"NAME": b"n\n", "BACK": b"a\n", "LATE": b"$n\n", "MORE": b"m-n!\n"},
        {"NAME": b"m\n", "LATE": b"$m\n", "MORE": b"m-m!\n"},
    ]


# The same source, the same output.


def everything(folder: Path) -> dict[str, tuple[int, str, bytes]]:
    """Each path below a folder, with its mode, where it leads and what it holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = b"" if path.is_symlink() or path.is_dir() else path.read_bytes()
        found[str(path.relative_to(folder))] = (
            status.st_mode,
            str(path.readlink()) if path.is_symlink() else "",
            content,
        )
    return found


def stamps(folder: Path) -> dict[str, tuple[int, int, int]]:
    paths = (folder, *folder.rglob("*"))
    return {str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns, path.lstat().st_ctime_ns) for path in paths}


def random_files(seed: int) -> tuple[Tree, Files]:
    source = random.Random(seed)
    tree = a_tree(source, names=12)
    return tree, files_of(tree, source)


@pytest.mark.parametrize("options", [(), ("--keep", "3")], ids=["plainly", "with an option"])
def test_building_twice_writes_once(options: tuple[str, ...], tmp_path: Path) -> None:
    root, out = write_tree(tmp_path / "tree", random_files(5)[1]), tmp_path / "out"
    built(root, out)
    before = stamps(out)
    assert envtree("build", "--out", out, *options, cwd=root).code == 0
    assert stamps(out) == before


def test_a_build_that_changes_one_variable_writes_only_the_envdirs_it_touches(tmp_path: Path) -> None:
    files = small_tree(**{"configs/common.yaml": "A: 1\n", "configs/production.yaml": "B: 1\n"})
    root, out = write_tree(tmp_path / "tree", files), tmp_path / "out"
    built(root, out)
    before = {path.resolve() for path in (out / "current").rglob("env")}
    write_tree(root, {"configs/production.yaml": "B: 2\n"})
    built(root, out)
    after = {path.resolve() for path in (out / "current").rglob("env")}
    assert len(after - before) == 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_same_source_makes_the_same_output_in_any_folder_and_under_any_umask_zone_or_hash_seed(
    seed: int, tmp_path: Path
) -> None:
    _, files = random_files(seed)
    outputs = []
    for index, (umask, more) in enumerate(
        (
            (0o022, {"TZ": "UTC", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}),
            (0o000, {"TZ": "Asia/Tokyo", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "1"}),
            (0o077, {"TZ": "America/St_Johns", "LANG": "tr_TR.UTF-8", "PYTHONHASHSEED": "4242", "PYTHONUTF8": "0"}),
        )
    ):
        paths = list(files)
        random.Random(index).shuffle(paths)  # the order in which a folder lists its files, on some file systems
        root = write_tree(tmp_path / f"{index}/{'deep/' * index}tree", {path: files[path] for path in paths})
        ran = envtree("build", "--out", tmp_path / f"out{index}", cwd=root, umask=umask, **more)
        assert ran.code == 0, ran.err
        outputs.append(everything(tmp_path / f"out{index}"))
    assert outputs[0] == outputs[1] == outputs[2]


@pytest.mark.parametrize("seed", range(8))
def test_the_order_of_lines_in_a_layer_and_how_they_are_written_do_not_matter(seed: int, tmp_path: Path) -> None:
    source = random.Random(seed)
    tree = a_tree(source, names=12)
    again = Tree(tree.environments, tree.services)
    for place, values in tree.layers.items():
        again.layers[place] = {name: values[name] for name in source.sample(sorted(values), len(values))}
    envdirs_of = []
    for index, each in enumerate((tree, again)):
        out = tmp_path / f"out{index}"
        built(write_tree(tmp_path / f"tree{index}", files_of(each, source)), out)
        envdirs_of.append(sorted(path.name for path in (out / "envdirs").iterdir()))
    assert envdirs_of[0] == envdirs_of[1]
