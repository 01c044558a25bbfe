"""What must hold before an action: of the loss, of the person, of the item, and of each step up to a fee."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.dates import has_reached, younger_than
from segment.law.condition import GUARDRAIL, Condition, cite
from segment.law.steps import of_item, of_review
from segment.messages import Message
from segment.policy import Policy
from segment.policy.jurisdiction import Jurisdiction

FEE, SELF_SERVICE, OFFER_HELP = "fee", "self_service", "offer_help"
ARREARS = "DOMAIN.md 3.10"

# No fee comes of these, so neither figures nor item nor notice are asked; nobody older is among those asked to shift.
_OF_HELP = (
    "loss_making",
    "own_figures",
    "not_new",
    "not_dormant",
    "not_left_out",
    "not_in_arrears",
    "loss_by_service",
    "uses_staff",
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
    """List what must hold for an action."""
    # Source: DOMAIN.md 5: the fee guardrail (any country), and the rules that each condition names.
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
    if action == FEE:
        return every
    uses_staff = Condition("uses_staff", GUARDRAIL, pl.col("manual_events") > 0.0)
    return tuple(condition for condition in (*every, uses_staff) if condition.code in _ASKED_OF[action])


def _of_loss(law: Jurisdiction) -> tuple[Condition, ...]:
    return (
        Condition("loss_making", GUARDRAIL, pl.col("tier") == "loss_making"),
        Condition(
            "own_figures",
            cite(law, "automated_decision"),
            ~pl.col("by_hand"),
        ),
        Condition(
            "direct_loss",
            cite(law, "automated_decision"),
            pl.col("direct_contribution_12m") < 0.0,
        ),
        # what credit costs, no fee and no other channel would save
        Condition("loss_by_service", ARREARS, ~pl.col("by_credit")),
        Condition(
            "lasting_loss",
            GUARDRAIL,
            pl.col("loss_refreshes") >= law.fee_refreshes,
            figures={"refreshes": law.fee_refreshes},
        ),
    )


def _of_standing() -> tuple[Condition, ...]:
    standing = pl.col("standing")
    return (
        Condition("not_new", GUARDRAIL, ~standing.is_in(["new", "provisional"])),
        Condition("not_dormant", GUARDRAIL, standing != "dormant"),
        Condition("not_left_out", "DOMAIN.md 1.7", standing != "excluded"),
        Condition("not_in_arrears", ARREARS, ~pl.col("in_arrears")),
    )


def _of_age(law: Jurisdiction, older: int, minor: int, on: dt.date, *, if_not_known: bool) -> tuple[Condition, ...]:
    """Hold ages on both sides; help may be offered to somebody of whom nobody knows whether they are of age."""
    # who comes of that age before the first fee is older when it counts
    last_day = pl.max_horizontal(pl.lit(on), pl.col("starts_on"))
    of_age = ~younger_than(pl.col("birth_date"), minor, on).fill_null(not if_not_known)
    return (
        Condition(
            "not_older",
            cite(law, "older_people"),
            ~has_reached(pl.col("birth_date"), older, last_day),
            figures={"age": older},
        ),
        Condition("not_minor", "DOMAIN.md 1.7", of_age, figures={"age": minor}),
    )


def _of_protection(law: Jurisdiction, least_own_accounts: int) -> tuple[Condition, ...]:
    own = {"accounts": least_own_accounts}
    fair, basic, sole = (
        cite(law, *rules)
        for rules in (("fair_value", "fair_treatment", "unfair_acts"), ("basic_account",), ("sole_account",))
    )
    return (
        Condition("not_vulnerable", fair, ~pl.col("vulnerable")),
        Condition(
            "not_on_benefits",
            cite(law, "free_accounts"),
            ~pl.col("free_income"),
            figures={"income": [Message(f"law.income.{kind}") for kind in law.free_income]},
        ),
        Condition("not_student", GUARDRAIL, ~pl.col("student")),
        Condition("not_basic_account", basic, ~pl.col("basic_account")),
        Condition("not_fee_exempt", sole, ~pl.col("fee_exempt")),
        Condition("not_sole_account", sole, pl.col("own_accounts") >= least_own_accounts, figures=own),
        Condition("not_staff", "DOMAIN.md 1.7", ~pl.col("is_staff")),
        Condition("not_deceased", "DOMAIN.md 1.7", ~pl.col("deceased")),
        Condition("still_customer", "DOMAIN.md 1.7", ~pl.col("left")),
        Condition(
            "no_objection",
            cite(law, "objection", "automated_decision"),
            ~pl.col("objection"),
        ),
        Condition("no_open_matter", fair, ~pl.col("open_matter")),
    )
