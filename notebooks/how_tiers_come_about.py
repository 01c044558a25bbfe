# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # How tiers come about
#
# From the lines of the account to a tier, for one branch of a simulated bank of 2,000 customers, in a folder
# `how_tiers_come_about` beside where this runs: what a customer brings, the three borders of each customer's own, the
# clusters, and who decides where a cluster and a customer's own figures differ. Every rule is a call of the package.

# %%
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from segment.banks.simulator import simulate_bank
from segment.contribution import LINES
from segment.jobs.learn.describe_clusters import published_clusters
from segment.jobs.learn.train import train
from segment.jobs.publish.refresh import refresh
from segment.model_folder import find_model_file
from segment.plots.clusters_plots import cluster_card, clusters_overview
from segment.plots.style import INK, MUTED, TIER_COLOURS, as_png, as_svg, panels
from segment.policy import load_policy
from segment.sentences import Sentences
from segment.tiers import TIERS, tier_table
from segment.tracking.registry import Tracking
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace

FOLDER = Path("how_tiers_come_about")
AS_OF = dt.date(2025, 12, 31)
TIER_NAMES = {tier: tier.replace("_", "-") for tier in TIERS}
pl.Config.set_tbl_width_chars(160).set_tbl_rows(30).set_tbl_hide_dataframe_shape(True).set_float_precision(2)


def save(figure: Figure, name: str) -> None:
    """Write a picture for a slide."""
    (FOLDER / f"{name}.svg").write_text(as_svg(figure), encoding="utf-8")
    (FOLDER / f"{name}.png").write_bytes(as_png(figure))


# %%
policy = load_policy(find_model_file("retail.toml"))
print(simulate_bank(FOLDER / "bank", customers=2000, months=30, seed=7))
ledger = str(FOLDER / "bank" / "ledger")
workspace = Workspace(FOLDER / "workspace")
tracking = Tracking(workspace.root)
print(train(ledger, AS_OF, workspace, policy, tracking, n_jobs=1))
print(refresh(ledger, AS_OF, workspace, policy, tracking, n_jobs=1))
tiers = published_tiers(workspace, AS_OF)
branch = tiers["branch_id"].value_counts().sort("count", "branch_id", descending=True)["branch_id"][0]
here = tiers.filter(pl.col("branch_id") == branch)

# %% [markdown]
# ## 1. From ledger lines to contribution
# Each month's rows become lines of an account for each customer: what the customer brings, what the customer costs.
# Below, the branch's twelve months as steps from the first line to what is left.

# %%
months = [
    pl.read_parquet(path)
    for path in sorted(workspace.customer_months.glob("*.parquet"))
    if path.stem > (AS_OF - dt.timedelta(days=365)).isoformat()[:7]
]
year = pl.concat(months).filter(pl.col("customer_id").is_in(here["customer_id"].implode()))
steps = [(line.name, (1 if line.side == "income" else -1) * float(year[line.name].sum())) for line in LINES]
steps = [(name, amount / 1000) for name, amount in steps if abs(amount) >= 1.0]
ends = np.cumsum([amount for _, amount in steps])
figure, (axes,) = panels(width=10, height=5)
places = np.arange(len(steps) + 1)
amounts = np.array([*(amount for _, amount in steps), ends[-1]])
starts = np.array([0.0, *ends[:-1], 0.0])
colours = [TIER_COLOURS["high_value"] if amount > 0 else TIER_COLOURS["loss_making"] for amount in amounts[:-1]]
axes.barh(places, amounts, left=starts, color=[*colours, INK], height=0.7)
axes.set_yticks(places, [*(name.replace("_", " ") for name, _ in steps), "contribution"])
axes.invert_yaxis()
axes.set_xlabel(f"thousand {policy.currency}, twelve months to {AS_OF}")
axes.set_title(f"Branch {branch}: what {here.height} customers bring and cost", loc="left", fontweight="bold")
save(figure, "1_contribution")

