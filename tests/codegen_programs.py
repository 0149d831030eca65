"""Programs around generated code: each reads environments, a JSON object a line, and says for each what is wrong."""

from __future__ import annotations

import json
import subprocess
import sys
import types
from typing import TYPE_CHECKING, Any

from tests.codegen_cases import code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

Answers = list[list[str]]
"""For each environment, the faults that its loader names."""


def python_module(text: str, name: str = "generated_settings") -> Any:
    """Return generated Python as a module, with an empty environment of its own until it is loaded."""
    module = types.ModuleType(name)
    sys.modules[name] = module  # dataclasses look for the module of a class
    try:
        exec(compile(text, name, "exec"), module.__dict__)
    finally:
        del sys.modules[name]
    return module


def answers_in_python(environments: Iterable[dict[str, str]], text: str) -> Answers:
    """What generated Python says."""
    module = python_module(text)
    found: Answers = []
    for environment in environments:
        try:
            module.load(environment)
            found.append([])
        except module.SettingsError as error:
            found.append(list(error.faults))
    return found


RUBY = """\
require "json"
require_relative "settings"
$stdin.each_line do |line|
  AccountsSettings.load(JSON.parse(line))
  puts "[]"
rescue AccountsSettings::Error => error
  puts JSON.generate(error.faults)
end
"""


def asked(folder: Path, command: Iterable[str | Path], environments: Iterable[dict[str, str]], **more: str) -> Answers:
    """What a program answers to these environments."""
    lines = "".join(f"{json.dumps(each)}\n" for each in environments)
    done = ran(folder, command, lines, **more)
    return [json.loads(line) for line in done.splitlines()]


def ran(folder: Path, command: Iterable[str | Path], given: str = "", **more: str) -> str:
    """What a program writes; it must end well, and complain of nothing."""
    import os

    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        input=given,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout


def answers_in_ruby(environments: Iterable[dict[str, str]], folder: Path, text: str | None = None) -> Answers:
    """What generated Ruby says, with all warnings on."""
    (folder / "settings.rb").write_text(code("ruby") if text is None else text)
    (folder / "main.rb").write_text(RUBY)
    return asked(folder, ("ruby", "-w", "main.rb"), environments, LANG="C")


NODE = """\
import { createInterface } from "node:readline";
import { load, SettingsError } from "./settings.js";
for await (const line of createInterface({ input: process.stdin })) {
  try {
    load(JSON.parse(line));
    console.log("[]");
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    console.log(JSON.stringify(error.faults));
  }
}
"""
TSC_OPTIONS = (
    *("--strict", "--target", "es2022", "--module", "nodenext", "--noUncheckedIndexedAccess", "--noUnusedLocals"),
    *("--exactOptionalPropertyTypes", "--noUnusedParameters", "--noImplicitOverride", "--verbatimModuleSyntax"),
    *("--erasableSyntaxOnly", "--noPropertyAccessFromIndexSignature", "--noImplicitReturns", "--isolatedModules"),
)


def compiled_typescript(tsc: Path, folder: Path, text: str) -> None:
    """Compile generated TypeScript, as strictly as its compiler can."""
    (folder / "settings.ts").write_text(text)
    (folder / "package.json").write_text('{"type": "module"}')
    ran(folder, (tsc, *TSC_OPTIONS, "settings.ts"))


def answers_in_node(environments: Iterable[dict[str, str]], tsc: Path, folder: Path) -> Answers:
    """What generated TypeScript says."""
    compiled_typescript(tsc, folder, code("typescript"))
    (folder / "main.js").write_text(NODE)
    return asked(folder, ("node", "main.js"), environments)


GO = """\
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"program/settings"
)

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var environment map[string]string
		if err := json.Unmarshal(lines.Bytes(), &environment); err != nil {
			panic(err)
		}
		faults := []string{}
		_, err := settings.LoadFrom(func(name string) (string, bool) {
			text, found := environment[name]
			return text, found
		})
		var wrong *settings.Error
		if errors.As(err, &wrong) {
			faults = wrong.Faults
		}
		answer, _ := json.Marshal(faults)
		fmt.Println(string(answer))
	}
}
"""


def compiled_go(folder: Path, text: str, program: str = GO) -> Path:
    """Compile generated Go with a program around it, after gofmt and vet have found nothing."""
    (folder / "settings").mkdir(parents=True)
    (folder / "settings/settings.go").write_text(text)
    (folder / "main.go").write_text(program)
    (folder / "go.mod").write_text("module program\n\ngo 1.18\n")
    more = {"HOME": str(folder), "GOCACHE": str(folder.parent / "go-cache"), "GOFLAGS": "-mod=mod", "GOPROXY": "off"}
    assert ran(folder, ("gofmt", "-l", "settings")) == ""
    ran(folder, ("go", "vet", "./..."), **more)
    ran(folder, ("go", "build", "-o", "program", "."), **more)
    return folder / "program"


def answers_in_go(environments: Iterable[dict[str, str]], folder: Path) -> Answers:
    """What generated Go says."""
    return asked(folder, (compiled_go(folder, code("go")),), environments)


def disagreements(
    answer: Callable[[list[dict[str, str]]], Answers],
    environments: list[tuple[str, dict[str, str]]],
    verdicts: list[bool],
    lenient: frozenset[tuple[str, str]],
) -> list[str]:
    """What a loader takes, and the schema does not, or the other way round; `lenient` says what a loader may take."""
    answers = answer([environment for _, environment in environments])
    assert len(answers) == len(environments)
    found = []
    for (name, environment), faults, is_valid in zip(environments, answers, verdicts, strict=True):
        if bool(faults) == is_valid and (is_valid or (name, environment[name]) not in lenient):
            found.append(
                f"{name}={environment[name][:60]!r}: the schema {'takes' if is_valid else 'refuses'} it, {faults}"
            )
        assert all(fault.startswith(name) for fault in faults), (name, faults)
    return found
