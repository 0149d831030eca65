"""Random histories of real commits: at each of them the log says of each process what `show` says of a checkout."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from envtree.commands.show import show
from envtree.commands.tree import compile_anyway, read_tree
from envtree.core.compile import read_project_of
from envtree.core.layers.layout import SEALED_SUFFIX, SUFFIX, layer_ids
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, errors
from envtree.core.model.tree import Target
from envtree.core.schema.governance import hidden_names
from envtree.review.commands.history import HistoryResult, history
from tests.builders import SERVICE, SETTINGS
from tests.repositories import git, init
from tests.sealed_files import sealed_layer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Files = dict[str, str | None]
TARGETS = ("production/accounts/web", "production/accounts/worker", "staging/billing/web")
BOTH = "processes: {web: {command: serve}, worker: {command: work}}\n"
ABOUT_ONE = (
    *("invalid-value", "missing-variable", "missing-value", "duplicate-variable"),
    *("file-not-found", "unencodable-value", "unset-reference"),
)
HEAD = "from envtree import Secret, Settings\n\n\nclass C(Settings):\n"
FIELDS = (
    '    A: str = ""\n    B: str = ""\n    N: int = 1\n    S: Secret | None = None\n    E: str = ""\n    F: str = ""\n'
)
LAYERS = (
    "",
    "A: a\n",
    "A: b\nN: 1\n",
    "A: !unset\nB: x\n",
    "N: four\nS: one\n",
    "S: two\n",
    'A: c\nE: !expand "<${A}${B}>"\nB: y\n',
    'E: !expand "${NOT_SET}"\n',
    'F: !file pem\nS: "one "\n',
    "UNKNOWN: x\nA: d\n",
    "A:\nB: z\n",
    "A: [\n",
    "# a comment\nA: a\n",
    "->../staging.yaml",
)
CHOICES: dict[str, tuple[str | None, ...]] = {
    **dict.fromkeys(
        (
            *("configs/common.yaml", "configs/production.yaml", "configs/accounts/common.yaml"),
            *("configs/accounts/production.yaml", "configs/accounts/web/production.yaml"),
            *("configs/accounts/worker/common.yaml", "configs/billing/common.yaml"),
        ),
        (None, *LAYERS),
    ),
    "configs/accounts/production.sops.yaml": (None, sealed_layer(S="1"), sealed_layer(S="2"), sealed_layer(B="3")),
    "configs/accounts/pem": (None, "one", "two"),
    "configs/pem": (None, "three"),
    "configs/staging.yaml": (None, "A: linked\n", "B: linked\n"),
    "schemas/common.py": (None, HEAD + FIELDS, HEAD + FIELDS + "    NEEDED: str\n"),
    "schemas/accounts.py": (None, HEAD + '    N: str = ""\n', HEAD + "    B: int = 1\n", "x = 1 / 0\n"),
    "schemas/billing.py": (None, HEAD + '    A: Secret | str = ""\n', "x = \n"),
    "envtree.yaml": (
        *(SETTINGS, SETTINGS, f"{SETTINGS}# more\n", SETTINGS.replace("  staging: {instance: service}\n", "")),
        *("environments: [\n", f"{SETTINGS}nonsense: 1\n", None),
    ),
    "configs/accounts/service.yaml": (BOTH, BOTH, SERVICE, f"requires: [billing]\n{BOTH}", "processes: [\n", None),
    "configs/billing/service.yaml": (SERVICE, None, "environments: [production]\n" + SERVICE, "processes: {}\n"),
    "README.md": ("a", "b"),
}
START: Files = {
    "envtree.yaml": SETTINGS,
    "configs/accounts/service.yaml": BOTH,
    "configs/billing/service.yaml": SERVICE,
    "configs/common.yaml": "A: a\n",
    "configs/staging.yaml": "A: linked\n",
    "configs/accounts/common.yaml": "F: !file pem\n",
    "configs/accounts/pem": "one",
    "schemas/common.py": HEAD + FIELDS,
}


class Step(NamedTuple):
    """One commit: on top of which (counted back from the newest), what it edits, and the folder that it moves to."""

    parents: tuple[int, ...]
    edits: Files
    prefix: str


class Made(NamedTuple):
    """A commit as it is made: numbers of its parents, and all its files."""

    parents: tuple[int, ...]
    files: Mapping[str, str]
    prefix: str

    @property
    def tree(self) -> dict[str, str]:
        """What the log may look at."""
        return {path: text for path, text in self.files.items() if not path.endswith("README.md")}


class State(NamedTuple):
    """What a checkout says of a target; None for what can't be told."""

    values: dict[str, str] | None
    unknown: frozenset[str]
    invalid: frozenset[str] | None
    broken: bool

    @property
    def faults(self) -> frozenset[str]:
        return (self.invalid or frozenset()) | (frozenset({""}) if self.broken else frozenset())


