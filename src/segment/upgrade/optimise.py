"""The choice of offers: which options bring the most within hours, budgets, caps and floors."""

# A multi-dimensional knapsack with at most one option per customer (DOMAIN.md 3.1). Its linear relaxation gives the
# bound and the shadow prices; a greedy choice by gain after those prices gives a first solution and is the fallback;
# options that cannot be in a better one are left out (reduced-cost fixing, which loses nothing); SciPy's `milp` (HiGHS)
# decides the rest, or its most hopeful part.

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, eye_array, hstack, vstack

from segment.arrays import Flags, Floats, Integers
from segment.exceptions import ListError

MOST_OPTIONS = 20_000
"""Options that `milp` decides, the most hopeful first; the bound holds for all."""

SECONDS = 30.0
RELATIVE_GAP = 1e-6
_TINY = 1e-9


@dataclass(frozen=True)
class Choice:
    """What was chosen, and how good it is."""

    chosen: Flags  # (options,): at most one option per customer
    gain: float  # Of the chosen options together
    bound: float  # No choice within the limits has more
    greedy_gain: float  # Of the greedy choice, the fallback
    prices: Floats  # (limits,): what one unit more of each limit would bring; below zero for a floor that costs
    unmet: Floats  # (limits,): units that a floor lacks
    method: str  # Whose choice it is

    @property
    def gap(self) -> float:
        """Share of the bound that the choice may lack."""
        return _gap(self.gain, self.bound)

    @property
    def greedy_gap(self) -> float:
        """Share of the bound that the greedy choice may lack."""
        return _gap(self.greedy_gain, self.bound)


def choose(
    customer: NDArray[np.int64],
    gain: Floats,
    use: csr_array,
    low: Floats,
    high: Floats,
    *,
    most_options: int = MOST_OPTIONS,
    seconds: float = SECONDS,
) -> Choice:
    """Choose at most one option per customer, so that the gain is largest."""
    # `customer` (options,): Whose option it is, numbered from 0.
    # `gain` (options,): Expected net gain, in book currency.
    # `use` (limits, options): Units of each limit that an option uses; none below zero.
    # `low`, `high` (limits,): Least and most units of each limit; 0 and infinity where there is none. A floor that
    # cannot be met is met as far as it can be.
    if not len(gain):
        return Choice(np.zeros(0, dtype=bool), 0.0, 0.0, 0.0, np.zeros(len(low)), np.maximum(low, 0.0), "milp")
    one_each = csr_array((np.ones(len(gain)), (customer, np.arange(len(gain)))), shape=(_count(customer), len(gain)))
    problem = _Problem(customer, gain, use, low, high, one_each, lack_price=2.0 * float(np.max(np.abs(gain))) + 1.0)
    bound, prices, customer_prices = _relax(problem)
    reduced = gain - use.T @ prices
    greedy = _greedy(problem, reduced, np.zeros(len(gain), dtype=bool))
    best, method = greedy, "greedy"
    hope = reduced - customer_prices[customer]
    hopeful = np.flatnonzero(hope >= problem.value(greedy) - bound - _TINY * max(1.0, abs(bound)))
    hopeful_few = hopeful[np.argsort(-hope[hopeful], kind="stable")[:most_options]]
    solved = _decide(problem, hopeful_few, seconds)
    if solved is not None:
        filled = _greedy(problem, reduced, solved)
        if problem.value(filled) >= problem.value(greedy):
            best, method = filled, "milp"
    unmet = problem.unmet(best)
    within = bound + problem.lack_price * float(unmet.sum())
    return Choice(best, float(gain @ best), within, float(gain @ greedy), prices, unmet, method)


@dataclass(frozen=True)
class _Problem:
    """What is to be chosen from, and what a unit that a floor lacks counts."""

    customer: NDArray[np.int64]
    gain: Floats
    use: csr_array
    low: Floats
    high: Floats
    one_each: csr_array
    lack_price: float

    def unmet(self, chosen: Flags) -> Floats:
        return np.maximum(self.low - self.use @ chosen.astype(float), 0.0)

    def value(self, chosen: Flags) -> float:
        return float(self.gain @ chosen) - self.lack_price * float(self.unmet(chosen).sum())


