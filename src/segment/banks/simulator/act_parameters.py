"""What acts really do to customers of a simulated bank: the twin's truth (DOMAIN.md 3.8, 6.3)."""

# These figures were written down before any rule of a list was measured against them. They are a bank's truth, no
# estimate of one, and are never changed for a score: results are shown at half and double effect as well. [K] marks a
# range that stands in no source.

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

AIMS = ("main_account_here", "grows", "stays", "cheaper_ways")
"""What an offer is for, by the words of a policy's `moved_when`; the last helps to cheaper ways of being served."""

CHANNELS = ("mobile", "phone", "adviser")

SERVICES = ("personal", "fast_lane", "self_service")

Range = tuple[float, float]

EFFECTS = {"half": 0.5, "one": 1.0, "double": 2.0}
"""How strong the effects are, against the figures below."""


@dataclass(frozen=True)
class ActParameters:
    """Chances and sizes of what comes of an offer, a service and a fee.

    Where a range stands, each customer has a place in it of their own, for good.
    """

    # an offer to bring the main account: logit(-3.5 + .8 wallet's tenth - 1.0 tenure elsewhere + .9 by visit), 6.3
    moves_intercept: float = -3.5
    wallet_weight: float = 0.8
    tenure_weight: float = -1.0
    push: Mapping[str, float] = field(default_factory=lambda: {"mobile": 0.0, "phone": 0.45, "adviser": 0.9})
    untreated: float = 0.005
    sleeping_dogs: float = 0.10  # 6.3: they are put off instead
    put_off: float = 0.5  # [K] of `untreated`: what an offer takes from a sleeping dog
    put_off_months: int = 12
    # an offer to bring savings: the same, with far fewer who take it [K]
    grows_intercept: float = -6.0
    grows_from_elsewhere: float = 10_000.0
    grows_share: Range = (0.2, 0.5)  # [K] of what lies elsewhere
    # a talk that is to keep somebody who has made up their mind to go, and shows it [K]; 3.8: win-back is poor
    keeps: Mapping[str, float] = field(default_factory=lambda: {"mobile": 0.05, "phone": 0.20, "adviser": 0.30})
    woken: float = 0.010  # [K] sleeping dogs who make up their minds to go because they are asked to stay
    # help with cheaper ways of being served: by digital preference [K]
    cheaper: Mapping[str, float] = field(default_factory=lambda: {"mobile": 0.05, "phone": 0.15, "adviser": 0.25})
    fewer_visits: Range = (0.2, 0.4)  # [K]
    # service, for twelve months [K]: how much less inclined to go, money that comes over, and contacts
    service_months: int = 12
    calmed: Mapping[str, Range] = field(
        default_factory=lambda: {"personal": (0.10, 0.40), "fast_lane": (0.05, 0.15), "self_service": (-0.20, 0.0)}
    )
    personal_grows: Range = (0.01, 0.06)  # a year
    contacts_annual: float = 12.0  # where the act does not say
    contact_minutes: float = 15.0
    # a new fee [K]: who goes, by price sensitivity and for 100 a year; who takes the free way instead; who complains
    fee_leaves: Range = (0.0, 0.08)
    fee_avoided: Range = (0.2, 0.6)
    fee_complains: Range = (0.01, 0.05)
