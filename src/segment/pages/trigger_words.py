"""The event that set a contact off, as a reason with its day and figure: what lies at this bank, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from segment.sentences import Sentences


def dated_reason(row: Mapping[str, Any], t: Sentences) -> str | None:
    """Say a row's event, without a full stop; None where it has none, or one that nobody knows any more."""
    event, on, amount = (row.get(name) for name in ("trigger", "trigger_on", "trigger_amount"))
    key = f"reasons.event_{event}" if amount is not None else f"reasons.event_{event}_unknown"
    known = key if t.knows(key) else f"reasons.event_{event}"
    if event is None or on is None or not t.knows(known):
        return None
    return t(known, on=on, amount=amount)
