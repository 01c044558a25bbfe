"""The accounting of docs/reference/accounting.md once more: row by row in plain Python, written from the page."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from segment.policy import Policy
from segment.policy.rates import Curve, DebtSide, Product
from tests.contribution.random_bank import Bank

Row = dict[str, Any]


def curve_of(policy: Policy, day: dt.date) -> Curve:
    curves = sorted(policy.ftp.curves, key=lambda curve: curve.effective_on)
    earlier = [curve for curve in curves if curve.effective_on <= day]
    return earlier[-1] if earlier else curves[0]


def read(curve: Curve, tenor: float) -> float:
    points = list(zip(curve.tenor_months, curve.rate_annual, strict=True))
    if tenor <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in zip(points, points[1:], strict=False):
        if tenor <= right:
            return low + (high - low) * (tenor - left) / (right - left)
    return points[-1][1]


def core(policy: Policy, tenor: float, first: dt.date) -> float:
    rates = []
    year, month = first.year, first.month
    for _ in range(policy.ftp.core_average_months):
        rates.append(read(curve_of(policy, dt.date(year, month, 1)), tenor))
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
    return sum(rates) / len(rates)


def fraction(product: Product, first: dt.date) -> float:
    days = calendar.monthrange(first.year, first.month)[1]
    return {"act/360": days / 360, "act/365": days / 365, "30/360": 1 / 12}[product.day_count]


def net_interest(policy: Policy, account: Row, balance: Row, first: dt.date) -> float:
    product = policy.products[account["product"]]
    amount, given = balance["average_balance"], balance["interest_rate_annual"]
    if amount > 0 and (side := product.deposit):
        rate = given if given is not None and product.family in ("deposit", "wealth") else side.rate_annual
        day = first if side.fixed_at == "month" else account["opened_on"]
        funds = side.core_share * core(policy, side.core_tenor_months, first)
        funds += (1 - side.core_share) * read(curve_of(policy, day), side.tenor_months)
        return amount * (funds - rate - side.reserve_cost_annual) * fraction(product, first)
    if amount < 0 and (owed := product.debt):
        rate = given if given is not None and product.family in ("loan", "card") else owed.rate_annual
        day = first if owed.fixed_at == "month" else account["opened_on"]
        funds = read(curve_of(policy, day), owed.tenor_months)
        return -amount * (rate - funds - owed.liquidity_premium_annual) * fraction(product, first)
    return 0.0


def of_balance(policy: Policy, account: Row, balance: Row, first: dt.date) -> Row:
    product = policy.products[account["product"]]
    amount = balance["average_balance"]
    net_of_vat = 1 + policy.fees.vat_rate
    lines = {
        "net_interest": net_interest(policy, account, balance, first),
        "trail_fee_income": max(amount, 0) * product.trail_fee_annual * fraction(product, first) / net_of_vat,
    }
    if debt := product.debt:
        exposure, capital = max(-amount, 0), policy.capital
        spread = capital.ratio * (capital.cost_of_equity_annual - capital.risk_free_annual)
        lines["capital_cost"] = exposure * debt.risk_weight * spread / 12
    return lines


def of_transaction(policy: Policy, product: Product, row: Row) -> Row:
    fees, costs = policy.fees, policy.costs
    paid, net_of_vat = -row["amount"], 1 + fees.vat_rate
    kept = (1 - fees.interchange.paid_away_share) / net_of_vat
    here = row["counterparty_bank"] is None
    lines: Row = {"transaction_cost": getattr(costs.transaction, row["channel"])}
    if row["channel"] == "atm" and row["kind"] == "cash_withdrawal" and not here:
        lines["transaction_cost"] = costs.transaction.atm_other_bank
    if row["channel"] in ("counter", "phone"):
        lines["overhead_cost"] = costs.overhead.per_manual_event
    if row["kind"] in ("fee", "fee_refund"):
        lines["fee_income"] = paid / net_of_vat
    elif row["kind"] == "card_payment" and product.family == "deposit":
        cap = fees.interchange.debit_cap
        lines["interchange_income"] = min(max(paid * fees.interchange.debit_rate, -cap), cap) * kept
    elif row["kind"] == "card_payment" and product.family == "card":
        lines["interchange_income"] = paid * fees.interchange.credit_rate * kept
    elif row["kind"] == "insurance_premium" and here:
        lines["commission_income"] = paid * fees.commission.insurance_premium_rate / net_of_vat
    elif row["kind"] == "investment_buy" and here:
        lines["commission_income"] = paid * fees.commission.investment_buy_rate / net_of_vat
    return lines


def of_event(policy: Policy, row: Row) -> Row:
    costs = policy.costs
    cost = getattr(costs.service_event, row["channel"])
    if row["channel"] == "adviser":
        minutes = costs.service_event.adviser_minutes_if_unknown if row["minutes"] is None else row["minutes"]
        cost += minutes * costs.service_event.adviser_minute
    manual = row["channel"] in ("counter", "phone", "adviser")
    return {"service_event_cost": cost, "overhead_cost": costs.overhead.per_manual_event * manual}


def minutes_at_counter(policy: Policy, row: Row) -> float:
    recorded = row.get("minutes")
    usual = policy.costs.overhead.minutes_per_counter_event
    return 0.0 if row["channel"] != "counter" else usual if recorded is None else float(recorded)


@dataclass
class Debt:
    """A debt at a month's end, by the page's section on arrears."""

    level: int = 0
    kept: int = 0
    owed: float = 0.0
    booked: float = 0.0
    off: int | None = None


def debt_month(
    policy: Policy, was: Debt | None, account: Row, balance: Row | None, first: dt.date, *, ledger_begins: bool = False
) -> tuple[Debt, Row]:
    """Carry a debt on by a month: its state, and its lines."""
    side, risk, was = policy.products[account["product"]].debt, policy.risk, was or Debt()
    assert side is not None
    days = calendar.monthrange(first.year, first.month)[1]
    closed = account["closed_on"] is not None and account["closed_on"] <= first.replace(day=days)
    late = (balance["days_past_due"] or 0) if balance else 0
    drawn = max(-balance["average_balance"], 0.0) if balance else 0.0
    owed = drawn if balance else 0.0 if closed else was.owed
    if was.off is not None:
        months = was.off + 1
        return Debt(3 if months <= risk.written_off_months else 0, 0, was.owed, was.booked, months), {}
    material = max(owed, was.owed) >= max(risk.material_debt, 0.01)
    level = 3 if late >= risk.default_days_past_due and material else 0
    level = level or (2 if late >= risk.arrears_days_past_due else 1 if late > risk.technical_days_past_due else 0)
    kept = 0 if late > risk.technical_days_past_due else was.kept + (1 if balance or closed else 0)
    if was.level >= 2 and kept <= risk.cure_months:
        level = max(level, was.level)
    gone = (late >= risk.default_days_past_due or (balance is None and not was.kept)) and (
        closed or (balance is not None and balance["closing_balance"] >= 0)
    )
    at_risk = max(owed, was.owed) if gone else owed
    lines, booked = booked_loss(side, was, level, owed, drawn, at_risk)
    if was.level < 3 and level == 3 and ledger_begins and late >= risk.default_days_past_due + days:
        lines["expected_loss"] = 0.0
    limit = risk.write_off_days_past_due.get(account["product"])
    if level == 3 and (gone or (limit is not None and late >= limit)):
        lines |= {"expected_loss": lines["expected_loss"] - booked, "write_offs": booked}
        return Debt(level, kept, at_risk, booked, 0), lines
    return Debt(level, kept, at_risk, booked), lines


def booked_loss(side: DebtSide, was: Debt, level: int, owed: float, drawn: float, at_risk: float) -> tuple[Row, float]:
    """The first four rows of the page's table of losses."""
    given, premium = side.loss_given_default, side.default_probability_12m / 12 * side.loss_given_default * drawn
    if level < 3 and was.level == 3:
        return {"expected_loss": premium, "recoveries": was.booked}, premium
    if level < 3:
        return {"expected_loss": premium}, premium + (was.booked if owed else 0.0)
    if was.level < 3:
        return {"expected_loss": max(0.0, given * at_risk - was.booked)}, given * at_risk
    booked = min(was.booked, given * at_risk)
    return {"expected_loss": 0.0, "recoveries": was.booked - booked}, booked


