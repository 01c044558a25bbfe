"""The page's copy of the newest published tiers: SQLite with the indices that its questions need."""

# One file per published version, built beside, checked, and swapped in by the rename of one pointer: whoever reads sees
# one version whole. It holds personal data, so erasure and retention drop it; it is built again from what is left.

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import weakref
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Final

from segment.files import read_only_uri, write_json
from segment.lock import one_at_a_time
from segment.messages import Message
from segment.workspace import Workspace

SORTS: Final = ("contribution_12m", "future_value_12m", "upgrade_potential_12m")
"""What customers can be sorted by: each costs an index for the bank and one for branches."""
TEXTS: Final = ("customer_id", "branch_id", "tier", "sub_state", "standing", "previous_tier", "tier_source")
FIGURES: Final = (
    *SORTS, "income_12m", "cost_12m", "blended_contribution_12m", "border_low", "border_break_even", "border_high",
    "future_value_p10", "future_value_p90", "growth_potential", "chance_of_lower_tier", "chance_of_leaving_6m",
    "branch_multiple", "main_bank_elsewhere_probability", "wallet_elsewhere_12m", "months_observed", "cluster",
)  # fmt: skip
COLUMNS: Final = (*TEXTS, *FIGURES, "tier_since", "main_bank_elsewhere", "reasons", "household_id")
NO_TIER: Final = "excluded"
"""A standing without a tier, and in the place of the tier of those who have none: each is found by an index."""
FORMAT: Final = [3, *COLUMNS]
"""What a copy of this release is made of; the number is raised whenever something else of it changes."""
_POINTER: Final = "current.json"
_TRIES: Final = 20


class ServingCopy:
    """The copy that was current when it was opened: it stays whole for whoever asks it, whatever is published since."""

    def __init__(self, path: Path, version: int, as_of: dt.date) -> None:
        # `version`: Of the published table
        self.version, self.as_of = version, as_of
        # the parts of one request may be answered by several threads, one after the other
        uri = f"{read_only_uri(path)}&immutable=1"
        self._connection = sqlite3.connect(uri, uri=True, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._closed = weakref.finalize(self, self._connection.close)

    def rows(self, query: str, values: Sequence[object] = ()) -> list[sqlite3.Row]:
        """Ask it."""
        return self._connection.execute(query, tuple(values)).fetchall()

    @property
    def made_of(self) -> tuple[str, str]:
        """Stamps of the small tables and of the figures that it was made of."""
        ((ledger, figures),) = self.rows("SELECT ledger, figures FROM made_of")
        return ledger, figures


def current_copy(workspace: Workspace) -> ServingCopy | None:
    """Open the copy; none where none was built, or it was dropped."""
    for _ in range(_TRIES):
        try:
            content = json.loads((workspace.serving / _POINTER).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        if content.get("format") != FORMAT:
            return None  # of another release
        path, as_of = workspace.serving / content["file"], dt.date.fromisoformat(content["as_of"])
        with suppress(OSError, sqlite3.OperationalError):  # another was published just now, or all were dropped
            return ServingCopy(path, content["version"], as_of)
    return None


def point_at(path: Path, version: int, as_of: dt.date, serving: Path) -> None:
    """Make a copy the current one, and drop the others."""
    content = {"file": path.name, "version": version, "as_of": as_of.isoformat(), "format": FORMAT}
    write_json(content, serving / _POINTER)
    for other in serving.glob("*.db"):
        if other != path:
            other.unlink()


def alone_in(workspace: Workspace) -> AbstractContextManager[None]:
    """Hold the place of the copies."""
    return one_at_a_time(workspace.serving / "lock", Message("errors.one.copy"), 600)


@contextmanager
def without_serving_copies(workspace: Workspace) -> Iterator[None]:
    """Take every copy away, and let none be built before what it is made of has changed."""
    if not workspace.serving.is_dir():
        yield
        return
    with alone_in(workspace):
        for path in (workspace.serving / _POINTER, *workspace.serving.glob("*.db*")):
            path.unlink(missing_ok=True)
        yield
