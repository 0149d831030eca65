"""Options that go together, each group a value that a verb takes as one parameter.

The parameters of a group's `__init__` are its options: `app.py` gives each to the command line library, `fastpath.py`
fills the plain ones. Imports nothing that takes time.
"""

from __future__ import annotations

import sys

from envtree.cli.argv import DEFAULT_MAX, NO_SCHEMAS_VARIABLE, OUT_VARIABLE, WrongUsage
from envtree.core.model.source import INDEX, WORKTREE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TextIO

    from envtree.cli.options import (
        BuiltOut,
        ColorOption,
        Folder,
        Maximum,
        NoSchemas,
        OutArgument,
        OutOption,
        Quiet,
        Ref,
        Staged,
        StatusFormat,
        TreeFolder,
        Verbose,
    )
    from envtree.cli.wing_options import (
        ForEnvironments,
        ForService,
        Json,
        LastImport,
        Ours,
        ReviewConfig,
        Skip,
        Team,
        Theirs,
        Timeout,
    )
    from envtree.core.model.diagnostic import Diagnostic
    from envtree.core.model.source import SchemaUse, Source
    from envtree.migration.commands.imports.import_files import FilePlacement
    from envtree.migration.commands.read import HerokuQuery
    from envtree.migration.importing.decision import Choices


UNRUN = "schemas are not run: only the form is checked, and what their text does not show to be plain is hidden"


class SchemaOptions:
    """Whether a tree's schemas are run; they are only read where the caller's `ENVTREE_NO_SCHEMAS` says so as well."""

    def __init__(self, *, no_schemas: bool) -> None:
        import os

        is_set = os.environ.get(NO_SCHEMAS_VARIABLE, "") not in ("", "0")
        self.schemas: SchemaUse = "read" if no_schemas or is_set else "run"

    def say_unrun(self, display: Display) -> None:
        """Say that schemas are not run, where that is so."""
        if self.schemas == "read":
            display.say(UNRUN)

    def require_run(self, verb: str) -> None:
        """Raise WrongUsage where schemas are not run, for a verb that hands on what only they can check."""
        if self.schemas == "read":
            advice = f"leave out `--no-schemas` ({NO_SCHEMAS_VARIABLE}), or use `validate`"
            raise WrongUsage(f"`{verb}` hands on only what schemas have checked, so it runs them; {advice}")


class TreeOptions(SchemaOptions):
    """Which tree is read, in which revision, and how; raises WrongUsage for two revisions."""

    def __init__(
        self, *, folder: Folder = ".", ref: Ref = None, staged: Staged = False, no_schemas: NoSchemas = False
    ) -> None:
        super().__init__(no_schemas=no_schemas)
        self.folder = folder
        self.revision = revision_of(ref, staged=staged)


class CommitOptions(SchemaOptions):
    """Which tree is read, from which commit on, and how."""

    def __init__(self, *, folder: Folder = ".", ref: Ref = None, no_schemas: NoSchemas = False) -> None:
        super().__init__(no_schemas=no_schemas)
        self.folder = folder
        self.revision = revision_of(ref)


class FolderOptions(SchemaOptions):
    """Which tree is read, as its files are, and how."""

    def __init__(self, *, folder: Folder = ".", no_schemas: NoSchemas = False) -> None:
        super().__init__(no_schemas=no_schemas)
        self.folder = folder


class TreeOrOutput(SchemaOptions):
    """A tree in a revision, or (`out` not empty) an output; raises WrongUsage where both are asked for.

    The caller's `ENVTREE_OUT` holds where nothing names either.
    """

    def __init__(
        self,
        *,
        folder: TreeFolder = None,
        ref: Ref = None,
        staged: Staged = False,
        out: BuiltOut = None,
        no_schemas: NoSchemas = False,
    ) -> None:
        import os

        super().__init__(no_schemas=no_schemas)
        of_a_tree = folder is not None or ref is not None or staged
        if out is not None and of_a_tree:
            raise WrongUsage(
                "`--out` reads an output; leave it out, or `-C`, `--ref` and `--staged`, which read a tree"
            )
        self.folder = folder or "."
        self.revision = revision_of(ref, staged=staged)
        self.out = os.path.normpath(out) if out is not None else "" if of_a_tree else os.environ.get(OUT_VARIABLE, "")


class OutputOptions:
    """Which output is read: the argument, or `--out`, or the caller's `ENVTREE_OUT`; raises WrongUsage without one."""

    def __init__(self, *, argument: OutArgument = None, out: OutOption = None) -> None:
        import os

        if argument is not None and out is not None:
            raise WrongUsage("`--out` and the argument name two outputs; leave out one")
        named = argument or out or os.environ.get(OUT_VARIABLE)
        if not named:
            raise WrongUsage(f"name an output: OUT, `--out OUT`, or {OUT_VARIABLE}")
        self.out = os.path.normpath(named)


class StatusDisplay:
    """How what runs is written; `--json` is the older form."""

    def __init__(self, *, output_format: StatusFormat = "table", json: Json = False) -> None:
        self.json = json or output_format == "json"


