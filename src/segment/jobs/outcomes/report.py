"""What lists changed: both arms of each programme, whoever was reached, with what the figures cannot show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from segment.effects import (
    LARGEST_IMBALANCE,
    LEAST_RATIO_P,
    Effect,
    UpliftModel,
    balance,
    bootstrap_interval,
    effect,
    enough_for_uplift,
    holm,
    qini,
    sample_ratio,
    share_effect,
)
from segment.effects.uplift import LEAST_MOVED, LEAST_PEOPLE
from segment.jobs.outcomes.intake import WALLET_FEEDBACK
from segment.jobs.outcomes.moved import measure_lists
from segment.jobs.reference import read_reference
from segment.jobs.service_trial import TrialReport, report_trial
from segment.policy import Policy
from segment.upgrade import Odds, detectable_difference
from segment.upgrade.conversion import learn_odds
from segment.warehouse import Workspace
from segment.warehouse.kept import OUTCOMES, read_kept
from segment.warehouse.tables import write_json

BEFORE = ("contribution_before", "deposits", "salaries", "families", "upgrade_potential_12m")
REACHED = ("moved", "interested", "declined")


@dataclass(frozen=True)
class EffectReport:
    """The measured effect of lists.

    Attributes
    ----------
    as_of : datetime.date
        Moment of the measurement.
    effects : polars.DataFrame
        A row per programme: sizes of the arms, shares that moved, effect with its interval, in shares and in book
        currency, checks of the draw, and what could have been shown. Effects are null where the draw is not valid.
    waiting : int
        People on lists whose months have not passed.
    uplift : str
        What a model of the difference ranks, or how much is missing for one.
    odds : Odds
        That the next list uses.
    wallets : polars.DataFrame
        `programme`, and how many advisers found the potential on the list about right (`agree`), `too_high`, `too_low`.
    trial : TrialReport or None
        Of the trial of service, where the policy has one. Its draw is independent of the lists', so customers who are
        in both bias neither effect.
    """

    as_of: dt.date
    effects: pl.DataFrame
    waiting: int
    uplift: str
    odds: Odds
    wallets: pl.DataFrame
    trial: TrialReport | None = None

    def __str__(self) -> str:
        """Say the effects, and what they cannot say."""
        lines = [_sentence(row) for row in self.effects.to_dicts()] or ["No list can be measured yet."]
        if self.waiting:
            lines.append(f"{self.waiting:,} people are on lists whose months have not passed.")
        lines.append(self.uplift)
        for (programme, bundle, channel), odds in sorted(self.odds.contacted.items()):
            without = self.odds.without[programme]
            lines.append(f"Learned: {programme}, {bundle} by {channel} {odds:.2%}; without contact {without:.2%}.")
        lines += [
            f"{row['programme']}: advisers judged {sum(row[word] for word in WALLET_FEEDBACK):,} potentials: "
            f"{row['agree']:,} about right, {row['too_high']:,} too high, {row['too_low']:,} too low."
            for row in self.wallets.to_dicts()
        ]
        if self.trial is not None:
            lines.append(str(self.trial))
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        odds = [
            {"programme": programme, "bundle": bundle, "channel": channel, "odds": value, "without": without}
            for (programme, bundle, channel), value in sorted(self.odds.contacted.items())
            for without in [self.odds.without[programme]]
        ]
        content = {
            "as_of": self.as_of.isoformat(),
            "effects": self.effects.to_dicts(),
            "waiting": self.waiting,
            "uplift": self.uplift,
            "odds": odds,
            "wallets": self.wallets.to_dicts(),
        }
        return content if self.trial is None else {**content, "trial": self.trial.to_dict()}


def report_effects(as_of: dt.date, workspace: Workspace, policy: Policy) -> EffectReport:
    """Measure the effect of every list that was worked on, and of the trial, and keep the report beside the lists.

    Parameters
    ----------
    as_of : datetime.date
        Nothing after it is read.
    workspace : Workspace
        Lists, outcomes and customer months.
    policy : Policy
        What a move is, and the programmes' control shares.

    Returns
    -------
    EffectReport

    Raises
    ------
    HistoryError
        Where a month that has passed is missing from the workspace.
    """
    measured = measure_lists(as_of, workspace, policy)
    known = measured.drop_nulls("moved").with_columns(treated=pl.col("arm") == "contact")
    reached = _reached(workspace)
    rows = [
        _measure(code, part.join(reached, on=["list_id", "customer_id"], how="left"), policy)
        for code in policy.programmes
        for part in [known.filter(pl.col("programme") == code)]
        if part.height
    ]
    for name in ("moved", "contribution"):
        raised = holm([row[f"{name}_p"] if row[f"{name}_p"] is not None else float("nan") for row in rows])
        for row, value in zip(rows, raised, strict=True):
            row[f"{name}_p_holm"] = None if np.isnan(value) else value
    waiting = measured.height - known.height
    effects = pl.DataFrame(rows, infer_schema_length=None)
    trial = report_trial(as_of, workspace, policy) if policy.trial is not None else None
    odds, wallets = learn_odds(measured, policy), _wallets(workspace)
    report = EffectReport(as_of, effects, waiting, _uplift(known), odds, wallets, trial)
    write_json(report.to_dict(), workspace.lists / "effects" / f"{as_of.isoformat()}.json")
    return report


def _measure(code: str, rows: pl.DataFrame, policy: Policy) -> dict[str, Any]:
    """One programme: the draw first, then the effects if it holds."""
    treated, household = rows["treated"].to_numpy(), rows["household"].to_numpy()
    sizes = rows.group_by("treated").agg(pl.col("household").n_unique())
    households = dict(sizes.iter_rows())
    asked, kept = households.get(True, 0), households.get(False, 0)
    ratio = sample_ratio(asked, kept, _control_share(code, policy))
    uneven = balance(rows, "treated", BEFORE).filter(pl.col("standardised_difference").abs() >= LARGEST_IMBALANCE)
    moved, after = (rows[name].cast(pl.Float64).to_numpy() for name in ("moved", "contribution_after"))
    before = rows["contribution_before"].fill_null(0.0).to_numpy()
    cut = policy.outcomes.winsorise
    by_draw = share_effect(moved, treated, group=household)
    by_value = effect(after, treated, group=household, before=before, winsorise=cut)
    resampled = bootstrap_interval(np.clip(after, *np.quantile(after, [1 - cut, cut])), treated, group=household)
    return {
        "programme": code,
        "contact": by_draw.treated,
        "control": by_draw.control,
        "contact_households": asked,
        "control_households": kept,
        "reached": int(rows.filter("treated")["reached"].fill_null(value=False).sum()),
        "said_moved": int(rows.filter("treated")["said_moved"].fill_null(value=False).sum()),
        "moved_contact": _finite(by_draw.treated_mean),
        "moved_control": _finite(by_draw.control_mean),
        "ratio_p": ratio,
        "valid": ratio >= LEAST_RATIO_P and np.isfinite(by_draw.standard_error),
        "uneven": uneven["column"].to_list(),
        "detectable": _finite(detectable_difference(_typical_share(moved), asked, kept)) if kept else None,
        **_columns("moved", by_draw, ratio),
        **_columns("contribution", by_value, ratio),
        "contribution_bootstrap_low": _finite(resampled[0]) if ratio >= LEAST_RATIO_P else None,
        "contribution_bootstrap_high": _finite(resampled[1]) if ratio >= LEAST_RATIO_P else None,
        "variance_kept": _finite(by_value.variance_kept),
    }


def _typical_share(moved: np.ndarray) -> float:
    """Share that moves, both arms together, never quite none, as two more people are added of whom one moved."""
    return float((moved.sum() + 1.0) / (len(moved) + 2.0))


def _control_share(code: str, policy: Policy) -> float:
    """Share of the households that a programme's draw keeps back, the hold-out among them."""
    own, everywhere = policy.programmes[code].control_share, policy.upgrade.hold_out_share
    return own + everywhere - own * everywhere


