"""Search a spec's declared space with Optuna, scored out of time on outcomes older than those that judge a training."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from segment.exceptions import PolicyError, SegmentError
from segment.features import target_name
from segment.jobs.evaluation import figures, judge_rows
from segment.jobs.extract import extract
from segment.jobs.progress import Report, quiet
from segment.jobs.search_space import Space, placed, suggested, write_spec
from segment.jobs.search_splits import known_before, trial_splits
from segment.policy import ModelSpec, Policy
from segment.tracking import Tracking
from segment.warehouse import Workspace, workspace_lock


@dataclass(frozen=True)
class Searched:
    """What a search found.

    Attributes
    ----------
    run_id : str
        The run that keeps the table of trials.
    trials, pruned : int
        Tried in all; given up early.
    as_it_stands, best : float
        Score of the spec without its search, and of the best trial.
    figures : dict
        What the best trial sets, by `section.key`.
    out_of_time : bool
        Whether it was scored out of time; else on customers held out.
    written : str or None
        The new spec; None where no trial beat the spec as it stands, or no file was asked for.
    """

    run_id: str
    trials: int
    pruned: int
    as_it_stands: float
    best: float
    figures: dict[str, Any] = field(default_factory=dict)
    out_of_time: bool = True
    written: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def __str__(self) -> str:
        """Say what came of it."""
        how = "out of time" if self.out_of_time else "on customers held out: the history is too short for more"
        score = f"score {self.best:.4f} against {self.as_it_stands:.4f} as the spec stands, {how}"
        sets = ", ".join(f"{name} = {value}" for name, value in self.figures.items())
        if self.best <= self.as_it_stands:
            return f"None of {self.trials} trials beat the spec as it stands ({score}). No spec was written."
        wrote = f" Written to {self.written}." if self.written else " --out FILE writes it as a spec."
        return f"Best of {self.trials} trials ({self.pruned} given up early): {score}. {sets}.{wrote}"


def search(
    location: str | None,
    as_of: dt.date,
    workspace: Workspace,
    policy: Policy,
    tracking: Tracking,
    spec: ModelSpec,
    *,
    trials: int = 30,
    out: Path | None = None,
    n_jobs: int = -1,
    progress: Report = quiet,
) -> Searched:
    """Try settings of a spec's space and write the best as a new spec.

    The score is skill of the mean absolute error against persistence plus Spearman, averaged over tests. A test learns
    from outcomes that had passed by its moment. Its own outcomes had passed by the newest moment with outcomes, so that
    none of the months which judge a training is ever seen.

    Parameters
    ----------
    location : str or None
        A folder of tables or a database URL; None: what was extracted as of this moment.
    as_of : datetime.date
        As a training's.
    workspace : Workspace
        Where to build.
    policy : Policy
        Frozen figures.
    tracking : Tracking
        Gets one run with a table of all trials.
    spec : ModelSpec
        With a search space.
    trials : int
        How many to try.
    out : Path, optional
        New spec; its file name without ending is its name.
    n_jobs : int
        Processes for buckets of customers.
    progress : callable
        Told how far it is.

    Returns
    -------
    Searched

    Raises
    ------
    PolicyError
        Where the spec declares no space.
    SegmentError
        Where Optuna is not installed.
    HistoryError
        Where nothing older than the newest outcomes is known.
    """
    space = spec.search.space
    if not space:
        raise PolicyError.with_hint(
            f"The spec `{spec.name}` must declare a space. It has no [search.future_value] or [search.features].",
            "see models/retail-default.toml",
        )
    optuna = _optuna()
    if location is not None:
        extract(location, as_of, workspace, policy, n_jobs=n_jobs, progress=progress)
    with workspace_lock(workspace.root, "search"):
        frame = known_before(as_of, workspace, policy, spec, n_jobs, progress)
    target = frame[target_name(spec.train.horizon_months)].to_numpy()
    tests, out_of_time = trial_splits(frame, spec.train.horizon_months)

    def score(tried: ModelSpec, told: Callable[[float, int], None] | None = None) -> float:
        found: list[float] = []
        for number, (train, test) in enumerate(tests):
            measured = figures(judge_rows(frame, target, train, test, policy, tried))
            found.append(measured["mae_skill"] + measured["spearman"])
            if told is not None:
                told(float(np.mean(found)), number)
        return float(np.mean(found))

    as_it_stands = score(spec)
    study = _study(optuna, spec, space, score, trials, progress)
    best = placed(space, study.best_trial.params)
    beaten = study.best_value > as_it_stands
    found = Searched(
        run_id="", trials=len(study.trials),
        pruned=sum(one.state == optuna.trial.TrialState.PRUNED for one in study.trials),
        as_it_stands=as_it_stands, best=float(study.best_value),
        figures={f"{section}.{key}": value for (section, key), value in best.items()}, out_of_time=out_of_time,
        written=str(out) if out is not None and beaten else None,
    )  # fmt: skip
    if out is not None and beaten:
        write_spec(spec.changed(best, name=out.stem), out, _comments(found, as_of))
    run_id = _logged(found, study, as_of, spec, policy, tracking)
    return Searched(**{**asdict(found), "run_id": run_id})


def _comments(found: Searched, as_of: dt.date) -> list[str]:
    how = "out of time, before the newest outcomes" if found.out_of_time else "on customers held out"
    return [
        f"Found by `segment search` as of {as_of}: best of {found.trials} trials, scored {how}.",
        f"Skill of the error plus Spearman: {found.best:.4f}; the spec it began from: {found.as_it_stands:.4f}.",
    ]


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise SegmentError.with_hint(
            "A search must have Optuna. It is not installed.", 'pip install "segment[search]"'
        ) from None
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna


def _study(optuna: Any, spec: ModelSpec, space: Space, score: Any, trials: int, progress: Report) -> Any:
    def objective(trial: Any) -> float:
        tried = spec.changed(placed(space, suggested(trial, space)))

        def told(value: float, step: int) -> None:
            trial.report(value, step)
            if trial.should_prune():
                raise optuna.TrialPruned

        return float(score(tried, told))

    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=spec.train.seed),
        pruner=optuna.pruners.MedianPruner(n_startup_trials=5),
    )
    study.optimize(
        objective, n_trials=trials, callbacks=[lambda study, _: progress("trials", len(study.trials), trials)]
    )
    return study


def _logged(found: Searched, study: Any, as_of: dt.date, spec: ModelSpec, policy: Policy, tracking: Tracking) -> str:
    space = spec.search.space
    rows = [
        {
            "trial": one.number,
            "state": one.state.name.lower(),
            "score": one.value,
            **{
                f"{section}.{key}": str(value)
                for (section, key), value in placed(spec.search.space, one.params).items()
            },
        }
        for one in study.trials
    ]
    return tracking.log_run(
        f"search {as_of.isoformat()} {spec.name}",
        params={
            "as_of": as_of.isoformat(),
            "spec": spec.name,
            "spec_hash": spec.hash,
            "policy_hash": policy.hash,
            "space": ", ".join(".".join(place) for place in space),
            **found.figures,
        },
        metrics={
            "score": found.best,
            "score_as_it_stands": found.as_it_stands,
            "trials": found.trials,
            "pruned": found.pruned,
            "out_of_time": float(found.out_of_time),
        },
        texts={"trials.csv": pl.DataFrame(rows, infer_schema_length=None).write_csv()},
    )
