# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # A tour of the data: from a ledger to tiers to a list
#
# A simulated bank of 1,500 customers, in a folder `tour` beside where this runs. Every step is one call of the package:
# what a tier is, or who may be contacted, stands in the policy and in `src/segment`, never in a notebook.

# %%
import datetime as dt
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from segment.banks.simulator import simulate_bank
from segment.contribution import line_names
from segment.features import catalogue
from segment.jobs.build.extract import extract
from segment.jobs.learn.train import train
from segment.jobs.lists.upgrade_list import upgrade_list
from segment.jobs.publish.refresh import refresh
from segment.ledger import check_ledger
from segment.model_folder import find_model_file
from segment.pages.check_page import check_text
from segment.plots.style import ACCENT, INK, MUTED, TIER_COLOURS, as_png, as_svg, panels
from segment.policy import load_policy
from segment.tiers import TIERS, tier_table
from segment.tracking.registry import Tracking
from segment.upgrade.places import Limits
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace

FOLDER = Path("tour")
AS_OF = dt.date(2025, 12, 31)
pl.Config.set_tbl_width_chars(160).set_tbl_rows(30).set_tbl_hide_dataframe_shape(True).set_float_precision(2)


def save(figure: Figure, name: str) -> None:
    """Write a picture for a slide."""
    (FOLDER / f"{name}.svg").write_text(as_svg(figure), encoding="utf-8")
    (FOLDER / f"{name}.png").write_bytes(as_png(figure))


# %% [markdown]
# ## The ledger
# Tables in the form that any bank can feed. The simulator also writes the truth about its customers, which nothing here
# reads.

# %%
print(simulate_bank(FOLDER / "bank", customers=1500, months=36, seed=7))
ledger = str(FOLDER / "bank" / "ledger")
tables = {path.stem: pl.read_parquet(path) for path in sorted((FOLDER / "bank" / "ledger").glob("*.parquet"))}
for name, table in tables.items():
    print(f"{name:22}{table.height:>10,} rows: {', '.join(table.columns)}")
print(tables["transactions"].group_by("kind").agg(pl.len(), pl.col("amount").median()).sort("len", descending=True))

# %% [markdown]
# ## The policy
# Every figure that decides something: rates, costs, the borders of the tiers, the rules of a list.

# %%
policy = load_policy(find_model_file("retail.toml"))
print(f"{policy.name} {policy.version}, {policy.currency}, hash {policy.hash[:12]}")

# %% [markdown]
# ## The check
# Rows that break a rule of the contract are set aside under the rule's name; faults of a whole table stop here.

# %%
checked = check_ledger(ledger, tuple(policy.products), policy.ledger.tolerated_bad_row_share)
print(check_text(checked.report))

# %% [markdown]
# ## Customer months
# The ledger is rolled up month by month: one row per customer and month, with flows, balances, events, and the lines of
# income and cost. A new month touches only itself.

# %%
workspace = Workspace(FOLDER / "workspace")
print(extract(ledger, AS_OF, workspace, policy, n_jobs=1))
months = pl.concat(
    [pl.read_parquet(path) for path in sorted(workspace.customer_months.glob("*.parquet"))], how="diagonal_relaxed"
)
of_bank = months.group_by("month").agg(
    customers=pl.len(), 
    contribution=pl.sum_horizontal(line_names("income")).sum() - pl.sum_horizontal(line_names("cost")).sum(),
    salaries=(pl.col("flow_salary") > 0).sum(),
    withdrawn=-pl.col("flow_cash_withdrawal").sum(),
).sort("month")  # fmt: skip
print(f"{months.height:,} customer months of {months['customer_id'].n_unique():,} customers, {months.width} columns")
figure, of_months = panels(3, width=13, height=3.8)
for panel, (name, title) in zip(
    of_months,
    (
        ("contribution", f"contribution ({policy.currency})"),
        ("salaries", "customers with a salary"),
        ("withdrawn", f"cash withdrawn ({policy.currency})"),
    ),
    strict=True,
):
    panel.plot(of_bank["month"], of_bank[name], color=ACCENT)
    panel.set_ylim(bottom=min(0.0, float(of_bank[name].to_numpy().min())))
    panel.set_title(title, loc="left", fontsize=11)
    panel.yaxis.set_major_formatter(lambda amount, _: f"{amount:,.0f}".replace("-", "−"))
    panel.tick_params(axis="x", rotation=30)
save(figure, "months")

# %% [markdown]
# ## The snapshot
# What the bank knew on one day, a row per customer. Every column is a function of rows dated on or before that day;
# `segment features` prints what each one means.

# %%
snapshot = pl.read_parquet(workspace.snapshots / f"{AS_OF}.parquet")
groups = pl.DataFrame({"window": [str(feature.window_months or "–") for feature in catalogue(policy)]})
print(f"{snapshot.height:,} customers, {snapshot.width} columns")
print(groups.group_by("window").len("features").sort("features", descending=True))

# %% [markdown]
# ## What is missing
# A missing figure says something: no salary on record, no history yet, no account of the kind. It stays missing.

