"""Services that were built, under a runsvdir of their own: as boot installs them, and linked by hand."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from envtree.adapters.store.state import current
from envtree.adapters.store.verify import manifest_of
from envtree.core.model.tree import Target
from envtree.core.output.inventory import read_inventory
from envtree.machine.services.parts import log_folder, process_specs
from envtree.machine.system import processes
from envtree.machine.system import runtime_folder as folder
from envtree.machine.system.log_folder import prepare_log
from envtree.machine.system.programs import start_runsvdir
from tests.builders import envtree_here, write_tree
from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from envtree.machine.system.processes import RunningProcess
    from tests.builders import Files

PYTHON = shutil.which("python3", path="/usr/bin:/bin") or sys.executable  # every user may run it

WITNESS = f"""\
#!{PYTHON} -IS
\"\"\"Says what it lives through in a file of its name: `witness NAME [stop=INT] [child=NAME] [exit=7] WORD...`.\"\"\"
import os
import signal
import sys

name, *words = sys.argv[1:]
options = dict(word.split("=", 1) for word in words if "=" in word)


def say(text):
    with open(os.environ["SAID"] + "/" + name, "a") as file:
        file.write(text + "\\n")


heard = signal.valid_signals() - {{signal.SIGCHLD}}
signal.pthread_sigmask(signal.SIG_BLOCK, heard)
stop = options.get("stop", "TERM")
if "child" in options and os.fork() == 0:
    name, stop = options["child"], options.get("child_stop", "TERM")
say(f"started {{os.getpid()}}")
if words:
    say(" ".join(f"<{{word}}>" for word in words))
if "exit" in options:
    sys.exit(int(options["exit"]))
while True:
    got = signal.Signals(signal.sigwait(heard)).name.removeprefix("SIG")
    say(f"got {{got}}")
    if got == stop:
        print(name, "has ended", flush=True)
        sys.exit(0)
"""


class Box:
    """A folder with a tree, its output, and services that run from it; its own name is as awkward as a name can be."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.out = root / "out's $HOME"
        self.run = root / "run `d`"
        self.hand = root / "by hand"
        self.logs = root / "log"
        self.said = root / "said"
        self.bin = root / "bin"
        for each in (self.bin, self.said, self.hand):
            each.mkdir()
        self.said.chmod(0o777)
        self.program("witness", WITNESS)

    def program(self, name: str, text: str) -> None:
        """A program that every process finds."""
        (self.bin / name).write_text(text)
        (self.bin / name).chmod(0o755)

    def build(self, files: Files) -> None:
        """Write the tree, and build it."""
        shutil.rmtree(self.root / "tree", ignore_errors=True)
        write_tree(self.root / "tree", files)
        done = envtree_here("build", "-C", self.root / "tree", "--out", self.out, "-q")
        assert done.code == 0, done.err

    def start(self, besides: str = "") -> None:
        """Install all of production as boot does, and let runsvdir start it; one of them only later."""
        out, generation = str(self.out), current(str(self.out))
        assert generation is not None
        manifest = manifest_of(out, generation)
        assert manifest is not None
        inventory = read_inventory(manifest.text)
        for spec in process_specs(inventory, [each for each in inventory.targets if each.environment == "production"]):
            prepare_log(log_folder(inventory, Target(*spec.target.split("/"))))
            folder.install(str(self.run), out, generation, spec)
            folder.watch(str(self.run), spec.name)
            if spec.name != besides:
                folder.let_start(str(self.run), spec.name)
        folder.backdate(f"{self.run}/{folder.WATCH}")
        start_runsvdir(f"{self.run}/{folder.WATCH}")

    def start_later(self, name: str) -> None:
        """Start the one that was left out."""
        folder.let_start(str(self.run), name)
        assert self.sv("start", name).returncode == 0

    def link(self, target: str) -> None:
        """Link a service folder as it was built, for the other runsvdir."""
        built = (self.out / "current" / target).resolve()
        (self.hand / ".".join(target.split("/")[1:])).symlink_to(built)

    def start_by_hand(self) -> None:
        """Start a runsvdir for what was linked."""
        folder.backdate(str(self.hand))
        start_runsvdir(str(self.hand))

    def runsvdirs(self) -> list[RunningProcess]:
        """Those of this box."""
        mine = (f"{self.run}/{folder.WATCH}", str(self.hand))
        running = [each for each in processes.running() if each.name == "runsvdir"]
        return [each for each in running if any(watched in processes.command_line_of(each.pid) for watched in mine)]

    def service(self, name: str) -> Path:
        """A service folder."""
        return Path(folder.service_folder(str(self.run), name))

    def sv(self, *words: str) -> subprocess.CompletedProcess[str]:
        """sv(8), for services by name: the last words, all but the first."""
        order, *names = words
        paths = [str(self.service(name)) for name in names]
        command = ["sv", "-w", f"{LONG:.0f}", order, *paths]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    def says(self, name: str) -> list[str]:
        """What a witness has said up to now, its numbers aside."""
        path = self.said / name
        return [line for line in path.read_text().splitlines() if not line.startswith("<")] if path.exists() else []

    def words(self, name: str) -> str:
        """The words that a witness was given last."""
        return [line for line in (self.said / name).read_text().splitlines() if line.startswith("<")][-1]

    def number(self, name: str) -> int:
        """The number of a witness that was started last."""
        wait_for(lambda: any(line.startswith("started ") for line in self.says(name)))
        return int([line for line in self.says(name) if line.startswith("started ")][-1].split()[1])

    def lives(self, name: str) -> bool:
        """Whether that one runs."""
        return processes.find_process(self.number(name)) is not None

    def log(self, name: str) -> str:
        """What a service has logged, without the times."""
        path = self.logs / name.replace(".", "/") / "current"
        lines = path.read_text().splitlines() if path.exists() else []
        return "\n".join(line.partition(" ")[2] for line in lines)

    def environment(self, name: str) -> dict[bytes, bytes]:
        """The environment of a witness, as the kernel has it."""
        data = Path(f"/proc/{self.number(name)}/environ").read_bytes()
        pairs = [each.partition(b"=") for each in data.removesuffix(b"\0").split(b"\0")]
        return {key: value for key, _, value in pairs}

    def everything(self) -> list[RunningProcess]:
        """All that runs in these folders or says what it lives through in them."""
        mine = f"SAID={self.said}".encode()
        found = []
        for each in processes.running():
            with contextlib.suppress(OSError):
                environment = Path(f"/proc/{each.pid}/environ").read_bytes()
                if f"{self.root}/" in processes.working_directory_of(each.pid) or mine in environment:
                    found.append(each)
        return found

    def end(self) -> None:
        """Kill all of it, and what was started while it was listed."""
        for each in self.runsvdirs():
            processes.send(each, signal.SIGKILL)

        def is_gone() -> bool:
            left = self.everything()
            for each in left:
                processes.send(each, signal.SIGKILL)
            return not left

        wait_for(is_gone)


@contextlib.contextmanager
def box() -> Iterator[Box]:
    """A box that every user may enter, with nothing of it left in the end."""
    root = Path(os.path.realpath(tempfile.mkdtemp(prefix="it's a $BOX ")))
    root.chmod(0o755)
    it = Box(root)
    try:
        yield it
    finally:
        it.end()
        shutil.rmtree(root)
