"""Places on a list: managers' hours, budgets, caps and floors, and the choice within them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array, csr_array

from segment.arrays import Floats
from segment.policy import Policy
from segment.upgrade.optimise import MOST_OPTIONS, Choice, choose

DAYS_A_WEEK = 7.0
MINUTES_AN_HOUR = 60.0
_LIMIT_SCHEMA = {"limit": pl.String, "branch_id": pl.String, "low": pl.Float64, "high": pl.Float64}


@dataclass(frozen=True)
class Limits:
    """What a list may use."""

    capacity: int | None = None  # Customers to contact in all; None: the policy's default for each branch
    budget: float | None = None  # Sum of contact costs in book currency; None: no limit


@dataclass(frozen=True)
class ListChoice:
    """The offers that were chosen, and how good the choice is."""

    offers: pl.DataFrame  # One option per customer of either arm
    choice: Choice  # Bound, gap and method
    # `limit`, `branch_id` (null: the bank's), `low`, `high`, `price` of a unit more, `unmet` units of a floor
    limits: pl.DataFrame
    # `customer_id`, `programme`, `channel`, `limit`: of the options that limits with a price keep out, the dearest one
    scarce: pl.DataFrame

    def adviser_hours(self) -> float:
        """Advisers' hours that there are for the list's contacts."""
        return float(self.limits.filter(pl.col("limit") == "adviser minutes")["high"].sum()) / MINUTES_AN_HOUR

    def adviser_hour_prices(self) -> pl.DataFrame:
        """Return what one adviser hour more would bring in each branch."""
        # Returns `branch_id`, `adviser_hour_price` in book currency, the dearest first.
        minutes = self.limits.filter(pl.col("limit") == "adviser minutes")
        priced = minutes.select("branch_id", adviser_hour_price=pl.col("price") * MINUTES_AN_HOUR)
        return priced.sort(["adviser_hour_price", "branch_id"], descending=[True, False])


def choose_within(
    options: pl.DataFrame,
    limits: Limits,
    managers: pl.DataFrame,
    policy: Policy,
    *,
    most_options: int = MOST_OPTIONS,
    advisers_more: int = 0,
) -> ListChoice:
    """Choose the options of the contact arm that bring most, and the control arm's that would have been chosen."""
    # `advisers_more`: as if each branch had so many relationship managers more
    options = options.sort("customer_id", "channel")
    table = pl.concat(_limit_rows(options, limits, managers, policy)).with_row_index("row")
    if advisers_more:
        table = _with_advisers(table, advisers_more, policy)
    use = _use(options, table, policy)
    open_to = ~options["control"].to_numpy()
    gain = options["expected_net_value"].to_numpy().astype(float)
    customer = options.filter(~pl.col("control"))["customer_id"].rank("dense").to_numpy().astype(np.int64) - 1
    low, high = table["low"].to_numpy(), table["high"].to_numpy()
    choice = choose(customer, gain[open_to], use[:, np.flatnonzero(open_to)], low, high, most_options=most_options)
    taken = np.zeros(len(gain), dtype=bool)
    taken[open_to] = choice.chosen
    reduced = gain - use.T @ choice.prices
    would = pl.Series(~open_to & (reduced > 0.0))
    control = options.with_columns(reduced=pl.Series(reduced)).filter(would)
    control = control.sort(["reduced", "customer_id"], descending=[True, False]).unique("customer_id", keep="first")
    offers = pl.concat([options.filter(pl.Series(taken)), control.drop("reduced")])
    priced = table.drop("row").with_columns(price=pl.Series(choice.prices), unmet=pl.Series(choice.unmet))
    return ListChoice(offers, choice, priced, _scarce(options, use, choice.prices, table))


