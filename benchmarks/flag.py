"""Precision and recall of `main_elsewhere` on banks of known truth: at a stated share, or by a number of labels.

    python benchmarks/flag.py --customers 4000 --months 30 --seeds 1701 1702 1703 1704 1705
    python benchmarks/flag.py --customers 4000 --months 30 --seeds 1711 1712 1713 1714 1715 --clear
    python benchmarks/flag.py --customers 2000 --months 30 --seeds 3201 3202 --labels 0 10 20 40 60 150

`--clear` simulates banks whose customers show where their main bank is: incomes go there, and nearly all ties to
another bank are those of customers whose main bank it is. The stated share is the true one of the customers who use
their account, and, beside it, that share a fifth too low and too high.

`--labels` asks customers at random who use their account, and one answer in fourteen is wrong; those who were not asked
are judged. Figures are means of ten draws.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from segment.banks.simulator import simulate_bank
from segment.banks.simulator.parameters import SETTINGS, Parameters
from segment.dates import month_end
from segment.features import snapshot, write_customer_months
from segment.ledger import check_ledger
from segment.main_bank import MainBankClassifier
from segment.main_bank.inputs import signals_of
from segment.main_bank.labels import representative_weights
from segment.metrics import expected_calibration_error
from segment.policy import Policy, load_policy

STATED = (1.0, 0.8, 1.2)
CLEAR = "clear"
WRONG, DRAWS = 1 / 14, 10
MAIN_ELSEWHERE = "main_elsewhere"


def clear_signals() -> Parameters:
    """Give a setting where relations show."""
    relation = replace(
        Parameters().relation,
        state_probabilities=(0.58, 0.02, 0.25, 0.15),
        no_link=0.02,
        salary_here=(0.99, 0.45, 0.03, 0.0),
        pension_here=(0.99, 0.50, 0.03, 0.0),
        business_here=(0.97, 0.45, 0.03, 0.0),
        side_pay=(0.0, 0.12, 0.02, 0.0),
        cash_paid=0.01,
        feeder=(0.03, 0.45, 0.97, 0.0),
        other_card=(0.02, 0.22, 0.10, 0.0),
        fund_app=(0.01, 0.12, 0.03, 0.0),
        other_savings_bank=(0.01, 0.15, 0.02, 0.0),
        other_loan=(0.01, 0.07, 0.04, 0.0),
        spend_elsewhere_here=0.05,
        spend_here_elsewhere=0.05,
        leave_annual=(0.010, 0.014, 0.035, 0.045),
    )
    return replace(Parameters(), relation=relation)


def customers(bank: Path, policy: Policy) -> pl.DataFrame:
    """Build the last month's snapshot, with the true state of each customer."""
    tables = check_ledger(bank / "ledger", list(policy.products), policy.ledger.tolerated_bad_row_share).tables
    last = tables["balances"]["month"].sort()[-1]
    as_of = month_end(last)
    write_customer_months(tables, policy, as_of, bank / "customer_months")
    frame = snapshot(tables, bank / "customer_months", policy, [as_of])[as_of]
    truth = pl.read_parquet(bank / "truth.parquet").filter(pl.col("month") == last).select("customer_id", "state")
    return frame.join(truth, on="customer_id").sort("customer_id")


def asked(frame: pl.DataFrame, count: int, draw: int) -> np.ndarray:
    """Answers of some customers who use their account; NaN of the others."""
    rng, state = np.random.default_rng(draw), frame["state"].to_numpy()
    who = rng.permutation(np.flatnonzero(state != "dormant"))[:count]
    labels = np.full(frame.height, np.nan)
    labels[who] = (state[who] == "elsewhere") != (rng.random(count) < WRONG)
    return labels


