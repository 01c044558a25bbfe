"""Customers as of many past dates, with the departures that followed: what hazards are learned from."""

# Every figure of a date is a function of the months up to it, and every departure is one that the books showed by
# `as_of`. Months after it are not read.

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from joblib import Parallel, delayed
from numpy.typing import NDArray

from segment.arrays import Floats, Integers
from segment.dates import month_end
from segment.departures.hazards import MOST_MONTHS
from segment.departures.ledger_departures import Departures, departures_of, died_on
from segment.departures.signs import SIGNS, TENURE, is_main_here
from segment.features.catalogue import catalogue
from segment.features.cube import build_cube
from segment.features.customer_sample import CustomerSample
from segment.features.derived import CLIPPED, with_derived_measures
from segment.features.monthly import measures
from segment.features.person import tenure_months
from segment.features.snapshot import CUSTOMERS_A_BUCKET, bucket_features
from segment.features.store import months_written
from segment.policy import Policy

MONTHS_BETWEEN = 2
MOST_DATES = 18
LEAST_MONTHS = 4
"""Months of history that a date must have behind it."""

MOST_ROWS = 12_000
"""Rows of customers who did not depart within twelve months; of more, a part is drawn, each standing for several."""


@dataclass(frozen=True)
class Landmarks:
    """Rows are customers as of dates."""

    signs: Floats  # (n, len(SIGNS))
    leaves: Floats  # (n,): as `DepartureHazards` takes it
    moves: Floats
    weight: Floats
    customer: NDArray[np.str_]
    known: Integers  # months that had passed since the row's date

    def at(self, rows: NDArray[np.bool_]) -> Landmarks:
        """Take some rows."""
        return Landmarks(*(getattr(self, name)[rows] for name in Landmarks.__dataclass_fields__))

    @property
    def tenure_months(self) -> Floats:
        """Time since the relation began."""
        return self.signs[:, SIGNS.index(TENURE)]

    @property
    def main_here(self) -> NDArray[np.bool_]:
        """Whether income comes in and is lived on here."""
        return is_main_here(self.signs)


@dataclass(frozen=True)
class _Bucket:
    folder: Path
    months: tuple[dt.date, ...]
    ends: tuple[int, ...]
    policy: Policy
    customers: pl.DataFrame
    sample: CustomerSample | None


def read_landmarks(
    tables: Mapping[str, pl.DataFrame],
    folder: Path,
    policy: Policy,
    as_of: dt.date,
    *,
    sample: CustomerSample | None = None,
    n_jobs: int = 1,
    seed: int = 0,
) -> Landmarks:
    """Stack the past of every customer, or of a sample.

    Parameters
    ----------
    tables : mapping of str to polars.DataFrame
        `customers` and `contact_rules` of the checked ledger.
    folder : Path
        The folder of customer months.
    policy : Policy
        Products and floors.
    as_of : datetime.date
        A month's last day: nothing dated later is used.
    sample : CustomerSample, optional
        Whose past alone is read.
    n_jobs : int
        Processes over buckets of customers.
    seed : int
        Of the rows that are drawn where there are too many.

    Returns
    -------
    Landmarks
    """
    months = months_written(folder, as_of)
    ends = tuple(sorted(range(len(months) - MONTHS_BETWEEN, LEAST_MONTHS - 1, -MONTHS_BETWEEN)[:MOST_DATES]))
    died = died_on(tables["contact_rules"].filter(pl.col("starts_on") <= as_of))
    customers = tables["customers"].select(
        "customer_id",
        "joined_on",
        left_on=pl.when(pl.col("left_on") <= as_of).then("left_on"),
        died_on=pl.col("customer_id").replace_strict(died, default=None, return_dtype=pl.Date),
    )
    if sample is not None:
        customers = customers.filter(pl.col("customer_id").is_in(sample.customer_ids.implode()))
    buckets = max(1, -(-len(customers) // CUSTOMERS_A_BUCKET))
    given = _Bucket(folder, months, ends, policy, customers, sample)
    parts = Parallel(n_jobs=n_jobs)(delayed(_of_bucket)(given, bucket, buckets) for bucket in range(buckets))
    return _drawn(_stacked(parts), np.random.default_rng(seed))


def _of_bucket(given: _Bucket, bucket: int, buckets: int) -> Landmarks:
    raw = build_cube(given.folder, bucket, buckets, given.months, (*measures(given.policy), CLIPPED), given.sample)
    cube = with_derived_measures(raw, given.policy)
    ids = pl.DataFrame({"customer_id": cube.customer_ids.tolist()}, schema={"customer_id": pl.String})
    record = ids.join(given.customers, on="customer_id", how="left", maintain_order="left")
    departures = departures_of(cube, record["left_on"].to_list(), record["died_on"].to_list())
    recipes = {feature.name: feature for feature in catalogue(given.policy) if feature.recipe is not None}
    made = bucket_features(cube, given.ends, [recipes[name] for name in SIGNS if name != TENURE])
    rows = []
    for number, end in enumerate(given.ends):
        tenure = record.select(tenure_months(month_end(given.months[end - 1]))).to_series().to_numpy()
        signs = np.insert(made[number], SIGNS.index(TENURE), tenure, axis=1)
        rows.append(_as_of(signs, departures, end - 1, len(given.months), cube.customer_ids.tolist()))
    return _stacked(rows)


def _stacked(parts: Sequence[Landmarks]) -> Landmarks:
    if not parts:
        none = np.zeros(0)
        return Landmarks(np.zeros((0, len(SIGNS))), none, none, none, np.zeros(0, np.str_), np.zeros(0, np.intp))
    return Landmarks(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in Landmarks.__dataclass_fields__)
    )


def _as_of(signs: Floats, departures: Departures, place: int, months: int, ids: Sequence[str]) -> Landmarks:
    """Rows of one date: who is here, and what followed."""
    present = departures.here[:, place] & (departures.left > place)
    known = np.full(len(signs), months - 1 - place)
    # a death ends what is seen of a customer and is no departure
    seen = np.minimum(known, np.maximum(departures.died - place - 1, 0))
    leaves = _months_until(departures.left - place, seen)
    still_main = is_main_here(signs) & (departures.moved > place)
    ended = np.minimum(seen, np.maximum(departures.left - place - 1, 0))
    moves = np.where(still_main, _months_until(departures.moved - place, ended), 0.0)
    whose = np.asarray(ids, dtype=np.str_)
    weight = np.ones(int(present.sum()))
    return Landmarks(signs[present], leaves[present], moves[present], weight, whose[present], known[present])


def _months_until(months: Integers, seen: Integers) -> Floats:
    departs = (months >= 1) & (months <= np.minimum(seen, MOST_MONTHS))
    return np.where(departs, months, -np.clip(seen, 0, MOST_MONTHS)).astype(np.float64)


def _drawn(whole: Landmarks, rng: np.random.Generator) -> Landmarks:
    """Keep every row with a departure, and a part of the others that stands for all of them."""
    departs = (whole.leaves > 0.0) | (whole.moves > 0.0)
    others = int((~departs).sum())
    if others <= MOST_ROWS:
        return whole
    kept = departs | (rng.random(len(departs)) < MOST_ROWS / others)
    weighted = replace(whole, weight=np.where(departs, 1.0, others / MOST_ROWS))
    return weighted.at(kept)
