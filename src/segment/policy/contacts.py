"""Who is contacted, with what, and at what cost."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from segment.policy.decisions import Tier
from segment.policy.section import Money, Section, Share


class Bundle(Section):
    """Something to offer.

    Attributes
    ----------
    name : str
        What marketing calls it.
    for_tiers : tuple
        Tiers it may be offered to.
    for_main_bank_elsewhere : bool or None
        True: only flagged customers; False: only others; None: both.
    needs_products, lacks_products : tuple of str
        Product families that the customer must hold, or must not hold.
    moved_share : float
        Share of the potential expected to come when the customer accepts.
    incentive : float
        Paid once when the customer accepts.
    """

    name: str
    for_tiers: tuple[Tier, ...]
    for_main_bank_elsewhere: bool | None = None
    needs_products: tuple[str, ...] = ()
    lacks_products: tuple[str, ...] = ()
    moved_share: Share
    incentive: Money


class ContactChannel(Section):
    """How a customer is reached.

    Attributes
    ----------
    cost : float
        Of a contact.
    conversion_probability : float
        Odds that the customer moves, before any outcome is known.
    """

    cost: Money
    conversion_probability: Share


class Upgrade(Section):
    """Upgrade-potential lists.

    Attributes
    ----------
    spontaneous_probability : float
        Odds that a customer moves without any contact.
    control_share : float
        Share of the eligible customers that is kept back, so that the effect can be measured.
    least_net_gain : float
        A customer whose best offer is expected to bring no more than this is not on the list.
    keeps_out : tuple of str
        Contact rules that keep a customer off a list.
    complaint_rest_days, refusal_rest_days, contact_rest_days : int
        Days without a contact after a complaint has ended, an offer was declined, a contact was made.
    minor_below_years : int
        Younger customers are on no list.
    list_expires_after_days : int
        A list's life; a rule in force on any day of it keeps out.
    suppression_source_max_age_days : int
        A list is not made where a source was refreshed longer ago.
    default_capacity_per_branch : int
        Customers to contact in a branch where no capacity is given.
    """

    spontaneous_probability: Share
    control_share: Share
    least_net_gain: float
    list_expires_after_days: int = Field(ge=1, le=45)
    suppression_source_max_age_days: int = Field(ge=0)
    keeps_out: tuple[str, ...] = Field(min_length=1)
    complaint_rest_days: int = Field(ge=0)
    refusal_rest_days: int = Field(ge=0)
    contact_rest_days: int = Field(ge=0)
    minor_below_years: int = Field(ge=0)
    default_capacity_per_branch: int = Field(ge=1)
    channels: dict[Literal["adviser", "phone", "mobile", "online"], ContactChannel] = Field(min_length=1)
    bundles: dict[str, Bundle] = Field(min_length=1)
