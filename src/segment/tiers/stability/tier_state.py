"""What hysteresis knows of each customer from the last published tiers."""

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.dates import month_end, next_month
from segment.exceptions import HistoryError

STATE: dict[str, pl.DataType] = {
    "proposed_tier": pl.String(),
    "stable_tier": pl.String(),
    "candidate_tier": pl.String(),
    "candidate_refreshes": pl.Int64(),
    "tier_since": pl.Date(),
    "left_tier": pl.String(),
    "returned": pl.Boolean(),
    "review": pl.String(),
    "notice_until": pl.Date(),
    "override_role": pl.String(),
    "override_expires_on": pl.Date(),
}
"""Columns that stability adds after all others, and their types.

`proposed_tier`: what the model said. `stable_tier`: what hysteresis makes of it, before any override.
`candidate_tier`, `candidate_refreshes`: where the customer is on the way to, and for how many refreshes in a row.
`tier_since`: the date from which the published tier holds. `left_tier`: the published tier before that one.
`returned`: at this date the customer took up again the tier left within the policy's months. `review`: whom the
policy asks before anything is done about the tier. `notice_until`: until when the service of high-value stays.
`override_role`, `override_expires_on`: whose decision the tier is, and its last day.
"""

_CARRIED = ("stable_tier", "candidate_tier", "candidate_refreshes", "tier_since", "left_tier", "review", "notice_until")
_BEFORE = ("tier", "standing", "branch_id")


def state_before(before: pl.DataFrame | None, as_of: dt.date) -> pl.DataFrame:
    """Return the state that the last published tiers left behind."""
    if before is None or before.is_empty():
        names = {f"was_{name}": STATE.get(name, pl.String()) for name in (*_BEFORE, *_CARRIED)}
        return pl.DataFrame(schema={"customer_id": pl.String(), **names})
    before_on = _date_before(before, as_of)
    missing = [name for name in (*_BEFORE, *_CARRIED) if name not in before.columns]
    filled = before.with_columns(pl.lit(None, dtype=STATE.get(name, pl.String())).alias(name) for name in missing)
    in_a_row = before_on == month_end(next_month(as_of, -1))
    state = filled.with_columns(
        stable_tier=pl.coalesce("stable_tier", "tier"),
        tier_since=pl.coalesce("tier_since", pl.lit(before_on)),
        candidate_tier=pl.col("candidate_tier") if in_a_row else pl.lit(None, dtype=pl.String),
        candidate_refreshes=pl.col("candidate_refreshes").fill_null(0) if in_a_row else pl.lit(0, dtype=pl.Int64),
    )
    return state.select("customer_id", pl.col(*_BEFORE, *_CARRIED).name.prefix("was_"))


def _date_before(before: pl.DataFrame, as_of: dt.date) -> dt.date:
    dates: list[dt.date] = before["as_of"].unique().to_list()
    if len(dates) != 1 or dates[0] >= as_of:
        raise HistoryError.of("errors.tiers_before", as_of=as_of, count=len(dates), last=max(dates))
    return dates[0]
