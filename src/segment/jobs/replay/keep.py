"""A replay kept: its file, its page, and the record that an approval asks for."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from segment.jobs.replay.approval import REPLAYED
from segment.jobs.replay.page import write_page
from segment.policy import Policy
from segment.settings import who
from segment.warehouse import Workspace, write_json
from segment.warehouse.records import append

if TYPE_CHECKING:
    from segment.jobs.replay.run import Replay

NOTES = (
    "Each month is tiered from what was known then, by the customers' own figures: no learned model takes part, since "
    "today's has seen what came. The forecast is the last twelve months; how far it misses is taken from misses known "
    "then, and in the first year replayed, where none were, it is taken at its word.",
    "Tiers last on both sides, each by its own policy's hysteresis from the first day replayed on. Clusters, main bank "
    "and overrides are left out on both sides: changes of their sections do not show.",
    "Past months hold bookings as they are known today, corrections included.",
    "Who was put too low is judged by the contribution that came and by the borders of the policy in force, for both. "
    "It is what those customers brought, not what better service would have added.",
    "The cost of service follows from assumptions, the policy's [service_cost].",
)


def recorded(made: Replay, workspace: Workspace, changed: Policy) -> Replay:
    """Write a replay and record it.

    Parameters
    ----------
    made : Replay
        What was found.
    workspace : Workspace
        Gets file, page and record.
    changed : Policy
        That was replayed.

    Returns
    -------
    Replay
        The same.
    """
    path = workspace.root / made.file
    write_json(made.to_dict(), path)
    write_page(made.to_dict(), path.with_suffix(".html"))
    content = {
        "policy_hash": changed.hash,
        "against_hash": made.against["hash"],
        "as_of": made.as_of,
        "months": made.months,
        "file": made.file,
        "file_sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    append(workspace, REPLAYED, by=who(), why=f"replay of {changed.name} {changed.version}", content=content)
    return made
