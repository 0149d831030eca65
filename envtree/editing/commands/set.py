"""`envtree set`: give variables a text in one scope, if the tree stays valid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.commands.steps.root import root_of
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.editing.changes.new_values import NewValue, check_text
from envtree.editing.changes.placement import SecretsGo, place
from envtree.editing.commands.edit import SILENT, Conversation, Edited, Mode, edit
from envtree.editing.commands.opened import open_scope

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from envtree.editing.changes.placement import LayerEdit
    from envtree.editing.commands.opened import OpenedScope


def set_values(
    folder: str,
    selector: str,
    new_values: Sequence[NewValue],
    ask: Callable[[str], str],
    *,
    mode: Mode = "write",
    secrets_go: SecretsGo = "sealed",
    conversation: Conversation = SILENT,
) -> Edited:
    """Set the text of variables in the layer of a scope; `ask` gives the text that is no argument.

    Nothing is asked before the scope is known, and none of it while other edits have to wait. Raises EnvtreeError for a
    secret in an argument, and where the edit can't be made.
    """
    given = {each.name for each in new_values if each.text is not None}
    if len(given) < len(new_values):
        _check_secrets(open_scope(root_of(folder), selector, "skip"), given)
    texts = {each.name: _text(each, ask) for each in new_values}

    def change(opened: OpenedScope) -> LayerEdit:
        _check_secrets(opened, given)
        return place(texts, opened.state.own, opened.sealed_names, opened.secret, secrets_go)

    return edit(folder, selector, change, mode, conversation)


def _text(new: NewValue, ask: Callable[[str], str]) -> str:
    if new.text is not None:
        return new.text
    text = ask(new.name)
    check_text(new.name, text)
    return text


def _check_secrets(opened: OpenedScope, given: Collection[str]) -> None:
    """Raise EnvtreeError for secrets whose text is an argument: other users and the shell's history have it by then."""
    exposed = sorted(opened.secret.intersection(given))
    if exposed:
        raise EnvtreeError(*(_exposed(name, opened.scope.selector) for name in exposed))


def _exposed(name: str, selector: str) -> Diagnostic:
    quoted = f"'{selector}'" if "*" in selector else selector
    return Diagnostic(
        "secret-argument",
        f"`{name}` is a `Secret`, and an argument can be read by others",
        help=f"`envtree set {quoted} {name}` asks for it, or reads standard input; replace the secret if it is real",
    )
