"""Forecast what each customer of a shop will spend, and all of them together."""

from __future__ import annotations

import datetime as dt
from typing import Any, Self

import numpy as np
import polars as pl

from segment.arrays import Floats
from segment.exceptions import ModelError, UsageError
from segment.trees import on_one_blas_thread
from segment.value.purchases.purchase_log import PurchaseLog, purchase_log
from segment.value.purchases.purchase_shape import SHAPES, LearnedShape, Outcome, Stack, learn_stack, trust
from segment.value.purchases.purchase_snapshot import Snapshot, take_snapshot
from segment.value.purchases.spending_curve import season_effects
from segment.value.purchases.spending_level import (
    OPINIONS,
    learn_level,
    level_window,
    said_of_total,
    sampling_error,
)

MOST_CUT_OFFS = 5
LEAST_OUTCOME_DAYS = 14
LEAST_PAYING = 30
"""Customers with spending in an outcome from which something is learned of who spends."""


class PurchaseForecast:
    """Forecast spending from a log of dated purchases, for each customer and for all of them.

    Who spends how much and what all spend are learned apart. Who: BG/NBD and Pareto/NBD with gamma-gamma, a correction
    of their geometric mean by boosted trees, and trees alone are weighed where each was told beforehand, at earlier
    cut-offs of the same log. All: the total of BG/NBD and the curve that cohorts follow, weighed likewise. What few
    customers say counts for little: a small log gets nearly the classic forecast.

    Parameters
    ----------
    days : int, default 365
        Days to forecast, from the day after the last one known.
    random_state : int, default 0
        Seed of the trees.

    Attributes
    ----------
    total_ : TotalForecast
        Spending of all customers together, with the ends between which it lies in 80% of cases.
    backtest_ : DataFrame
        By earlier cut-off: days after it, the total that came, and what each opinion had said of it.
    shape_weights_ : dict of str to float
        Weight of each opinion on who spends.
    level_weights_ : dict of str to float
        Weight of each opinion on the total.
    correction_trust_ : float
        Between 0 and 1: how far the correction of the classic models is believed, by how many customers it was
        learned from.
    classic_parameters_ : dict of str to float
        `r`, `alpha`, `a`, `b` of BG/NBD (weeks), and `p`, `q`, `v` of gamma-gamma (book currency).

    Notes
    -----
    Customers are those with a purchase up to the last day known; what new ones will bring is not forecast. A bank's
    contribution, which may be negative and comes whether or not the customer acts, is no purchase: it is refused.

    References
    ----------
    Fader, Hardie and Lee, *"Counting Your Customers" the Easy Way*, Marketing Science 24 (2005) (BG/NBD); Schmittlein,
    Morrison and Colombo, *Counting Your Customers*, Management Science 33 (1987) (Pareto/NBD); Fader and Hardie, *The
    Gamma-Gamma Model of Monetary Value*, brucehardie.com/notes/025 (2013); Wolpert, *Stacked generalization*, Neural
    Networks 5 (1992).

    Examples
    --------
    >>> import numpy as np, polars as pl
    >>> rng = np.random.default_rng(0)
    >>> day = np.datetime64("2025-01-01") + rng.integers(0, 300, 2_000).astype("timedelta64[D]")
    >>> log = {"customer_id": rng.zipf(1.5, 2_000) % 400, "date": day, "amount": rng.gamma(2.0, 20.0, 2_000)}
    >>> forecast = PurchaseForecast(days=90).fit(pl.DataFrame(log))
    >>> forecast.predict().columns
    ['customer_id', 'expected_spend', 'chance_active']
    >>> forecast.total_.low < forecast.total_.expected < forecast.total_.high
    True
    """

    def __init__(self, days: int = 365, *, random_state: int = 0) -> None:
        self.days = days
        self.random_state = random_state

    @on_one_blas_thread
    def fit(self, purchases: Any, until: dt.date | None = None) -> Self:
        """Learn from the purchases up to a day.

        Parameters
        ----------
        purchases : pandas or Polars frame
            `customer_id`, `date` and `amount`, one row per purchase or per item. Negative amounts are returns: they
            are taken off the same day, and off the total.
        until : date or None
            Last day that is known. None: the last day of the log.

        Returns
        -------
        PurchaseForecast
            Itself.

        Raises
        ------
        ModelError
            Where a column is missing or not usable, or the log is too short, holds too few customers who came twice,
            or holds more returns than a shop has.
        UsageError
            Where `days` is below 1.
        """
        if self.days < 1:
            raise UsageError(f"`days` must be at least 1. Got {self.days} instead.")
        log = purchase_log(purchases, until)
        earlier = [self._outcome(log, take_snapshot(log, day), log.until) for day in cut_offs(log, self.days)]
        now = take_snapshot(log, log.until)
        self._learn_shape(log, [outcome for outcome in earlier if _tells(outcome)], now)
        self._learn_level(log, earlier, now)
        self._pandas = not isinstance(purchases, pl.DataFrame)
        self._customers, self._active = now.customers, now.pareto_nbd.alive(now.history)
        bg_nbd, spend = now.bg_nbd, now.gamma_gamma
        self.classic_parameters_ = {name: getattr(bg_nbd, name) for name in ("r", "alpha", "a", "b")}
        self.classic_parameters_ |= {name: getattr(spend, name) for name in ("p", "q", "v")}
        return self

    def predict(self) -> Any:
        """Tell what each customer will spend in the days to come.

        Returns
        -------
        frame of the kind that was learned from
            One row per customer known, by id: `customer_id`, `expected_spend` in book currency, which adds up to
            `total_.expected`, and `chance_active`, the chance of Pareto/NBD that the customer has not left.

        Raises
        ------
        ModelError
            Where nothing was learned yet.
        """
        if not hasattr(self, "total_"):
            raise ModelError.with_hint("A forecast must be fitted before it predicts.", "call `fit` first")
        spend = self._share * (self.total_.expected / len(self._share))
        columns = {"customer_id": self._customers, "expected_spend": spend, "chance_active": self._active}
        frame = pl.DataFrame(columns)
        return frame.to_pandas() if self._pandas else frame

    def _learn_shape(self, log: PurchaseLog, outcomes: list[Outcome], now: Snapshot) -> None:
        stack = self._stack(log, outcomes)
        self._share = stack.blend(self._shapes(outcomes, now, self.days))
        self.shape_weights_ = dict(zip(SHAPES, stack.weights.tolist(), strict=True))
        self.correction_trust_ = stack.trust

    def _learn_level(self, log: PurchaseLog, earlier: list[Outcome], now: Snapshot) -> None:
        season = season_effects(log.days, log.until)
        windows = [level_window(log, outcome, season) for outcome in earlier if outcome.spent.sum() > 0]
        level = learn_level(windows)
        said = said_of_total(log, now, self.days, season) * log.kept_share
        self.total_ = level.total(said, sampling_error(self._share))
        self.level_weights_ = dict(zip(OPINIONS, level.weights.tolist(), strict=True))
        self.backtest_ = pl.DataFrame(
            [(window.cut_off, window.days, window.actual, *window.said.tolist()) for window in windows],
            schema={"cut_off": pl.Date, "days": pl.Int64, "actual": pl.Float64, **dict.fromkeys(OPINIONS, pl.Float64)},
            orient="row",
        )

    def _outcome(self, log: PurchaseLog, snapshot: Snapshot, end: dt.date) -> Outcome:
        days = min(self.days, (end - snapshot.cut_off).days)
        return Outcome(snapshot, days, log.spent(snapshot.customers, snapshot.cut_off, days))

    def _shapes(self, outcomes: list[Outcome], snapshot: Snapshot, days: int) -> Floats:
        if outcomes:
            return LearnedShape.learn(outcomes, self.random_state).shapes(snapshot, days)
        bg_nbd, pareto_nbd = snapshot.classic(days)
        both = np.sqrt(bg_nbd * pareto_nbd)
        return np.column_stack([each / each.mean() for each in (bg_nbd, pareto_nbd, both, both)])

    def _stack(self, log: PurchaseLog, outcomes: list[Outcome]) -> Stack:
        """Weigh the shapes at each cut-off by which some outcome was known."""
        shapes, spent = [], []
        for outcome in outcomes:
            now = outcome.snapshot.cut_off
            past = [each.snapshot for each in outcomes if (now - each.snapshot.cut_off).days >= LEAST_OUTCOME_DAYS]
            known = [each for each in (self._outcome(log, snapshot, now) for snapshot in past) if _tells(each)]
            if known:
                shapes.append(self._shapes(known, outcome.snapshot, outcome.days))
                spent.append(outcome.spent)
        return learn_stack(shapes, spent, trust(outcomes))


def cut_offs(log: PurchaseLog, days: int) -> list[dt.date]:
    """Earlier days to look back from: beyond a third of the log, with an outcome of a fifth of it or of the horizon."""
    length = (log.until - log.start).days
    first, last = -(-length // 3), length - max(min(days, length // 5), LEAST_OUTCOME_DAYS)
    number = min(MOST_CUT_OFFS, max(0, (last - first) // LEAST_OUTCOME_DAYS + 1))
    places = np.linspace(last, first, number) if number else np.empty(0)
    return [log.start + dt.timedelta(int(place)) for place in reversed(places.round())]


def _tells(outcome: Outcome) -> bool:
    return int((outcome.spent > 0).sum()) >= LEAST_PAYING
