"""What a list, a fee round and a service plan truly bring, beside the best possible, by the intervention twin.

    python benchmarks/regret.py [--banks 5] [--customers 2000] [--first-seed 101] [--effect one] [--work FOLDER]

Each bank is simulated, learned from, and published as a bank would do it; the twin then says what each act is truly
worth to each customer over 12 and 36 months, discounted by 8 % a year (`segment.banks.simulator.twin`). Every rule gets
the same hours, budgets and people who may be contacted. The best possible knows every trait and chance, and no dice.
About a minute and a half a bank.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray
from sklearn.ensemble import ExtraTreesRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline

from segment.banks.simulator import simulate_bank
from segment.banks.simulator.act_parameters import EFFECTS
from segment.banks.simulator.twin import TrueEffects, Twin
from segment.dates import days_to_check
from segment.jobs.learn.train import train
from segment.jobs.lists.customer_levers import find_levers, read_lever_snapshot
from segment.jobs.lists.list_candidates import list_candidates
from segment.jobs.lists.suppressions import ContactSources, find_suppressions
from segment.jobs.lists.upgrade_list import UpgradeList, upgrade_list
from segment.jobs.publish.refresh import refresh
from segment.policy import Policy, load_policy
from segment.service.plan import group_customers
from segment.store.row_store import read_rows
from segment.store.stored_tables import DRAWS
from segment.tracking.registry import Tracking
from segment.upgrade.levers import may_use_machines
from segment.upgrade.offers import offer_options
from segment.upgrade.places import Limits, choose_within
from segment.warehouse.published_tiers import published_tiers
from segment.workspace import Workspace

Floats = NDArray[np.float64]

ROOT = Path(__file__).parents[1]
AS_OF, FIRST_DAY = dt.date(2025, 12, 31), dt.date(2026, 1, 1)
HISTORY, HORIZONS, DISCOUNT = 36, (12, 36), 0.08
RANDOM_DRAWS = 20
COUNTER_TRANSFER = 5.0
"""Price of a transfer at the counter, as the simulated bank publishes it."""
YESTERDAY = ("main_account", "to_high_value", "break_even_growth", "keep_high_value")
"""Programmes of before the yardstick, the first of which had each customer."""
REGULAR = ("high_value", "valuable")
"""Tiers whose service plan keeps in touch with everybody."""

Gains = dict[str, tuple[float, ...]]
"""Of each rule: the true gain over each of `HORIZONS`."""


@dataclass(frozen=True)
class Truth:
    """What acts are worth to each customer, by customer number, over each horizon."""

    effects: tuple[TrueEffects, ...]

    @classmethod
    def of(cls, twin: Twin) -> Truth:
        """Over every horizon, from the same runs."""
        lived = len(twin.run())
        return cls(tuple(TrueEffects(twin, min(months, lived), DISCOUNT) for months in HORIZONS))

    def net(self, policy: Policy, aim: str, channel: str, incentive: float) -> tuple[Floats, ...]:
        """The net worth of an offer: less the contact, and the incentive of those who move, by themselves or not."""
        chance = np.maximum(self.effects[0].chance(aim, channel), 0.0)
        by_itself = self.effects[0].twin.bank.parameters.acts.untreated if aim == "main_account_here" else 0.0
        cost = policy.upgrade.channels[channel].cost + incentive * np.where(chance > 0, chance + by_itself, 0.0)  # type: ignore[index]
        return tuple(effect.offer(aim, channel) - cost for effect in self.effects)

    def known(self, policy: Policy, aim: str, channel: str) -> Floats:
        """The net worth of an offer over the longest horizon to whoever knows its value, and chances as means alone.

        That is: where each customer's main bank is and what a move would bring, but of the chance to move no more than
        the mean of those whom the offer is for; who is about to leave, and who is put off by being asked, nobody knows.
        """
        effect = self.effects[-1]
        chance, cost = effect.chance(aim, channel), policy.upgrade.channels[channel].cost  # type: ignore[index]
        asked = np.full(len(chance), True) if aim == "stays" else chance != 0.0  # noqa: RUF069  exactly none
        return np.where(asked, chance[asked].mean() * effect.value_if(aim), 0.0) - cost


@dataclass(frozen=True)
class Published:
    """A bank that was learned from and published, with its list and everybody whom a list may reach."""

    policy: Policy
    workspace: Workspace
    tiers: pl.DataFrame
    made: UpgradeList
    reachable: pl.DataFrame  # `customer_id` of those whom no rule and no control arm keeps out
    older: pl.DataFrame  # `customer_id` of those whom the law lets nobody send to a machine
    options: pl.DataFrame  # What the list was chosen from: customer, programme, channel, bundle
    barred: pl.DataFrame  # `customer_id`, `channel`
    managers: pl.DataFrame


@dataclass
class Outcome:
    """What one bank's rules bring, and what its list expected."""

    gains: dict[str, Gains]
    forecast: tuple[float, float]  # What the list expects, over what it truly brings on the same horizon
    contacts: dict[str, int] = field(default_factory=dict)
    low_high: tuple[float, float] = (np.nan, np.nan)  # The range that the list gives itself
    told: tuple[Published, pl.DataFrame] | None = None  # The bank, and `every_option` of it with what a bank knows


