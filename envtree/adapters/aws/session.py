"""The credentials of this process: from the environment, a profile, its container or its instance, until they end."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from envtree.adapters.aws.container import container_credentials
from envtree.adapters.aws.credentials import Credentials
from envtree.adapters.aws.http import ServiceRefused, ServiceUnavailable
from envtree.adapters.aws.profiles import DEFAULT, EXPORT, AssumedRole, CredentialPlan, has_profile, plan_profile
from envtree.adapters.aws.role import assume_role, instance_credentials, web_identity_credentials

if TYPE_CHECKING:
    from collections.abc import Mapping

KEY, SECRET, TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"
PROFILE = "AWS_PROFILE"


class Caller(NamedTuple):
    """Who asks: a profile (None: whatever the environment has), and a role that it assumes."""

    profile: str | None = None
    role: str | None = None


class AwsSession:
    """Finds credentials once for each caller, and again when they have ended; threads share it."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self._known: dict[tuple[Caller, str], Credentials] = {}
        self._lock = Lock()
        self._refusals: dict[object, ServiceRefused] = {}

    def credentials(self, caller: Caller, region: str) -> Credentials:
        """Return the credentials of a caller. Raises ServiceRefused where there are none."""
        with self._lock:
            self.check((caller, region))
            known = self._known.get((caller, region))
            if known is None or known.is_over(datetime.now(UTC)):
                known = self._known[caller, region] = self._find_once(caller, region)
            return known

    def check(self, what: object) -> None:
        """Raise the refusal that is final for a service, or for a caller: others need not wait for the same."""
        if refusal := self._refusals.get(what):
            raise type(refusal)(refusal.words, refusal.advice, refusal.note)

    def give_up(self, what: object, refusal: ServiceRefused) -> None:
        """Keep a refusal for all that ask later."""
        self._refusals[what] = refusal

    def _find_once(self, caller: Caller, region: str) -> Credentials:
        try:
            return self._find(caller, region)
        except ServiceUnavailable:
            raise
        except ServiceRefused as refusal:
            self.give_up((caller, region), refusal)
            raise

    def forget(self, refused: Credentials) -> bool:
        """Drop credentials that AWS refuses as expired; return whether newer ones may be had."""
        with self._lock:
            self._known = {key: each for key, each in self._known.items() if each is not refused}
        return refused.expires is not None

    def _find(self, caller: Caller, region: str) -> Credentials:
        base, roles = self._plan(caller.profile, region)
        credentials = base if isinstance(base, Credentials) else self._of_source(base)
        if credentials is None:
            raise ServiceRefused("can't be asked: this process has no AWS credentials", EXPORT.format(""))
        for role in (*roles, *([AssumedRole(caller.role)] if caller.role else [])):
            credentials = assume_role(role.arn, credentials, region, self.environ, role.external_id)
        return credentials

    def _plan(self, profile: str | None, region: str) -> CredentialPlan:
        """Look where AWS's SDKs look, in their order."""
        if profile:
            return plan_profile(profile, self.environ)
        if found := self._of_environment() or web_identity_credentials(region, self.environ):
            return CredentialPlan(found)
        named = self.environ.get(PROFILE)
        if named or has_profile(DEFAULT, self.environ):
            return plan_profile(named or DEFAULT, self.environ)
        return CredentialPlan("")

    def _of_source(self, source: str) -> Credentials | None:
        if source == "Environment":
            return self._of_environment()
        container = container_credentials(self.environ) if source != "Ec2InstanceMetadata" else None
        return container or (instance_credentials(self.environ) if source != "EcsContainer" else None)

    def _of_environment(self) -> Credentials | None:
        access, secret = self.environ.get(KEY, ""), self.environ.get(SECRET, "")
        if access and not secret:
            raise ServiceRefused(f"can't be asked: `{KEY}` is set, and `{SECRET}` isn't", "set both")
        return Credentials(access, secret, self.environ.get(TOKEN, "")) if access else None
