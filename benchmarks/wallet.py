"""What the wallet elsewhere captures on banks with known truth, beside own volume and a learner trained on the truth.

    python benchmarks/wallet.py --customers 5000 --months 36 --seeds 201 202

Populations: active customers whose main bank is not here (`split` and `elsewhere` in the truth); of them the break-even
customers whose main bank is elsewhere, who are the candidates for winning over.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import spearmanr
from sklearn.model_selection import KFold

from segment.banks.simulator import simulate_bank
from segment.dates import month_end, next_month
from segment.features import snapshot, write_customer_months
from segment.jobs.build.snapshots import stacked
from segment.ledger import check_ledger
from segment.model import SegmentationModel
from segment.model.main_bank_and_wallet import VOLUMES, Circumstances
from segment.model.wallet_prior import UsualFigures, wallet_prior
from segment.policy import Policy, load_policy
from segment.wallet import CredibleWallet, WalletRegressor

HORIZON = 12
WALLETS = (
    "wallet_elsewhere_12m",
    "wallet_elsewhere_p80",
    "wallet_elsewhere_mean_12m",
    "true_wallet_elsewhere_12m",
)
TOP = 0.10

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def captured(score: Floats, truth: Floats) -> float:
    """Share of the best possible sum that the top decile by a score holds."""
    count = max(1, int(TOP * len(truth)))
    return float(truth[np.argsort(-score, kind="stable")[:count]].sum() / np.sort(truth)[::-1][:count].sum())


def scored(bank: Path, policy: Policy) -> tuple[SegmentationModel, pl.DataFrame]:
    """Train on a bank, score its last month, and join snapshot, tiers and truth."""
    tables = check_ledger(bank / "ledger", list(policy.products), policy.ledger.tolerated_bad_row_share).tables
    last = tables["balances"]["month"].sort()[-1]
    as_of = month_end(last)
    write_customer_months(tables, policy, as_of, bank / "customer_months")
    moments = [month_end(next_month(last, -HORIZON)), as_of]
    made = snapshot(tables, bank / "customer_months", policy, moments, known_until=as_of)
    rows = stacked(made, HORIZON)
    model = SegmentationModel.from_policy(policy).fit(rows, rows[f"contribution_next_{HORIZON}m"].to_numpy())
    now = made[as_of]
    tiers = model.score_customers(now)
    added = [name for name in tiers.columns if name not in now.columns]
    truth = pl.read_parquet(bank / "truth.parquet").filter(pl.col("month") == last).drop("month", "leak_canary")
    truth = truth.rename({name: f"true_{name}" for name in truth.columns if name != "customer_id"})
    joined = now.join(tiers.select("customer_id", *added), on="customer_id").join(truth, on="customer_id")
    return model, joined.sort("customer_id")


def described(model: SegmentationModel, frame: pl.DataFrame) -> tuple[Floats, Floats]:
    """Give circumstances, and what is held here: the features of the estimate."""
    own = [frame.select(pl.sum_horizontal(volume.own)).to_series().fill_null(0.0).to_numpy() for volume in VOLUMES]
    circumstances = Circumstances(model.categories_, model.branch_income_)
    return circumstances.features(frame), np.maximum(np.column_stack(own), 0.0)


def trained_on_truth(X: Floats, truth: Floats) -> Floats:
    """Forecast true wallets with the same learner, each customer by a model that did not see them."""
    wallets = np.zeros(len(truth))
    for train, test in KFold(5, shuffle=True, random_state=0).split(X):
        wallets[test] = WalletRegressor().fit(X[train], truth[train]).predict(X[test])
    return wallets


def ranking(model: SegmentationModel, frame: pl.DataFrame, who: Bools) -> str:
    """Compare rankings within a population."""
    X, own = described(model, frame)
    truth = frame["true_wallet_elsewhere_12m"].to_numpy()[who]
    estimate = frame["wallet_elsewhere_12m"].to_numpy()[who]
    alone = trained_on_truth(X[who], truth)
    both = trained_on_truth(np.column_stack([X, own])[who], truth)
    rows = {"estimate": estimate, "own volume": own[who, 0], "truth, circumstances": alone, "truth, all": both}
    parts = [f"{name} {captured(score, truth):.2f}/{spearmanr(score, truth)[0]:.2f}" for name, score in rows.items()]
    times, of_truth = (captured(estimate, truth) / captured(base, truth) for base in (own[who, 0], both))
    return f"n {who.sum()}: {', '.join(parts)}; {times:.2f} x own volume, {of_truth:.0%} of the truth"


def coverage(model: SegmentationModel, frame: pl.DataFrame, policy: Policy) -> str:
    """Give the share of customers below the quantiles of their assets."""
    X, own = described(model, frame)
    p = frame["main_bank_elsewhere_probability"].to_numpy()
    here, half = p <= policy.wallet.main_here_up_to, np.arange(frame.height) % 2 == 0
    away = (frame["main_bank_state"] == "main_elsewhere").to_numpy()
    share = policy.wallet.main_here_share
    learned = CredibleWallet(policy.wallet.quantiles, main_here_share=share).fit(X, own[:, 0], p, here & half, away)
    new, elsewhere = here & ~half, (frame["true_state"] == "elsewhere").to_numpy()
    truth = frame["true_wealth_total"].to_numpy()[elsewhere]
    assets = model.wallets_["assets"]
    if not isinstance(assets, CredibleWallet) or assets.regressor_ is None or learned.regressor_ is None:
        raise TypeError(f"Assets must have a wallet learned from main-here customers. Got {type(assets).__name__}.")
    usual = UsualFigures(**model.usual_)
    prior = wallet_prior(frame, policy.wallet.prior.assets, policy.wallet.prior, usual).at(elsewhere)
    shown = {
        "main-here held out": (own[new, 0] / share, learned.regressor_.predict_quantiles(X[new])),
        "elsewhere by circumstances": (truth, assets.regressor_.predict_quantiles(X[elsewhere])),
        "elsewhere with own": (truth, assets.predict_quantiles(X[elsewhere], own[elsewhere, 0], prior)),
    }
    return "; ".join(
        f"{name} " + "/".join(f"{np.mean(actual <= level):.3f}" for level in found.T)
        for name, (actual, found) in shown.items()
    )


def flag(frame: pl.DataFrame) -> str:
    """Give precision and recall of the published flag among break-even customers, and what bounds them."""
    of_tier = frame.filter((pl.col("tier") == "break_even") & (pl.col("standing") != "excluded"))
    flagged, elsewhere = of_tier["main_bank_elsewhere"].to_numpy(), of_tier["true_main_bank_elsewhere"].to_numpy()
    worth = (of_tier["true_wallet_elsewhere_12m"] >= of_tier["branch_reference"]).to_numpy()
    proven = (of_tier["main_bank_state"] == "main_elsewhere").to_numpy()
    parts = {
        "precision": elsewhere[flagged],
        f"recall of {elsewhere.sum()} truly elsewhere": flagged[elsewhere],
        f"recall of {(elsewhere & worth).sum()} of them worth moving": flagged[elsewhere & worth],
        "recall of the state main_elsewhere": proven[elsewhere],
        "flagged rightly and worth moving": worth[flagged & elsewhere],
    }
    return f"{flagged.sum()} flagged; " + ", ".join(f"{name} {np.mean(found):.2f}" for name, found in parts.items())


def level(frames: list[pl.DataFrame]) -> str:
    """Compare mean, P50 and truth, pooled over banks: wallets of one bank vary too much to judge a level by."""
    away = pl.concat(
        [frame.filter(pl.col("true_state") == "elsewhere").select("main_bank_elsewhere", *WALLETS) for frame in frames]
    )
    p50, p80, mean, truth = (away[name].to_numpy() for name in WALLETS)
    flagged = away["main_bank_elsewhere"].to_numpy()
    explained = float(np.corrcoef(np.log1p(mean), np.log1p(truth))[0, 1] ** 2)
    return (
        f"{away.height} customers elsewhere: truth {truth.mean():.0f}, mean {mean.mean():.0f}, P50 {p50.mean():.0f};"
        f" truth below P50/P80 {(truth <= p50).mean():.3f}/{(truth <= p80).mean():.3f};"
        f" flagged ({flagged.sum()}): truth {truth[flagged].mean():.0f}, mean {mean[flagged].mean():.0f},"
        f" P50 {p50[flagged].mean():.0f};"
        f" share of the variance of logarithms explained {explained:.2f}"
    )


def report(bank: Path, policy: Policy) -> pl.DataFrame:
    """Print every figure of one bank."""
    model, frame = scored(bank, policy)
    state = frame["true_state"].to_numpy()
    not_here = np.isin(state, ["split", "elsewhere"])
    candidates = (state == "elsewhere") & (frame["tier"] == "break_even").to_numpy()
    print("  captured/Spearman, main bank not here:", ranking(model, frame, not_here), flush=True)
    print("  captured/Spearman, break-even elsewhere:", ranking(model, frame, candidates), flush=True)
    print("  coverage of P50/P80:", coverage(model, frame, policy), flush=True)
    print("  flag:", flag(frame), flush=True)
    print("  level:", level([frame]), flush=True)
    return frame


def main() -> None:
    """Simulate a bank per seed and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=5000)
    parser.add_argument("--months", type=int, default=36)
    parser.add_argument("--seeds", type=int, nargs="+", default=[201, 202])
    parser.add_argument("--policy", type=Path, default=Path(__file__).parents[1] / "models" / "retail.toml")
    arguments = parser.parse_args()
    policy, frames = load_policy(arguments.policy), []
    for seed in arguments.seeds:
        print(f"seed {seed}", flush=True)
        with tempfile.TemporaryDirectory() as work:
            simulate_bank(Path(work), arguments.customers, arguments.months, seed=seed)
            frames.append(report(Path(work), policy))
    print("pooled level:", level(frames))


if __name__ == "__main__":
    main()
