"""What `heroku:` in envtree.yaml says: which app is which part of the tree, and what may differ from it, and why."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from envtree.core.model.diagnostic import Diagnostic, did_you_mean
from envtree.core.model.selector import selects
from envtree.core.model.source import SETTINGS, refused_help
from envtree.core.model.tree import Span
from envtree.core.settings.reader import KEYS, Reader
from envtree.core.yaml.document import MappingNode, SequenceNode, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.model.source import Source
    from envtree.core.settings.reader import Field
    from envtree.core.yaml.document import Node, ScalarNode

Owner = Literal["team", "add-on", "platform", "run-time", "buildpack"]
OWNERS: tuple[Owner, ...] = get_args(Owner)
"""Who decides what a variable holds."""
ENVIRONMENT, SERVICE = "{environment}", "{service}"
"""What stands for the two in a pattern."""
SAY_WHY = "say why, for whoever reads it in a year"
_ANSWERS = ("true", "false")
_LITERAL = re.compile(r"[a-z0-9-]*")
_RELEASE = re.compile(r"[1-9][0-9]{0,8}")
_SELECTOR = re.compile(r"[^/]+(?:/[^/]+)?")


class Deployment(NamedTuple):
    """Where an app belongs in a tree: one service in one environment."""

    environment: str
    service: str

    def __str__(self) -> str:
        return f"{self.environment}/{self.service}"


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the table: the app that gives a cell its variables, and the release that was imported last."""

    app: str
    span: Span
    release: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """A variable that may differ: by name in the cells that a selector names (empty: all), or all of one owner."""

    name: str
    """The variable; empty for all that `owner` owns."""
    owner: str
    selector: str
    reason: str
    span: Span

    def covers(self, cell: Deployment, name: str, owner: str) -> bool:
        """Whether it is about this variable of this cell."""
        if name != self.name if self.name else owner != self.owner:
            return False
        return not self.selector or selects(self.selector, cell)


@dataclass(frozen=True, slots=True)
class HerokuSettings:
    """The whole of it; all may be missing."""

    pipelines: bool | None = None
    """None where nothing is said of them."""
    app: str = ""
    """A pattern such as `acme-{service}-{environment}`; empty: none."""
    apps: Mapping[Deployment, Link] = field(default_factory=dict)
    skip: Mapping[str, str] = field(default_factory=dict)
    """Apps that are left on Heroku, with the reason."""
    expect: tuple[Expectation, ...] = ()
    span: Span | None = None
    """Where `heroku:` stands; None where it doesn't."""


def read_heroku_settings(source: Source) -> tuple[HerokuSettings, tuple[Diagnostic, ...]]:
    """What a source says under `heroku:`, and what is wrong with it; the rest of its settings may be missing."""
    if SETTINGS in source.refused:
        code, message = source.refused[SETTINGS]
        return HerokuSettings(), (Diagnostic(code, message, Span(SETTINGS, 1, 1, 0), help=refused_help(code)),)
    reader = Reader(SETTINGS)
    root = reader.document(source, KEYS) if SETTINGS in source.files else {}
    settings = read_heroku(reader, *root["heroku"]) if root and "heroku" in root else HerokuSettings()
    return settings, tuple(reader.problems)


def read_heroku(reader: Reader, key: ScalarNode, node: Node) -> HerokuSettings:
    """The block as its author wrote it; what is wrong with it stays with the reader."""
    fields = reader.mapping(node, ("pipelines", "app", "apps", "skip", "expect", "expect_owners"), "`heroku`")
    apps = _apps(reader, fields)
    skip = _skip(reader, fields, {link.app: cell for cell, link in apps.items()})
    pipelines = reader.word(fields["pipelines"][1], "pipelines", _ANSWERS, "answer") if "pipelines" in fields else None
    return HerokuSettings(
        None if pipelines is None else pipelines == "true",
        _pattern(reader, fields["app"][1]) if "app" in fields else "",
        apps,
        skip,
        (*_expect(reader, fields), *_expect_owners(reader, fields)),
        span_of(reader.path, key),
    )


def _pattern(reader: Reader, node: Node) -> str:
    text = reader.text(node, "app") or ""
    rest = text.replace(ENVIRONMENT, "", 1).replace(SERVICE, "", 1)
    if not text or (_LITERAL.fullmatch(rest) and len(rest) == len(text) - len(ENVIRONMENT) - len(SERVICE)):
        return text
    fault = "the rest of it is small letters, digits and `-`"
    for each in (SERVICE, ENVIRONMENT):
        if text.count(each) != 1:
            fault = f"`{each}` stands in it {'more than once' if each in text else 'nowhere'}"
    advice = "write both once, such as `acme-{service}-{environment}`"
    reader.report("invalid-setting", f"`{text}` is no pattern for the names of apps", node, fault, help=advice)
    return ""