class Display:
    """How much is said, and in which colours."""

    def __init__(self, *, quiet: Quiet = False, color: ColorOption = "auto") -> None:
        self.quiet = quiet
        self.color = color
        self.maximum = DEFAULT_MAX

    def say(self, text: str) -> None:
        """Write a line for the person, unless nothing is to be said but what is wrong."""
        if not self.quiet:
            sys.stderr.write(f"{text}\n")

    def show(
        self, diagnostics: Sequence[Diagnostic], source: Source | None = None, stream: TextIO | None = None
    ) -> None:
        """Write the first few diagnostics as text, and how many there are, to stderr if nothing else is asked for."""
        from envtree.cli.terminal import show_diagnostics

        show_diagnostics(diagnostics, source, self.color, self.maximum, stream)

    def painter(self, stream: TextIO) -> Callable[[str, str], str]:
        """Return what paints text by its role, or leaves it."""
        from envtree.cli.terminal import painter

        return painter(self.color, stream)


class ProblemDisplay(Display):
    """The same, with how many problems are shown."""

    def __init__(self, *, maximum: Maximum = DEFAULT_MAX, quiet: Quiet = False, color: ColorOption = "auto") -> None:
        super().__init__(quiet=quiet, color=color)
        self.maximum = maximum


class VerboseDisplay(ProblemDisplay):
    """The same, with a line for each process or node."""

    def __init__(
        self,
        *,
        maximum: Maximum = DEFAULT_MAX,
        quiet: Quiet = False,
        verbose: Verbose = False,
        color: ColorOption = "auto",
    ) -> None:
        super().__init__(maximum=maximum, quiet=quiet, color=color)
        self.verbose = verbose


class ApiOptions:
    """What is asked of Heroku's API."""

    def __init__(
        self, *, skip: Skip = None, team: Team = "", review_config: ReviewConfig = False, timeout: Timeout = 300.0
    ) -> None:
        self.skip = tuple(skip or ())
        self.team = team
        self.review_config = review_config
        self.timeout = timeout

    def query(self, snapshot: str | None = None) -> HerokuQuery:
        """Return the query, for a snapshot where one is named; raises WrongUsage."""
        from envtree.migration.commands.read import HerokuQuery

        if snapshot is not None and self.team:
            raise WrongUsage("a snapshot is read as it is; leave out `--team`")
        if snapshot is not None and self.review_config:
            raise WrongUsage("a snapshot has review stages if it was taken with them; leave out `--review-config`")
        path = "" if snapshot is None else snapshot or "."
        return HerokuQuery(path, self.team, self.timeout, self.skip, self.review_config)


class ConflictOptions:
    """What was imported last, and which side wins where both have changed since."""

    def __init__(self, *, ours: Ours = None, theirs: Theirs = None, base: LastImport = None) -> None:
        self.ours = frozenset(ours or ())
        self.theirs = frozenset(theirs or ())
        self.base = base or ""

    def choices(self) -> Choices:
        """Return the decisions; raises WrongUsage for one in both directions."""
        from envtree.migration.importing.decision import Choices

        for name in sorted(self.ours & self.theirs):
            raise WrongUsage(f"`{name}` can't be both `--ours` and `--theirs`")
        return Choices(self.ours, self.theirs)


class PlacementOptions:
    """Which part of a tree files are for."""

    def __init__(self, *, service: ForService = "", environments: ForEnvironments = None) -> None:
        self.service = service
        self.environments = tuple(dict.fromkeys(environments or ()))

    def placement(self) -> FilePlacement:
        """Return the same as a command takes it."""
        from envtree.migration.commands.imports.import_files import FilePlacement

        return FilePlacement(self.service, self.environments)


GROUPS: dict[str, type] = {
    each.__name__: each
    for each in (
        *(TreeOptions, CommitOptions, FolderOptions, TreeOrOutput, OutputOptions),
        *(ApiOptions, ConflictOptions, PlacementOptions),
        *(Display, ProblemDisplay, VerboseDisplay, StatusDisplay),
    )
}
"""By the name of their annotation."""


def options_of(group: str) -> dict[str, str]:
    """Return the options of a group: the names of its parameters, and of their annotations."""
    parameters: dict[str, str] = GROUPS[group].__init__.__annotations__  # type: ignore[misc]
    return {name: kind for name, kind in parameters.items() if name != "return"}


def grouped(verb: Callable[..., int], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a verb, the values of a group's options made one; raises WrongUsage."""
    found: dict[str, Any] = {}
    for name, kind in verb.__annotations__.items():
        if kind in GROUPS:
            found[name] = GROUPS[kind](**{each: values[each] for each in options_of(kind) if each in values})
        elif name in values:
            found[name] = values[name]
    return found


def revision_of(ref: str | None, *, staged: bool = False) -> str:
    """Return the revision that `--ref` and `--staged` ask for; raises WrongUsage."""
    if ref is not None and staged:
        raise WrongUsage("`--ref` and `--staged` name two revisions; leave out one")
    if ref in ("", INDEX):
        raise WrongUsage("`--ref` needs a commit, a branch or a tag; `--staged` reads the index")
    return INDEX if staged else ref or WORKTREE
