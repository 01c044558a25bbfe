"""What a fairness audit looks at, and from where on it speaks of a difference."""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import Field, model_validator

from segment.exceptions import ValueFault
from segment.policy.section import Section, Share

Attribute = Literal["age_band", "sex", "region", "life_stage", "vulnerability"]
ATTRIBUTES: tuple[Attribute, ...] = get_args(Attribute)


class Audit(Section):
    """Limits of the fairness audit (DOMAIN.md 5).

    Attributes
    ----------
    attributes : tuple of str
        What customers are grouped by. One that is left out is looked at nowhere, and its column is not kept: the off
        switch where a law forbids even the audit.
    age_bands : tuple of int
        Ages in years at which a new band begins.
    income_bands : int
        Equal parts of the customers by the money that came in, within which groups are compared again.
    least_group : int
        Smaller groups are not judged.
    adverse_impact : float
        Least ratio of a group's rate of the better outcome to that of the best-off group: the four-fifths rule.
    harm_ratio : float
        Most ratio of a group's rate of a harm to that of the best-off group.
    calibration : (float, float)
        Least and most of what was forecast over what came.
    coverage : (float, float)
        Least and most share of the customers whose outcome lies between P10 and P90.
    error_gap : float
        Most that the share of high-value customers who were not found may exceed the best-off group's.
    proxy_auc : float
        From here on features stand for an attribute.
    significance : float
        Chance that an audit of a fair bank shows any difference as significant.
    business_need, alternatives : str
        Why tiers, lists and fees are as they are, and which less discriminatory ways were weighed.
    documented_by : str
        The person who answers for both.
    """

    attributes: tuple[Attribute, ...] = ATTRIBUTES
    age_bands: tuple[int, ...] = (30, 45, 60)
    income_bands: int = Field(default=5, ge=2, le=20)
    least_group: int = Field(default=50, ge=10)
    adverse_impact: Share = 0.80
    harm_ratio: float = Field(default=1.25, ge=1.0)
    calibration: tuple[float, float] = (0.90, 1.10)
    coverage: tuple[Share, Share] = (0.75, 0.85)
    error_gap: Share = 0.05
    proxy_auc: float = Field(default=0.65, ge=0.5, lt=1.0)
    significance: float = Field(default=0.05, gt=0.0, lt=0.5)
    business_need: str = ""
    alternatives: str = ""
    documented_by: str = ""

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        ages = self.age_bands
        if not ages or min(ages) < 1 or list(ages) != sorted(set(ages)):
            raise ValueFault.of("errors.policy.age_bands", ages=", ".join(map(str, ages)) or "none")
        if (self.business_need or self.alternatives) and not self.documented_by:
            raise ValueFault.of("errors.policy.documented_by")
        return self
