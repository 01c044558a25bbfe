# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # Clusters that decide
#
# Three ways to let clusters of customers say a tier. Plain columns blur the thin break-even tier (the trap). Distances
# from the policy's borders find every tier, but only say again what the borders say (the circle). The odds of next
# year's tiers say something new, and cost less when they are wrong (the way out). A simulated bank, in a folder
# `clusters_that_decide` beside where this runs; the end of 2024 is judged by what 2025 brought.

# %%
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.cluster import KMeans

from segment.banks.simulator import simulate_bank
from segment.evaluation.experiment import new_model
from segment.features import target_name
from segment.jobs.build.extract import extract
from segment.jobs.build.snapshots import build_snapshots, training_dates
from segment.model.quality import with_forecast_tier
from segment.model.scoring import clustering_of, fit_clusters, with_clusters
from segment.model_folder import find_model_file
from segment.plots.style import ACCENT, CONTRAST, TIER_COLOURS, as_png, as_svg, panels
from segment.policy import load_policy
from segment.policy.loader import load_spec
from segment.tiers import TIERS, realised_tiers
from segment.tiers.odds import ODDS
from segment.tiers.ways_to_decide import WAYS, cost_by_way
from segment.warehouse.stored_snapshots import SnapshotSource
from segment.workspace import Workspace

FOLDER = Path("clusters_that_decide")
JUDGED, LAST = dt.date(2024, 12, 31), dt.date(2025, 12, 31)
CLUSTERS, SHARPNESS = 12, 8.0

# %% [markdown]
# ## A bank, and a model that knows nothing of 2025

# %%
print(simulate_bank(FOLDER / "bank", customers=1000, months=36, seed=2))
policy, spec = load_policy(find_model_file("retail.toml")), load_spec(find_model_file("retail-default.toml"))
workspace = Workspace(FOLDER / "workspace")
print(extract(str(FOLDER / "bank" / "ledger"), LAST, workspace, policy, n_jobs=1))
dates = training_dates(workspace.customer_months, JUDGED, 12)
snapshots = build_snapshots(SnapshotSource.read(workspace), policy, [*dates, JUDGED, LAST], n_jobs=1)
past = pl.concat([snapshots[day] for day in dates])
model = new_model(policy, spec).fit_future_value(past, past[target_name(12)].to_numpy())
everyone = with_forecast_tier(model, snapshots[JUDGED])
came = realised_tiers(snapshots[JUDGED], policy)
measured = ~everyone["standing"].is_in(["new", "excluded"])
customers = everyone.filter(measured)

# %% [markdown]
# ## The trap and the circle
# k-means in plain standardised views of value, and in `tanh(a asinh((B - border) / mean cost))`, the distance from each
# of the customer's own three borders. Each cluster takes the tier that most of its customers have by their own figures.


# %%
def by_majority(points: np.ndarray) -> np.ndarray:
    """Tier of each customer's cluster, by its customers' own figures."""
    labels = KMeans(CLUSTERS, n_init=4, random_state=0).fit_predict(points)
    own = customers["own_tier"].to_numpy()
    tiers = {one: max(TIERS, key=lambda tier: int((own[labels == one] == tier).sum())) for one in range(CLUSTERS)}
    return np.array([tiers[one] for one in labels])


value, cost = pl.col("blended_contribution_12m"), pl.col("mean_cost")
plain = customers.select(
    (value / cost).arcsinh(),
    (value / pl.col("branch_reference")).arcsinh().alias("multiple"),
    (1.0 + value / pl.col("cost_annual").clip(lower_bound=1.0)).clip(lower_bound=0.01).log().alias("coverage"),
).to_numpy()
borders = [pl.col(name).fill_null(1e12) for name in ("border_low", "border_break_even", "border_high_reachable")]
aware = customers.select(
    (SHARPNESS * ((value - border) / cost).arcsinh()).tanh().alias(str(place)) for place, border in enumerate(borders)
).to_numpy()
own = customers["own_tier"].to_numpy()
for name, points in (("plain", (plain - plain.mean(axis=0)) / plain.std(axis=0)), ("from the borders", aware)):
    given = by_majority(points)
    found = np.mean(given[own == "break_even"] == "break_even")
    print(f"{name:18}agrees with the own figures: {np.mean(given == own):.1%}; break-even found: {found:.1%}")

# %% [markdown]
# Seen from the borders, clusters agree with the figures that they are made of. So they decide next to nothing: dropping
# them leaves nearly every tier as it is. That is the circle.
#
# ## The way out
# Clusters by the odds of the four tiers in twelve months and by behaviour. A cluster takes the tier that is least
# costly to be wrong about for its customers together; a customer's own odds win where they are clearly against it. A
# way that errs upwards is dearer in advice and cheaper in customers lost: the policy's `[tiers.cost_of_error]` weighs
# that.

# %%
clusters = fit_clusters(everyone, clustering_of(policy, spec.train.seed), None, model.earlier_)
placed = with_clusters(everyone, clusters)
found_by_way = cost_by_way(placed, came, policy)
for way in WAYS:
    accuracy, dear = found_by_way[f"tier_accuracy_by_{way}"], found_by_way[f"tier_cost_by_{way}"]
    print(f"tiers by {way:14}right: {accuracy:.1%}   cost of wrong tiers: {dear:.3f}")
print(f"own odds overrule the cluster of {found_by_way['cluster_guarded']:.1%} of the customers")
print("\n".join(f"{number:3} {name}" for number, name in enumerate(clusters.cluster_names_)))

# %% [markdown]
# Plain about the price: odds alone are as cheap or a hair cheaper. Clusters bring what odds cannot: customers who are
# served and offered to alike are alike in behaviour too, under a name that stays and on a card that people read.

# %%
figure, (left, right) = panels(2, width=12, height=4.8)
costs = [found_by_way[f"tier_cost_by_{way}"] for way in WAYS]
colours = [ACCENT, ACCENT, CONTRAST, CONTRAST]
left.barh([way.replace("_", " ") for way in WAYS], costs, color=colours)
left.invert_yaxis()
left.set_title("Cost of wrong tiers", loc="left", fontweight="bold")
bottom = np.zeros(len(clusters.cluster_names_))
for place, tier in enumerate(TIERS):
    width = clusters.cluster_odds_[:, place]
    right.barh(np.arange(len(width)), width, left=bottom, color=TIER_COLOURS[tier], label=tier.replace("_", "-"))
    bottom += width
right.set_yticks(np.arange(len(bottom)), clusters.cluster_names_, fontsize=7)
right.invert_yaxis()
right.set_title("Odds of next year's tiers, by cluster", loc="left", fontweight="bold")
figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4, frameon=False)
for suffix, text in (("svg", as_svg(figure).encode()), ("png", as_png(figure))):
    (FOLDER / f"ways.{suffix}").write_bytes(text)
print(f"mean odds: {np.round(placed.select(ODDS).to_numpy().mean(axis=0), 3).tolist()}; a picture in {FOLDER}: ways.")
