"""Reviews: what is proposed towards loss-making customers waits for a person, and leaves only while the law lets it."""

from segment.jobs.reviews.decide import Decided, decide, withdraw
from segment.jobs.reviews.evidence import Evidence, evidence, list_reviews
from segment.jobs.reviews.hand_over import HandedOver, hand_over
from segment.jobs.reviews.notices import Notices, take_notices
from segment.jobs.reviews.propose import Proposed, propose_fee, propose_self_service
from segment.jobs.reviews.report import ReviewReport, review_report

__all__ = [
    "Decided",
    "Evidence",
    "HandedOver",
    "Notices",
    "Proposed",
    "ReviewReport",
    "decide",
    "evidence",
    "hand_over",
    "list_reviews",
    "propose_fee",
    "propose_self_service",
    "review_report",
    "take_notices",
    "withdraw",
]
