"""The files of a new tree: small, valid, and worth keeping."""

from __future__ import annotations

FILES = {
    "envtree.yaml": """\
# The settings of this tree; its presence marks the root.
environments:
  review:     {instance: together}   # one machine runs every service
  production: {instance: service}    # a machine runs one service, or one process of it
""",
    "configs/common.yaml": """\
# Every process, everywhere. A narrower file says only what differs:
# common.yaml < production.yaml < app/common.yaml < app/production.yaml < app/web/common.yaml < app/web/production.yaml
LANG: C.UTF-8
LOG_LEVEL: info
""",
    "configs/review.yaml": """\
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
DB_USER: app
DATABASE_URL: !expand "postgres://${DB_USER}@${DB_HOST}/app"
""",
    "configs/app/review.yaml": """\
DB_HOST: localhost
""",
    "configs/app/production.yaml": """\
DB_HOST: db.example.com
""",
    "configs/app/web/common.yaml": """\
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
    ".pre-commit-config.yaml": """\
repos:
  - repo: local
    hooks:
      - id: envtree-validate
        name: envtree validate
        entry: envtree validate
        language: system
        pass_filenames: false
        files: ^(envtree\\.yaml|configs/|schemas/)
""",
}
