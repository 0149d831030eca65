"""A service's user against who supervises it: nothing of it makes a command hang, lie, or end what is another's.

All attacks run on one machine, beside a process of another user and beside processes of their own user that are no
part of the machine.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.attacks import FORKS, HOOKS, LOGS, LONE, PIPES, PRELUDE, SIGNALS, TITLES
from tests.boxes import Box
from tests.other_user import PYTHON, SECRET, THEM, ground
from tests.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.attacks import Attack

pytestmark = pytest.mark.root
VICTIM, ALONE = THEM + 1, 100_000 + os.getpid()  # one that no other test has, since it signals all of its own
MEMORY = 300 << 20
"""The bytes that a command may take at most here; what is endless has more."""


def service(attacks: tuple[Attack, ...], user: int) -> str:
    """Service that runs as a user, who owns its logs as well."""
    lines = [f"user: '{user}:{user}'", f"log: {{owner: '{user}:{user}'}}", "processes:"]
    for each in attacks:
        more = f", {each.more}" if each.more else ""
        command = f"{PYTHON} -IS {{program}} {each.name}"
        lines.append(f"  {each.name}: {{command: {command}, stop: {{timeout: 1s}}{more}}}")
    return "\n".join(lines) + "\n"


class Machine(NamedTuple):
    """A machine under attack."""

    box: Box
    outsiders: dict[str, subprocess.Popen[bytes]]
    """Processes of the same user that nobody has booted, by name."""


@contextlib.contextmanager
def attacked(attacks: tuple[Attack, ...]) -> Iterator[Machine]:
    """Boot a machine with these attacks, and wait until each is on."""
    with ground() as land, contextlib.ExitStack() as stack:
        program = land.top / "attacker.py"
        codes = {each.name: each.code for each in (*attacks, LONE)}
        program.write_text(f"{PRELUDE}\nCODES = {codes!r}\nexec(CODES[NAME])\n")
        victim = "processes: {main: {command: 'echo $$ >$SAID/victim && exec sleep 1000'}}\n"
        services = {
            "theirs": service(attacks, THEM),
            "lone": service((LONE,), ALONE),
            "victim": f"user: '{VICTIM}:{VICTIM}'\n{victim}",
        }
        top = land.top / "machine"
        box = Box(
            top,
            {name: text.replace("{program}", str(program)) for name, text in services.items()},
            **{"configs/review.yaml": f"LOG: {top}/log\nMACHINE: {top}\n"},
        )
        stack.callback(box.clean_up)
        box.said.chmod(0o777)
        (top / "secret").write_text(SECRET)
        (top / "secret").chmod(0o600)
        booted = limited(box, *box.boot_words("--keep-going", "--timeout", "20"))
        assert booted.returncode in (0, 1), booted.stderr
        for each in (*attacks, LONE):
            wait_for(lambda each=each: "ready" in box.says(each.name), lambda each=each: (each.name, booted.stderr))  # type: ignore[misc]
        first = box.log / "theirs" / attacks[0].name
        outsiders = {name: outsider(stack, box, program, code, first) for name, code in OUTSIDERS.items()}
        yield Machine(box, outsiders)


OUTSIDERS = {
    "sleeps": "rest()",
    "is called runsvdir": "title(b'runsvdir'); rest()",
    "is called svlogd in a log": "title(b'svlogd'); os.chdir(sys.argv[4]); rest()",
    "works in a folder of the same path": """
