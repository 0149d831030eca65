"""`heroku:` in envtree.yaml: which app is which part of the tree, and which variables may differ, with the reason."""

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
    from collections.abc import Iterable, Iterator, Mapping

    from envtree.core.model.source import Source
    from envtree.core.settings.reader import Field
    from envtree.core.yaml.document import Node, ScalarNode

Owner = Literal["team", "add-on", "platform", "run-time", "buildpack"]
OWNERS: tuple[Owner, ...] = get_args(Owner)
"""Who decides the value of a variable."""
ENVIRONMENT, SERVICE = "{environment}", "{service}"
"""The placeholders for the two in a pattern."""
SAY_WHY = "say why, for whoever reads it in a year"
_ANSWERS = ("true", "false")
_GLOB = frozenset("*?[")
_LITERAL = re.compile(r"[a-z0-9-]*")
_RELEASE = re.compile(r"[1-9][0-9]{0,8}")
_SELECTOR = re.compile(r"[^/]+(?:/[^/]+)?")


class Deployment(NamedTuple):
    """One service in one environment: the part of a tree that an app belongs to."""

    environment: str
    service: str

    def __str__(self) -> str:
        return "/".join(self)


@dataclass(frozen=True, slots=True)
class Link:
    """A line of the table `apps`: the app that has a deployment's variables, and the release that was imported last."""

    app: str
    span: Span
    release: int | None = None


@dataclass(frozen=True, slots=True)
class Expectation:
    """Variables that may differ: one by name, or all of an owner, in the deployments that `selector` selects."""

    name: str
    """The variable; empty for all that `owner` owns."""
    owner: str
    selector: str
    """Empty for all deployments."""
    reason: str
    span: Span

    @property
    def is_exact(self) -> bool:
        """Whether the selector is a name, and no glob."""
        return _GLOB.isdisjoint(self.selector)

    def is_about(self, deployment: Deployment) -> bool:
        """Return whether the selector names a deployment."""
        return not self.selector or selects(self.selector, deployment)


class ExpectationIndex:
    """Expectations by their variable or owner, and by their selectors; of several that fit, the first counts."""

    def __init__(self, expectations: Iterable[Expectation]) -> None:
        self._exact: dict[tuple[str, str, str], tuple[int, Expectation]] = {}
        self._globs: dict[tuple[str, str], list[tuple[int, Expectation]]] = {}
        for number, each in enumerate(expectations):
            owner = "" if each.name else each.owner
            if each.is_exact:
                self._exact.setdefault((each.name, owner, each.selector), (number, each))
            else:
                self._globs.setdefault((each.name, owner), []).append((number, each))

    def covering(self, deployment: Deployment, name: str, owner: str) -> Expectation | None:
        """Return the expectation about a variable of a deployment, if there is one."""
        found = [
            self._exact[topic, whose, selector]
            for topic, whose in ((name, ""), ("", owner))
            for selector in ("", deployment.environment, str(deployment))
            if (topic, whose, selector) in self._exact
        ]
        for topic in ((name, ""), ("", owner)):
            found += (each for each in self._globs.get(topic, ()) if each[1].is_about(deployment))
        return min(found, key=lambda each: each[0])[1] if found else None


@dataclass(frozen=True, slots=True)
class HerokuSettings:
    """Everything under `heroku:`; any of it may be missing."""

    pipelines: bool | None = None
    """None if the setting is missing."""
    app: str = ""
    """A pattern such as `acme-{service}-{environment}`; empty if there is none."""
    apps: Mapping[Deployment, Link] = field(default_factory=dict)
    skip: Mapping[str, str] = field(default_factory=dict)
    """The apps that stay on Heroku, with the reason."""
    expect: tuple[Expectation, ...] = ()
    span: Span | None = None
    """The span of `heroku:`; None if it is missing."""


def read_heroku_settings(source: Source) -> tuple[HerokuSettings, tuple[Diagnostic, ...]]:
    """Return the settings under `heroku:`, and what is wrong with them; the other settings may be missing."""
    if SETTINGS in source.refused:
        code, message = source.refused[SETTINGS]
        return HerokuSettings(), (Diagnostic(code, message, Span(SETTINGS, 1, 1, 0), help=refused_help(code)),)
    reader = Reader(SETTINGS)
    root = reader.document(source, KEYS) if SETTINGS in source.files else {}
    settings = read_heroku(reader, *root["heroku"]) if root and "heroku" in root else HerokuSettings()
    return settings, tuple(reader.problems)


def read_heroku(reader: Reader, key: ScalarNode, node: Node) -> HerokuSettings:
    """Return the settings of a `heroku:` block; the reader collects what is wrong with them."""
    fields = reader.mapping(node, ("pipelines", "app", "apps", "skip", "expect", "expect_owners"), "`heroku`")
    apps = _apps(reader, fields)
    skip = _skip(reader, fields, {link.app: deployment for deployment, link in apps.items()})
    answer = reader.choice(fields["pipelines"][1], "pipelines", _ANSWERS, "answer") if "pipelines" in fields else None
    return HerokuSettings(
        None if answer is None else answer == "true",
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
    """Return the table `apps`; an app belongs to one deployment only."""
    links: dict[Deployment, Link] = {}
    named: dict[str, Span] = {}
    for name, (key, node) in _mapping(reader, fields, "apps").items():
        deployment = _deployment(reader, name, span_of(reader.path, key))
        link = _link(reader, name, key, node)
        if link and link.app in named:
            message = f"`{link.app}` is named twice, and an app gives one service in one environment its variables"
            note = f"first named at {named[link.app]}"
            reader.problems.append(Diagnostic("invalid-setting", message, link.span, notes=(note,), shown=True))
        elif link:
            named[link.app] = link.span
            links |= {deployment: link} if deployment else {}
    return links


def _deployment(reader: Reader, text: str, span: Span) -> Deployment | None:
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
    """Return an app that is written as its name alone, or as `{app, release}`."""
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


def _skip(reader: Reader, fields: dict[str, Field], deployments: Mapping[str, Deployment]) -> dict[str, str]:
    """Return the skipped apps with the reason; an app in the table `apps` can't be one of them."""
    found: dict[str, str] = {}
    for name, (key, node) in _mapping(reader, fields, "skip").items():
        if name in deployments:
            advice = "keep one of the two"
            reader.report(
                "invalid-setting", f"`{name}` is skipped, and the table gives it {deployments[name]}", key, help=advice
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
    """Return selectors of deployments, each with its span."""
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
