"""The service plan: what each tier and sub-state of a branch gets in the six dimensions of service."""

from segment.service.budget import share_out
from segment.service.plan import plan_table
from segment.service.price import waiver_effect
from segment.service.segments import with_service_state

__all__ = ["plan_table", "share_out", "waiver_effect", "with_service_state"]
