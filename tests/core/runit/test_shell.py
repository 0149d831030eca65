"""Words and commands in the language of /bin/sh, held against dash and bash themselves."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envtree.core.runit.runtimes import runtime_folders
from envtree.core.runit.shell import quoted, with_exec
from tests.examples import examples
from tests.waiting import LONG

if TYPE_CHECKING:
    from collections.abc import Iterator

SHOW = """\
#!/bin/bash
printf '%s|' "$$" "$0" "$@"
[ -t 0 ] || while IFS= read -r line; do printf '<%s>' "$line"; done
printf '%s|' "${A-}" "${B-}" "${PORT-}"
echo 'to the other' >&2
exit 7
"""
ONE = [  # what a command is, and how it becomes the process
    ("bin/web", "exec bin/web"),
    ("bin/web --port $PORT", "exec bin/web --port $PORT"),
    ("bin/web --port ${PORT:-3000}", "exec bin/web --port ${PORT:-3000}"),
    ('bin/web --name "$NAME of ${HOST}"', 'exec bin/web --name "$NAME of ${HOST}"'),
    ("bin/web ${FILE##*/} ${HOST%.com}", "exec bin/web ${FILE##*/} ${HOST%.com}"),
    ("FOO=bar bin/web", "FOO=bar exec bin/web"),
    ("FOO=bar  BAR=$FOO bin/web x=y", "FOO=bar  BAR=$FOO exec bin/web x=y"),
    ("FOO='a b;c' BAR=\"$FOO d\" bin/web", "FOO='a b;c' BAR=\"$FOO d\" exec bin/web"),
    ("FOO= bin/web", "FOO= exec bin/web"),
    ("env FOO=bar bin/web", "exec env FOO=bar bin/web"),
    ("  bin/web\n", "exec bin/web"),
    ("bin/web \\\n  --port $PORT \\\n  --quiet", "exec bin/web \\\n  --port $PORT \\\n  --quiet"),
    ("FOO=bar \\\n  bin/web", "FOO=bar \\\n  exec bin/web"),
    ("bin/web 2>&1", "exec bin/web 2>&1"),
    ("bin/web >>/var/log/web 2>/dev/null <in", "exec bin/web >>/var/log/web 2>/dev/null <in"),
    ("bin/web ';' \"a && b | c\" \\&", "exec bin/web ';' \"a && b | c\" \\&"),
    ("bin/web '{\n\"a\": [1]\n}'", "exec bin/web '{\n\"a\": [1]\n}'"),
    ("bin/web it\\'s", "exec bin/web it\\'s"),
    ("bin/web # it's; a comment", "exec bin/web # it's; a comment"),
    ("bin/web a#b '#c'", "exec bin/web a#b '#c'"),
    ("bin/web *.conf [ab] {c,d} ! ~", "exec bin/web *.conf [ab] {c,d} ! ~"),
    ("nice -n 5 bin/web", "exec nice -n 5 bin/web"),
    ("exec bin/web", "exec bin/web"),
    ("FOO=bar exec bin/web", "FOO=bar exec bin/web"),
]
LEFT = [  # to a shell that stays in front
    *("a && b", "a || b", "a; b", "a ;b", "a;", "a | b", "a\nb", "a &", "a & b", "(a)", "{ a; }", "! a", "a |& b"),
    *("a &>b", "a <<b", "a <<<b", "a <(b)", "a >(b)", "a $(b)", 'a "$(b)"', "a `b`", 'a "`b`"', "a $((1))"),
    *('a "$(b "c; d" "e")"', "a ${b:-$(c)}", "a ${b:-'c d'}", 'a "${b:-"c;d"}"', "a $'b\\'' ; c '", 'a $"b"'),
    *("a # '\nb '", "a '", 'a "', "a \\", "if a; then b; fi", "for a in b; do c; done", "while a; do b; done"),
    *("cd b", "echo b", "printf b", "test b", "true", ":", ". b", "source b", "eval b", "command b", "time b"),
    *("trap b TERM", "ulimit -n 9", "export A=b", "chdir b", "exec a; b", "exec a | b", "[ b ]", "[[ b ]]"),
    *("", "#", "# a", "A=b", "A=b B=c", "A+=b c", "A[0]=b c", "$A", '"$A"', "'a'", "\\a", "~/a", "*", ">a", ">a b"),
    *(
        "2>a b",
        "-a",
        "%1",
        "a() { b; }",
        "A=$(b) c",
        "A=`b` c",
        "A=(b) c",
        "A=b >c d",
        "A='b",
        "a\N{NO-BREAK SPACE}b &",
    ),
]


@pytest.mark.parametrize(("command", "expected"), ONE)
def test_one_program_with_its_words_becomes_the_process(command: str, expected: str) -> None:
    assert with_exec(command) == expected


@pytest.mark.parametrize("command", LEFT)
def test_all_else_is_left_to_a_shell(command: str) -> None:
    assert with_exec(command) is None


class Result(NamedTuple):
    """What a command did."""

    code: int
    out: bytes
    err: bytes
    files: dict[str, bytes]
    became: bool
    """Whether the shell became the program: it has the number that the shell had."""


@pytest.fixture(scope="module")
def programs() -> Iterator[Path]:
    """A folder of programs that tell how they were run; the only ones that a generated command finds."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("show", "bin.v2"):
            (Path(folder) / name).write_text(SHOW)
            (Path(folder) / name).chmod(0o755)
        yield Path(folder)


