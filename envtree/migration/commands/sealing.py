"""An import with its secrets sealed: the plan that was proved, and again what every process gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands.sealing import cannot_seal, seal_layers
from envtree.commands.tree import Tree, compile_chosen, load_schemas
from envtree.core.compile import read_project_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.core.model.source import CONFIGS, SETTINGS, Source
from envtree.core.yaml.splice import CannotUpdate

if TYPE_CHECKING:
    from envtree.core.compile import Compilation, Parsed
    from envtree.migration.commands.import_plan import ImportPlan


def with_sealed_secrets(planned: ImportPlan) -> ImportPlan:
    """Return a plan whose secrets are sealed by the rules of `.sops.yaml`; a layer without any is as it was.

    Raises EnvtreeError without a rule, or where a process would get something else.
    """
    clear = _compiled(planned, planned.source, {})
    layers = [each for each in clear.layers if f"{CONFIGS}{each}.yaml" in planned.files]
    try:
        sealed = seal_layers(planned.surveyed.root, planned.source, clear, layers, _secret(planned, clear))
    except CannotUpdate as error:
        raise cannot_seal("a layer", error) from None
    files = {**planned.source.files, **sealed.files}
    source = Source({path: files[path] for path in sorted(files, key=_settings_last)}, planned.source.refused)
    after = _compiled(planned, source, sealed.parsed)
    if any(node.values != after.own[target].values for target, node in clear.own.items()):
        message = "what is sealed would give a process something else"
        raise EnvtreeError(Diagnostic("import-failed", message, help="nothing was written; please report it"))
    return planned._replace(source=source)


def _settings_last(path: str) -> tuple[bool, str]:
    return path == SETTINGS, path


def _secret(planned: ImportPlan, compilation: Compilation) -> frozenset[str]:
    return planned.secrets.union(*(each.secret for each in compilation.governed.values()))


def _compiled(planned: ImportPlan, source: Source, parsed: Parsed) -> Compilation:
    surveyed = planned.surveyed
    tree = Tree(surveyed.root, source, surveyed.tree.unsafe if surveyed.tree else tuple, schemas=surveyed.schemas)
    project, _ = read_project_of(source)
    return compile_chosen(tree, project, load_schemas(tree, project)[0], project.targets, dict(parsed))[0]
