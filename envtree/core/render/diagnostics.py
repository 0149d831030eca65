"""Diagnostics for people and programs: text with the source line, one line each, JSON, GitHub, SARIF."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envtree.core.model.diagnostic import Diagnostic, some
from envtree.core.render.mask import json_lines, one_line
from envtree.core.render.rules import page_text, rules_data
from envtree.core.render.snippet import Snippets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from envtree.core.model.source import Source
    from envtree.core.render.rules import RulePage, RulePages

SCHEMA_URI = "https://json.schemastore.org/sarif-2.1.0.json"


def plain(role: str, text: str) -> str:
    """Return the text without colours, whatever its role."""
    del role
    return text


def as_text(diagnostics: Sequence[Diagnostic], source: Source | None, paint: Callable[[str, str], str] = plain) -> str:
    """Return the diagnostics as text with their source lines, and a blank line between two of them."""
    snippets = Snippets()
    return "\n".join("".join(f"{line}\n" for line in _lines(each, source, snippets, paint)) for each in diagnostics)


def _lines(
    each: Diagnostic, source: Source | None, snippets: Snippets, paint: Callable[[str, str], str]
) -> Iterator[str]:
    yield paint(each.severity, f"{each.severity}[{each.code}]") + paint("message", f": {one_line(each.message)}")
    span = each.span
    gutter = " " * len(str(span.line)) if span else ""
    if span:
        text = source.line(span.file, span.line) if source else None
        bar = paint("frame", "|")
        is_whole_file = not span.length or (source and text is None)
        yield f"{gutter}{paint('frame', '-->')} {one_line(span.file if is_whole_file else str(span))}"
        if text is not None and not is_whole_file:
            shown, before, carets = snippets.snippet(each, span, text)
            yield f"{gutter} {bar}"
            yield f"{paint('frame', str(span.line))} {bar} {shown}"
            yield f"{gutter} {bar} {before}{paint(each.severity, f'{carets} {one_line(each.label)}'.rstrip())}"
            if each.notes or each.targets or each.help:
                yield f"{gutter} {bar}"
    for kind, words in _below(each):
        yield f"{gutter} {paint('frame', '=')} {paint('kind', kind)}: {one_line(words)}"


def _below(each: Diagnostic) -> Iterator[tuple[str, str]]:
    for note in each.notes:
        yield "note", note
    if each.targets:
        yield "note", f"affects {some(each.targets)}"
    if each.help:
        yield "help", each.help


def as_short(diagnostics: Sequence[Diagnostic], prefix: str = "") -> str:
    """Return one line for each diagnostic, for editors: `file:line:column: error[code]: message`."""
    return "".join(
        one_line(f"{f'{prefix}{each.span}: ' if each.span else ''}{each.severity}[{each.code}]: {each.message}") + "\n"
        for each in diagnostics
    )


def as_json(diagnostics: Sequence[Diagnostic], rules: RulePages) -> str:
    """Return one JSON object with all diagnostics, the counts of errors and warnings, and the page of each code."""
    data = {
        "diagnostics": [diagnostic_data(each) for each in diagnostics],
        "errors": sum(each.severity == "error" for each in diagnostics),
        "warnings": sum(each.severity == "warning" for each in diagnostics),
        "rules": rules_data(diagnostics, rules),
    }
    return json_lines(data)


def diagnostic_data(each: Diagnostic) -> dict[str, Any]:
    """Return a diagnostic as data for JSON."""
    span = each.span
    return {
        "code": each.code,
        "severity": each.severity,
        "message": each.message,
        "file": span.file if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
        "length": span.length if span else None,
        "label": each.label,
        "notes": list(each.notes),
        "help": each.help,
        "targets": [str(target) for target in each.targets],
    }


def as_github(diagnostics: Sequence[Diagnostic], prefix: str = "") -> str:
    """Return workflow commands that GitHub Actions turns into annotations."""
    return "".join(_github_line(each, prefix) for each in diagnostics)


def _github_line(each: Diagnostic, prefix: str) -> str:
    span = each.span
    where = [f"title={_github_property(f'envtree {each.code}')}"]
    if span:
        where.insert(0, f"file={_github_property(prefix + span.file)},line={span.line}")
        where.insert(1, f"col={span.column},endColumn={span.column + span.length}")
    text = "\n".join((each.message, *(f"{kind}: {words}" for kind, words in _below(each))))
    escaped = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::{each.severity} {','.join(where)}::{escaped}\n"


def _github_property(text: str) -> str:
    for letter, escape in (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"), (":", "%3A"), (",", "%2C")):
        text = text.replace(letter, escape)
    return text


def as_sarif(diagnostics: Sequence[Diagnostic], rules: RulePages, version: str, prefix: str = "") -> str:
    """Return a SARIF 2.1.0 log with one run, and the page of each code as the help of its rule."""
    codes = sorted({each.code for each in diagnostics})
    run = {
        "tool": {
            "driver": {"name": "envtree", "version": version, "rules": [_sarif_rule(rules[code]) for code in codes]}
        },
        "columnKind": "unicodeCodePoints",
        "results": [_sarif_result(each, codes.index(each.code), prefix) for each in diagnostics],
    }
    return json_lines({"$schema": SCHEMA_URI, "version": "2.1.0", "runs": [run]})


def _sarif_rule(rule: RulePage) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.code,
        "shortDescription": {"text": rule.summary},
        "help": {"text": page_text(rule), "markdown": rule.markdown},
    }


def _sarif_result(each: Diagnostic, rule: int, prefix: str) -> dict[str, Any]:
    text = "\n".join((each.message, *(f"{kind}: {words}" for kind, words in _below(each))))
    result: dict[str, Any] = {"ruleId": each.code, "ruleIndex": rule, "level": each.severity, "message": {"text": text}}
    if each.span:
        region = {
            "startLine": each.span.line,
            "startColumn": each.span.column,
            "endColumn": each.span.column + each.span.length,
        }
        uri = _uri(prefix + each.span.file)
        result["locations"] = [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}]
    return result


def _uri(path: str) -> str:
    keep = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/")
    return "".join(chr(byte) if byte in keep else f"%{byte:02X}" for byte in path.encode("utf-8", "surrogateescape"))


def summary(diagnostics: Sequence[Diagnostic], shown: int) -> str:
    """Return how many diagnostics there are, in how many files, and how many of them are shown."""
    errors = sum(each.severity == "error" for each in diagnostics)
    warnings = len(diagnostics) - errors
    counts = " and ".join(
        counted(number, what) for number, what in ((errors, "error"), (warnings, "warning")) if number
    )
    files = len({each.span.file for each in diagnostics if each.span})
    where = f" in {counted(files, 'file')}" if files else ""
    rest = f"; the first {shown} are shown (`--max 0` shows all)" if shown < len(diagnostics) else ""
    return f"{counts}{where}{rest}"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: `1 error`, `1,000 errors`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
