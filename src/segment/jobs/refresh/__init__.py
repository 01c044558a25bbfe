"""From a ledger to published tiers, at once or not at all."""

from segment.jobs.refresh.published import Published
from segment.jobs.refresh.run import publish, refresh

__all__ = ["Published", "publish", "refresh"]
