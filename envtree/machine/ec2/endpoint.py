"""The address of the instance metadata service, or why it is not asked for tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from envtree.adapters.aws.instance import ADDRESS, DISABLED, VARIABLE, is_disabled, metadata_endpoint
from envtree.core.model.diagnostic import Diagnostic, EnvtreeError
from envtree.machine.role.tags import OTHERWISE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from envtree.adapters.aws.endpoint import Endpoint


def find_endpoint(environ: Mapping[str, str]) -> Endpoint:
    """Return AWS's address, or the variable's. Raises EnvtreeError if that is malformed, or the service is disabled."""
    if is_disabled(environ):
        message = f"the metadata service is not asked, since `{DISABLED}` is `true`"
        raise EnvtreeError(Diagnostic("unreadable-tags", message, help=f"unset it, or {OTHERWISE}"))
    endpoint = metadata_endpoint(environ)
    if endpoint is None:  # the address is not shown: it may hold a password
        message = f"`{VARIABLE}` is no address such as `{ADDRESS}`"
        raise EnvtreeError(Diagnostic("unreadable-tags", message, help=f"correct it, or unset it to ask `{ADDRESS}`"))
    return endpoint
