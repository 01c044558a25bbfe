"""What must hold before an action: of the loss, of the person, of the item, and of each step up to a fee."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.law.condition import GUARDRAIL, Condition, cite
from segment.law.steps import of_item, of_review
from segment.policy import Policy
from segment.policy.jurisdiction import Jurisdiction

FEE, SELF_SERVICE, OFFER_HELP = "fee", "self_service", "offer_help"
ACTIONS = (FEE, SELF_SERVICE, OFFER_HELP)

# No fee comes of these, so neither figures nor item nor notice are asked; nobody older is among those asked to shift.
_OF_HELP = (
    "loss_making",
    "not_new",
    "not_dormant",
    "not_left_out",
    "not_minor",
    "not_vulnerable",
    "not_staff",
    "not_deceased",
    "still_customer",
    "no_objection",
    "no_open_matter",
    "other_reviewer",
    "approved",
    "not_withdrawn",
)
_ASKED_OF = {SELF_SERVICE: (*_OF_HELP, "not_older"), OFFER_HELP: _OF_HELP}


def conditions(action: str, policy: Policy, on: dt.date) -> tuple[Condition, ...]:
    """List what must hold for an action.

    Parameters
    ----------
    action : {"fee", "self_service", "offer_help"}
        What is proposed.
    policy : Policy
        Its law in force.
    on : datetime.date
        The day on which it is asked.

    Returns
    -------
    tuple of Condition
        In the order of a funnel.

    References
    ----------
    DOMAIN.md 5: the fee guardrail (any country), and the rules that each condition names.
    """
    law = policy.law_in_force
    older = law.older_from_years if action == FEE else policy.no_machines_from_years
    every = (
        *_of_loss(law),
        *_of_standing(),
        *_of_age(law, older, policy.upgrade.minor_below_years, on, if_not_known=action != FEE),
        *_of_protection(law, policy.law.least_own_accounts),
        *of_item(law, on),
        *of_review(law, on),
    )
    return every if action == FEE else tuple(one for one in every if one.code in _ASKED_OF[action])


def younger_than(years: int, on: pl.Expr) -> pl.Expr:
    """Say who is known to be younger than an age on a day.

    Parameters
    ----------
    years : int
        The age.
    on : polars.Expr
        The day.

    Returns
    -------
    polars.Expr
        Reads `birth_date`; null where it is not known.

    Examples
    --------
    >>> born = pl.DataFrame({"birth_date": [dt.date(1965, 12, 31), dt.date(1966, 1, 1), None]})
    >>> born.select(younger_than(60, pl.lit(dt.date(2025, 12, 31)))).to_series().to_list()
    [False, True, None]
    """
    return pl.col("birth_date").dt.offset_by(f"{years}y") > on


def _of_loss(law: Jurisdiction) -> tuple[Condition, ...]:
    return (
        Condition("loss_making", "the customer is loss-making", GUARDRAIL, pl.col("tier") == "loss_making"),
        Condition(
            "direct_loss",
            "own income is below direct cost by the customer's own figures: the tier alone is no ground",
            cite(law, "automated_decision"),
            pl.col("direct_contribution_12m") < 0.0,
        ),
        Condition(
            "lasting_loss",
            f"the loss on direct cost stands in {law.fee_refreshes} monthly refreshes in a row",
            GUARDRAIL,
            pl.col("loss_refreshes") >= law.fee_refreshes,
        ),
    )


def _of_standing() -> tuple[Condition, ...]:
    standing = pl.col("standing")
    return (
        Condition("not_new", "the customer is not new", GUARDRAIL, ~standing.is_in(["new", "provisional"])),
        Condition("not_dormant", "the customer is not dormant", GUARDRAIL, standing != "dormant"),
        Condition("not_left_out", "the tiers do not leave the customer out", "DOMAIN.md 1.7", standing != "excluded"),
    )


def _of_age(law: Jurisdiction, older: int, minor: int, on: dt.date, *, if_not_known: bool) -> tuple[Condition, ...]:
    """Hold ages on both sides; help may be offered to somebody of whom nobody knows whether they are of age."""
    # who comes of that age before the first fee is older when it counts
    last_day = pl.max_horizontal(pl.lit(on), pl.col("starts_on"))
    of_age = ~younger_than(minor, pl.lit(on)).fill_null(not if_not_known)
    return (
        Condition(
            "not_older",
            f"the customer is known to be younger than {older}",
            cite(law, "older_people"),
            younger_than(older, last_day),
        ),
        Condition("not_minor", f"the customer is {minor} or older", "DOMAIN.md 1.7", of_age),
    )


def _of_protection(law: Jurisdiction, least_own_accounts: int) -> tuple[Condition, ...]:
    free = " or ".join(law.free_income)
    own = f"the customer has {least_own_accounts} open deposit accounts of their own; an only account is free"
    matters = "no complaint, litigation, hold, hardship or fraud is open"
    fair, basic, sole = (
        cite(law, *rules)
        for rules in (("fair_value", "fair_treatment", "unfair_acts"), ("basic_account",), ("sole_account",))
    )
    return (
        Condition("not_vulnerable", "the customer is not vulnerable", fair, ~pl.col("vulnerable")),
        Condition(
            "not_on_benefits",
            f"no {free} arrived here in twelve months: such accounts are free",
            cite(law, "free_accounts"),
            ~pl.col("free_income"),
        ),
        Condition("not_student", "the customer is known not to be a student", GUARDRAIL, ~pl.col("student")),
        Condition("not_basic_account", "it is no basic account", basic, ~pl.col("basic_account")),
        Condition("not_fee_exempt", "the customer is not exempt from fees", sole, ~pl.col("fee_exempt")),
        Condition("not_sole_account", own, sole, pl.col("own_accounts") >= least_own_accounts),
        Condition("not_staff", "the customer is known not to be staff", "DOMAIN.md 1.7", ~pl.col("is_staff")),
        Condition("not_deceased", "the customer is not deceased", "DOMAIN.md 1.7", ~pl.col("deceased")),
        Condition("still_customer", "the customer has not left and does not leave", "DOMAIN.md 1.7", ~pl.col("left")),
        Condition(
            "no_objection",
            "no objection to profiling stands",
            cite(law, "objection", "automated_decision"),
            ~pl.col("objection"),
        ),
        Condition("no_open_matter", matters, fair, ~pl.col("open_matter")),
    )