def _columns(name: str, made: Effect, ratio: float) -> dict[str, float | None]:
    values = {"effect": made.estimate, "low": made.low, "high": made.high, "p": made.p_value}
    valid = ratio >= LEAST_RATIO_P
    return {f"{name}_{key}": _finite(value) if valid else None for key, value in values.items()}


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _reached(workspace: Workspace) -> pl.DataFrame:
    """What branches said, by customer and list; what was handed in last counts."""
    columns = ["list_id", "customer_id", "response"]
    told = [read_kept(workspace, OUTCOMES), read_reference(workspace)["campaign_outcomes"]]
    rows = pl.concat([table.select(pl.col(columns).cast(pl.String)) for table in told])
    first = rows.unique(["list_id", "customer_id"], keep="first", maintain_order=True)
    return first.select(
        "list_id",
        "customer_id",
        reached=pl.col("response").is_in(REACHED),
        said_moved=pl.col("response") == "moved",
    )


def _wallets(workspace: Workspace) -> pl.DataFrame:
    """What advisers say of the potentials that lists stated (Lawrence et al. 2007 check wallets with sales teams)."""
    key = ["list_id", "customer_id"]
    told = read_kept(workspace, OUTCOMES).drop_nulls("wallet_feedback").select(*key, "wallet_feedback")
    paths = [workspace.lists / f"{name}.parquet" for name in told["list_id"].unique().sort()]
    copies = [pl.read_parquet(path, columns=[*key, "programme"]) for path in paths if path.is_file()]
    listed = pl.concat([pl.DataFrame(schema=dict.fromkeys([*key, "programme"], pl.String)), *copies])
    judged = listed.join(told, on=key)
    counts = {word: (pl.col("wallet_feedback") == word).sum() for word in WALLET_FEEDBACK}
    return judged.group_by("programme").agg(**counts).sort("programme")


