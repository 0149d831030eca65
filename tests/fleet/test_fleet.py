"""`envtree fleet`: every machine is in exactly one place, and a tag that names nothing is said."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from envtree.core.compile import read_project_of
from envtree.fleet.groups.grouping import Roles, group_instances
from envtree.fleet.groups.text import age
from envtree.fleet.instances.machine import Machine, instances_of, parse_answer
from tests.aws import Moto
from tests.builders import SETTINGS, small_tree, source_of, write_tree
from tests.cli.running import run
from tests.effort import calls_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW = datetime.now(UTC)
FILES = small_tree(
    **{
        "envtree.yaml": SETTINGS.replace("environments:\n", "environments:\n  review: {instance: together}\n"),
        "configs/accounts/service.yaml": "processes: {web: {command: serve}, worker: {command: work}}\n",
        "configs/billing/service.yaml": "processes: {web: {command: serve}}\nenvironments: [production]\n",
    }
)
PRODUCTION = {"Environment": "production", "Service": "accounts"}


def described(number: int, tags: dict[str, str], state: str = "running", zone: str = "eu-west-1a") -> dict[str, Any]:
    launched = (NOW - timedelta(hours=number)).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    return {
        "InstanceId": f"i-{number:05}",
        "State": {"Name": state},
        "Placement": {"AvailabilityZone": zone},
        "LaunchTime": launched,
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }


def answer(*instances: dict[str, Any], **more: Any) -> str:
    return json.dumps({"Reservations": [{"Instances": [each]} for each in instances], **more})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_tree(tmp_path / "tree", FILES)


def shown(folder: Path, text: str, *words: str) -> tuple[int, str, str]:
    (folder.parent / "answer.json").write_text(text)
    done = run(folder, "fleet", *words, "--input", "../answer.json")
    return done.code, done.stdout, done.stderr


def test_a_group_is_a_row_with_counts_zones_and_ages(folder: Path) -> None:
    text = answer(
        described(30, PRODUCTION),
        described(2, PRODUCTION, zone="eu-west-1b"),
        described(3, PRODUCTION, state="stopped"),
        described(1, {**PRODUCTION, "Process": "worker"}),
        described(5, {"Environment": "review"}),
        described(6, {"Name": "a database"}),
        described(7, PRODUCTION, state="terminated"),
    )
    assert shown(folder, text) == (
        0,
        "GROUP                       RUNNING  OTHER  ZONES                      OLDEST  YOUNGEST\n"
        "production/accounts         2        1      eu-west-1a:2 eu-west-1b:1  1d      2h\n"
        "production/accounts/worker  1        -      eu-west-1a:1               1h      1h\n"
        "review                      1        -      eu-west-1a:1               5h      5h\n",
        "5 machines in 3 groups; 1 machine has none of the tags\n",
    )


@pytest.mark.parametrize(
    ("tags", "said"),
    [
        ({"Environment": "prodution"}, "asks for `prodution`, which is no environment; did you mean `production`?"),
        ({"environment": "production", "Service": "accounts"}, "there is a tag `environment`"),
        ({"Environment": "production"}, "runs one service a machine"),
        ({"Environment": "staging", "Service": "billing"}, "doesn't run in `staging`"),
        ({"Environment": "production", "Service": "accounts", "Process": "web "}, "has a blank round its value"),
        ({"Service": "accounts"}, "`Environment` is missing"),
    ],
)
def test_a_machine_whose_tags_name_nothing_is_apart_with_the_tag_that_is_wrong(
    folder: Path, tags: dict[str, str], said: str
) -> None:
    code, out, err = shown(folder, answer(described(1, tags), described(2, PRODUCTION)))
    assert (code, "\nwhose tags name nothing:\n  i-00001: " in out, said in out) == (1, True, True), out
    assert err == "1 machine in 1 group; the tags of 1 machine name nothing\n"
    data = json.loads(shown(folder, answer(described(1, tags)), "--format", "json")[1])
    assert ([each["id"] for each in data["mistagged"]], data["groups"]) == (["i-00001"], [])


def test_a_selector_takes_the_machines_that_run_one_of_its_processes(folder: Path) -> None:
    text = answer(described(1, PRODUCTION), described(2, {"Environment": "review"}), described(3, {"Environment": "x"}))
    groups = json.loads(shown(folder, text, "review/accounts", "--format", "json")[1])["groups"]
    assert [each["group"] for each in groups] == ["review"]
    assert shown(folder, text, "nowhere")[0] == 2


def test_each_machine_is_listed(folder: Path) -> None:
    _, out, _ = shown(folder, answer(described(1, {**PRODUCTION, "Name": "web\x1b[31m"})), "--instances")
    assert out.splitlines()[1].split()[:5] == ["production/accounts", "i-00001", "running", "eu-west-1a", "1h"]
    assert "\x1b" not in out


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "x", '{"Reservations": [{}]}', '{"Reservations": [{"Instances": [{}]}]}', "[" * 100_000]
)
def test_another_text_is_refused_with_words(folder: Path, text: str) -> None:
    code, out, err = shown(folder, text)
    assert (code, out, "unreadable-tags" in err) == (2, "", True)


def test_pages_may_follow_one_another_and_a_part_is_refused(folder: Path) -> None:
    pages = answer(described(1, PRODUCTION), NextToken="x") + "\n" + answer(described(2, PRODUCTION))
    assert "2 machines in 1 group" in shown(folder, pages)[2]
    assert "there is a `NextToken`" in shown(folder, answer(described(1, PRODUCTION), NextToken="x"))[2]


def test_the_roles_may_come_from_an_output(folder: Path) -> None:
    assert run(folder, "build", "production", "--out", "../out").code == 0
    text = answer(described(1, PRODUCTION), described(2, {"Environment": "review"}))
    code, out, _ = shown(folder, text, "--out", "../out")
    assert (code, "i-00002: the tag `Environment` asks for `review`" in out) == (1, True)


values = st.sampled_from(["production", "review", "accounts", "web", "worker", "billing", "x", ""])


@given(st.lists(st.dictionaries(st.sampled_from(["Environment", "Service", "Process", "service", "Name"]), values)))
@example([{"Environment": "review", "service": ""}, {"Environment": "review", "service": "accounts"}])
def test_every_machine_is_in_exactly_one_place(tags: list[dict[str, str]]) -> None:
    project, _ = read_project_of(source_of(FILES))
    roles = Roles(dict(project.tags), {each.name: each.instance for each in project.environments}, project.targets)
    machines = [Machine(f"i-{number}", "running", "a", None, each) for number, each in enumerate(tags)]
    fleet = group_instances(machines, roles, project.targets)
    found = [member.identity for group in fleet.groups for member in group.instances]
    found += [each.instance.identity for each in fleet.mistagged]
    assert len(found) == len(set(found)) == len(tags) - fleet.others
    alone = [group_instances([each], roles, project.targets) for each in machines]
    found = [each.instance.identity for one in alone for each in one.mistagged]
    assert sorted(found) == sorted(each.instance.identity for each in fleet.mistagged)


def test_twice_the_machines_take_twice_the_work() -> None:
    project, _ = read_project_of(source_of(FILES))
    roles = Roles(dict(project.tags), {each.name: each.instance for each in project.environments}, project.targets)

    def work(count: int) -> int:
        text = answer(*(described(number, {**PRODUCTION, "Name": str(number)}) for number in range(count)))
        return calls_of(lambda: group_instances(parse_answer(text, "x"), roles, project.targets))

    assert work(1000) < 2.5 * work(500)


@pytest.mark.parametrize(
    ("seconds", "expected"), [(-5, "0s"), (59, "59s"), (60, "1m"), (7199, "1h"), (86_400, "1d"), (90 * 86_400, "90d")]
)
def test_an_age_is_in_its_largest_unit(seconds: int, expected: str) -> None:
    assert age(NOW - timedelta(seconds=seconds), NOW) == expected


@pytest.fixture
def ec2(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with Moto() as moto:
        environment = {
            "AWS_ENDPOINT_URL": moto.url,
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_DEFAULT_REGION": "eu-west-1",
        }
        for name, text in environment.items():
            monkeypatch.setenv(name, text)
        yield boto3.client("ec2")


def test_ec2_is_asked_for_all_pages_and_what_is_tagged_wrong_is_in_no_group(
    folder: Path, ec2: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[object] = []
    monkeypatch.setattr("envtree.fleet.instances.ec2.PAGE", 4)

    def noted(page: Any) -> Iterator[Machine]:
        pages.append(page)
        return instances_of(page)

    monkeypatch.setattr("envtree.fleet.instances.ec2.instances_of", noted)
    wrong = ({"environment": "review"}, {**PRODUCTION, "Process": "wbe"}, {**PRODUCTION, "Service": ""})
    for tags in (*[PRODUCTION] * 5, *wrong, *[{"Environment": "review"}] * 3, {}):
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        specification = [{"ResourceType": "instance", "Tags": pairs}] if pairs else []
        ec2.run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1, TagSpecifications=specification)
    done = run(folder, "fleet", "--format", "json")
    data = json.loads(done.stdout)
    assert [(each["group"], each["count"]) for each in data["groups"]] == [("production/accounts", 5), ("review", 3)]
    assert (len(data["mistagged"]), data["others"], done.code, len(pages)) == (3, 1, 1, 3)


def test_without_the_library_that_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    done = run(folder, "fleet")
    assert (done.code, "pip install 'envtree[aws]'" in done.stderr) == (2, True)


def test_no_answer_is_said_with_what_is_needed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    done = run(folder, "fleet")
    assert (done.code, "EC2 doesn't answer" in done.stderr) == (2, True), done.said
