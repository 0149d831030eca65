"""The tour of the package names files that exist, and shows the picture that the contracts give."""

from __future__ import annotations

import ast
import re
from collections import Counter
from graphlib import TopologicalSorter

import grimp

from tests.architecture import picture
from tests.builders import ROOT

PAGE = ROOT / "docs/explanation/architecture.md"
FENCED = re.compile(r"^```picture\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"`([a-z0-9_]+(?:/[a-z0-9_]+)+(?:\.py|/))`")
MAX_FILE, MAX_FUNCTION, MAX_FOLDER = 300, 60, 14
"""In lines, and in files besides `__init__.py`."""


def test_the_picture_is_drawn_from_the_contracts() -> None:
    assert FENCED.findall(PAGE.read_text()) == [picture()]


def test_every_file_of_the_tour_exists() -> None:
    named = PATH.findall(PAGE.read_text())
    assert len(named) > 50
    assert [path for path in named if not (ROOT / "envtree" / path).exists()] == []


def test_an_init_file_is_one_sentence() -> None:
    for path in (ROOT / "envtree").rglob("__init__.py"):
        text = path.read_text()
        assert path.parent.name == "envtree" or re.fullmatch(r'"""[^"]+\."""\n', text), path


def test_a_class_has_its_name_alone() -> None:
    trees = [ast.parse(path.read_text()) for path in (ROOT / "envtree").rglob("*.py")]
    names = [node.name for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    assert {name for name in names if names.count(name) > 1} == set()


def test_a_room_can_be_taken_in_at_a_glance() -> None:
    lines = {path: len(path.read_text().splitlines()) for path in (ROOT / "envtree").rglob("*.py")}
    assert {path for path, count in lines.items() if count > MAX_FILE} == set()
    folders = Counter(path.parent for path in lines if path.name != "__init__.py")
    assert {path for path, count in folders.items() if count > MAX_FOLDER and path.name != "verbs"} == set()
    functions = [
        (path, node.name, (node.end_lineno or node.lineno) - node.lineno + 1)
        for path in lines
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert [each for each in functions if each[2] > MAX_FUNCTION] == []


def test_no_file_imports_itself_through_others() -> None:
    graph = grimp.build_graph("envtree", cache_dir=None)
    TopologicalSorter({each: graph.find_modules_directly_imported_by(each) for each in graph.modules}).prepare()
