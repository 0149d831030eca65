"""What a build holds: envdirs by node, digests of all, and the targets and services that an instance needs to know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from envtree.core.envdir import digest, encode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.resolve import Node
    from envtree.core.tree import Project, Service, Target

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read the output: the mode of files (folders add the bits to enter them), and an owner, if one is set."""

    mode: int = 0o600
    owner: str = ""

    @property
    def folder_mode(self) -> int:
        """The mode of folders: to enter goes with to read; the owner may always write."""
        return 0o700 | self.mode | (self.mode & 0o444) >> 2

    def __str__(self) -> str:
        return f"{self.mode:04o} {self.owner}".rstrip()


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation: its name is the digest of the manifest's text, so equal content has an equal name anywhere."""

    text: str
    envdirs: Mapping[str, str]
    """The digest of each node's envdir, by place."""

    @property
    def generation(self) -> str:
        """The name of the generation: SHA-256, in hex, of the manifest's bytes."""
        return sha256(self.text.encode()).hexdigest()


Envdir = dict[str, bytes]


def assemble(
    source: str, nodes: Mapping[str, Node], targets: tuple[Target, ...], project: Project, access: Access
) -> tuple[Manifest, dict[str, Envdir]]:
    """The manifest of a build, and the files of each distinct envdir by its digest."""
    contents: dict[str, Envdir] = {}
    envdirs: dict[str, str] = {}
    for place in sorted(nodes):
        files = {name: encode(text) for name, text in nodes[place].changes.items()}
        name = digest(files, str(access))
        contents[name] = files
        envdirs[place] = name
    used = {target.service for target in targets}
    data = {
        "format": FORMAT,
        "source": source,
        "access": str(access),
        "counts": {
            "targets": len(targets),
            "envdirs": len(contents),
            "files": sum(len(files) for files in contents.values()),
        },
        "environments": {each.name: {"instance": each.instance} for each in project.environments},
        "runtimes": project.runtimes,
        "tags": dict(project.tags),
        "services": {service.name: _service(service) for service in project.services if service.name in used},
        "targets": [str(target) for target in targets],
        "envdirs": envdirs,
    }
    return Manifest(_as_lines(data), envdirs), contents


def _as_lines(data: Mapping[str, Any]) -> str:
    """One object, a line for each of its keys: as fast to write as JSON on one line, and a diff can be read."""
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in data.items())
    return f"{{\n{lines}\n}}\n"


def _service(service: Service) -> dict[str, Any]:
    return {
        "directory": service.directory,
        "user": service.user,
        "environments": list(service.environments),
        "runtimes": dict(service.runtimes),
        "requires": [name for name, _ in service.requires],
        "processes": {
            process.name: {
                "command": process.command,
                "ready": process.ready,
                "stop": {"signal": process.stop_signal, "timeout": process.stop_timeout},
                "before_stop": process.before_stop,
                "after_stop": process.after_stop,
            }
            for process in service.processes
        },
    }


def read_manifest(text: str) -> Manifest:
    """The manifest that a text holds; raises ValueError where it is none, or of a format that is not known."""
    data = json.loads(text)
    if not isinstance(data, dict) or data.get("format") != FORMAT or not isinstance(data.get("envdirs"), dict):
        raise ValueError("not a manifest of a known format")
    return Manifest(text, data["envdirs"])


def access_of(text: str) -> Access:
    """The access that a manifest's output was built with."""
    mode, _, owner = str(json.loads(text).get("access", "")).partition(" ")
    return Access(int(mode or "600", 8), owner)
