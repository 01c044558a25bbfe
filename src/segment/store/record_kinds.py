"""What a record of the workspace may be of."""

from __future__ import annotations

from enum import StrEnum

from segment.exceptions import RecordError


class RecordKind(StrEnum):
    """What was decided or done; the values are stored and signed by its chain, so none ever changes."""

    PROMOTION_APPROVED = "approval"
    MODEL_ROLLED_BACK = "model rollback"
    POLICY_REPLAYED = "policy replay"
    POLICY_APPROVED = "policy approval"
    GATE_ACCEPTED = "gate_accepted"
    PUBLICATION_PROVED = "publication_proof"
    TIERS_ROLLED_BACK = "tiers_rolled_back"
    TIER_OVERRIDDEN = "tier_override"
    TIER_OVERRIDE_WITHDRAWN = "tier_override_withdrawn"
    LIST_RELEASED = "list_released"
    LIST_RELEASE_FAILED = "list_release_failed"
    SERVICE_RELEASED = "service_released"
    SERVICE_RELEASE_FAILED = "service_release_failed"
    OUTCOMES_TAKEN = "outcomes_taken"
    REVIEW_PROPOSED = "review_proposed"
    REVIEW_DECIDED = "review_decided"
    REVIEW_WITHDRAWN = "review_withdrawn"
    REVIEWS_HANDED_OVER = "reviews_handed_over"
    REVIEWS_HAND_OVER_FAILED = "reviews_hand_over_failed"
    FEE_NOTICES_TAKEN = "review_notices"
    OBJECTION_MADE = "objection"
    OBJECTION_WITHDRAWN = "objection_withdrawn"
    ERASURE_BEGUN = "customer_erasure_begun"
    ERASURE_REFUSED = "customer_erasure_refused"
    CUSTOMER_ERASED = "customer_erased"
    RECORDS_EMPTIED = "records_emptied"
    RETENTION_APPLIED = "retention"
    FAIRNESS_AUDITED = "fairness_audit"
    BACKUP_MADE = "backup_made"
    BACKUP_RESTORED = "backup_restored"
    ACCESS_CHANGED = "access_changed"
    CUSTOMER_OPENED = "customer_opened"
    TABLE_OPENED = "table_opened"
    TABLE_EXPORTED = "table_exported"
    LIST_APPROVED = "list_approved"
    OUTCOME_WITHDRAWN = "outcome_withdrawn"

    @classmethod
    def parse(cls, stored: str) -> RecordKind:
        """Read a stored kind."""
        try:
            return cls(stored)
        except ValueError:
            raise RecordError.of("errors.unknown_record_kind", kinds=len(cls), stored=stored) from None


LOOKS = (RecordKind.CUSTOMER_OPENED, RecordKind.TABLE_OPENED, RecordKind.TABLE_EXPORTED)
"""Records of who saw what, which changes nothing."""
