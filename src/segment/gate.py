"""One condition, and whether it holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from segment.messages import Message

GATES: Final = ("contract", "quarantine", "reconciliation", "drift", "tier_shares", "migration", "rolled_back")
"""Gates of a publication, as `--accept` takes them."""


@dataclass(frozen=True)
class Gate:
    """A condition, whether it holds, and by which figures."""

    name: str  # As `--accept` takes it
    holds: bool
    message: str  # In plain words: what was found, and the limit
    figures: dict[str, float] = field(default_factory=dict)  # What it was decided by
    accepted_by: str = ""  # Who let it pass although it does not hold; empty where nobody did
    finding: Message | None = None  # The same as a code, for readers of other languages

    @property
    def told(self) -> Message:
        """Its name and what was found, for an error."""
        return Message("errors.gate", {"name": self.name, "finding": self.finding or self.message})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, as runs and records hold them."""
        content = {
            "name": self.name,
            "holds": self.holds,
            "said": self.message,
            "figures": self.figures,
            "accepted_by": self.accepted_by,
        }
        return content | ({"finding": self.finding.to_dict()} if self.finding else {})

    def __str__(self) -> str:
        """Name the gate and its message."""
        return f"{self.name}: {self.message}"
