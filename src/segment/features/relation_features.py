"""Features of the relation, of the person, and the signals of the main bank."""

from __future__ import annotations

from segment.features.balance_measures import FAMILIES
from segment.features.feature import Feature, Source, Uses
from segment.features.recipes import MonthsObserved, Most, Recency, RecencyOrObserved, Sum, Typical
from segment.features.signals import SIGNALS, WITH_TREND, YEAR, InferredIncome, InferredMonths, Signal, SignalTrend
from segment.policy import Policy
from segment.policy.decisions import MainBank

_ALL: Uses = ("future_value", "clustering", "tiers", "audit", "lists")
_VALUE: Uses = ("future_value", "clustering")
_MAIN_BANK: Uses = ("main_bank", "wallet", "future_value", "clustering")
# what the future value reads of these it has in other columns
_MAIN_BANK_ALONE = ("spend_gap", "securities_out", "wallet_months", "round_out", "own_in_share_12m")
_WHOLE_BANK = ("salary_months", "inflow_share", "logins", "spend_gap", "wallet_months")

_SIGNAL_MEANINGS = {
    "salary_months": "Share of months with a salary or pension, coded, or inferred where the bank codes none.",
    "inflow_share": "Money from outside, own accounts elsewhere left out, over the expected income; 1 at most.",
    "bills": "Kinds of bills paid a month over the policy's; 1 at most.",
    "spend_weeks": "Share of weeks with a card payment.",
    "retained_after_10_days": "Part of each month's biggest inflow left after 10 days, median of the months.",
    "logins": "Sessions a month over the policy's; 1 at most.",
    "benefits": "1 where a benefit or tax refund came.",
    "own_in_share": "From own accounts elsewhere over money from outside.",
    "sweep_share": "Of large inflows, the part that left for another bank within the policy's days.",
    "just_in_time_loan": "Of instalments here, the share funded from the own account elsewhere just before.",
    "other_bank_card": "Share of months with a card's bill of another bank, monthly and varying, doubled; 1 at most.",
    "other_bank_loan": "1 where another bank's loan is paid regularly at the same amount.",
    "drain": "Of matured principal, the part that left for another bank within the policy's days.",
    "single_product": "1 where only one product family is held, and no everyday account.",
    "spend_gap": "1 less card payments over the part of the expected income that is spent; 0 at least.",
    "securities_out": "Bought less sold at investment houses elsewhere over all outflow.",
    "wallet_months": "Share of months with a card payment by phone or online.",
    "own_in_share_12m": "From own accounts elsewhere over money from outside, of a year: a link, whatever it weighs.",
    "round_out": "Of transfers to own accounts elsewhere, the part in round amounts that empty the account.",
}


def relation_features(policy: Policy) -> list[Feature]:
    """List the features of the relation and the person, and the signals."""
    return [*_time(), *_holdings(), *_person(), _payment_size(), *_signals(policy.main_bank)]


def _time() -> list[Feature]:
    return [
        Feature("months_observed", "months", None, "Months on record.", _ALL, recipe=MonthsObserved()),
        Feature("tenure_months", "months", None, "Time since the relation began.", _ALL, source="person"),
        Feature(
            "months_since_activity", "months", None,
            "Months since the customer last began something; the months on record where that never happened.", _ALL,
            recipe=RecencyOrObserved("initiated_events"),
        ),
        _recency("months_since_salary", "salary_months", "a salary or pension"),
        _recency("months_since_manual_event", "manual_events", "a counter, phone or adviser event"),
        _recency("months_since_digital_event", "digital_events", "a mobile or online event"),
        _recency("months_since_investment", "flow_investment_buy", "an investment bought"),
        _recency("months_since_own_out_other_bank", "own_out_other_bank", "a transfer to the own account elsewhere"),
    ]  # fmt: skip


