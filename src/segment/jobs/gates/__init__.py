"""Gates of publishing: what must hold of a moment, and who let pass what does not."""

from segment.jobs.gates.accept import NOTHING_ACCEPTED, Acceptance
from segment.jobs.gates.gate import GATES, Gate

__all__ = ["GATES", "NOTHING_ACCEPTED", "Acceptance", "Gate"]