def _uplift(known: pl.DataFrame) -> str:
    treated, moved = known["treated"].to_numpy(), known["moved"].to_numpy().astype(bool)
    if not enough_for_uplift(moved, treated):
        arms = [(int(arm.sum()), int(moved[arm].sum())) for arm in (treated, ~treated)]
        people, movers = (min(counts) for counts in zip(*arms, strict=True))
        return (
            f"No uplift model: it needs {LEAST_PEOPLE:,} people and {LEAST_MOVED} who moved in each arm; "
            f"the smaller arm has {people:,} and {movers:,}."
        )
    features = known.select(pl.col(*BEFORE, "expected_gain_12m", "topups").cast(pl.Float64)).to_numpy()
    group = known["household"].rank("dense").to_numpy()
    score = UpliftModel().out_of_fold(features, moved, treated, group)
    return f"Uplift model, out of fold: Qini {qini(moved, treated, score):+.4f} moves per person contacted."


def _sentence(row: Mapping[str, Any]) -> str:
    start = (
        f"{row['programme']}: {row['contact']:,} contacted, {row['control']:,} kept back; "
        f"{row['reached']:,} reached, {row['said_moved']:,} said to have moved."
    )
    if not row["valid"]:
        if row["ratio_p"] < LEAST_RATIO_P:
            return f"{start} Not valid: the arms are not of the sizes drawn (p {row['ratio_p']:.1e})."
        return f"{start} Too few to compare."
    low, middle, high = (100.0 * row[f"moved_{name}"] for name in ("low", "effect", "high"))
    least, value, most = (row[f"contribution_{name}"] for name in ("low", "effect", "high"))
    said = (
        f"{start} Moved by the ledger: {row['moved_contact']:.1%} against {row['moved_control']:.1%}; effect "
        f"{middle:+.1f} points ({low:+.1f} to {high:+.1f}, p {row['moved_p_holm']:.3f} for all programmes). "
        f"Contribution {value:+,.0f} a person ({least:+,.0f} to {most:+,.0f})."
    )
    if low <= 0.0 <= high and row["detectable"] is not None:
        said += f" Not shown either way: a difference below {100.0 * row['detectable']:.1f} points cannot be."
    if row["uneven"]:
        said += f" The arms differed before: {', '.join(row['uneven'])}."
    return said
