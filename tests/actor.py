"""A process that behaves as it is told: `actor.py NAME BEHAVIOUR`. It says what happens to it in the file $SAID/NAME.

Two of one name at once would be two copies of one process: the second says so, and that is what no test may see.
"""

import fcntl
import os
import signal
import sys
import time
from pathlib import Path

NAME, BEHAVIOUR = sys.argv[1:3]
FOLDER = Path(os.environ["SAID"])


def say(text: str) -> None:
    with (FOLDER / NAME).open("a") as file:
        file.write(f"{text}\n")


def tell(text: str) -> None:
    os.write(1, f"{text}\n".encode())  # a signal may come in the middle of anything that keeps a buffer


def end(number: int, _: object) -> None:
    say(f"got {signal.Signals(number).name}")
    tell("the last line")
    sys.exit(0)


def end_slowly(number: int, _: object) -> None:
    time.sleep(0.7)
    end(number, None)


def child(*, stubborn: bool) -> None:
    """One that outlives its parent, under a name of its own."""
    if os.fork() == 0:
        if stubborn:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.execv(sys.executable, [sys.executable, "-c", "import time; time.sleep(1000)", "child"])


lock = (FOLDER / f"{NAME}.lock").open("w")
os.set_inheritable(lock.fileno(), False)
try:
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
except BlockingIOError:
    say("TWICE")
    sys.exit(99)
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1):
    signal.signal(number, end)
say("start")
tell("the first line")
if BEHAVIOUR == "crash":
    sys.exit(7)
if BEHAVIOUR == "crash-once" and len((FOLDER / NAME).read_text().split("start")) == 2:
    sys.exit(7)
if BEHAVIOUR == "ignore":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if BEHAVIOUR == "slow":
    signal.signal(signal.SIGTERM, end_slowly)
if BEHAVIOUR == "fork":
    child(stubborn=False)
if BEHAVIOUR == "fork-stubborn":
    child(stubborn=True)
count = 0
while True:
    if BEHAVIOUR == "chatty":
        count += 1
        tell(f"line {count} {'x' * 200}")
        time.sleep(0.001)
    else:
        time.sleep(1000)