OFTEN = tuple(path for path, choices in CHOICES.items() if choices[1:] == LAYERS)
edits = st.dictionaries(
    st.sampled_from((*sorted(CHOICES), *OFTEN, *OFTEN)), st.integers(0, 99), min_size=1, max_size=3
).map(lambda chosen: {path: CHOICES[path][number % len(CHOICES[path])] for path, number in chosen.items()})
steps = st.builds(
    Step,
    st.lists(st.sampled_from((1, 1, 1, 2, 3)), min_size=1, max_size=2, unique=True).map(tuple),
    edits,
    st.sampled_from(("", "", "", "", "deploy/")),
)


def made(story: Sequence[Step]) -> list[Made]:
    """The commits of a story, the first one with a small tree.

    A tree that is moved keeps its settings: without them nobody could tell that it is the same one.
    """
    found = [Made((), _files(START), "")]
    moves = any(step.prefix for step in story)
    for step in story:
        parents = tuple(dict.fromkeys(max(0, len(found) - back) for back in step.parents))
        base = found[parents[0]]
        bare = {path.removeprefix(base.prefix): text for path, text in base.files.items()}
        files = {**bare, **step.edits}
        if moves and files["envtree.yaml"] is None:
            files["envtree.yaml"] = SETTINGS
        found.append(Made(parents, _files(files, step.prefix), step.prefix))
    return found


def _files(files: Files, prefix: str = "") -> dict[str, str]:
    return {f"{prefix}{path}": text for path, text in files.items() if text is not None}


def write(folder: Path, commits: Sequence[Made]) -> list[str]:
    """The ids of the commits, made by git all at once."""
    init(folder)
    stream = []
    for number, each in enumerate(commits, 1):
        stream.append(f"commit refs/heads/main\nmark :{number}\ncommitter Ann <a@example.org> {number}00000000 +0000\n")
        stream.append(f"data <<.\ncommit {number}\n.\n")
        stream += [f"{'merge' if at else 'from'} :{parent + 1}\n" for at, parent in enumerate(each.parents)]
        stream.append("deleteall\n")
        for path, text in each.files.items():
            mode, data = ("120000", text[2:]) if text.startswith("->") else ("100644", text)
            stream.append(f"M {mode} inline {path}\ndata {len(data.encode())}\n{data}\n")
    git(folder, "fast-import", "--quiet", f"--export-marks={folder}/.git/marks", "--force", stdin="".join(stream))
    git(folder, "checkout", "-q", "--detach", "main")
    marks = dict(line.split() for line in (folder / ".git/marks").read_text().splitlines())
    return [marks[f":{number}"] for number in range(1, len(commits) + 1)]


