"""`envtree validate --staged`, quickly: reuses the last verdict, and checks only the services that see a difference.

An index equal to one that was valid needs no compilation. An index that differs from it only in layers of some services
is valid if these services are. Where anything is wrong, everything is validated again, so that the report is the same.
"""

from __future__ import annotations

from envtree.adapters.files.cache import Verdict, load, save, tools
from envtree.adapters.git.contents import index_text
from envtree.adapters.git.repository import at_tree, find_repository
from envtree.commands.tree import unsafe_storage
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
"""Git's modes of a plain file."""


class StagedIndex:
    """An index as git prints it, and the verdict on an earlier one; no dataclass, for the same reason as `Verdict`."""

    __slots__ = ("key", "last_verdict", "listing", "repository", "tools")

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.listing = index_text(repository)
        self.key = f"{repository.git_dir}\0{repository.prefix}"
        self.tools = tools()
        last = load(self.key)
        self.last_verdict = last if last and last.tools == self.tools else None


def read_staged(folder: str) -> StagedIndex | None:
    """Return the index of a folder's repository; None without one, or where others could have written it."""
    repository = find_repository(folder)
    if repository is None or unsafe_storage(repository, INDEX):
        return None
    return StagedIndex(at_tree(repository, INDEX) if repository.prefix or repository.is_bare else repository)


def quick_verdict(staged: StagedIndex) -> str | None:
    """Return a text that the index is valid, if that follows from the last verdict; None if it must be validated."""
    if staged.last_verdict is None:
        return None  # also where there is no tree: a verdict needs one
    if staged.last_verdict.listing == staged.listing:
        return f"valid, as it was judged before: {staged.last_verdict.extent}"
    return _verdict_on_difference(staged, staged.last_verdict)


def save_verdict(staged: StagedIndex, compilation: Compilation) -> None:
    """Save that an index has no fault, unless it has changed since it was listed."""
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


def _verdict_on_difference(staged: StagedIndex, last: Verdict) -> str | None:
    """Return the same text where only services that compile differ: no other service sees the differing files."""
    from envtree.adapters.git.contents import list_index

    listing = list_index(staged.repository, staged.listing)
    services = _services(_differing(staged, last), _paths(last.named), listing)
    if not services:
        return None
    own = frozenset(each for each in last.named if each.partition(" ")[0] in services)
    compilation = _compile(_source(staged.repository, listing, services, own, last.named - own), services)
    if compilation is None or _has_foreign_secret(compilation, last.secret):
        return None
    named, ports = _named(compilation), _ports(compilation)
    if ports != frozenset(each for each in last.ports if _service_of(each) in services):
        return None
    if _paths(own) - _paths(named):  # a file that no layer names any more is no part of the tree
        return None
    named |= last.named - own
    save(staged.key, Verdict(staged.listing, staged.tools, last.extent, named, last.ports, last.secret))
    return f"valid: {len(compilation.own)} of {last.extent} can see what differs from what was judged before"


def _differing(staged: StagedIndex, last: Verdict) -> set[str]:
    """Return the paths whose lines in the two listings differ."""
    lines = set(staged.listing.split(b"\0")) ^ set(last.listing.split(b"\0"))
    below = len(staged.repository.prefix)
    return {line.partition(b"\t")[2].decode("utf-8", "surrogateescape")[below:] for line in lines}


def _services(paths: set[str], named: set[str], listing: Listing) -> frozenset[str]:
    """Return the services with these paths in their folders; empty if other services see or might see one."""
    found = set()
    if {blob.mode for blob in listing.values()} - PLAIN:  # the target of a link is seen where the link is
        return frozenset()
    for path in paths:
        folder, _, rest = path.removeprefix(CONFIGS).partition("/")
        if not path.startswith(CONFIGS) or rest in ("", SERVICE) or path in named:
            return frozenset()
        found.add(folder)
    return frozenset(found)


def _source(
    repository: Repository, listing: Listing, services: frozenset[str], own: frozenset[str], others: frozenset[str]
) -> Source:
    """Return as much of the index as some services see.

    Of the files that a `!file` names, these are the ones that their layers and wider layers name.
    """
    from envtree.adapters.git.contents import read_blobs
    from envtree.core.model.listing import needed_ids, source_of

    seen = _paths(own) | _paths(frozenset(each for each in others if each.startswith(" ")))
    unseen = {path for path in _paths(others) - seen if not path.endswith(SUFFIX)}

    def is_seen(path: str) -> bool:
        folder, _, rest = path.removeprefix(CONFIGS).partition("/")
        return path == SETTINGS or path.startswith(SCHEMAS) or not rest or folder in services or path in seen

    selection = {path: blob for path, blob in listing.items() if is_seen(path) and path not in unseen}
    return source_of(selection, read_blobs(repository, needed_ids(selection)))


def _compile(source: Source, services: frozenset[str]) -> Compilation | None:
    """Return what some services get; None for any diagnostic but those of the settings, which were judged before.

    A sealed layer that stays closed is such a diagnostic.
    """
    from envtree.adapters.schemas import load
    from envtree.commands.steps.sealed import open_sealed
    from envtree.commands.steps.silence import suppress_output
    from envtree.core.compile import compile_targets, read_project_of
    from envtree.core.promises import check_promises, compare_services

    project, _ = read_project_of(source)
    schemas, faults = load(source, project, services)
    targets = tuple(target for target in project.targets if target.service in services)
    if faults or services != {target.service for target in targets}:  # no target sees the layers of the rest
        return None
    if compare_services(schemas):  # others are not read here
        return None
    parsed, closed = open_sealed(source, targets, "open")
    with suppress_output():
        compilation, problems = compile_targets(source, project, schemas, targets, parsed)
        problems += check_promises(source, schemas, compilation, problems)
    return None if closed or problems else compilation


def _has_foreign_secret(compilation: Compilation, secret: frozenset[str]) -> bool:
    """Return whether a name that other services declare secret is a port here, or part of a plain value."""
    from envtree.core.schema.governance import derived_from

    return any(
        compilation.governed[target].ports & node.values.keys() & secret or derived_from(node, secret)
        for target, node in compilation.own.items()
    )


def _named(compilation: Compilation) -> frozenset[str]:
    """Return each path that a `!file` names, with the service of its layer: empty for a wider layer."""
    return frozenset(
        f"{layer_id.rpartition('/')[0].partition('/')[0]} {path}"
        for layer_id, layer in compilation.layers.items()
        for path in layer.files
    )


def _paths(named: frozenset[str]) -> set[str]:
    return {each.partition(" ")[2] for each in named}


def _ports(compilation: Compilation) -> frozenset[str] | None:
    """Return the ports of each service that shares a machine, one text for each; None where one of them is hidden."""
    from envtree.core.schema.ports import ports_by_service

    found = ports_by_service(compilation.project, compilation.own, compilation.governed)
    if None in found.values():
        return None
    return frozenset(f"{service} {','.join(sorted(ports or ()))}" for service, ports in found.items())


def _service_of(ports: str) -> str:
    return ports.partition(" ")[0].partition("/")[2]
