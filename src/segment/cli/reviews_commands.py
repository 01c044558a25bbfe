"""Commands about fees and shifts that are proposed, reviewed by a person and carried out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segment.cli.limitations import say_limits
from segment.cli.options import (
    BranchOption,
    JsonOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    as_date,
    date_option,
    open_policy,
    open_workspace,
    published_date,
)
from segment.cli.show import say, show_frame, show_json, show_result, show_rows, show_words, title_of
from segment.exceptions import UsageError

if TYPE_CHECKING:
    from segment.jobs.reviews.propose import Proposed

OnOption = Annotated[dt.datetime | None, date_option("--on", "The day, few days back at most; today by default.")]
LISTED = ("review_id", "state", "action", "item_code", "branch_id", "as_of", "author", "proposed_on", "starts_on")


def propose_fee(
    item: Annotated[str, typer.Argument(help="Code of a published tariff item that the policy names.")],
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    starts: Annotated[
        dt.datetime | None, date_option("--starts-on", "First day of the fee; by default in time for notice.")
    ] = None,
    on: OnOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Propose a tariff item to those who pass every condition of the law; each waits for a person's review.

    Nobody is charged by this. The price is the tariff's; no command takes one.

    Example: segment propose-fee counter_transfer --as-of 2025-12-31
    """
    from segment.jobs.reviews.propose import propose

    opened, rules = open_workspace(workspace, writes=True), open_policy(policy)
    day, start = published_date(as_of, opened), as_date(starts)
    _show_proposed(propose(item, day, opened, rules, branch=branch, starts_on=start, on=as_date(on)), json)
    say_limits("propose-fee", opened, day)


def propose_self_service(
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    on: OnOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Propose a shift to self-service to loss-making customers; older ones are offered help in its place.

    It is never a fee, and it too waits for a person's review.

    Example: segment propose-self-service --as-of 2025-12-31 --branch B001
    """
    from segment.jobs.reviews.propose import propose

    opened, rules = open_workspace(workspace, writes=True), open_policy(policy)
    day = published_date(as_of, opened)
    _show_proposed(propose(None, day, opened, rules, branch=branch, on=as_date(on)), json)
    say_limits("propose-self-service", opened, day)


def reviews(
    state: Annotated[
        str | None,
        typer.Option("--state", help="pending, approved, refused, alternative or withdrawn; all by default."),
    ] = None,
    report: Annotated[
        bool, typer.Option("--report", help="Count decisions, and how many overturn a proposal.")
    ] = False,
    branch: BranchOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """List reviews, or report how they went: overturn rate, by reviewer, and what is alarming.

    Example: segment reviews --state pending
    """
    from segment.jobs.reviews.review_evidence import STATES, list_reviews
    from segment.jobs.reviews.review_report import review_report

    opened = open_workspace(workspace, writes=False)
    if state is not None and state not in STATES:
        raise UsageError.of("errors.review_state", states=STATES, state=state)
    if not report:
        listed = list_reviews(opened, state, branch)
        show_frame(listed, title_of("reviews", count=listed.height), LISTED, rows=listed.height, json=json)
        return
    counted = review_report(opened, open_policy(policy))
    if json:
        show_json(counted.to_dict())
        return
    show_frame(counted.counts, title_of("reviews_by_action"))
    show_frame(counted.overturned.rename({"overturn_rate": "overturned_share"}), title_of("overturned"))
    for alarm in counted.to_dict()["alarms"]:
        say(f"Alarm: {alarm}")


def review(
    review_id: Annotated[str, typer.Argument(help="As `segment reviews` lists it.")],
    approve: Annotated[bool, typer.Option("--approve", help="Every condition is checked again.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="The customer is not charged.")] = False,
    offer_alternative: Annotated[
        bool, typer.Option("--offer-alternative", help="The alternative is offered, without a fee.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the review.")] = "",
    on: OnOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Show what a review rests on, or decide it, by a person other than its author.

    Example: segment review R2025-12-0123456789ab --refuse --reason "Lost her job in autumn."
    """
    from segment.jobs.reviews.decide import decide
    from segment.jobs.reviews.review_evidence import evidence

    opened, rules = open_workspace(workspace, writes=approve or refuse or offer_alternative), open_policy(policy)
    flags = {"approved": approve, "refused": refuse, "alternative": offer_alternative}
    chosen = [decision for decision, flag in flags.items() if flag]
    if len(chosen) > 1:
        raise UsageError.of("errors.one_decision")
    if chosen:
        decided = decide(opened, rules, review_id, chosen[0], reason, on=as_date(on))
        show_result(decided, json)
        return
    shown = evidence(opened, rules, review_id, on=as_date(on))
    if json:
        show_json(shown.to_dict())
        return
    row = {name: value for name, value in vars(shown.review).items() if value is not None}
    show_rows(f"Review {review_id}", ("", "value"), [(name, str(value)) for name, value in row.items()])
    show_frame(shown.conditions, f"Conditions on {' and '.join(map(str, shown.days))}")
    show_frame(shown.moments, "Published figures")
    show_frame(shown.lines, f"Lines of twelve months, {rules.currency}")


def review_notices(
    file: Annotated[
        Path, typer.Argument(help="CSV, Parquet, XLSX: review_id, notice_on, notice_evidence, accepted_on.")
    ],
    on: OnOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Take in which customers were notified of a fee, with evidence, and which accepted it.

    Example: segment review-notices notices.csv
    """
    from segment.jobs.reviews.fee_notices import take_notices

    show_words(take_notices(file, open_workspace(workspace, writes=True), open_policy(policy), on=as_date(on)))


def review_export(
    purpose: Annotated[str, typer.Option("--for", help="notice, charge, refund or contact.")],
    out: Annotated[Path, typer.Option("--out", help="Write to a .csv, .parquet or .xlsx file.")],
    on: OnOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write approved actions for one purpose; every condition is checked again, and a record is written first.

    notice: fees to notify customers of. charge: announced and accepted fees. refund: charged and then withdrawn.
    contact: shifts to self-service and offers of help.

    Example: segment review-export --for charge --out charge.csv
    """
    from segment.jobs.reviews.hand_over import hand_over

    handed_over = hand_over(purpose, out, open_workspace(workspace, writes=True), open_policy(policy), on=as_date(on))
    show_json(vars(handed_over)) if json else show_words(handed_over)


def review_withdraw(
    review_id: Annotated[str, typer.Argument(help="As `segment reviews` lists it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the review.")] = "",
    on: OnOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Take an action back: a fee up to its last reversible day, 60 days at least after its first.

    Example: segment review-withdraw R2025-12-0123456789ab --reason "Told by mistake."
    """
    from segment.jobs.reviews.decide import withdraw

    withdrawn = withdraw(open_workspace(workspace, writes=True), open_policy(policy), review_id, reason, on=as_date(on))
    show_result(withdrawn, json)


def _show_proposed(proposed: Proposed, json: bool) -> None:
    if not json:
        show_frame(proposed.funnel, "Who is kept out, and who is left")
    show_result(proposed, json)
