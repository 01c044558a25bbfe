"""A model's card, from its facts; the order is that of DOMAIN.md 4.3."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

from segment.dates import next_month
from segment.evaluation.too_few import LEAST_OF_A_GROUP
from segment.messages import Message
from segment.model.data_limits import unproven
from segment.numbers import FigureWithError, measured
from segment.pages.audit_page import audit_view
from segment.pages.feature_words import feature_words
from segment.pages.render import Picture, render
from segment.sentences import Form, Language, Sentences
from segment.statistics import FOR_STANDARD_ERRORS
from segment.tiers.ways_to_decide import WAYS

Facts = Mapping[str, Any]

QUALITY = ("cluster", "guard", "share_", "main_bank_elsewhere_share")
_BY_WAY = ("tier_accuracy_by_", "tier_cost_by_")
_RECORD = ("version", "developer", "approved_by", "promoted_because", "promoted_over")
_NUMBER = re.compile(r"[+−]?\d[\d.]*")


def card_page(
    facts: Facts, drawings: Mapping[str, str], record: Mapping[str, str], form: Form, language: Language = "en"
) -> str:
    """Write a card; `drawings` are SVG by name, `record` says what has become of the version since."""
    return render("model_card.jinja", form, language, **card_content(facts, drawings, record, language))


def card_content(
    facts: Facts, drawings: Mapping[str, str], record: Mapping[str, str], language: Language
) -> dict[str, object]:
    """Give what a card shows."""
    metrics, t = measured(facts["metrics"]), Sentences(language)
    pictures = {name: Picture(svg, f"plots/{name}.svg", t(f"card.picture.{name}")) for name, svg in drawings.items()}
    audit = audit_view(facts["fairness"], language) if facts.get("fairness") else {"audit": None}
    named = {"name": facts["name"]} | ({"version": record["version"]} if "version" in record else {})
    return dict(
        card=facts,
        alternatives=[measured(row) for row in facts.get("alternatives", [])],
        resamples=FOR_STANDARD_ERRORS if isinstance(metrics.get("spearman"), FigureWithError) else None,
        title=t("card.title_version" if "version" in record else "card.title", **named),
        record={name: record.get(name) for name in _RECORD},
        pictures=pictures,
        method=[
            *_unproven(facts, record),
            *_method(facts["method"]),
            *(Message.from_dict(limit) for limit in facts.get("limits", [])),
        ],
        quality={name: value for name, value in metrics.items() if name.startswith(QUALITY)},
        other_metrics={
            name: value
            for name, value in metrics.items()
            if not name.startswith((*QUALITY, *_BY_WAY, "out_of_time", "departures"))
        },
        ways=[
            (f"card.way.{way}", *(metrics.get(f"{name}{way}") for name in _BY_WAY))
            for way in WAYS
            if f"tier_cost_by_{way}" in metrics
        ],
        departures=_departures(metrics),
        importances={
            kind: [
                (row["name"], FigureWithError(row["error_added"], row["spread"]))
                for row in facts.get("explanations", {}).get(kind, [])
            ]
            for kind in ("families", "features")
        },
        agreeing=[row for row in facts["agreement"] if row["shown"]],
        disagreeing=[_share_of_reason(row) for row in facts["agreement"] if not row["shown"]],
        least_of_a_group=LEAST_OF_A_GROUP,
        assumption=assumption,
        feature_words=feature_words,
        short=lambda value: f"{value[:12]}…" if value and len(value) == 64 else value,
        next_review=next_month(dt.date.fromisoformat(str(facts["params"]["as_of"])), 12),
        **audit,
    )


def _unproven(facts: Facts, record: Mapping[str, str]) -> list[Message]:
    """Say which gates the version did not pass when it became champion."""
    gates = record["unproven"].split(",") if "unproven" in record else facts.get("unproven", [])
    return unproven([gate for gate in gates if gate])


def _method(method: Facts) -> list[Message]:
    labels = method["main_bank_labels"]
    learners = [
        Message("card.learner", {"name": _named("card.learners.", name), "weight": weight})
        for name, weight in method["learners"].items()
    ]
    main_bank = Message("card.main_bank.labels", {"labels": labels}) if labels else Message("card.main_bank.scorecard")
    wallet = Message("card.wallet.learned" if method["wallets"] else "card.wallet.proven")
    return [
        Message("card.method_value", {"learners": learners}),
        Message("card.method_main_bank", {"main_bank": main_bank, "wallet": wallet}),
        Message("card.method_tiers", {"clusters": method["clusters"]}),
        Message("card.method_assumptions"),
    ]


def _departures(metrics: Facts) -> list[tuple[str, Any, Any]]:
    """How the forecast of departures and its rival did; nothing where there were too few to judge."""
    if "departures_warned" not in metrics:
        return []
    return [
        (f"card.departures_by_{who}", metrics.get(f"departures_warned{end}"), metrics.get(f"departures_auc{end}"))
        for who, end in (("model", ""), ("rule", "_by_rule"))
    ]


def _share_of_reason(row: Facts) -> Message:
    figures = {"reason": row["reason"], "share": row["agree_share"], "customers": row["customers"]}
    return Message("card.reason_share", figures)


def assumption(name: str) -> Message | str:
    """Read a scenario's name, such as `cost to serve +20 %`."""
    code = "_".join(re.findall("[a-z]+", name.lower()))
    number = _NUMBER.search(name)
    return _named("card.scenario.", code, name, number=number[0] if number else "")


def _named(start: str, code: str, name: str = "", **figures: Any) -> Message | str:
    """What the catalogue calls it; a name of an older release stays as it is."""
    return Message(start + code, figures) if Sentences().knows(start + code) else name or code
