"""One schema as envtree judges it, and as pydantic-settings does on the same environment."""

from __future__ import annotations

import os
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from pydantic import ValidationError
from pydantic_settings import BaseSettings, SettingsError

from envtree.core.model.diagnostic import errors
from tests.builders import compiled, small_tree

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Diagnostic

OURS, THEIRS = "from envtree import Settings\n", "from pydantic_settings import BaseSettings as Settings\n"


def refusals(schema: str, values: dict[str, str], types: str = "") -> tuple[Diagnostic, ...]:
    """The errors of envtree; warnings are none."""
    layer = "".join(f"{name}: {_quoted(text)}\n" for name, text in values.items())
    files = small_tree(**{"configs/common.yaml": layer, "schemas/common.py": schema, "schemas/_types.py": types})
    return errors(compiled(files)[1])


def _quoted(text: str) -> str:
    letters = (f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else f"\\U{ord(letter):08x}" for letter in text)
    return f'"{"".join(letters)}"'


class Peer:
    """The class `Config` of a schema, with pydantic-settings in place of envtree."""

    def __init__(self, schema: str, types: str = "") -> None:
        namespaces: dict[str, dict[str, Any]] = {}
        for name, text in {"schemas._types": types, "schemas.common": schema.replace(OURS, THEIRS)}.items():
            module = ModuleType(name)
            with patch.dict(sys.modules, {"schemas._types": _module("schemas._types", namespaces), name: module}):
                exec(compile(text, name, "exec", dont_inherit=True), module.__dict__)
            namespaces[name] = module.__dict__
        self.model: type[BaseSettings] = namespaces["schemas.common"]["Config"]

    def accepts(self, values: dict[str, str]) -> bool:
        """Whether it makes an instance of an environment that has nothing else."""
        with patch.dict(os.environ, values, clear=True):
            try:
                self.model()
            except (ValidationError, SettingsError):
                return False
        return True


def _module(name: str, namespaces: dict[str, dict[str, Any]]) -> ModuleType:
    module = ModuleType(name)
    module.__dict__.update(namespaces.get(name, {}))
    return module