def _apps(reader: Reader, fields: dict[str, Field]) -> dict[Deployment, Link]:
    """The table; an app gives one cell its variables."""
    links: dict[Deployment, Link] = {}
    named: dict[str, Span] = {}
    for name, (key, node) in _mapping(reader, fields, "apps").items():
        cell = _cell(reader, name, span_of(reader.path, key))
        link = _link(reader, name, key, node)
        if link and link.app in named:
            message = f"`{link.app}` is named twice, and an app gives one service in one environment its variables"
            note = f"first named at {named[link.app]}"
            reader.problems.append(Diagnostic("invalid-setting", message, link.span, notes=(note,), shown=True))
        elif link:
            named[link.app] = link.span
            links |= {cell: link} if cell else {}
    return links


def _cell(reader: Reader, text: str, span: Span) -> Deployment | None:
    parts = text.split("/")
    if len(parts) != len(Deployment._fields):
        message, label = f"`{text}` is no `environment/service`", "expected an environment, `/` and a service"
        reader.problems.append(Diagnostic("invalid-setting", message, span, label, shown=True))
        return None
    before = len(reader.problems)
    for part, what in zip(parts, Deployment._fields, strict=True):
        reader.check_name(part, span, what)
    return Deployment(*parts) if len(reader.problems) == before else None


def _link(reader: Reader, name: str, key: ScalarNode, node: Node) -> Link | None:
    """An app by its name alone, or `{app, release}`."""
    if not isinstance(node, MappingNode):
        text = reader.text(node, name)
        return Link(text, span_of(reader.path, node)) if text else None
    fields = reader.mapping(node, ("app", "release"), f"`{name}`")
    release = reader.optional(fields, "release", reader.text)
    if release and not _RELEASE.fullmatch(release):
        advice = "`heroku releases` lists them: of `v41`, write `41`"
        message = f"`{release}` is no number of a release"
        reader.report("invalid-setting", message, fields["release"][1], "expected 1 or more", help=advice)
        release = None
    if "app" not in fields:
        reader.missing("app", f"`{name}`", span_of(reader.path, key), f"write `{name}: {{app: ...}}`")
        return None
    text = reader.text(fields["app"][1], "app")
    return Link(text, span_of(reader.path, fields["app"][1]), int(release) if release else None) if text else None


def _skip(reader: Reader, fields: dict[str, Field], cells: Mapping[str, Deployment]) -> dict[str, str]:
    """Apps with the reason; none of them is in the table."""
    found: dict[str, str] = {}
    for name, (key, node) in _mapping(reader, fields, "skip").items():
        if name in cells:
            advice = "keep one of the two"
            reader.report(
                "invalid-setting", f"`{name}` is skipped, and the table gives it {cells[name]}", key, help=advice
            )
        elif reason := reader.text(node, name, SAY_WHY):
            found[name] = reason
    return found


def _expect(reader: Reader, fields: dict[str, Field]) -> Iterator[Expectation]:
    for name, (key, node) in _mapping(reader, fields, "expect").items():
        span = span_of(reader.path, key)
        if not isinstance(node, MappingNode):
            reason = reader.text(node, name, SAY_WHY)
            yield from (Expectation(name, "", "", reason, span),) if reason else ()
            continue
        inner = reader.mapping(node, ("in", "reason"), f"`{name}`")
        selectors = _selectors(reader, inner["in"][1]) if "in" in inner else {"": span}
        if "reason" not in inner:
            reader.missing("reason", f"`{name}`", span, "write `reason: ...`")
        elif reason := reader.text(inner["reason"][1], "reason", SAY_WHY):
            yield from (Expectation(name, "", selector, reason, at) for selector, at in selectors.items())


def _expect_owners(reader: Reader, fields: dict[str, Field]) -> Iterator[Expectation]:
    owners = tuple(owner for owner in OWNERS if owner != "team")
    for name, (key, node) in _mapping(reader, fields, "expect_owners").items():
        if name not in owners:
            message = f"`{name}` sets no variables{did_you_mean(name, owners)}"
            choices = ", ".join(f"`{owner}`" for owner in owners)
            reader.report("invalid-setting", message, key, f"expected one of {choices}")
        elif reason := reader.text(node, name, SAY_WHY):
            yield Expectation("", name, "", reason, span_of(reader.path, key))


def _selectors(reader: Reader, node: Node) -> dict[str, Span]:
    """Selectors of cells, each where it stands."""
    pairs = reader.texts(node, "in") if isinstance(node, SequenceNode) else [(reader.text(node, "in"), node)]
    found: dict[str, Span] = {}
    for text, each in pairs:
        if text and not _SELECTOR.fullmatch(text):
            label = "expected `environment` or `environment/service`"
            reader.report("invalid-setting", f"`{text}` selects no service in an environment", each, label)
        elif text:
            found.setdefault(text, span_of(reader.path, each))
    if isinstance(node, SequenceNode) and not node.value:
        reader.report(
            "invalid-setting", "`in` is empty", node, help="leave it out where the variable may differ anywhere"
        )
    return found


def _mapping(reader: Reader, fields: dict[str, Field], key: str) -> dict[str, Field]:
    return reader.mapping(fields[key][1], None, f"`{key}`") if key in fields else {}
