"""A first `.sops.yaml`: a rule for the sealed layers of each environment, and one for those that all share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.core.yaml.writer import inline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEAD = """\
# For whom sealed layers (NAME.sops.yaml) are encrypted. After a change, `envtree secret rotate` encrypts them anew.
# A person who leaves has read the values: new recipients are not enough, set new values.
creation_rules:
"""
ANY = "*"
"""What stands for every environment, as long as there is no tree that names them."""
_ANY_LAYER = ".*"
SHARED = "  # What several environments share is for the recipients of all of them.\n"


def rules_text(recipients: Mapping[str, Sequence[str]]) -> str:
    """Return the text of a `.sops.yaml` for the age recipients of each environment, or one rule for `ANY`."""
    if ANY in recipients:
        return HEAD + _rule(_ANY_LAYER, recipients[ANY])
    every = tuple(dict.fromkeys(each for found in recipients.values() for each in found))
    rules = [_rule(environment, found) for environment, found in recipients.items()]
    return "".join((HEAD, *rules, SHARED, _rule("common", every)))


def _rule(stem: str, recipients: Sequence[str]) -> str:
    lines = "".join(f"      - {inline(each)}\n" for each in recipients)
    pattern = f"(^|/)configs/(.*/)?{stem}\\.sops\\.yaml$"
    return f"  - path_regex: {pattern}\n    mac_only_encrypted: true\n    age:\n{lines}"