in_namespaces()
run = os.path.dirname(sys.argv[3])
assert libc.mount(b"none", run.encode(), b"tmpfs", 0, None) == 0
os.makedirs(run + "/services/victim.main")
os.chdir(run + "/services/victim.main")
rest()""",
}


def outsider(stack: contextlib.ExitStack, box: Box, program: Path, code: str, log: Path) -> subprocess.Popen[bytes]:
    """A process of the same user, as of somebody who has logged in."""
    environ = {"SAID": str(box.said), "LOG": str(box.log), "MACHINE": str(box.top)}
    text = f"{program.read_text().partition('CODES =')[0]}\n{code}"
    words = [PYTHON, "-IS", "-c", text, "outsider", "-P", f"{box.run}/watch", str(log)]
    process = subprocess.Popen(
        words, user=THEM, group=THEM, extra_groups=[], env=environ, cwd="/", stderr=subprocess.DEVNULL
    )
    stack.callback(process.wait)
    stack.callback(process.kill)
    return process


def limited(box: Box, *words: str) -> subprocess.CompletedProcess[str]:
    """Run envtree with little memory, to its end."""
    box.before = ("prlimit", f"--as={MEMORY}:")
    return box.envtree(*words)


def naive_session(number: int) -> str:
    """The session of a process, as who splits its line at the first bracket sees it."""
    return Path(f"/proc/{number}/stat").read_text().split(")", 1)[1].split()[3]


def begins(number: int, name: str) -> int:
    """How many bytes a file of proc(5) has, of the first 8 MiB."""
    with Path(f"/proc/{number}/{name}").open("rb") as file:
        return len(file.read(8 << 20))


def state(number: int) -> str:
    """The state of a process, by its first thread."""
    return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]


def names(box: Box) -> set[str]:
    """The names of all of a machine."""
    return {Path(f"/proc/{each.number}/comm").read_text() for each in box.processes()}


CONTROLS: dict[str, Callable[[Box, int], bool]] = {
    "title-svlogd": lambda box, number: (
        Path(f"/proc/{number}/comm").read_text() == "svlogd\n"
        and Path(f"/proc/{number}/cwd").readlink() == box.log / "theirs/title-svlogd"
    ),
    "title-stat": lambda box, number: naive_session(number) == str(box.main_of("victim.main")),
    "title-line": lambda box, _: "a\n1 (init) S 0 \n" in names(box),
    "title-escape": lambda box, _: "\x1b[2J\x1b[31m\n" in names(box),
    "title-backslash": lambda box, _: "a\\n1 (init\\c\n" in names(box),
    "words-endless": lambda _, number: begins(number, "cmdline") == 8 << 20,
    "environ-endless": lambda _, number: begins(number, "environ") == 8 << 20,
    "stops-itself": lambda _, number: state(number) == "T",
    "traced": lambda _, number: state(number) == "t",
    "first-thread-ends": lambda _, number: state(number) == "Z",
}
"""What is seen of an attack by who looks with less care."""

KINDS = {
    "killed": re.compile(r"had to be killed: (\S+)"),
    "hooks": re.compile(r"`(?:before|after)_stop` failed: (\S+): [ -~]+"),
    "escaped": re.compile(r"left in the background, and ended: (\S+): \d+ \([ -~]*\)(?:, \d+ \([ -~]*\))*"),
    "not ready": re.compile(r"error\[not-ready\]: `(\S+)` [ -~]+"),
}
"""What a command says of a process, a line each."""


def said(text: str) -> dict[str, set[str]]:
    """What was said of each process, by target; all that is said of one is a line of a known kind."""
    found: dict[str, set[str]] = {}
    for line in text.splitlines():
        for kind, pattern in KINDS.items():
            if got := pattern.fullmatch(line):
                found.setdefault(got.group(1), set()).add(kind)
    return found


def expected(attacks: tuple[Attack, ...], got: dict[str, set[str]], *, restarted: bool) -> None:
    """All that was to be said of these attacks was said, and nothing of any other process."""
    for each in attacks:
        kinds = got.pop(f"review/theirs/{each.name}", set())
        may = {word.removesuffix("?") for word in each.ending.split()}
        must = {word for word in each.ending.split() if not word.endswith("?")}
        must |= {"not ready"} if restarted and (each.fails or each.state == "!up") else set()
        assert must <= kinds <= may | must, (each.name, kinds)
    assert got == {}


GROUPS = {"titles": TITLES, "signals": SIGNALS, "forks": FORKS, "pipes": PIPES, "logs": LOGS, "hooks": HOOKS}
QUICK = ("titles", "signals")


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.soak) for name in GROUPS]
)
def test_no_attack_makes_a_command_hang_lie_or_end_what_is_anothers(name: str) -> None:
    attacks = GROUPS[name]
    with attacked(attacks) as (box, outsiders):
        run = ("--run", str(box.run))
        victim = box.main_of("victim.main")
        for each in attacks:
            if each.name in CONTROLS:
                assert CONTROLS[each.name](box, box.main_of(f"theirs.{each.name}")), each.name
        place = Path(f"/proc/{outsiders['works in a folder of the same path'].pid}/cwd")
        wait_for(lambda: place.readlink() == box.run / "services/victim.main", place.readlink)
        found = limited(box, "status", "--json", *run)
        states = {each["target"]: each["state"] for each in json.loads(found.stdout)["processes"]}
        for each in attacks:
            state = states.pop(f"review/theirs/{each.name}")
            assert state == each.state if each.state != "!up" else state != "up", each.name
        assert set(states.values()) == {"up"}
        restarted = limited(box, "restart", "review/theirs", "--at-once", "--timeout", "20", *run)
        expected(attacks, said(restarted.stderr), restarted=True)
        assert restarted.returncode == (1 if any(each.ending or each.fails for each in attacks) else 0)
        assert box.main_of("victim.main") == victim
        assert Path(f"/proc/{victim}").exists()
        down = limited(box, "down", *run)
        expected(attacks, said(down.stderr), restarted=False)
        assert down.returncode == (1 if any(each.ending for each in attacks) else 0)
        assert "\x1b" not in found.stdout + restarted.stderr + down.stderr
        assert [each for each, process in outsiders.items() if process.poll() is not None] == []
        assert (box.top / "secret").read_text() == SECRET
        for process in outsiders.values():
            process.kill()
        box.assert_gone()
