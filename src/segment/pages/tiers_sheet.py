"""Published tiers for managers: counts by branch and tier, and each branch's customers in few columns."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from segment.sentences import Sentences
from segment.tiers import TIERS
from segment.warehouse.printed_sheet import Cell, PrintedSheet, SheetColumn, SheetSection

_REASONS: Final = 2
_MEANT: Final = ("customer_id", "tier", "contribution", "forecast", "elsewhere", "wallet", "reasons")
_MOST_ROWS: Final = 1_000_000
"""Customers that one sheet can hold beside its headings; of a larger bank the sheets are made by branch."""


def tiers_sheets(
    tiers: pl.DataFrame, branches: Mapping[str, str], t: Sentences, directory: pl.DataFrame | None = None
) -> tuple[PrintedSheet, ...]:
    """Lay published tiers out: a summary, and the customers by branch, those who bring most first."""
    named = tiers.with_columns(_branch=pl.col("branch_id").replace(branches)).sort("branch_id", "customer_id")
    day = tiers["as_of"][0]
    summary = _summary(named, day, directory is not None, t)
    return (summary,) if tiers.height > _MOST_ROWS else (_customers(named, day, directory, t), summary)


def _customers(tiers: pl.DataFrame, day: object, directory: pl.DataFrame | None, t: Sentences) -> PrintedSheet:
    known = () if directory is None else directory.select("customer_id", "name", "phone").iter_rows()
    called = {customer: "\n".join(filter(None, (name, phone))) for customer, name, phone in known}
    names = () if directory is None else (SheetColumn(t("sheet.name"), 18),)
    columns = (
        SheetColumn(t("sheet.customer_id"), 13, name="customer_id"),
        *names,
        SheetColumn(t("sheet.tier"), 14),
        SheetColumn(t("sheet.contribution"), 13, "money"),
        SheetColumn(t("sheet.forecast"), 13, "money"),
        SheetColumn(t("sheet.elsewhere"), 11),
        SheetColumn(t("sheet.wallet"), 13, "money"),
        SheetColumn(t("sheet.reasons"), 62),
    )
    sections = []
    best = pl.col("tier").cast(pl.Enum(TIERS))
    for (branch,), part in tiers.group_by("_branch", maintain_order=True):
        ranked = part.sort(best, "contribution_12m", "customer_id", descending=[False, True, False], nulls_last=True)
        rows = [_cells(row, called if names else None, t) for row in ranked.to_dicts()]
        sums: list[Cell] = [float(part[name].sum()) for name in ("contribution_12m", "future_value_12m")]
        count = t("sheet.customers", customers=part.height)
        total: list[Cell] = [t("sheet.total"), *[None for _ in names], count, *sums, None, None, None]
        sections.append(SheetSection(str(branch), (), rows, total))
    title = t("sheet.tiers_title", day=day)
    return PrintedSheet(t("sheet.tiers"), title, (t("sheet.inside_only"),), columns, tuple(sections), breaks=True)


def _cells(row: Mapping[str, Any], called: Mapping[str, str] | None, t: Sentences) -> list[Cell]:
    elsewhere = row["main_bank_elsewhere"]
    return [
        row["customer_id"],
        *(() if called is None else (called.get(row["customer_id"]),)),
        t(f"words.tier.{row['tier']}") if row["tier"] else t("words.standing.excluded"),
        *(row["contribution_12m"], row["future_value_12m"]),
        t("words.yes") if elsewhere else None,
        row["wallet_elsewhere_12m"] if elsewhere else None,
        "\n".join(t.reasons(row["reasons"][:_REASONS])),
    ]


def _summary(tiers: pl.DataFrame, day: object, with_names: bool, t: Sentences) -> PrintedSheet:
    columns = (
        SheetColumn(t("sheet.tier"), 22),
        SheetColumn(t("sheet.customers_title"), 14, "count"),
        SheetColumn(t("sheet.share"), 12, "share"),
        SheetColumn(t("sheet.contribution"), 18, "money"),
        SheetColumn(t("sheet.elsewhere"), 18, "count"),
    )
    blocks = [(t("sheet.bank"), tiers)] if tiers["branch_id"].n_unique() > 1 else []
    blocks += [(str(branch), part) for (branch,), part in tiers.group_by("_branch", maintain_order=True)]
    sections = [SheetSection(name, (), *_counts(part, t)) for name, part in blocks]
    told = [name for name in _MEANT if name != "customer_id"]
    names = ["customer_id", *(["name"] if with_names else []), *told]
    meanings = [t("sheet.means", column=t(f"sheet.{name}"), meaning=t(f"sheet.{name}_means")) for name in names]
    sections.insert(0, SheetSection(t("sheet.columns"), tuple(meanings)))
    title = t("sheet.tiers_summary_title", day=day)
    return PrintedSheet(t("sheet.summary"), title, (), columns, tuple(sections), is_portrait=True)


def _counts(part: pl.DataFrame, t: Sentences) -> tuple[list[list[Cell]], list[Cell]]:
    """A row per tier, best first, with its share of those who have one; then those who have none, and the total."""
    rated = part.height - part["tier"].null_count()
    rows: list[list[Cell]] = []
    for tier in (*TIERS, None):
        of_tier = part.filter(pl.col("tier").cast(pl.String).eq_missing(pl.lit(tier, pl.String)))
        if of_tier.is_empty() and tier is None:
            continue
        name = t(f"words.tier.{tier}") if tier else t("words.standing.excluded")
        share = of_tier.height / rated if tier and rated else None
        rows.append([name, of_tier.height, share, *_sums(of_tier)])
    return rows, [t("sheet.total"), part.height, None, *_sums(part)]


def _sums(part: pl.DataFrame) -> list[Cell]:
    return [float(part["contribution_12m"].sum()), len(part.filter("main_bank_elsewhere"))]