Lines = defaultdict[str, float]
Used = dict[str, list[tuple[Lines, float]]]


def plainly_accounted(bank: Bank, policy: Policy, first: dt.date) -> dict[str, Lines]:
    """Lines of each customer in a month."""
    tables = {name: frame.to_dicts() for name, frame in bank.items()}
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    used: Used = defaultdict(list)
    of_accounts = accounts_of(tables, policy, first, last, used)
    of_people = people_of(tables, policy, first, last, used)
    charge_branches(tables["branches"], policy, used)
    for row in tables["holdings"]:
        lines = of_accounts[row["account_id"]]
        add(of_people[row["customer_id"]], {name: row["share"] * amount for name, amount in lines.items()})
    return of_people


def add(lines: Lines, more: Row) -> None:
    for name, amount in more.items():
        lines[name] += amount


def accounts_of(
    tables: dict[str, list[Row]], policy: Policy, first: dt.date, last: dt.date, used: Used
) -> dict[str, Lines]:
    found: dict[str, Lines] = defaultdict(lambda: defaultdict(float))
    accounts = {row["account_id"]: row for row in tables["accounts"] if row["opened_on"] <= last}
    for name, account in accounts.items():
        if account["closed_on"] is None or account["closed_on"] >= first:
            fixed = policy.products[account["product"]].fixed_cost_month
            add(found[name], {"account_cost": fixed, "overhead_cost": policy.costs.overhead.per_account_month})
    for row in (row for row in tables["balances"] if row["account_id"] in accounts):
        account = accounts[row["account_id"]]
        add(found[row["account_id"]], of_balance(policy, account, row, first))
        if policy.products[account["product"]].debt:
            add(found[row["account_id"]], debt_month(policy, None, account, row, first, ledger_begins=True)[1])
    for row in (row for row in tables["transactions"] if row["account_id"] in accounts):
        account, lines = accounts[row["account_id"]], found[row["account_id"]]
        add(lines, of_transaction(policy, policy.products[account["product"]], row))
        used[account["branch_id"]].append((lines, minutes_at_counter(policy, row)))
    return found


def people_of(
    tables: dict[str, list[Row]], policy: Policy, first: dt.date, last: dt.date, used: Used
) -> dict[str, Lines]:
    found: dict[str, Lines] = defaultdict(lambda: defaultdict(float))
    homes = {row["customer_id"]: row["branch_id"] for row in tables["customers"]}
    for row in tables["service_events"]:
        add(found[row["customer_id"]], of_event(policy, row))
        used[homes[row["customer_id"]]].append((found[row["customer_id"]], minutes_at_counter(policy, row)))
    for row in tables["contact_rules"]:
        if row["rule"] == "complaint" and first <= row["starts_on"] <= last:
            add(found[row["customer_id"]], {"complaint_cost": policy.costs.complaint})
    return found


def charge_branches(branches: list[Row], policy: Policy, used: Used) -> None:
    capacity = policy.costs.overhead.branch_minutes_month
    for branch in branches if capacity > 0 else []:
        served = used[branch["branch_id"]]
        price = branch["monthly_overhead"] / max(capacity, sum(minutes for _, minutes in served))
        for lines, minutes in served:
            add(lines, {"overhead_cost": minutes * price})
