"""One condition of publishing, and whether it holds."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Final

GATES: Final = ("contract", "quarantine", "reconciliation", "drift", "tier_shares", "migration", "rolled_back")
"""Gates of a publication, as `--accept` takes them."""


@dataclass(frozen=True)
class Gate:
    """A condition and what was found.

    Attributes
    ----------
    name : str
        As `--accept` takes it.
    holds : bool
    said : str
        In plain words: what was found, and the limit.
    figures : dict of str to float
        What it was decided by.
    accepted_by : str
        Who let it pass although it does not hold; empty where nobody did.
    """

    name: str
    holds: bool
    said: str
    figures: dict[str, float] = field(default_factory=dict)
    accepted_by: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Name the gate and say what was found."""
        return f"{self.name}: {self.said}"
