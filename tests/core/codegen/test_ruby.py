"""Generated Ruby: it runs without a warning, it takes what the schema takes, and it shows no secret."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.codegen_cases import LENIENT, REQUIRED, code, environments, verdicts
from tests.codegen_hostile import TEXTS, hostile_environment, hostile_tree, random_texts
from tests.codegen_programs import answers_in_ruby, disagreements, ran
from tests.codegen_random import random_environments, wrongly_refused

if TYPE_CHECKING:
    from pathlib import Path

LEAKS = """\
require "json"
require "logger"
require "pp"
require "yaml"
require_relative "settings"
found = AccountsSettings.load(JSON.parse($stdin.read))
[found, found.KEY, found.DATABASE, found.HIDDEN, found.UPSTREAMS, [found.PIN], { a: found.PIN }].each do |value|
  puts value.inspect, value.to_s, "#{value}", format("%s %p", value, value), value.to_json, JSON.generate([value])
  pp value
  Logger.new($stdout).info(value)
  puts YAML.dump(value) unless value.equal?(found)
end
puts found.KEY.instance_variables.map { |name| found.KEY.instance_variable_get(name).inspect }
begin
  found.KEY.upcase
rescue NoMethodError => error
  puts error.message, error.full_message
end
begin
  Marshal.dump(found.KEY)
rescue TypeError => error
  puts error.message
end
begin
  "a" + found.KEY
rescue TypeError => error
  puts error.message
end
begin
  AccountsSettings.load({ "KEY" => "a", "PIN" => "c4n", "PORT" => "c4n4ry", "DATABASE" => "c4n4ry:x" })
rescue AccountsSettings::Error => error
  puts error.full_message, error.inspect, error.cause.inspect
end
puts found.KEY.reveal == "c4n4ry-key", found.frozen?, found.UPSTREAMS[0].port, found.WAIT, found.LEVEL, found.class_
"""


def test_it_takes_what_the_schema_takes_and_refuses_what_it_refuses(tmp_path: Path) -> None:
    assert disagreements(lambda each: answers_in_ruby(each, tmp_path), environments(), verdicts(), LENIENT) == []


def test_random_texts_are_never_refused_where_the_schema_takes_them(tmp_path: Path) -> None:
    environments = random_environments(1500)
    answers = answers_in_ruby([each for _, each in environments], tmp_path)
    assert wrongly_refused(environments, answers) == []


@pytest.mark.parametrize("texts", [TEXTS, random_texts(80)], ids=["listed", "random"])
def test_hostile_texts_stay_texts(texts: tuple[str, ...], tmp_path: Path) -> None:
    text = code("ruby", hostile_tree(texts))
    assert answers_in_ruby([hostile_environment(texts)], tmp_path, text) == [[]]


def test_no_usual_way_of_showing_a_value_shows_a_secret(tmp_path: Path) -> None:
    (tmp_path / "settings.rb").write_text(code("ruby"))
    (tmp_path / "main.rb").write_text(LEAKS)
    hidden = {"HIDDEN": '{"c4n4ry-key": {"host": "c4n4ry", "token": "c4n4ry"}}', "PIN": "c4n4ry-pin"}
    given = {**REQUIRED, **hidden, "UPSTREAMS": '[{"host": "h", "token": "c4n4ry-token"}]', "WAIT": "1m30s"}
    said = ran(tmp_path, ("ruby", "main.rb"), json.dumps(given))
    assert "c4n4ry" not in said
    assert said.count("[hidden]") > 20
    assert said.endswith("true\ntrue\n80\n90.0\ninfo\nx\n")
    assert "PORT is not an integer, written as digits alone" in said
