"""The service plan: what each tier and sub-state of a branch gets in the six dimensions of service."""

from segment.service.budget import share_out
from segment.service.plan import plan_table
from segment.service.price import waiver_effect
from segment.service.protection import outside, spared
from segment.service.segments import with_service_state
from segment.service.trial import largest_drawn, may_be_drawn, with_served

__all__ = [
    "largest_drawn",
    "may_be_drawn",
    "outside",
    "plan_table",
    "share_out",
    "spared",
    "waiver_effect",
    "with_served",
    "with_service_state",
]
