"""What counts as a move, and how much the assumed odds weigh against measured ones."""

from __future__ import annotations

from pydantic import Field

from segment.policy.section import Money, Section, Share


class Outcomes(Section):
    """Outcomes of lists (DOMAIN.md 3.3 and 3.4).

    Attributes
    ----------
    months : int
        Full months after a list in which a move is looked for, and before it for comparison.
    salary_months : int
        Months of them with a salary, pension or benefit here that make this the main account.
    topups_left : float
        Share of the earlier top-ups from the customer's account elsewhere that may be left when the account moves here.
    balance_rise : float
        Share by which the average balance must rise.
    least_rise : float
        The same as an amount.
    balance_kept : float
        Share of the average balance that a customer who stays still has here.
    by_hand_less : float
        Share by which visits, calls and payments by hand must fall where a customer is helped to cheaper ways.
    prior_contacts : float
        Contacts that the policy's odds are worth beside measured ones.
    evidence_spread : float
        How far at most the chances of kinds of customers (tiers, clusters) may be apart, as a share of them: as far as
        their outcomes differ beyond chance.
    evidence_cap : float
        Log-odds that a customer's evidence adds or takes at most (DOMAIN.md 3.8).
    winsorise : float
        Quantile at which contributions are cut before arms are compared.
    """

    months: int = Field(default=3, ge=1, le=12)
    salary_months: int = Field(default=2, ge=1, le=12)
    topups_left: Share = 0.5
    balance_rise: float = Field(default=0.25, ge=0.0)
    least_rise: Money = 500.0
    balance_kept: Share = 0.75
    by_hand_less: Share = 0.2
    prior_contacts: float = Field(default=200.0, gt=0.0)
    evidence_spread: float = Field(default=0.5, gt=0.0)
    evidence_cap: float = Field(default=1.3, gt=0.0)
    winsorise: float = Field(default=0.995, gt=0.5, le=1.0)
