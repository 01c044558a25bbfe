"""The service plan as pages that need nothing else: one per branch and an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from segment.jobs.card.blocks import Block, Heading, Table, Text, as_html
from segment.service.plan import BY_TRIAL
from segment.warehouse import write_whole

INDEX = "index.html"
Row = dict[str, Any]


def write_pages(plan: pl.DataFrame, folder: Path, currency: str) -> None:
    """Write a page per branch and the index.

    Parameters
    ----------
    plan : polars.DataFrame
        Rows of all branches.
    folder : Path
        Made if it is not there.
    currency : str
        Of the amounts.
    """
    branches = plan.partition_by("branch_id", as_dict=True, maintain_order=True)
    for (branch,), rows in branches.items():
        _write(folder / page_name(str(branch)), f"Service plan of {branch}", list(_page(rows.to_dicts(), currency)))
    sums = [
        (str(branch), rows["customers"].sum(), f"{sum(rows['budget'].to_list()):,.2f}", page_name(str(branch)))
        for (branch,), rows in branches.items()
    ]
    blocks: list[Block] = [
        Heading("Service plan by branch", 1),
        Text(f"As of {plan['as_of'].to_list()[0]}, amounts in {currency}. All rows: `plan.csv`."),
        Table(("branch", "customers", "budget", "page"), sums),
    ]
    _write(folder / INDEX, "Service plan by branch", blocks)


def page_name(branch: str) -> str:
    """Name a branch's page; whatever its id holds, the page stays in the folder.

    Parameters
    ----------
    branch : str
        Its id.

    Returns
    -------
    str

    Examples
    --------
    >>> page_name("B001"), page_name("../x")
    ('branch-B001.html', 'branch-..%2Fx.html')
    """
    return f"branch-{quote(branch, safe='')}.html"


def _write(path: Path, title: str, blocks: list[Block]) -> None:
    # a page's name in a cell becomes a link; `page_name` leaves nothing in it that HTML reads
    text = re.sub(
        r"<td>(branch-[^<\s]+\.html)</td>",
        lambda found: f'<td><a href="{quote(found[1])}">{found[1]}</a></td>',
        as_html(title, blocks),
    )
    write_whole(path, lambda beside: beside.write_text(text, encoding="utf-8"))


def _page(rows: list[Row], currency: str) -> Iterator[Block]:
    yield Heading(f"Service plan of {rows[0]['branch_id']}", 1)
    budget = sum(row["budget"] for row in rows)
    number = sum(row["customers"] for row in rows)
    yield Text(
        f"As of {rows[0]['as_of']}: {number:,} customers, a budget of {budget:,.2f} {currency} for twelve months."
    )
    yield Text("Everybody has access to the counter, a basic account and a way to complain, whatever the tier.")
    if any(row.get(BY_TRIAL) for row in rows):
        counted = ", ".join(f"{row[BY_TRIAL]} as {_group(row)}" for row in rows if row[BY_TRIAL])
        yield Text(
            f"Served by the draw of the service trial and counted with the tier as which they are served: {counted}. "
            "Prices and waivers stay those of a customer's own tier."
        )
    yield from _service(rows)
    yield from _money(rows, currency)
    yield from _offers(rows)


def _group(row: Row) -> str:
    return f"{row['tier']} · {row['sub_state']}".replace("_", " ")


def _service(rows: list[Row]) -> Iterator[Block]:
    yield Heading("Service level")
    columns = ("customers", "tracked_by", "customers_per_adviser", "advisers_needed", "contact_every_days")
    heads = ("group", "customers", "tracked by", "customers per adviser", "advisers", "contact every … days")
    yield Table(heads, [(_group(row), *(row[name] for name in columns)) for row in rows])
    yield Heading("Process")
    limits = ("counter_wait_minutes", "decision_days", "complaint_days")
    shown = ("group", "fast lane", "wait, minutes", "decision, days", "complaint, days")
    yield Table(shown, [(_group(row), row["fast_lane"], *(f"{row[name]:g}" for name in limits)) for row in rows])


def _money(rows: list[Row], currency: str) -> Iterator[Block]:
    yield Heading("Resource budget")
    yield Text(
        f"{currency}. By the group's contribution of twelve months where that is positive, after the floors; "
        "– stands for groups of fewer than ten customers."
    )
    budgets = [
        (_group(row), _amount(row["contribution_12m"]), f"{row['budget_floor_share']:.0%}", f"{row['budget']:,.2f}")
        for row in rows
    ]
    yield Table(("group", "contribution", "floor of the plan", "budget"), budgets)
    yield Heading("Price")
    yield Text(
        "Waivers of published tariff items, the same for a whole group; never a price for one customer. Effect on "
        f"twelve months' contribution in {currency} of the largest waiver, at a low, mid and high elasticity of demand."
    )
    effects = ("effect_low", "effect_mid", "effect_high")
    prices = [
        (
            _group(row),
            ", ".join(row["tariff_items"]) or None,
            f"{row['waiver_low']:.0%} to {row['waiver_high']:.0%}" if row["tariff_items"] else None,
            *(_amount(row[name]) for name in effects),
            row["competitor_reaction"] or None,
        )
        for row in rows
    ]
    yield Table(("group", "items", "waiver", "low", "mid", "high", "competitors"), prices)


def _offers(rows: list[Row]) -> Iterator[Block]:
    yield Heading("Product bundles")
    yield Text("Each part can be had alone.")
    offers = [(_group(row), "; ".join([*row["bundles"], *row["programmes"]]) or None) for row in rows]
    yield Table(("group", "offers"), offers)
    yield Heading("Staff and skills")
    yield Table(("group", "staff", "skills"), [(_group(row), row["staff"], "; ".join(row["skills"])) for row in rows])


def _amount(value: float | None) -> str | None:
    return None if value is None else f"{value:,.0f}"
