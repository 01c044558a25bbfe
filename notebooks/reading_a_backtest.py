# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # Reading a backtest
#
# Had we trained and scored on that day, how right would we have been? A simulated bank of 1,000 customers over 40
# months, in a folder `reading_a_backtest` beside where this runs; the package does the work, the notebook looks.

# %%
import datetime as dt
from pathlib import Path

import polars as pl

from segment.banks.simulator import simulate_bank
from segment.jobs.backtest.backtest import backtest
from segment.model_folder import find_model_file
from segment.policy import load_policy
from segment.tracking.registry import Tracking
from segment.workspace import Workspace

FOLDER = Path("reading_a_backtest")
pl.Config.set_tbl_rows(30).set_tbl_hide_dataframe_shape(True).set_float_precision(3)

# %% [markdown]
# ## The windows
# Of 40 months, 24 lie before a window and 12 after it: the ends of the 24th to the 28th month can be windows. Each
# learns only from outcomes that had ended by its own date. Two windows, a quarter apart.

# %%
print(simulate_bank(FOLDER / "bank", customers=1000, months=40, seed=11))
workspace = Workspace(FOLDER / "workspace")
result = backtest(
    str(FOLDER / "bank" / "ledger"),
    dt.date(2024, 9, 30),
    dt.date(2024, 12, 31),
    workspace,
    load_policy(find_model_file("retail.toml")),
    Tracking(workspace.root),
    bootstraps=200,
    n_jobs=1,
)
for window in result.windows:
    print(window.as_of, "learned from", ", ".join(window.moments), "(last)" if window.is_last else "")

# %% [markdown]
# ## The model beside simpler forecasts
# Means of the windows. Persistence, the last twelve months again, is the one to beat.

# %%
for title, table in result.overviews.items():
    print(title)
    print(table)

# %% [markdown]
# ## Is the difference more than chance?
# Differences to persistence over the same resamples of customers. An interval that reaches 0 has not shown one. Only
# the earlier window: the last one is looked at once, when the choice is made.

# %%
earlier = result.table.filter(~pl.col("is_last") & (pl.col("group") == "all"))
paired = earlier.filter(pl.col("metric").is_in(["mae_over_persistence", "spearman_over_persistence"]))
print(paired.select("model", "metric", "value", "low", "high"))

# %% [markdown]
# ## Where is it weak?
# Coverage of P10 to P90 should be 80 % in every group, not only on the whole.

# %%
covered = result.table.filter(~pl.col("is_last") & (pl.col("metric") == "coverage_p10_p90"))
print(covered.select("group", "group_value", "value", "low", "high", "n"))

# %% [markdown]
# ## Plots for a slide
# SVG and PNG of each, beside the report and the whole table.

# %%
print(result.folder)
for path in sorted((result.folder / "plots").iterdir()):
    print(" ", path.name)