def _scarce(options: pl.DataFrame, use: csr_array, prices: Floats, table: pl.DataFrame) -> pl.DataFrame:
    """The limit that each option pays most for, where it pays at all."""
    paid = coo_array(csr_array(use.multiply(prices[:, None])))
    cells = pl.DataFrame({"row": paid.coords[0], "option": paid.coords[1], "paid": paid.data})
    dearest = cells.filter(pl.col("paid") > 0.0).sort(["option", "paid", "row"], descending=[False, True, False])
    named = dearest.unique("option", keep="first", maintain_order=True).join(
        table.select(pl.col("row").cast(cells.schema["row"]), "limit"), on="row", maintain_order="left"
    )
    keys = options.select("customer_id", "programme", "channel").with_row_index("option")
    return (
        keys.with_columns(pl.col("option").cast(cells.schema["option"]))
        .join(named, on="option")
        .select("customer_id", "programme", "channel", "limit")
    )


def _with_advisers(table: pl.DataFrame, advisers: int, policy: Policy) -> pl.DataFrame:
    """Limits as if each branch had more managers, with a list's hours and as many contacts as one has on average."""
    minutes = policy.upgrade.adviser_hours_week * MINUTES_AN_HOUR * _weeks(policy) * advisers
    whole = table.filter(pl.col("limit") == "adviser minutes")["high"]
    share = minutes / (float(whole.mean() or 0.0) or minutes)  # type: ignore[arg-type]
    more = pl.when(pl.col("limit") == "adviser minutes").then(pl.col("high") + minutes)
    contacts = more.when(pl.col("limit") == "manager contacts").then(pl.col("high") * (1.0 + share))
    return table.with_columns(high=contacts.otherwise("high"))


