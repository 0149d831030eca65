"""What the user of a service can do to who supervises it: programs in Python, which run as that user.

Each says `ready` in `$SAID/NAME` when its attack is on.
"""

from __future__ import annotations

from typing import NamedTuple

PRELUDE = r'''
import ctypes, fcntl, os, shutil, signal, socket, struct, sys, threading, time

NAME = sys.argv[1]
SAID, LOG, MACHINE = os.environ["SAID"], os.environ["LOG"] + "/theirs/" + NAME, os.environ["MACHINE"]
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.prctl.argtypes = [ctypes.c_int] + [ctypes.c_ulong] * 4
SYS_EXIT = 93 if os.uname().machine == "aarch64" else 60
UNSHARE = 0x10000000 | 0x00020000  # a user and a mount namespace
ENDLESS = 400 << 20


def say(text="ready"):
    with open(f"{SAID}/{NAME}", "a") as file:
        file.write(f"{text}\n")


def title(name):
    """The name in proc(5), of at most 15 bytes."""
    data = ctypes.create_string_buffer(name)
    libc.prctl(15, ctypes.addressof(data), 0, 0, 0)


def rest():
    while True:
        time.sleep(1000)


def child(act, *words):
    number = os.fork()
    if number == 0:
        try:
            act(*words)
        finally:
            os._exit(0)
    return number


def away(name=b"away", outputs=True):
    """A session of its own, and its own name; without an output, if it is to have none."""
    os.setsid()
    title(name)
    if not outputs:
        nothing = os.open("/dev/null", os.O_RDWR)
        for each in (0, 1, 2):
            os.dup2(nothing, each)
    rest()


def clear(name):
    """Remove what its log folder has of this name, and return the path."""
    path = f"{LOG}/{name}"
    shutil.rmtree(path) if os.path.isdir(path) else os.path.lexists(path) and os.unlink(path)
    return path


def victim():
    """The number of the process that is another user's."""
    while True:
        try:
            with open(f"{SAID}/victim") as file:
                return int(file.read().split()[0])
        except (OSError, IndexError):
            time.sleep(0.05)


def numbers():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def own_svlogd():
    """The numbers of who writes its log: the owner of a log may send it signals."""
    found = []
    for number in numbers():
        try:
            if os.readlink(f"/proc/{number}/cwd") == LOG and number != os.getpid():
                found.append(number)
        except OSError:
            pass
    return found


def claim(arguments, environment):
    """Say to the kernel that so many bytes are its command line, or its environment (PR_SET_MM_MAP)."""
    with open("/proc/self/stat") as file:
        fields = [int(each) for each in file.read().rpartition(")")[2].split()[1:]]
    def field(number):
        return fields[number - 4]
    memory = libc.mmap(None, ctypes.c_size_t(ENDLESS), 1, 0x4022, -1, ctypes.c_long(0))
    assert memory not in (None, ctypes.c_void_p(-1).value), ctypes.get_errno()
    spans = [field(number) for number in (26, 27, 45, 46, 47)] + [field(47)] + [field(28)]
    spans += [memory, memory + ENDLESS] if arguments else [field(48), field(49)]
    spans += [memory, memory + ENDLESS] if environment else [field(50), field(51)]
    record = ctypes.create_string_buffer(struct.pack("11QQIi", *spans, 0, 0, -1))
    failed = libc.prctl(35, 14, ctypes.addressof(record), len(record.raw) - 1, 0)
    assert not failed, ctypes.get_errno()


def comet():
    """Never there when one looks: each has a child, and ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.setsid()
    while True:
        time.sleep(0.003)
        if os.fork():
            os._exit(0)


def in_namespaces():
    """Be root in a user and a mount namespace of its own."""
    ids = (os.getuid(), os.getgid())
    libc.unshare.argtypes = [ctypes.c_int]
    assert libc.unshare(UNSHARE) == 0, ctypes.get_errno()
    for name, number in zip(("uid_map", "gid_map"), ids):
        if name == "gid_map":
            open("/proc/self/setgroups", "w").write("deny")
        open(f"/proc/self/{name}", "w").write(f"0 {number} 1")
'''


