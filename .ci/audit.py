#!/usr/bin/env python3
"""Asks an advisory service about all that is pinned: `audit.py PIP_AUDIT REQUIREMENTS...`.

Exit code 1 for a known vulnerability. What no service answered about is listed with its version, and fails nothing:
there may be no network, or an index without advisories, of which pip-audit itself says "no known vulnerabilities".
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

SECONDS = 300
PIN = re.compile(r"^([\w.-]+)==([^\s;\\]+)", re.MULTILINE)


def answers(program: str, requirements: str) -> dict[str, list[dict[str, Any]]]:
    """Return the vulnerabilities of each package that a service answered about."""
    command = [
        program,
        "--disable-pip",
        "--require-hashes",
        "--progress-spinner",
        "off",
        "-f",
        "json",
        "-r",
        requirements,
    ]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS, stdin=subprocess.DEVNULL)
        found = json.loads(done.stdout)["dependencies"]
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError, TypeError):
        return {}
    return {each["name"]: each["vulns"] for each in found if "vulns" in each}


def main(program: str, files: list[str]) -> int:
    """Print what is known, and what nobody said anything about; return the exit code."""
    pins: dict[tuple[str, str], list[dict[str, Any]] | None] = {}
    for file in files:
        answered = answers(program, file)
        for name, version in PIN.findall(Path(file).read_text()):
            pins[name, version] = answered.get(name, pins.get((name, version)))
    bad = {pin: found for pin, found in pins.items() if found}
    for (name, version), found in sorted(bad.items()):
        for each in found or ():
            fixed = ", ".join(each.get("fix_versions") or ["no version"])
            sys.stdout.write(f"{name} {version}: {each['id']}, mended in {fixed}\n")
    unknown = sorted(pin for pin, found in pins.items() if found is None)
    sys.stdout.write(f"{len(pins) - len(unknown)} of {len(pins)} packages were asked about, {len(bad)} vulnerable\n")
    if unknown:
        sys.stdout.write("no advisory service answered about these:\n")
        sys.stdout.write("".join(f"  {name} {version}\n" for name, version in unknown))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
