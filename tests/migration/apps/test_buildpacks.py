"""What buildpacks say of runtimes, by their names as the API has them and as teams write addresses."""

from __future__ import annotations

import pytest

from envtree.migration.apps.buildpacks import runtime_of, runtimes_of
from envtree.migration.apps.fleet import App


@pytest.mark.parametrize(
    ("buildpack", "tool"),
    [
        ("heroku/ruby", "ruby"),
        ("heroku/nodejs", "nodejs"),
        ("heroku/go", "golang"),
        ("heroku/gradle", "java"),
        ("https://github.com/heroku/heroku-buildpack-python", "python"),
        ("https://github.com/heroku/heroku-buildpack-python.git#v300", "python"),
        ("https://buildpack-registry.s3.amazonaws.com/buildpacks/heroku/nodejs.tgz", None),
        ("heroku/metrics", None),
        ("heroku-community/apt", None),
        ("https://github.com/mars/create-react-app-buildpack", None),
        ("", None),
    ],
)
def test_a_runtime_is_known_by_the_name_of_its_buildpack(buildpack: str, tool: str | None) -> None:
    found = runtime_of(buildpack)
    assert (found.tool if found else None) == tool


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"GOVERSION": "go1.22.3"}, "1.22.3"),
        ({"GOVERSION": "1.22"}, "1.22"),
        ({"GOVERSION": "latest"}, ""),
        ({}, ""),
    ],
)
def test_a_version_is_taken_only_where_it_is_told(values: dict[str, str], expected: str) -> None:
    assert runtimes_of([App("a", values=values, buildpacks=("heroku/go",))]) == {"golang": expected}


def test_versions_that_differ_are_none() -> None:
    apps = [App(each, values={"GOVERSION": f"go1.{each}"}, buildpacks=("heroku/go",)) for each in ("21", "22")]
    assert runtimes_of([*apps, App("b", buildpacks=("heroku/ruby",)), App("c")]) == {"golang": "", "ruby": ""}
