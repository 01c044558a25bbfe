"""What lists changed: both arms of each programme, whoever was reached, with what the figures cannot show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from segment.effects.checks import LARGEST_IMBALANCE, LEAST_RATIO_P, balance, sample_ratio
from segment.effects.intention import ReportedEffect, bootstrap_interval, effect, finite, raised, share_effect
from segment.effects.uplift import LEAST_MOVED, LEAST_PEOPLE, UpliftModel, enough_for_uplift, qini
from segment.files import write_json
from segment.jobs.lists.list_summary import ALL, chance_messages
from segment.jobs.lists.moves import Answers, measure_lists, read_campaigns
from segment.jobs.lists.take_outcomes import WALLET_FEEDBACK
from segment.jobs.service.trial_measure import TrialHistory
from segment.jobs.service.trial_report import TrialReport, evaluate_trial
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.sentences import Language, Sentences
from segment.statistics import winsorised
from segment.store.record_kinds import RecordKind
from segment.store.records import read_records
from segment.store.row_store import read_rows
from segment.store.stored_tables import LIST_ROWS, OUTCOMES
from segment.store.transactions import reading
from segment.upgrade.chances import LearnedChances
from segment.upgrade.learn_chances import learn_chances
from segment.upgrade.power import detectable_mean_difference
from segment.warehouse.reference_tables import read_small_table
from segment.workspace import Workspace

BEFORE = ("contribution_before", "deposits", "salaries", "families", "upgrade_potential_12m")
REACHED = ("moved", "interested", "declined")
_KEY = ["list_id", "customer_id"]


@dataclass(frozen=True)
class ProgrammeEffect:
    """What the lists of a programme changed, or those of all programmes together."""

    programme: str
    programmes: int  # programmes, lists: That are pooled.
    lists: int
    contact: int  # contact, control: People of each arm.
    control: int
    contact_households: int
    control_households: int
    reached: int  # reached, said_moved: People of the contact arm, by what branches say.
    said_moved: int
    moved_contact: float | None  # moved_contact, moved_control: Shares, by the ledger.
    moved_control: float | None
    ratio_p: float  # That the arms are of the sizes drawn
    valid: bool  # Whether the draw holds
    uneven: list[str]  # Columns in which the arms differed before
    detectable: float | None  # The smallest difference of shares that the arms can show
    moved: ReportedEffect
    contribution: ReportedEffect
    contribution_bootstrap_low: float | None
    contribution_bootstrap_high: float | None
    variance_kept: float | None

    def columns(self) -> Mapping[str, object]:
        """Return a row of the report."""
        row: dict[str, object] = {}
        for name, value in vars(self).items():
            row |= value.columns(name) if isinstance(value, ReportedEffect) else {name: value}
        return row | {"moved_p_holm": self.moved.p_holm, "contribution_p_holm": self.contribution.p_holm}


@dataclass(frozen=True)
class EffectReport(MessageResult):
    """The measured effect of lists."""

    as_of: dt.date  # Date of the measurement
    # A row per programme, pooled over its lists: sizes of the arms, shares that moved, effect with its interval, in
    # shares and in book currency, checks of the draw, and what could have been shown. Effects are null where the draw
    # is not valid. Where several programmes have a valid draw, the last row, `all programmes`, pools those.
    effects: pl.DataFrame
    waiting: int  # People on lists whose months have not passed
    uplift: Message  # What a model of the difference ranks, or how much is missing for one
    chances: LearnedChances  # What the next list goes by
    # `programme`, and how many advisers found the potential on the list about right (`agree`), `too_high`, `too_low`
    wallets: pl.DataFrame
    # Of the trial of service, where the policy has one. Its draw is independent of the lists', so customers who are
    # in both bias neither effect.
    trial: TrialReport | None = None

    def messages(self) -> Iterator[Message | str]:
        """Say the effects, and what they cannot say."""
        effects = [_finding(row) for row in self.effects.to_dicts()]
        yield from effects or [Message("effects.none")]
        if self.waiting:
            yield Message("effects.waiting", {"people": self.waiting})
        yield self.uplift
        if self.chances.programmes:
            yield from chance_messages(self.chances)
        for row in self.wallets.to_dicts():
            yield Message("effects.wallets", {**row, "judged": sum(row[word] for word in WALLET_FEEDBACK)})

    def in_words(self, language: Language = "en") -> str:
        """Say it in a language, what the trial of service has shown last."""
        lists = super().in_words(language)
        return lists if self.trial is None else f"{lists}\n{self.trial.in_words(language)}"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        content = {
            "as_of": self.as_of.isoformat(),
            "effects": self.effects.to_dicts(),
            "waiting": self.waiting,
            "uplift": Sentences().of(self.uplift),
            "chances": self.chances.to_dict(),
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
    history = TrialHistory.read(as_of, workspace, policy) if policy.trial is not None else None
    with reading(workspace):
        releases, lists = read_records(workspace, RecordKind.LIST_RELEASED), read_rows(workspace, LIST_ROWS)
        answers = Answers(read_rows(workspace, OUTCOMES), read_small_table(workspace, "campaign_outcomes"))
    campaigns = read_campaigns(as_of, lists, workspace.customer_months, releases, answers, policy)
    measured = measure_lists(campaigns, policy)
    passed = measured.drop_nulls("moved").with_columns(treated=pl.col("arm") == "contact")
    passed = passed.join(_reached(answers), on=_KEY, how="left")
    effects = [
        _measure(code, part, policy)
        for code in policy.programmes
        if (part := passed.filter(pl.col("programme") == code)).height
    ]
    moved = iter(raised([row.moved for row in effects]))
    contribution = iter(raised([row.contribution for row in effects]))
    rows = [replace(row, moved=next(moved), contribution=next(contribution)).columns() for row in effects]
    rows += [row.columns() for row in _pooled(effects, passed, policy)]
    feedback = answers.handed_in.drop_nulls("wallet_feedback")
    listed = lists.select(*_KEY, "programme")
    report = EffectReport(
        as_of,
        effects=pl.DataFrame(rows, infer_schema_length=None),
        waiting=measured.height - passed.height,
        uplift=_uplift(passed),
        chances=learn_chances(measured, policy, share_effect),
        wallets=_wallets(feedback, listed),
        trial=None if history is None else evaluate_trial(history, policy),
    )
    if workspace.writable:
        write_json(report.to_dict(), workspace.lists / "effects" / f"{as_of.isoformat()}.json")
    return report


def _pooled(effects: list[ProgrammeEffect], passed: pl.DataFrame, policy: Policy) -> Iterator[ProgrammeEffect]:
    """All programmes of a valid draw together, where there are several: one question, asked once."""
    sound = [row.programme for row in effects if row.valid]
    if len(sound) > 1:
        row = _measure(ALL, passed.filter(pl.col("programme").is_in(sound)), policy)
        moved, contribution = (replace(of, p_holm=of.p) for of in (row.moved, row.contribution))
        yield replace(row, moved=moved, contribution=contribution)


def _measure(name: str, rows: pl.DataFrame, policy: Policy) -> ProgrammeEffect:
    """One programme, or several compared within each: the draw first, then the effects if it holds."""
    treated, household, stratum = (rows[column].to_numpy() for column in ("treated", "household", "programme"))
    sizes = rows.group_by("treated", maintain_order=True).agg(pl.col("household").n_unique())
    households = dict(sizes.iter_rows())
    contact, control = households.get(True, 0), households.get(False, 0)
    ratio = sample_ratio(contact, control, _control_share(rows["programme"], policy))
    uneven = balance(rows, "treated", BEFORE).filter(pl.col("standardised_difference").abs() >= LARGEST_IMBALANCE)
    moved, after = (rows[name].cast(pl.Float64).to_numpy() for name in ("moved", "contribution_after"))
    before = rows["contribution_before"].fill_null(0.0).to_numpy()
    cut = policy.outcomes.winsorise
    by_draw = share_effect(moved, treated, group=household, stratum=stratum)
    by_value = effect(after, treated, group=household, before=before, winsorise=cut, stratum=stratum)
    low, high = bootstrap_interval(winsorised(after, cut), treated, group=household, stratum=stratum)
    as_drawn = ratio >= LEAST_RATIO_P
    return ProgrammeEffect(
        programme=name,
        programmes=rows["programme"].n_unique(),
        lists=rows["list_id"].n_unique(),
        contact=by_draw.treated,
        control=by_draw.control,
        contact_households=contact,
        control_households=control,
        reached=int(rows.filter("treated")["reached"].fill_null(value=False).sum()),
        said_moved=int(rows.filter("treated")["said_moved"].fill_null(value=False).sum()),
        moved_contact=finite(by_draw.treated_mean),
        moved_control=finite(by_draw.control_mean),
        ratio_p=ratio,
        valid=as_drawn and bool(np.isfinite(by_draw.standard_error)),
        uneven=uneven["column"].to_list(),
        detectable=finite(detectable_mean_difference(_typical_deviation(rows), contact, control)),
        moved=by_draw.reported(valid=as_drawn),
        contribution=by_value.reported(valid=as_drawn),
        contribution_bootstrap_low=finite(low) if as_drawn else None,
        contribution_bootstrap_high=finite(high) if as_drawn else None,
        variance_kept=finite(by_value.variance_kept),
    )


def _typical_deviation(rows: pl.DataFrame) -> float:
    """Deviation of a move within programmes, both arms together; never none, as one more moved of two more people."""
    shares = rows.group_by("programme", maintain_order=True).agg(
        people=pl.len(), share=(pl.col("moved").sum() + 1.0) / (pl.len() + 2.0)
    )
    spread = pl.col("people") * pl.col("share") * (1.0 - pl.col("share"))
    return float(np.sqrt(shares.select(spread.sum() / pl.col("people").sum()).item()))


def _control_share(programmes: pl.Series, policy: Policy) -> float:
    """Share of the households that the draw puts in the control group, the hold-out among them."""
    own = {code: programme.control_share for code, programme in policy.programmes.items()}
    shares, everywhere = programmes.replace_strict(own, return_dtype=pl.Float64), policy.upgrade.hold_out_share
    return float((shares + everywhere - shares * everywhere).mean() or 0.0)  # type: ignore[arg-type]


def _reached(answers: Answers) -> pl.DataFrame:
    """What branches said, by customer and list; what was handed in last counts."""
    tables = (answers.handed_in, answers.of_ledger)
    rows = pl.concat([table.select(pl.col(*_KEY, "response").cast(pl.String)) for table in tables])
    first = rows.unique(_KEY, keep="first", maintain_order=True)
    response = pl.col("response")
    return first.select(*_KEY, reached=response.is_in(REACHED), said_moved=response == "moved")


def _wallets(feedback: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """What advisers say of the potentials that lists stated (Lawrence et al. 2007 check wallets with sales teams)."""
    rated = listed.join(feedback.select(*_KEY, "wallet_feedback"), on=_KEY)
    counts = {word: (pl.col("wallet_feedback") == word).sum() for word in WALLET_FEEDBACK}
    return rated.group_by("programme", maintain_order=True).agg(**counts).sort("programme")


def _uplift(rows: pl.DataFrame) -> Message:
    treated, moved = rows["treated"].to_numpy(), rows["moved"].to_numpy().astype(bool)
    if not enough_for_uplift(moved, treated):
        arms = [(int(arm.sum()), int(moved[arm].sum())) for arm in (treated, ~treated)]
        people, movers = (min(counts) for counts in zip(*arms, strict=True))
        least = {"least_people": LEAST_PEOPLE, "least_moved": LEAST_MOVED}
        return Message("effects.no_uplift", {**least, "people": people, "movers": movers})
    features = rows.select(pl.col(*BEFORE, "expected_gain_12m", "topups").cast(pl.Float64)).to_numpy()
    group = rows["household"].rank("dense").to_numpy()
    score = UpliftModel().out_of_fold(features, moved, treated, group)
    return Message("effects.uplift", {"qini": qini(moved, treated, score)})


def _finding(row: Mapping[str, Any]) -> Message:
    pooled = row["programme"] == ALL
    name = Message("effects.pooled", row) if pooled else row["programme"]
    start = Message("effects.start", {**row, "programme": name})
    if not row["valid"]:
        sizes = row["ratio_p"] < LEAST_RATIO_P
        return Message("service_trial.sizes" if sizes else "service_trial.few", {"start": start, "p": row["ratio_p"]})
    moved = Message("effects.moved_pooled" if pooled else "effects.moved", row)
    sentences = [start, moved, Message("effects.contribution", row)]
    if row["moved_low"] <= 0.0 <= row["moved_high"] and row["detectable"] is not None:
        sentences.append(Message("effects.open", row))
    if row["uneven"]:
        sentences.append(Message("effects.uneven", row))
    return Message("results.line", {"sentences": sentences})