def assign_managers(to_contact: pl.DataFrame, managers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Give each contact that takes a manager's time to the branch's manager with the least load."""
    # A household stays with one manager.
    # `policy`: Minutes of a contact, by channel.
    # Returns `customer_id`, `rm_id`; null where the channel takes no manager's time or the branch has no manager.
    minutes = policy.upgrade.adviser_minutes
    load = {
        branch: dict.fromkeys(sorted(ids), 0.0)
        for branch, ids in managers.group_by("branch_id", maintain_order=True).agg("rm_id").rows()
    }
    of_household: dict[tuple[str, str], str] = {}
    assigned: list[str | None] = []
    for branch, channel, household in to_contact.select("branch_id", "channel", "household").iter_rows():
        loads = load.get(branch)
        if loads is None or not minutes[channel]:
            assigned.append(None)
            continue
        manager = of_household.setdefault((branch, household), min(loads, key=lambda name: (loads[name], name)))
        loads[manager] += minutes[channel]
        assigned.append(manager)
    return to_contact.select("customer_id", rm_id=pl.Series(assigned, dtype=pl.String))


def _limit_rows(options: pl.DataFrame, limits: Limits, managers: pl.DataFrame, policy: Policy) -> list[pl.DataFrame]:
    rules = policy.upgrade
    branches = options["branch_id"].unique().sort()
    per_branch = branches.to_frame().select(pl.lit(None, pl.String).alias("limit"), "branch_id", low=0.0, high=np.inf)
    rows = [
        per_branch.join(_manager_minutes(managers, policy), on="branch_id", how="left", maintain_order="left").select(
            limit=pl.lit("adviser minutes"),
            branch_id="branch_id",
            low="low",
            high=pl.col("minutes").fill_null(rules.pool_hours_week * MINUTES_AN_HOUR * _weeks(policy)),
        )
    ]
    floors = _floors(options, limits, policy)
    capacity = np.inf if limits.capacity is not None else float(rules.default_capacity_per_branch)
    rows.append(
        per_branch.join(floors, on="branch_id", how="left", maintain_order="left").select(
            limit=pl.lit("contacts"), branch_id="branch_id", low=pl.col("floor").fill_null(0.0), high=pl.lit(capacity)
        )
    )
    budgets = {branch: rules.branch_budgets.get(branch, rules.branch_budget) for branch in branches}
    most = pl.Series([budgets[branch] for branch in branches], dtype=pl.Float64).fill_null(np.inf)
    rows.append(per_branch.with_columns(limit=pl.lit("cost"), high=most))
    rows.append(
        per_branch.join(_manager_contacts(managers, policy), on="branch_id", maintain_order="left").select(
            limit=pl.lit("manager contacts"), branch_id="branch_id", low="low", high="contacts"
        )
    )
    rows += [
        per_branch.with_columns(limit=pl.lit(f"programme {code}"), high=pl.lit(float(programme.capacity_per_branch)))
        for code, programme in policy.programmes.items()
        if programme.capacity_per_branch is not None
    ]
    whole: list[tuple[str, float | None]] = [
        (f"channel {name}", channel.most_contacts) for name, channel in rules.channels.items()
    ]
    whole += [("contacts", limits.capacity), ("cost", limits.budget)]
    given = [(name, None, 0.0, float(most)) for name, most in whole if most is not None]
    return [*rows, pl.DataFrame(given, schema=_LIMIT_SCHEMA, orient="row")]


def _manager_minutes(managers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    hours = policy.upgrade.adviser_hours_week * MINUTES_AN_HOUR * _weeks(policy)
    return managers.group_by("branch_id", maintain_order=True).agg(minutes=pl.len().cast(pl.Float64) * hours)


def _manager_contacts(managers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Contacts of the branches whose managers all have a number of their own."""
    limited = managers.filter(pl.col("weekly_contacts").is_not_null().all().over("branch_id"))
    return limited.group_by("branch_id", maintain_order=True).agg(
        contacts=pl.col("weekly_contacts").cast(pl.Float64).sum() * _weeks(policy)
    )


def _weeks(policy: Policy) -> float:
    return policy.upgrade.list_expires_after_days / DAYS_A_WEEK


def _of_managers(policy: Policy) -> list[str]:
    return [name for name, channel in policy.upgrade.channels.items() if channel.adviser_minutes]


def _floors(options: pl.DataFrame, limits: Limits, policy: Policy) -> pl.DataFrame:
    """Least contacts of the branches with few candidates; no more than there are, or than their share of the places."""
    open_to = (
        options.filter(~pl.col("control"))
        .group_by("branch_id", maintain_order=True)
        .agg(people=pl.col("customer_id").n_unique())
    )
    capacity = np.inf if limits.capacity is None else float(limits.capacity)
    share = (pl.col("people") * (capacity / max(1, int(open_to["people"].sum())))).floor()
    floor = pl.min_horizontal(
        pl.col("people").cast(pl.Float64), pl.lit(float(policy.upgrade.small_branch_floor)), share
    )
    return open_to.with_columns(floor=floor).filter(pl.col("people") <= policy.upgrade.small_branch_candidates)


def _use(options: pl.DataFrame, table: pl.DataFrame, policy: Policy) -> csr_array:
    """Units of each limit that each option uses."""
    minutes = policy.upgrade.adviser_minutes
    used = options.with_row_index("option").select(
        "option",
        "branch_id",
        pl.lit(1.0).alias("contacts"),
        pl.col("channel").is_in(_of_managers(policy)).cast(pl.Float64).alias("manager contacts"),
        pl.col("contact_cost").alias("cost"),
        pl.col("channel").replace_strict(minutes, return_dtype=pl.Float64).alias("adviser minutes"),
        programme=pl.format("programme {}", "programme"),
        channel=pl.format("channel {}", "channel"),
    )
    long = [
        used.select("option", "branch_id", limit=pl.lit(name), units=name)
        for name in ("contacts", "manager contacts", "cost", "adviser minutes")
    ]
    long += [used.select("option", "branch_id", limit=name, units=pl.lit(1.0)) for name in ("programme", "channel")]
    units = pl.concat(long)
    of_branch = units.join(table, on=["limit", "branch_id"])
    of_bank = units.drop("branch_id").join(table.filter(pl.col("branch_id").is_null()), on="limit")
    cells = pl.concat([of_branch.select("row", "option", "units"), of_bank.select("row", "option", "units")])
    cells = cells.filter(pl.col("units") > 0.0)
    at = (cells["row"].to_numpy(), cells["option"].to_numpy())
    return csr_array((cells["units"].to_numpy(), at), shape=(table.height, options.height))
