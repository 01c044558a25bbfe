"""What outcomes teach of the chances that a contact adds, level by level."""

# chance = the policy's, of programme and channel * that there is something to move * factor of all programmes of an aim
# * of the programme * of the channel * evidence. Each factor is a mean of what was said before and of what was
# measured, weighted by how sure each is: the difference of the arms by its standard error, the policy's chances by
# `outcomes.prior_contacts`, evidence by how far kinds of customers differ beyond chance. An aim is drawn to the
# policy's word; a programme, a channel and a kind of customer to all of the level above, from which alone they differ.
# So a small arm says little (partial pooling: Gelman, Hill, Data Analysis Using Regression and Multilevel/Hierarchical
# Models, 2007, ch. 12).

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import sqrt

import numpy as np
import polars as pl

from segment.policy import Policy
from segment.policy.offer_odds import expected_uplift
from segment.upgrade.chances import (
    Factor,
    LearnedChances,
    ProgrammeChance,
    evidence_in,
    kind_of,
    of_events,
    relative_spread,
)
from segment.upgrade.compared_arms import Cell, MeasureDifference, comparable
from segment.upgrade.refutation import ask_the_policy

CHANCY = ("wallet_elsewhere", "retention")
"""Values of programmes that some customers alone have to move."""

OF_THE_POLICY = ("trigger",)
"""Evidence of which the policy has a word, which is as sure as its chances; of the rest nobody knows before."""


def learn_chances(measured: pl.DataFrame, policy: Policy, difference: MeasureDifference) -> LearnedChances:
    """Learn from everyone who was drawn, reached or not, whose months have passed."""
    rows = comparable(_with_promise(measured.drop_nulls("moved"), policy)).filter(pl.col("expected") > 0.0)
    rules, spontaneous = policy.outcomes, policy.upgrade.spontaneous_probability
    weight = rules.prior_contacts
    of_the_policy = partial(_spreads_of_the_policy, weight=weight)
    channels: dict[tuple[str, str], Factor] = {}
    cells: list[Cell] = []
    parts = []
    for (aim,), here in rows.group_by("aim", maintain_order=True):
        whole = Cell.of(here, str(aim), difference)
        if whole is None:
            continue
        own = _pooled(whole, relative_spread(whole.promise, weight), 1.0)
        of_programme, after = _within(_times(here, own), "programme", of_the_policy, difference)
        for (programme,), part in after.group_by("programme", maintain_order=True):
            name = str(programme)
            both = channels[name, ""] = own.then(of_programme.get(name, Factor()))
            of_channel, last = _within(part, "channel", of_the_policy, difference)
            channels |= {(name, channel): both.then(factor) for channel, factor in of_channel.items()}
            cell = Cell.of(here.filter(pl.col("programme") == name), name, difference)
            cells += [cell] if cell is not None else []
            parts.append(last)
    if not parts:
        return LearnedChances()
    evidence: dict[tuple[str, str], Factor] = {}
    last = pl.concat(parts)
    for kind in evidence_in(last.columns):
        spreads = of_the_policy if kind in OF_THE_POLICY else partial(_spreads_between, most=rules.evidence_spread)
        of_kind, last = _within(last, kind, spreads, difference)
        evidence |= {(kind, value): factor for value, factor in of_kind.items()}
    control = last.filter(~pl.col("treated")).group_by("programme", maintain_order=True)
    alone = (weight * spontaneous + pl.col("moved").sum()) / (weight + pl.len())
    own_weights = {cell.value: channels[cell.value, ""].own_weight for cell in cells}
    programmes = _beside_the_promise(cells, own_weights, last)
    asked = ask_the_policy(rows, policy, difference)
    return LearnedChances(dict(control.agg(alone).rows()), programmes, channels, evidence, asked)


def _times(rows: pl.DataFrame, factor: Factor) -> pl.DataFrame:
    return rows.with_columns(expected=pl.col("expected") * factor.value)


