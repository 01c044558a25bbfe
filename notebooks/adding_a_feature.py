# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # Adding a feature, and finding out whether it helps
#
# A feature is a line in the catalogue with a recipe. Here one is added for as long as this runs, built by the package
# for every past date, and evaluated: the same model with it and without it, on outcomes that neither had seen. To keep
# it, the same line goes into `segment.features.behaviour_features` (see `docs/how-to/add-a-feature.md`).

# %%
import datetime as dt
import sys
from pathlib import Path
from unittest.mock import patch

import polars as pl

from segment.banks.simulator import simulate_bank
from segment.evaluation.champion_challenger import paired_differences
from segment.evaluation.holdout import evaluate_holdout, forecast_metrics
from segment.features import target_name
from segment.features.feature import Feature
from segment.features.recipes import Portion
from segment.jobs.build.extract import extract
from segment.jobs.build.snapshots import build_snapshots, stacked, training_dates
from segment.model_folder import find_model_file
from segment.plots.style import ACCENT, INK, MUTED, as_png, as_svg, panels
from segment.policy import ModelSpec, load_policy
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace

FOLDER = Path("adding_a_feature")
AS_OF = dt.date(2025, 12, 31)
HORIZON = 6

# %% [markdown]
# ## The bank
# A simulated one, small enough for a coffee break.

# %%
print(simulate_bank(FOLDER / "bank", customers=1200, months=30, seed=11))
policy = load_policy(find_model_file("retail.toml"))
workspace = Workspace(FOLDER / "workspace")
print(extract(str(FOLDER / "bank" / "ledger"), AS_OF, workspace, policy, n_jobs=1))

# %% [markdown]
# ## The feature
# Do customers who pay much of what comes in by direct debit stay more predictable? A name that ends in its window, a
# unit, one sentence of meaning, who may use it, and a recipe made of measures that customer months already hold.

# %%
new = Feature(
    "direct_debit_share_6m", "share", 6, "Direct debits over money from outside the bank.", ("future_value",),
    recipe=Portion(("flow_direct_debit",), "external_inflow", 6),
)  # fmt: skip

# %% [markdown]
# ## Every past date, with the feature
# The recipe sees months up to each snapshot date and no later one, so no outcome can leak into it.

# %%
module = sys.modules["segment.features.catalogue"]
present = module.behaviour_features
added = patch.object(module, "behaviour_features", lambda: [*present(), new])
dates = training_dates(workspace.customer_months, AS_OF, HORIZON)
with added:
    source = SnapshotSource.read(workspace)
    snapshots = build_snapshots(source, policy, [*dates, AS_OF], horizon_months=HORIZON, n_jobs=1)
frame = stacked(snapshots, HORIZON)
print(frame.group_by("as_of").agg(share_known=pl.col(new.name).is_not_null().mean()).sort("as_of"))

# %% [markdown]
# ## With and without
# Two specs that differ in one line. Both learn from outcomes that had passed before the newest ones, and forecast
# those.

# %%
target = frame[target_name(HORIZON)].to_numpy()
train = {"horizon_months": HORIZON}
with_it = ModelSpec(name="with", train=train)
without = ModelSpec(name="without", train=train, features={"leave_out": [new.name]})
with added:
    evaluated = {spec.name: evaluate_holdout(frame, target, policy, spec) for spec in (without, with_it)}
holdouts = {name: holdout for name, holdout in evaluated.items() if holdout is not None}  # customers are enough here
for name, holdout in holdouts.items():
    metrics = forecast_metrics(holdout)
    print(f"{name:8} Spearman {metrics['spearman']:.4f}, error saved {metrics['mae_skill']:.4f}")

# %% [markdown]
# ## Is it more than luck?
# The same customers twice, resampled in pairs: where the interval of the difference holds zero, the feature has not
# shown that it helps. Then leave it out, however good the idea was: each feature has to be explained, watched for
# drift and maintained.

# %%
compared = paired_differences(holdouts["without"], holdouts["with"])
shown = [row for row in compared.figures if row[0] in ("spearman", "mae_skill", "top_decile_capture")]
for metric, _, _, gap, low, high in shown:
    verdict = "helps" if low > 0 else "hurts" if high < 0 else "may be luck"
    print(f"{metric:20} {gap:+.4f} ({low:+.4f} to {high:+.4f}): {verdict}")

figure, (axes,) = panels(width=8, height=3.2)
places = range(len(shown))
axes.axvline(0, color=MUTED, linewidth=1)
for place, row in zip(places, shown, strict=True):
    gap, low, high = row[3:]
    axes.plot([low, high], [place, place], color=ACCENT, linewidth=3, solid_capstyle="round")
    axes.plot(gap, place, "o", color=INK, markersize=8)
axes.set_yticks(list(places), [row[0].replace("_", " ") for row in shown])
axes.set(
    xlabel="difference that the feature makes, with its 95 % interval",
    title=f"Does `{new.name.replace('_', ' ')}` help?".replace("`", ""),
    ylim=(-0.6, len(shown) - 0.4),
)
axes.invert_yaxis()
(FOLDER / "difference.svg").write_text(as_svg(figure), encoding="utf-8")
(FOLDER / "difference.png").write_bytes(as_png(figure))
figure
