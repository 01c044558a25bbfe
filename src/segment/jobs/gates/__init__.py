"""What must hold before anything is published."""

from segment.jobs.gates.gate import Gate

__all__ = ["Gate"]
