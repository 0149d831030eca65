"""A tree that edits start from: two environments, two services, schemas, and a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.builders import SETTINGS, write_tree

if TYPE_CHECKING:
    from pathlib import Path

    from tests.builders import Files

CANARY = "s3cret-canary-5b1f"
TREE: Files = {
    "envtree.yaml": SETTINGS,
    "configs/common.yaml": "# for all\nLOG_LEVEL: info  # quiet\nLANG: C.UTF-8\n",
    "configs/production.yaml": "LOG_LEVEL: warning\n",
    "configs/accounts/service.yaml": "processes: {web: {command: serve}, worker: {command: work}}\n",
    "configs/accounts/common.yaml": f"TOKEN: {CANARY}\nURL: !expand https://${{LANG}}.example.com\nPOOL: 5\n",
    "configs/accounts/web/common.yaml": "PORT: 5000\n",
    "configs/reports/service.yaml": "processes: {web: {command: serve}}\n",
    "schemas/common.py": "from typing import Literal\nfrom envtree import Settings\n\n\nclass Common(Settings):\n"
    '    LOG_LEVEL: Literal["debug", "info", "warning"]\n    LANG: str\n    OTHER: str | None = None\n',
    "schemas/accounts.py": "from envtree import Port, Secret, Settings\n\n\nclass Accounts(Settings):\n"
    "    TOKEN: Secret\n    URL: str\n    POOL: int = 1\n    NOTE: str = ''\n\n\n"
    'class Web(Settings, process="web"):\n    PORT: Port\n',
}


def lay_out(folder: Path, **more: str | bytes) -> Path:
    """Write the tree, with more files by path (`common`, `accounts/web/production`), or others in their place."""
    files = {f"configs/{path}.yaml": text for path, text in more.items()}
    return write_tree(folder, {**TREE, **files})


def read(folder: Path) -> dict[str, bytes]:
    """Every file of a tree, hidden ones too, but for compiled code."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}
