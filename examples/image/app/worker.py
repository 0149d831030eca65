"""Does a piece of work each second, and counts it in the store; when it stops, it ends the piece first."""

import os
import signal
import time
from urllib.error import URLError
from urllib.request import Request, urlopen

stopped = False


def stop(*_: object) -> None:
    global stopped
    stopped = True


signal.signal(signal.SIGTERM, stop)
print("worker: starts")
while not stopped:
    time.sleep(1)  # goes on after a signal
    try:
        with urlopen(Request(f"{os.environ['STORE_URL']}/work", method="POST"), timeout=5) as answer:
            print(f"worker: piece {int(answer.read())}")
    except URLError as error:
        print(f"worker: the store does not answer: {error.reason}")
print("worker: has ended its piece")
