"""`envtree fleet` over an answer of EC2 with many instances, in pages."""

import json
from collections.abc import Iterator

from jobs import Bench, nothing
from meter import Job, compare, measure
from table import Row, seconds

COUNT, PAGE, SERVICES = 5000, 1000, 20
LIMIT = 2.0
WRONG = 50
"""Each instance with such a number has a tag that names nothing."""


def instances(bench: Bench) -> Iterator[Row]:
    """The time that it takes of its own: to read the pages, and to put each instance into its group."""
    tree, file = bench.scratch / "instances" / "tree", bench.scratch / "instances" / "answer.json"
    tree.mkdir(parents=True)
    (tree / "envtree.yaml").write_text("environments: {production: {instance: service}}\n")
    for number in range(SERVICES):
        folder = tree / "configs" / f"s{number}"
        folder.mkdir(parents=True)
        (folder / "service.yaml").write_text("processes: {web: {command: serve}, jobs: {command: work}}\n")
    file.write_text("\n".join(json.dumps(_page(first)) for first in range(0, COUNT, PAGE)))
    argv = (str(bench.envtree), "fleet", "-C", str(tree), "--input", str(file))
    measure((*argv, "--format", "json"), bench.environment, bench.log, 1)
    said = bench.log.read_text()
    answer, _ = json.JSONDecoder().raw_decode(said, said.index("{"))
    counted = sum(each["count"] for each in answer["groups"])
    if (counted, len(answer["mistagged"]), len(answer["groups"])) != (COUNT - COUNT // WRONG, COUNT // WRONG, SERVICES):
        raise SystemExit("the groups of `fleet` are not those of the answer")
    cost = compare([Job("fleet", argv, bench.environment, nothing, 1)], bench.rounds, bench.log)["fleet"]
    yield Row(f"fleet of {COUNT:,} instances, CPU", seconds(cost.cpu), seconds(LIMIT), cost.cpu / LIMIT, 1.0)


def _page(first: int) -> dict[str, object]:
    """An answer of DescribeInstances, which says that another one follows, unless it is the last."""
    found = [_instance(number) for number in range(first, first + PAGE)]
    more = {} if first + PAGE == COUNT else {"NextToken": str(first)}
    return {"Reservations": [{"Instances": [each]} for each in found], **more}


def _instance(number: int) -> dict[str, object]:
    service = f"s{number % SERVICES}" if number % WRONG else "nothing"
    tags = {"Environment": "production", "Service": service, "Name": f"machine {number}", "Team": "platform"}
    return {
        "InstanceId": f"i-{number:017x}",
        "State": {"Name": "running"},
        "Placement": {"AvailabilityZone": f"eu-west-1{'abc'[number % 3]}"},
        "LaunchTime": "2026-01-02T03:04:05+00:00",
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