class Attack(NamedTuple):
    """A process that attacks, and what is said of it."""

    name: str
    code: str
    more: str = ""
    """More of the process in its `service.yaml`: `stop`, `ready`, hooks."""
    state: str = "up"
    """What `status` says."""
    ending: str = ""
    """What `down` says: `killed`, `escaped` or `hooks`, with blanks between; with a `?` what it may also say."""
    fails: bool = False
    """Whether it doesn't come up again after a restart: its log can't be written."""


TITLES = (
    Attack("title-svlogd", 'os.chdir(LOG); title(b"svlogd"); say(); rest()'),
    Attack("title-stat", 'title(b") S 1 1 %d " % victim()); say(); rest()'),
    Attack("title-line", 'child(away, b"a\\n1 (init) S 0 "); say(); rest()', ending="escaped"),
    Attack("title-escape", 'child(away, b"\\x1b[2J\\x1b[31m"); say(); rest()', ending="escaped"),
    Attack("title-backslash", 'child(away, b"a\\\\n1 (init\\\\c"); say(); rest()', ending="escaped"),
    Attack("title-none", 'title(b""); say(); rest()'),
    Attack(
        "title-shell",
        "say(); os.execv(sys.executable, ['/bin/sh', '-c', 'cd = 0; import time; time.sleep(1000)'])",
    ),
    Attack("words-endless", "claim(True, False); say(); rest()"),
    Attack("environ-endless", "claim(False, True); say(); rest()"),
    Attack(
        "environ-none",
        """
with open("/proc/self/stat") as file:
    start, end = map(int, file.read().split()[49:51])
libc.memset(ctypes.c_void_p(start), 0, ctypes.c_size_t(end - start)); say(); rest()""",
    ),
)
SIGNALS = (
    Attack("stops-itself", "say(); os.kill(os.getpid(), signal.SIGSTOP); rest()", state="paused"),
    Attack(
        "stops-itself-again",
        """
def again(main):
    while True:
        os.kill(main, signal.SIGSTOP); time.sleep(0.01)
signal.signal(signal.SIGTERM, signal.SIG_IGN); say(); child(again, os.getpid()); rest()""",
        state="paused",
        ending="killed",
    ),
    Attack(
        "deaf",
        """
for each in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}: signal.signal(each, signal.SIG_IGN)
say(); rest()""",
        ending="killed",
    ),
    Attack(
        "blocks-all",
        "signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals()); say(); rest()",
        ending="killed",
    ),
    Attack("first-thread-ends", "threading.Thread(target=rest).start(); say(); libc.syscall(SYS_EXIT, 0)"),
    Attack(
        "traced",
        """
def trace(main):
    libc.ptrace(16, main, None, None); os.waitpid(main, 0); say(); rest()
child(trace, os.getpid()); rest()""",
        state="paused",
        ending="killed",
    ),
)
FORKS = (
    Attack("daemon", "child(child, away); say(); rest()", ending="escaped"),
    Attack("daemon-without-output", "child(away, b'away', False); say(); rest()", ending="escaped"),
    Attack("comets", "[child(comet) for _ in range(2)]; say(); rest()", ending="killed escaped?"),
    Attack(
        "many",
        """
def one():
    signal.signal(signal.SIGTERM, signal.SIG_IGN); rest()
[child(one) for _ in range(20)]; say(); rest()""",
        ending="killed",
    ),
    Attack(
        "many-sessions",
        "[child(away, b'one of many') for _ in range(20)]; say(); rest()",
        ending="escaped",
    ),
    Attack("half-forked", "say(); libc.vfork() or time.sleep(1000)", ending="killed?"),
    Attack(
        "namespaces",
        "child(lambda: (in_namespaces(), away(b'apart'))); time.sleep(0.2); say(); rest()",
        ending="escaped",
    ),
    Attack("comes-back", "child(child, away); say(); sys.exit(0)", state="!up", ending="escaped?"),
)
PIPES = (
    Attack("log-of-a-page", "fcntl.fcntl(1, 1031, 4096); os.write(1, b'x' * 9000 + b'\\n'); say(); rest()"),
    Attack("log-without-waiting", "os.set_blocking(1, False); say(); rest()"),
    Attack("log-without-an-end", "say()\nwhile True: os.write(1, b'x' * 4096); time.sleep(0.001)"),
    Attack("log-locked", "fcntl.flock(1, fcntl.LOCK_EX); say(); rest()"),
)
LOGS = (
    Attack("log-is-a-pipe", "os.mkfifo(clear('current')); say(); rest()", ending="killed?", fails=True),
    Attack("log-is-a-folder", "os.mkdir(clear('current')); say(); rest()", ending="killed?", fails=True),
    Attack(
        "log-is-a-link",
        "os.symlink(MACHINE + '/secret', clear('current')); say(); rest()",
        ending="killed?",
        fails=True,
    ),
    Attack("config-is-a-folder", "os.makedirs(clear('config') + '/x'); say(); rest()"),
    Attack("config-is-a-pipe", "os.mkfifo(clear('config')); say(); rest()"),
    Attack("config-in-the-way", "clear('config'); os.makedirs(clear('.config.new') + '/x'); say(); rest()"),
    Attack(
        "lock-held",
        """
file = open(LOG + "/lock")
[os.kill(each, signal.SIGKILL) for each in own_svlogd()]
fcntl.flock(file, fcntl.LOCK_EX)
say(); child(away); rest()""",
        ending="escaped",
        fails=True,
    ),
    Attack("log-for-all", "os.chmod(LOG, 0o777); say(); rest()"),
    Attack("log-for-none", "os.chmod(LOG, 0); say(); rest()"),
    Attack(
        "svlogd-stopped",
        "[os.kill(each, signal.SIGSTOP) for each in own_svlogd()]; say(); os.write(1, b'late\\n'); rest()",
        fails=True,
    ),
    Attack(
        "svlogd-stopped-and-full",
        """
[os.kill(each, signal.SIGSTOP) for each in own_svlogd()]; say()
while True: os.write(1, b'x' * 1000 + b'\\n'); time.sleep(0.001)""",
        more="before_stop: 'exit 3', after_stop: 'exit 4'",
        ending="hooks",
        fails=True,
    ),
    Attack(
        "svlogd-killed",
        """
def kill():
    while True:
        for each in own_svlogd(): os.kill(each, 9)
        time.sleep(0.05)
child(kill); say(); rest()""",
    ),
)
HOOKS = (
    Attack("check-leaves", "say(); rest()", "ready: 'setsid sleep 1000 >/dev/null 2>&1 </dev/null & true'"),
    Attack("hook-stops-itself", "say(); rest()", "before_stop: 'kill -STOP $$'", ending="hooks"),
    Attack("hook-writes-without-an-end", "say(); rest()", "before_stop: 'yes'", ending="hooks"),
    Attack("hook-leaves", "say(); rest()", "after_stop: 'setsid -f sleep 999'", ending="escaped"),
    Attack("hook-kills-its-group", "say(); rest()", "before_stop: 'kill -9 0'", ending="hooks"),
    Attack("hook-kills-its-parent", "say(); rest()", "after_stop: 'kill -9 $PPID; exit 1'", ending="hooks"),
)
LONE = Attack(
    "signals-everybody",
    """
refused = 0
for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGTERM):
    for each in numbers():
        if each != os.getpid():
            try: os.kill(each, number)
            except OSError: refused += 1
say(); rest()""",
)
"""It has a user of its own: it would end all others."""
ATTACKS = (*TITLES, *SIGNALS, *FORKS, *PIPES, *LOGS, *HOOKS)
