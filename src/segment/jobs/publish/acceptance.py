"""Letting a failed gate pass: by a named person, with a reason, on record before anything is published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from segment.exceptions import DecisionError
from segment.gate import GATES, Gate
from segment.settings import current_user


@dataclass(frozen=True)
class Acceptance:
    """Gates that a person lets pass, and why.

    Parameters
    ----------
    gates : tuple of str
        Names, as the refusal said them.
    reason : str
        In the person's words.

    Raises
    ------
    DecisionError
        Where a gate is unknown, or gates come without a reason or a reason without gates.

    Examples
    --------
    >>> Acceptance(("drift",), "The branch in the harbour was closed in June.").gates
    ('drift',)
    """

    gates: tuple[str, ...] = ()
    reason: str = ""

    def __post_init__(self) -> None:
        """Hold names and reason to what a record needs."""
        unknown = [name for name in self.gates if name not in GATES]
        if unknown:
            raise DecisionError.of("errors.no_such_gate", unknown=unknown, gates=GATES)
        if bool(self.gates) != bool(self.reason.strip()):
            raise DecisionError.of("errors.gate_without_reason")

    def apply(self, gates: Iterable[Gate]) -> tuple[Gate, ...]:
        """Mark the failed gates that are let pass."""
        by = current_user()
        return tuple(
            replace(gate, accepted_by=by) if not gate.holds and gate.name in self.gates else gate for gate in gates
        )


NOTHING_ACCEPTED = Acceptance()
