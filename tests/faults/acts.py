"""Every act that people do in a workspace, on small banks: what is there before, and the act itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.linear_model import LinearRegression

import segment.settings
import segment.warehouse.workspace_clock
from segment.files import read_secret
from segment.gate import Gate
from segment.jobs.learn.promote import candidate, promote, roll_back
from segment.jobs.lists.release import release
from segment.jobs.lists.take_outcomes import take_outcomes
from segment.jobs.publish.overrides import set_override, withdraw_override
from segment.jobs.publish.rollback import roll_back_tiers
from segment.jobs.reviews.decide import decide, withdraw
from segment.jobs.reviews.fee_notices import take_notices
from segment.jobs.reviews.hand_over import hand_over
from segment.jobs.reviews.propose import propose
from segment.jobs.rights.erase import erase
from segment.jobs.rights.objections import object_to
from segment.jobs.rights.retain import retain
from segment.jobs.service.trial_draw import draw_trial
from segment.store.row_store import upsert_rows
from segment.store.stored_tables import OUTCOMES
from segment.tracking.registry import Tracking
from segment.tracking.scoring_model import ModelInterface
from segment.warehouse.tiers_table import publish_tiers
from segment.workspace import Workspace
from tests.jobs.lists import made_lists
from tests.jobs.reviews import small_bank
from tests.jobs.reviews.small_bank import AS_OF, ITEM, ON
from tests.jobs.service import trial_bank
from tests.stored import stored_list
from tests.warehouse.test_tiers_table import JULY, JUNE
from tests.warehouse.test_tiers_table import tiers as tiers_of

POLICY = small_bank.retail()
GATES = (Gate("coverage", True, "80 %"),)


@dataclass(frozen=True)
class Act:
    """An act, and what stands before it."""

    prepare: Callable[[Path], object]
    do: Callable[[Path], object]


def _as(name: str, day: dt.date = ON) -> None:
    segment.settings.login_name = lambda: name  # type: ignore[attr-defined]
    segment.warehouse.workspace_clock.today = lambda: day  # type: ignore[attr-defined]


def _workspace(folder: Path) -> Workspace:
    return Workspace(folder / "workspace")


def _bank(folder: Path) -> Workspace:
    _as("ann")
    return small_bank.bank(folder / "workspace")


def _proposed(folder: Path) -> Workspace:
    workspace = _bank(folder)
    propose(ITEM, AS_OF, workspace, POLICY, on=ON)
    return workspace


def _approved(folder: Path) -> Workspace:
    workspace = _proposed(folder)
    _as("bob")
    for name in ("c0", "c1"):
        decide(workspace, POLICY, small_bank.review_ids(workspace)[name], "approved", "clear", on=ON)
    return workspace


def _told(folder: Path) -> Workspace:
    workspace = _approved(folder)
    _notices(folder)
    return workspace


def _notices(folder: Path) -> object:
    _as("bob")
    workspace = _workspace(folder)
    rows = [("c0", ON, "letters/7", ON), ("c1", ON, "letters/7", ON)]
    return take_notices(small_bank.notices(folder, small_bank.review_ids(workspace), rows), workspace, POLICY, on=ON)


def _decide(folder: Path) -> object:
    _as("bob")
    workspace = _workspace(folder)
    return decide(workspace, POLICY, small_bank.review_ids(workspace)["c0"], "approved", "clear", on=ON)


def _withdraw(folder: Path) -> object:
    _as("bob")
    workspace = _workspace(folder)
    return withdraw(workspace, POLICY, small_bank.review_ids(workspace)["c0"], "moved away", on=ON)


def _charge(folder: Path) -> object:
    _as("bob")
    return hand_over("charge", folder / "fees.csv", _workspace(folder), POLICY, on=ON)


def _propose(folder: Path) -> object:
    _as("ann")
    return propose(ITEM, AS_OF, _workspace(folder), POLICY, on=ON)


def _object(folder: Path) -> object:
    _as("ann")
    return object_to(_workspace(folder), POLICY, "c1", "marketing")


def _take_objection_back(folder: Path) -> object:
    _as("ann")
    return object_to(_workspace(folder), POLICY, "c1", "marketing", withdraw=True)


def _objected(folder: Path) -> None:
    _bank(folder)
    _object(folder)


def _outcomes(folder: Path) -> object:
    _as("ann")
    file = folder / "outcomes.csv"
    head = "list_id,customer_id,contacted_on,response,responded_on,do_not_contact\n"
    file.write_text(head + "l1,c1,2025-12-31,declined,2026-01-02,yes\nl1,c2,2025-12-31,perhaps,,yes\n")
    return take_outcomes(file, _workspace(folder))


def _override(folder: Path) -> object:
    _as("ann")
    role, last = POLICY.tiers.stability.override_roles[0], ON + dt.timedelta(days=30)
    return set_override(
        _workspace(folder), POLICY, "c1", "valuable", role=role, reason="Sold the firm.", starts_on=ON, expires_on=last
    ).number


def _overridden(folder: Path) -> None:
    _bank(folder)
    _override(folder)


def _withdraw_override(folder: Path) -> object:
    _as("ann")
    return withdraw_override(_workspace(folder), 1, "A mistake.").number


def _published(folder: Path) -> None:
    _as("ann")
    workspace = _workspace(folder)
    publish_tiers(tiers_of(JUNE, run_id="r1"), workspace.tiers)
    publish_tiers(tiers_of(JUNE, "loss_making", run_id="r2"), workspace.tiers)
    publish_tiers(tiers_of(JULY, run_id="r3"), workspace.tiers)


def _roll_back_tiers(folder: Path) -> object:
    _as("ann")
    return roll_back_tiers(_workspace(folder), "Wrong rates.").version


def _registered(folder: Path) -> Tracking:
    _as("ann")
    x, tracking = np.arange(40.0).reshape(20, 2), Tracking(folder / "workspace")
    for slope in range(2):
        tracking.register(
            LinearRegression().fit(x, (slope + 1.0) * x[:, 0]),
            ModelInterface.of(pl.DataFrame({"a": [0.0], "b": [0.0]})),
            "train",
            {},
            {},
            {},
            {},
        )
    return tracking


def _promote(folder: Path) -> object:
    _as("ann")
    tracking = Tracking(folder / "workspace")
    return promote(candidate("2", tracking), GATES, tracking, _workspace(folder), reason="better").version


def _promoted(folder: Path) -> None:
    _registered(folder)
    _promote(folder)


def _roll_back(folder: Path) -> object:
    _as("ann")
    return roll_back(Tracking(folder / "workspace"), _workspace(folder), "worse in March")


def _listed(folder: Path) -> None:
    _as("ann", made_lists.LIST_ON)
    made_lists.listed(made_lists.bank(folder / "workspace"))


def _release(folder: Path) -> object:
    _as("ann", made_lists.LIST_ON)
    workspace = _workspace(folder)
    rows = stored_list(workspace, made_lists.LIST_ID).filter(pl.col("arm") == "contact")
    day = made_lists.LIST_ON
    return str(
        release(
            rows, folder / "list.csv", list_id=made_lists.LIST_ID, workspace=workspace, policy=made_lists.retail(),
            list_on=day, as_of=day,
        ).path.name
    )  # fmt: skip


def _trial(folder: Path) -> None:
    _as("ann", trial_bank.AS_OF)
    workspace = trial_bank.workspace_of(folder / "workspace", trial_bank.crowd())
    read_secret(workspace.control_salt)  # another secret would draw others


def _draw(folder: Path) -> object:
    _as("ann", trial_bank.AS_OF)
    return draw_trial(trial_bank.AS_OF, _workspace(folder), trial_bank.policy()).fresh


def _old_outcome(folder: Path) -> None:
    workspace, day = _bank(folder), dt.date(2010, 1, 1)
    rows = [("l0", f"c{n}", day, "declined", day, False, None) for n in range(3)]
    upsert_rows(workspace, OUTCOMES, pl.DataFrame(rows, schema=OUTCOMES.schema, orient="row"))


def _retain(folder: Path) -> object:
    _as("ann")
    return retain(_workspace(folder), POLICY).on


def _erase(folder: Path) -> object:
    _as("ann")
    return erase(_workspace(folder), POLICY, "c1", reason="asked for it").path.name


def _erasable(folder: Path) -> None:
    _overridden(folder)
    _outcomes(folder)


def _done(act: Callable[[Path], object]) -> Callable[[Path], bool]:
    """What an act hands back is of no concern here."""
    return lambda folder: act(folder) is not None


ACTS = {
    "object": Act(_bank, _object),
    "take an objection back": Act(_objected, _take_objection_back),
    "outcomes": Act(_bank, _outcomes),
    "override": Act(_bank, _override),
    "withdraw an override": Act(_overridden, _withdraw_override),
    "propose": Act(_bank, _propose),
    "decide": Act(_proposed, _decide),
    "notices": Act(_approved, _notices),
    "charge": Act(_told, _charge),
    "withdraw a fee": Act(_told, _withdraw),
    "roll tiers back": Act(_published, _roll_back_tiers),
    "promote": Act(_registered, _promote),
    "roll a model back": Act(_promoted, _roll_back),
    "release a list": Act(_listed, _release),
    "draw a trial": Act(_trial, _draw),
    "retain": Act(_old_outcome, _retain),
    "erase": Act(_erasable, _erase),
}
ACTS = {name: Act(_done(act.prepare), _done(act.do)) for name, act in ACTS.items()}


def before_both(folder: Path) -> bool:
    """A bank on which any two of `TOGETHER` may be done at once: fees proposed, one override, an old outcome."""
    _overridden(folder)
    _propose(folder)
    day, workspace = dt.date(2010, 1, 1), _workspace(folder)
    rows = [("l0", "c5", day, "declined", day, False, None)]
    upsert_rows(workspace, OUTCOMES, pl.DataFrame(rows, schema=OUTCOMES.schema, orient="row"))
    return True


_AT_ONCE = ("object", "outcomes", "override", "decide", "erase")
TOGETHER = {name: ACTS[name].do for name in _AT_ONCE}
