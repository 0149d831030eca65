"""An explanation as JSON for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from envtree.core.render.mask import json_lines, mask_passwords

if TYPE_CHECKING:
    from envtree.core.model.commit import Commit
    from envtree.core.model.tree import Entry
    from envtree.review.explain.explanation import Declaration, Explanation, Line
    from envtree.review.explain.parts import ExpansionPart


def as_json(explanation: Explanation) -> str:
    """Return one object: the value, the layers, the rule, and the parts of an `!expand`; what is hidden is null."""
    data = {
        "target": str(explanation.target),
        "name": explanation.name,
        "state": explanation.state,
        **_value_data(explanation, explanation.name, explanation.value, is_sealed=explanation.state == "sealed"),
        "certain": explanation.certain,
        "layers": [_line_data(line, explanation) for line in explanation.lines],
        "rule": explanation.declaration_state,
        "judged": explanation.schemas_read,
        "declarations": [_declaration_data(each) for each in explanation.declarations],
        "parts": [_part_data(part, explanation) for part in explanation.parts],
        "parts_left_out": explanation.is_cut,
        "blamed": explanation.commits is not None,
    }
    return json_lines(data)


def _line_data(line: Line, explanation: Explanation) -> dict[str, Any]:
    entry = line.entry
    state: str = line.state
    text = None
    if entry:
        state = ("sealed" if entry.sealed else "wrong") if entry.opaque else "removed" if entry.text is None else "set"
        text = None if entry.opaque else entry.text
    hides = entry is not None and explanation.hides_all_of(entry)
    return {
        "layer": line.layer_id,
        "file": line.file,
        **_location_data(entry),
        "state": state,
        **_value_data(explanation, explanation.name, text, is_sealed=state == "sealed", hides=hides),
        "expand": entry is not None and entry.parts is not None,
        "wins": entry is not None and entry is explanation.winner,
        "commit": _commit_data(explanation, entry),
        "content": {"file": line.content, "commit": _as_data(explanation.contents.get(line.content))}
        if line.content
        else None,
    }


def _part_data(part: ExpansionPart, explanation: Explanation) -> dict[str, Any]:
    return {
        "name": part.name,
        "of": part.parent,
        "depth": part.depth,
        "inherited": part.inherited,
        "state": part.state,
        **_value_data(explanation, part.name, part.value, is_sealed=part.state == "sealed"),
        "file": part.entry.file if part.entry else None,
        **_location_data(part.entry),
        "commit": _commit_data(explanation, part.entry),
        "parts": "elsewhere" if part.hint == "above" else "left out" if part.hint else "follow",
    }


def _value_data(
    explanation: Explanation, name: str, text: str | None, *, is_sealed: bool, hides: bool = False
) -> dict[str, Any]:
    hidden = is_sealed or (text is not None and (hides or explanation.hides(name, text)))
    return {"value": None if hidden else text, "hidden": hidden}


def _location_data(entry: Entry | None) -> dict[str, Any]:
    return {"line": entry.line if entry else None, "column": entry.column if entry else None}


def _commit_data(explanation: Explanation, entry: Entry | None) -> dict[str, Any] | None:
    return _as_data(explanation.commits.get(entry)) if entry and explanation.commits is not None else None


def _as_data(commit: Commit | None) -> dict[str, Any] | None:
    if commit is None:
        return None
    return {
        "id": commit.id,
        "author": commit.author,
        "date": commit.date,
        "subject": commit.subject,
        "or_before": commit.is_boundary,
    }


def _declaration_data(each: Declaration) -> dict[str, Any]:
    process, environment = each.scope
    return {
        "file": each.span.file,
        "line": each.span.line,
        "class": each.model,
        "process": process,
        "environment": environment,
        "type": each.type,
        "required": each.required,
        "secret": each.secret,
        "default": each.default,
        "description": each.description,
        "deprecated": each.deprecated
        and {"message": mask_passwords(each.deprecated.message), "after": each.deprecated.after or None},
        "promises": list(each.promises),
    }
