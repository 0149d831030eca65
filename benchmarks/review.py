"""What a reviewer and a commit wait for: a revision read, two compared, the index judged, a value explained."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from jobs import HERE, Bench, call, changing, log_job, nothing, plant, remove
from meter import Job, compare, measure
from table import Row, cpu_row, wall_row
from tree import parse_shape

THREE_THOUSAND = "167x3x3"
"""3,012 files."""
HOOK = {"GIT_INDEX_FILE": ".git/index", "GIT_PREFIX": "", "GIT_EDITOR": ":"}
"""What `git commit` sets for a hook, which it runs at the top."""
WIDE = ("configs/common.yaml", "SUPPORT_EMAIL: {}@example.com\n")
BEFORE, PART, ANEW = "as it was judged before", "can see what differs", "variables"
VARIABLE = "HEALTH_URL"
"""One that is made of others."""
RANGE = "HEAD~60..HEAD"
"""So many commits that they edit more than a hundred files."""


def review(bench: Bench) -> Iterator[Row]:
    yield from reading(bench)
    yield from comparing(bench)
    yield from blaming(bench)
    yield from judging(bench)
    yield from explaining(bench)


def reading(bench: Bench) -> Iterator[Row]:
    """A commit into memory, against git's own way into a folder."""
    tree, out = bench.tree(THREE_THOUSAND), bench.scratch / "unpacked"
    plant(bench, THREE_THOUSAND)
    call("git", "-C", str(tree), "gc", "-q")  # packed, as a clone is

    def empty() -> None:
        remove(out)
        out.mkdir()

    unpack = f"git -C '{tree}' archive HEAD | tar x -C '{out}'"
    jobs = [
        Job("read", (str(bench.python), str(HERE / "read.py"), str(tree), "HEAD"), bench.environment, nothing),
        Job("archive", ("/bin/sh", "-c", unpack), bench.environment, empty),
        Job("bare", (str(bench.python), "-c", "pass"), bench.environment, nothing),
    ]
    for job in jobs:
        job.before()
        measure(job.argv, job.environment, bench.log)
    measure((*jobs[0].argv, str(out)), bench.environment, bench.log)
    files = sum(len(names) for _, _, names in os.walk(out))
    costs = compare(jobs, 2 * bench.rounds, bench.log)
    title = f"reading a commit of {files:,} files / git archive | tar x"
    yield cpu_row(f"{title}, CPU", costs["read"], costs["archive"], 2.0)
    yield wall_row(f"{title}, wall", costs["read"], costs["archive"], 2.0)
    yield cpu_row("the same / python -c pass", costs["read"], costs["bare"])


def comparing(bench: Bench) -> Iterator[Row]:
    """A commit against the one before, where it changes one line that few processes see, and one that all do."""
    environment, service, _ = parse_shape(bench.shape).targets[0].split("/")
    narrow = (f"configs/{service}/{environment}.yaml", "CACHE_TTL: {}\n")
    few, every = parse_shape(bench.shape).processes, len(parse_shape(bench.shape).targets)
    jobs = {
        f"diff of a commit that changes {few} processes": diff_job(bench, "few", few, *narrow),
        f"diff of a commit that changes {every} processes": diff_job(bench, "every", every, *WIDE),
    }
    tree = str(bench.tree(f"{bench.shape}-few"))
    whole = Job("validate", (str(bench.envtree), "validate", "-C", tree), bench.environment, nothing)
    costs = compare([whole, *jobs.values()], bench.rounds, bench.log)
    for title, job in jobs.items():
        yield cpu_row(f"{title} / validate, CPU", costs[job.name], costs["validate"], 2.0)
        yield wall_row(f"{title} / validate, wall", costs[job.name], costs["validate"], 2.0)


def diff_job(bench: Bench, name: str, targets: int, file: str, line: str) -> Job:
    """A repository whose last commit changes one line, and the proof that so many processes get something else."""
    tree = bench.tree(f"{bench.shape}-{name}")
    plant(bench, bench.shape, tree)
    changing(tree / file, line)()
    author = ("-c", "user.name=bench", "-c", "user.email=bench@example.com")
    call("git", "-C", str(tree), *author, "commit", "-q", "-a", "--no-verify", "-m", "one line")
    argv = (str(bench.envtree), "diff", "-C", str(tree), "HEAD~1..HEAD")
    measure((*argv, "--name-only"), bench.environment, bench.log, 1)
    found = [each for each in bench.log.read_text().splitlines() if each.endswith(f"\t{line.partition(':')[0]}")]
    if len(found) != targets:
        raise SystemExit(f"{' '.join(argv)} names {len(found)} processes, not {targets}")
    return Job(name, argv, bench.environment, nothing, 1)