# %% [markdown]
# ## 2. From contribution to borders
# Half of a customer's value is what the last twelve months brought, half what the next twelve are expected to. Each
# customer has three borders of the own: those of break-even grow with the customer's cost, that of high-value is a
# multiple of what the branch's customers bring. Each customer is a point; the lines are the customer's own borders.

# %%
tiered = here.filter(~pl.col("standing").is_in(["new", "excluded"])).sort("blended_contribution_12m")
value = tiered["blended_contribution_12m"].to_numpy()
rank = np.arange(tiered.height)
figure, (axes,) = panels(width=11, height=5.5)
axes.fill_between(
    rank, tiered["border_low"].to_numpy(), tiered["border_break_even"].to_numpy(),
    color=TIER_COLOURS["break_even"], alpha=0.3, step="mid", linewidth=0, label="each one's break-even band",
)  # fmt: skip
axes.plot(rank, tiered["border_high"].to_numpy(), color=MUTED, linewidth=1, label="border of high-value")
for tier in TIERS:
    shown = (tiered["tier"] == tier).to_numpy()
    axes.scatter(rank[shown], value[shown], s=14, color=TIER_COLOURS[tier], label=TIER_NAMES[tier], zorder=3)
axes.set_yscale("asinh", linear_width=max(float(tiered["mean_cost"][0]) / 2, 1.0))
axes.yaxis.set_major_formatter(lambda amount, _: f"{amount:,.0f}".replace("-", "−"))
axes.set(xlabel="customers of the branch, by value", ylabel=f"value a year ({policy.currency})")
axes.set_title("Each customer between borders of the own", loc="left", fontweight="bold")
axes.set_yticks([-10_000, -1_000, 0, 1_000, 10_000])
axes.legend(loc="upper left", ncols=2, frameon=False)
save(figure, "2_borders")

# %% [markdown]
# ## 3. From borders to clusters
# What the next twelve months may bring, held against the borders, gives each customer odds of the four tiers. Customers
# alike in these odds and in behaviour share a cluster, and a cluster has the tier that is least costly to be wrong
# about for the odds of its customers together. Each has a name that stays from model to model, and a card that
# `segment clusters` prints.

# %%
clusters = published_clusters(AS_OF, workspace, policy, tracking)
print(clusters)
words = Sentences()
save(clusters_overview(clusters.cards, policy.currency, words), "3_clusters")
largest = max(clusters.cards, key=lambda card: card.customers or 0)
save(cluster_card(largest, policy.currency, words), "3_largest_cluster")

# %% [markdown]
# ## 4. From clusters to tiers
# The cluster's tier is the customer's, unless it is clearly dearer by the customer's own odds: the guard. New customers
# are break-even until enough is known. Below, whom each decided for.

# %%
print(here["tier_source"].value_counts(sort=True))
print(tier_table(here, by_branch=False))
figure, (axes,) = panels(width=9, height=4)
sources = ("cluster", "guard", "hysteresis", "new_customer")
shades = (1.0, 0.6, 0.4, 0.25)
BY = dict(zip(sources, ("the cluster", "own odds", "hysteresis", "being new"), strict=True))
for place, tier in enumerate(TIERS):
    counts = [here.filter(pl.col("tier") == tier, pl.col("tier_source") == source).height for source in sources]
    for count, left, shade in zip(counts, np.cumsum([0, *counts]), shades, strict=False):
        axes.barh(place, count, left=left, color=TIER_COLOURS[tier], alpha=shade, edgecolor="white")
    text = ", ".join(f"{n} by {BY[source]}" for n, source in zip(counts, sources, strict=True) if n)
    axes.text(sum(counts) + 2, place, text, va="center", fontsize=10)
axes.margins(x=0.35)
axes.set_yticks(range(len(TIERS)), [TIER_NAMES[tier] for tier in TIERS])
axes.invert_yaxis()
axes.set_xlabel("customers")
axes.set_title(f"Branch {branch}: tiers, and who decided", loc="left", fontweight="bold")
save(figure, "4_tiers")
print(f"Pictures in {FOLDER}.")
