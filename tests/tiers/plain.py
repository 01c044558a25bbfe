"""The tiers of docs/reference/tiers.md once more: customer by customer in plain Python, written from the page."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

Row = dict[str, Any]
Content = dict[str, Any]  # a policy, as its file reads

INCOME = ("net_interest", "fee_income", "interchange_income", "trail_fee_income", "recoveries", "commission_income")
OF_WORK = ("transaction_cost", "service_event_cost", "complaint_cost")
COST = (*OF_WORK, "expected_loss", "write_offs", "capital_cost", "account_cost", "overhead_cost")
HAPPENS = (
    "salary", "pension", "benefit", "transfer_in", "standing_order", "direct_debit", "loan_disbursement",
    "interest_credit", "interest_charge", "fee", "fee_refund", "insurance_premium", "tax",
)  # fmt: skip
TIERS = ("high_value", "valuable", "break_even", "loss_making")
RANK = {tier: 3 - place for place, tier in enumerate(TIERS)}
NAMED = {rank: tier for tier, rank in RANK.items()}


def mean(values: Iterable[float]) -> float:
    listed = list(values)
    return math.fsum(listed) / len(listed)


def quantile(values: list[float], level: float) -> float:
    ordered, place = sorted(values), (len(values) - 1) * level
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def by(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return groups


def twelve_months(months: list[list[Row]], policy: Content) -> dict[str, Row]:
    """Sections 1 and 2: months (oldest first) of rows with id, group and lines, to each customer's sums."""
    tiers, spread = policy["tiers"], policy["fees"]["commission"]["spread_months"]
    people: dict[str, Row] = defaultdict(lambda: defaultdict(float))
    sold: dict[str, dict[int, float]] = defaultdict(dict)
    for place, rows in enumerate(months):
        groups = by(rows, "peer_group")
        for row in rows:
            row["x"] = sum(row[line] for line in INCOME if line != "commission_income") - sum(row[c] for c in COST)
            sold[row["customer_id"]][place] = row["commission_income"]
        for members in groups.values():
            peers = members if len(members) >= tiers["winsor_least_customers"] else rows
            values, q = [peer["x"] for peer in peers], tiers["winsor_quantile"]
            low, high = quantile(values, q), quantile(values, 1 - q)
            for row in members:
                person = people[row["customer_id"]]
                person["months"] += 1
                if place >= len(months) - 12:
                    shared = sum(sold[row["customer_id"]].get(place - back, 0.0) for back in range(spread)) / spread
                    person["clipped"] += min(max(row["x"], low), high) + shared
                    person["income"] += sum(row[line] for line in INCOME[:-1]) + shared
                    person["cost"] += sum(row[line] for line in COST)
    return people


def standing(person: Row, policy: Content) -> str:
    """Section 3."""
    tiers = policy["tiers"]
    days = (person["as_of"] - person["joined_on"]).days
    relation = max(person["months"], math.floor(round(days / (365.25 / 12), 3)))
    idle = person["months"] if person["months_since_begun"] is None else person["months_since_begun"]
    if person["deceased"] or (tiers["leave_out_staff"] and person["is_staff"]):
        return "excluded"
    if relation < tiers["new_below_months"]:
        return "new"
    if relation < tiers["provisional_below_months"]:
        return "provisional"
    return "dormant" if idle >= tiers["dormant_after_months"] else "active"


def begun(row: Row) -> bool:
    return row["channel"] != "automatic" and row["kind"] not in HAPPENS


def yardstick(people: list[Row]) -> list[Row]:
    active = [one for one in people if one["standing"] == "active"]
    return active or [one for one in people if one["standing"] != "excluded"] or people


def blend(people: list[Row], policy: Content) -> None:
    """Section 4: `standing`, `months`, `clipped`, `cost` and V to `B` and `COST`."""
    tiers = policy["tiers"]
    for one in people:
        factor = 12 / min(max(one["months"], 1), 12)
        one["C"], one["COST"] = factor * one["clipped"], factor * one["cost"]
        one["B"] = tiers["own_weight"] * one["C"] + (1 - tiers["own_weight"]) * one["V"]
    seasoned = yardstick(people)
    groups = by(seasoned, "peer_group")
    priors = {name: mean(one["B"] for one in members) for name, members in groups.items()}
    of_the_bank = mean(one["B"] for one in seasoned)
    for one in people:
        if one["standing"] == "provisional":
            weight = one["months"] / (one["months"] + tiers["seasoning_months"])
            prior = priors.get(one["peer_group"], of_the_bank)
            one["B"] = max(0.0, weight * one["C"] + (1 - weight) * prior)
        elif one["standing"] == "new":
            one["B"] = 0.0


