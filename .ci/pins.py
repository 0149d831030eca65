#!/usr/bin/env python3
"""Writes the pins of requirements.txt into pyproject.toml: the extra `pinned`, and the builder.

pre-commit installs a hook's package with pip, which takes no hashes for a folder, so the package itself has to name its
pins.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

BUILDER = "flit-core"
PIN = re.compile(r"^([\w.-]+==[^\s;]+)(?: ; ([^\\\n]+?))? \\$", re.MULTILINE)


def main(folder: Path) -> None:
    """Write the pins that a folder's requirements.txt has into its pyproject.toml."""
    project = folder / "pyproject.toml"
    pins = PIN.findall((folder / "requirements.txt").read_text())
    builder = next(pin for pin, _ in pins if pin.startswith(f"{BUILDER}=="))
    lines = [f"{pin} ; {marker}" if marker else pin for pin, marker in pins if pin != builder]
    text = re.sub(r"^requires = \[.*\]$", f'requires = ["{builder}"]', project.read_text(), count=1, flags=re.MULTILINE)
    extra = "".join(f'    "{line}",\n' for line in lines)
    project.write_text(re.sub(r"^pinned = \[\n.*?^\]$", f"pinned = [\n{extra}]", text, flags=re.MULTILINE | re.DOTALL))


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
