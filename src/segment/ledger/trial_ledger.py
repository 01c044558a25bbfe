"""A ledger to try things on: the file `trial.toml` in its folder names the day that it is there."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path

from segment.exceptions import LedgerError
from segment.files import write_text
from segment.ledger.folder import FolderSource
from segment.ledger.ledger_names import TRIAL_FILE
from segment.ledger.parts import Source
from segment.ledger.stored_objects import ObjectSource
from segment.messages import Message

MOST_BYTES = 4_096


def trial_day(source: Source) -> dt.date | None:
    """Read the day of a ledger to try things on; None: the ledger is a real one, as every database is."""
    file = source.folder / TRIAL_FILE if isinstance(source, FolderSource | ObjectSource) else None
    if file is None or not file.exists():
        return None
    try:
        if file.is_file() and file.stat().st_size <= MOST_BYTES:
            content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
            day = content.pop("day", None)
            if not content and isinstance(day, dt.date) and not isinstance(day, dt.datetime):
                return day
    except (OSError, ValueError, RecursionError) as fault:
        raise _unread(type(fault).__name__) from None
    raise _unread(Message("errors.something_else"))


def write_trial_day(folder: Path, day: dt.date) -> None:
    """Say that a ledger is one to try things on, and which day it is there."""
    comment = (
        "# This ledger is one to try things on. Nothing of its workspaces is for contact, and no fee leaves them.\n"
    )
    write_text(f"{comment}day = {day.isoformat()}\n", folder / TRIAL_FILE)


def _unread(content: Message | str) -> LedgerError:
    return LedgerError.of("errors.bad_trial_file", trial_file=TRIAL_FILE, content=content)
