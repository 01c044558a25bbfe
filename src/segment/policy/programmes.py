"""Programmes of upgrade lists: whom each is for, what a move is worth, and what it may use."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from segment.policy.decisions import Tier
from segment.policy.section import Section, Share
from segment.policy.trigger_rules import Aim


class TargetPopulation(Section):
    """Whom a programme is for. Every condition that is given must hold.

    Attributes
    ----------
    tiers : tuple
        Tiers of the customers.
    main_bank_elsewhere : bool, optional
        Flagged customers, or the others.
    least_growth_potential : float, optional
        Odds, of the published tiers, that a customer grows.
    early_warning : bool
        Only customers whose odds of a lower tier reach the policy's ``tiers.early_warning_from``.
    least_elsewhere_probability : float, optional
        Odds, of the published tiers, that the main bank is elsewhere, whether or not that is proven.
    """

    tiers: tuple[Tier, ...] = Field(min_length=1)
    main_bank_elsewhere: bool | None = None
    least_growth_potential: Share | None = None
    early_warning: bool = False
    least_elsewhere_probability: Share | None = None


class Programme(Section):
    """A reason to contact customers. Those that a customer is in compete by the expected net value of their offers.

    Attributes
    ----------
    name : str
        What marketing calls it.
    priority : int
        Lower numbers come first in reports, and where two offers are worth the same.
    population : TargetPopulation
        Whom it is for.
    value : {"wallet_elsewhere", "growth", "retention", "lever_cost", "lever_income"}
        What a move is worth: the mean wallet at another bank times the odds that it is there; the published potential,
        which is a mean; the contribution of the last twelve months times the odds of losing the tier; what work moved
        to cheaper channels saves; what a salary brings that comes here (``upgrade.levers``).
    moved_when : {"main_account_here", "grows", "stays", "cheaper_ways"}
        What counts as a move in the months after a list: salaries come here, or top-ups from elsewhere end and the
        balance rises; a further product family, or a higher balance; accounts are open and the balance has stayed;
        fewer visits, calls and payments by hand.
    bundles : tuple of str
        Of ``upgrade.bundles``.
    channels : tuple of str
        Of ``upgrade.channels``.
    incremental_probability : dict of str to float
        Odds of a move beyond those without any contact, by channel, where the channel's own are not this programme's.
    capacity_per_branch : int, optional
        Most customers of a branch; none but the branch's own by default.
    control_share : float
        Share of its households in the control group, so that the effect can be measured.
    say, do_not_say : str
        For whoever speaks with the customer.
    """

    name: str = Field(min_length=1)
    priority: int = Field(ge=1)
    population: TargetPopulation
    value: Literal["wallet_elsewhere", "growth", "retention", "lever_cost", "lever_income"]
    moved_when: Aim
    bundles: tuple[str, ...] = Field(min_length=1)
    channels: tuple[str, ...] = Field(min_length=1)
    incremental_probability: dict[str, Share] = {}
    capacity_per_branch: int | None = Field(default=None, ge=1)
    control_share: Share
    say: str = Field(min_length=1)
    do_not_say: str = Field(min_length=1)
