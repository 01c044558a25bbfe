"""Which day it is in a workspace: the clock's, or in one to try things on the day that its ledger names."""

# A workspace is of one kind for good. A trial one that became real would let a fee leave that was decided on a day of
# its own; a real one that became a trial one would leave the clock. So neither does, and one that an earlier version
# built counts as real.

from __future__ import annotations

import datetime as dt
import json
from contextvars import ContextVar
from dataclasses import dataclass

from segment.dates import today
from segment.exceptions import WorkspaceError
from segment.files import write_json
from segment.messages import Message
from segment.workspace import Workspace

_WRITES_TRIAL: ContextVar[bool] = ContextVar("whether what is written for people is a trial workspace's", default=False)
TRIAL_MARK = "Trial, not for contact. 试验数据，不得用于联系客户。"
TRIAL_SHEET = "trial, not for contact 试验"
REAL, TRIAL = "real", "trial"


@dataclass(frozen=True)
class WorkspaceClock:
    """The day that counts."""

    today: dt.date
    is_trial: bool  # Whether the workspace is one to try things on: nothing of it is for contact, and no fee leaves


def workspace_clock(workspace: Workspace) -> WorkspaceClock:
    """Read the day that counts in a workspace."""
    day = _trial_day(_stored(workspace))
    return WorkspaceClock(today() if day is None else day, day is not None)


def write_as(workspace: Workspace | None) -> None:
    """Have every table and page from here on say whether it is of a trial workspace."""
    _WRITES_TRIAL.set(workspace is not None and workspace_clock(workspace).is_trial)


def writes_trial() -> bool:
    """Say whether a table or page that is written now is of a trial workspace."""
    return _WRITES_TRIAL.get()


def admit_ledger(workspace: Workspace, trial_day: dt.date | None) -> None:
    """Remember of which kind the workspace's ledgers are, and refuse one of the other; a trial day moves forward."""
    given = REAL if trial_day is None else TRIAL
    stored = _stored(workspace)
    if stored is not None and stored["ledger"] != given:
        held = Message(f"errors.clock.{stored['ledger']}")
        raise WorkspaceError.of("errors.real_and_trial", held=held, given=Message(f"errors.clock.{given}"))
    day = max(filter(None, (trial_day, _trial_day(stored))), default=None)
    content = {"ledger": given} | ({"day": day.isoformat()} if day else {})
    if content != stored or not workspace.ledger_kind.is_file():
        write_json(content, workspace.ledger_kind)


def _stored(workspace: Workspace) -> dict[str, str] | None:
    """What is remembered; of a workspace that an earlier version built, that it is real."""
    if not workspace.ledger_kind.is_file():
        built = (workspace.reference, workspace.quarantine, workspace.customer_months, workspace.tiers)
        return {"ledger": REAL} if any(folder.exists() for folder in built) else None
    try:
        content: dict[str, str] = json.loads(workspace.ledger_kind.read_text(encoding="utf-8"))
        valid = content["ledger"] == REAL or (content["ledger"] == TRIAL and _trial_day(content) is not None)
    except (ValueError, KeyError, TypeError):
        valid = False
    if not valid:
        raise WorkspaceError.of("errors.bad_ledger_kind", name=workspace.ledger_kind.name)
    return content


def _trial_day(stored: dict[str, str] | None) -> dt.date | None:
    return dt.date.fromisoformat(stored["day"]) if stored and stored["ledger"] == TRIAL else None
