"""How people sign in through the bank's own identity provider: one file that an administrator writes."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from segment.exceptions import UsageError, ValueFault
from segment.input_files import read_input_text
from segment.messages import Message
from segment.settings import read_settings
from segment.value_faults import value_faults
from segment.web.rights import ROLES

CALLBACK: Final = "/sign-in/provider/back"
"""Where the provider sends people back to; it must know the address as this client's."""
VOUCHED_FOR: Final = "provider:"
"""In the place of a password's hash: begins the hash of issuer and subject."""
LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_HINT: Final = Message("errors.hint.serving")


class NotVouched(Exception):
    """The provider did not vouch for whoever came; the code says what of its answer did not hold."""


@dataclass(frozen=True)
class SignIn:
    """What one sign-in began with; its browser alone keeps it."""

    state: str
    nonce: str
    verifier: str


class OidcSettings(BaseModel):
    """The provider, this client of it, and which claims say who somebody is and what they may."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client_id: str = Field(min_length=1)
    client_secret_file: Path | None = None  # None: a public client, which PKCE alone protects
    ca_file: Path | None = None  # Of the bank's own certificates
    origins: tuple[str, ...] = ()  # Others at which the issuer keeps endpoints or keys
    scopes: tuple[str, ...] = ("openid", "profile")
    name_claim: str = "preferred_username"
    role_claim: str = "groups"  # `a.b` reaches a claim inside another
    branch_claim: str | None = None
    rm_claim: str | None = None
    roles: Mapping[str, str]  # A value of the role's claim, and the role; the first that somebody has is theirs

    @field_validator("issuer", "origins")
    @classmethod
    def _tls(cls, given: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for address in (given,) if isinstance(given, str) else given:
            parts = urlsplit(address)
            if parts.query or parts.fragment or not parts.hostname:
                raise ValueFault.of("errors.plain_address")
            if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
                raise ValueFault.of("errors.must_be_https")
        return given

    @field_validator("roles")
    @classmethod
    def _known(cls, roles: Mapping[str, str]) -> Mapping[str, str]:
        if not roles or set(roles.values()) - set(ROLES):
            raise ValueFault.of("errors.each_role", roles=ROLES)
        return roles


def read_oidc_settings() -> OidcSettings | None:
    """Read the file that `SEGMENT_OIDC` names; none where there is no provider."""
    file = read_settings().oidc
    if file is None:
        return None
    text = read_input_text(file, Message("errors.what.oidc"), UsageError, _HINT)
    try:
        found = OidcSettings.model_validate(tomllib.loads(text))
    except ValidationError as fault:
        raise UsageError.of("errors.oidc_incomplete", wrong=value_faults(fault.errors()), hint=_HINT) from None
    except (ValueError, RecursionError) as fault:
        raise UsageError.of("errors.oidc_not_toml", fault=fault, hint=_HINT) from None
    beside = {
        name: file.parent / path
        for name in ("client_secret_file", "ca_file")
        if (path := getattr(found, name)) is not None
    }
    return found.model_copy(update=beside)