def numbers(customers: pl.Series) -> NDArray[np.int64]:
    """Customers' places in the twin's arrays."""
    return customers.str.slice(1).cast(pl.Int64).to_numpy() - 1


def publish(folder: Path, customers: int, seed: int, policy: Policy) -> Workspace:
    """Simulate, train and publish, unless the folder holds it."""
    workspace, ledger = Workspace(folder / "workspace"), str(folder / "bank" / "ledger")
    if not (folder / "published").exists():
        simulate_bank(folder / "bank", customers, HISTORY, seed, end=AS_OF)
        tracking = Tracking(workspace.root)
        train(ledger, AS_OF, workspace, policy, tracking, n_jobs=1)
        refresh(ledger, AS_OF, workspace, policy, tracking, n_jobs=1)
        (folder / "published").touch()
    return workspace


def with_list(workspace: Workspace, policy: Policy) -> Published:
    """Make the list of a published bank, and say whom a list may reach."""
    made = upgrade_list(AS_OF, workspace, policy, list_on=AS_OF)
    tiers = published_tiers(workspace, AS_OF, None)
    sources = ContactSources.read(workspace)
    kept = find_suppressions(sources, policy, days_to_check(AS_OF, AS_OF))
    drawn = read_rows(workspace, DRAWS).filter("control").select("customer_id")
    reachable = (
        tiers.select("customer_id", "branch_id", "tier")
        .join(kept.customers, on="customer_id", how="semi")
        .join(kept.people.filter(pl.col("channel").is_null()), on="customer_id", how="anti")
        .join(drawn, on="customer_id", how="anti")
    )
    barred = kept.people.filter(pl.col("channel").is_not_null()).select("customer_id", "channel").unique()
    born, managers = sources.tables["customers"], sources.tables["relationship_managers"]
    older = born.filter(~may_use_machines(policy.no_machines_from_years, AS_OF)).select("customer_id")
    people = reachable.select("customer_id")
    options = _options(workspace, policy, tiers.join(people, on="customer_id", how="semi"), barred, sources.tables)
    return Published(policy, workspace, tiers, made, reachable, older, options, barred, managers)


