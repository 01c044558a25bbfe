"""Commands about fees and shifts that are proposed, reviewed by a person and carried out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from segment.cli.options import (
    BranchOption,
    JsonOption,
    PolicyOption,
    PublishedOption,
    WorkspaceOption,
    open_policy,
    open_workspace,
    published_moment,
)
from segment.cli.show import show_frame, show_json, show_rows
from segment.exceptions import SegmentError

if TYPE_CHECKING:
    from segment.jobs.reviews import Proposed

OnOption = Annotated[
    dt.datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="The day; today by default, never a later one.")
]
LISTED = ("review_id", "state", "action", "item_code", "branch_id", "as_of", "author", "proposed_on", "starts_on")


def register(app: typer.Typer) -> None:
    """Add these commands to the app.

    Parameters
    ----------
    app : typer.Typer
        The command line.
    """
    app.command(name="propose-fee")(propose_fee)
    app.command(name="propose-self-service")(propose_self_service)
    app.command()(reviews)
    app.command()(review)
    app.command(name="review-notices")(review_notices)
    app.command(name="review-export")(review_export)
    app.command(name="review-withdraw")(review_withdraw)


def propose_fee(
    item: Annotated[str, typer.Argument(help="Code of a published tariff item that the policy names.")],
    as_of: PublishedOption = None,
    branch: BranchOption = None,
    starts: Annotated[
        dt.datetime | None,
        typer.Option("--starts-on", formats=["%Y-%m-%d"], help="First day of the fee; by default in time for notice."),
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
    from segment.jobs.reviews import propose_fee as run

    opened = open_workspace(workspace)
    made = run(
        item,
        published_moment(as_of, opened),
        opened,
        open_policy(policy),
        branch=branch,
        starts_on=starts.date() if starts else None,
        on=_day(on),
    )
    _show_proposed(made, json)


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
    from segment.jobs.reviews import propose_self_service as run

    opened = open_workspace(workspace)
    _show_proposed(run(published_moment(as_of, opened), opened, open_policy(policy), branch=branch, on=_day(on)), json)


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
    from segment.jobs.reviews import list_reviews, review_report
    from segment.jobs.reviews.evidence import STATES

    opened = open_workspace(workspace)
    if state is not None and state not in STATES:
        raise SegmentError.with_hint(
            f"--state must be one of {', '.join(STATES)}. Got {state}.", "leave it out for all"
        )
    if not report:
        found = list_reviews(opened, state, branch)
        show_json(found.to_dicts()) if json else show_frame(found, f"{found.height} reviews", LISTED, rows=found.height)
        return
    made = review_report(opened, open_policy(policy))
    if json:
        show_json(made.to_dict())
        return
    show_frame(made.counts, "Reviews by action")
    show_frame(made.overturned.rename({"overturn_rate": "overturned share"}), "Decisions, and how many overturn")
    for alarm in made.alarms:
        typer.echo(f"Alarm: {alarm}")


def review(
    review_id: Annotated[str, typer.Argument(help="As `segment reviews` lists it.")],
    approve: Annotated[bool, typer.Option("--approve", help="Every condition is asked again.")] = False,
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
    from segment.jobs.reviews import decide, evidence

    opened, rules = open_workspace(workspace), open_policy(policy)
    flags = {"approved": approve, "refused": refuse, "alternative": offer_alternative}
    chosen = [decision for decision, flag in flags.items() if flag]
    if len(chosen) > 1:
        raise SegmentError.with_hint("A review has one decision. Got several.", "give one of the three")
    if chosen:
        made = decide(opened, rules, review_id, chosen[0], reason, on=_day(on))
        show_json(made.to_dict()) if json else typer.echo(str(made))
        return
    found = evidence(opened, rules, review_id, on=_day(on))
    if json:
        show_json(found.to_dict())
        return
    row = {name: value for name, value in found.review.items() if value is not None}
    show_rows(f"Review {review_id}", ("", "value"), [(name, str(value)) for name, value in row.items()])
    show_frame(found.conditions, f"Conditions on {_day(on) or dt.date.today()}")
    show_frame(found.moments, "Published figures")
    show_frame(found.lines, f"Lines of twelve months, {rules.currency}")


def review_notices(
    file: Annotated[Path, typer.Argument(help="CSV or Parquet: review_id, notice_on, notice_evidence, accepted_on.")],
    on: OnOption = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Take in which customers were told of a fee, with evidence, and which accepted it.

    Example: segment review-notices told.csv
    """
    from segment.jobs.reviews import take_notices

    typer.echo(str(take_notices(file, open_workspace(workspace), on=_day(on))))


def review_export(
    purpose: Annotated[str, typer.Option("--for", help="notice, charge, refund or contact.")],
    out: Annotated[Path, typer.Option("--out", help="Write to a .csv, .parquet or .xlsx file.")],
    on: OnOption = None,
    policy: PolicyOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> None:
    """Write approved actions for one purpose; every condition is asked again, and a record is written first.

    notice: fees to tell customers of. charge: fees told in time and accepted. refund: charged and then withdrawn.
    contact: shifts to self-service and offers of help.

    Example: segment review-export --for charge --out charge.csv
    """
    from segment.jobs.reviews import hand_over

    made = hand_over(purpose, out, open_workspace(workspace), open_policy(policy), on=_day(on))
    show_json(vars(made)) if json else typer.echo(str(made))


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
    from segment.jobs.reviews import withdraw

    made = withdraw(open_workspace(workspace), open_policy(policy), review_id, reason, on=_day(on))
    show_json(made.to_dict()) if json else typer.echo(str(made))


def _day(given: dt.datetime | None) -> dt.date | None:
    return given.date() if given else None


def _show_proposed(made: Proposed, json: bool) -> None:
    if json:
        show_json(made.to_dict())
        return
    show_frame(made.funnel, "Who is kept out, and who is left")
    typer.echo(str(made))