def _holdings() -> list[Feature]:
    state = {
        "accounts_open": ("accounts", "Accounts open."),
        "product_families": ("families", "Product families held; everyday and term deposits are two."),
    }
    state |= {
        f"holds_{family}": ("0 or 1", f"Whether a product of the family {family} is held.") for family in FAMILIES
    }
    uses: Uses = ("future_value", "clustering", "lists")
    return [
        *(Feature(name, unit, 1, meaning, uses, recipe=Sum(name, 1)) for name, (unit, meaning) in state.items()),
        Feature(
            "days_past_due_6m", "days", 6, "Most days past due of any account in the last 6 months.", ("future_value",),
            recipe=Most("days_past_due", 6),
        ),
        Feature(
            "days_past_due", "days", 1, "Most days past due of any account, at the month's end.", ("tiers", "lists"),
            recipe=Most("days_past_due", 1),
        ),
        Feature(
            "arrears_level", "0 to 3", 1,
            "Worst debt held: kept, overdue, in arrears, in default; lower again only after the months of cure.",
            ("tiers", "lists"), recipe=Most("arrears_level", 1),
        ),
    ]  # fmt: skip


def _person() -> list[Feature]:
    return [
        Feature("peer_group", "name", None, "The branch's type and region, or all.", ("tiers", "audit"), "person"),
        Feature("is_staff", "true or false", None, "Works for the bank.", ("tiers", "lists"), source="person"),
        Feature("life_stage", "name", None, "Stage of life, as the bank codes it.", ("wallet",), source="person"),
        Feature("occupation", "name", None, "Occupation, as the bank codes it.", ("wallet",), source="person"),
        Feature(
            "household_size", "customers", None, "Customers of the same household, this one included.",
            ("wallet", "future_value"), source="person",
        ),
    ]  # fmt: skip


def _payment_size() -> Feature:
    return Feature(
        "typical_card_payment_12m", "currency", 12,
        "Geometric mean of card payments: a sign of income wherever the main bank is; missing below 3.", ("wallet",),
        recipe=Typical("card_payment_logs", "card_payments", 12),
    )  # fmt: skip


def _signals(rules: MainBank) -> list[Feature]:
    read = rules.signals, rules.monthly_floor
    helpers: Uses = ("main_bank", "wallet")
    return [
        *(_signal(name, rules) for name in SIGNALS),
        *(_trend(name, rules) for name in WITH_TREND),
        Feature(
            "inferred_salary_months_6m", "months", 6, "Months with a regular transfer that may be a salary.", helpers,
            recipe=InferredMonths(*read),
        ),
        Feature(
            "inferred_salary_6m", "currency a month", 6, "Mean of that transfer without its top month.", helpers,
            recipe=InferredIncome(*read),
        ),
    ]  # fmt: skip


def _signal(name: str, rules: MainBank) -> Feature:
    source: Source = "bank" if name in _WHOLE_BANK else "months"
    uses: Uses = ("main_bank",) if name in _MAIN_BANK_ALONE else _MAIN_BANK
    window = YEAR if name.endswith("_12m") else 6
    meaning = _SIGNAL_MEANINGS[name]
    recipe = Signal(name, rules.signals, rules.monthly_floor)
    return Feature(f"signal_{name}", "share", window, meaning, uses, source, recipe=recipe)


def _trend(name: str, rules: MainBank) -> Feature:
    meaning = f"Signal {name}, last 3 months less the 3 before."
    source: Source = "bank" if name in _WHOLE_BANK else "months"
    # a salary that stays away tells of the contribution to come; the other trends are noise to it
    uses = _MAIN_BANK if name == "salary_months" else ("main_bank",)
    recipe = SignalTrend(name, rules.signals, rules.monthly_floor)
    return Feature(f"signal_{name}_trend", "share", 6, meaning, uses, source, recipe=recipe)


def _recency(name: str, measure: str, words: str) -> Feature:
    return Feature(name, "months", None, f"Months since {words}; missing where none is on record.", _VALUE,
                   recipe=Recency(measure))  # fmt: skip
