"""A draft of the impact assessment, written from the policy and the contract of the ledger."""

from __future__ import annotations

from collections.abc import Iterator

from segment.ledger import TABLES
from segment.pages.render import render
from segment.policy import Policy
from segment.sentences import Form, Language, Sentences

AUDIT_ONLY = ("birth_date", "sex", "region")


def impact_assessment(policy: Policy, form: Form = "md", language: Language = "en") -> str:
    """Draft the impact assessment of a policy.

    References
    ----------
    PIPL 55-56: before automated decision-making and sensitive information; contents: purpose lawful and necessary,
    effect and risks, measures; kept at least 3 years. GDPR art. 35 [K].
    """
    t = Sentences(language, form)
    columns = {name: [t.code(column.name) for column in table.columns] for name, table in TABLES.items()}
    return render(
        "impact_assessment.jinja",
        form,
        language,
        policy=policy,
        purposes=list(_purposes(policy, t)),
        audit_only=[t.code(name) for name in AUDIT_ONLY],
        tables=[(name, t.figure(names, "list")) for name, names in columns.items()],
    )


def _purposes(policy: Policy, t: Sentences) -> Iterator[tuple[str, dict[str, object]]]:
    yield "assessment.tiers", {}
    yield "assessment.elsewhere", {}
    for programme in policy.programmes.values():
        tiers = [t.word("assessment.tier.", tier) for tier in programme.population.tiers]
        channels = [t.word("assessment.channel.", channel) for channel in programme.channels]
        yield "assessment.contact", {"programme": programme.name, "tiers": tiers, "channels": channels}
    for code, item in policy.law.fee_items.items():
        yield "assessment.fee", {"item": code, "alternative": item.alternative}
    if policy.service is not None:
        yield "assessment.plan", {}