def blaming(bench: Bench) -> Iterator[Row]:
    """Many commits at once: who wrote each line, against git's own blame of the same files; and GitPython's cost."""
    tree = log_job(bench, "spread", "spread").argv[3]
    diff = Job("diff", (str(bench.envtree), "diff", "-C", tree, RANGE), bench.environment, nothing, 1)
    measure(diff.argv, bench.environment, bench.log, 1)
    places = re.findall(r"^ +(configs/\S+\.yaml):[\d:]+  [0-9a-f]{12} .* bench: change", bench.log.read_text(), re.M)
    files = sorted(set(places))
    if len(files) < 30:
        raise SystemExit(f"{' '.join(diff.argv)} names authors in {len(files)} files:\n{bench.log.read_text()}")
    listed = bench.scratch / "blamed"
    listed.write_text("".join(f"{file}\n" for file in files))
    each = f"while read file; do git -C '{tree}' blame --porcelain {RANGE} -- \"$file\"; done < '{listed}'"
    python = str(bench.python)
    jobs = [
        diff,
        Job("git blame", ("/bin/sh", "-c", each), bench.environment, nothing),
        Job("validate", (str(bench.envtree), "validate", "-C", tree), bench.environment, nothing),
        Job("GitPython", (python, "-c", "import git"), bench.environment, nothing),
        Job("bare", (python, "-c", "pass"), bench.environment, nothing),
    ]
    costs = compare(jobs, bench.rounds, bench.log)
    title = f"diff that blames {len(files)} files"
    for theirs in ("git blame", "validate"):
        yield cpu_row(f"{title} / {theirs}, CPU", costs["diff"], costs[theirs])
        yield wall_row(f"{title} / {theirs}, wall", costs["diff"], costs[theirs])
    yield cpu_row("import git / python -c pass, CPU", costs["GitPython"], costs["bare"])


def judging(bench: Bench) -> Iterator[Row]:
    """The index, as a hook has it judged."""
    environment, service, process = parse_shape(bench.shape).targets[0].split("/")
    file = f"configs/{service}/{process}/{environment}.yaml"
    bare = Job("bare", (str(bench.python), "-c", "pass"), bench.environment, nothing)
    anew = hook_job(bench, "anew", ANEW, lambda _, cache: remove(cache))
    jobs = {
        "validate --staged, judged good before": (hook_job(bench, "same", BEFORE), 8.0),
        "validate --staged, one file changed since": (
            hook_job(bench, "part", PART, lambda tree, _: stage(tree, file, "START_DELAY: {}\n")),
            18.0,
        ),
        "validate --staged, a wider layer changed since": (
            hook_job(bench, "wide", ANEW, lambda tree, _: stage(tree, *WIDE)),
            None,
        ),
    }
    costs = compare([bare, anew, *(job for job, _ in jobs.values())], 2 * bench.rounds, bench.log)
    for title, (job, goal) in jobs.items():
        yield cpu_row(f"{title} / python -c pass, CPU", costs[job.name], costs["bare"], goal)
        yield wall_row(f"{title} / python -c pass, wall", costs[job.name], costs["bare"], goal)
    yield cpu_row("validate --staged, nothing known / python -c pass", costs["anew"], costs["bare"])


def hook_job(
    bench: Bench, name: str, says: str, change: Callable[[Path, Path], object] = lambda tree, cache: None
) -> Job:
    """`validate --staged` with the variables and in the folder of a hook; tree and cache are its own."""
    tree, cache = bench.tree(f"{bench.shape}-{name}"), bench.scratch / f"cache-{name}"
    plant(bench, bench.shape, tree)
    environment: Mapping[str, str] = bench.environment | HOOK | {"XDG_CACHE_HOME": str(cache)}

    def before() -> None:
        os.chdir(tree)
        change(tree, cache)

    job = Job(name, (str(bench.envtree), "validate", "--staged"), environment, before)
    for _ in range(2):  # the first run is for the record, the second is the proof
        job.before()
        measure(job.argv, job.environment, bench.log)
    if says not in bench.log.read_text():
        raise SystemExit(f"validate --staged of {tree} doesn't say `{says}`: {bench.log.read_text()}")
    return job


CHANGES: dict[tuple[Path, str], Callable[[], None]] = {}


def stage(tree: Path, file: str, line: str) -> None:
    """Another value than ever before, in the index."""
    CHANGES.setdefault((tree, file), changing(tree / file, line))()
    call("git", "-C", str(tree), "add", file)


def explaining(bench: Bench) -> Iterator[Row]:
    """One variable of a process after a thousand commits, against all that it gets."""
    log = log_job(bench, "spread", "spread")
    tree, target = log.argv[3], log.argv[4]
    words = {"show": (), "explain": (VARIABLE,), "no blame": (VARIABLE, "--no-blame")}
    jobs = [
        Job(
            name,
            (str(bench.envtree), name if name == "show" else "explain", "-C", tree, target, *more),
            bench.environment,
            nothing,
        )
        for name, more in words.items()
    ]
    for job in jobs:
        measure(job.argv, job.environment, bench.log)
        if VARIABLE not in bench.log.read_text() or ("  bench  " in bench.log.read_text()) != (job.name == "explain"):
            raise SystemExit(f"{' '.join(job.argv)} says something else:\n{bench.log.read_text()}")
    costs = compare(jobs, bench.rounds, bench.log)
    for title, name in (("explain", "explain"), ("explain --no-blame", "no blame")):
        yield cpu_row(f"{title} / show, CPU", costs[name], costs["show"])
        yield wall_row(f"{title} / show, wall", costs[name], costs["show"])