def run(command: str, programs: Path, shell: str = "dash") -> Result:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file").write_text("in a file\n")
        process = subprocess.Popen(
            [f"/bin/{shell}", "-c", command, "name", "first"],
            env={"PATH": str(programs), "PORT": "80", "EMPTY": "", "SPACED": " a  b "},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = process.communicate(timeout=LONG)
        files = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    number = str(process.pid).encode()
    said = (out, *files.values())
    became = any(number + b"|/" in each for each in said)
    out, *contents = (re.sub(rb"\d+\|/", b"|/", each).replace(number, b"$$") for each in said)
    out, err, *contents = (each.replace(b": exec: ", b": ") for each in (out, err, *contents))  # not found
    return Result(process.returncode, out, err, dict(zip(files, contents, strict=True)), became)


WORDS = st.sampled_from(
    (
        *("a", "--b=c", "$PORT", "${PORT}", "${NONE:-x}", "$NONE", '"$SPACED"', "$SPACED", "'$PORT; |'", '"a && b"'),
        *("\\;", "\\ ", "a#b", "'#'", "it\\'s", '"\\"$PORT\\""', "'\n'", "\\\n", "*", "f?le", "~", "{a,b}", "$1"),
        *('"$@"', "$#", "${PORT#8}", "[f]ile", "!", "%", "é", "$", "''", '""', "a=b", "$EMPTY", '"$EMPTY"', "=", "^"),
        *("${EMPTY:-b}c", "<file", ">out", "2>&1", ">out 2>&1", "2>/dev/null", ">>file", "<nowhere", "3>&1"),
    )
)
ASSIGNMENTS = st.sampled_from(["A=b", "A=", "A=$PORT", "B=$A", "B='c d'", 'B="$A;"', "A=~", "A=*", "A=b\\ c", "PORT=1"])
PROGRAMS = st.sampled_from(["show", "bin.v2", "nowhere", "./file", "/", "exec show"])
BLANKS = st.sampled_from([" ", "  ", "\t", " \\\n "])
COMMENTS = st.sampled_from(["", "", "", " # it's; so", " #\\", "#"])


@st.composite
def commands(draw: st.DrawFn) -> str:
    """One program with assignments before it, words and redirections after it."""
    pieces = [*draw(st.lists(ASSIGNMENTS, max_size=2)), draw(PROGRAMS), *draw(st.lists(WORDS, max_size=4))]
    return "".join(piece + draw(BLANKS) for piece in pieces[:-1]) + pieces[-1] + draw(COMMENTS)


# Nothing in it is a program but `show`: what a shell makes of it can do no harm.
NASTY = st.lists(
    st.sampled_from([*"'\"\\`$;&|<>()#{}!*=\n\t   ", "show ", "show ", "$(", "${", "&& ", "a", "PORT", " #", "exec "]),
    min_size=1,
    max_size=14,
).map(lambda pieces: "show " + "".join(pieces))


def holds(command: str, programs: Path) -> None:
    """What comes out of a command is the same after it was made to replace the shell, and it does."""
    other = with_exec(command)
    if other is None:
        return
    before, after = run(command, programs), run(other, programs)
    assert (after.code, after.out, after.files) == (before.code, before.out, before.files)
    assert after.err == before.err or after.code == 2  # a syntax error may be told otherwise
    shown = any(b"show|" in each or b"bin.v2|" in each for each in (after.out, *after.files.values()))
    assert after.became or not shown


@examples(30)
@given(command=commands())
@example("show <nowhere")
@example("A=b B=$A show $A")
@example("./file")
def test_one_program_does_the_same_without_a_shell_in_front(programs: Path, command: str) -> None:
    holds(command, programs)


@examples(30)
@given(command=NASTY)
@example("show # '\nshow '")
@example('show "$(show "\'")" ; show "\'"')
def test_what_only_looks_like_one_program_does_the_same_as_before(programs: Path, command: str) -> None:
    holds(command, programs)


@pytest.mark.soak
@settings(max_examples=3000)
@given(command=commands() | NASTY)
def test_commands_do_the_same_without_a_shell_in_front(programs: Path, command: str) -> None:
    holds(command, programs)


@pytest.mark.parametrize("command", [each for each, _ in ONE if "bin/web" in each and "<in" not in each])
def test_the_process_is_the_program_itself(command: str, programs: Path) -> None:
    other = with_exec(command.replace("env FOO", "/usr/bin/env FOO").replace("nice", "/usr/bin/nice"))
    assert other is not None
    named = other.replace("bin/web", str(programs / "show")).replace("/var/log/web", "out")
    for shell in ("dash", "bash"):
        assert run(named, programs, shell).became


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


@examples(20)
@given(texts=st.lists(TEXT, min_size=1, max_size=6))
@example(["", "'", "''", "a'b", "\\", "-n", "$HOME", "a b", "*", "\n", "!", "~", "{a,b}", "é", "#", "a=b"])
def test_a_shell_reads_a_quoted_word_as_it_was(texts: list[str]) -> None:
    script = "for each in " + " ".join(map(quoted, texts)) + "; do printf '%s\\0' \"$each\"; done"
    for shell in ("dash", "bash"):
        done = subprocess.run([f"/bin/{shell}", "-c", script], env={}, cwd="/", capture_output=True, check=True)
        assert [os.fsdecode(each) for each in done.stdout.split(b"\0")[:-1]] == texts


def test_a_plain_word_is_not_quoted() -> None:
    assert [quoted(each) for each in ("/srv/a-b_c.d", "a b", "")] == ["/srv/a-b_c.d", "'a b'", "''"]


@pytest.mark.parametrize(
    ("manager", "versions", "expected"),
    [
        ("mise", (("ruby", "3.3.5"),), ("/m/installs/ruby/3.3.5/bin",)),
        (
            "mise",
            (("nodejs", "20.1.0"), ("golang", "1.22")),
            ("/m/installs/node/20.1.0/bin", "/m/installs/go/1.22/bin"),
        ),
        ("asdf", (("nodejs", "20.1.0"),), ("/m/installs/nodejs/20.1.0/bin",)),
        (
            "asdf",
            (("golang", "1.22"), ("ruby", "3.3.5")),
            ("/m/installs/golang/1.22/go/bin", "/m/installs/ruby/3.3.5/bin"),
        ),
        ("mise", (), ()),
    ],
)
def test_each_version_has_its_folder(
    manager: str, versions: tuple[tuple[str, str], ...], expected: tuple[str, ...]
) -> None:
    assert runtime_folders("/m", manager, versions) == expected
