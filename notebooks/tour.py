# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # A tour: from a ledger to tiers to a list
#
# A simulated bank of 1,500 customers, in a folder `tour` beside where this runs. Every step is one call of the package:
# what a tier is, or who may be contacted, stands in the policy and in `src/segment`, never in a notebook.

# %%
import datetime as dt
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import polars as pl

from segment.jobs.published import published_tiers
from segment.jobs.refresh import refresh
from segment.jobs.train import train
from segment.jobs.upgrade_list import upgrade_list
from segment.ledger import check_ledger
from segment.ledger.simulator import simulate_bank
from segment.policy import load_policy
from segment.settings import find_model_file
from segment.tiers import TIERS, tier_table
from segment.tracking import Tracking
from segment.upgrade import Limits
from segment.warehouse import Workspace

FOLDER = Path("tour")
AS_OF = dt.date(2025, 12, 31)

# %% [markdown]
# ## The ledger
# Tables in the form that any bank can feed. The simulator also writes the truth about its customers, which nothing here
# reads.

# %%
print(simulate_bank(FOLDER / "bank", customers=1500, months=36, seed=7))
ledger = str(FOLDER / "bank" / "ledger")

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
print(checked.report.as_text())

# %% [markdown]
# ## The model
# It learns from past moments whose next twelve months lie before `AS_OF`. The first model becomes champion.

# %%
workspace = Workspace(FOLDER / "workspace")
tracking = Tracking(workspace.root)
trained = train(ledger, AS_OF, workspace, policy, tracking)
print(trained)

# %% [markdown]
# ## The tiers
# Score everyone as of one day with the champion and publish at once, or not at all.

# %%
print(refresh(ledger, AS_OF, workspace, policy, tracking))
tiers = published_tiers(workspace, AS_OF)
print(tier_table(tiers, by_branch=False))

# %% [markdown]
# ## The picture
# Customers from the most to the least profitable, and what the bank has earned by the time it has counted so many of
# them. The curve rises above what is left at the end: the customers on the right take back what those on the left
# bring.

# %%
ranked = tiers.sort("contribution_12m", descending=True)
earned = ranked["contribution_12m"].cum_sum().to_numpy() / ranked["contribution_12m"].sum() * 100
counted = np.arange(1, ranked.height + 1) / ranked.height * 100
peak = int(earned.argmax())

COLOURS = dict(zip(TIERS, ("#1b5e4b", "#57a773", "#d9b650", "#c0504d"), strict=True))
NAMES = {tier: tier.replace("_", "-") for tier in TIERS}

figure, (whale, share) = plt.subplots(1, 2, figsize=(12, 5), width_ratios=(2, 1), layout="constrained")
whale.plot(counted, earned, color="#333333", linewidth=1.5)
for tier in TIERS:
    whale.scatter(counted, np.where(ranked["tier"] == tier, earned, np.nan), s=14, color=COLOURS[tier], zorder=3)
whale.axhline(100, color="#999999", linewidth=0.8, linestyle="--")
whale.annotate(
    f"{counted[peak]:.0f} % of the customers earn {earned[peak]:.0f} %",
    (counted[peak], earned[peak]), xytext=(0, 12), textcoords="offset points", ha="center",
)  # fmt: skip
whale.set(
    xlabel="customers, most profitable first (%)",
    ylabel="contribution of all so far (% of the bank's)",
    xlim=(0, 100), ylim=(0, earned[peak] * 1.12), title="What the bank earns, customer by customer",
)  # fmt: skip

held = tier_table(tiers, by_branch=False)
places = np.arange(len(TIERS))
share.barh(places, held["share"] * 100, color=[COLOURS[tier] for tier in held["tier"]])
for place, customers, mean in zip(places, held["share"] * 100, held["mean_contribution_12m"], strict=True):
    worth = "" if mean is None else f", {mean:,.0f} {policy.currency} each".replace("-", "−")
    share.text(customers + 1, place, f"{customers:.0f} %{worth}", va="center")
share.set(yticks=places, yticklabels=[NAMES[tier] for tier in held["tier"]], xlim=(0, 100), title="Customers by tier")
share.invert_yaxis()
share.xaxis.set_visible(False)
for axes in (whale, share):
    axes.spines[["top", "right"]].set_visible(False)
share.spines["bottom"].set_visible(False)
figure.savefig(FOLDER / "tiers.png", dpi=150)
plt.show()

# %% [markdown]
# ## The list
# Whom to contact, with what, and why; a part of those eligible is kept back as a control arm, so that the effect can be
# measured.

# %%
made = upgrade_list(AS_OF, workspace, policy, limits=Limits(capacity=20))
print(made)
with pl.Config(tbl_cols=-1, fmt_str_lengths=60):
    print(made.to_contact.select("rank", "tier", "bundle", "channel", "expected_net_gain_12m", "reason_1").head(5))
