"""Comparisons of trees in memory: what differs, as `diff` finds it, without git."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.model.tree import Target
from envtree.core.validity import invalid_targets, unread_files
from envtree.review.diff.compare import compare
from envtree.review.diff.comparison import Comparison, Pair, ProcessView
from envtree.review.diff.edits import edits_between
from envtree.review.diff.text import DiffReport
from envtree.review.diff.views import views_of, with_encrypted, with_unread
from tests.builders import Files, compiled, source_of

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = """\
environments:
  staging: {instance: service}
  production: {instance: service}
"""
SERVICE = "processes: {web: {command: serve}, worker: {command: work}}\n"
FIELDS = ("A", "B", "C", "URL", "PEM")
SCHEMA = (
    "from envtree import Secret, Settings\n\n\nclass Common(Settings):\n"
    + "".join(f'    {name}: str = ""\n' for name in FIELDS)
    + "    PASSWORD: Secret | None = None\n"
)
KEY = b"k" * 16


def a_tree(**layers: str | bytes) -> Files:
    """Two environments, one service, two processes; layers by place, with `_` for `/` (`accounts_web_production`)."""
    files: Files = {
        "envtree.yaml": SETTINGS,
        "configs/accounts/service.yaml": SERVICE,
        "schemas/common.py": SCHEMA,
    }
    return files | {f"configs/{place.replace('_', '/')}.yaml": text for place, text in layers.items()}


def target(name: str) -> Target:
    """The target that `production/accounts/web` names."""
    return Target(*name.split("/"))


def compared(before: Files, after: Files) -> Comparison:
    """Two revisions of a tree compared."""
    return told(before, after).comparison


def told(before: Files, after: Files) -> DiffReport:
    """The same, with who is invalid; nobody wrote anything."""
    (one, wrong), (other, faults) = compiled(before), compiled(after)
    unread = (unread_files(wrong, one), unread_files(faults, other))
    views = (
        with_unread(with_encrypted(views_of(one), source_of(before)), unread[0], other),
        with_unread(with_encrypted(views_of(other), source_of(after)), unread[1], one),
    )
    pairs = [
        (Pair(*(each if each in side else None for side in views)), views[0].get(each), views[1].get(each))
        for each in sorted({**views[0], **views[1]})
    ]
    invalid = (invalid_targets(wrong, tuple(one.own)), invalid_targets(faults, tuple(other.own)))
    return DiffReport(
        compare(pairs, edits_between(one, other, unread[0] | unread[1])),
        {},
        tuple(sorted(invalid[1] - invalid[0])),
        tuple(sorted(invalid[0] - invalid[1])),
        tuple(sorted(invalid[0] & invalid[1])),
        KEY,
    )


def across(files: Files, before: str, after: str) -> Comparison:
    """Two targets of one tree compared."""
    views = views_of(compiled(files)[0])
    return compare([(Pair(target(before), target(after)), views[target(before)], views[target(after)])], {})


def against(files: Files, name: str, values: Mapping[str, str]) -> Comparison:
    """A target of a tree compared with values that come from none."""
    views = views_of(compiled(files)[0])
    return compare([(Pair(target(name), target(name)), views[target(name)], ProcessView(values))], {})
