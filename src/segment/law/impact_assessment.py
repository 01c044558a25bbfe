"""Nothing is published where the law asks for an impact assessment and the policy names none."""

from __future__ import annotations

from segment.exceptions import PolicyError
from segment.policy import Policy


def require_impact_assessment(policy: Policy) -> None:
    """Refuse to publish where the law asks for an impact assessment and the policy names none."""
    # Source: PIPL 55-56: block the first production run without its reference. GDPR art. 35 [K].
    law = policy.law_in_force
    if law.impact_assessment_needed and policy.law.impact_assessment is None:
        raise PolicyError.of("errors.no_impact_assessment", name=law.told, policy=policy.name, version=policy.version)
