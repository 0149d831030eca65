"""What a build contains: envdirs by node, scripts by target, their digests, and what an instance needs to know."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

from envtree.core.output.record import FORMAT, access_text
from envtree.core.runit import supervision
from envtree.core.runit.envdir import digest, encode
from envtree.core.runit.scripts import service_files

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.core.layers.resolve import Node
    from envtree.core.model.tree import LogSettings, Project, Service, Target


class OtherFormat(ValueError):
    """A manifest that an older or a newer envtree wrote; its text follows the name of what it describes."""


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read the output: the mode of files (folders add the bits to enter them), and an owner, if any."""

    mode: int = 0o600
    owner: str = ""

    @property
    def folder_mode(self) -> int:
        """The mode of folders: who may read may also enter, and the owner may always write."""
        return 0o700 | self.mode | (self.mode & 0o444) >> 2

    def __str__(self) -> str:
        return access_text(self.mode, self.owner)


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation. Its name is the digest of the manifest's text, so equal content has the same name everywhere."""

    text: str
    envdirs: Mapping[str, str]
    """The digest of each node's envdir, by the node's path."""
    scripts: Mapping[str, str]
    """The digest of each target's scripts, by the target's node path. The empty path has the shared scripts."""

    @property
    def generation(self) -> str:
        """The name of the generation: SHA-256, in hex, of the manifest's bytes."""
        return name_of(self.text)


Envdir = dict[str, bytes]
Scripts = dict[str, "Mapping[str, bytes]"]
"""The scripts of each folder, by the folder's path; then by their path in the folder."""


class Output(NamedTuple):
    """Everything that a build writes: each distinct envdir by its digest, and the scripts."""

    manifest: Manifest
    envdirs: dict[str, Envdir]
    scripts: Scripts


def assemble(
    source: str, nodes: Mapping[str, Node], targets: tuple[Target, ...], project: Project, access: Access
) -> Output:
    """Return what a build of these nodes writes."""
    contents: dict[str, Envdir] = {}
    envdirs: dict[str, str] = {}
    for node_path in sorted(nodes):
        files = {name: encode(text) for name, text in nodes[node_path].changes.items()}
        name = digest(files, str(access))
        contents[name] = files
        envdirs[node_path] = name
    used = {target.service for target in targets}
    scripts = _scripts(nodes, targets, project, access.owner.partition(":")[0])
    digests = {node_path: digest(files, str(access)) for node_path, files in scripts.items()}
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
        "runtimes": {"manager": project.runtimes, "directory": project.runtimes_directory},
        "tags": dict(project.tags),
        "services": {service.name: _service(service) for service in project.services if service.name in used},
        "targets": [str(target) for target in targets],
        "envdirs": envdirs,
        "scripts": digests,
    }
    return Output(Manifest(_as_lines(data), envdirs, digests), contents, scripts)


def _scripts(nodes: Mapping[str, Node], targets: tuple[Target, ...], project: Project, owner: str) -> Scripts:
    """Return the scripts in the service folder of each target, and the shared ones at the top."""
    services = {each.name: (each, {process.name: process for process in each.processes}) for each in project.services}
    scripts: Scripts = {"": {supervision.NAME: supervision.TEXT.encode()}}
    for target in targets:
        service, processes = services[target.service]
        files = service_files(target, service, processes[target.process], project, nodes[str(target)].values, owner)
        scripts[str(target)] = {path: text.encode() for path, text in files.items()}
    return scripts


def _as_lines(data: Mapping[str, Any]) -> str:
    """Return one JSON object with a line for each key: as fast to write as JSON on one line, and diffs are readable."""
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False)}" for key, value in data.items())
    return f"{{\n{lines}\n}}\n"


def _service(service: Service) -> dict[str, Any]:
    return {
        "directory": service.directory,
        "user": service.user,
        "environments": list(service.environments),
        "runtimes": dict(service.runtimes),
        "requires": [name for name, _ in service.requires],
        "log": _log(service.log),
        "processes": {
            process.name: {
                "command": process.command,
                "count": dict(process.counts),
                "task": process.task,
                "ready": process.ready,
                "ready_timeout": process.ready_timeout,
                "stop": {"signal": process.stop_signal, "timeout": process.stop_timeout},
                "before_stop": process.before_stop,
                "after_stop": process.after_stop,
                "reload": process.reload,
                "on_failure": process.on_failure,
            }
            for process in service.processes
        },
    }


def _log(log: LogSettings) -> dict[str, Any]:
    return {
        "directory": log.directory,
        "size": log.size,
        "count": log.count,
        "mode": f"{log.mode:04o}",
        "owner": log.owner,
    }


def name_of(text: str) -> str:
    """Return the name of the generation that has this manifest."""
    return sha256(text.encode()).hexdigest()


@lru_cache(maxsize=2)
def read_manifest(text: str) -> Manifest:
    """Return the manifest in a text; raises ValueError for no manifest, OtherFormat for another format."""
    data = _read(text)
    number = data["format"]
    if number != FORMAT:
        age = "an older" if number < FORMAT else "a newer"
        raise OtherFormat(f"was built by {age} envtree: it has format {number}, and this one reads {FORMAT}")
    return Manifest(text, data["envdirs"], data.get("scripts", {}))


def read_envdirs(text: str) -> dict[str, str]:
    """Return envdir digests by node path, from a manifest of any format; raises ValueError for anything else."""
    envdirs: dict[str, str] = _read(text)["envdirs"]
    return envdirs


def _read(text: str) -> dict[str, Any]:
    data = json.loads(text)
    if not isinstance(data, dict) or type(data.get("format")) is not int or not isinstance(data.get("envdirs"), dict):
        raise ValueError("not a manifest")
    return data


@lru_cache(maxsize=2)
def access_of(text: str) -> Access:
    """Return the access that a manifest's output was built with."""
    mode, _, owner = str(json.loads(text).get("access", "")).partition(" ")
    return Access(int(mode or "600", 8), owner)
