"""The language of values: a layer file's text to entries, each exactly as written and with its line and column."""

from __future__ import annotations

import posixpath
import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from envtree.core.layers.references import Parts, habit_in, references, split, template_habit
from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.model.source import CONFIGS, refused_help
from envtree.core.model.tree import Entry
from envtree.core.model.vocabulary import Vocabulary
from envtree.core.render.mask import mask_passwords, one_line
from envtree.core.runit.envdir import is_plain_name, name_fault, value_fault
from envtree.core.yaml.document import MappingNode, Node, ScalarNode, compose, is_plain, span_of, tag_of, text_of
from envtree.core.yaml.file_tag import read_file_tag
from envtree.core.yaml.json_value import json_text

if TYPE_CHECKING:
    from envtree.core.model.diagnostic import Code
    from envtree.core.model.source import Source
    from envtree.core.model.tree import Span


Entries = dict[str, Entry]
_YAML_TAGS = frozenset(
    f"!!{name}" for name in ("binary", "bool", "float", "int", "map", "null", "seq", "set", "str", "timestamp")
)
TAGS = ("!expand", "!file", "!json", "!unset")
_NAME_HELP = "a name is letters, digits and `_`, such as `LOG_LEVEL`"
_ASSIGNMENT = re.compile(r"(?:export )?[A-Za-z_][A-Za-z0-9_]*=")
_COMMENTED = re.compile(r":?\s+#[^\s#]")
"""A comment that may be meant as a value: behind a `#` that begins one there is mostly a blank."""
_MAYBE_FILE = re.compile(rb"!file|![^\s!]*%|%TAG")
"""The tag `!file`, which can also be written as `!%66ile`, or by a handle of a `%TAG` line."""
WRONG = b"\0wrong".decode()
"""The text of a value that is reported as wrong; code compares it by identity, so no real text can equal it."""


def may_name_files(data: bytes) -> bool:
    """Return whether a layer file with these bytes can have a `!file`; only parsing says whether it has."""
    return _MAYBE_FILE.search(data) is not None


def parse(path: str, source: Source, *, sealed: bool = False) -> tuple[Entries, frozenset[str], tuple[Diagnostic, ...]]:
    """Return the entries of one layer file, the paths that its `!file`s name, and all that is wrong with it."""
    root, problems = compose(path, source.files[path])
    if root is None or (isinstance(root, ScalarNode) and root.value == "" and is_plain(root) and tag_of(root) is None):
        return {}, frozenset(), problems
    if not isinstance(root, MappingNode) or tag_of(root) is not None:
        return {}, frozenset(), (*problems, _not_a_mapping(path, root))
    reader = _Reader(path, source, sealed=sealed)
    entries = reader.entries(root)
    return entries, frozenset(reader.used), (*problems, *reader.problems)


def _not_a_mapping(path: str, root: Node) -> Diagnostic:
    return Diagnostic(
        "not-a-mapping",
        f"`{path}` is not a mapping of names to values",
        span_of(path, root),
        label="expected `NAME: value`",
        help="write one variable a line: `NAME: value`"
        + ("; `envtree import dotenv` reads lines of `NAME=value`" if _is_dotenv(root) else ""),
    )


def _is_dotenv(root: Node) -> bool:
    return isinstance(root, ScalarNode) and _ASSIGNMENT.match(root.value) is not None


