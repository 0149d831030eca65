"""`heroku:` in envtree.yaml, read: apps, patterns, what is skipped, and what was confirmed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from envtree.core.model.diagnostic import Diagnostic
from envtree.core.model.source import SETTINGS, refused_help
from envtree.core.model.tree import Span
from envtree.core.settings.expect_reader import SAY_WHY, expect, expect_clear, expect_owners, table
from envtree.core.settings.heroku import ENVIRONMENT, SERVICE, AppPattern, Deployment, HerokuSettings, Link
from envtree.core.settings.reader import KEYS, Reader
from envtree.core.yaml.document import MappingNode, SequenceNode, span_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from envtree.core.model.source import Source
    from envtree.core.settings.reader import Field
    from envtree.core.yaml.document import Node, ScalarNode

_KEYS = ("pipelines", "app", "apps", "skip", "expect", "expect_owners", "expect_clear", "confirmed")
_ANSWERS = ("true", "false")
_LITERAL = re.compile(r"[a-z0-9-]*")
_RELEASE = re.compile(r"[1-9][0-9]{0,8}")


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
    fields = reader.mapping(node, _KEYS, "`heroku`")
    apps = _apps(reader, fields)
    skip = _skip(reader, fields, {link.app: deployment for deployment, link in apps.items()})
    answer = reader.choice(fields["pipelines"][1], "pipelines", _ANSWERS, "answer") if "pipelines" in fields else None
    return HerokuSettings(
        None if answer is None else answer == "true",
        tuple(_patterns(reader, fields["app"][1])) if "app" in fields else (),
        apps,
        skip,
        (
            *expect(reader, table(reader, fields, "expect")),
            *expect_owners(reader, table(reader, fields, "expect_owners")),
        ),
        tuple(expect_clear(reader, table(reader, fields, "expect_clear"))),
        _confirmed(reader, fields),
        span_of(reader.path, key),
    )


def _patterns(reader: Reader, node: Node) -> Iterator[AppPattern]:
    """Yield the pattern, or those of a list."""
    for each in node.value if isinstance(node, SequenceNode) else (node,):
        if found := _pattern(reader, each):
            yield found


def _pattern(reader: Reader, node: Node) -> AppPattern | None:
    """Return a pattern that is a text, or, where it says no environment, `{name, environment}`."""
    if not isinstance(node, MappingNode):
        text = reader.text(node, "app")
        return AppPattern(text) if text and _is_pattern(reader, text, node, (SERVICE, ENVIRONMENT)) else None
    fields = reader.mapping(node, ("name", "environment"), "`app`")
    before = len(reader.problems)
    for key in ("name", "environment"):
        if key not in fields:
            reader.missing(
                key, "`app`", span_of(reader.path, node), 'write `{name: "acme-{service}", environment: production}`'
            )
    text, environment = (reader.optional(fields, key, reader.text) for key in ("name", "environment"))
    if environment:
        reader.check_name(environment, span_of(reader.path, fields["environment"][1]), "environment")
    is_right = text and environment and _is_pattern(reader, text, fields["name"][1], (SERVICE,))
    return (
        AppPattern(text, environment) if text and environment and is_right and len(reader.problems) == before else None
    )


def _is_pattern(reader: Reader, text: str, node: Node, placeholders: tuple[str, ...]) -> bool:
    """Return whether a text has each of these once, and for the rest what the name of an app can have."""
    rest = text
    for each in placeholders:
        rest = rest.replace(each, "", 1)
    if _LITERAL.fullmatch(rest) and len(rest) == len(text) - sum(map(len, placeholders)):
        return True
    fault = "the rest of it is small letters, digits and `-`"
    for each in placeholders:
        if text.count(each) != 1:
            fault = f"`{each}` stands in it {'more than once' if each in text else 'nowhere'}"
    advice = (
        "write both once, such as `acme-{service}-{environment}`; for names that say no environment, "
        'write `{name: "acme-{service}", environment: production}`'
    )
    if placeholders == (SERVICE,):
        advice = "write `{service}` once, and no `{environment}`: the key beside it says which"
    reader.report("invalid-setting", f"`{text}` is no pattern for the names of apps", node, fault, help=advice)
    return False


def _apps(reader: Reader, fields: dict[str, Field]) -> dict[Deployment, Link]:
    """Return the table `apps`; an app belongs to one deployment only."""
    links: dict[Deployment, Link] = {}
    named: dict[str, Span] = {}
    for name, (key, node) in table(reader, fields, "apps").items():
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
    """Return an app that is written as its name alone, or as `{app, release, id}`."""
    if not isinstance(node, MappingNode):
        text = reader.text(node, name)
        return Link(text, span_of(reader.path, node)) if text else None
    fields = reader.mapping(node, ("app", "release", "id"), f"`{name}`")
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
    identity = reader.optional(fields, "id", reader.text) or ""
    span = span_of(reader.path, fields["app"][1])
    return Link(text, span, int(release) if release else None, identity) if text else None


def _skip(reader: Reader, fields: dict[str, Field], deployments: Mapping[str, Deployment]) -> dict[str, str]:
    """Return the skipped apps with the reason; an app in the table `apps` can't be one of them."""
    found: dict[str, str] = {}
    for name, (key, node) in table(reader, fields, "skip").items():
        if name in deployments:
            advice = "keep one of the two"
            reader.report(
                "invalid-setting", f"`{name}` is skipped, and the table gives it {deployments[name]}", key, help=advice
            )
        elif reason := reader.text(node, name, SAY_WHY):
            found[name] = reason
    return found


def _confirmed(reader: Reader, fields: dict[str, Field]) -> dict[Deployment, dict[str, Span]]:
    """Return the processes that a person has confirmed; each says how."""
    found: dict[Deployment, dict[str, Span]] = {}
    for name, (key, node) in table(reader, fields, "confirmed").items():
        deployment = _deployment(reader, name, span_of(reader.path, key))
        processes = reader.mapping(node, None, f"`{name}`")
        said = {
            process: span_of(reader.path, at)
            for process, (at, how) in processes.items()
            if reader.text(how, process, "say how, such as `v41 in web.1`")
        }
        found |= {deployment: said} if deployment else {}
    return found
