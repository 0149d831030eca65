"""Commits, trees and names that no friendly git would make, written as raw objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.repositories import commit, git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.adapters.hostile import Place

COMMON = "configs/common.yaml"
ESCAPE = "\x1b]0;title\x07\x1b[31mred"
DATE = b"1772366400 +0000"
AUTHORS = (
    f"{ESCAPE} <{ESCAPE}> ".encode() + DATE,
    b"\r\x08\x08\x7f\xc2\x9b31m <a@b> " + DATE,
    b"\xff\xfe\xe2\x82 <a@b> " + DATE,
    "\u202egpj.exe\u2066 <a@b> ".encode() + DATE,
    b" <> " + DATE,
    b"x" * 5000 + b" <a@b> " + DATE,
    b"no address " + DATE,
    b"no date <a@b>",
    b"far away <a@b> 99999999999999999999 +0000",
    b"no zone <a@b> 1772366400",
    b"odd zone <a@b> 1772366400 +9999",
    b"before <a@b> -1 -0000",
    b"<<>> <a@b>> 1 2 3 " + DATE,
    b"nul\0inside <a@b> " + DATE,
    b"",
)
MESSAGES = (
    f"{ESCAPE}\n\n{ESCAPE}\n".encode(),
    b"",
    b"\xff\xfe\n",
    b"cr\ronly\r\x9b31m\n",
    b"nul\0inside\n",
    "\u202e\u2028\u2029\x85\n".encode(),
)


def store(here: Place, kind: str, data: bytes) -> str:
    """The id of an object that is written as it is."""
    return git(here.top, "hash-object", "-t", kind, "-w", "--literally", "--stdin", stdin=data)


def raw_tree(entries: list[tuple[str, bytes, str]]) -> bytes:
    """Mode, name and id of each entry, in this order."""
    return b"".join(mode.encode() + b" " + name + b"\0" + bytes.fromhex(each) for mode, name, each in entries)


def raw_commit(here: Place, tree: str, author: bytes, message: bytes, headers: bytes = b"") -> None:
    """A commit on top of HEAD, with whatever it says."""
    parent = git(here.top, "rev-parse", "HEAD")
    about = f"tree {tree}\nparent {parent}\n".encode()
    data = about + b"author " + author + b"\ncommitter " + author + b"\n" + headers + b"\n" + message
    git(here.top, "update-ref", "--no-deref", "refs/heads/main", store(here, "commit", data))


def odd_authors(here: Place) -> None:
    """Each wrote a line that is still there, or that the next one changed."""
    for number, author in enumerate(AUTHORS):
        (here.top / COMMON).write_text(f"A: {number + 10}\nB: hidden {number}\n")
        git(here.top, "add", ".")
        tree = git(here.top, "write-tree")
        headers = (b"", b"encoding nonsense\n", b"encoding UTF-16\n", b"gpgsig x\n y\n")[number % 4]
        raw_commit(here, tree, author, MESSAGES[number % len(MESSAGES)], headers)


def mailmap(here: Place) -> None:
    """Git gives everyone another name."""
    (here.top / ".mailmap").write_text(f"{ESCAPE} <ann@example.org>\n\u202eEve <eve@example.org> <ann@example.org>\n")
    commit(here.top)


def odd_names(here: Place) -> None:
    """In the working tree, the index and a commit."""
    for name in (
        ESCAPE,
        "a\nb.yaml",
        "\t",
        "\x7f",
        "\x9b31m",
        "\u202egpj",
        "-x",
        "--help",
        "*",
        "\udcff",
        "a\\b",
        '"',
        "`x`",
        "$(x)",
    ):
        path: Path = here.top / "configs" / name
        path.write_text("A: 1\n")
        folder: Path = here.top / "configs" / f"{name}.d"
        folder.mkdir()
        (folder / "service.yaml").write_text(f"{ESCAPE}: {{x: y}}\n")
    (here.top / "configs/link").symlink_to(ESCAPE)
    commit(here.top, message=ESCAPE)


def _with_entries(here: Place, entries: list[tuple[str, bytes, str]], folder: str = "configs") -> None:
    """Commit a tree whose folder holds odd entries too; with none named, the top of the tree does."""
    there = {}
    for line in git(here.top, "ls-tree", "HEAD", f"{folder}/" if folder else ".").splitlines():
        about, _, path = line.partition("\t")
        mode, _, identity = about.split()
        there[path.rpartition("/")[2].encode()] = (mode.lstrip("0"), identity)
    entries = [*((mode, name, identity) for name, (mode, identity) in there.items()), *entries]
    tree = store(here, "tree", raw_tree(entries))
    if folder:
        others = [line for line in git(here.top, "ls-tree", "HEAD").splitlines() if not line.endswith(f"\t{folder}")]
        rows = [("40000", folder.encode(), tree)]
        for line in others:
            about, _, path = line.partition("\t")
            rows.append((about.split()[0].lstrip("0"), path.encode(), about.split()[2]))
        tree = store(here, "tree", raw_tree(sorted(rows, key=lambda row: row[1])))
    raw_commit(here, tree, b"Ann <a@b> " + DATE, b"odd entries\n")


def odd_modes(here: Place) -> None:
    text, folder = git(here.top, "rev-parse", f"HEAD:{COMMON}"), git(here.top, "rev-parse", "HEAD:configs")
    passwd = store(here, "blob", b"/etc/passwd")
    _with_entries(
        here,
        [
            ("120000", b"production.yaml", passwd),
            ("120000", b"staging.yaml", store(here, "blob", b"../../../../etc/passwd")),
            ("120000", b"nul.yaml", store(here, "blob", b"common.yaml\0x")),
            ("120000", b"long.yaml", store(here, "blob", b"x" * 100_000)),
            ("120000", b"escape.yaml", store(here, "blob", ESCAPE.encode())),
            ("160000", b"module", git(here.top, "rev-parse", "HEAD")),
            ("100777", b"wide.yaml", text),
            ("100600", b"narrow.yaml", text),
            ("104755", b"setuid.yaml", text),
            ("20000", b"device.yaml", text),
            ("10000", b"pipe.yaml", text),
            ("100644", b"tree-as-file.yaml", folder),
            ("120000", b"tree-as-link.yaml", folder),
        ],
    )


def not_what_it_says(here: Place) -> None:
    """A file that is said to be a folder, and one that is nowhere."""
    text = git(here.top, "rev-parse", f"HEAD:{COMMON}")
    _with_entries(here, [("40000", b"file-as-tree", text)])


def nowhere_to_be_found(here: Place) -> None:
    _with_entries(here, [("100644", b"production.yaml", "1" * 40)])


def twice_the_same(here: Place) -> None:
    text = store(here, "blob", b"A: 666\nB: hidden\n")
    _with_entries(
        here, [("100644", b"common.yaml", text), ("40000", b"common.yaml", git(here.top, "rev-parse", "HEAD:configs"))]
    )


def names_that_lead_away(here: Place) -> None:
    text, folder = git(here.top, "rev-parse", f"HEAD:{COMMON}"), git(here.top, "rev-parse", "HEAD:configs")
    names = (
        b"..",
        b".",
        b".git",
        b".GIT",
        b"a/b",
        b"../../outside",
        b"/etc/passwd",
        b"git~1",
        b"x\ny",
        b"\xff",
        b"\x1b[31m",
        b"con",
    )
    _with_entries(here, [row for name in names for row in (("100644", name + b".yaml", text), ("40000", name, folder))])


def no_name(here: Place) -> None:
    _with_entries(here, [("100644", b"", git(here.top, "rev-parse", f"HEAD:{COMMON}"))])


def no_mode(here: Place) -> None:
    _with_entries(here, [("x", b"y", git(here.top, "rev-parse", f"HEAD:{COMMON}"))])


def very_deep(here: Place) -> None:
    identity = git(here.top, "rev-parse", "HEAD:configs")
    for _ in range(500):
        identity = store_quickly(here, raw_tree([("40000", b"d", identity)]))
    _with_entries(here, [("40000", b"deep", identity)])


def store_quickly(here: Place, data: bytes) -> str:
    """A tree object, written without git: it takes five hundred of them to be deep."""
    import hashlib
    import zlib

    whole = b"tree %d\0" % len(data) + data
    identity = hashlib.sha1(whole, usedforsecurity=False).hexdigest()
    path: Path = here.top / ".git/objects" / identity[:2] / identity[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole, 1))
    return identity


def settings_elsewhere(here: Place) -> None:
    """`envtree.yaml` and `schemas` are links that lead out."""
    (here.top / "envtree.yaml").rename(here.top.parent / "envtree.yaml")
    (here.top / "schemas").rename(here.top.parent / "schemas")
    (here.top / "envtree.yaml").symlink_to("../envtree.yaml")
    (here.top / "schemas").symlink_to("../schemas")
    commit(here.top)
