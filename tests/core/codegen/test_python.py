"""Generated Python: the type checker takes it, it takes what the schema takes, and it shows no secret."""

from __future__ import annotations

import copy
import dataclasses
import json
import logging
import pickle
import pprint
import subprocess
import sys
import traceback
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.codegen_cases import LENIENT, REQUIRED, code, environments, tree, verdicts
from tests.codegen_hostile import TEXTS, hostile_environment, hostile_tree, random_texts
from tests.codegen_programs import answers_in_python, disagreements, python_module
from tests.codegen_random import random_environments, wrongly_refused, wrongly_taken

CANARY = "c4n4ry"


def test_it_takes_what_the_schema_takes_and_refuses_what_it_refuses() -> None:
    text = code("python")
    found = disagreements(lambda each: answers_in_python(each, text), environments(), verdicts(), LENIENT)
    assert found == []


def test_the_type_checker_takes_it(tmp_path: Path) -> None:
    (tmp_path / "settings.py").write_text(code("python"))
    (tmp_path / "hostile.py").write_text(code("python", hostile_tree()))
    (tmp_path / "empty.py").write_text(
        code("python", tree("from envtree import *\nclass Accounts(Settings):\n    A: str\n"))
    )
    (tmp_path / "use.py").write_text(
        "import settings\nloaded = settings.load({})\nlevel: str = loaded.LEVEL\nport: int = loaded.PORT\n"
        "key: settings.Secret[str] = loaded.KEY\nhosts: list[str] = [each.host for each in loaded.UPSTREAMS or ()]\n"
        "text: str = loaded.KEY.reveal()\nold: settings.Secret[str] | None = loaded.OLD_KEY\n"
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--cache-dir", str(tmp_path / "cache"), "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_values_have_the_types_that_it_says() -> None:
    more = {"PORTS": "1,2", "WAIT": "1m30s", "DIRECTORY": "/a//b", "UPSTREAMS": '[{"host": "h", "token": "t"}]'}
    found = python_module(code("python")).load({**REQUIRED, **more, "CLOSED": '{"class": 5}'})
    assert found.PORTS == (1, 2)
    assert (found.WAIT, str(found.DIRECTORY)) == (timedelta(seconds=90), "/a/b")
    assert (found.UPSTREAMS[0].host, found.UPSTREAMS[0].port, found.UPSTREAMS[0].token.reveal()) == ("h", 80, "t")
    assert (found.LEVEL, found.RATIO, found.class_, found.X_bkp, found.CLOSED.class_) == ("info", 0.5, "x", "x", 5)
    assert found.KEY.reveal() == REQUIRED["KEY"]
    assert found.OLD_KEY is None


def test_all_that_is_wrong_is_named_at_once_with_its_place() -> None:
    module = python_module(code("python"))
    upstreams = '[{"host": "h"}, {"host": "h", "labels": {"secret-name": "x"}}]'
    with pytest.raises(module.SettingsError) as caught:
        module.load({"PORT": "0", "UPSTREAMS": upstreams, "KEY": "\udcff"})
    assert caught.value.faults == (
        "DATABASE is not set",
        "KEY is not UTF-8",
        "PORT is less than 1",
        "UPSTREAMS[1].labels[...] is not an integer",
    )


def shown(value: Any) -> str:
    """All that a program may show of a value by mistake."""
    logging_record = logging.LogRecord("a", 10, "a", 1, "%s %r", (value, value), None)
    return "\n".join(
        (
            *(repr(value), str(value), f"{value}", f"{value!s:>20}", f"{value!r}", pprint.pformat(value)),
            *(ascii(value), repr([value]), repr({"a": value}), logging_record.getMessage()),
            json.dumps(value, default=str),
            json.dumps(value, default=repr),
            *(
                str(vars(value)) if hasattr(value, "__dict__") else "",
                repr(copy.deepcopy(value)),
                repr(copy.copy(value)),
            ),
        )
    )


def test_no_usual_way_of_showing_a_value_shows_a_secret() -> None:
    module = python_module(code("python"))
    hidden = {"HIDDEN": f'{{"{CANARY}-key": {{"host": "{CANARY}", "token": "{CANARY}"}}}}'}
    upstreams = f'[{{"host": "h", "token": "{CANARY}-token"}}]'
    found = module.load({**REQUIRED, **hidden, "UPSTREAMS": upstreams, "PIN": f"{CANARY}-pin"})
    values = (found, found.KEY, found.DATABASE, found.HIDDEN, found.UPSTREAMS, found.PIN)
    text = "\n".join(map(shown, values)) + repr(dataclasses.asdict(found)) + format(found.KEY, ">20")
    assert CANARY not in text
    assert text.count("[hidden]") > 20
    for secret in (found.KEY, found.HIDDEN):
        with pytest.raises(TypeError, match="can't be pickled"):
            pickle.dumps(secret)
        with pytest.raises(TypeError) as caught:
            json.dumps(secret)
        assert CANARY not in str(caught.value)
        assert not hasattr(secret, "__dict__")


def test_an_error_shows_no_value_nor_does_what_reports_the_variables_of_each_function() -> None:
    module = python_module(code("python"))
    given = {**REQUIRED, "PIN": CANARY[:3], "HIDDEN": f'{{"{CANARY}": 1}}', "PORT": CANARY, "FLAGS": f'["{CANARY}"]'}
    with pytest.raises(module.SettingsError) as caught:
        module.load(given)
    report = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    own = [line for frame in report.stack if frame.filename == module.__name__ for line in frame.locals or {}]
    assert "environ" not in own
    frames = [frame.locals for frame in report.stack if frame.filename == module.__name__]
    assert CANARY not in f"{caught.value!r} {caught.value} {frames}"
    assert caught.value.__context__ is None


def test_random_texts_are_never_refused_where_the_schema_takes_them() -> None:
    environments = random_environments(1500)
    answers = answers_in_python([each for _, each in environments], code("python"))
    assert wrongly_refused(environments, answers) == []
    assert wrongly_taken(environments, answers) < len(environments) // 20


@pytest.mark.parametrize("texts", [TEXTS, random_texts(80)], ids=["listed", "random"])
def test_hostile_texts_stay_texts(texts: tuple[str, ...]) -> None:
    module = python_module(code("python", hostile_tree(texts)))
    module.load(hostile_environment(texts))
