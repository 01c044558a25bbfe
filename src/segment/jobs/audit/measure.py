"""An audit's figures: rates, the same within bands of income, errors, calibration and proxies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import polars as pl

from segment.audit import conditional_rates, group_rates, holm, income_bands, proxy_strength, with_verdicts
from segment.audit.groups import LEAST_TOLD
from segment.audit.rates import SCHEMA
from segment.jobs.audit.decisions import KINDS, SAID
from segment.jobs.audit.people import VULNERABLE, People
from segment.policy.audit import Audit
from segment.tiers import TIERS

INCOME = "external_inflow_12m"
"""What stands for income: money that came in from outside within a year."""

SURE = 0.01
"""Folds share customers, so p-values of an AUC are too small: attributes drawn by lot spread a fifth more than they
should."""

STANDS, TELLS, CHANCE = "stands for it", "can be told", "not to be told"


def rates_of(
    people: People, decisions: pl.DataFrame, income: pl.Series, limits: Audit, errors: pl.Series | None = None
) -> dict[str, Any]:
    """Compare groups by every decision, all tests of it taken together.

    Parameters
    ----------
    people : People
        Attributes of the customers.
    decisions : polars.DataFrame
        Of the same customers.
    income : polars.Series
        Money of a year.
    limits : Audit
        Of the policy.
    errors : polars.Series of bool, optional
        From `missed_high_value`, of the same customers.

    Returns
    -------
    dict
        `rates`, `within_income` and `errors`: lists of rows as plain values.
    """
    least = limits.least_group
    rates = group_rates(people.attributes, decisions, KINDS, least)
    bands = income_bands(income, limits.income_bands)
    within = conditional_rates(people.attributes, decisions, bands, rates)
    missed = pl.DataFrame(schema=SCHEMA)
    if errors is not None:
        missed = group_rates(people.attributes, errors.to_frame(), KINDS, least)
    judged = with_verdicts([rates, within, missed], limits)
    return dict(zip(("rates", "within_income", "errors"), (table.to_dicts() for table in judged), strict=True))


def proxies_of(
    frame: pl.DataFrame, features: Sequence[str], people: People, limits: Audit, seed: int
) -> list[dict[str, Any]]:
    """Tell attributes from what a model reads.

    Parameters
    ----------
    frame : polars.DataFrame
        Rows of a snapshot.
    features : sequence of str
        Columns that the model reads.
    people : People
        Of the same customers.
    limits : Audit
        Of the policy.
    seed : int
        Of sample, folds and shuffles.

    Returns
    -------
    list of dict
        `attribute`, `group`, `customers`, `auc`, `p_adjusted` (Holm), `features` and `verdict`: `stands for it` beyond
        the policy's limit, `can be told` where the AUC is below it and yet no chance (p below 0.01), else `not to be
        told`.
    """
    numbers = [name for name in features if name in frame.columns and frame.schema[name].is_numeric()]
    numbers += [name for name in features if name in frame.columns and frame.schema[name] == pl.Boolean]
    found = proxy_strength(
        frame.select(numbers),
        people.attributes,
        people.households,
        least=limits.least_group,
        limit=limits.proxy_auc,
        seed=seed,
    )
    adjusted = holm([one.p for one in found])
    rows = []
    for one, p in zip(found, adjusted.tolist(), strict=True):
        verdict = STANDS if one.auc > limits.proxy_auc else TELLS if p < SURE else CHANCE
        told = asdict(one) | {"features": one.features if verdict != CHANCE else []}
        rows.append({**told, "p_adjusted": p, "verdict": verdict})
    return rows


def counted(people: People, decisions: pl.DataFrame) -> dict[str, Any]:
    """Say who was looked at, and by which decisions.

    Parameters
    ----------
    people : People
        Attributes of the customers.
    decisions : polars.DataFrame
        Of the same customers.

    Returns
    -------
    dict
        `customers`, `unknown` (customers without a word, by attribute), `missing` and `off` (attributes), `decisions`.
    """
    return {
        "customers": decisions.height,
        "unknown": {name: int(people.attributes[name].null_count()) for name in people.attributes.columns},
        "missing": list(people.missing),
        "off": list(people.off),
        "decisions": {
            name: {"said": SAID[name], "kind": KINDS[name], "customers": int(decisions[name].sum())}
            for name in decisions.columns
        },
    }


def outcomes_by_vulnerability(tiers: pl.Series, people: People, decisions: pl.DataFrame) -> list[Mapping[str, Any]]:
    """Set out what vulnerable and other customers of each tier meet.

    Parameters
    ----------
    tiers : polars.Series of str
        Published.
    people : People
        Of the same customers.
    decisions : polars.DataFrame
        Of the same customers.

    Returns
    -------
    list of dict
        `tier`, `vulnerability`, `customers` and a share per decision; nothing but the group of fewer than ten.

    References
    ----------
    UK Consumer Duty (FCA PS22/9): outcomes of groups, vulnerable customers among them (DOMAIN.md 5).
    """
    if "vulnerability" not in people.attributes.columns:
        return []
    shown = [name for name in decisions.columns if name not in ("high_value", "loss_making")]
    table = decisions.select(shown).with_columns(tier=tiers, vulnerability=people.attributes["vulnerability"])
    rows: list[Mapping[str, Any]] = []
    for tier in TIERS:
        for vulnerable in (True, False):
            own = (pl.col("vulnerability") == VULNERABLE) == vulnerable
            group = table.filter((pl.col("tier") == tier) & own)
            told = group.height >= LEAST_TOLD
            shares = {name: group[name].cast(pl.Float64).mean() if told else None for name in shown}
            label = "vulnerable" if vulnerable else "others"
            rows.append({"tier": tier, "vulnerability": label, "customers": group.height if told else None, **shares})
    return rows