class _Reader:
    """A reader of one file's nodes that collects what is wrong with them."""

    def __init__(self, path: str, source: Source, *, sealed: bool) -> None:
        self.path = path
        self.source = source
        self.sealed = sealed
        self.used: set[str] = set()
        self.problems: list[Diagnostic] = []

    def entries(self, root: MappingNode) -> Entries:
        found: Entries = {}
        for key, node in root.value:
            if self.sealed and key.value == "sops":
                continue
            entry = self.entry(key, node)
            if entry is None:
                continue
            first = found.setdefault(entry.name, entry)
            if first is not entry:
                self.problems.append(duplicate(first, entry))
        return found

    def entry(self, key: Node, node: Node) -> Entry | None:
        """Return the entry of one line, opaque if its value is reported as wrong; None if it has no valid name."""
        if not isinstance(key, ScalarNode):
            self.report("invalid-name", "a name is plain text, not a list or mapping", key, help=_NAME_HELP)
            return None
        name: str = key.value
        if tag_of(key) is not None:
            self.report(
                "invalid-name",
                f"a tag stands before the value, not before the name `{one_line(name)[:80]}`",
                key,
                help=_NAME_HELP,
            )
            return None
        if not is_plain_name(name) and not self.name(key):
            return None
        tag, parts = tag_of(node), None
        if self.sealed:
            text: str | None = ""
        elif tag is None and isinstance(node, ScalarNode):
            text = node.value if node.style else self.plain(name, node)
        elif tag == "!expand" and isinstance(node, ScalarNode):
            text, parts = self.expand(name, node)
        else:
            text = self.tagged(key, node, tag)
        opaque = self.sealed or text is WRONG
        if not opaque and text is not None and parts is None and (fault := value_fault(name, text)):
            self.report("unencodable-value", f"`{name}` {fault.message}", node, help=fault.help, variable=name)
            opaque = True
        start, end, where = node.start_mark, node.end_mark, key.start_mark
        length = end.column - start.column if end.line == start.line else 1
        return Entry(
            name,
            text,
            self.path,
            start.line + 1,
            start.column + 1,
            where.column + 1,
            where.line + 1,
            length,
            parts,
            references(parts),
            opaque,
            self.sealed,
        )

    def name(self, key: ScalarNode) -> bool:
        """Return whether an envdir can hold this name; that a schema declares it is checked with the schemas."""
        if key.value == "<<" and is_plain(key):
            advice = "layers do the merging: write the shared values in a wider layer"
            self.report("merge-key", "merge keys are not taken", key, help=advice)
            return False
        problem = invalid_name(key.value, span_of(self.path, key))
        self.problems += [problem] if problem else []
        return problem is None

    def plain(self, name: str, node: ScalarNode) -> str | None:
        """Return the text of a plain scalar; None for `~` and `null`, which remove a variable. No text is an error."""
        text: str = node.value
        if text in ("~", "null"):
            return None
        if text:
            return text
        advice = f'write `{name}: ""` for the empty string, `{name}: !unset` to remove an inherited value'
        line = self.source.line(self.path, node.start_mark.line + 1) or ""
        if _COMMENTED.match(line, node.start_mark.column):
            advice = f"what stands behind it is a comment: text that starts with `#` needs quotes; or {advice}"
        return self.report("missing-value", f"`{name}` has nothing after it", node, help=advice, variable=name)

    def tagged(self, key: ScalarNode, node: Node, tag: str | None) -> str | None:
        """Return the text of a value that has a tag or is a collection."""
        name: str = key.value
        if tag == "!json":
            text, problem = json_text(self.path, node)
            self.problems += [replace(problem, variable=name)] if problem else []
            return WRONG if text is None else text
        if tag is not None and tag not in TAGS:
            return self.unknown_tag(name, node, tag)
        if tag == "!file":
            return self.file(name, node)
        if not isinstance(node, ScalarNode):
            kind = "mapping" if isinstance(node, MappingNode) else "list"
            advice = f"write `{name}: !json ...` to pass it as JSON, or one variable for each part"
            where = key if node.start_mark.line > key.start_mark.line else node
            message = f"`{name}` is a {kind}, and a variable is text"
            return self.report("nested-value", message, where, help=advice, variable=name)
        if node.value:
            message, advice = f"`!unset` takes no value, but `{name}` has one", f"write `{name}: !unset`"
            return self.report("invalid-unset", message, node, help=advice, variable=name)
        return None

    def unknown_tag(self, name: str, node: Node, tag: str) -> str:
        tag = tag.replace("tag:yaml.org,2002:", "!!")
        advice = f"the tags are {', '.join(TAGS)}; text that starts with `!` needs quotes"
        if tag in _YAML_TAGS:
            advice = "a value is text already: leave the tag out"
        near = did_you_mean(tag, TAGS)  # what looks like no tag at all may be a password that starts with `!`
        known = f"has the unknown tag `{tag}`{near}" if near or tag in _YAML_TAGS else "starts with an unknown tag"
        return self.report("unknown-tag", f"`{name}` {known}", node, help=advice, variable=name)

    def file(self, name: str, tagged: Node) -> str:
        """Return the content of a file inside `configs/`, whose path is relative to the layer file's folder."""
        tag = read_file_tag(self.path, name, tagged)
        if isinstance(tag, Diagnostic):
            self.problems.append(tag)
            return WRONG
        node = tag.path
        folder = posixpath.dirname(self.path)
        path = posixpath.normpath(posixpath.join(folder, node.value))
        if node.value.startswith("/") or not path.startswith(CONFIGS):
            message = f"`{name}` names a file outside of `{CONFIGS}`"
            advice = "copy the file beside this layer file"
            return self.report("file-outside", message, node, help=advice, shown=True, variable=name)
        self.used.add(path)
        if path in self.source.refused:
            code, message = self.source.refused[path]
            return self.report(code, message, node, help=refused_help(code), shown=True, variable=name)
        if path not in self.source.files:
            known = _beside(self.source, folder, posixpath.dirname(path)).did_you_mean(node.value)
            unread = posixpath.basename(path).startswith(".") or path.endswith((".md", ".markdown"))
            why = "and dotfiles and Markdown are not read" if unread else f"which is not there{known}"
            message = f"`{name}` names `{path}`, {why}"
            advice = f"the path starts from `{folder}`"
            return self.report("file-not-found", message, node, help=advice, shown=True, variable=name)
        text, problems = text_of(path, self.source.files[path])
        self.problems.extend(problems)
        if text is None:
            return WRONG
        return text.rstrip("\r\n") if tag.strip else text

    def expand(self, name: str, node: ScalarNode) -> tuple[str, Parts | None]:
        parts = split(node.value)
        habit = habit_in(node.value) if parts is None else template_habit(parts)
        if habit is None:
            return node.value, parts
        return self.report("invalid-reference", f"`{name}` {habit.fault}", node, help=habit.help, variable=name), None

    def report(
        self,
        code: Code,
        message: str,
        node: Node,
        *,
        help: str = "",  # noqa: A002
        shown: bool = False,
        variable: str = "",
    ) -> str:
        """Record what is wrong, and return `WRONG` for the value."""
        span = span_of(self.path, node)
        self.problems.append(Diagnostic(code, message, span, help=help, shown=shown, variable=variable))
        return WRONG


def invalid_name(name: str, span: Span) -> Diagnostic | None:
    """Return the diagnostic for a name that no envdir can hold."""
    fault = name_fault(name)
    if fault is None:
        return None
    shown = one_line(mask_passwords(name.partition("=")[0] + "=" * ("=" in name)))[:80] or '""'
    return Diagnostic("invalid-name", f"`{shown}` {fault.message}", span, help=fault.help or _NAME_HELP)


@lru_cache(maxsize=8)
def _beside(source: Source, folder: str, named: str) -> Vocabulary:
    """Return the names that the files in a folder have in a layer of another folder."""
    return Vocabulary(posixpath.relpath(path, folder) for path in source.files_in(named))


def duplicate(first: Entry, again: Entry) -> Diagnostic:
    """Return the diagnostic for a name that is set twice in one layer."""
    return Diagnostic(
        "duplicate-variable",
        f"`{again.name}` is set twice in one layer",
        again.name_span,
        label="set again here",
        notes=(f"first set at {first.name_span}",),
        help="keep one of the two",
        variable=again.name,
    )
