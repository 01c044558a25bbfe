"""A list in words: its reasons and levers, what to say and not to say, and who says it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from segment.pages.trigger_words import dated_reason
from segment.policy import Policy
from segment.sentences import Sentences
from segment.upgrade.levers import best_levers, kind_of_lever
from segment.upgrade.places import assign_managers

REASONS = 3
_EVENT = ("trigger", "trigger_on", "trigger_amount")


def in_words(
    ranked: pl.DataFrame, levers: pl.DataFrame, tables: Mapping[str, pl.DataFrame], policy: Policy
) -> pl.DataFrame:
    """Add to a list its words; `levers` are all of its customers' candidates."""
    t = Sentences()
    events = ranked.select(name for name in _EVENT if name in ranked.columns)
    sentences = [
        [*filter(None, [dated_reason(event, t)]), *t.reasons(codes)][:REASONS]
        for event, codes in zip(events.to_dicts() or [{}] * ranked.height, ranked["reasons"].to_list(), strict=True)
    ]
    reasons = {
        f"reason_{place + 1}": [texts[place] if place < len(texts) else None for texts in sentences]
        for place in range(REASONS)
    }
    programmes = policy.programmes.items()
    bundles = {code: bundle.name for code, bundle in policy.upgrade.bundles.items()}
    return (
        ranked.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in reasons.items())
        .with_columns(
            bundle_name=pl.col("bundle").replace_strict(bundles),
            say=pl.col("programme").replace_strict({code: programme.say for code, programme in programmes}),
            do_not_say=pl.col("programme").replace_strict({code: p.do_not_say for code, p in programmes}),
        )
        .join(_levers(ranked, levers, policy), on="customer_id", how="left", maintain_order="left")
        .join(_owners(ranked, tables, policy), on="customer_id", how="left", maintain_order="left")
    )


def _levers(ranked: pl.DataFrame, levers: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Each customer's best lever, of the programme's own kind where it has one, and how it stands to the potential."""
    # "+65 a year" beside a potential of 9,097 would say two things of one customer
    values = {code: programme.value for code, programme in policy.programmes.items()}
    asked = ranked.select("customer_id", value=pl.col("programme").replace_strict(values))
    own = levers.with_columns(kind=kind_of_lever()).join(asked, on="customer_id")
    best = best_levers(own.filter((pl.col("kind") == pl.col("value")) | ~pl.col("value").str.starts_with("lever_")))
    named = best.join(asked, on="customer_id").with_columns(kind=kind_of_lever())
    part = (pl.col("kind") == pl.col("value")) | (
        (pl.col("kind") == "lever_income") & (pl.col("value") == "wallet_elsewhere")
    )
    words = named.select(part.alias("part"), "name", gain=pl.col("gain_12m").round(0).cast(pl.Int64))
    t = Sentences()
    said = [
        t("words.lever_of_potential" if row.pop("part") else "words.lever_beside_potential", **row)
        for row in words.to_dicts()
    ]
    return named.select("customer_id", lever=pl.Series(said, dtype=pl.String), lever_gain_12m="gain_12m")


def _owners(ranked: pl.DataFrame, tables: Mapping[str, pl.DataFrame], policy: Policy) -> pl.DataFrame:
    """Who sees to each contact: the manager whom it is given to, by name, or the branch's pool."""
    managers, branches, t = tables["relationship_managers"], tables["branches"], Sentences()
    to_contact = ranked.filter(pl.col("arm") == "contact")
    names = managers.select("rm_id", manager=pl.coalesce(pl.col("name").cast(pl.String), "rm_id")).unique("rm_id")
    places = branches.select("branch_id", branch=pl.coalesce(pl.col("name").cast(pl.String), "branch_id"))
    pools = places.select("branch_id", pool=pl.Series([t("words.pool", branch=name) for name in places["branch"]]))
    return (
        to_contact.select("customer_id", "branch_id")
        .join(assign_managers(to_contact, managers, policy), on="customer_id", maintain_order="left")
        .join(names, on="rm_id", how="left", maintain_order="left")
        .join(pools, on="branch_id", how="left", maintain_order="left")
        .select("customer_id", "rm_id", owner=pl.coalesce("manager", "pool"))
    )


def summary_of(report: str, t: Sentences) -> dict[str, str]:
    """What a list's report says that its file tells: whose tiers, and what the whole list is worth."""
    # of an older release, only what its report holds
    content = json.loads(report)
    runs, worth = content.get("tiers_runs"), content.get("worth")
    said = {} if not runs else {"tiers": {"as_of": content["as_of"], "runs": runs}}
    if worth is not None:
        figures = {**worth, "customers": sum(part["customers"] for part in worth["left_out"].values())}
        said |= dict.fromkeys(("value", "range", "contacts", "hours", "left_out", "adviser_more"), figures)
    return {t(f"sheet.about.{name}"): t(f"sheet.about.{name}_said", **figures) for name, figures in said.items()}
