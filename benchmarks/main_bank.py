"""Measure the main bank on a bank with known truth: scorecard, classifier taught by the survey, and by the truth.

    segment simulate BANK --customers 8000 --months 42 --seed 31
    python benchmarks/main_bank.py BANK --as-of 2025-06-30

Those who are judged have no survey label and did not teach by the truth. "Active" leaves out the truly dormant. The
months to notice count from the month in which the main bank truly began to move (a switch takes three to six months)
to the first month's end with another answer than before, of customers whose answer was right before.
"""

from __future__ import annotations

import argparse
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.base import clone
from sklearn.metrics import log_loss, roc_auc_score

from segment.dates import month_end, next_month
from segment.features import snapshot, write_customer_months
from segment.ledger import check_ledger
from segment.main_bank import MainBankClassifier, labels_at, labels_by_date, main_bank_intervals, main_bank_metrics
from segment.main_bank.labels import representative_weights
from segment.main_bank.scorecard import SIGNALS
from segment.metrics import expected_calibration_error
from segment.policy import Policy, load_policy

ROOT = Path(__file__).parents[1]
NOTICED_WITHIN = 12
TRAINED_ON = (12, 15, 18, 21, 24)
"""Months before, of the further snapshots that a training stacks: an answer is learned with the signals of its time."""


def plain_scorecard(frame: pl.DataFrame, policy: Policy) -> np.ndarray:
    """DOMAIN.md 2.3 word for word: the weighted sum, and no salary counts at working age."""
    weights = policy.main_bank.weights.model_dump()
    signals = frame.select(pl.col(f"signal_{name}").fill_null(0.0) for name in SIGNALS).to_numpy()
    without = (frame["signal_salary_months"] == 0.0).fill_null(value=False)
    works = frame["occupation"].is_in(["worker", "self_employed"]).fill_null(value=False)
    summed = signals @ np.array([weights[name] for name in SIGNALS])
    return np.asarray(summed + weights["no_salary"] * (without & works).to_numpy() + weights["intercept"])


def snapshots(bank: Path, policy: Policy, moments: list[dt.date]) -> dict[dt.date, pl.DataFrame]:
    """Snapshots with the true state beside every customer."""
    tables = check_ledger(bank / "ledger", list(policy.products), policy.ledger.tolerated_bad_row_share).tables
    folder = bank / "benchmark_months"
    write_customer_months(tables, policy, moments[-1], folder)
    truth = pl.read_parquet(bank / "truth.parquet").select("month", "customer_id", "state", "switched_on")
    made = snapshot(tables, folder, policy, moments)
    return {
        moment: frame.join(truth.filter(pl.col("month") == moment.replace(day=1)), on="customer_id")
        for moment, frame in made.items()
    }


def line(name: str, model: MainBankClassifier, frame: pl.DataFrame, judged: np.ndarray) -> str:
    """Figures of one classifier."""
    state, chance = frame["state"].to_numpy(), model.predict_proba(frame)[:, 1]
    elsewhere, flag = state == "elsewhere", model.states(frame) == "main_elsewhere"
    active, sure = judged & (state != "dormant"), judged & np.isin(state, ["elsewhere", "main_here"])
    return (
        f"{name:24s} {model.stage_:13s} labels {model.labels_weight_:.2f} trees {model.free_share_:.2f}"
        f" AUC {roc_auc_score(elsewhere[active], chance[active]):.3f}"
        f" log loss {log_loss(elsewhere[active], chance[active]):.3f}"
        f" ECE active {expected_calibration_error(elsewhere[active], chance[active]):.3f}"
        f" here/elsewhere {expected_calibration_error(elsewhere[sure], chance[sure]):.3f}"
        f" flag precision {elsewhere[active & flag].mean():.3f} recall {flag[active & elsewhere].mean():.3f}"
        f" (all: {elsewhere[judged & flag].mean():.3f})"
    )


def confusion(model: MainBankClassifier, frame: pl.DataFrame) -> pl.DataFrame:
    """Share of each true state that gets each answer, and the pensioners who are here but flagged."""
    said = frame.select("state", "occupation", answer=pl.Series(model.states(frame).tolist()))
    groups = pl.concat(
        [
            said.select(group="state", answer="answer"),
            said.filter((pl.col("occupation") == "pensioner") & (pl.col("state") == "main_here")).select(
                group=pl.lit("pensioners here"), answer="answer"
            ),
        ]
    )
    shares = groups.group_by("group", "answer").len().with_columns(pl.col("len") / pl.col("len").sum().over("group"))
    return shares.pivot("answer", index="group", values="len").fill_null(0.0).sort("group")


