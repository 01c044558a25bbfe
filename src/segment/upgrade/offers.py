"""What may be offered to each customer: programme, bundle, channel, and the expected net value of it."""

# ``gain = value * (P(moves | contact) - P(moves | none)) * moved share - P(moves | contact) * incentive`` and
# ``net gain = gain - cost of the contact`` (DOMAIN.md 3.1), over twelve months. The difference of the odds is each
# customer's own: that there is something to move, times what a contact adds then (`segment.upgrade.chances`). The net
# value takes what a month brings times the months that it lasts, by survival and discount (3.6), in place of twelve of
# them: it decides. What a move is worth is said by the programme, always as a mean; a bundle's margin is in it already.

from __future__ import annotations

import datetime as dt

import polars as pl

from segment.policy import Policy
from segment.policy.contacts import Bundle
from segment.policy.early_warning import chance_of_loss, early_warning
from segment.policy.programmes import Programme
from segment.upgrade.chances import LearnedChances
from segment.upgrade.survival import Survival

NEXT_TIER = {"loss_making": "break_even", "break_even": "valuable", "valuable": "high_value"}


def with_programmes(customers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Name every programme that is for each customer, and what a move is worth; those of none are left out."""
    parts = []
    for code, programme in sorted(policy.programmes.items(), key=lambda item: item[1].priority):
        population = customers.filter(_population(programme, customers, policy).fill_null(value=False))
        valued = population.with_columns(
            programme=pl.lit(code), priority=pl.lit(programme.priority), **_value(programme, customers)
        )
        parts.append(valued.filter(pl.col("move_value_12m") > 0.0))
    return pl.concat(parts)


def with_value_months(
    candidates: pl.DataFrame, relations: pl.DataFrame, survival: Survival, policy: Policy, as_of: dt.date
) -> pl.DataFrame:
    """Add how many months of itself a lasting monthly gain is worth, by tenure, horizon and discount."""
    # `relations`: `customer_id`, `joined_on`. Who moves the main account becomes a main relation; others are one where
    # another main bank is less likely than not. What moves here grows over months; what is kept or saved does not.
    known = candidates.join(relations.select("customer_id", "joined_on"), on="customer_id", how="left")
    joined = known["joined_on"].fill_null(as_of.replace(year=as_of.year - policy.upgrade.unknown_tenure_years, day=1))
    kind = known["programme"].replace_strict({code: p.value for code, p in policy.programmes.items()}, default="growth")
    main = kind.is_in(["wallet_elsewhere", "lever_income"]) | (
        known["main_bank_elsewhere_probability"].fill_null(0.5) < 0.5
    )
    tenure = (as_of.year - joined.dt.year()).cast(pl.Int64) * 12 + as_of.month - joined.dt.month().cast(pl.Int64)
    rules = policy.upgrade
    months = survival.value_months(
        tenure.to_numpy(),
        main.to_numpy(),
        (~kind.is_in(["retention", "lever_cost"])).to_numpy(),
        rules,
    )
    return candidates.with_columns(value_months=pl.Series(months, dtype=pl.Float64))


def offer_options(
    candidates: pl.DataFrame,
    suppressed: pl.DataFrame,
    policy: Policy,
    *,
    resting: pl.DataFrame | None = None,
    chances: LearnedChances | None = None,
) -> pl.DataFrame:
    """List what may be offered: for each customer and channel what has the largest expected net value."""
    # A channel's contacts all cost the same, whatever the programme and bundle, so no better choice is lost; but where
    # a programme has room for so many customers alone, its rivals stay.
    everywhere = suppressed.filter(pl.col("channel").is_null())
    reachable = candidates.join(everywhere, on="customer_id", how="anti")
    chances = chances or LearnedChances()
    barred = suppressed.filter(pl.col("channel").is_not_null()).select("customer_id", "channel").unique()
    floors = {name: policy.upgrade.floor(name) for name in policy.upgrade.channels}

    def open_to_choice(offered: pl.DataFrame) -> pl.DataFrame:
        """Leave what may be offered and is worth its contact; most is not, and would wait in memory with the rest."""
        if resting is not None:
            offered = offered.join(resting, on=["customer_id", "bundle"], how="anti")
        return (
            offered.filter(~pl.col("bundle").is_in(policy.withheld_bundles))
            .join(barred, on=["customer_id", "channel"], how="anti")
            .filter(pl.col("expected_net_value") > pl.col("channel").replace_strict(floors, return_dtype=pl.Float64))
        )

    options = [
        open_to_choice(_option(reachable.filter(pl.col("programme") == code), code, bundle, channel, policy, chances))
        for code, programme in policy.programmes.items()
        for bundle in programme.bundles
        for channel in programme.channels
    ]
    limited = any(programme.capacity_per_branch is not None for programme in policy.programmes.values())
    rivals = ["programme"] if limited else []
    return (
        pl.concat(options)
        .sort(
            ["expected_net_value", "priority", "customer_id", "bundle", "channel"],
            descending=[True, False, False, False, False],
        )
        .unique(["customer_id", "channel", *rivals], keep="first", maintain_order=True)
    )


def best_offers(options: pl.DataFrame) -> pl.DataFrame:
    """Keep each customer's option with the largest expected net value."""
    return options.sort(["expected_net_value", "customer_id", "channel"], descending=[True, False, False]).unique(
        "customer_id", keep="first", maintain_order=True
    )


WALLET, SAVED, SALARY = "wallet_elsewhere_mean_12m", "lever_cost_12m", "lever_income_12m"
MEDIAN = "wallet_elsewhere_12m"


def _value(programme: Programme, customers: pl.DataFrame) -> dict[str, pl.Expr]:
    """What a programme can move a year, the odds that it is there to be moved, and how sure the amount is."""
    # the published potential of a flagged customer is the wallet
    published, certain = pl.col("upgrade_potential_12m"), pl.lit(1.0)
    wallet = pl.when("main_bank_elsewhere").then(published).otherwise(_known(customers, WALLET))
    moves = {
        "wallet_elsewhere": (wallet, pl.col("main_bank_elsewhere_probability")),
        "growth": (published, certain),
        "retention": (pl.col("contribution_12m").clip(0.0), chance_of_loss(customers.columns)),
        "lever_cost": (_known(customers, SAVED), certain),
        "lever_income": (_known(customers, SALARY), certain),
    }
    potential, chance = moves[programme.value]
    return {
        "upgrade_potential_12m": potential,
        "movable_probability": chance,
        "move_value_12m": potential * chance,
        "value_variation": _variation(customers) if programme.value == "wallet_elsewhere" else pl.lit(0.0),
    }


def _variation(customers: pl.DataFrame) -> pl.Expr:
    """Variance of a wallet over its mean squared: of a log-normal, as mean and median tell it; none where unknown."""
    if MEDIAN not in customers.columns or WALLET not in customers.columns:
        return pl.lit(0.0)
    known = (pl.col(MEDIAN) > 0.0) & (pl.col(WALLET) > 0.0)
    return pl.when(known).then((pl.col(WALLET) / pl.col(MEDIAN)) ** 2 - 1.0).otherwise(0.0).clip(0.0)


def _known(customers: pl.DataFrame, column: str) -> pl.Expr:
    return pl.col(column).fill_null(0.0) if column in customers.columns else pl.lit(0.0)


def _population(programme: Programme, customers: pl.DataFrame, policy: Policy) -> pl.Expr:
    asked = programme.population
    conditions = [pl.col("tier").is_in(asked.tiers), pl.col("standing") != "excluded"]
    if asked.main_bank_elsewhere is not None:
        conditions.append(pl.col("main_bank_elsewhere") == asked.main_bank_elsewhere)
    if asked.least_growth_potential is not None:
        conditions.append(pl.col("growth_potential") >= asked.least_growth_potential)
    if asked.least_elsewhere_probability is not None:
        conditions.append(pl.col("main_bank_elsewhere_probability") >= asked.least_elsewhere_probability)
    if asked.early_warning:
        conditions.append(early_warning(customers.columns, policy.tiers))
    return pl.all_horizontal(conditions)


def _option(
    candidates: pl.DataFrame, programme: str, code: str, channel: str, policy: Policy, chances: LearnedChances
) -> pl.DataFrame:
    contact, bundle = policy.upgrade.channels[channel], policy.upgrade.bundles[code]  # type: ignore[index]
    without = chances.without.get(programme, policy.upgrade.spontaneous_probability)
    allowed = candidates.filter(_eligible(bundle, channel) & _may_have_credit(candidates, bundle, policy))
    offered = allowed.with_columns(bundle=pl.lit(code), channel=pl.lit(channel))
    evidence = chances.of_evidence(offered.columns, policy.outcomes.evidence_cap)
    added = chances.added(policy, programme, channel) * pl.col("movable_probability") * evidence
    uplift = added.clip(0.0, 1.0 - without)
    moves = without + uplift
    incentive = moves * bundle.incentive
    of_a_move = bundle.moved_share * pl.col("upgrade_potential_12m")
    gain = uplift * of_a_move - incentive
    lasting = of_a_move / 12.0 * pl.col("value_months")
    value = uplift * lasting - incentive
    return offered.with_columns(
        target_tier=pl.col("tier").replace_strict(NEXT_TIER, default="high_value"),
        conversion_probability=moves,
        expected_gain_12m=gain,
        contact_cost=pl.lit(contact.cost),
        expected_net_gain_12m=gain - contact.cost,
        expected_net_value=value - contact.cost,
        value_horizon_months=pl.lit(policy.upgrade.value_horizon_months, pl.Int64),
        uplift=uplift,
        chance_variation=pl.lit(chances.variation(policy, programme, channel)),
        value_of_a_move=lasting - bundle.incentive,
    )


def _may_have_credit(candidates: pl.DataFrame, bundle: Bundle, policy: Policy) -> pl.Expr:
    """Offer nobody credit who is overdue with a debt (DOMAIN.md 3.10)."""
    if bundle.offers_credit is False or "days_past_due" not in candidates.columns:
        return pl.lit(value=True)
    return pl.col("days_past_due").fill_null(0) <= policy.risk.technical_days_past_due


def _eligible(bundle: Bundle, channel: str) -> pl.Expr:
    families = pl.col("families")
    conditions = [pl.col("tier").is_in(bundle.for_tiers)]
    conditions += [families.list.contains(family) for family in bundle.needs_products]
    conditions += [~families.list.contains(family) for family in bundle.lacks_products]
    if bundle.needs_suitability and channel != "adviser":
        conditions.append(families.list.contains("wealth"))
    if bundle.for_main_bank_elsewhere is not None:
        conditions.append(pl.col("main_bank_elsewhere") == bundle.for_main_bank_elsewhere)
    return pl.all_horizontal(conditions)