def _with_promise(rows: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Add the arm as a flag, and what the policy expects a contact to add; nothing where that is not known."""
    asked = rows.select("programme", "channel").unique(maintain_order=True).rows()
    promise = pl.DataFrame(
        [(*key, expected_uplift(policy, *key)) for key in asked],
        schema={"programme": pl.String, "channel": pl.String, "promise": pl.Float64},
        orient="row",
    )
    # rows of an older list do not say how likely there was something to move, which is sure in some programmes alone
    sure = [code for code, one in policy.programmes.items() if one.value not in CHANCY]
    known = pl.col("movable_probability") if "movable_probability" in rows.columns else pl.lit(None, pl.Float64)
    movable = known.fill_null(pl.col("programme").is_in(sure).cast(pl.Float64))
    return rows.join(promise, on=["programme", "channel"], maintain_order="left").with_columns(
        treated=pl.col("arm") == "contact",
        expected=pl.col("promise") * movable * of_events(rows.columns),
        aim=pl.col("programme").replace_strict({code: one.moved_when for code, one in policy.programmes.items()}),
    )


def _pooled(cell: Cell, spread: float, usual: float) -> Factor:
    """Weigh a factor of 1, which is as sure as its spread, and how far the measured one is from the usual one."""
    if not spread > 0.0:
        return Factor()
    own = spread**2 / (spread**2 + cell.error**2)
    return Factor(max(0.0, 1.0 + own * (cell.ratio - usual)), own)


def _within(
    rows: pl.DataFrame,
    column: str,
    spreads: Callable[[list[Cell]], Sequence[float]],
    difference: MeasureDifference,
) -> tuple[dict[str, Factor], pl.DataFrame]:
    """Factors of each value of a column against all rows together, and the rows with what is expected by them."""
    named = rows.filter(kind_of(column).is_not_null())
    whole = Cell.of(named, column, difference)
    parts = [(str(value), part) for (value,), part in named.group_by(kind_of(column), maintain_order=True)]
    cells = [cell for value, part in parts if (cell := Cell.of(part, value, difference)) is not None]
    if whole is None or len(cells) < 2:  # one alone says what was said above
        return {}, rows
    spread = dict(zip([cell.value for cell in cells], spreads(cells), strict=True))
    factors = {cell.value: _pooled(cell, spread[cell.value], whole.ratio) for cell in cells}
    by_value = {value: factor.value for value, factor in factors.items()}
    factor = kind_of(column).replace_strict(by_value, default=1.0, return_dtype=pl.Float64)
    return factors, rows.with_columns(expected=pl.col("expected") * factor.fill_null(1.0))


def _spreads_of_the_policy(cells: list[Cell], weight: float) -> list[float]:
    return [relative_spread(cell.promise, weight) for cell in cells]


def _spreads_between(cells: list[Cell], most: float) -> list[float]:
    """How far kinds of customers really are from each other, beyond what chance explains; the same for each."""
    # By moments: R. DerSimonian, N. Laird, "Meta-analysis in clinical trials", Controlled Clinical Trials 7, 1986.
    ratio = np.array([cell.ratio for cell in cells])
    weight = np.array([cell.error for cell in cells]) ** -2.0
    beyond = float(weight @ (ratio - weight @ ratio / weight.sum()) ** 2) - (len(cells) - 1)
    scale = float(weight.sum() - weight @ weight / weight.sum())
    return [min(most, sqrt(max(beyond, 0.0) / scale)) if scale > 0.0 else 0.0] * len(cells)


def _beside_the_promise(
    cells: list[Cell], own_weights: Mapping[str, float], last: pl.DataFrame
) -> tuple[ProgrammeChance, ...]:
    """Say of each programme what the policy promised, what was measured, and what is used now."""
    used = dict(last.filter("treated").group_by("programme", maintain_order=True).agg(pl.col("expected").mean()).rows())
    return tuple(
        ProgrammeChance(
            programme=cell.value,
            promised=cell.expected,
            measured=cell.found.estimate,
            low=cell.found.low,
            high=cell.found.high,
            used=used[cell.value],
            own_weight=own_weights[cell.value],
        )
        for cell in cells
    )
