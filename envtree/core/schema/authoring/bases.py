"""Classes and objects that look like a schema and govern nothing: of `BaseSettings` and `BaseModel`, and instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.schema.declarations import assignments, declarations, mentions
from envtree.core.schema.language import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_HELP = "write `from envtree import Settings`, and `class {name}(Settings):`"
INSTANCE_HELP = "a schema only declares classes; the program makes the instance, in a module of its own"


def wrong_bases(content: Mapping[str, Any], module: str, path: str, texts: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each class of a module that governs nothing since it derives from another base.

    A model that something else in the schemas mentions is part of a type.
    """
    for name, value in tuple(content.items()):
        if not (isinstance(value, type) and issubclass(value, BaseModel) and value.__module__ == module):
            continue
        base = next((each.__name__ for each in value.__mro__ if each.__name__ == "BaseSettings"), "BaseModel")
        if base == "BaseModel" and (issubclass(value, Settings) or _is_mentioned(value.__name__, texts)):
            continue
        yield Diagnostic(
            "wrong-base",
            f"`{name}` derives from `{base}`, so it governs nothing",
            declarations(path, texts[path]).get(value.__name__, {}).get(""),
            help=_HELP.format(name=value.__name__),
            shown=True,
        )


def instances(content: Mapping[str, Any], path: str, text: str) -> Iterator[Diagnostic]:
    """Yield a diagnostic for each object of a schema class that a module makes: it has none of the tree's values."""
    for name, value in tuple(content.items()):
        if isinstance(value, Settings) and name in assignments(path, text):
            yield Diagnostic(
                "misplaced-instance",
                f"`{name}` is made when the schema is read, where no variable is set",
                assignments(path, text)[name],
                help=INSTANCE_HELP,
                shown=True,
            )


def _is_mentioned(name: str, texts: Mapping[str, str]) -> bool:
    return any(name in mentions(text) for text in texts.values())
