"""The page's sentences in English."""

from __future__ import annotations

from typing import Final

from segment.jobs.reasons import SENTENCES

REASONS: Final = {code: f"{sentence}." for code, sentence in SENTENCES.items()}

TIERS: Final = {
    "high_value": "high-value: you bring several times what an average customer of your branch brings",
    "valuable": "valuable: what you bring covers its cost well",
    "break_even": "break-even: what you bring about covers its cost",
    "loss_making": "loss-making: serving you costs more than it brings",
}

LINES: Final = {
    "net_interest": "Margin of your balances and loans",
    "fee_income": "Fees you paid, less refunds",
    "interchange_income": "What the bank keeps of your card payments",
    "trail_fee_income": "Fee on assets managed here",
    "commission_income": "Commissions for products bought, spread over months",
    "transaction_cost": "Your transactions",
    "service_event_cost": "Visits, calls and advice",
    "complaint_cost": "Handling of complaints",
    "expected_loss": "Expected loss of your loans",
    "capital_cost": "Capital that your loans tie up",
    "account_cost": "Keeping your accounts",
    "overhead_cost": "Your share of branch and head office",
}

TABLES: Final = {
    "customers": "your record as a customer",
    "accounts": "your accounts",
    "holdings": "which accounts you hold, and which share of joint ones",
    "contact_rules": "rules about contacting you",
    "campaign_outcomes": "what came of earlier contacts",
    "main_bank_labels": "what you or an adviser said about your main bank",
    "transactions": "your transactions, as sums by month, kind and channel",
    "balances": "your balances, as means by month",
    "service_events": "visits, calls and meetings, as counts by month",
}

NOT_USED: Final = {
    "sex": "your sex",
    "region": "the region you live in",
    "exact_age": "your exact age (your date of birth keeps minors off lists and machines from being urged "
    "on older people)",
    "ethnicity_religion_health": "ethnicity, religion, health, marital status, nationality: the data that this rests "
    "on have none",
    "single_transactions": "what you bought or from whom: only sums by kind and channel",
    "others": "data of other people: of joint accounts your share alone counts",
}

LAW: Final = {
    "cn": "The Personal Information Protection Law (PIPL), art. 24 (automated decisions), 44 to 47 (access, "
    "correction, deletion).",
    "eu": "The General Data Protection Regulation (GDPR), art. 15 (access), 17 (erasure), 21 (objection) and 22 "
    "(automated decisions; SCHUFA, C-634/21).",
    "uk": "The UK GDPR, art. 15, 17, 21 and 22, and the Consumer Duty.",
    "us": "The Equal Credit Opportunity Act (Regulation B): no tier decides about credit.",
}

ARMS: Final = {
    "contact": "you were to be contacted",
    "control": "you were kept back, drawn by lot, to see what a contact changes: you were not contacted,"
    " and nothing was taken from you",
}

SAID: Final = {
    "title": "What the bank holds of you and makes of it",
    "as_of": "As of {as_of}. Amounts in {currency}, rounded, of the twelve months before.",
    "tier_heading": "Your tier",
    "tier": "Your tier is **{tier}**.",
    "since": "You have had it since {day}.",
    "use": "The bank computes tiers for all customers, each month, to decide how service is shared out; it rests on "
    "the past twelve months and the forecast together. No tier decides about a loan, a price or a fee by "
    "itself; every tier keeps the counter, a basic account and a way to complain.",
    "reasons_heading": "Why",
    "service_heading": "What it means in practice",
    "no_plan": "The bank has no plan of service by tier.",
    "counter": "At the counter you wait {minutes:g} minutes at most; a decision takes up to {decision:g} days, the "
    "answer to a complaint up to {complaint:g}.",
    "fast_lane": "You are served before others.",
    "contact": "The bank gets in touch every {days} days at least.",
    "tracked": "Who looks after you: {who}.",
    "waiver": "Of “{item}”, {low} to {high} % of the published price may be waived.",
    "offers": "What may be offered, each by itself: {offers}.",
    "generic": "You object to profiling: your tier is not acted upon. You get the service that everyone gets who "
    "objects, you stand on no list, and the objection has not lowered your tier.",
    "figures_heading": "The figures behind it",
    "sums": "Income {income}, cost {cost}, so you contributed {contribution} in {months} months that were seen.",
    "line": "how it comes about",
    "amount": "amount",
    "income": "income",
    "cost": "cost",
    "no_lines": "How the figures come about by line is no longer kept.",
    "forecast": "For the next twelve months the model expects about {p50}: in eight cases of ten between "
    "{p10} and {p90}. It is an estimate, not a judgement.",
    "elsewhere": "The bank believes that your main bank is another one, and that about {wallet} a year "
    "goes there. It is a guess from the kinds of payments.",
    "levers_heading": "What would change it",
    "lever": "{name}: about +{gain} a year.",
    "lifts": "Together these would lift you to the next tier. None is asked of you.",
    "no_lift": "Each of these would help; together they do not reach the next tier. None is asked of you.",
    "no_levers": "Nothing that the bank could name would change it now; it follows your figures every month.",
    "data_heading": "Which data were used",
    "data": "what",
    "rows": "rows",
    "period": "months",
    "features": "From them {features} figures are made for each customer in the same way; the bank's "
    "catalogue explains each.",
    "kept": "Sums by month are kept for {months} months.",
    "not_used_heading": "What was not used",
    "lists_heading": "Lists that held you",
    "no_lists": "No list held you.",
    "list": "{on}, {purpose}: {arm}.",
    "released": "On {on} a file with you on it left for: {purpose}.",
    "decisions_heading": "What people decided about you",
    "no_decisions": "Nobody has set your tier by hand, and no decision was reviewed.",
    "override": "In the role of {role}, a person set your tier to {tier} from {start} to {end}: {why}",
    "review_open": "On {on} it was proposed: {action}. It is being reviewed.",
    "review_done": "On {on} it was proposed: {action}. Decided on {decided}: {decision}. {why}",
    "objection": "You object to {against}, since {on}.",
    "profiling": "profiling",
    "marketing": "marketing",
    "rights_heading": "What you can do",
    "human": "A computer proposes the tier; people are responsible for it. To have it looked at by a person: {review}.",
    "object": "You can refuse profiling, or marketing, at any time, without a reason; it holds at once "
    "and never lowers your tier.",
    "correct": "What is wrong in your data is corrected where it is kept, and your figures follow with the next month.",
    "erase": "You can have your data erased here; the bank must keep its books, and data that a law or a dispute "
    "needs.",
    "whom": "Turn to: {contact}.",
    "law": "The law: {law}",
    "versions": "Policy {policy}, model {model}.",
}
