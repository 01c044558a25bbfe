"""What each run did: a report for machines and a page for people."""

from segment.jobs.runs.record import RunRecord

__all__ = ["RunRecord"]
