"""`envtree init --secrets`: says in `.sops.yaml` for whom secrets are sealed, and makes a key if asked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.files.worktree import find_root, write_new
from envtree.adapters.keys import age
from envtree.adapters.keys.identities import read_identities
from envtree.adapters.keys.new_key import make_key
from envtree.commands.tree import tree_of_files
from envtree.core.compile import read_project_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError, did_you_mean, errors
from envtree.core.model.source import SEALING_RULES
from envtree.core.render.mask import from_outside
from envtree.core.sealed.creation.starter import ANY, rules_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from envtree.adapters.keys.new_key import NewKey

FOR_WHOM = "`--new-key` makes a key of your own; `--recipient [ENVIRONMENT=]age1...` names one"


class InitializedSecrets(NamedTuple):
    """The `.sops.yaml` that was written, for whom, and the key that was made."""

    path: str
    recipients: dict[str, tuple[str, ...]]
    """By environment."""
    key: NewKey | None


def init_secrets(folder: str, named: Sequence[str], *, new_key: bool) -> InitializedSecrets:
    """Write the creation rules of a tree: for the named recipients (`KEY`, `ENVIRONMENT=KEY`), and this user.

    Raises EnvtreeError where `.sops.yaml` is there already, or a recipient is none.
    """
    root, environments = _environments(folder)
    if os.path.lexists(f"{root}/{SEALING_RULES}"):
        message = f"`{SEALING_RULES}` is there already"
        advice = "add recipients to its rules by hand, then run `envtree secret rotate`"
        raise EnvtreeError(Diagnostic("tree-not-empty", message, help=advice))
    if not age.is_installed():
        raise EnvtreeError(Diagnostic("sealed-layer", age.NOT_INSTALLED.words, help=age.NOT_INSTALLED.advice))
    recipients = _named(named, environments)
    key = make_key(os.environ) if new_key else None
    own = (key.recipient,) if key else _own() if not named else ()
    recipients = {each: tuple(dict.fromkeys((*own, *recipients[each]))) for each in environments}
    if lacking := [each for each, found in recipients.items() if not found]:
        raise EnvtreeError(
            Diagnostic("missing-setting", f"nobody is named who opens the secrets of `{lacking[0]}`", help=FOR_WHOM)
        )
    write_new(root, {SEALING_RULES: rules_text(recipients)})
    return InitializedSecrets(SEALING_RULES, recipients, key)


def _environments(folder: str) -> tuple[str, tuple[str, ...]]:
    """Return the root of a tree and its environments; before there is a tree, the folder, and one for all layers."""
    root = find_root(folder)
    if root is None:
        return folder, (ANY,)
    project, problems = read_project_of(tree_of_files(root).source)
    if wrong := errors(problems):
        raise EnvtreeError(*wrong)
    return root, tuple(each.name for each in project.environments)


def _own() -> tuple[str, ...]:
    """Return the recipient of this user's first age identity, if there is one."""
    found = (age.recipient_of(each) for each in read_identities(os.environ).usable)
    return tuple(each for each in found if each)[:1]


def _named(words: Sequence[str], environments: Sequence[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {each: [] for each in environments}
    for word in words:
        before, sign, after = word.partition("=")
        environment, recipient = (before, after) if sign and not age.is_recipient(word) else ("", word)
        if environment and environment not in found:
            message = f"`{from_outside(environment, 60)}` is no environment{did_you_mean(environment, environments)}"
            raise EnvtreeError(Diagnostic("unknown-environment", message, help=f"they are {', '.join(environments)}"))
        if not age.is_recipient(recipient):
            is_private = "SECRET-KEY" in recipient or "PRIVATE KEY" in recipient
            shown = "a private key" if is_private else f"`{from_outside(recipient, 80)}`"
            advice = "expected `age1...`, `ssh-ed25519 ...` or `ssh-rsa ...`; add a KMS key to `.sops.yaml` by hand"
            raise EnvtreeError(Diagnostic("invalid-setting", f"{shown} is no recipient", help=advice))
        for each in (environment,) if environment else environments:
            found[each].append(recipient)
    return {each: tuple(keys) for each, keys in found.items()}
