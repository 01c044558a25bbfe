"""Letting a failed gate pass: by a named person, with a reason, on record before anything is published."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from segment.exceptions import PublishError
from segment.jobs.gates.gate import GATES, Gate
from segment.settings import who
from segment.warehouse import Workspace
from segment.warehouse.records import append, records

ACCEPTED = "gate_accepted"


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
    PublishError
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
            raise PublishError.with_hint(
                f"A gate to accept must be one of the gates. Got {', '.join(unknown)}.", f"known are {', '.join(GATES)}"
            )
        if bool(self.gates) != bool(self.reason.strip()):
            raise PublishError.with_hint(
                "A gate is accepted with a reason. One of the two was not given.", 'add --accept GATE --reason "…"'
            )

    def on(self, gates: Iterable[Gate]) -> tuple[Gate, ...]:
        """Mark the failed gates that are let pass.

        Parameters
        ----------
        gates : iterable of Gate
            As judged.

        Returns
        -------
        tuple of Gate
        """
        by = who()
        return tuple(replace(one, accepted_by=by) if self._lets_pass(one) else one for one in gates)

    def record(self, gates: Iterable[Gate], workspace: Workspace, run_id: str) -> None:
        """Write down which gates of a run were let pass; once, however often the run is repeated.

        Parameters
        ----------
        gates : iterable of Gate
            As `on` returned them.
        workspace : Workspace
            Keeps the records.
        run_id : str
            Of the refresh.
        """
        known = {(one.content["run_id"], one.content["gate"]) for one in records(workspace, ACCEPTED)}
        for one in gates:
            if one.accepted_by and (run_id, one.name) not in known:
                content = {"run_id": run_id, "gate": one.name, "said": one.said, "figures": one.figures}
                append(workspace, ACCEPTED, by=one.accepted_by, why=self.reason, content=content)

    def _lets_pass(self, gate: Gate) -> bool:
        return not gate.holds and gate.name in self.gates


NOTHING_ACCEPTED = Acceptance()
