"""The groups of a moment's customers. The only reader of the protected columns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import polars as pl

from segment.audit import age_bands
from segment.jobs.protected import FILE
from segment.jobs.reference import read_reference
from segment.policy.audit import Audit
from segment.warehouse import Workspace

VULNERABLE, OTHERS = "vulnerable", "not known to be"


@dataclass(frozen=True)
class People:
    """Attributes of some customers, in their order.

    Attributes
    ----------
    attributes : polars.DataFrame
        A column of words per attribute that is known of somebody.
    missing : tuple of str
        Attributes that the policy asks for and the ledger does not give.
    off : tuple of str
        Attributes that the policy leaves out.
    households : polars.Series of str
        Who keeps house together; alone under the customer's own id.
    born : polars.Series or None
        Dates of birth; None where the policy leaves age out.
    """

    attributes: pl.DataFrame
    missing: tuple[str, ...]
    off: tuple[str, ...]
    households: pl.Series
    born: pl.Series | None


def people_at(customers: pl.Series, as_of: dt.date, workspace: Workspace, limits: Audit) -> People:
    """Look up the attributes of some customers.

    Parameters
    ----------
    customers : polars.Series of str
        Their ids.
    as_of : datetime.date
        The moment: ages and rules in force are those of this day.
    workspace : Workspace
        Holds the protected columns and the small tables of the last extract.
    limits : segment.policy.audit.Audit
        Which attributes.

    Returns
    -------
    People
    """
    reference = read_reference(workspace)
    known = pl.DataFrame({"customer_id": customers})
    protected = read_protected(workspace)
    for table in (protected, reference["customers"].select("customer_id", "life_stage", "household_id")):
        known = known.join(table, on="customer_id", how="left", maintain_order="left")
    vulnerable = _vulnerable(reference["contact_rules"], as_of)
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
    asked = [name for name in limits.attributes if columns.get(name, name) in (*known.columns, "vulnerability")]
    grouped = known.select(words[name].cast(pl.String).alias(name) for name in asked)
    told = [name for name in asked if _tells(grouped[name])]
    return People(
        attributes=grouped.select(told),
        missing=tuple(name for name in limits.attributes if name not in told),
        off=tuple(name for name in words if name not in limits.attributes),
        households=known["household_id"].cast(pl.String).fill_null(known["customer_id"]),
        born=known["birth_date"] if "birth_date" in protected.columns else None,
    )


def read_protected(workspace: Workspace) -> pl.DataFrame:
    """Read the protected columns that the last extract kept.

    Parameters
    ----------
    workspace : Workspace
        Holds them.

    Returns
    -------
    polars.DataFrame
        `customer_id` and those of birth date, sex and region that the policy's audit asked for; empty where the
        workspace was extracted by an older release.
    """
    path = workspace.protected / FILE
    return pl.read_parquet(path) if path.is_file() else pl.DataFrame(schema={"customer_id": pl.String})


def _tells(words: pl.Series) -> bool:
    """A bank that records nobody as vulnerable does not know who is."""
    return bool(words.is_not_null().any()) and not (words.name == "vulnerability" and (words == OTHERS).all())


def _vulnerable(rules: pl.DataFrame, as_of: dt.date) -> pl.Series:
    begun = pl.col("starts_on").is_null() | (pl.col("starts_on") <= as_of)
    running = pl.col("ends_on").is_null() | (pl.col("ends_on") >= as_of)
    return rules.filter((pl.col("rule").cast(pl.String) == "vulnerable") & begun & running)["customer_id"].unique()
