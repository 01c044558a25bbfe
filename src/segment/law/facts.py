"""What is known of customers, item and losses on a day, as columns that conditions read. Null: not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import polars as pl

from segment.policy.law import LawChanges

OPEN_MATTERS = ("complaint", "litigation", "aml_hold", "hardship", "fraud_victim")
MARKETING_ONLY = "marketing"
"""An objection to this alone says nothing against a fee; every other does."""


def lasting_losses(history: pl.DataFrame, moment: dt.date) -> pl.DataFrame:
    """Count the refreshes in a row, back from a moment, in which a customer lost on direct cost.

    Parameters
    ----------
    history : polars.DataFrame
        Published tiers of several moments: `as_of`, `customer_id`, `tier`, `direct_contribution_12m`.
    moment : datetime.date
        The last of them; later ones are not read.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `loss_refreshes`. A month that was not published, or in which the customer was no loss, ends
        the row.

    References
    ----------
    Fee guardrail (DOMAIN.md 5): a direct loss for at least three refreshes. DOMAIN.md 4.1: a month that is skipped is
    not consecutive.

    Examples
    --------
    >>> months = [dt.date(2025, 12, 31), dt.date(2025, 11, 30), dt.date(2025, 9, 30)]
    >>> told = {"as_of": months, "customer_id": "a", "tier": "loss_making", "direct_contribution_12m": -1.0}
    >>> lasting_losses(pl.DataFrame(told), months[0])["loss_refreshes"].to_list()
    [2]
    """
    losing = (pl.col("tier") == "loss_making") & (pl.col("direct_contribution_12m") < 0.0)
    back = (moment.year - pl.col("as_of").dt.year()) * 12 + moment.month - pl.col("as_of").dt.month().cast(pl.Int32)
    months = (
        history.filter(losing & (pl.col("as_of") <= moment))
        .select("customer_id", back=back.cast(pl.Int64))
        .unique()
        .sort("customer_id", "back")
    )
    # the n-th loss back from the moment must lie n months back
    in_a_row = months.filter(pl.col("back") == pl.int_range(pl.len()).over("customer_id"))
    return in_a_row.group_by("customer_id").agg(loss_refreshes=pl.len().cast(pl.Int64)).sort("customer_id")


def shields_of(contact_rules: pl.DataFrame, objections: pl.DataFrame, on: dt.date, until: dt.date) -> pl.DataFrame:
    """Find whom a rule or an objection protects on any day up to another.

    Parameters
    ----------
    contact_rules : polars.DataFrame
        `customer_id`, `rule`, `starts_on`, `ends_on`. One whose first day is not known is in force; `deceased` has no
        end.
    objections : polars.DataFrame
        `segment.warehouse.kept.OBJECTIONS`.
    on, until : datetime.date
        First and last day.

    Returns
    -------
    polars.DataFrame
        `customer_id` and, true or null, `vulnerable`, `basic_account`, `fee_exempt`, `deceased`, `open_matter`,
        `objection`.
    """
    rule = pl.col("rule").cast(pl.String)
    begun = pl.col("starts_on").is_null() | (pl.col("starts_on") <= until)
    running = pl.col("ends_on").is_null() | (pl.col("ends_on") >= on) | (rule == "deceased")
    in_force = contact_rules.filter(begun & running).select("customer_id", rule=rule)
    standing = pl.col("withdrawn_on").is_null() | (pl.col("withdrawn_on") > on)
    against = objections.filter(standing & pl.col("against").ne_missing(MARKETING_ONLY))
    every = pl.concat([in_force, against.select("customer_id", rule=pl.lit("profiling_objection"))])
    alike = ("vulnerable", "basic_account", "fee_exempt", "deceased")
    named: dict[str, tuple[str, ...]] = {name: (name,) for name in alike}
    named |= {"open_matter": OPEN_MATTERS, "objection": ("profiling_objection",)}
    flags = [pl.col("rule").is_in(rules).any().alias(name) for name, rules in named.items()]
    return every.group_by("customer_id").agg(flags).sort("customer_id")


def own_accounts(accounts: pl.DataFrame, holdings: pl.DataFrame, on: dt.date, until: dt.date) -> pl.DataFrame:
    """Count deposit accounts that a customer holds alone and that are open from one day to another.

    Parameters
    ----------
    accounts : polars.DataFrame
        `account_id`, `family`, `opened_on`, `closed_on`.
    holdings : polars.DataFrame
        `account_id`, `customer_id`, `share`. A joint account is nobody's own.
    on, until : datetime.date
        First and last day.

    Returns
    -------
    polars.DataFrame
        `customer_id`, `own_accounts`.

    References
    ----------
    NDRC-CBRC 2014/268: the only account at the bank is free.
    """
    is_open = (pl.col("opened_on") <= on) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > until))
    deposits = accounts.filter(is_open & (pl.col("family") == "deposit"))
    held = holdings.filter(pl.col("share") >= 1.0).join(deposits, on="account_id", how="semi")
    return held.group_by("customer_id").agg(own_accounts=pl.col("account_id").n_unique().cast(pl.Int64))


def customer_facts(
    tiers: pl.DataFrame,
    history: pl.DataFrame,
    free_income: pl.DataFrame | None,
    tables: Mapping[str, pl.DataFrame],
    objections: pl.DataFrame,
    changes: LawChanges,
    on: dt.date,
    until: dt.date,
) -> pl.DataFrame:
    """Gather what conditions read of each published customer.

    Parameters
    ----------
    tiers : polars.DataFrame
        Published for the newest moment.
    history : polars.DataFrame
        From that moment and those before it, as `lasting_losses` reads them.
    free_income : polars.DataFrame or None
        `customer_id` of those who received an income whose account is free; None: not known.
    tables : mapping of str to polars.DataFrame
        `customers`, `accounts`, `holdings`, `contact_rules` of the ledger. Where there is no contact rule at all,
        nobody knows who is protected.
    objections : polars.DataFrame
        Handed in.
    changes : LawChanges
        The words for students.
    on, until : datetime.date
        The day on which it is asked, and the last day that it is asked for.

    Returns
    -------
    polars.DataFrame
        One row per customer of `tiers`.
    """
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
    joined = (
        tiers.select("as_of", "customer_id", "branch_id", "tier", "standing", *figures)
        .join(lasting_losses(history, tiers["as_of"].max()), on="customer_id", how="left")  # type: ignore[arg-type]
        .join(people, on="customer_id", how="left")
        .join(own_accounts(tables["accounts"], tables["holdings"], on, until), on="customer_id", how="left")
        .join(shields, on="customer_id", how="left")
    )
    flags = joined.select(named).select(shielded)
    return joined.with_columns(*flags.get_columns(), free_income=received)


def item_facts(tariff_items: pl.DataFrame, item_code: str, policy_price: float | None) -> dict[str, object]:
    """Say what the ledger's tariff knows of an item.

    Parameters
    ----------
    tariff_items : polars.DataFrame
        `item_code`, `price`, `public_since`, `legal_basis`.
    item_code : str
        Which.
    policy_price : float or None
        Price by which the service plan names the same item; another one than the ledger's is a second price.

    Returns
    -------
    dict of str to object
        `item_price`, `item_prices` (how many), `item_public_since`, `item_has_basis`; None where not known.
    """
    rows = tariff_items.filter(pl.col("item_code") == item_code)
    prices = set(rows["price"].to_list()) | ({policy_price} if policy_price is not None else set())
    basis = rows["legal_basis"].cast(pl.String).str.strip_chars().fill_null("") != ""
    if rows.is_empty():
        return {"item_price": None, "item_prices": 0, "item_public_since": None, "item_has_basis": None}
    return {
        "item_price": rows["price"][0],
        "item_prices": len(prices),
        "item_public_since": rows["public_since"].max() if not rows["public_since"].null_count() else None,
        "item_has_basis": bool(basis.all()),
    }


def _student(changes: LawChanges) -> pl.Expr:
    """Null where nobody says what a student's word is, or the ledger says nothing of the person."""
    if not changes.student_codes:
        return pl.lit(None, pl.Boolean)
    words = [pl.col(name).cast(pl.String) for name in ("life_stage", "occupation")]
    known = pl.any_horizontal(word.is_not_null() for word in words)
    found = pl.any_horizontal(word.is_in(changes.student_codes).fill_null(False) for word in words)
    return pl.when(known).then(found)


def _ids(frame: pl.DataFrame) -> pl.Expr:
    return pl.lit(frame["customer_id"].implode())
