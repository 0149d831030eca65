"""What sealed layers cost: a build with each service's secrets sealed, against the same values in clear."""

import json
from collections.abc import Iterator

from jobs import Bench, build_job, commit, named, plant
from meter import Job, compare, measure
from table import Row, cpu_row


def sealed(bench: Bench) -> Iterator[Row]:
    """Cold builds, and what opening takes of a validation."""
    shapes = {"clear": bench.shape, "sealed": f"{bench.shape}-sealed"}
    for shape in shapes.values():
        plant(bench, bench.shape, bench.tree(shape))
    tree = str(bench.tree(shapes["sealed"]))
    for words in (("init", "--secrets", "--new-key", tree), ("secret", "seal", "-C", tree)):
        measure((str(bench.envtree), *words), bench.environment, bench.log)
    commit(bench.tree(shapes["sealed"]), "sealed")
    jobs = [named(build_job(bench, shape), name) for name, shape in shapes.items()]
    if envdirs(bench, jobs[0]) != envdirs(bench, jobs[1]):
        raise SystemExit("the sealed tree gives its processes something else")
    costs = compare(jobs, bench.rounds, bench.log)
    yield cpu_row("build, secrets sealed / in clear", costs["sealed"], costs["clear"], 1.5)
    words = (str(bench.envtree), "validate", "-q", "-C", tree, "--sealed")
    checks = [Job(use, (*words, use), bench.environment, lambda: None) for use in ("require", "skip")]
    costs = compare(checks, bench.rounds, bench.log)
    yield cpu_row("validate, sealed layers opened / closed", costs["require"], costs["skip"])


def envdirs(bench: Bench, job: Job) -> object:
    """The digest of each envdir that a build writes."""
    job.before()
    measure(job.argv, job.environment, bench.log)
    return json.loads((bench.out / "current/manifest.json").read_text())["envdirs"]
