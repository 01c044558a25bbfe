"""Settings from the environment: where the workspace, the policy and the servers are."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from segment.exceptions import IdentityError
from segment.files import sweep_half_files
from segment.identity import FROM_ENVIRONMENT, checked_name, same_person
from segment.input_files import InputLimits
from segment.login import login_name, numbered_login, signed_in_name
from segment.model_folder import find_model_file
from segment.private import open_private, private_umask

PROJECT_FILE = "segment.toml"
"""What one bank says once for every command; found from any folder below it."""


class Settings(InputLimits):
    """Where things are, and how large inputs may be. Each may be set as ``SEGMENT_<NAME>``."""

    # Folder of everything that is built: customer months, snapshots, published tiers, models, lists
    workspace: Path = Path("workspace")
    policy: Path | None = None  # Policy file; None means ``models/retail.toml``
    # Whose law the default policy must be written for; None asks nothing. A policy named by an option is its own
    jurisdiction: Literal["cn", "eu", "uk", "us"] | None = None
    mlflow_uri: str | None = None  # Tracking server or database; None keeps runs in the workspace
    # Group that may use the workspace as well, by name or number; None keeps it its owner's alone
    workspace_group: str | None = None
    workspace_group_writes: bool = True  # False: the group may only read, as auditors do
    language: Literal["en", "zh"] = "en"  # Of pages, and of what commands say came of them
    # File outside the workspace that says who was erased and who objected, for a backup that is restored elsewhere
    erasures: Path | None = None
    # Database of rows handed in and of records: a URL of PostgreSQL; None keeps it in the workspace, in SQLite
    store: SecretStr | None = None
    # chain_key, chain_key_file: What the chain of records is signed with; kept from whoever may change the workspace.
    # Neither: a key inside it, by which the chain shows slips and no attacker.
    chain_key: SecretStr | None = None
    chain_key_file: Path | None = None
    # File that says how long the chain is, such as one beside the key; None keeps it in the workspace
    chain_head: Path | None = None
    jobs: int = -1  # Processes that work on buckets at the same time; -1 means every core
    # Who decides, for the records, where `user_from_environment` lets a name come from here; else the system's account
    user: str | None = None
    user_from_environment: bool = False  # Whether `user`, or an option, may name who decides; the records say so
    # Folder or database URL that scheduled runs read; a URL may hold a password, so it is never shown
    ledger: SecretStr | None = None
    ignore: tuple[str, ...] = ()  # Files and tables beside a ledger's own that need not be read, a JSON list
    # Calendar of working days: a country (`CN`), a part of it (`DE-BY`), a market (`ECB`), or `weekdays`; None means
    # that of the policy's jurisdiction, or the file of `holidays` alone where there is one
    calendar: str | None = None
    # File with a date per line on which the bank does not work, or works though the calendar says otherwise
    # (`2026-10-10 working`)
    holidays: Path | None = None
    draft_lists: bool = True  # Whether the scheduled refresh makes the list that a person then releases
    timezone: str = "UTC"  # In which schedules and due dates are read
    # refresh_schedule, retrain_schedule: Recurrence rules (RFC 5545) in place of the ones that `segment schedule`
    # has.
    refresh_schedule: str | None = None
    retrain_schedule: str | None = None
    # Prefect notification block that a failed flow tells, such as ``slack-webhook/operations``
    notify_block: str | None = None
    # Minutes without a click, and hours in all, after which whoever signed in to the page must sign in again
    session_idle_minutes: int = 30
    session_hours: int = 10
    # File that says how people sign in to the page through the bank's identity provider; None: by name and password
    oidc: Path | None = None
    # Seconds before the first new try where a ledger's source is away; each further wait is twice as long
    source_backoff: float = 60.0


def read_settings() -> Settings:
    """Read the settings; an environment that is as it was is not read again, for the store asks often."""
    named = sorted(name for name in os.environ if name[:8].upper() == "SEGMENT_")
    return _settings_of(tuple((name, os.environ[name]) for name in named))


@lru_cache(maxsize=4)
def _settings_of(_environment: tuple[tuple[str, str], ...]) -> Settings:
    return Settings()


def current_user(stated: str | None = None) -> str:
    """Name who runs this, for the records: who signed in, the system's account, or a name where settings allow it."""
    signed_in = signed_in_name()
    if signed_in is not None:
        return signed_in
    settings, account = Settings(), login_name()
    name = stated or settings.user
    if name is None or same_person(name, account):
        return account
    if not settings.user_from_environment and stated is None and account == numbered_login():
        return account  # a container's number, which nobody's name vouches for: all that it does is of one person
    if not settings.user_from_environment:
        raise IdentityError.of("errors.name_not_vouched")
    return checked_name(name) + FROM_ENVIRONMENT


def open_for_writing(workspace: Path) -> None:
    """Close a workspace to everybody whom the settings do not name, and sweep what killed runs left half written."""
    settings = Settings()
    private_umask(settings.workspace_group, writes=settings.workspace_group_writes)
    open_private(workspace, settings.workspace_group, writes=settings.workspace_group_writes)
    sweep_half_files(workspace)


def policy_file(given: Path | None, default: str = "retail.toml") -> Path:
    """Find the policy: the one given, the environment's, or the default."""
    return given or Settings().policy or find_model_file(default)
