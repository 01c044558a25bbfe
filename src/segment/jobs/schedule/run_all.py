"""One month from a ledger to lists that wait: check, extract, train when due, refresh, draft."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from segment.dates import month_end, next_month
from segment.exceptions import RefusedError
from segment.jobs.build.extract import Extracted, extract
from segment.jobs.learn.promotion_gates import same_terms
from segment.jobs.learn.train import TrainingResult, train
from segment.jobs.lists.draft_lists import DraftLists, draft_lists
from segment.jobs.publish.publication_report import Publication
from segment.jobs.publish.refresh import refresh
from segment.jobs.schedule.due import refresh_due, training_due
from segment.ledger import open_source
from segment.ledger.newest_month import newest_balances
from segment.ledger.trial_ledger import trial_day
from segment.messages import Message
from segment.pages.message_result import MessageResult
from segment.policy import Policy
from segment.progress import ProgressCallback, no_progress
from segment.tracking.models import CHALLENGER, CHAMPION
from segment.tracking.registry import Tracking
from segment.warehouse.tiers_table import published_dates
from segment.warehouse.workspace_clock import workspace_clock
from segment.working_days import WorkingDays
from segment.workspace import Workspace


@dataclass(frozen=True)
class MonthRun(MessageResult):
    """What each step did."""

    as_of: dt.date
    extracted: Extracted
    trained: TrainingResult | None  # None where no training was due
    published: Publication
    drafts: DraftLists | None  # None where none were asked for, or none could be made
    no_drafts: str | None = None  # Why none could be made: the tiers are published all the same
    due: dt.date | None = None  # The newest month's end that is due, where the ledger ends before it

    def messages(self) -> Iterator[Message | str]:
        """Say what each step did, in their order, and what a person does next."""
        if self.due is not None:
            yield Message("schedule.run.behind", {"as_of": self.as_of.isoformat(), "due": self.due.isoformat()})
        yield from self.extracted.messages()
        if self.trained is None:
            yield Message("schedule.training.nothing")
        else:
            yield from self.trained.messages()
        yield from self.published.messages()
        if self.drafts is not None:
            yield from self.drafts.messages()
        if self.no_drafts is not None:
            yield Message("schedule.drafts.refused", {"why": self.no_drafts})

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "as_of": self.as_of.isoformat(),
            "due": self.due and self.due.isoformat(),
            "extracted": self.extracted.to_dict(),
            "trained": self.trained and self.trained.to_dict(),
            "published": self.published.to_dict(),
            "drafts": self.drafts and self.drafts.to_dict(),
            "no_drafts": self.no_drafts,
        }


def run_month(
    location: str,
    as_of: dt.date | None,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    days: WorkingDays,
    *,
    drafts: bool = True,
    n_jobs: int = -1,
    progress: ProgressCallback = no_progress,
) -> MonthRun:
    """Check and extract a ledger, train where it is due, publish tiers, and draft the lists.

    Parameters
    ----------
    location : str
        A folder of tables or a database URL.
    as_of : datetime.date or None
        A month's last day; None means the newest that is due, or the ledger's last where it ends before and was not
        published yet; in a trial workspace the newest that has come.
    workspace : Workspace
        Where to build and publish.
    policy : Policy
        Frozen figures.
    tracking : Tracking
        Runs and registry.
    days : WorkingDays
        The bank's, by which a month and a training fall due.
    drafts : bool
        Whether to draft the lists that a person then releases.
    n_jobs, progress : as `extract` takes them

    Returns
    -------
    MonthRun

    Raises
    ------
    SegmentError
        As the steps raise them; what an earlier step built stays.
    """
    today = workspace_clock(workspace).today
    day = as_of or newest_month(location, today, days, policy, published_dates(workspace.tiers))
    extracted = extract(location, day, workspace, policy, n_jobs=n_jobs, progress=progress)
    due = training_due(next_month(day).replace(day=28), days, tracking.trained_dates()).as_of
    trained = None
    if due is not None or _is_of_another_policy(tracking, policy):
        trained = train(None, day, workspace, policy, tracking, n_jobs=n_jobs, progress=progress)
    published = refresh(None, day, workspace, policy, tracking, n_jobs=n_jobs, progress=progress)
    drafted = no_drafts = None
    try:
        drafted = draft_lists(day, workspace, policy) if drafts else None
    except RefusedError as refusal:
        no_drafts = str(refusal)
    newest = refresh_due(today, days)
    behind = newest if as_of is None and day < newest else None
    return MonthRun(day, extracted, trained, published, drafted, no_drafts, behind)


def _is_of_another_policy(tracking: Tracking, policy: Policy) -> bool:
    """Whether neither the champion nor the challenger learned by this policy: no tiers can be published by either."""
    versions = [version for alias in (CHAMPION, CHALLENGER) if (version := tracking.find(alias))]
    return not any(same_terms(version.tags, policy).holds for version in versions)


def newest_month(
    location: str, clock: dt.date, days: WorkingDays, policy: Policy, published: Collection[dt.date] = ()
) -> dt.date:
    """Say which month's end is due, or comes first; of a ledger to try things on, the newest that has come."""
    with open_source(location, reading=policy.reading) as source:
        trial, last = trial_day(source), newest_balances(source)
    if trial is not None:
        end = month_end(trial)
        return end if end == trial else month_end(next_month(trial, -1))
    due = refresh_due(clock, days)
    # a first export may be months old; one that stands still once it is published is an export that was missed
    is_news = last is not None and last < due and all(last > day for day in published)
    return last if last is not None and is_news else due
