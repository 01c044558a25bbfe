"""The groups that customers belonged to on a day, from what is on record of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.audit.groups import age_bands
from segment.policy.fairness import Audit

VULNERABLE, OTHERS = "vulnerable", "not known to be"


@dataclass(frozen=True)
class GroupRecords:
    """What is on record of the groups of customers."""

    people: pl.DataFrame  # `customer_id` and the protected columns that the ledger gives
    customers: pl.DataFrame  # `customer_id`, `life_stage`, `household_id`
    contact_rules: pl.DataFrame


@dataclass(frozen=True)
class CustomerGroups:
    """Attributes of some customers, in their order."""

    attributes: pl.DataFrame  # A column of words per attribute that is known of somebody
    missing: tuple[str, ...]  # Attributes that the policy asks for and the ledger does not give
    off: tuple[str, ...]  # Attributes that the policy leaves out
    households: pl.Series  # Who keeps house together; alone under the customer's own id
    born: pl.Series | None  # Dates of birth; None where the policy leaves age out


def groups_at(customers: pl.Series, as_of: dt.date, records: GroupRecords, limits: Audit) -> CustomerGroups:
    """Look up the attributes of some customers on a day."""
    joined = pl.DataFrame({"customer_id": customers})
    for table in (records.people, records.customers.select("customer_id", "life_stage", "household_id")):
        joined = joined.join(table, on="customer_id", how="left", maintain_order="left")
    vulnerable = _vulnerable(records.contact_rules, as_of)
    words = {
        "age_band": age_bands(pl.col("birth_date"), limits.age_bands, as_of),
        "sex": pl.col("sex"),
        "region": pl.col("region"),
        "life_stage": pl.col("life_stage"),
        "vulnerability": pl.when(pl.col("customer_id").is_in(vulnerable.implode()))
        .then(pl.lit(VULNERABLE))
        .otherwise(pl.lit(OTHERS)),
    }
    columns = {"age_band": "birth_date"}
    asked = [name for name in limits.attributes if columns.get(name, name) in (*joined.columns, "vulnerability")]
    grouped = joined.select(words[name].cast(pl.String).alias(name) for name in asked)
    recorded = [name for name in asked if _is_known(grouped[name])]
    return CustomerGroups(
        attributes=grouped.select(recorded),
        missing=tuple(name for name in limits.attributes if name not in recorded),
        off=tuple(name for name in words if name not in limits.attributes),
        households=joined["household_id"].cast(pl.String).fill_null(joined["customer_id"]),
        born=joined["birth_date"] if "birth_date" in records.people.columns else None,
    )


def _is_known(words: pl.Series) -> bool:
    """A bank that records nobody as vulnerable does not know who is."""
    return bool(words.is_not_null().any()) and not (words.name == "vulnerability" and (words == OTHERS).all())


def _vulnerable(rules: pl.DataFrame, as_of: dt.date) -> pl.Series:
    begun = pl.col("starts_on").is_null() | (pl.col("starts_on") <= as_of)
    running = pl.col("ends_on").is_null() | (pl.col("ends_on") >= as_of)
    return rules.filter((pl.col("rule").cast(pl.String) == "vulnerable") & begun & running)["customer_id"].unique()
