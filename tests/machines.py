"""Machines to switch on and off: a Debian root with an init of its own, in namespaces, on no network but its tags.

with Machine(root, RUNIT, {"Environment": "review"}) as machine:
    wait_for(lambda: machine.run("envtree", "status").returncode == 0)
    machine.power_off()
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tests.waiting import LONG, wait_for

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Self

HERE = Path(__file__).parent
ADDRESS = "169.254.169.254"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

NAMESPACES = ("--pid", "--mount", "--uts", "--ipc", "--net", "--cgroup")

# What the kernel has only once, its clock and its settings, is out of reach.
START = f"""\
mount -t tmpfs tmpfs "$1/run"
mount --bind "$1/proc/sys" "$1/proc/sys"
mount -o remount,bind,ro "$1/proc/sys"
mount -t sysfs -o ro sysfs "$1/sys"
mount -t cgroup2 cgroup2 "$1/sys/fs/cgroup"
ip link set lo up
ip address add {ADDRESS}/32 dev lo
echo wired
read -r on
exec setpriv --bounding-set -sys_time,-sys_module \
    env -i container=tests PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot "$1" "$2"
"""


class Init(NamedTuple):
    """What starts a machine, stops it, and says what the service that boots has said."""

    program: str
    off: str
    said: str


RUNIT = Init(
    "/sbin/runit", "chmod 100 /run/runit.stopit && kill -CONT 1", "cat /var/log/envtree-boot/current 2>/dev/null"
)
SYSTEMD = Init("/lib/systemd/systemd", "systemctl poweroff", "journalctl --unit=envtree --output=cat")


class Running(NamedTuple):
    """A process of a machine, by who runs it and what."""

    user: int
    command: str


class Machine:
    """It is on while it is entered; what ends it then is no shutdown, but the plug."""

    def __init__(self, root: Path, start: Init, tags: Mapping[str, str]) -> None:
        self.root = root
        self.start = start
        self.tags = tags
        self.console = root.with_name(f"{root.name}.console")

    def __enter__(self) -> Self:
        command = ("unshare", *NAMESPACES, "--fork", "--kill-child", f"--mount-proc={self.root}/proc")
        with self.console.open("w") as console:
            self._power = subprocess.Popen(
                [*command, "sh", "-ec", START, "sh", self.root, self.start.program],
                stdin=subprocess.PIPE,
                stdout=console,
                stderr=subprocess.STDOUT,
                text=True,
            )
        wait_for(lambda: self.console.read_text() == "wired\n")
        self.init = int(Path(f"/proc/{self._power.pid}/task/{self._power.pid}/children").read_text())
        self._serve()
        assert self._power.stdin
        with self._power.stdin as switch:
            switch.write("on\n")
        return self

    def __exit__(self, *_: object) -> None:
        self._power.kill()
        self._power.wait()
        self._metadata.kill()
        self._metadata.wait()

    def _serve(self) -> None:
        """Its tags, on the true address of its own network."""
        tags = self.root.with_name(f"{self.root.name}.tags")
        tags.write_text(json.dumps(dict(self.tags)))
        command = ("nsenter", "--net", "--target", str(self.init), sys.executable, str(HERE / "imds.py"))
        self._metadata = subprocess.Popen(
            [*command, "--address", ADDRESS, "--port", "80", tags], stdout=subprocess.PIPE, text=True
        )
        assert self._metadata.stdout
        with self._metadata.stdout as said:
            assert said.readline()

    def tag(self, tags: Mapping[str, str]) -> None:
        """From now on."""
        self._metadata.kill()
        self._metadata.wait()
        self.tags = tags
        self._serve()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """A command on the machine, as who logs in there would run it."""
        inside = ("nsenter", "--target", str(self.init), *NAMESPACES, "chroot", str(self.root), "env", "-i")
        return subprocess.run([*inside, f"PATH={PATH}", *command], capture_output=True, text=True, check=False)

    def path(self, name: str) -> Path:
        """A file as the machine sees it, what it mounted included."""
        return Path(f"/proc/{self.init}/root{name}")

    def running(self) -> list[Running]:
        """All of its processes."""
        own = Path(f"/proc/{self.init}/ns/pid").readlink()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if (process / "ns/pid").readlink() == own:
                    command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                    found.append(Running(process.stat().st_uid, command))
            except OSError:  # it has ended
                continue
        return [each for each in found if each.command]

    def said(self) -> str:
        """What `boot` and `down` said."""
        return self.run("sh", "-c", self.start.said).stdout

    def power_off(self) -> None:
        """As its administrator would, and waits for it."""
        self.run("sh", "-c", self.start.off)
        self._power.wait(timeout=LONG)