# %%
missing = snapshot.null_count().transpose(include_header=True, header_name="feature", column_names=["missing"])
missing = missing.filter(pl.col("missing") > 0).sort("missing", descending=True).head(15)
figure, (axes,) = panels(width=9, height=5)
axes.barh(
    missing["feature"].str.replace_all("_", " ").to_list(), missing["missing"] / snapshot.height * 100, color=ACCENT
)
axes.invert_yaxis()
axes.grid(axis="y", visible=False)
axes.set_xlabel("customers without a value (%)")
axes.set_title("What is missing most often, and why that is no fault", loc="left", fontweight="bold")
save(figure, "missing")

# %% [markdown]
# ## Contribution: a heavy tail on both sides
# Most customers bring or cost little; a few bring, and a few cost, a hundred times as much. So models work on scales
# that fold tails away, and no figure here is a plain mean where a median would do.

# %%
contribution = snapshot["contribution_12m"].drop_nulls().to_numpy()
figure, (axes,) = panels(width=9, height=4.2)
typical = float(np.median(np.abs(contribution)))
axes.hist(np.arcsinh(contribution / typical), bins=80, color=ACCENT)
ticks = np.array([-10_000, -1_000, 0, 1_000, 10_000])
axes.set_xticks(np.arcsinh(ticks / typical), [f"{tick:,}".replace("-", "−") for tick in ticks])
axes.axvline(0, color=INK, linewidth=0.8)
axes.set(xlabel=f"contribution of twelve months ({policy.currency}, tails folded)", ylabel="customers")
axes.set_title(
    f"Median {np.median(contribution):,.0f}, mean {contribution.mean():,.0f}, "
    f"{(contribution < 0).mean():.0%} below zero".replace("-", "−"),
    loc="left", fontweight="bold",
)  # fmt: skip
save(figure, "contribution")

# %% [markdown]
# ## The model
# It learns from past dates whose next twelve months lie before `AS_OF`. The first model becomes champion.

# %%
tracking = Tracking(workspace.root)
trained = train(None, AS_OF, workspace, policy, tracking)
print(trained)

# %% [markdown]
# ## The tiers
# Score everyone as of one day with the champion and publish at once, or not at all.

# %%
print(refresh(ledger, AS_OF, workspace, policy, tracking))
tiers = published_tiers(workspace, AS_OF)
print(tier_table(tiers, by_branch=False))

# %% [markdown]
# ## The concentration
# Customers from the most to the least profitable, and what the bank has earned by the time it has counted so many of
# them. The curve rises above what is left at the end: the customers on the right take back what those on the left
# bring.

# %%
ranked = tiers.sort("contribution_12m", descending=True)
earned = ranked["contribution_12m"].cum_sum().to_numpy() / ranked["contribution_12m"].sum() * 100
counted = np.arange(1, ranked.height + 1) / ranked.height * 100
peak = int(earned.argmax())
NAMES = {tier: tier.replace("_", "-") for tier in TIERS}

figure, (whale, share) = panels(2, width=13, height=5)
whale.plot(counted, earned, color=INK, linewidth=1.5)
for tier in TIERS:
    shown = np.where(ranked["tier"] == tier, earned, np.nan)
    whale.scatter(counted, shown, s=14, color=TIER_COLOURS[tier], zorder=3)
whale.axhline(100, color=MUTED, linewidth=0.8, linestyle="--")
whale.annotate(
    f"{counted[peak]:.0f} % of the customers earn {earned[peak]:.0f} %",
    (counted[peak], earned[peak]), xytext=(0, 12), textcoords="offset points", ha="center",
)  # fmt: skip
whale.set(
    xlabel="customers, most profitable first (%)", ylabel="contribution of all so far (% of the bank's)",
    xlim=(0, 100), ylim=(0, earned[peak] * 1.12),
)  # fmt: skip
whale.set_title("What the bank earns, customer by customer", loc="left", fontweight="bold")

table = tier_table(tiers, by_branch=False).filter(pl.col("standing") == "all")
places = np.arange(len(TIERS))
share.barh(places, table["share"] * 100, color=[TIER_COLOURS[tier] for tier in table["tier"]])
for place, customers, mean in zip(places, table["share"] * 100, table["mean_contribution_12m"], strict=True):
    worth = "" if mean is None else f", {mean:,.0f} {policy.currency} each".replace("-", "−")
    share.text(customers + 1, float(place), f"{customers:.0f} %{worth}", va="center")
share.set(yticks=places, yticklabels=[NAMES[tier] for tier in table["tier"]], xlim=(0, 100))
share.set_title("Customers by tier", loc="left", fontweight="bold")
share.invert_yaxis()
share.xaxis.set_visible(False)
share.grid(visible=False)
share.spines["bottom"].set_visible(False)
save(figure, "tiers")

# %% [markdown]
# ## The list
# Whom to contact, with what, and why; a part of those eligible is in the control group, so that the effect can be
# measured.

# %%
result = upgrade_list(AS_OF, workspace, policy, limits=Limits(capacity=20))
print(result)
with pl.Config(tbl_cols=-1, fmt_str_lengths=60):
    print(result.to_contact.select("rank", "tier", "bundle", "channel", "expected_net_gain_12m", "reason_1").head(5))