def simplified(commits: Sequence[Made]) -> dict[int, tuple[int, ...]]:
    """The commits that made a difference to the tree, each with those below it: where one side of a merge is all that
    is left, only that is followed."""

    def nearest(number: int) -> int | None:
        while True:
            commit = commits[number]
            same = [parent for parent in commit.parents if commits[parent].tree == commit.tree]
            if not same:
                return number if commit.parents or commit.tree else None
            number = same[0]

    found: dict[int, tuple[int, ...]] = {}
    ahead = [nearest(len(commits) - 1)]
    while ahead:
        number = ahead.pop()
        if number is not None and number not in found:
            below = [nearest(parent) for parent in commits[number].parents]
            found[number] = tuple(each for each in dict.fromkeys(below) if each is not None)
            ahead += below
    return found


def state_of(folder: Path, target: str) -> State | None:
    """What a target is in a checkout, by all that the compiler says of the whole tree; None where there is none.

    The schemas of other services are left out: one that can't be run would keep the target's own from being asked.
    """
    try:
        tree = read_tree(str(folder))
    except EnvtreeError:
        return None
    for path in {"schemas/accounts.py", "schemas/billing.py"} - {f"schemas/{target.split('/')[1]}.py"}:
        tree.source.files.pop(path, None)
    _, problems = read_project_of(tree.source)
    wrong = [each for each in errors(problems) if concerns(each, target)]
    try:
        compilation, found = compile_anyway(tree, (target,))
    except EnvtreeError:
        return State(None, frozenset(), None, broken=True) if wrong else None
    node = next(iter(compilation.own.values()))
    found = tuple(each for each in errors(found) if concerns(each, target))
    named = {each: _name(each) for each in found}
    invalid = frozenset(name for name in named.values() if name)
    broken = [each for each, name in named.items() if not name]
    if any(each.span and each.span.file in layer_files(target) for each in broken):
        return State(None, frozenset(), None, broken=True)
    values = {name: text for name, text in node.values.items() if text is not None and name not in node.failed}
    winners = {name: line[-1] for name, line in node.provenance.items()}
    sealed = {name: _encrypted(folder / entry.file, name) for name, entry in winners.items() if entry.sealed}
    unknown = frozenset(node.failed) - sealed.keys()
    return State({**values, **sealed}, unknown, None if broken else invalid, bool(broken))


def _name(problem: Diagnostic) -> str:
    """The variable that an error is about, by its code and words."""
    if problem.code == "unknown-variable":
        return str(re.findall("has `(.+?)`", problem.message)[0])
    if problem.code in ABOUT_ONE:
        return str(re.findall("`(.+?)`", problem.message)[0])
    return ""


def _encrypted(file: Path, name: str) -> str:
    return str(re.findall(f"^{name}: (.*)$", file.read_text(), re.MULTILINE)[0])


def layer_files(target: str) -> list[str]:
    chain = layer_ids(Target(*target.split("/")))
    return [f"configs/{place}{suffix}" for place in chain for suffix in (SUFFIX, SEALED_SUFFIX)]


def concerns(problem: Diagnostic, target: str) -> bool:
    """Whether an error is about a target, not about another one, nor about a file that is none of the tree's."""
    if problem.targets:
        return target in map(str, problem.targets)
    service = target.split("/")[1]
    file = problem.span.file if problem.span else ""
    own = ("envtree.yaml", f"configs/{service}/service.yaml", "schemas/common.py", f"schemas/{service}.py")
    return (file in own and " requires " not in problem.message) or file in layer_files(target)


def carried(states: Mapping[int, State | None], history: Mapping[int, tuple[int, ...]]) -> dict[int, State | None]:
    """The same, with what can't be told as it was in the first commit below."""
    found: dict[int, State | None] = {}
    for number in sorted(history):
        state = states[number]
        older = found[history[number][0]] if history[number] else None
        if state is None or older is None or older.values is None:
            found[number] = state
            continue
        unclear = state.unknown if state.invalid is None else state.unknown & state.invalid
        filled = {name: older.values[name] for name in unclear & older.values.keys()}
        found[number] = State(
            older.values if state.values is None else {**state.values, **filled},
            older.unknown if state.values is None else state.unknown - filled.keys(),
            older.invalid if state.invalid is None else state.invalid,
            state.broken,
        )
    return found