def months_to_notice(model: MainBankClassifier, monthly: dict[dt.date, pl.DataFrame], to: str, answer: str) -> str:
    """Months from a true switch until the answer changes, and until it is right; never noticed counts as longest."""
    answers = pl.concat(
        frame.select("customer_id", "month", "state", "switched_on", answer=pl.Series(model.states(frame).tolist()))
        for frame in monthly.values()
    )
    months = sorted(answers["month"].unique().to_list())
    index = {month: number for number, month in enumerate(months)}
    switched = answers.filter((pl.col("state") == to) & pl.col("switched_on").is_in(months[1:-NOTICED_WITHIN]))
    changes: list[float] = []
    arrivals: list[float] = []
    for (customer, start), rows in switched.group_by("customer_id", "switched_on"):
        before = answers.filter((pl.col("customer_id") == customer) & (pl.col("month") == months[index[start] - 1]))
        if before.height == 0 or before["answer"][0] != ("main_here" if to == "elsewhere" else "main_elsewhere"):
            continue
        for waits, noticed in (
            (changes, pl.col("answer") != before["answer"][0]),
            (arrivals, pl.col("answer") == answer),
        ):
            seen = rows.filter(noticed)["month"].min()
            waits.append(np.inf if seen is None else index[seen] - index[start] + 1)
    if not changes:
        return f"no switch to {to} of a customer who was known before"
    return (
        f"{len(changes)} switches to {to}: the answer changes after a median of {np.median(changes):g} months"
        f" ({np.isfinite(changes).mean():.2f} ever), is {answer} after {np.median(arrivals):g}"
        f" ({np.isfinite(arrivals).mean():.2f} ever)"
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bank", type=Path)
    parser.add_argument("--as-of", type=dt.date.fromisoformat, required=True)
    parser.add_argument("--policy", type=Path, default=ROOT / "models" / "retail.toml")
    parser.add_argument("--months", type=int, default=24, help="moments before, for the months to notice")
    given = parser.parse_args()
    policy = load_policy(given.policy)
    first = given.as_of.replace(day=1)
    moments = [month_end(next_month(first, -back)) for back in range(given.months, -1, -1)]
    monthly = snapshots(given.bank, policy, moments)
    frame = monthly[given.as_of]
    state = frame["state"].to_numpy()
    elsewhere = (state == "elsewhere").astype(float)
    plain, active = plain_scorecard(frame, policy), state != "dormant"
    sure = np.isin(state, ["elsewhere", "main_here"])
    print(
        f"plain scorecard: AUC of active customers {roc_auc_score(elsewhere[active], plain[active]):.3f},"
        f" elsewhere against here {roc_auc_score(elsewhere[sure], plain[sure]):.3f}"
    )
    rows = pl.read_parquet(given.bank / "ledger" / "main_bank_labels.parquet")
    survey = labels_at(rows, frame["customer_id"], given.as_of).y
    dates = [given.as_of, *(month_end(next_month(first, -back)) for back in TRAINED_ON)]
    stacked = pl.concat([monthly[date].with_columns(as_of=pl.lit(date)) for date in dates], how="diagonal_relaxed")
    answers = labels_by_date(rows, stacked, policy.main_bank.label_months).y
    asked = ~np.isnan(answers) | (stacked["as_of"] == given.as_of).to_numpy()
    stacked, answers = stacked.filter(asked), answers[asked]
    teaches = np.random.default_rng(0).random(len(state)) < 0.5
    judged = np.isnan(survey) & ~teaches
    most = policy.main_bank.most_response_weight
    weight = representative_weights(frame, survey, None, most)
    new = MainBankClassifier.from_policy(policy.main_bank)
    exact = clone(new).set_params(label_error=0.0)
    models = {
        "scorecard": clone(new).fit(frame),
        "survey": clone(new).fit(stacked, answers, representative_weights(stacked, answers, None, most)),
        "survey, signals of now": clone(new).fit(frame, survey, weight),
        "survey, elsewhere only": clone(new).fit(frame, np.where(survey == 1.0, 1.0, np.nan)),
        "truth of the surveyed": clone(exact).fit(frame, np.where(np.isnan(survey), np.nan, elsewhere), weight),
        "truth of half the bank": clone(exact).fit(frame, np.where(teaches, elsewhere, np.nan)),
    }
    print(f"{len(frame)} customers, {int((~np.isnan(survey)).sum())} labels, {int((survey == 1).sum())} elsewhere")
    for name, model in models.items():
        print(line(name, model, frame, judged))
    taught, counted = models["survey"], judged & active
    chance = taught.predict_proba(frame)[:, 1]
    ranges = main_bank_intervals(elsewhere[counted], chance[counted])
    for name, value in main_bank_metrics(elsewhere[counted], chance[counted]).items():
        print(f"  {name:28s} {value:.3f} [{ranges[name][0]:.3f}, {ranges[name][1]:.3f}]")
    print("  held out:", {name: round(value, 3) for name, value in taught.gates_.items()}, taught.expert_score_)
    with pl.Config(tbl_hide_column_data_types=True, tbl_hide_dataframe_shape=True, float_precision=3):
        print(confusion(taught, frame))
    print(months_to_notice(taught, monthly, "elsewhere", "main_elsewhere"))
    print(months_to_notice(taught, monthly, "main_here", "main_here"))


if __name__ == "__main__":
    main()
