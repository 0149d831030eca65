"""up.py PORT: succeeds where a server on this machine says that it is up."""

import sys
from urllib.request import urlopen

with urlopen(f"http://127.0.0.1:{sys.argv[1]}/up", timeout=2) as answer:
    sys.exit(answer.status != 200)
