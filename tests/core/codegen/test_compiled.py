"""Generated TypeScript and Go, read by their own compilers, which are heavy: they are run in the soak."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.codegen_cases import LENIENT, REQUIRED, code, environments, tree, verdicts
from tests.codegen_hostile import TEXTS, hostile_environment, hostile_tree, random_texts
from tests.codegen_programs import (
    GO,
    NODE,
    answers_in_go,
    answers_in_node,
    asked,
    compiled_go,
    compiled_typescript,
    disagreements,
    ran,
)
from tests.codegen_random import random_environments, wrongly_refused
from tests.debian import OUTSIDE, cache, checked

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.soak

TYPESCRIPT = "typescript@5.9.2"
HIDDEN = '{"c4n4ry-key": {"host": "c4n4ry", "token": "c4n4ry"}}'
GIVEN = {
    **REQUIRED,
    "HIDDEN": HIDDEN,
    "PIN": "c4n4ry-pin",
    "OLD_KEY": "c4n4ry-old",
    "UPSTREAMS": '[{"host": "h", "token": "c4n4ry-token"}]',
    "WAIT": "1m30s",
}
ALONE = tree("from envtree import *\nclass Accounts(Settings):\n    A: str\n")


@pytest.fixture(scope="session")
def tsc() -> Path:
    """The compiler of TypeScript, from where npm gets it, or from the cache."""
    kept = cache("typescript", TYPESCRIPT.encode())
    if not kept.exists():
        new = kept.with_suffix(".new")
        checked("npm", "install", "--no-audit", "--no-fund", "--silent", "--prefix", new, TYPESCRIPT, env=OUTSIDE)
        new.rename(kept)
    return kept / "node_modules/typescript/bin/tsc"


LEAKS_IN_NODE = """\
import { inspect, format } from "node:util";
import { load, SettingsError } from "./settings.js";
const found = load(JSON.parse(process.argv[2]));
const values = [found, found.KEY, found.DATABASE, found.HIDDEN, found.UPSTREAMS, [found.PIN], { a: found.OLD_KEY }];
for (const value of values) {
  console.log(value, `${value}`, String(value), "" + value, JSON.stringify(value), Object.entries(value));
  console.log("%s %o %O %j", value, value, value, value);
  console.log(inspect(value, { depth: null, showHidden: true, getters: true, customInspect: false }));
  console.log(format("%s", value), structuredClone(JSON.parse(JSON.stringify(value))));
  console.table(value);
}
try {
  throw new Error(`a ${found.KEY}`);
} catch (error) {
  console.log(error);
}
try {
  load({ KEY: "a", PIN: "c4n", PORT: "c4n4ry", DATABASE: "c4n4ry:x" });
} catch (error) {
  if (!(error instanceof SettingsError)) throw error;
  console.log(error, error.stack, JSON.stringify(error), inspect(error, { showHidden: true }));
}
const isRight = found.KEY.reveal() === "c4n4ry-key" && Object.isFrozen(found);
console.log(isRight, found.UPSTREAMS[0].port, found.WAIT, found.LEVEL);
"""

LEAKS_IN_GO = """\
package main

import (
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"text/template"

	"program/settings"
)

type holder struct {
	inside settings.Settings
	secret *settings.Secret[string]
}

