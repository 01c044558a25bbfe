"""A draft of the impact assessment, written from the policy and the contract of the ledger."""

from __future__ import annotations

from segment.exceptions import PolicyError
from segment.jobs.card.blocks import Block, Heading, Table, Text, as_markdown
from segment.ledger import TABLES
from segment.policy import Policy

AUDIT_ONLY = ("birth_date", "sex", "region")
_NEEDED_FOR = {
    "branches": "The yardstick of a customer's contribution is the branch's.",
    "customers": "Whose contribution it is, since when, and who is protected by age, study or death.",
    "accounts": "What is held, and whether an account is a customer's only one.",
    "holdings": "Whose share of a joint account is whose.",
    "transactions": "Income and cost of twelve months, and signs of a main bank elsewhere.",
    "balances": "Interest income, expected loss, and the forecast of the next twelve months.",
    "service_events": "What service costs; without it the cost of visits and calls is guessed.",
    "main_bank_labels": "Teaches and tests where the main bank is.",
    "contact_rules": "Who must not be contacted or charged. Without it no fee can be proposed.",
    "campaign_outcomes": "Who refused, and whether lists have any effect.",
    "ledger_totals": "Holds customers' sums to the general ledger; names nobody.",
    "relationship_managers": "How many contacts a branch can make; names no customer.",
    "tariff_items": "The published tariff, the only source of a price; names nobody.",
    "suppression_sources": "How fresh protections are; names nobody.",
}
_RISKS = (
    (
        "A customer is judged by a wrong forecast",
        "tiers rest on own figures too; drift, coverage and gates stop a bad one",
    ),
    (
        "A tier becomes the sole ground of a fee",
        "the fee guardrail: own direct loss in several refreshes, and a person",
    ),
    (
        "A protected customer is charged or diverted",
        "what is not known keeps a customer out; conditions are asked four times",
    ),
    (
        "A group is treated worse than others",
        "protected attributes are no features; prices are the tariff's, one for all",
    ),
    (
        "A list or file leaks or is misused",
        "one way out, a record first, mode 0600, watermark, expiry, suppression asked again",
    ),
    ("An objection comes too late", "objections count at once and are asked again when a file leaves"),
)


def impact_assessment(policy: Policy) -> str:
    """Draft the impact assessment of a policy.

    Parameters
    ----------
    policy : Policy
        Its purposes, data and measures are described.

    Returns
    -------
    str
        Markdown, for a named person to complete, sign and file.

    References
    ----------
    PIPL 55-56: before automated decision-making and sensitive information; contents: purpose lawful and necessary,
    effect and risks, measures; kept at least 3 years. GDPR art. 35 [K].
    """
    law = policy.law_in_force
    return as_markdown(
        [
            *_head(policy),
            Heading("Purposes"),
            Table(("purpose", "by what", "whom it concerns"), _purposes(policy)),
            Heading("Data, and why each is needed"),
            Text(
                "Financial accounts are sensitive information (PIPL 28 [K]). "
                f"{', '.join(f'`{name}`' for name in AUDIT_ONLY)} are never a feature: "
                "they protect by age and serve audits."
            ),
            Table(("table", "columns", "why it is needed"), _data()),
            Heading("Effects and risks"),
            Table(("risk", "what answers it", "left over, in the assessor's words"), [(*one, "…") for one in _RISKS]),
            Heading("Measures that the law asks for"),
            Table(("rule", "what it says", "what is done"), [(one.source, one.says, one.does) for one in law.rules]),
            Heading("Retention and contact"),
            Text(
                f"This report and the records of decisions are kept for {law.retention_years} years at least. "
                f"Objections go to {law.objection_contact} and take effect within {law.objection_hours} hours."
            ),
            Heading("To be completed by a person"),
            Table(
                ("question", "answer"),
                [(question, "…") for question in _QUESTIONS],
            ),
        ]
    )


_QUESTIONS = (
    "Are purpose and means lawful, justified and necessary? Is there a milder way?",
    "Which legal basis holds for each purpose, and where is consent on file?",
    "Who was consulted, and what did they object to?",
    "Which risks are left over, and who accepts them?",
    "Who signs, on which day, and when is it looked at again?",
    "Under which reference is it filed? That reference goes into `law.impact_assessment`.",
)


def require_impact_assessment(policy: Policy) -> None:
    """Refuse to publish where the law asks for an impact assessment and the policy names none.

    Parameters
    ----------
    policy : Policy
        In force.

    Raises
    ------
    PolicyError
        Where its reference is missing.

    References
    ----------
    PIPL 55-56: block the first production run without its reference. GDPR art. 35 [K].
    """
    law = policy.law_in_force
    if law.impact_assessment_needed and policy.law.impact_assessment is None:
        raise PolicyError.with_hint(
            f"In {law.name} an impact assessment comes before tiers are published. "
            f"The policy `{policy.name} {policy.version}` names none in `law.impact_assessment`. "
            "Nothing was published.",
            "segment impact-assessment --out DRAFT.md; complete it, file it, and write its reference into the policy",
        )


def _head(policy: Policy) -> list[Block]:
    named = policy.law.impact_assessment or "none yet"
    return [
        Heading(f"Impact assessment of the policy {policy.name} {policy.version} (draft)", 1),
        Text(
            f"Jurisdiction: {policy.law_in_force.name}. Owner: {policy.owner}. In force from {policy.effective_on}. "
            f"Policy `{policy.hash}`. Reference on file: {named}."
        ),
        Text(
            "This is a draft that the software wrote from the policy. It is no legal advice and replaces no assessor."
        ),
    ]


def _purposes(policy: Policy) -> list[tuple[str, str, str]]:
    rows = [
        ("Value tiers for differentiated service", "forecast of contribution, rules of `[tiers]`", "every customer"),
        (
            "Main bank elsewhere and wallet there",
            "`[main_bank]`, `[wallet]`",
            "every customer; a flag for break-even ones",
        ),
    ]
    for programme in policy.programmes.values():
        tiers = ", ".join(programme.population.tiers)
        rows.append((f"Contact: {programme.name}", f"upgrade list, by {', '.join(programme.channels)}", tiers))
    for code, item in policy.law.fee_items.items():
        whom = "loss-making customers who pass every condition of the guardrail"
        rows.append((f"Fee: `{code}`", f"proposal and a person's review; alternative: {item.alternative}", whom))
    if policy.service is not None:
        rows.append(("Service plan", "`[service]`; waivers of published items, never prices", "groups, no customer"))
    return rows


def _data() -> list[tuple[str, str, str]]:
    return [
        (f"`{name}`", ", ".join(f"`{one.name}`" for one in table.columns), _NEEDED_FOR[name])
        for name, table in TABLES.items()
    ]