def differ(one: State | None, other: State | None) -> bool:
    if one is None or other is None:
        return one is not other
    skipped = one.unknown | other.unknown
    values = [
        {name: text for name, text in (each.values or {}).items() if name not in skipped} for each in (one, other)
    ]
    return values[0] != values[1] or one.faults != other.faults


def check(story: Sequence[Step]) -> None:
    """The log agrees with checkouts, for every target that the newest commit has."""
    commits = made(story)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ids = write(folder, commits)
        history = simplified(commits)
        logs = {target: started for target in TARGETS if (started := start(folder / commits[-1].prefix, target))}
        for found in logs.values():
            assert {each.id for each in found.commits} == {ids[number] for number in history}
        states: dict[str, dict[int, State | None]] = {target: {} for target in logs}
        for number in history:
            git(folder, "checkout", "-q", "--detach", ids[number])
            for target, found in logs.items():
                root = folder / commits[number].prefix
                states[target][number] = state_of(root, target)
                agree(found, ids[number], root, states[target][number])
        for target, found in logs.items():
            known = carried(states[target], history)
            changed = {
                ids[number]
                for number, below in history.items()
                if all(differ(known[each], known[number]) for each in below) and (below or known[number] is not None)
            }
            assert {event.commit.id for event in found.events()} == changed


def start(folder: Path, target: str) -> HistoryResult | None:
    try:
        return history(str(folder), target, revision="HEAD", run_old_schemas=True)[0]
    except EnvtreeError:  # the newest commit has no such target
        return None


def agree(found: HistoryResult, commit: str, folder: Path, state: State | None) -> None:
    """Where `show` shows a checkout, the log knows the same values of the same lines, and hides the same."""
    try:
        shown, _, problems = show(str(folder), str(found.target))
    except EnvtreeError:
        shown, problems = None, ()
    standings = (found.states.by_own_schemas(commit), found.states.by_all_schemas(commit))
    if shown is None:
        wrong = state is not None and any(concerns(each, str(found.target)) for each in errors(problems))
        assert all(bool(standing and (standing.broken or standing.invalid)) >= wrong for standing in standings)
        return
    for standing in standings:
        assert standing is not None
        assert standing.view is not None
        assert standing.view.node is not None
        assert standing.view.governance is not None
        assert (standing.broken, standing.invalid) == (None, {})
        told = [each for each in shown[1] if each.value is not None and each.name not in standing.view.unknown]
        assert {each.name for each in told} == standing.view.values.keys()
        for each in told:
            assert each.entry == standing.view.winner(each.name)
            assert each.entry.sealed or each.value == standing.view.values[each.name]
        if standing.secrets_known:
            hidden = hidden_names(standing.view.node, standing.view.governance)
            assert {each.name for each in shown[1] if each.hidden} == hidden & {each.name for each in shown[1]}


FEW = settings(deadline=None, max_examples=10, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=1500)
stories = st.lists(steps, min_size=4, max_size=9)


def told(*edits: Files) -> list[Step]:
    """A story without branches."""
    return [Step((1,), each, "") for each in edits]


@FEW
@given(stories)
@example(told({"configs/accounts/production.yaml": "->../staging.yaml"}, {"configs/staging.yaml": "B: linked\n"}))
@example(told({"configs/accounts/pem": "two"}, {"configs/accounts/pem": None}))
def test_the_log_lists_the_commits_at_which_a_checkout_shows_something_else(story: list[Step]) -> None:
    check(story)


@pytest.mark.soak
@MANY
@given(st.lists(steps, min_size=6, max_size=14))
def test_the_log_agrees_with_checkouts_in_many_histories(story: list[Step]) -> None:
    check(story)
