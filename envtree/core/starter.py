"""The files of a new tree: small, valid, and worth keeping.

The first line of a layer file names its JSON Schema for the YAML language server; `core/schema/json_schema.py` makes
these schemas.
"""

from __future__ import annotations

import json

OPTIONAL = (".vscode/settings.json",)
"""Files that a repository may already have; then they are not changed."""

FILES = {
    "envtree.yaml": """\
# The settings of this tree; its presence marks the root.
environments:
  review:     {instance: together}   # one machine runs every service
  production: {instance: service}    # a machine runs one service, or one process of it
""",
    "configs/common.yaml": """\
# yaml-language-server: $schema=../.envtree/schema/common.json
# Every process, everywhere. A narrower file says only what differs:
# common.yaml < production.yaml < app/common.yaml < app/production.yaml < app/web/common.yaml < app/web/production.yaml
LANG: C.UTF-8
LOG_LEVEL: info
""",
    "configs/review.yaml": """\
# yaml-language-server: $schema=../.envtree/schema/review.json
LOG_LEVEL: debug
""",
    "configs/app/service.yaml": """\
# What the service is; its variables stand in the files beside this one.
directory: /srv/app
user: app
processes:
  web: {command: exec bin/server --port $PORT}
  worker: {command: exec bin/worker}
""",
    "configs/app/common.yaml": """\
# yaml-language-server: $schema=../../.envtree/schema/app/common.json
DB_USER: app
DATABASE_URL: !expand "postgres://${DB_USER}@${DB_HOST}/app"
""",
    "configs/app/review.yaml": """\
# yaml-language-server: $schema=../../.envtree/schema/app/review.json
DB_HOST: localhost
""",
    "configs/app/production.yaml": """\
# yaml-language-server: $schema=../../.envtree/schema/app/production.json
DB_HOST: db.example.com
""",
    "configs/app/web/common.yaml": """\
# yaml-language-server: $schema=../../../.envtree/schema/app/web/common.json
PORT: 5000
""",
    "schemas/common.py": '''\
"""What every process has."""

from typing import Literal

from envtree import Settings


class Common(Settings):
    LANG: str = "C.UTF-8"
    LOG_LEVEL: Literal["debug", "info", "warning", "error"]
''',
    "schemas/app.py": '''\
"""What the processes of app have."""

from pydantic import PostgresDsn

from envtree import Port, Settings


class App(Settings):
    DB_USER: str
    DB_HOST: str
    DATABASE_URL: PostgresDsn


class Web(Settings, process="web"):
    PORT: Port
''',
    ".vscode/settings.json": """\
{
  "yaml.customTags": [
    "!expand scalar",
    "!file scalar:null",
    "!file scalar",
    "!file mapping:string",
    "!file mapping",
    "!json scalar",
    "!json mapping:string",
    "!json mapping",
    "!json sequence:string",
    "!json sequence",
    "!unset scalar:null",
    "!unset scalar"
  ]
}
""",
}

HOOKS = ".pre-commit-config.yaml"
"""The file that pre-commit reads, at the top of a repository and nowhere else."""


def hooks_with(hook: str) -> str:
    """Return a configuration of pre-commit with the hooks of one tree."""
    return f"repos:\n{hook}"


def hook_for(prefix: str) -> str:
    """Return the hooks that judge the tree in a folder (empty: the top of the repository) before each commit."""
    folder = json.dumps(prefix, ensure_ascii=not prefix.isprintable())
    arguments = f"\n        args: [-C, {folder}]" if prefix else ""
    return f"""\
  - repo: local
    hooks:
      - id: envtree-validate
        name: envtree validate
        entry: envtree validate --staged{arguments}
        language: system
        pass_filenames: false
        always_run: true   # a commit that only deletes files counts, too
      - id: envtree-leaks
        name: envtree lint --leaks
        entry: envtree lint --leaks --staged{arguments}
        language: system
        pass_filenames: false
"""