def _relax(problem: _Problem) -> tuple[float, Floats, Floats]:
    """Bound of the whole, and prices of the limits and of the customers."""
    floors, caps = np.flatnonzero(problem.low > 0), np.flatnonzero(np.isfinite(problem.high))
    lack = -eye_array(len(floors), format="csr")
    rows = vstack(
        [
            hstack([problem.one_each, csr_array((problem.one_each.shape[0], len(floors)))]),
            hstack([problem.use[caps], csr_array((len(caps), len(floors)))]),
            hstack([-problem.use[floors], lack]),
        ],
        format="csr",
    )
    most = np.concatenate([np.ones(problem.one_each.shape[0]), problem.high[caps], -problem.low[floors]])
    cost = np.concatenate([-problem.gain, np.full(len(floors), problem.lack_price)])
    solution = linprog(cost, A_ub=rows, b_ub=most, bounds=(0.0, None), method="highs")
    if solution.status != 0 or solution.fun is None:
        raise ListError.with_hint(
            f"The choice of offers must have a relaxation. The solver says: {solution.message}",
            "report this as a fault",
        )
    marginals = -solution.ineqlin.marginals
    people = problem.one_each.shape[0]
    prices = np.zeros(len(problem.low))
    prices[caps] += marginals[people : people + len(caps)]
    prices[floors] -= marginals[people + len(caps) :]
    return -float(solution.fun), prices, marginals[:people]


def _greedy(problem: _Problem, reduced: Floats, start: Flags) -> Flags:
    """Add to a choice what the limits leave room for: floors first, then all others, by the gain after the prices."""
    chosen = start.copy()
    used = problem.use @ start.astype(float)
    left, lacking = problem.high - used, problem.low - used
    served = set(problem.customer[start].tolist())
    by_option = problem.use.tocsc()
    order = np.argsort(-reduced, kind="stable")
    for floors_only in (True, False):
        for option in order:
            rows = slice(by_option.indptr[option], by_option.indptr[option + 1])
            limits, units = by_option.indices[rows], by_option.data[rows]
            needed = (lacking[limits] > 0).any()
            if int(problem.customer[option]) in served or (units > left[limits] + _TINY).any():
                continue
            if needed if floors_only else problem.gain[option] > 0:
                chosen[option] = True
                served.add(int(problem.customer[option]))
                left[limits] -= units
                lacking[limits] -= units
    return chosen


def _decide(problem: _Problem, options: Integers, seconds: float) -> Flags | None:
    """Solve what may be better than the greedy choice; None where no solution was found in time."""
    if not len(options):
        return None
    floors = np.flatnonzero(problem.low > 0)
    lack = csr_array((np.ones(len(floors)), (floors, np.arange(len(floors)))), shape=(len(problem.low), len(floors)))
    zeros = csr_array((problem.one_each.shape[0], len(floors)))
    capped = np.isfinite(problem.high)
    rules = [
        LinearConstraint(hstack([problem.one_each[:, options], zeros], format="csr"), -np.inf, 1.0),
        LinearConstraint(hstack([problem.use[:, options], lack], format="csr"), problem.low, np.inf),
    ]
    if capped.any():
        no_lack = csr_array((int(capped.sum()), len(floors)))
        rules.append(
            LinearConstraint(
                hstack([problem.use[capped][:, options], no_lack], format="csr"), -np.inf, problem.high[capped]
            )
        )
    solution = milp(
        np.concatenate([-problem.gain[options], np.full(len(floors), problem.lack_price)]),
        integrality=np.concatenate([np.ones(len(options)), np.zeros(len(floors))]),
        bounds=Bounds(0.0, np.concatenate([np.ones(len(options)), problem.low[floors]])),
        constraints=rules,
        options={"time_limit": seconds, "mip_rel_gap": RELATIVE_GAP},
    )
    if solution.x is None:
        return None
    chosen = np.zeros(len(problem.gain), dtype=bool)
    chosen[options] = solution.x[: len(options)] > 0.5
    return chosen


def _count(customer: NDArray[np.int64]) -> int:
    return int(customer.max()) + 1


def _gap(gain: float, bound: float) -> float:
    return max(0.0, (bound - gain) / abs(bound)) if abs(bound) > _TINY else 0.0