func main() {
	var given map[string]string
	_ = json.Unmarshal([]byte(os.Args[1]), &given)
	find := func(name string) (string, bool) {
		text, found := given[name]
		return text, found
	}
	found, err := settings.LoadFrom(find)
	if err != nil {
		panic(err)
	}
	log.SetOutput(os.Stdout)
	values := []any{found, *found, found.KEY, found.DATABASE, *found.HIDDEN, found.UPSTREAMS, *found.PIN}
	values = append(values, holder{*found, found.PIN}, map[string]any{"a": found.KEY}, found.OLD_KEY)
	values = append(values, []settings.Secret[string]{found.KEY})
	for _, value := range values {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d", "%T"} {
			fmt.Printf(verb+"\\n", value)
		}
		fmt.Println(value)
		log.Println(value)
		text, err := json.Marshal(value)
		fmt.Println(string(text), err)
		text, err = xml.Marshal(value)
		fmt.Println(string(text), err)
		fmt.Println(gob.NewEncoder(io.Discard).Encode(value))
		fmt.Println(fmt.Errorf("a %w", errors.New(fmt.Sprint(value))))
		_ = template.Must(template.New("a").Parse("{{.}}\\n")).Execute(os.Stdout, value)
	}
	func() {
		defer func() { fmt.Println(recover()) }()
		panic(found.KEY)
	}()
	given = map[string]string{"KEY": "a", "PIN": "c4n", "PORT": "c4n4ry", "DATABASE": "c4n4ry:x"}
	_, err = settings.LoadFrom(find)
	fmt.Printf("%v %+v %#v\\n", err, err, err)
	isRight := found.KEY.Reveal() == "c4n4ry-key" && found.PIN.Reveal() == "c4n4ry-pin"
	fmt.Println(isRight, *found.UPSTREAMS[0].Token, found.WAIT, found.LEVEL)
}
"""


def test_typescript_takes_what_the_schema_takes_and_refuses_what_it_refuses(tsc: Path, tmp_path: Path) -> None:
    found = disagreements(lambda each: answers_in_node(each, tsc, tmp_path), environments(), verdicts(), LENIENT)
    assert found == []


def test_typescript_of_little_has_nothing_that_is_not_used(tsc: Path, tmp_path: Path) -> None:
    compiled_typescript(tsc, tmp_path, code("typescript", ALONE))


@pytest.mark.parametrize("texts", [TEXTS, random_texts(2000)], ids=["listed", "random"])
def test_hostile_texts_stay_texts_in_typescript(texts: tuple[str, ...], tsc: Path, tmp_path: Path) -> None:
    compiled_typescript(tsc, tmp_path, code("typescript", hostile_tree(texts)))
    (tmp_path / "main.js").write_text(NODE)
    assert asked(tmp_path, ("node", "main.js"), [hostile_environment(texts)]) == [[]]


def test_no_usual_way_of_showing_a_value_shows_a_secret_in_node(tsc: Path, tmp_path: Path) -> None:
    compiled_typescript(tsc, tmp_path, code("typescript"))
    (tmp_path / "main.js").write_text(LEAKS_IN_NODE)
    said = ran(tmp_path, ("node", "main.js", json.dumps(GIVEN)))
    assert "c4n4ry" not in said
    assert said.count("[hidden]") > 20
    assert said.endswith("true 80 90000 info\n")


def test_go_takes_what_the_schema_takes_and_refuses_what_it_refuses(tmp_path: Path) -> None:
    found = disagreements(lambda each: answers_in_go(each, tmp_path / "go"), environments(), verdicts(), LENIENT)
    assert found == []


def test_go_of_little_imports_nothing_that_is_not_used(tmp_path: Path) -> None:
    compiled_go(tmp_path / "go", code("go", ALONE))


@pytest.mark.parametrize("texts", [TEXTS, random_texts(2000)], ids=["listed", "random"])
def test_hostile_texts_stay_texts_in_go(texts: tuple[str, ...], tmp_path: Path) -> None:
    program = compiled_go(tmp_path / "go", code("go", hostile_tree(texts)), GO)
    assert asked(tmp_path, (program,), [hostile_environment(texts)]) == [[]]


def test_random_texts_are_never_refused_where_the_schema_takes_them(tsc: Path, tmp_path: Path) -> None:
    environments = random_environments(40_000, seed=2)
    given = [each for _, each in environments]
    for answers in (answers_in_node(given, tsc, tmp_path), answers_in_go(given, tmp_path / "go")):
        assert wrongly_refused(environments, answers) == []


def test_no_usual_way_of_showing_a_value_shows_a_secret_in_go(tmp_path: Path) -> None:
    program = compiled_go(tmp_path / "go", code("go"), LEAKS_IN_GO)
    said = ran(tmp_path, (program, json.dumps(GIVEN)))
    assert "c4n4ry" not in said
    assert said.count("[hidden]") > 20
    assert said.endswith("true [hidden] 1m30s info\n")
