# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # The intervention twin: what an offer is truly worth
#
# No bank can see what would have become of the same customer without its call. A simulated bank can: it is lived on
# from one day twice, on the same dice, once with the call and once without. This notebook asks the twin of a small bank
# who is worth a contact, and how far simple rules are from the best possible. `benchmarks/regret.py` does the same for
# the lists, fee rounds and service plans that the package makes, over several banks.

# %%
from pathlib import Path

import numpy as np
import polars as pl
from matplotlib.figure import Figure

from segment.banks.simulator.act_parameters import AIMS, CHANNELS, EFFECTS
from segment.banks.simulator.parameters import STATES
from segment.banks.simulator.twin import TrueEffects, Twin
from segment.banks.simulator.wallets_elsewhere import wallet_elsewhere_12m
from segment.model_folder import find_model_file
from segment.plots.style import ACCENT, INK, MUTED, as_png, as_svg, panels
from segment.policy import load_policy

FOLDER = Path("intervention_twin")
FOLDER.mkdir(exist_ok=True)
CUSTOMERS, HISTORY, HORIZON, DISCOUNT = 800, 12, 24, 0.08
pl.Config.set_tbl_width_chars(140).set_tbl_rows(30).set_tbl_hide_dataframe_shape(True).set_float_precision(2)


def save(figure: Figure, name: str) -> None:
    """Write a picture for a slide."""
    (FOLDER / f"{name}.svg").write_text(as_svg(figure), encoding="utf-8")
    (FOLDER / f"{name}.png").write_bytes(as_png(figure))


# %% [markdown]
# ## One bank, lived on several times
# The bank is the one that `segment simulate` writes for the same arguments. From its last day it is lived on once with
# nobody contacted, and once for each outcome with the outcome brought about for everybody.

# %%
twin = Twin.of(CUSTOMERS, HISTORY, seed=7, run_on=HORIZON)
effects = TrueEffects(twin, HORIZON, DISCOUNT)
bank = twin.as_of_today()
print(f"{CUSTOMERS} customers bring {twin.run().sum():,.0f} in {HORIZON} months if nothing is done")
worth = pl.DataFrame({outcome: effects.value_if(outcome) for outcome in (*AIMS, "goes", "moves_away")})
state = pl.Series("state", np.array(STATES)[bank.ties.state])
print(worth.with_columns(state).group_by("state").agg(pl.len(), pl.all().exclude("state").mean()).sort("state"))

# %% [markdown]
# ## An offer's worth is its chance times what it changes
# The chances are few in a hundred. Sleeping dogs have chances below zero: an offer keeps them from coming of their own
# accord.

# %%
rows = [
    {
        "aim": aim,
        "channel": channel,
        "mean_chance": float(effects.chance(aim, channel).mean()),
        "largest_chance": float(effects.chance(aim, channel).max()),
        "below_zero": int((effects.chance(aim, channel) < 0).sum()),
        "worth_of_all": float(effects.offer(aim, channel).sum()),
    }
    for aim in AIMS
    for channel in CHANNELS
]
print(pl.DataFrame(rows))

# %% [markdown]
# ## Whom to visit
# A visit costs what the policy says. The curves show the true net gain of the first so many visits that offer the main
# account: in the order of the truth, of the true wallet elsewhere, and of chance.

# %%
policy = load_policy(find_model_file("retail.toml"))
cost = policy.upgrade.channels["adviser"].cost
net = effects.offer(AIMS[0], "adviser") - cost
orders = {
    "the truth": np.argsort(-net),
    "largest wallet": np.argsort(-np.where(bank.ties.state == 2, wallet_elsewhere_12m(bank), -1.0)),
    "chance": np.random.default_rng(1).permutation(CUSTOMERS),
}
figure, (axes,) = panels(1)
for (name, order), colour in zip(orders.items(), (ACCENT, INK, MUTED), strict=True):
    axes.plot(np.arange(1, 201), np.cumsum(net[order])[:200], color=colour, label=name)
axes.set(xlabel="visits", ylabel=f"net gain of {HORIZON} months", title="What the first visits truly bring")
axes.legend(frameon=False)
save(figure, "visits")
best = int(np.argmax(np.cumsum(net[orders["the truth"]]))) + 1
print({name: round(float(net[order][:best].sum())) for name, order in orders.items()}, f"with {best} visits")

# %% [markdown]
# ## At half and double effect
# The truth is written down once and never changed for a score. What hangs on it is shown by its half and its double.

# %%
for name, effect in EFFECTS.items():
    twin.bank.effect = effect
    of_effect = TrueEffects(twin, HORIZON, DISCOUNT).offer(AIMS[0], "adviser") - cost
    print(f"{name:>7}: {int((of_effect > 0).sum())} visits worth making, {of_effect.clip(0).sum():,.0f} in all")
