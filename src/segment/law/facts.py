"""What is known of customers, item and losses on a day, as columns that conditions read. Null: not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from segment.dates import months_since
from segment.ledger.protection import IN_DOUBT, objects_to_profiling, rule_in_force
from segment.policy.law import LawChanges

BY_HAND = "override_role"
"""Column of the published tiers that is null unless a person set the tier; publications before overrides lack it."""
USE = {"counter_transfers": pl.Float64, "manual_events": pl.Float64, "service_cost": pl.Float64}
"""What a customer used in twelve months: transfers at the counter, all that staff did, and what service cost."""
_COUNTED_BY = {"transfer_other_bank": "counter_transfers", "counter_service": "manual_events"}
OPEN_MATTERS = ("complaint", "litigation", "aml_hold", "hardship", "fraud_victim", IN_DOUBT)


def lasting_losses(history: pl.DataFrame, as_of: dt.date) -> pl.DataFrame:
    """Count the refreshes in a row, back from a date, in which a customer lost on direct cost."""
    # Source: Fee guardrail (DOMAIN.md 5): a direct loss for at least three refreshes. DOMAIN.md 4.1: a month that is
    # skipped is not consecutive.
    # A tier that a person set says nothing of the customer's figures
    losing = (pl.col("tier") == "loss_making") & (pl.col("direct_contribution_12m") < 0.0) & ~_set_by_hand(history)
    months = (
        history.filter(losing & (pl.col("as_of") <= as_of))
        .select("customer_id", back=-months_since(as_of, pl.col("as_of")).cast(pl.Int64))
        .unique()
        .sort("customer_id", "back")
    )
    # the n-th loss back from the date must lie n months back
    in_a_row = months.filter(pl.col("back") == pl.int_range(pl.len()).over("customer_id"))
    return (
        in_a_row.group_by("customer_id", maintain_order=True)
        .agg(loss_refreshes=pl.len().cast(pl.Int64))
        .sort("customer_id")
    )


def shields_of(contact_rules: pl.DataFrame, objections: pl.DataFrame, on: dt.date, until: dt.date) -> pl.DataFrame:
    """Find whom a rule or an objection protects on any day up to another."""
    rule = pl.col("rule").cast(pl.String)
    in_force = contact_rules.filter(rule_in_force(on, until)).select("customer_id", rule=rule)
    against = objections.filter(objects_to_profiling(on))
    every = pl.concat([in_force, against.select("customer_id", rule=pl.lit("profiling_objection"))])
    alike = ("vulnerable", "basic_account", "fee_exempt", "deceased")
    named: dict[str, tuple[str, ...]] = {name: (name,) for name in alike}
    named |= {"open_matter": OPEN_MATTERS, "objection": ("profiling_objection",)}
    flags = [pl.col("rule").is_in(rules).any().alias(name) for name, rules in named.items()]
    return every.group_by("customer_id", maintain_order=True).agg(flags).sort("customer_id")


def own_accounts(accounts: pl.DataFrame, holdings: pl.DataFrame, on: dt.date, until: dt.date) -> pl.DataFrame:
    """Count deposit accounts that a customer holds alone and that are open from one day to another."""
    # Source: NDRC-CBRC 2014/268: the only account at the bank is free.
    is_open = (pl.col("opened_on") <= on) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > until))
    deposits = accounts.filter(is_open & (pl.col("family") == "deposit"))
    own = holdings.filter(pl.col("share") >= 1.0).join(deposits, on="account_id", how="semi")
    return own.group_by("customer_id", maintain_order=True).agg(
        own_accounts=pl.col("account_id").n_unique().cast(pl.Int64)
    )


def customer_facts(
    tiers: pl.DataFrame,
    history: pl.DataFrame,
    free_income: pl.DataFrame | None,
    use: pl.DataFrame,
    tables: Mapping[str, pl.DataFrame],
    objections: pl.DataFrame,
    changes: LawChanges,
    on: dt.date,
    until: dt.date,
) -> pl.DataFrame:
    """Gather what conditions read of each published customer."""
    figures = ("direct_contribution_12m", "contribution_12m", "income_12m", "cost_12m")
    people = tables["customers"].select(
        "customer_id",
        "birth_date",
        "is_staff",
        left=pl.col("left_on").le(until).fill_null(False),
        student=_student(changes),
    )
    rules = tables["contact_rules"]
    shields = shields_of(rules, objections, on, until)
    named = [name for name in shields.columns if name != "customer_id"]
    received = pl.lit(None, pl.Boolean) if free_income is None else pl.col("customer_id").is_in(_ids(free_income))
    shielded = pl.all().fill_null(False) if rules.height else pl.all().cast(pl.Boolean)
    state = pl.col("sub_state").fill_null("") if "sub_state" in tiers.columns else pl.lit(None, pl.String)
    joined = (
        tiers.select(
            *("as_of", "customer_id", "branch_id", "tier", "standing", *figures),
            by_hand=_set_by_hand(tiers),
            in_arrears=state == "in_arrears",
            by_credit=state == "loss_credit",
        )
        .join(use, on="customer_id", how="left")
        .join(lasting_losses(history, tiers["as_of"].max()), on="customer_id", how="left")  # type: ignore[arg-type]
        .join(people, on="customer_id", how="left")
        .join(own_accounts(tables["accounts"], tables["holdings"], on, until), on="customer_id", how="left")
        .join(shields, on="customer_id", how="left")
    )
    flags = joined.select(named).select(shielded)
    return joined.with_columns(*flags.get_columns(), free_income=received)


def item_facts(
    tariff_items: pl.DataFrame, item_code: str, policy_price: float | None, service: str | None = None
) -> dict[str, object]:
    """Say what the ledger's tariff knows of an item."""
    rows = tariff_items.filter(pl.col("item_code") == item_code)
    prices = set(rows["price"].to_list()) | ({policy_price} if policy_price is not None else set())
    basis = rows["legal_basis"].cast(pl.String).str.strip_chars().fill_null("") != ""
    known: dict[str, object] = {"item_counted_by": _COUNTED_BY.get(service or "", "service_cost")}
    if rows.is_empty():
        return known | {"item_price": None, "item_prices": 0, "item_public_since": None, "item_has_basis": None}
    return known | {
        "item_price": rows["price"][0],
        "item_prices": len(prices),
        "item_public_since": rows["public_since"].max() if not rows["public_since"].null_count() else None,
        "item_has_basis": bool(basis.all()),
    }


def _set_by_hand(tiers: pl.DataFrame) -> pl.Expr:
    return pl.col(BY_HAND).is_not_null() if BY_HAND in tiers.columns else pl.lit(value=False)


def _student(changes: LawChanges) -> pl.Expr:
    """Null where nobody says what a student's word is, or the ledger says nothing of the person."""
    if not changes.student_codes:
        return pl.lit(None, pl.Boolean)
    words = [pl.col(name).cast(pl.String) for name in ("life_stage", "occupation")]
    has_word = pl.any_horizontal(word.is_not_null() for word in words)
    is_student = pl.any_horizontal(word.is_in(changes.student_codes).fill_null(False) for word in words)
    return pl.when(has_word).then(is_student)


def _ids(frame: pl.DataFrame) -> pl.Expr:
    return pl.lit(frame["customer_id"].implode())
