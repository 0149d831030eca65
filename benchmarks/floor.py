"""The least a Python could do: read the YAML with PyYAML's C parser, import the schemas, write the same nested envdirs.

    python floor.py TREE OUT base|compose

`base` loads with yaml.CBaseLoader, `compose` drives the C parser with a resolver that resolves nothing. Neither
validates, reports, digests, fsyncs or publishes anything, and only `compose` could say at which line a value stood.
"""

import gc
import importlib
import os
import re
import sys
from collections.abc import Callable
from typing import Any

import yaml
from yaml._yaml import CParser

REFERENCE = re.compile(r"\$\{(\w+)\}")
CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class Expand(str):
    """Text with references; None stands for !unset."""

    __slots__ = ()


Layer = dict[str, str | None]
Load = Callable[[bytes], Layer]


class BaseLoader(yaml.CBaseLoader):
    pass


BaseLoader.add_constructor("!unset", lambda loader, node: None)
BaseLoader.add_constructor("!expand", lambda loader, node: Expand(node.value))


class Composer(CParser):
    def __init__(self, stream: bytes) -> None:
        super().__init__(stream)
        self.anchors: dict[str, object] = {}

    def resolve(self, kind: object, value: object, implicit: object) -> None:
        return None

    def descend_resolver(self, parent: object, index: object) -> None:
        return None

    def ascend_resolver(self) -> None:
        return None


def load_base(content: bytes) -> Layer:
    loaded: Layer = yaml.load(content, BaseLoader)
    return loaded


def load_composed(content: bytes) -> Layer:
    layer: Layer = {}
    top: Any = Composer(content).get_single_node()
    for name, node in top.value:
        tag = node.tag
        layer[name.value] = node.value if tag is None else None if tag == "!unset" else Expand(node.value)
    return layer


def load_plain(content: bytes) -> dict[str, dict[str, object]]:
    loaded: dict[str, dict[str, object]] = yaml.load(content, yaml.CBaseLoader)
    return loaded


class Node:
    """What is in force at one place of the output, and what it changes against the node above."""

    __slots__ = ("changes", "raw", "references", "resolved")

    def __init__(self, above: "Node | None", layers: tuple[Layer, ...]) -> None:
        self.changes: Layer = {}
        self.raw: Layer = dict(above.raw) if above else {}
        self.resolved: dict[str, str] = dict(above.resolved) if above else {}
        own = layers[0]
        for layer in layers[1:]:
            own = own | layer
        self.raw |= own
        kept = [name for name in above.references if name not in own] if above else []
        self.references: list[str] = kept + [name for name, value in own.items() if type(value) is Expand]
        for name, value in own.items():
            if type(value) is not Expand:
                self.change(name, value)
        for name in self.references:
            text = expand(self.raw, name)
            if text is not None:
                self.change(name, text)

    def change(self, name: str, value: str | None) -> None:
        if value is None:
            self.changes[name] = None
            self.resolved.pop(name, None)
        elif self.resolved.get(name) != value:
            self.changes[name] = self.resolved[name] = value


def expand(raw: Layer, name: str) -> str | None:
    """None while something it refers to is not set."""
    value = raw.get(name)
    if type(value) is not Expand:
        return value
    found = {reference: expand(raw, reference) for reference in REFERENCE.findall(value)}
    if None in found.values():
        return None
    return REFERENCE.sub(lambda match: found[match[1]] or "", value)


def write_envdir(parent: int, changes: Layer) -> None:
    os.mkdir("env", 0o700, dir_fd=parent)
    folder = os.open("env", os.O_RDONLY, dir_fd=parent)
    for name, value in changes.items():
        file = os.open(name, CREATE, 0o600, dir_fd=folder)
        if value is not None:
            os.write(file, (value.replace("\n", "\0") + "\n").encode())
        os.close(file)
    os.close(folder)


def write_folder(parent: int, name: str, changes: Layer) -> int:
    os.mkdir(name, 0o700, dir_fd=parent)
    folder = os.open(name, os.O_RDONLY, dir_fd=parent)
    write_envdir(folder, changes)
    return folder


def read(path: str) -> bytes:
    file = os.open(path, os.O_RDONLY)
    try:
        return os.read(file, 1 << 20)
    finally:
        os.close(file)


def build(tree: str, out: str, load: Load) -> None:
    environments = list(load_plain(read(f"{tree}/envtree.yaml"))["environments"])
    configs = f"{tree}/configs"
    services = sorted(entry.name for entry in os.scandir(configs) if entry.is_dir())
    os.mkdir(out, 0o700)
    root = os.open(out, os.O_RDONLY)
    common = Node(None, (load(read(f"{configs}/common.yaml")),))
    os.close(write_folder(root, "common", common.changes))
    tops = []
    for environment in environments:
        top = Node(common, (load(read(f"{configs}/{environment}.yaml")),))
        tops.append((environment, top, write_folder(root, environment, top.changes)))
    for service in services:
        build_service(f"{configs}/{service}", service, tops, load)


def build_service(folder: str, service: str, tops: list[tuple[str, Node, int]], load: Load) -> None:
    processes = list(load_plain(read(f"{folder}/service.yaml"))["processes"])
    widest = load(read(f"{folder}/common.yaml"))
    shared = {process: load(read(f"{folder}/{process}/common.yaml")) for process in processes}
    for environment, top, parent in tops:
        node = Node(top, (widest, load(read(f"{folder}/{environment}.yaml"))))
        opened = write_folder(parent, service, node.changes)
        for process in processes:
            leaf = Node(node, (shared[process], load(read(f"{folder}/{process}/{environment}.yaml"))))
            os.close(write_folder(opened, process, leaf.changes))
        os.close(opened)


def import_schemas(tree: str) -> None:
    sys.path.insert(0, tree)
    for name in sorted(os.listdir(f"{tree}/schemas")):
        if name.endswith(".py"):
            importlib.import_module(f"schemas.{name[:-3]}")


if __name__ == "__main__":
    gc.disable()
    tree, out, loader = sys.argv[1:]
    import_schemas(tree)
    build(tree, out, {"base": load_base, "compose": load_composed}[loader])
    os._exit(0)