def _options(
    workspace: Workspace, policy: Policy, tiers: pl.DataFrame, barred: pl.DataFrame, tables: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """What the list chooses from, before any arm is drawn."""
    snapshot = read_lever_snapshot(workspace.snapshot(AS_OF), policy)
    until = AS_OF + dt.timedelta(days=policy.upgrade.list_expires_after_days)
    levers = find_levers(AS_OF, tiers, snapshot, tables, policy, until).candidates
    asked = list_candidates(tiers, levers, tables, workspace.customer_months, policy, AS_OF, AS_OF)
    return offer_options(asked, barred, policy).with_columns(control=pl.lit(value=False))


def every_option(bank: Published, truth: Truth) -> pl.DataFrame:
    """Every offer that the policy knows, to everybody who may be contacted, with its true net worth."""
    parts = []
    aims = {programme.moved_when: code for code, programme in reversed(bank.policy.programmes.items())}
    for code in aims.values():
        programme = bank.policy.programmes[code]
        incentive = min(bank.policy.upgrade.bundles[name].incentive for name in programme.bundles)
        for channel in programme.channels:
            worth = truth.net(bank.policy, programme.moved_when, channel, incentive)
            at = numbers(bank.reachable["customer_id"])
            parts.append(
                bank.reachable.with_columns(
                    programme=pl.lit(code),
                    channel=pl.lit(channel),
                    contact_cost=pl.lit(bank.policy.upgrade.channels[channel].cost),  # type: ignore[index]
                    control=pl.lit(value=False),
                    **{f"true_{months}": pl.Series(w[at]) for months, w in zip(HORIZONS, worth, strict=True)},
                    known=pl.Series(truth.known(bank.policy, programme.moved_when, channel)[at]),
                )
            )
    whole = pl.concat(parts).join(bank.barred, on=["customer_id", "channel"], how="anti")
    to_machines = pl.col("programme") == aims.get("cheaper_ways", "")
    return whole.filter(~(to_machines & pl.col("customer_id").is_in(bank.older["customer_id"].implode())))


def chosen_by(options: pl.DataFrame, score: pl.Expr, bank: Published) -> pl.DataFrame:
    """The options that a rule chooses within the list's limits, by its own score."""
    scored = options.with_columns(expected_net_value=score).filter(pl.col("expected_net_value") > 0.0)
    made = choose_within(scored, Limits(), bank.managers, bank.policy)
    return made.offers.filter(~pl.col("control"))


def gain_of(chosen: pl.DataFrame) -> tuple[float, ...]:
    """The true gain of what was chosen."""
    return tuple(float(chosen[f"true_{months}"].sum()) for months in HORIZONS)


def yesterdays_value(tiers: pl.DataFrame) -> pl.Expr:
    """What a move was worth before the yardstick: the mean wallet of the flagged, of others P90 less the blended value.

    It is kept here as it was, to be measured against.
    """
    flagged = pl.col("main_bank_elsewhere")
    wallet = "wallet_elsewhere_mean_12m" if "wallet_elsewhere_mean_12m" in tiers.columns else "wallet_elsewhere_12m"
    headroom = (pl.col("future_value_p90") - pl.col("blended_contribution_12m")).clip(0.0)
    return pl.when(flagged).then(pl.col("main_bank_elsewhere_probability") * pl.col(wallet)).otherwise(headroom)


def yesterdays_score(bank: Published, options: pl.DataFrame) -> pl.DataFrame:
    """Options of the first programme that is for each customer, with yesterday's expected net gain of twelve months."""
    policy, rules = bank.policy, bank.policy.upgrade
    scored = []
    for code in YESTERDAY:
        programme = policy.programmes[code]
        asked = programme.population
        is_in = pl.col("tier").is_in(asked.tiers)
        if asked.main_bank_elsewhere is not None:
            is_in &= pl.col("main_bank_elsewhere") == asked.main_bank_elsewhere
        if asked.least_growth_potential is not None:
            is_in &= pl.col("growth_potential") >= asked.least_growth_potential
        value = yesterdays_value(bank.tiers)
        if asked.early_warning:
            is_in &= pl.col("chance_of_lower_tier") >= policy.tiers.early_warning_from
            value = pl.col("chance_of_lower_tier") * pl.col("contribution_12m").clip(0.0)
        people = bank.tiers.filter(is_in).select("customer_id", move_value=value)
        bundle = rules.bundles[programme.bundles[0]]
        for name in programme.channels:
            channel = rules.channels[name]  # type: ignore[index]
            moves, aim = channel.conversion_probability, programme.moved_when
            gain = (moves - rules.spontaneous_probability) * bundle.moved_share * pl.col("move_value")
            net = gain - moves * bundle.incentive - channel.cost
            same_aim = [other for other, rival in policy.programmes.items() if rival.moved_when == aim]
            of_channel = options.filter(pl.col("programme").is_in(same_aim) & (pl.col("channel") == name))
            scored.append(of_channel.join(people.with_columns(yesterday=net), on="customer_id"))
    whole = pl.concat(scored).join(
        bank.tiers.select("customer_id", wallet="wallet_elsewhere_mean_12m"), on="customer_id", how="left"
    )
    return whole.unique(["customer_id", "channel"], keep="first", maintain_order=True)


def list_gains(bank: Published, truth: Truth, seed: int) -> Outcome:
    """The true gain of the list, and of its rivals within the same limits."""
    options = every_option(bank, truth)
    own = with_truth(bank.made.to_contact, bank.policy, truth)
    offered = with_truth(bank.options, bank.policy, truth)
    scored = yesterdays_score(bank, options)
    random = np.mean([gain_of(_random(scored, bank, seed + draw)) for draw in range(RANDOM_DRAWS)], axis=0)
    prior = {name: channel.conversion_probability for name, channel in bank.policy.upgrade.channels.items()}
    weight = pl.col("channel").replace_strict(prior, return_dtype=pl.Float64)
    best = chosen_by(options, pl.col("true_36"), bank)
    gains: Gains = {
        "the list": gain_of(own),
        "main accounts by wallet in the flag, then p2 x wallet": gain_of(chosen_by(offered, wallet_order(bank), bank)),
        "yesterday's rule": gain_of(chosen_by(scored, pl.col("yesterday"), bank)),
        "largest wallet first": gain_of(chosen_by(scored, pl.col("wallet").fill_null(0.0) * weight, bank)),
        "random": tuple(float(value) for value in random),
        "value and main bank known, chances as means": gain_of(chosen_by(options, pl.col("known"), bank)),
        "best within the list's options": gain_of(chosen_by(offered, pl.col("true_36"), bank)),
        "best possible": (gain_of(chosen_by(options, pl.col("true_12"), bank))[0], gain_of(best)[1]),
    }
    value = "expected_net_value" if "expected_net_value" in bank.made.to_contact.columns else "expected_net_gain_12m"
    horizon = HORIZONS.index(36 if value == "expected_net_value" else 12)
    expected = float(bank.made.to_contact[value].sum())
    contacts = {"the list": own.height, "best possible": best.height}
    worth = bank.made.worth
    return Outcome(
        {"list": gains}, (expected, gain_of(own)[horizon]), contacts, (worth.low, worth.high), (bank, options)
    )


def told_at_other_banks(outcomes: list[Outcome]) -> None:
    """Add what a learner's list brings that was told the true worth of every offer at the other banks.

    No bank could have such a teacher; it says how much of the best possible can be foretold from what a bank knows.
    """
    told = [outcome.told for outcome in outcomes if outcome.told is not None]
    known = [_what_is_known(bank) for bank, _ in told]
    columns = sorted(set.intersection(*(set(frame.columns) for frame in known)) - {"customer_id"})
    keys = ["programme", "channel"]
    for at, outcome in enumerate(outcomes):
        bank, options = told[at]
        others = pl.concat(
            [each.join(known[n], on="customer_id") for n, (_, each) in enumerate(told) if n != at], how="diagonal"
        )
        scored = []
        for offer, rows in options.join(known[at], on="customer_id").group_by(keys, maintain_order=True):
            teach = others.filter((pl.col("programme") == offer[0]) & (pl.col("channel") == offer[1]))
            learner = make_pipeline(SimpleImputer(), ExtraTreesRegressor(200, min_samples_leaf=10, max_features=0.3))
            learner.set_params(extratreesregressor__random_state=0).fit(_numbers(teach, columns), teach["true_36"])
            foretold = learner.predict(_numbers(rows, columns))
            scored.append(rows.select(options.columns).with_columns(foretold=pl.Series(foretold)))
        chosen = chosen_by(pl.concat(scored), pl.col("foretold"), bank)
        outcome.gains["list"]["learner told the truth of the other banks"] = gain_of(chosen)


def _what_is_known(bank: Published) -> pl.DataFrame:
    """Of each customer: every feature of the snapshot, and every figure that is published."""
    snapshot = pl.read_parquet(bank.workspace.snapshot(AS_OF), glob=False)
    figures = bank.tiers.select("customer_id", *(c for c in bank.tiers.columns if c not in snapshot.columns))
    joined = snapshot.join(figures, on="customer_id")
    return joined.select("customer_id", cs.numeric().cast(pl.Float64), cs.boolean().cast(pl.Float64))


def _numbers(rows: pl.DataFrame, columns: list[str]) -> Floats:
    return rows.select(pl.col(columns).fill_nan(None)).to_numpy()


def with_truth(offers: pl.DataFrame, policy: Policy, truth: Truth) -> pl.DataFrame:
    """Offers with their true net worth over each horizon."""
    parts = []
    for (code, channel, bundle), rows in offers.group_by("programme", "channel", "bundle", maintain_order=True):
        aim, incentive = policy.programmes[str(code)].moved_when, policy.upgrade.bundles[str(bundle)].incentive
        worth, at = truth.net(policy, aim, str(channel), incentive), numbers(rows["customer_id"])
        true = {f"true_{months}": pl.Series(w[at]) for months, w in zip(HORIZONS, worth, strict=True)}
        parts.append(rows.with_columns(**true))
    return pl.concat(parts)


def wallet_order(bank: Published) -> pl.Expr:
    """The rival order of main accounts: by wallet where the flag is, past its end by p squared times the wallet."""
    # The same values are given out in the other order, so that main accounts compete with all else as on the list.
    main, wallet = pl.col("programme").str.starts_with("main_account"), pl.col("upgrade_potential_12m")
    unproven = pl.col("main_bank_elsewhere_probability") ** 2 * wallet
    order = pl.when("main_bank_elsewhere").then(wallet + 1e9).otherwise(unproven)
    value, place = pl.col("expected_net_value"), order.rank("ordinal", descending=True)
    of_channel = ["channel", main]
    return pl.when(main).then(value.sort(descending=True).gather(place - 1).over(of_channel)).otherwise(value)


def _random(scored: pl.DataFrame, bank: Published, seed: int) -> pl.DataFrame:
    """Anybody of a programme, by any of its channels."""
    rng = np.random.default_rng(seed)
    shuffled = scored.with_columns(lot=pl.Series(rng.random(scored.height)))
    one = shuffled.sort("lot", descending=True).unique("customer_id", keep="first", maintain_order=True)
    return chosen_by(one, pl.col("lot"), bank)


def fee_gains(bank: Published, truth: Truth, ledger: Path) -> Gains:
    """A fee on transfers at the counter: whom the guardrail's figures point at, beside as many others who use it so."""
    # The guardrail itself asks for a loss that lasts over three published months, and for much more: of a bank that is
    # published once, `segment propose` proposes it to nobody. Its figures without the months are measured here.
    monthly = fees_a_month(ledger, COUNTER_TRANSFER, truth.effects[0].twin.bank.count)
    users = np.intersect1d(np.flatnonzero(monthly > 0), numbers(bank.tiers["customer_id"]))
    direct = (pl.col("tier") == "loss_making") & (pl.col("direct_contribution_12m") < 0)
    pointed_at = np.intersect1d(users, numbers(bank.tiers.filter(direct)["customer_id"]))
    worth, size = [effect.fee(monthly) for effect in truth.effects], len(pointed_at)

    def total(pick: Callable[[Floats], NDArray[np.int64]]) -> tuple[float, ...]:
        return tuple(float(each[pick(each)].sum()) for each in worth)

    return {
        "loss on direct cost": total(lambda _: pointed_at),
        "everybody who uses the counter so": total(lambda _: users),
        "largest fee first": total(lambda _: users[np.argsort(-monthly[users], kind="stable")[:size]]),
        "random": tuple(float(each[users].mean() * size) for each in worth),
        "best possible": total(lambda each: users[np.argsort(-each[users])[:size]]),
    }


def fees_a_month(ledger: Path, price: float, customers: int) -> Floats:
    """What each customer would pay a month for transfers at the counter, by the last twelve months."""
    owner = pl.scan_parquet(ledger / "holdings.parquet").filter(pl.col("role") == "owner")
    used = (
        pl.scan_parquet(ledger / "transactions.parquet")
        .filter((pl.col("channel") == "counter") & (pl.col("kind") == "transfer_out"))
        .filter(pl.col("booked_on") > dt.date(AS_OF.year - 1, AS_OF.month, AS_OF.day))
        .join(owner, on="account_id")
        .group_by("customer_id")
        .len()
        .collect()
    )
    monthly = np.zeros(customers)
    monthly[numbers(used["customer_id"])] = used["len"].to_numpy() * price / 12
    return monthly


def service_gains(bank: Published, truth: Truth) -> Gains:
    """Keeping in touch by plan, beside the same contacts a year given to others."""
    groups = group_customers(bank.tiers, bank.policy)
    plans = bank.policy.service.plans  # type: ignore[union-attr]
    contacts = np.zeros(truth.effects[0].twin.bank.count)
    for tier in REGULAR:
        of_tier = groups.filter(pl.col("tier") == tier)
        for state, customer in of_tier.select("service_state", "customer_id").iter_rows():
            every = plans[tier].of(state).contact_every_days  # type: ignore[index]
            contacts[int(customer[1:]) - 1] = 365 / every if every else 0.0
    here = numbers(bank.tiers["customer_id"])
    budget, usual = contacts.sum(), contacts[contacts > 0].mean()
    places = int(budget / usual)
    planned = [effect.service("personal", contacts)[contacts > 0].sum() for effect in truth.effects]
    worth = [effect.service("personal", usual)[here] for effect in truth.effects]
    brings = bank.tiers["contribution_12m"].fill_null(0.0).to_numpy()
    return {
        "the plan": tuple(float(value) for value in planned),
        "largest contribution first": tuple(float(w[np.argsort(-brings)[:places]].sum()) for w in worth),
        "random": tuple(float(w.mean() * places) for w in worth),
        "best possible": tuple(float(np.maximum(np.sort(w)[::-1][:places], 0.0).sum()) for w in worth),
    }


def measure(folder: Path, customers: int, seed: int, policy: Policy, effect: float) -> Outcome:
    """Measure everything at one bank."""
    bank = with_list(publish(folder, customers, seed, policy), policy)
    truth = Truth.of(Twin.of(customers, HISTORY, seed, run_on=max(HORIZONS), end=AS_OF, effect=effect))
    outcome = list_gains(bank, truth, seed)
    outcome.gains["fee round"] = fee_gains(bank, truth, folder / "bank" / "ledger")
    outcome.gains["service plan"] = service_gains(bank, truth)
    return outcome


def pooled(sums: Floats, over: Floats, seed: int = 0, draws: int = 4_000) -> tuple[float, float, float]:
    """A ratio of sums over banks, with the 90 % interval of banks drawn anew."""
    rng = np.random.default_rng(seed)
    drawn = rng.integers(0, len(sums), (draws, len(sums)))
    ratios = sums[drawn].sum(axis=1) / over[drawn].sum(axis=1)
    low, high = np.quantile(ratios, [0.05, 0.95])
    return float(sums.sum() / over.sum()), float(low), float(high)


def report(outcomes: list[Outcome]) -> pl.DataFrame:
    """A row per act, rule and horizon: the gain of a bank, and the share of the best possible with its interval."""
    rows = []
    for act, gains in outcomes[0].gains.items():
        for rule in gains:
            for at, months in enumerate(HORIZONS):
                own = np.array([outcome.gains[act][rule][at] for outcome in outcomes])
                best = np.array([outcome.gains[act]["best possible"][at] for outcome in outcomes])
                share, low, high = pooled(own, best) if best.sum() else (np.nan, np.nan, np.nan)
                rows.append((act, rule, months, own.mean(), share, low, high))
    names = ["act", "rule", "months", "gain_a_bank", "share_of_best", "low", "high"]
    return pl.DataFrame(rows, schema=names, orient="row")


def main() -> None:
    """Measure several banks, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--banks", type=int, default=5)
    parser.add_argument("--customers", type=int, default=2_000)
    parser.add_argument("--first-seed", type=int, default=101)
    parser.add_argument("--effect", choices=sorted(EFFECTS), default="one")
    parser.add_argument("--policy", type=Path, default=ROOT / "models" / "retail.toml")
    parser.add_argument("--work", type=Path, help="keep the banks here, and take them from here")
    given = parser.parse_args()
    policy = load_policy(given.policy)
    with tempfile.TemporaryDirectory() as temporary:
        work = given.work or Path(temporary)
        outcomes = []
        for seed in range(given.first_seed, given.first_seed + given.banks):
            outcomes.append(measure(work / str(seed), given.customers, seed, policy, EFFECTS[given.effect]))
            expected, true = outcomes[-1].forecast
            low, high = outcomes[-1].low_high
            said = f"the list expects {expected:,.0f} ({low:,.0f} to {high:,.0f}) and brings {true:,.0f}"
            print(f"bank {seed}: {said}; {outcomes[-1].contacts}")
        if len(outcomes) > 1:
            told_at_other_banks(outcomes)
    with pl.Config(tbl_rows=60, tbl_hide_dataframe_shape=True, float_precision=2, tbl_width_chars=120):
        print(report(outcomes))
    forecast, true = np.array([outcome.forecast for outcome in outcomes]).T
    print("forecast over truth: {:.2f} ({:.2f} to {:.2f})".format(*pooled(forecast, true)))


if __name__ == "__main__":
    main()
