"""The law as rules over frames: what must hold before a fee is proposed, and how well proposals are reviewed."""

from segment.law.condition import Condition, Stage, asked, first_broken, funnel, passing
from segment.law.conditions import ACTIONS, FEE, OFFER_HELP, SELF_SERVICE, conditions, younger_than
from segment.law.facts import customer_facts, item_facts, lasting_losses
from segment.law.overturns import overturns

__all__ = [
    "ACTIONS",
    "FEE",
    "OFFER_HELP",
    "SELF_SERVICE",
    "Condition",
    "Stage",
    "asked",
    "conditions",
    "customer_facts",
    "first_broken",
    "funnel",
    "item_facts",
    "lasting_losses",
    "overturns",
    "passing",
    "younger_than",
]