def weight_of_peers(branches: list[list[Row]], groups: dict[str, list[Row]], policy: Content) -> float:
    """Section 5: k."""
    default: float = policy["tiers"]["shrinkage_customers"]
    everyone = sum(len(branch) for branch in branches)
    between_degrees, within_degrees = len(branches) - len(groups), everyone - len(branches)
    if between_degrees < 2 or within_degrees < 1:
        return default
    within = apart = typical = 0.0
    for branch in branches:
        peers = groups[branch[0]["peer_group"]]
        own = mean(one["B"] for one in branch)
        within += sum((one["B"] - own) ** 2 for one in branch) / within_degrees
        apart += len(branch) * (own - mean(one["B"] for one in peers)) ** 2 / between_degrees
        typical += len(branch) ** 2 / len(peers)
    typical = (everyone - typical) / between_degrees
    between = (apart - within) / typical
    if within <= 0:
        return default
    return within / between if between > 0 else float("inf")


def refer(people: list[Row], policy: Content) -> None:
    """Section 5: `reference` and `M` of everyone."""
    tiers, seasoned = policy["tiers"], yardstick(people)
    branches, groups = by(seasoned, "branch_id"), by(seasoned, "peer_group")
    k = weight_of_peers(list(branches.values()), groups, policy)

    def of_peers(members: list[Row]) -> tuple[float, float]:
        floor = tiers["reference_floor_of_mean_cost"] * mean(one["COST"] for one in members)
        return mean(one["B"] for one in members), floor

    for one in people:
        peer_mean, floor = of_peers(groups.get(one["peer_group"], seasoned))
        members = branches.get(one["branch_id"], [])
        own = peer_mean
        if len(members) >= tiers["pooled_below_customers"]:
            z = len(members) / (len(members) + k)
            own = z * mean(row["B"] for row in members) + (1 - z) * peer_mean
        one["reference"], one["M"] = max(floor, own), mean(row["COST"] for row in seasoned)


def draw(one: Row, policy: Content) -> None:
    """Section 6: `low`, `up`, `high`, `reach` and `own_tier`."""
    tiers = policy["tiers"]
    fixed = min(product["fixed_cost_month"] for product in policy["products"].values())
    cost = max(one["COST"], 12 * (fixed + policy["costs"]["overhead"]["per_account_month"]))
    least, most = tiers["epsilon_of_mean_cost"] * one["M"], tiers["band_cap_of_mean_cost"] * one["M"]
    one["low"] = -max(least, min(round(1 - tiers["coverage_low"], 12) * cost, most))
    one["up"] = max(least, min(round(tiers["coverage_high"] - 1, 12) * cost, most))
    one["high"] = max(one["up"], tiers["high_multiple"] * one["reference"])
    one["reach"] = max(one["high"], round(tiers["high_coverage"] - 1, 12) * cost) if one["p10"] > 0 else None
    if one["B"] < one["low"]:
        one["own_tier"] = "loss_making"
    elif one["B"] <= one["up"]:
        one["own_tier"] = "break_even"
    else:
        one["own_tier"] = "high_value" if one["reach"] is not None and one["B"] >= one["reach"] else "valuable"


def beyond(one: Row) -> float:
    """How far B lies beyond the border of the cluster's tier that it has passed."""
    value, reach = one["B"], math.inf if one["reach"] is None else one["reach"]
    return float(
        {
            "loss_making": value - one["low"],
            "break_even": max(one["low"] - value, value - one["up"]),
            "valuable": max(one["up"] - value, value - reach),
            "high_value": reach - value,
        }[one["cluster_tier"]]
    )


def propose(one: Row, policy: Content) -> None:
    """Section 7 without capacity: `proposed` and `note`."""
    tiers, one["note"] = policy["tiers"], None
    if tiers["decide_by"] != "borders":
        costs = {
            given: round(sum(one["chances"][true] * tiers["cost_of_error"][true][place] for true in TIERS), 12)
            for place, given in enumerate(TIERS)
            if given != "high_value" or one["reach"] is not None
        }
        tier = min(costs, key=lambda given: costs[given])
        by_cluster = costs.get(one["cluster_tier"]) if tiers["decide_by"] == "clusters" else None
        if by_cluster is not None and round(by_cluster - costs[tier], 12) <= one["guard_margin"]:
            tier = one["cluster_tier"]
    else:
        cluster = one["cluster_tier"]
        margin = tiers["guard_margin_of_mean_cost"] * one["M"]
        guarded = cluster is None or (one["own_tier"] != cluster and beyond(one) >= margin)
        tier = one["own_tier"] if guarded else cluster
        grows = one["growth"] >= tiers["growth_probability"] and one["standing"] in ("active", "provisional")
        tier = "valuable" if tier == "break_even" and grows else tier
    if one["standing"] in ("new", "excluded") or (one["standing"] == "provisional" and tier == "loss_making"):
        tier = "break_even"
    one["proposed"] = tier