def measured(
    frame: pl.DataFrame, policy: Policy, share: float | None, labels: np.ndarray | None = None
) -> dict[str, float]:
    """Judge the classifier by customers without a label; active are those who are not dormant in truth."""
    rules, weight = policy.main_bank.model_copy(update={"elsewhere_share": share}), None
    judged = np.ones(frame.height, dtype=bool)
    if labels is not None:
        weight, judged = representative_weights(frame, labels, None, rules.most_response_weight), np.isnan(labels)
    model = MainBankClassifier.from_policy(rules).fit(frame, labels, weight)
    state, chance = frame["state"].to_numpy()[judged], model.predict_proba(frame)[judged, 1]
    elsewhere, active, called = state == "elsewhere", state != "dormant", model.states(frame)[judged] == MAIN_ELSEWHERE
    return {
        "auc": float(roc_auc_score(elsewhere[active], chance[active])),
        "ece": expected_calibration_error(elsewhere[active], chance[active]),
        "cut": model.called_from,
        "precision": float(elsewhere[called].mean()) if called.any() else float("nan"),
        "recall": float(called[elsewhere].mean()),
    }


def bound(frame: pl.DataFrame, precision: float) -> dict[str, float]:
    """Judge what the same signals can say, with every answer known: the most recall at a true precision."""
    signals, elsewhere = signals_of(frame), (frame["state"] == "elsewhere").to_numpy()
    learner = make_pipeline(StandardScaler(), SimpleImputer(strategy="constant", fill_value=0.0), LogisticRegression())
    chance = cross_val_predict(learner, signals, elsewhere, cv=5, method="predict_proba")[:, 1]
    ordered, active = np.argsort(-chance), (frame["state"] != "dormant").to_numpy()
    right = np.cumsum(elsewhere[ordered])
    precise = np.flatnonzero(right / np.arange(1, frame.height + 1) >= precision)
    called = precise[-1] + 1 if precise.size else 0
    return {
        "auc": float(roc_auc_score(elsewhere[active], chance[active])),
        "precision": float(right[called - 1] / called) if called else float("nan"),
        "recall": float(right[called - 1] / elsewhere.sum()) if called else 0.0,
    }


def by_labels(frame: pl.DataFrame, policy: Policy, counts: list[int]) -> None:
    """Report on one bank by the number of labels, with the standard deviation of draws."""
    for count in counts:
        draws = [measured(frame, policy, None, asked(frame, count, draw)) for draw in range(DRAWS if count else 1)]
        each = {key: [draw[key] for draw in draws] for key in draws[0]}
        print(shown(f"{count} labels", {key: float(np.mean(values)) for key, values in each.items()}))
        print(shown("  +-", {key: float(np.std(values)) for key, values in each.items()}), flush=True)


def shown(name: str, figures: dict[str, float]) -> str:
    """Write a line."""
    return f"  {name:28s}" + " ".join(f"{key} {value:.3f}" for key, value in figures.items())


def main() -> None:
    """Simulate a bank per seed and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=4000)
    parser.add_argument("--months", type=int, default=30)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1701, 1702, 1703, 1704, 1705])
    parser.add_argument("--clear", action="store_true")
    parser.add_argument("--labels", type=int, nargs="+", default=[])
    parser.add_argument("--policy", type=Path, default=Path(__file__).parents[1] / "models" / "retail.toml")
    arguments = parser.parse_args()
    policy, found, bounds = load_policy(arguments.policy), [], []
    SETTINGS[CLEAR] = clear_signals()
    for seed in arguments.seeds:
        with tempfile.TemporaryDirectory() as work:
            setting = CLEAR if arguments.clear else "base"
            simulate_bank(Path(work), arguments.customers, arguments.months, seed=seed, setting=setting)
            frame = customers(Path(work), policy)
        active = frame.filter(pl.col("state") != "dormant")
        share = float(np.mean(active["state"].to_numpy() == "elsewhere"))
        print(f"seed {seed}: {frame.height} customers, share elsewhere {share:.3f}", flush=True)
        if arguments.labels:
            by_labels(frame, policy, arguments.labels)
            continue
        print(shown("no share stated", measured(frame, policy, None)), flush=True)
        each = {times: measured(frame, policy, times * share) for times in STATED}
        for times, figures in each.items():
            print(shown(f"stated {times:g} x the true share", figures), flush=True)
        bounds.append(bound(frame, policy.main_bank.flag_precision))
        print(shown("bound: every answer known", bounds[-1]), flush=True)
        found.append(each[1.0])
    for name, all_of in (
        () if arguments.labels else (("mean, true share stated", found), ("mean of the bounds", bounds))
    ):
        print(shown(name, {key: float(np.mean([each[key] for each in all_of])) for key in all_of[0]}))


if __name__ == "__main__":
    main()
