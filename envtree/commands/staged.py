"""`envtree validate --staged`, quickly: what is as it was judged before, or differs from it where few can see it.

An index that is just what was judged good needs no compiling. One that differs from it in layers of some services is
good if these services are; where anything is found, all of it is judged anew, so that what is said is the same.
"""

from __future__ import annotations

from envtree.adapters.files.cache import Verdict, load, save, tools
from envtree.adapters.files.worktree import is_unsafe
from envtree.adapters.git.contents import index_text
from envtree.adapters.git.repository import at_tree, find_repository, storage
from envtree.core.model.source import CONFIGS, INDEX, SCHEMAS, SETTINGS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envtree.adapters.git.repository import Repository
    from envtree.core.compile import Compilation
    from envtree.core.model.listing import Listing
    from envtree.core.model.source import Source

SERVICE = "service.yaml"
SUFFIX = ".yaml"
PLAIN = {"100644", "100755"}
"""Git's modes of a file."""


class Staged:
    """An index as git prints it, and what was judged good of it before. No dataclass, as `Verdict`."""

    __slots__ = ("judged", "key", "listing", "repository", "tools")

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.listing = index_text(repository)
        self.key = f"{repository.git_dir}\0{repository.prefix}"
        self.tools = tools()
        judged = load(self.key)
        self.judged = judged if judged and judged.tools == self.tools else None


def look(folder: str) -> Staged | None:
    """The index of the repository that a folder lies in; None where there is none, or others could have written it."""
    repository = find_repository(folder)
    if repository is None or any(is_unsafe(path) for path in storage(repository)):
        return None
    return Staged(at_tree(repository, INDEX) if repository.prefix or repository.is_bare else repository)


def verdict(staged: Staged) -> str | None:
    """That the index is good, in words, if that follows from what was judged before; None where it has to be judged."""
    if staged.judged is None:
        return None  # also where there is no tree: what was judged was one
    if staged.judged.listing == staged.listing:
        return f"valid, as it was judged before: {staged.judged.extent}"
    return _verdict_on_difference(staged, staged.judged)


def keep(staged: Staged, compilation: Compilation) -> None:
    """Remember that an index has no fault, unless it has changed since it was listed."""
    from envtree.core.render.diagnostics import counted

    if index_text(staged.repository) != staged.listing:
        return
    project = compilation.project
    extent = (
        f"{counted(len(project.targets), 'process', 'processes')} of {counted(len(project.services), 'service')} "
        f"in {counted(len(project.environments), 'environment')}"
    )
    ports = _ports(compilation)
    if ports is not None:
        secret = next((each.secret for each in compilation.governed.values()), frozenset[str]())
        save(staged.key, Verdict(staged.listing, staged.tools, extent, _named(compilation), ports, secret))


def _verdict_on_difference(staged: Staged, judged: Verdict) -> str | None:
    """The same where only files of some services differ: the others see none of them."""
    from envtree.adapters.git.contents import list_index

    listing = list_index(staged.repository, staged.listing)
    services = _services(_differing(staged, judged), _paths(judged.named), listing)
    if not services:
        return None
    mine = frozenset(each for each in judged.named if each.partition(" ")[0] in services)
    compilation = _compile(_source(staged.repository, listing, services, mine, judged.named - mine), services)
    if compilation is None or _is_anothers_secret(compilation, judged.secret):
        return None
    named, ports = _named(compilation), _ports(compilation)
    if ports != frozenset(each for each in judged.ports if _service_of(each) in services):
        return None
    if _paths(mine) - _paths(named):  # a file that nobody names any more is no part of the tree
        return None
    named |= judged.named - mine
    save(staged.key, Verdict(staged.listing, staged.tools, judged.extent, named, judged.ports, judged.secret))
    return f"valid: {len(compilation.own)} of {judged.extent} can see what differs from what was judged before"


def _differing(staged: Staged, judged: Verdict) -> set[str]:
    """The paths whose line in the listing is not the same."""
    lines = set(staged.listing.split(b"\0")) ^ set(judged.listing.split(b"\0"))
    below = len(staged.repository.prefix)
    return {line.partition(b"\t")[2].decode("utf-8", "surrogateescape")[below:] for line in lines}


def _services(paths: set[str], named: set[str], listing: Listing) -> frozenset[str]:
    """The services in whose folders these paths are; none where others see one of them, or as much as could."""
    found = set()
    if {blob.mode for blob in listing.values()} - PLAIN:  # what a link stands for is seen where the link is
        return frozenset()
    for path in paths:
        folder, _, rest = path.removeprefix(CONFIGS).partition("/")
        if not path.startswith(CONFIGS) or rest in ("", SERVICE) or path in named:
            return frozenset()
        found.add(folder)
    return frozenset(found)


def _source(
    repository: Repository, listing: Listing, services: frozenset[str], mine: frozenset[str], others: frozenset[str]
) -> Source:
    """As much of the index as some services see: of what a `!file` names, what their layers and wider ones do."""
    from envtree.adapters.git.contents import read_blobs
    from envtree.core.model.listing import source_of, wanted

    near = _paths(mine) | _paths(frozenset(each for each in others if each.startswith(" ")))
    far = {path for path in _paths(others) - near if not path.endswith(SUFFIX)}

    def is_seen(path: str) -> bool:
        folder, _, rest = path.removeprefix(CONFIGS).partition("/")
        return path == SETTINGS or path.startswith(SCHEMAS) or not rest or folder in services or path in near

    part = {path: blob for path, blob in listing.items() if is_seen(path) and path not in far}
    return source_of(part, read_blobs(repository, wanted(part)))


def _compile(source: Source, services: frozenset[str]) -> Compilation | None:
    """What some services get; None where anything at all is to be said of it.

    The settings are as they were judged; what they say of services that were not read is no news.
    """
    from envtree.adapters.schemas import load
    from envtree.commands.tree import suppress_output
    from envtree.core.compile import compile_targets, read_project_of

    project, _ = read_project_of(source)
    schemas, faults = load(source, project, services)
    targets = tuple(target for target in project.targets if target.service in services)
    if faults or services != {target.service for target in targets}:  # no target sees the layers of the rest
        return None
    with suppress_output():
        compilation, problems = compile_targets(source, project, schemas, targets)
    return None if problems else compilation


def _is_anothers_secret(compilation: Compilation, secret: frozenset[str]) -> bool:
    """Whether what classes of other services declare secret is a port, or goes into what isn't secret."""
    from envtree.core.schema.governance import made_of

    return any(
        compilation.governed[target].ports & node.values.keys() & secret or made_of(node, secret)
        for target, node in compilation.own.items()
    )


def _named(compilation: Compilation) -> frozenset[str]:
    """The files that a `!file` names, each behind the service whose layer does; nothing for a wider layer."""
    return frozenset(
        f"{layer_id.rpartition('/')[0].partition('/')[0]} {path}"
        for layer_id, layer in compilation.layers.items()
        for path in layer.files
    )


def _paths(named: frozenset[str]) -> set[str]:
    return {each.partition(" ")[2] for each in named}


def _ports(compilation: Compilation) -> frozenset[str] | None:
    """The ports of each service that shares a machine, a text for each; None where one of them is hidden."""
    from envtree.core.schema.ports import ports_by_service

    found = ports_by_service(compilation.project, compilation.own, compilation.governed)
    if None in found.values():
        return None
    return frozenset(f"{service} {','.join(sorted(ports or ()))}" for service, ports in found.items())


def _service_of(ports: str) -> str:
    return ports.partition(" ")[0].partition("/")[2]