def lift_to_household(people: list[Row], policy: Content) -> None:
    """Section 7, step 6."""
    at_home = [one for one in people if one["standing"] != "excluded" and one.get("household_id") is not None]
    for members in by(at_home, "household_id").values() if policy["tiers"]["household_floor"] else []:
        for one in members:
            together = {**one, **{name: sum(member[name] for member in members) for name in ("B", "COST", "p10")}}
            draw(together, policy)
            one["proposed"] = NAMED[max(RANK[one["proposed"]], RANK[together["own_tier"]] - 1)]


def in_default(one: Row) -> bool:
    return (one["arrears_level"] or 0) >= 3


def hold_in_default(people: list[Row]) -> None:
    """Section 7, step 7."""
    for one in filter(in_default, people):
        one["proposed"] = NAMED[min(RANK[one["proposed"]], 1)]


def hold_to_capacity(people: list[Row], managers: dict[str, int], policy: Content) -> None:
    """Section 7, step 8."""
    most = policy["tiers"]["high_value_per_manager"]
    best = [one for one in people if one["proposed"] == "high_value" and one["branch_id"] in managers]
    for branch, members in by(best, "branch_id").items() if most is not None else []:
        members.sort(key=lambda one: (-one["B"], one["customer_id"]))
        for one in members[most * managers[branch] :]:
            one["proposed"], one["note"] = "valuable", "rm_capacity"


def settle(one: Row, before: Row | None, policy: Content) -> None:
    """Section 8: `stable`, `candidate` and `count`; `before` is what was published last, the month before."""
    rules, one["candidate"], one["count"] = policy["tiers"]["stability"], None, 0
    unmeasured = ("new", "excluded")
    one["stable"] = one["proposed"]
    if not rules["hysteresis"] or before is None:
        return
    if one["standing"] in unmeasured or before["standing"] in unmeasured:
        return
    now, proposed = RANK[before["stable"]], RANK[one["proposed"]]
    candidate = None if before["candidate"] is None else RANK[before["candidate"]]
    if proposed > now:
        rise(one, now, proposed, candidate, before["count"], rules)
    elif proposed < now:
        fall(one, now, candidate, before, policy)
    else:
        one["stable"] = NAMED[now]
    if in_default(one) and RANK[one["stable"]] > 1:
        one["stable"], one["candidate"], one["count"] = "break_even", None, 0


def rise(one: Row, now: int, proposed: int, candidate: int | None, before: int, rules: Content) -> None:
    goes_on = candidate is not None and candidate > now
    count = before + 1 if goes_on else 1
    least = min(candidate, proposed) if goes_on and candidate is not None else proposed
    reached, chance = 0, 0.0
    for tier in ("high_value", "valuable", "break_even"):
        chance += one["chances"][tier]
        if chance >= rules["rise_at_once_from"] - 1e-9:
            reached = RANK[tier]
            break
    lasted = least if count >= rules["rise_refreshes"] else now
    far = now <= 1 and (count < rules["high_jump_refreshes"] or least < 3)
    new = max(now, min(max(min(proposed, reached), lasted), 2 if far else 3))
    one["stable"] = NAMED[new]
    if new != proposed:
        one["candidate"], one["count"] = (NAMED[least], count) if new == now else (one["proposed"], 1)


def fall(one: Row, now: int, candidate: int | None, before: Row, policy: Content) -> None:
    tiers = policy["tiers"]
    border = {3: one["reach"], 2: one["up"], 1: one["low"]}[now]
    cluster = one["cluster_tier"]
    counts = (
        border is None
        or one["B"] < border - tiers["stability"]["fall_margin"] * abs(border)
        or one["note"] == "rm_capacity"
        or tiers["decide_by"] != "borders"
        or (tiers["guard_margin_of_mean_cost"] > 0 and cluster is not None and RANK[cluster] < now)
    )
    count = before["count"] + 1 if candidate is not None and candidate < now else 1
    count = 0 if one["branch_id"] != before["branch_id"] else count
    given = counts and count >= tiers["stability"]["fall_refreshes"]
    one["stable"] = NAMED[now - 1] if given else NAMED[now]
    if counts and not given:
        one["candidate"], one["count"] = one["proposed"], count


def tiered(
    people: list[Row], policy: Content, managers: dict[str, int], before: Callable[[str], Row | None]
) -> list[Row]:
    """Sections 3 to 8."""
    for one in people:
        one["standing"] = standing(one, policy)
    blend(people, policy)
    refer(people, policy)
    for one in people:
        draw(one, policy)
        propose(one, policy)
    lift_to_household(people, policy)
    hold_in_default(people)
    hold_to_capacity(people, managers, policy)
    for one in people:
        settle(one, before(one["customer_id"]), policy)
    return people


def is_customer(row: Row, as_of: dt.date) -> bool:
    return bool(row["joined_on"] <= as_of and (row["left_on"] is None or row["left_on"] > as_of))
